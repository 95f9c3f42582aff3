"""Windows over the record of hours: whole hours, the last of which may not be over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import reduce

from bot.domain.draft import Draft
from bot.domain.figures import Hourly, Measured
from bot.domain.hours import SECONDS, FlowHour, Hour, hour_of
from bot.domain.quota import Purpose
from bot.domain.usage import total
from bot.domain.vocabulary import Workflow
from bot.policies.measuring.accounting import accounted
from bot.policies.working.estimating import ENOUGH


class Hourlies:
    """The hours up to now, read once; windows of them."""

    def __init__(self, draft: Draft) -> None:
        self._hours = {one.hour: one for one in accounted(draft).filled()}
        self.begins = _begins(draft)

    def window(self, since: datetime, until: datetime, *, closed: bool) -> Hourly:
        """The hours from that of ``since`` on, as far as they are on record.

        ``closed``: with the hour of ``until``; without it the next window begins with that one.
        """
        first, end = hour_of(since), hour_of(until) + closed
        known = hour_of(self.begins)
        start = max(first, known)
        found = tuple(self._hours.get(hour, Hour(hour=hour)) for hour in range(start, end))
        return together(found, _moment(start), whole=known < first or self.begins <= since)


def _begins(draft: Draft) -> datetime:
    """From when on every hour is on record: the state's beginning, or the oldest hour that is kept whole."""
    initialised = draft.ledger.initialised_at
    oldest = draft.base.hours.items[0].hour if draft.base.hours.items else hour_of(draft.now)
    if initialised is not None and hour_of(initialised) >= oldest:
        return initialised
    return _moment(oldest + 1)  # an older program's state, or hours that are kept no longer


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * SECONDS, UTC)


def together(hours: tuple[Hour, ...], since: datetime, *, whole: bool) -> Hourly:
    """Hours in a row as one stretch of time."""
    causes: Counter[str] = Counter()
    purposes: Counter[Purpose] = Counter()
    for one in hours:
        causes.update(one.causes)
        purposes.update(one.purposes)
    told = [one.requests for one in hours if one.requests is not None]
    return Hourly(
        since=since,
        whole=whole,
        hours=hours,
        flows={workflow: _sum(one.flow(workflow) for one in hours) for workflow in Workflow},
        causes=dict(sorted(causes.items(), key=lambda one: (-one[1], one[0]))),
        dollars=total(*(one.dollars for one in hours)),
        commands=sum(one.commands for one in hours),
        commits=sum(one.commits for one in hours),
        projects=sum(one.projects for one in hours),
        requests=sum(told) if told else None,
        purposes={one: purposes[one] for one in Purpose if purposes[one]},
    )


def _sum(flows: Iterable[FlowHour]) -> FlowHour:
    return reduce(FlowHour.plus, flows, FlowHour())


def rate(found: Hourly, workflow: Workflow) -> Measured:
    """What was finished in each hour with work."""
    flow = found.flows[workflow]
    hours = flow.open / SECONDS
    return Measured(flow.finished, flow.finished / hours if flow.finished >= ENOUGH and hours else None)


def errors(found: Hourly) -> Measured:
    """The part of all attempts that failed."""
    return _part(found, sum(flow.failed for flow in found.flows.values()))


def rework(found: Hourly) -> Measured:
    """The part of all attempts that a quality check sent back, by when it did."""
    return _part(found, sum(flow.reworked for flow in found.flows.values()))


def _part(found: Hourly, count: int) -> Measured:
    return Measured(found.attempts, min(1, count / found.attempts) if found.attempts >= ENOUGH else None)
