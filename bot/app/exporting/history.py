"""Hours of any time back, put together from versions of ``metrics/hours.json`` a week apart.

Each version holds eight days, so that few of the branch's many commits have to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.domain import files
from bot.domain.hours import HOURS_LIMIT, SECONDS, Hour, Hours, hour_of
from bot.domain.state import State
from bot.ports.history import Versions

PATH = files.ROOT + files.SINGLE["hours"][0]
STEP = timedelta(hours=HOURS_LIMIT - 24)
"""Between two versions: a day less than each holds."""


def hours_since(
    state: State, since: datetime, now: datetime, past: Callable[[datetime], Versions]
) -> list[Hour]:
    """Every hour on record from that of ``since`` to that of ``now``, oldest first and without gaps.

    ``past`` is asked for only where the branch's head does not reach so far.
    """
    known, newest = state.hours.items, state.hours.at(now)
    reaches = len(known) < HOURS_LIMIT or known[0].hour <= hour_of(since)
    earlier = [] if reaches else _earlier(past(since), since)
    whole = newest.model_copy(update={"items": tuple(_merged([*earlier, known, newest.items]))})
    return [one for one in whole.filled() if one.hour >= hour_of(since)]


def _earlier(past: Versions, since: datetime) -> list[Sequence[Hour]]:
    """The items of the versions that together reach back to ``since``, oldest version first."""
    chosen = chosen_of(past.commits, since)
    found = past.versions(PATH, chosen)
    return [Hours.model_validate_json(found[one]).items for one in reversed(chosen) if one in found]


def chosen_of(commits: Sequence[tuple[str, datetime]], since: datetime) -> list[str]:
    """Of the branch's commits, newest first, those whose versions are read."""
    chosen: list[str] = []
    reached: datetime | None = None
    for commit, at in commits:
        if reached is None or at <= reached - STEP:
            chosen.append(commit)
            reached = at
            if at - timedelta(hours=HOURS_LIMIT - 1) <= since:
                break
    return chosen


def _merged(versions: Sequence[Sequence[Hour]]) -> list[Hour]:
    """One entry for each hour: the latest version of it, which has all that the earlier ones have."""
    found = {one.hour: one for items in versions for one in items}
    return [found[hour] for hour in sorted(found)]


def begun(hour: Hour) -> datetime:
    """When an hour began."""
    return datetime.fromtimestamp(hour.hour * SECONDS, UTC)
