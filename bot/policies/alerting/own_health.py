"""The bot's own health: requests left, lost races, looks that come late, commands without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.alert_rules import LATE, QUOTA, RACES, UNANSWERED
from bot.domain.base import stamp
from bot.domain.draft import Draft
from bot.domain.records import Races
from bot.domain.watch import SLOT_SECONDS, Mode, Slots
from bot.policies.alerting.alerts import end_alert, open_alert, raise_alert
from bot.policies.alerting.hearing import waiting_since
from bot.policies.fleet.watching import marked

HOUR_OF_SLOTS = 3_600 // SLOT_SECONDS
LOOKED_AT = 3 * HOUR_OF_SLOTS
"""Slots in which a gap between looks counts."""
PROMISED = {Mode.LOOP: 1, Mode.CRON: 1, Mode.EVENTS: HOUR_OF_SLOTS}
"""Slots within which each mode promises a look."""


def note_races(draft: Draft, lost: int) -> None:
    """The run that settles this had lost the race so many times before."""
    slot = int(draft.now.timestamp()) // SLOT_SECONDS
    kept = [one for one in draft.alerting.races if slot - HOUR_OF_SLOTS < one.slot < slot]
    before = sum(one.lost for one in draft.alerting.races if one.slot == slot)
    if lost:
        races = (*kept, Races(slot=slot, lost=before + lost))
        draft.alerting = draft.alerting.model_copy(update={"races": races})


def settle_own_health(draft: Draft) -> None:
    """Judge each by its rule."""
    _quota(draft)
    _races(draft)
    _looks(draft)
    _answers(draft)


def _quota(draft: Draft) -> None:
    quota, settings = draft.quota or draft.hours.quota, draft.config.alerts
    known = open_alert(draft, QUOTA.id)
    lasts = known is not None and known.gone_at is None
    part = quota.used / quota.limit if quota is not None and quota.limit else 0.0
    least = settings.quota_clear if lasts else settings.quota_used
    over = part > least if lasts else part >= least
    if quota is None or draft.now >= quota.resets_at or not over:
        end_alert(draft, QUOTA)
        return
    raise_alert(
        draft,
        QUOTA,
        case="all" if quota.used >= quota.limit else "",
        used=_tens(quota.used, quota.limit),
        limit=f"{quota.limit:,}",
        resets=f"{quota.resets_at:%H:%M} UTC",
    )


def _tens(used: int, limit: int) -> str:
    """In tenths of the limit, rounded down: each request more would make another text of it."""
    return f"more than {used * 10 // limit * limit // 10:,}"


def _races(draft: Draft) -> None:
    slot = int(draft.now.timestamp()) // SLOT_SECONDS
    lost = sum(one.lost for one in draft.alerting.races if slot - HOUR_OF_SLOTS < one.slot <= slot)
    most, known = draft.config.alerts.lost_races, open_alert(draft, RACES.id)
    if lost >= most or (known is not None and known.gone_at is None and lost > most // 2):
        if known is None or known.gone_at is not None:  # reworded by each, it would be rewritten all the time
            raise_alert(draft, RACES, lost=lost)
    else:
        end_alert(draft, RACES)


def _looks(draft: Draft) -> None:
    """Whether the monitor left a gap; what it has not put on record yet is not judged."""
    watch, settings = marked(draft), draft.config.alerts
    if watch.mode is None or watch.recorded is None:
        end_alert(draft, LATE)
        return
    since, seen = watch.modes[-1].since, watch.modes[-1].seen
    # What another monitor puts on record says nothing of what this mode promises.
    last = int(min(watch.recorded, seen or watch.recorded).timestamp()) // SLOT_SECONDS
    gap, until = _longest_gap(watch.slots, int(since.timestamp()) // SLOT_SECONDS, last)
    promised = PROMISED[watch.mode]
    if (gap - promised) * SLOT_SECONDS <= settings.late_minutes * 60:
        end_alert(draft, LATE)
        return
    raise_alert(
        draft,
        LATE,
        gap=_span(gap),
        promised=_span(promised),
        mode=watch.mode,
        until=stamp(datetime.fromtimestamp(until * SLOT_SECONDS, UTC)),
        workflow=draft.config.monitor_workflow,
    )


def _longest_gap(slots: Sequence[Slots], first: int, last: int) -> tuple[int, int]:
    """The longest row of slots without a look, as (slots from look to look, the slot that ended it).

    It counts whole, from ``first`` on at most, as long as its end lies in the latest ``LOOKED_AT``: it does
    not become shorter while time passes.
    """
    best, before = (0, last), first
    for run in slots:
        if run.last < first or run.first > last:
            continue
        if run.first > last - LOOKED_AT and run.first - before > best[0]:
            best = (run.first - before, run.first)
        before = max(before, run.last)
    return max(best, (last - before, last))


def _span(slots: int) -> str:
    hours, minutes = divmod(slots * SLOT_SECONDS // 60, 60)
    return f"{hours} h {minutes} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min"


def _answers(draft: Draft) -> None:
    """Commands without an answer; replies that were given up have alerts of their own."""
    limit = timedelta(minutes=draft.config.alerts.unanswered_minutes)
    late = [at for at in waiting_since(draft) if draft.now - at > limit]
    if not late:
        end_alert(draft, UNANSWERED)
        return
    count = "1 command is" if len(late) == 1 else f"{len(late)} commands are"
    raise_alert(draft, UNANSWERED, commands=count, oldest=stamp(min(late)), began=min(late))
