"""``/approve``: let a project enter its next stage, let an idea in, let agents cost more than a budget."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.spec import Command, Invocation, Outcome, Positional, Refused
from bot.domain.base import Frozen
from bot.domain.budgets import Which, dear_tasks, project_used_up, used_up
from bot.domain.gates import APPROVE, APPROVER
from bot.domain.models import Project
from bot.domain.vocabulary import ProjectStatus
from bot.policies.guards import budgets
from bot.policies.projects import gates, reviewing
from bot.render import approving as words

BUDGET = "budget"
"""Typed for the fleet's budget of today; no project's id is that."""


class Approve(Frozen):
    """Arguments of ``/approve``."""

    project_id: Annotated[
        str,
        Positional(),
        Field(
            description="the project, or `budget` for what agents may cost today; left out: the project of "
            "this issue"
        ),
    ] = ""


def _approve(call: Invocation) -> Outcome:
    if call.args.project_id.lower() == BUDGET:
        return _today(call)
    project = resolve.project(call, call.args.project_id)
    if project.status is ProjectStatus.FAILED:
        raise Refused(words.dropped(project))
    if project.gate is not None:
        stage = project.gate.stage
        gates.approve(call.draft, project, stage, call.event.actor, call.event.role)
        return Outcome(ok=True, say=lambda after: words.entered(after, project.id, stage))
    return _money(call, project)


def _money(call: Invocation, project: Project) -> Outcome:
    """What a budget of its own holds goes on; tasks that are in review for their cost are tried again."""
    draft, by = call.draft, call.event.actor
    dear = dear_tasks(draft, project)
    held = project.status is not ProjectStatus.COMPLETE and project_used_up(draft, project) is not None
    if not dear and not held:
        raise Refused(words.nothing_waits(draft, project))
    given = budgets.allow(draft, project, dear, by, call.event.role)
    for task in dear:
        reviewing.retry(draft, draft.projects[project.id], task, by)
    return Outcome(ok=True, say=lambda after: words.allowed(after, project.id, given))


def _today(call: Invocation) -> Outcome:
    draft = call.draft
    spent = next((one for one in used_up(draft) if one.which is Which.SPEND_PER_DAY), None)
    given = budgets.allow_today(draft, spent, call.event.actor, call.event.role) if spent else None
    if given is None:
        raise Refused(words.day_not_used_up(draft))
    return Outcome(ok=True, say=lambda after: words.allowed_today(after, given))


COMMANDS = (
    Command(
        name=APPROVE,
        summary="let a project go on that waits for a person's approval, or for money",
        family="Projects",
        access="working",
        role=APPROVER,
        model=Approve,
        examples=(
            ("/approve todo-app-7", "it enters the stage that it waits for, or may cost as much again"),
            ("/approve budget", "agents may cost as much again today"),
        ),
        run=_approve,
        also=("accept", "lgtm", "allow"),
        details=(
            "A project waits where `approve` in the configuration names its next stage, or where its idea is "
            "by somebody whose role is below `texts.role`; an approval counts once, for that stage of that "
            "project. Where a budget for agents is used up, of the project, of one of its tasks or of the "
            "day, it may cost once more what the configuration allows, counted from now."
        ),
    ),
)
