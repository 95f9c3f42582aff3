"""Time zones, as the configuration keeps them: looked up once, so that deciding needs no zone files.

A zone's rules change now and then, and machines differ in how new their files are. What was looked up
is part of the configuration in the state, so that a replay anywhere decides the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.config import Config
from bot.domain.scaling import UTC_ZONE, Offset

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LAST = datetime(2038, 1, 1, tzinfo=UTC)
"""Until when changes of the clocks are looked up; afterwards the last offset stays."""
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class UnknownZone(Exception):
    """No such time zone; says for which of the peaks."""

    def __init__(self, place: int, name: str) -> None:
        super().__init__(name)
        self.place = place
        self.name = name


def with_zones(config: Config) -> Config:
    """The configuration with the offsets of the zones that its peaks name. Raises UnknownZone."""
    zones: dict[str, tuple[Offset, ...]] = {}
    for place, peak in enumerate(config.scaling.peaks):
        if peak.zone != UTC_ZONE and peak.zone not in zones:
            zones[peak.zone] = _offsets(place, peak.zone)
    scaling = config.scaling.model_copy(update={"zones": dict(sorted(zones.items()))})
    return config.model_copy(update={"scaling": scaling})


def _offsets(place: int, name: str) -> tuple[Offset, ...]:
    """A zone's first offset and each change of it."""
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there; no name of a file in the database; a directory
        raise UnknownZone(place, name) from None
    offsets = [Offset(since=FIRST, minutes=_minutes(zone, FIRST))]
    day = FIRST
    while day < LAST:
        if _minutes(zone, day + _DAY) != offsets[-1].minutes:
            since = _change(zone, day, day + _DAY)
            offsets.append(Offset(since=since, minutes=_minutes(zone, since)))
        day += _DAY
    return tuple(offsets)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The minute of the one change between two moments whose offsets differ."""
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if _minutes(zone, middle) == _minutes(zone, before):
            before = middle
        else:
            after = middle
    return after


def _minutes(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    return round(offset / _MINUTE)
