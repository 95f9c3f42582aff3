"""Queues that are too long (specification: "Queue Overflow Response")."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.draft import Draft
from bot.domain.vocabulary import QueueName
from bot.policies.alerts import end_alert, open_alert, raise_alert

OVERFLOW_ALERT = "queue-overflow"


def overflowing(draft: Draft, names: Iterable[QueueName]) -> list[QueueName]:
    """Those of the queues that are longer than the mark."""
    return [name for name in names if draft.depth(name) > draft.config.queueing.overflow]


def settle_overflow(draft: Draft) -> None:
    """Open an alert for each queue over the mark; end it once a quarter below, so that it does not flap."""
    mark = draft.config.queueing.overflow
    for name in QueueName:
        id_, depth = f"{OVERFLOW_ALERT}-{name}", draft.depth(name)
        if depth > mark or (depth > relief(mark) and open_alert(draft, id_)):
            raise_alert(draft, id_, _cause(name, depth, mark), _advice(name))
        else:
            end_alert(draft, id_)


def relief(mark: int) -> int:
    """The depth at which an overflow is over: a quarter, and at least one, below the mark."""
    return mark - max(1, mark // 4)


def _cause(name: QueueName, depth: int, mark: int) -> str:
    tasks, wait = ("1 task", "waits") if depth == 1 else (f"{depth} tasks", "wait")
    if depth > mark:
        return f"{tasks} {wait} in the {name} queue, more than {mark}"
    return f"{tasks} still {wait} in the {name} queue after an overflow, which is over at {relief(mark)}"


def _advice(name: QueueName) -> str:
    if name is QueueName.REVIEW:
        return "Look at them with /queues review, then /retry or /discard each."
    return (
        f"Add workers with /scale-up {name}, or have only urgent work done for now with "
        "/priority-triage urgent."
    )
