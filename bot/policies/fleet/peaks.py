"""Peak hours: when they hold, by the clocks of their own time zones, and which minimum they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.config import Config
from bot.domain.scaling import Day, Offset, Peak, minutes
from bot.domain.sizing import InPeak
from bot.domain.vocabulary import Workflow

DAY = timedelta(days=1)
_DAYS = tuple(Day)


def peak_at(config: Config, workflow: Workflow, at: datetime) -> InPeak | None:
    """The peak hours that ask most of a workflow at a moment, their lead time included."""
    holding = [one for one in _all(config, workflow, at) if one.begins <= at < one.ends]
    return max(holding, key=lambda one: (one.minimum, one.ends, one.name), default=None)


def coming_peak(config: Config, workflow: Workflow, at: datetime, within: timedelta) -> InPeak | None:
    """The peak hours that ask most of those that begin after ``at`` and at most ``within`` later."""
    coming = [one for one in _all(config, workflow, at) if at < one.begins <= at + within]
    return max(coming, key=lambda one: (one.minimum, one.ends, one.name), default=None)


def next_change(config: Config, workflow: Workflow, at: datetime, within: timedelta) -> datetime | None:
    """When the two above may say something else, after ``at``; a day later where none is near.

    None: there are no peak hours of this workflow.
    """
    if not config.scaling.enabled or not any(workflow in peak.minimum for peak in config.scaling.peaks):
        return None
    times = (
        time for one in _all(config, workflow, at) for time in (one.begins - within, one.begins, one.ends)
    )
    return min((time for time in times if time > at), default=at + DAY)


def _all(config: Config, workflow: Workflow, at: datetime) -> Iterator[InPeak]:
    """Each time that a peak of a workflow takes place, from two days before to two days after."""
    settings = config.scaling
    for peak in settings.peaks if settings.enabled else ():
        if workflow in peak.minimum:
            yield from _times(peak, workflow, settings.zones.get(peak.zone, ()), at)


def _times(peak: Peak, workflow: Workflow, zone: Sequence[Offset], at: datetime) -> Iterator[InPeak]:
    today = (at + _offset(zone, at)).replace(hour=0, minute=0, second=0)
    overnight = minutes(peak.ends) < minutes(peak.begins)
    for number in range(-2, 3):
        day = today + number * DAY
        if _DAYS[day.weekday()] not in peak.days:
            continue
        begins = _moment(zone, day + timedelta(minutes=minutes(peak.begins)))
        ends = _moment(zone, day + overnight * DAY + timedelta(minutes=minutes(peak.ends)))
        lead = timedelta(minutes=peak.lead_minutes)
        yield InPeak(peak.name, peak.minimum[workflow], begins - lead, ends)


def _offset(zone: Sequence[Offset], at: datetime) -> timedelta:
    """How far a zone's clocks are ahead at a moment; a zone that nobody looked up counts as UTC."""
    known = [one for one in zone if one.since <= at] or list(zone[:1])
    return timedelta(minutes=known[-1].minutes) if known else timedelta(0)


def _moment(zone: Sequence[Offset], local: datetime) -> datetime:
    """When a zone's clocks show ``local`` (whose own zone means nothing): the first time of two.

    What the clocks leave out, in spring, is taken as if they had not been put forward yet.
    """
    before, after = _offset(zone, local - DAY), _offset(zone, local + DAY)
    shown = [local - one for one in (before, after) if _offset(zone, local - one) == one]
    return min(shown, default=local - before)
