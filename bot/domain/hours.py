"""What happened in each hour of the last week, in sums and histograms that can be added up."""

from __future__ import annotations

from bisect import bisect_left
from itertools import zip_longest

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.vocabulary import Workflow

BOUNDS = (15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
"""Upper bounds of a histogram's buckets, in seconds; one more bucket holds what is longer."""
HOURS_LIMIT = 24 * 8
"""How many hours ``metrics/hours.json`` keeps: a week, and the day that it is compared with."""


class Histogram(Frozen):
    """How long something took, in fixed buckets: two of them can be added up."""

    counts: tuple[int, ...] = Field(
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


class FlowHour(Frozen):
    """One workflow in one hour."""

    arrived: int = Field(default=0, ge=0, description="tasks that were queued for their first attempt")
    done: int = Field(default=0, ge=0, description="attempts that succeeded")
    failed: int = Field(default=0, ge=0, description="attempts that did not")
    reworked: int = Field(default=0, ge=0, description="attempts that a quality check sent back")
    deepest: int = Field(default=0, ge=0, description="the queue's greatest length at the end of a commit")
    depth: int = Field(default=0, ge=0, description="its length after the hour's last commit")
    waits: Histogram = Field(default=Histogram(), description="from queued to assigned, by the start")
    service: Histogram = Field(default=Histogram(), description="from assigned to finished, by the end")
    busy: int = Field(default=0, ge=0, description="worker-seconds with a task")
    up: int = Field(default=0, ge=0, description="worker-seconds of workers that take work")


class Hour(Frozen):
    """One hour of the epoch, UTC."""

    hour: int = Field(ge=0, description="seconds since the epoch, divided by 3,600")
    flows: dict[Workflow, FlowHour] = Field(default={})
    causes: dict[str, int] = Field(default={}, description="failed attempts by what they failed of")
    dollars: float = Field(default=0.0, ge=0, description="spent on agents")
    commands: int = Field(default=0, ge=0, description="that were answered")
    commits: int = Field(default=0, ge=0, description="pushes of the state that landed")
    projects: int = Field(default=0, ge=0, description="that were completed")
    requests: int | None = Field(
        default=None, ge=0, description="of the token that GitHub counted; None: nobody told"
    )


class Hours(Document):
    """``metrics/hours.json``: oldest first; hours without a commit are left out."""

    until: Time | None = Field(default=None, description="up to when workers' time is accounted for")
    items: tuple[Hour, ...] = ()
