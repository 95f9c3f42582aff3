"""What to type for what is wrong now: each command by itself, to be copied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.draft import Draft
from bot.domain.figures import Limit, Overview
from bot.domain.vocabulary import QueueName, WorkerStatus
from bot.render.alerts import worst_first
from bot.render.text import code, plural

EACH = 3
"""Commands of one kind that are spelled out."""
MOST = 10
"""Of all kinds."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing that is wrong, and the command against it."""

    what: str
    command: str


def remedies(draft: Draft, found: Overview) -> str:
    """A list of them, the most pressing first; empty where nothing is wrong."""
    known = list(_all(draft, found))
    parts = [f"{one.what}:\n\n```text\n{one.command}\n```" for one in known[:MOST]]
    if (more := len(known) - MOST) > 0:
        parts.append(f"… and {plural(more, 'more command')}: `/status` tells of everything.")
    return "\n\n".join(["**To copy into a comment, here or in any issue:**", *parts]) if parts else ""


def _all(draft: Draft, found: Overview) -> Iterator[Remedy]:
    if draft.controls.halted is not None:
        yield Remedy("Everything is stopped", "/resume all")
    yield from _standing(draft, found)
    yield from _offline(draft)
    yield from _review(draft)
    yield from _approvals(draft)
    for alert in [one for one in worst_first(draft.alerts) if not one.taken_by][:EACH]:
        yield Remedy(f"Nobody has taken {code(alert.id)} on", f"/ack {alert.id}")
    if found.slow:
        yield Remedy(f"{plural(found.slow, 'task')} longer at work than twice the usual", "/health-check all")


def _standing(draft: Draft, found: Overview) -> Iterator[Remedy]:
    for load in found.loads.values():
        if load.limit is Limit.NO_WORKER:
            yield Remedy(f"No {load.workflow} worker is up", f"/scale-up {load.workflow}")
    for pause in draft.controls.paused:
        yield Remedy(f"{pause.workflow.capitalize()} is paused", f"/unpause {pause.workflow}")
    if draft.controls.triage is not None:
        yield Remedy("Triage holds work back", "/priority-triage off")


def _offline(draft: Draft) -> Iterator[Remedy]:
    down = sorted(one.id for one in draft.instances.values() if one.status is WorkerStatus.OFFLINE)
    if len(down) > EACH:
        yield Remedy(f"{len(down)} workers are offline", "/restart-failed-instances")
        return
    for id_ in down:
        yield Remedy(f"`{id_}` is offline", f"/restart {id_}")


def _review(draft: Draft) -> Iterator[Remedy]:
    """One at a time has a reason of its own, many have not."""
    items = draft.ordered(QueueName.REVIEW)
    for item in items[:EACH]:
        yield Remedy(f"{code(item.task)} is in review; once that is mended", f"/retry {item.task}")
    if len(items) > EACH:
        yield Remedy(f"{len(items) - EACH} more in review", "/queues review")


def _approvals(draft: Draft) -> Iterator[Remedy]:
    waiting = sorted(one.id for one in draft.projects.values() if one.gate is not None and one.going)
    for id_ in waiting[:EACH]:
        yield Remedy(f"`{id_}` waits for approval", f"/approve {id_}")
    if len(waiting) > EACH:
        yield Remedy(f"{len(waiting) - EACH} more wait for approval", "/status")
