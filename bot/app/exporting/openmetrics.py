"""Periods as OpenMetrics text, with the times of their ends: what a time series database imports.

https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from bot.app.exporting.formats import buckets
from bot.domain.figures import Hourly
from bot.domain.hours import BOUNDS, SECONDS, FlowHour, Histogram
from bot.domain.quota import Purpose
from bot.domain.vocabulary import Workflow

PREFIX = "orchestrator_"
_OF_FLOWS: tuple[tuple[str, str, Callable[[FlowHour], int]], ...] = (
    ("tasks_queued", "Tasks that were queued for the first time.", lambda flow: flow.arrived),
    ("tasks_assigned", "Tasks that were given to a worker.", lambda flow: flow.waits.count),
    ("waited_seconds", "What these had waited, all together.", lambda flow: flow.waits.seconds),
    ("attempts_done", "Attempts that succeeded.", lambda flow: flow.done),
    ("attempts_failed", "Attempts that failed.", lambda flow: flow.failed),
    ("attempts_reworked", "Attempts that a quality check sent back.", lambda flow: flow.reworked),
    ("worked_seconds", "What attempts that ended took, all together.", lambda flow: flow.service.seconds),
    ("worker_busy_seconds", "Worker-seconds with a task.", lambda flow: flow.busy),
    ("worker_up_seconds", "Worker-seconds of workers that take work, or have some.", lambda flow: flow.up),
)
_DURATIONS: tuple[tuple[str, str, Callable[[FlowHour], Histogram]], ...] = (
    ("wait_seconds", "From queued to assigned, in all periods.", lambda flow: flow.waits),
    ("service_seconds", "From assigned to finished, in all periods.", lambda flow: flow.service),
)
_OF_THE_FLEET: tuple[tuple[str, str, Callable[[Hourly], float]], ...] = (
    ("projects_completed", "Projects that were completed.", lambda period: period.projects),
    ("spend_dollars", "US dollars spent on agents.", lambda period: period.dollars),
    ("commands", "Commands that were answered.", lambda period: period.commands),
    ("pushes", "Pushes of the state that landed.", lambda period: period.commits),
    ("requests", "Requests of the token, at least.", lambda period: period.requests or 0),
)


def as_openmetrics(found: Sequence[Hourly], now: datetime) -> str:
    """Counters from the first period on; nothing of a time that is not over is later than ``now``."""
    registry = CollectorRegistry()
    registry.register(_Periods(found, now))
    written: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return written.decode("utf-8")


class _Periods(Collector):
    """What the library collects."""

    def __init__(self, found: Sequence[Hourly], now: datetime) -> None:
        self._found = found
        last = int(now.timestamp())
        self._times = [min(last, (one.hours[-1].hour + 1) * SECONDS) for one in found]

    def collect(self) -> Iterator[Metric]:
        """All families of metrics."""
        for name, help_, value in _OF_FLOWS:
            series = {one.value: [value(period.flows[one]) for period in self._found] for one in Workflow}
            yield self._counter(name, help_, "workflow", series)
        yield self._depth()
        for name, help_, durations in _DURATIONS:
            yield self._histogram(name, help_, durations)
        causes = sorted({cause for period in self._found for cause in period.causes})
        by_cause = {cause: [period.causes.get(cause, 0) for period in self._found] for cause in causes}
        yield self._counter("failures", "Failed attempts by what they failed of.", "cause", by_cause)
        made = [one for one in Purpose if any(one in period.purposes for period in self._found)]
        by_purpose = {one.value: [period.purposes.get(one, 0) for period in self._found] for one in made}
        yield self._counter("requests_made", "Requests by what they were for.", "purpose", by_purpose)
        for name, help_, of_all in _OF_THE_FLEET:
            yield self._counter(name, help_, "", {"": [of_all(period) for period in self._found]})

    def _counter(self, name: str, help_: str, label: str, series: Mapping[str, Sequence[float]]) -> Metric:
        family = CounterMetricFamily(PREFIX + name, help_, labels=[label] if label else [])
        for of, values in series.items():
            for total, at in zip(accumulate(values), self._times, strict=True):
                family.add_metric([of] if label else [], total, timestamp=at)
        return family

    def _depth(self) -> Metric:
        family = GaugeMetricFamily(
            PREFIX + "queue_depth", "Length of the queue at the period's end.", labels=["workflow"]
        )
        for workflow in Workflow:
            for period, at in zip(self._found, self._times, strict=True):
                family.add_metric([workflow.value], period.flows[workflow].depth, timestamp=at)
        return family

    def _histogram(self, name: str, help_: str, durations: Callable[[FlowHour], Histogram]) -> Metric:
        """Of all periods together: the library's own parser takes one point of a histogram only."""
        family = HistogramMetricFamily(PREFIX + name, help_, labels=["workflow"], unit="seconds")
        for workflow in Workflow if self._found else ():
            whole = Histogram()
            for period in self._found:
                whole = whole.plus(durations(period.flows[workflow]))
            bounds = [*(f"{bound}.0" for bound in BOUNDS), "+Inf"]
            counts = list(zip(bounds, accumulate(buckets(whole)), strict=True))
            family.add_metric([workflow.value], counts, whole.seconds, timestamp=self._times[-1])
        return family
