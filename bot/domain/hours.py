"""What happened in each hour of the last week, in sums and histograms that can be added up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate, zip_longest
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from bot.domain.base import Document, Frozen, Time
from bot.domain.quota import Purpose, Quota
from bot.domain.vocabulary import Workflow

BOUNDS = (15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
"""Upper bounds of a histogram's buckets, in seconds; one more bucket holds what is longer."""
HOURS_LIMIT = 24 * 8
"""How many hours ``metrics/hours.json`` keeps: a week, and the day that it is compared with."""
SECONDS = 3_600
"""Of an hour."""


def _split(value: object) -> object:
    return value.split() if isinstance(value, str) else value


Counts = Annotated[
    tuple[Annotated[int, Field(ge=0)], ...],
    BeforeValidator(_split),
    PlainSerializer(lambda counts: " ".join(map(str, counts)), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+( \d+)*)?$"}),
]
"""Numbers in a row; one line of a file, because there are thousands of them."""


class Histogram(Frozen):
    """How long something took, in fixed buckets: two of them can be added up."""

    counts: Counts = Field(
        default=(), description="one for each of BOUNDS and one above; empty buckets at the end are left out"
    )
    seconds: int = Field(default=0, ge=0, description="all of it together")

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts)

    def with_one(self, seconds: int) -> Histogram:
        """The same with one more."""
        bucket = bisect_left(BOUNDS, seconds)
        counts = [*self.counts, *([0] * (bucket + 1 - len(self.counts)))]
        counts[bucket] += 1
        return Histogram(counts=tuple(counts), seconds=self.seconds + seconds)

    def plus(self, more: Histogram) -> Histogram:
        """Both together."""
        counts = tuple(a + b for a, b in zip_longest(self.counts, more.counts, fillvalue=0))
        return Histogram(counts=counts, seconds=self.seconds + more.seconds)

    def quantile(self, part: float) -> float | None:
        """About how many seconds that part of them took at most; None where there are none.

        The bucket is known exactly, the place in it is not: they are taken to lie evenly. Of the bucket
        that has no upper bound it is the lower one.
        """
        if not self.count:
            return None
        wanted, sums = part * self.count, list(accumulate(self.counts))
        bucket = bisect_left(sums, wanted)
        while not self.counts[bucket]:  # the smallest value of all is asked for
            bucket += 1
        lower = BOUNDS[bucket - 1] if bucket else 0
        if bucket == len(BOUNDS):
            return float(lower)
        inside = (wanted - (sums[bucket] - self.counts[bucket])) / self.counts[bucket]
        return lower + (BOUNDS[bucket] - lower) * inside


class FlowHour(Frozen):
    """One workflow in one hour."""

    arrived: int = Field(default=0, ge=0, description="tasks that were queued for the first time")
    done: int = Field(default=0, ge=0, description="attempts that succeeded")
    failed: int = Field(default=0, ge=0, description="attempts that did not")
    reworked: int = Field(
        default=0, ge=0, description="attempts that a quality check sent back, by when it did"
    )
    finished: int = Field(
        default=0,
        ge=0,
        description="projects scaffolded, features, pieces of content: each completion that lasted, once",
    )
    deepest: int = Field(default=0, ge=0, description="the queue's greatest length at the end of a commit")
    depth: int = Field(default=0, ge=0, description="its length after the hour's last commit")
    waits: Histogram = Field(default=Histogram(), description="from queued to assigned, by the start")
    service: Histogram = Field(default=Histogram(), description="from assigned to finished, by the end")
    holding: int = Field(default=0, ge=0, description="workers with a task after the hour's last commit")
    workers: int = Field(
        default=0, ge=0, description="workers that take work, or have some, after the hour's last commit"
    )
    busy: int = Field(default=0, ge=0, description="worker-seconds with a task")
    up: int = Field(default=0, ge=0, description="worker-seconds of workers that take work, or have some")
    open: int = Field(default=0, ge=0, description="seconds in which a task waited or was worked on")

    def lasting(self, seconds: int) -> FlowHour:
        """The same with so many seconds more in which nothing changed."""
        at_work = bool(self.depth or self.holding)
        return self.model_copy(
            update={
                "busy": self.busy + seconds * self.holding,
                "up": self.up + seconds * self.workers,
                "open": self.open + seconds * at_work,
            }
        )

    def carried(self) -> FlowHour:
        """How the next hour begins: with this one's queue and workers, and nothing done yet."""
        return FlowHour(depth=self.depth, deepest=self.depth, holding=self.holding, workers=self.workers)

    def plus(self, later: FlowHour) -> FlowHour:
        """Both together: what is counted is added up, what is true at the end is the later one's."""
        return FlowHour(
            arrived=self.arrived + later.arrived,
            done=self.done + later.done,
            failed=self.failed + later.failed,
            reworked=self.reworked + later.reworked,
            finished=self.finished + later.finished,
            deepest=max(self.deepest, later.deepest),
            depth=later.depth,
            waits=self.waits.plus(later.waits),
            service=self.service.plus(later.service),
            holding=later.holding,
            workers=later.workers,
            busy=self.busy + later.busy,
            up=self.up + later.up,
            open=self.open + later.open,
        )


