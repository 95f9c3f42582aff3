"""The queues, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.budgets import used_up
from bot.domain.draft import Draft
from bot.domain.models import QueueItem
from bot.domain.outlook import Start
from bot.domain.outputs import Priority
from bot.domain.vocabulary import QueueName, Workflow
from bot.render import budgets
from bot.render.starts import expected
from bot.render.text import code, escape, fitted, plural, span, table, who

NAMED = 20
"""Projects that wait for approval and are named; the others are counted."""
ROOM = 54_000
"""Characters for all queues of a reply."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of one workflow's queue."""

    starts: Mapping[str, Start]
    """Task id → when it starts."""
    takes: timedelta
    """How long a task of the workflow takes."""
    measured: bool
    """Whether that was measured; else it is the configuration's."""


def queues(draft: Draft, forecasts: Mapping[QueueName, Forecast], shown: tuple[QueueName, ...]) -> str:
    """The reply to ``/queues``: each queue with its items in order."""
    room = ROOM // len(shown)
    return "\n\n".join(_queue(draft, name, forecasts.get(name), room) + _gated(draft, name) for name in shown)


def _gated(draft: Draft, name: QueueName) -> str:
    """Projects whose work would be queued here, if somebody approved it."""
    found = [one for one in draft.projects.values() if one.gate is not None and one.going]
    here = sorted(one.id for one in found if one.gate is not None and one.gate.stage.value == name.value)
    if not here:
        return ""
    names = ", ".join(map(code, here[:NAMED]))
    more = f" and {len(here) - NAMED} more" if len(here) > NAMED else ""
    verb = "waits" if len(here) == 1 else "wait"
    return (
        f"\n\n{plural(len(here), 'project')} {verb} for approval before anything is queued here: "
        f"{names}{more} (`/approve <project-id>`)."
    )


def _queue(draft: Draft, name: QueueName, forecast: Forecast | None, room: int) -> str:
    items = draft.ordered(name)
    title = " · ".join([f"**{name}**", depth(len(items)), *_notes(draft, name)])
    if not items:
        return title
    if forecast is None:
        head = ["task", "since", "attempts", "what went wrong", "what to type"]
        rows = [_review(item, draft) for item in items]
    else:
        assumed = "measured" if forecast.measured else "assumed until enough are done"
        title += f" · a task takes about {span(forecast.takes)} ({assumed})"
        head = ["", "task", "priority", "waiting", "attempts", "specialty", "expected start"]
        rows = [_waiting(place, item, draft, forecast) for place, item in enumerate(items, 1)]
    lines = table(head, rows).split("\n")
    return fitted(f"{title}\n\n" + "\n".join(lines[:2]), lines[2:], most=room)


def _notes(draft: Draft, name: QueueName) -> list[str]:
    """The switches that hold this queue, with what ends them."""
    if name is QueueName.REVIEW:
        return []
    notes = []
    if pause := draft.controls.pause(Workflow(name.value)):
        notes.append(f"**paused** by {who(pause.by)} (`/unpause {name}`)")
    triage = draft.controls.triage
    if triage is not None and triage.workflow in (None, Workflow(name.value)):
        by = "" if triage.by else ", by the rule"
        notes.append(f"**triage:** {triage.level} and above{by} (`/priority-triage off`)")
    if one := next(used_up(draft), None):
        notes.append(f"**budget used up:** {budgets.used(one)}")
    return notes


def _waiting(place: int, item: QueueItem, draft: Draft, forecast: Forecast) -> list[str]:
    when = expected(forecast.starts.get(item.task), draft.now)
    task = draft.projects[item.project].task(item.task)
    if task and task.not_before and task.not_before > draft.now:
        when += " (after a failure)"
    wait = span(draft.now - item.enqueued_at)
    return [
        str(place),
        code(item.task),
        item.priority,
        wait,
        str(item.attempt),
        escape(item.specialty, 40),
        when,
    ]


def _review(item: QueueItem, draft: Draft) -> list[str]:
    cause = escape(item.error.summary, 200) if item.error else "held for a person"
    task = draft.projects[item.project].task(item.task)
    drop = item.project if task and task.essential else item.task
    todo = f"`/retry {item.task}` or `/discard {drop}`; `/why {item.task}` shows its output"
    return [code(item.task), span(draft.now - item.enqueued_at), str(item.attempt), cause, todo]


def depth(count: int) -> str:
    """``empty`` or the number of items."""
    return "empty" if not count else f"{count} waiting"


def reprioritised(
    draft: Draft, project_id: str, before: Priority, places: Mapping[str, tuple[QueueName, int]]
) -> str:
    """The reply to ``/priority``: where the project's queued tasks stood and stand now."""
    project = draft.projects[project_id]
    title = f"**{escape(project.title)}** (`{project.id}`)"
    text = f"{title} goes from priority **{before}** to **{project.priority}**."
    if not places:
        return f"{text} None of its tasks is in a queue now; the next ones will be queued accordingly."
    now = standing(draft, project_id)
    rows = []
    for task_id, (queue, place) in places.items():
        task = project.task(task_id)
        there = now.get(task_id)
        after = str(there[1]) if there else f"left the queue: {task.status if task else 'gone'}"
        if there is None and task and task.worker:
            after = f"assigned to {code(task.worker)}"
        rows.append([code(task_id), queue.value, str(place), after])
    lines = table(["task", "queue", "place before", "place now"], rows).split("\n")
    return fitted(f"{text}\n\n" + "\n".join(lines[:2]), lines[2:], most=ROOM)


def same_priority(project_id: str, level: Priority) -> str:
    """Nothing to change."""
    return f"`{project_id}` has the priority **{level}** already; nothing was changed."


def priority_of_complete(project_id: str) -> str:
    """A priority moves nothing any more."""
    return f"Not changed: `{project_id}` is complete, so nothing of it waits in a queue any more."


def standing(draft: Draft, project_id: str) -> dict[str, tuple[QueueName, int]]:
    """Task id → (queue, place from 1) of a project's tasks in the queues of the workflows."""
    return {
        item.task: (name, place)
        for name in QueueName
        if name is not QueueName.REVIEW
        for place, item in enumerate(draft.ordered(name), 1)
        if item.project == project_id
    }
