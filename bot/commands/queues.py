"""Queue management: what waits, in which order, and who gets it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.assigning import ASSIGN
from bot.commands.spec import Command, Invocation, Outcome, Positional, Refused
from bot.domain.base import Frozen
from bot.domain.draft import Draft
from bot.domain.outputs import Priority
from bot.domain.vocabulary import QueueName, Stage, TaskStatus, Workflow
from bot.policies.assigning.rebalancing import better_placing, carry_out, movable
from bot.policies.assigning.scheduling import expected_starts
from bot.policies.projects.lifecycle import reprioritise
from bot.policies.working.estimating import Estimates
from bot.render import assigning as words
from bot.render import queues as text


class Queues(Frozen):
    """Arguments of ``/queues``."""

    queue: Annotated[QueueName | None, Positional(), Field(description="only this queue")] = None


def _queues(call: Invocation) -> Outcome:
    shown = (call.args.queue,) if call.args.queue else tuple(QueueName)

    def say(draft: Draft) -> str:
        forecasts = {name: _forecast(draft, name) for name in shown if name is not QueueName.REVIEW}
        return text.queues(draft, forecasts, shown)

    return Outcome(ok=True, say=say)


def _forecast(draft: Draft, name: QueueName) -> text.Forecast:
    workflow = Workflow(name.value)
    usual = Estimates(draft).of(workflow)
    return text.Forecast(expected_starts(draft, workflow), usual.time, measured=usual.attempts > 0)


class SetPriority(Frozen):
    """Arguments of ``/priority``."""

    project_id: Annotated[
        str, Positional(skip=True), Field(description="the project; left out: this issue's own")
    ] = ""
    level: Annotated[Priority, Positional(), Field(description="urgent, high, normal or low")]


def _priority(call: Invocation) -> Outcome:
    project, level = resolve.project(call, call.args.project_id), call.args.level
    if project.stage is Stage.COMPLETE:
        raise Refused(text.priority_of_complete(project.id))
    before = project.priority
    if before is level:
        return Outcome(ok=True, say=lambda after: text.same_priority(project.id, level))
    places = text.standing(call.draft, project.id)
    reprioritise(call.draft, project, level, call.event.actor, call.event.at)
    return Outcome(ok=True, say=lambda after: text.reprioritised(after, project.id, before, places))


class Rebalance(Frozen):
    """Arguments of ``/rebalance``."""

    workflow: Annotated[Workflow | None, Positional(), Field(description="only this workflow")] = None


def _rebalance(call: Invocation) -> Outcome:
    draft = call.draft
    workflows = (call.args.workflow,) if call.args.workflow else tuple(Workflow)
    looked_at = sum(len(movable(draft, workflow)) for workflow in workflows)
    moves = [move for workflow in workflows for move in better_placing(draft, workflow)]
    stay = sum(
        task.status in (TaskStatus.RUNNING, TaskStatus.PUBLISHING) and task.workflow in workflows
        for project in draft.projects.values()
        for task in project.tasks
    )
    if not moves:
        return Outcome(ok=True, say=lambda after: words.well_placed(workflows, looked_at, stay))
    carry_out(draft, moves, call.event.actor, call.event.id)
    return Outcome(ok=True, say=lambda after: words.rebalanced(after, moves, stay))


COMMANDS = (
    Command(
        name="queues",
        summary="show every queue in order, with expected starts",
        family="Queues",
        access="reading",
        model=Queues,
        examples=(
            ("/queues", "each waiting task with its place and when it is expected to start"),
            ("/queues review", "what failed, what went wrong, and what to type"),
        ),
        run=_queues,
        details=(
            "Expected starts play the queue forward over the workers that are up now. They assume the "
            "usual working times, and that nothing fails or comes in."
        ),
    ),
    ASSIGN,
    Command(
        name="rebalance",
        summary="spread reserved work, and work that has not begun, again",
        family="Queues",
        access="working",
        model=Rebalance,
        examples=(
            ("/rebalance", "looks at all workflows and moves what stands better elsewhere"),
            ("/rebalance development", "only at development"),
        ),
        run=_rebalance,
        details=(
            "Running work stays. A task is moved only if the rules put another worker ahead of its own: "
            "its specialty, its size, its region, then the load. Where nothing improves, nothing is touched."
        ),
    ),
    Command(
        name="priority",
        summary="change how soon a project's work is wanted",
        family="Queues",
        access="working",
        model=SetPriority,
        examples=(
            ("/priority urgent", "this issue's project goes ahead of all that is not urgent"),
            ("/priority photo-sorter-1 low", "that project's tasks wait behind the others"),
        ),
        run=_priority,
        details="Its `priority:` label follows; setting that label by hand does the same.",
    ),
)
