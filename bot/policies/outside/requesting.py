"""Requests to GitHub as a resource: what an effect takes, and what waits while few are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, assert_never

from bot.domain.draft import Draft
from bot.domain.effects import (
    Cancel,
    CloseIssue,
    Dispatch,
    Effect,
    FileIssue,
    Labels,
    MergePull,
    Notify,
    OpenIssue,
    OutboxEntry,
    Progress,
    React,
    Reply,
    ShowAlert,
    StartProcess,
    Status,
)
from bot.domain.quota import Purpose, Quota, RequestRule, Shed

SAME_WINDOW = timedelta(minutes=5)
"""Two answers whose windows end closer together than that tell of the same one."""
NOTHING: frozenset[Purpose] = frozenset()
_DASHBOARD = frozenset({Purpose.STATUS, Purpose.VOTES})
_PROGRESS = frozenset({Purpose.PROGRESS})


def shed(quota: Quota | None, rule: RequestRule, now: datetime) -> frozenset[Purpose]:
    """What waits: the dashboard first, then progress; whatever answers or does work never.

    Where nothing is known of the quota, or its hour is over, nothing waits.
    """
    if quota is None or now >= quota.resets_at:
        return NOTHING
    found = NOTHING
    if quota.left < rule.dashboard_left * quota.limit:
        found |= _DASHBOARD
    if quota.left < rule.progress_left * quota.limit:
        found |= _PROGRESS
    return found


def note_shed(draft: Draft) -> None:
    """Put on record what waits by what GitHub last told, and until when."""
    known, quota = draft.showing.shed, draft.quota or draft.hours.quota
    found = shed(quota, draft.config.requests, draft.now)
    after = None
    if quota is not None and found:
        same = known is not None and abs(known.until - quota.resets_at) <= SAME_WINDOW
        until = known.until if known is not None and same else quota.resets_at
        after = Shed(purposes=tuple(one for one in Purpose if one in found), until=until)
    if after != known:
        draft.showing = draft.showing.model_copy(update={"shed": after})


def shed_by(known: Shed | None) -> frozenset[Purpose]:
    """What the state has on record as waiting."""
    return frozenset(known.purposes) if known is not None else NOTHING


def purpose_of(effect: Effect) -> Purpose:
    """What the requests of a delivery are for."""
    match effect:
        case Reply() | React():
            return Purpose.REPLY
        case Dispatch() | Cancel() | StartProcess():
            return Purpose.DISPATCH
        case OpenIssue() | CloseIssue() | MergePull():
            return Purpose.PROJECTS
        case FileIssue() | ShowAlert() | Notify():
            return Purpose.ALERTS
        case Labels():
            return Purpose.LABELS
        case Progress():
            return Purpose.PROGRESS
        case Status():
            return Purpose.STATUS
        case _:
            assert_never(effect)


def planned(entries: Iterable[OutboxEntry]) -> Counter[Purpose]:
    """What delivering these should take: a run that ends after it tells nobody what it took.

    The process that commits once more tells the difference.
    """
    counts: Counter[Purpose] = Counter()
    for entry in entries:
        counts[purpose_of(entry.effect)] += _requests(entry.effect)
    return +counts


def _requests(effect: Effect) -> Literal[0, 1, 2]:
    match effect:
        case Notify():
            return 0
        case Reply(comment=comment, reaction=reaction) if comment and reaction:
            return 2
        case Cancel(run_id=None):
            return 2
        case _:
            return 1
