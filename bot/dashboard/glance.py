"""The fleet at a glance, for a terminal and for scripts: one look at the state, the same facts for both."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.dashboard.metric_words import NAMES, now_of, target_of, verdict_of
from bot.domain.base import stamp
from bot.domain.draft import Draft
from bot.domain.figures import Figure, Overview
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Project
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, WorkerStatus, Workflow
from bot.policies.measuring.figures import metrics
from bot.policies.projects.overview import DAY, overview
from bot.render import budgets
from bot.render.alerts import worst_first
from bot.render.concerns import health
from bot.render.controls import in_force
from bot.render.status import bottleneck
from bot.render.text import one_line

_LINK = re.compile(r"\[([^\[\]]+)\]\(<?https?://[^\s<>()]+>?\)")
_MARKS = re.compile(r"\\(.)|\*\*|`|\u200b")


def unmarked(text: str) -> str:
    """A line of Markdown as plain text; of a link its words."""
    text = _LINK.sub(r"\1", text)
    return html.unescape(_MARKS.sub(lambda found: found[1] or "", text))


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue against its workers."""

    name: str
    waiting: int
    oldest: float | None
    """Seconds; None where nothing waits."""
    busy: int
    workers: int
    """Those that are not stopped; people, of the review queue, are not counted."""


@dataclass(frozen=True, slots=True)
class Running:
    """A task that a worker has."""

    task: str
    project: str
    worker: str
    seconds: float
    """Since it was assigned."""
    progress: float | None
    """Part of its usual time, at most 0.99; None where that is unknown."""
    left: float | None
    """Seconds to its usual end; negative where it is late."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An open project."""

    id: str
    title: str
    stage: str
    status: str
    priority: str
    done: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Open:
    """An open alert."""

    id: str
    severity: str
    seconds: float
    cause: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A success metric of the last 24 hours."""

    key: str
    name: str
    target: float
    value: float | None
    met: bool | None
    words: tuple[str, str, str]
    """Target, value and verdict for people."""


@dataclass(frozen=True, slots=True)
class Glance:
    """Everything that is shown."""

    version: str
    at: str
    health: str
    remarks: tuple[str, ...]
    """What is switched off, and what limits the flow."""
    queues: tuple[Queue, ...]
    running: tuple[Running, ...]
    projects: tuple[Standing, ...]
    complete: int
    """Projects that are complete."""
    alerts: tuple[Open, ...]
    metrics: tuple[Metric, ...]


def glance(draft: Draft, version: str) -> Glance:
    """Look at the whole system; ``draft`` must not be changed any more."""
    found = overview(draft)
    remarks = [*in_force(draft), *budgets.in_force(draft), bottleneck(draft, found.bottleneck)]
    projects = list(draft.projects.values())
    over = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)
    open_ = sorted((one for one in projects if one.status not in over), key=lambda one: one.created_at)
    return Glance(
        version=version,
        at=stamp(draft.now),
        health=unmarked(health(draft, found)),
        remarks=tuple(unmarked(one) for one in remarks if one),
        queues=tuple(_queue(draft, name) for name in QueueName),
        running=tuple(_running(draft, found)),
        projects=tuple(_standing(one) for one in open_),
        complete=sum(one.status is ProjectStatus.COMPLETE for one in projects) + draft.archived.complete,
        alerts=tuple(
            Open(one.id, one.severity, (draft.now - one.since).total_seconds(), one_line(one.cause, 200))
            for one in worst_first(draft.alerts)
        ),
        metrics=tuple(_metric(one) for one in metrics(draft, DAY).figures),
    )


def _queue(draft: Draft, name: QueueName) -> Queue:
    queued = [item.enqueued_at for item in draft.items(name)]
    oldest = (draft.now - min(queued)).total_seconds() if queued else None
    flows = [flow for flow in Workflow if flow.value == name.value]
    workers = [one for one in draft.instances.values() if one.workflow in flows]
    there = sum(one.status is not WorkerStatus.STOPPED for one in workers)
    return Queue(name.value, len(queued), oldest, sum(one.assignment is not None for one in workers), there)


def _running(draft: Draft, found: Overview) -> Sequence[Running]:
    held = [(one.assignment, one) for one in draft.instances.values() if one.assignment is not None]
    held.sort(key=lambda pair: (pair[0].assigned_at, pair[0].task))
    return [_run(draft, found, assignment, worker) for assignment, worker in held]


def _run(draft: Draft, found: Overview, held: Assignment, worker: Instance) -> Running:
    end, begun = found.ends.get(held.task), held.claimed_at or held.assigned_at
    known = end is not None and end > begun
    part = (draft.now - begun) / (end - begun) if end is not None and known else None
    return Running(
        task=held.task,
        project=held.project,
        worker=worker.id,
        seconds=(draft.now - held.assigned_at).total_seconds(),
        progress=None if part is None else round(max(0.0, min(0.99, part)), 3),
        left=None if end is None else (end - draft.now).total_seconds(),
    )


def _standing(one: Project) -> Standing:
    return Standing(
        id=one.id,
        title=one_line(one.title, 60),
        stage=one.stage.value,
        status=one.status.value,
        priority=one.priority.value,
        done=sum(task.status is TaskStatus.DONE for task in one.tasks),
        tasks=sum(not task.discarded for task in one.tasks),
    )


def _metric(one: Figure) -> Metric:
    value: Any = one.now.value
    words = (target_of(one), now_of(one), verdict_of(one) or "–")
    return Metric(one.metric.value, NAMES[one.metric], one.target, value, one.met, words)
