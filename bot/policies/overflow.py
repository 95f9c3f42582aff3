"""Queues that are too long (specification: "Queue Overflow Response")."""

from __future__ import annotations

from bot.domain.controls import Overflow
from bot.domain.draft import Draft
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.alerts import end_alert, open_alert, raise_alert
from bot.policies.overload import remember, still_grows, tell, worth_keeping

OVERFLOW_ALERT = "queue-overflow"


def settle_overflow(draft: Draft) -> None:
    """Open an alert for each queue over the mark; end it once a quarter below, so that it does not flap."""
    mark = draft.config.queueing.overflow
    for name in QueueName:
        id_, depth = f"{OVERFLOW_ALERT}-{name}", draft.depth(name)
        if depth > mark or (depth > relief(mark) and open_alert(draft, id_)):
            raise_alert(draft, id_, _cause(name, depth, mark), _advice(draft, name))
            _begin(draft, name, depth)
        elif end_alert(draft, id_):
            _end(draft, name)


def _begin(draft: Draft, name: QueueName, depth: int) -> None:
    """Remember how long the queue was, and tell the administrators: once for each overflow.

    People work the review queue off, and no worker could help: its alert is enough.
    """
    alert = open_alert(draft, f"{OVERFLOW_ALERT}-{name}")
    if name is QueueName.REVIEW or alert is None:
        return
    workflow = Workflow(name.value)
    if draft.controls.overflow_of(workflow) is None:
        remember(draft, workflow, Overflow(workflow=workflow, since=draft.now, depth=depth))
        tell(draft, workflow, alert)


def _end(draft: Draft, name: QueueName) -> None:
    if name is not QueueName.REVIEW:
        remember(draft, Workflow(name.value), None)


def relief(mark: int) -> int:
    """The depth at which an overflow is over: a quarter, and at least one, below the mark."""
    return mark - max(1, mark // 4)


def _cause(name: QueueName, depth: int, mark: int) -> str:
    tasks, wait = ("1 task", "waits") if depth == 1 else (f"{depth} tasks", "wait")
    if depth > mark:
        return f"{tasks} {wait} in the {name} queue, more than {mark}"
    return f"{tasks} still {wait} in the {name} queue after an overflow, which is over at {relief(mark)}"


def _advice(draft: Draft, name: QueueName) -> str:
    if name is QueueName.REVIEW:
        return "Look at them with /queues review, then /retry or /discard each."
    workflow, triage = Workflow(name.value), draft.controls.triage
    overflow = draft.controls.overflow_of(workflow)
    if draft.controls.pause(workflow) is not None:
        return f"{name} is paused, so that none of them starts: /unpause {name} ends that."
    if triage is not None and not triage.by and triage.workflow is workflow:
        return (
            f"No worker may be added and it grew, so only {triage.level} tasks of it are assigned until it "
            f"is shorter; /priority-triage off ends that. /emergency-scale-up {name} adds workers."
        )
    grows = overflow is not None and not overflow.triaged and still_grows(draft, overflow)
    if grows and triage is None and worth_keeping(draft, workflow) is None:
        return (
            "It grows, and no worker may be added. Triage was not begun: it would hold back all or nothing "
            f"of what may start there. /emergency-scale-up {name} adds workers; /priority says which "
            "projects matter most."
        )
    return (
        f"Add workers with /scale-up {name}, or have only urgent work done for now with "
        "/priority-triage urgent."
    )