class Hour(Frozen):
    """One hour of the epoch, UTC."""

    hour: int = Field(ge=0, description="seconds since the epoch, divided by 3,600")
    flows: dict[Workflow, FlowHour] = Field(default={})
    causes: dict[str, int] = Field(default={}, description="failed attempts by what they failed of")
    dollars: float = Field(default=0.0, ge=0, description="spent on agents")
    commands: int = Field(default=0, ge=0, description="that were answered")
    commits: int = Field(default=0, ge=0, description="pushes of the state that landed")
    projects: int = Field(
        default=0,
        ge=0,
        description="that were completed then, without those that were opened again since, as long as this "
        "hour is on record",
    )
    requests: int | None = Field(
        default=None, ge=0, description="of the token that GitHub counted; None: nobody told"
    )
    purposes: dict[Purpose, int] = Field(
        default={}, description="requests that the runs told of, by what they were for"
    )

    def flow(self, workflow: Workflow) -> FlowHour:
        """One workflow's part."""
        return self.flows.get(workflow, FlowHour())

    def lasting(self, seconds: int) -> Hour:
        """The same with so many seconds more in which nothing changed."""
        flows = {workflow: flow.lasting(seconds) for workflow, flow in self.flows.items()}
        return self.model_copy(update={"flows": flows})

    def followed(self, hour: int) -> Hour:
        """A later hour as it begins where nothing happened in between."""
        flows = {workflow: flow.carried() for workflow, flow in self.flows.items()}
        return Hour(hour=hour, flows=flows)


def hour_of(at: datetime) -> int:
    """The number of the hour that a moment lies in."""
    return int(at.timestamp()) // SECONDS


class Hours(Document):
    """``metrics/hours.json``: oldest first; hours without a commit are left out."""

    sparse: ClassVar[bool] = True

    until: Time | None = Field(default=None, description="up to when workers' time is accounted for")
    items: tuple[Hour, ...] = ()
    quota: Quota | None = Field(default=None, description="what GitHub last told of the token's requests")

    def at(self, now: datetime) -> Hours:
        """The same up to a later moment, with nothing done since: the hour of ``now`` is the last one.

        Time passes in the hour of the last commit and in that of ``now``; ``filled`` tells of those between.
        """
        hour = hour_of(now)
        if not self.items or self.until is None:
            return self.model_copy(update={"until": now, "items": (*self.items, Hour(hour=hour))})
        last, until = self.items[-1], int(self.until.timestamp())
        seconds = int(now.timestamp())
        if hour <= last.hour:
            items = (*self.items[:-1], last.lasting(max(0, seconds - until)))
        else:
            ended = last.lasting(max(0, (last.hour + 1) * SECONDS - until))
            items = (*self.items[:-1], ended, last.followed(hour).lasting(seconds - hour * SECONDS))
        return self.model_copy(update={"until": max(now, self.until), "items": items[-HOURS_LIMIT:]})

    def filled(self) -> Iterator[Hour]:
        """Every hour from the first on record to the last one, those without a commit as well."""
        last: Hour | None = None
        for one in self.items:
            if last is not None and last.hour + 1 < one.hour:
                # Worked out once: nothing tells the hours of a gap apart, and it may last for years.
                quiet = last.followed(last.hour + 1).lasting(SECONDS)
                for hour in range(last.hour + 1, one.hour):
                    yield quiet.model_copy(update={"hour": hour})
            yield one
            last = one

    def series(self, now: datetime, count: int) -> tuple[Hour, ...]:
        """The last ``count`` hours up to that of ``now``, oldest first, each of them.

        Before the first one on record nothing is known, which looks like nothing done.
        """
        end = hour_of(now)
        first = end - count + 1
        found = {one.hour: one for one in self.at(now).filled() if one.hour >= first}
        return tuple(found.get(hour, Hour(hour=hour)) for hour in range(first, end + 1))
