"""Monitoring and analytics: how the whole system is doing, how one project is, how well it all goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.durations import Duration
from bot.commands.spec import Command, Invocation, Outcome, Positional
from bot.domain.base import Frozen
from bot.domain.draft import Draft
from bot.policies.measuring import figures
from bot.policies.projects.overview import overview, prospects
from bot.render import archived
from bot.render import metrics as metrics_words
from bot.render import project as project_words
from bot.render import status as status_words

ALL = "all"
"""Typed for the whole system, as other commands have it."""


class Status(Frozen):
    """Arguments of ``/status``."""

    project_id: Annotated[
        str, Positional(), Field(description="a project's id, or its beginning; left out: the whole system")
    ] = ""


class Metrics(Frozen):
    """Arguments of ``/metrics``."""

    window: Annotated[
        Duration, Positional(), Field(description="how far back, for example 1h or 7d; left out: 24 h")
    ] = timedelta(days=1)


def system(draft: Draft, issue: int | None = None) -> str:
    """The whole system in words; ``issue`` is where it is asked for, None: nowhere."""
    own = [one for one in draft.projects.values() if issue is not None and one.issue == issue]
    return status_words.status(draft, overview(draft), own[0] if own else None)


def _status(call: Invocation) -> Outcome:
    given, issue = call.args.project_id, call.event.issue
    if given.lower() in ("", ALL):
        return Outcome(ok=True, say=lambda after: system(after, issue))
    if (left := resolve.archived_one(call, given)) is not None:
        return Outcome(ok=True, say=lambda after: archived.told(after.archived, left))
    id_ = resolve.project(call, given).id
    return Outcome(ok=True, say=lambda after: _project(after, id_))


def _project(draft: Draft, project_id: str) -> str:
    project = draft.projects[project_id]
    return project_words.project(draft, project, prospects(draft, project))


def _metrics(call: Invocation) -> Outcome:
    window: timedelta = call.args.window
    return Outcome(ok=True, say=lambda after: metrics_words.metrics(after, figures.metrics(after, window)))


COMMANDS = (
    Command(
        name="status",
        summary="show how the whole system is doing, or one project",
        family="Monitoring",
        access="reading",
        model=Status,
        examples=(
            ("/status", "is all well, what is running, what should be done; every project"),
            ("/status photo-sorter-1", "one project: its tasks, what it waits for, what happened"),
        ),
        run=_status,
        also=("projects", "list", "state"),
    ),
    Command(
        name="metrics",
        summary="compare throughput and quality with the targets",
        family="Monitoring",
        access="reading",
        model=Metrics,
        examples=(
            ("/metrics", "the last 24 hours, against the 24 before"),
            ("/metrics 7d", "the last week, against the one before"),
        ),
        run=_metrics,
        details=(
            "The targets are in `.github/orchestrator.yml`, key `targets`. A window is at most a year "
            "long; the latest 500 attempts are kept singly, and eight days by the hour. Longer history: "
            "`orchestrator metrics --since 30d` on a machine with git."
        ),
    ),
)
