"""Queues that are too long (specification: "Queue Overflow Response")."""

from __future__ import annotations

from bot.domain.alert_rules import OVERFLOW
from bot.domain.controls import Overflow
from bot.domain.draft import Draft
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.alerting.alerts import end_alert, open_alert, raise_alert
from bot.policies.guards.overload import figures, remember, still_grows, worth_keeping


def settle_overflow(draft: Draft) -> None:
    """Open an alert for each queue over the mark; end it once a quarter below, so that it does not flap."""
    mark = draft.config.queueing.overflow
    for name in QueueName:
        depth, known = draft.depth(name), open_alert(draft, OVERFLOW.named(name))
        lasts = known is not None and known.gone_at is None
        if is_over(mark, depth, known=lasts):
            figured = known.details if known and lasts else _figures(draft, name)
            raise_alert(
                draft,
                OVERFLOW,
                name,
                case="" if depth > mark else "still",
                advice=_advice(draft, name),
                details=figured,
                began=draft.now,
                waiting=_waiting(depth, mark),
                queue=name,
                mark=mark,
                relief=relief(mark),
                level=draft.controls.triage.level if draft.controls.triage else "",
            )
            _begin(draft, name, depth)
        else:
            end_alert(draft, OVERFLOW, name)
            _end(draft, name)


def _figures(draft: Draft, name: QueueName) -> str:
    """How bad it is, when it begins; people work the review queue off, and no worker could help there."""
    return "" if name is QueueName.REVIEW else figures(draft, Workflow(name.value))


def _begin(draft: Draft, name: QueueName, depth: int) -> None:
    """Remember how long the queue was: once for each overflow."""
    if name is QueueName.REVIEW:
        return
    workflow = Workflow(name.value)
    if draft.controls.overflow_of(workflow) is None:
        remember(draft, workflow, Overflow(workflow=workflow, since=draft.now, depth=depth))


def _end(draft: Draft, name: QueueName) -> None:
    if name is not QueueName.REVIEW and draft.controls.overflow_of(Workflow(name.value)) is not None:
        remember(draft, Workflow(name.value), None)


def is_over(mark: int, depth: int, *, known: bool) -> bool:
    """Whether a queue overflows: above the mark, or not yet well below it again."""
    return depth > mark or (known and depth > relief(mark))


def relief(mark: int) -> int:
    """The depth at which an overflow is over: a quarter, and at least one, below the mark."""
    return mark - max(1, mark // 4)


def _waiting(depth: int, mark: int) -> str:
    tasks, wait = ("1 task", "waits") if depth == 1 else (f"{depth} tasks", "wait")
    return f"{tasks} {wait}" if depth > mark else f"{tasks} still {wait}"


def _advice(draft: Draft, name: QueueName) -> str:
    """Which of the rule's advice fits."""
    if name is QueueName.REVIEW:
        return "review"
    workflow, triage = Workflow(name.value), draft.controls.triage
    overflow = draft.controls.overflow_of(workflow)
    if draft.controls.pause(workflow) is not None:
        return "paused"
    if triage is not None and not triage.by and triage.workflow is workflow:
        return "triage"
    grows = overflow is not None and not overflow.triaged and still_grows(draft, overflow)
    if grows and triage is None and worth_keeping(draft, workflow) is None:
        return "grows"
    return ""
