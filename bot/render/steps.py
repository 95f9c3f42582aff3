"""What a person should do about a project now: each step a sentence with what to type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.outlook import Hold, Prospects
from bot.domain.vocabulary import ProjectStatus, TaskStatus, Workflow
from bot.render import budgets
from bot.render.approving import upper, waiting
from bot.render.pulls import linked, to_be_merged
from bot.render.stopping import since
from bot.render.text import clock, code, escape, plural, span, who

JUDGED = 5
"""Tasks in review that are named; the others are counted."""


def steps(draft: Draft, one: Project, found: Prospects) -> list[str]:
    """Everything that waits for a person, or that it waits for none. Sentences without their full stop."""
    if one.status is ProjectStatus.COMPLETE:
        return ["nothing, it is complete"]
    if one.status is ProjectStatus.FAILED:
        return [f"nothing, it was dropped; `/retry {one.id}` takes it up again"]
    wanted = [*stopped(draft, one), *_closing(draft, one), *_gate(draft, one), *review(one, found.essential)]
    wanted += merges(draft, one)
    wanted += _held(draft, one, found)
    return wanted or ["nothing, it goes on by itself"]


def stopped(draft: Draft, one: Project) -> Iterator[str]:
    """Why it stands still, and what lets it go on."""
    if one.stop is None:
        return
    proof = "" if one.stop.proven_at else " (its runs are still being cancelled)"
    text = f"Stopped {since(one.stop)}{proof}. `/resume {one.id}` lets it go on"
    if draft.controls.halted is not None:
        text += "; `/resume all` does so for everything, which is stopped"
    yield text


def _closing(draft: Draft, one: Project) -> Iterator[str]:
    """Its issue was closed, and the question what that means is open."""
    due = one.closing.due if one.closing else None
    if due is not None:
        yield (
            f"Its issue was closed, so it stops at {clock(due)} (in {span(due - draft.now)}). "
            f"Reopen the issue, or `/resume {one.id}`, if it shall go on"
        )


def _gate(draft: Draft, one: Project) -> Iterator[str]:
    """Its next stage waits for somebody's approval."""
    if one.gate is not None:
        yield upper(waiting(draft, one))


def merges(draft: Draft, one: Project) -> Iterator[str]:
    """Pull requests that a person has to merge."""
    for pull in to_be_merged(draft.config, one):
        yield f"Merge {linked(pull)} ({code(pull.key)}): it is approved and waits for a person"


def review(one: Project, essential: Collection[str]) -> Iterator[str]:
    """Tasks that failed their attempts: why, and the ways on."""
    tasks = [task for task in one.tasks if task.status is TaskStatus.REVIEW]
    for task in tasks[:JUDGED]:
        why = escape(task.error.summary, 300).rstrip(".") if task.error else "held for a person"
        drop = (
            f"`/discard {one.id}` drops the project, which cannot do without it"
            if task.id in essential
            else f"`/discard {task.id}` goes on without it"
        )
        yield f"{code(task.id)} is in review: {why}. `/retry {task.id}` tries it again, {drop}"
    if len(tasks) > JUDGED:
        more = plural(len(tasks) - JUDGED, "more task")
        yield f"{more} in review: `/retry {one.id}` tries all of them again"


def _held(draft: Draft, one: Project, found: Prospects) -> Iterator[str]:
    """Queued tasks that nobody takes before somebody does something."""
    queued = [task for task in one.tasks if task.status is TaskStatus.QUEUED and task.id in found.starts]
    for workflow in Workflow:
        tasks = [task for task in queued if task.workflow is workflow]
        if paused := _count(tasks, found, Hold.PAUSED):
            yield _paused(draft, workflow, paused)
        if unmanned := sum(_unmanned(task, found) for task in tasks):
            yield (
                f"No {workflow} worker is up for {plural(unmanned, 'task')}. "
                f"`/restart-failed-instances` or `/scale-up {workflow}` brings one"
            )
    if triaged := _count(queued, found, Hold.TRIAGE):
        yield _triaged(draft, one, triaged)
    if unpaid := _count(queued, found, Hold.BUDGET):
        more = "; ".join(budgets.remedies(draft, one))
        yield f"A budget holds {plural(unpaid, 'task')} of it back: {budgets.why(draft, one)}. {upper(more)}"


def _count(tasks: Sequence[Task], found: Prospects, hold: Hold) -> int:
    return sum(found.starts[task.id].hold is hold for task in tasks)


def _unmanned(task: Task, found: Prospects) -> bool:
    start = found.starts[task.id]
    return start.at is None and start.hold not in (Hold.PAUSED, Hold.TRIAGE, Hold.BUDGET)


def _paused(draft: Draft, workflow: Workflow, count: int) -> str:
    pause = draft.controls.pause(workflow)
    by = f" by {who(pause.by)} for {span(draft.now - pause.since)}" if pause else ""
    held = f"which holds {plural(count, 'task')} of it back"
    return f"{workflow.capitalize()} is paused{by}, {held}. `/unpause {workflow}` ends that"


def _triaged(draft: Draft, one: Project, count: int) -> str:
    triage = draft.controls.triage
    text = f"Triage holds {plural(count, 'task')} of it back"
    if triage is None:
        return text
    itself = ", and by itself when the queues are short again" if triage.overflowed else ""
    if triage.workflow is not None:
        text += f", by the rule, because the {triage.workflow} queue overflows"
    return (
        f"{text}: only {triage.level}{'' if triage.level == 'urgent' else ' and above'} is assigned. "
        f"`/priority {one.id} {triage.level}` lets it through; `/priority-triage off` ends it{itself}"
    )
