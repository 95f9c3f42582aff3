"""The queues, in order."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import QueueItem, QueueName
from bot.render.text import code, escape, fitted, span, table


def queues(draft: Draft) -> str:
    """The reply to ``/queues``: each queue with its items in order."""
    room = 55_000 // len(QueueName)
    return "\n\n".join(_queue(draft, name, room) for name in QueueName)


def _queue(draft: Draft, name: QueueName, room: int) -> str:
    items = draft.ordered(name)
    title = f"**{name}** · {depth(len(items))}"
    if not items:
        return title
    if name is QueueName.REVIEW:
        head, rows = ["task", "project", "attempts", "what went wrong"], [_review(item) for item in items]
    else:
        head = ["", "task", "priority", "waiting", "attempts", "specialty"]
        rows = [_waiting(place, item, draft) for place, item in enumerate(items, 1)]
    lines = table(head, rows).split("\n")
    return fitted(f"{title}\n\n" + "\n".join(lines[:2]), lines[2:], most=room)


def _waiting(place: int, item: QueueItem, draft: Draft) -> list[str]:
    wait = span(draft.now - item.enqueued_at)
    task = draft.projects[item.project].task(item.task)
    if task and task.not_before and task.not_before > draft.now:
        wait += f", again in {span(task.not_before - draft.now)}"
    return [str(place), code(item.task), item.priority, wait, str(item.attempt), item.specialty]


def _review(item: QueueItem) -> list[str]:
    cause = escape(item.error.summary, 200) if item.error else "held for a person"
    return [code(item.task), code(item.project), str(item.attempt), cause]


def depth(count: int) -> str:
    """``empty`` or the number of items."""
    return "empty" if not count else f"{count} waiting"
