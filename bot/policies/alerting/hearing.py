"""Is every command answered? What was heard in the last day, and what nobody has seen an answer to."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.effects import Reply
from bot.domain.events.observed import Observed
from bot.domain.figures import Hearing
from bot.domain.ledger import Heard
from bot.policies.alerting.alerts import lost_replies

HOURS = 24
"""Over which commands are counted."""


def hear(draft: Draft) -> None:
    """Count a command that gets an answer in the hour in which it is settled."""
    hour = _hour(draft.now)
    kept = [one for one in draft.ledger.heard if hour - HOURS < one.hour < hour]
    before = next((one.commands for one in draft.ledger.heard if one.hour == hour), 0)
    heard = (*kept, Heard(hour=hour, commands=before + 1))
    draft.ledger = draft.ledger.model_copy(update={"heard": heard})


def take_backlog(draft: Draft, event: Observed) -> None:
    """Note which commands a look has found and could not settle yet."""
    if event.backlog is not None:
        draft.ledger = draft.ledger.model_copy(update={"backlog": event.backlog})


def hearing(draft: Draft) -> Hearing:
    """The commands of the last 24 hours, and those without an answer as far as the bot has seen.

    Without an answer is a command whose reply is past the grace time and was not seen, one whose reply
    was given up, and one that was found and is not settled.
    """
    grace = timedelta(seconds=draft.config.delivery.grace_seconds)
    late = [
        entry.asked_at
        for entry in draft.outbox
        if isinstance(entry.effect, Reply)
        and entry.effect.comment is not None
        and draft.now - entry.asked_at >= grace
    ]
    lost = [alert.since for alert in lost_replies(draft)]
    found = draft.ledger.backlog
    since = [*late, *lost, *([found.oldest] if found.commands and found.oldest else [])]
    hour = _hour(draft.now)
    recent = sum(one.commands for one in draft.ledger.heard if one.hour > hour - HOURS)
    return Hearing(
        commands=recent + found.commands,
        unanswered=len(late) + len(lost) + found.commands,
        oldest=draft.now - min(since) if since else None,
    )


def waiting_since(draft: Draft) -> list[datetime]:
    """Since when commands wait that may still get their answer; of a backlog each counts as the oldest.

    Of replies only those that were looked for in vain and delivered again, without evidence of that either:
    one that is there is often seen much later.
    """
    grace = timedelta(seconds=draft.config.delivery.grace_seconds)
    found = draft.ledger.backlog
    sought = [
        entry.asked_at
        for entry in draft.outbox
        if isinstance(entry.effect, Reply)
        and entry.effect.comment is not None
        and entry.attempt > 1
        and draft.now - entry.claimed_at >= grace
    ]
    return [*sought, *([found.oldest] * found.commands if found.oldest else [])]


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // 3_600
