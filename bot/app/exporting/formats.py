"""Periods, and their forms as CSV and JSON. Names and units: ``docs/metrics.md``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from itertools import groupby
from typing import Any, Literal

from bot.app.exporting.history import begun
from bot.domain.base import stamp
from bot.domain.figures import Hourly
from bot.domain.hours import BOUNDS, FlowHour, Histogram, Hour
from bot.domain.vocabulary import Workflow
from bot.policies.measuring.hourly import together

By = Literal["hour", "day"]
FLEET = "fleet"
"""What the rows of all workflows together are called."""
_COUNTS = ("arrived", "done", "failed", "reworked", "depth", "deepest")


def periods(hours: Sequence[Hour], by: By) -> list[Hourly]:
    """Hours singly, or those of each day (UTC) together."""
    key: Callable[[Hour], int] = (lambda one: one.hour) if by == "hour" else (lambda one: one.hour // 24)
    grouped = [tuple(group) for _, group in groupby(hours, key)]
    return [together(group, begun(group[0]), whole=True) for group in grouped]


def all_flows(period: Hourly) -> FlowHour:
    """All workflows of a period together; queue and workers of all at its end."""
    flows = period.flows.values()
    found = FlowHour()
    for flow in flows:
        found = found.plus(flow)
    sums = {name: sum(getattr(flow, name) for flow in flows) for name in ("depth", "holding", "workers")}
    return found.model_copy(update={**sums, "deepest": max(flow.deepest for flow in flows)})


def _numbers(flow: FlowHour) -> dict[str, Any]:
    return {
        **{name: getattr(flow, name) for name in _COUNTS},
        **_durations("wait", flow.waits),
        **_durations("service", flow.service),
        "workers": flow.workers,
        "busy_seconds": flow.busy,
        "up_seconds": flow.up,
    }


def _durations(name: str, found: Histogram) -> dict[str, Any]:
    return {
        f"{name}_count": found.count,
        f"{name}_seconds_sum": found.seconds,
        f"{name}_seconds_p50": _rounded(found.quantile(0.5)),
        f"{name}_seconds_p90": _rounded(found.quantile(0.9)),
    }


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)


def _of_fleet(period: Hourly) -> dict[str, Any]:
    return {
        "projects": period.projects,
        "dollars": period.dollars,
        "commands": period.commands,
        "pushes": period.commits,
        "requests": period.requests,
    }


def as_csv(found: Sequence[Hourly]) -> str:
    """A row for each workflow of each period, and one for all of them; empty: not told, or too few."""
    text = StringIO()
    rows = [row for period in found for row in _rows(period)]
    names = list(rows[0]) if rows else ["time", "workflow"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(period: Hourly) -> Iterator[dict[str, Any]]:
    nothing = dict.fromkeys(_of_fleet(period))
    for workflow in Workflow:
        flow = _numbers(period.flows[workflow])
        row = {"time": stamp(period.since), "workflow": workflow.value, **flow, **nothing}
        yield {**row, "causes": None, "purposes": None}
    causes = " ".join(f"{cause}={count}" for cause, count in period.causes.items())
    purposes = " ".join(f"{purpose}={count}" for purpose, count in period.purposes.items())
    everything = {
        **_numbers(all_flows(period)),
        **_of_fleet(period),
        "causes": causes,
        "purposes": purposes,
    }
    yield {"time": stamp(period.since), "workflow": FLEET, **everything}


def as_json(found: Sequence[Hourly], by: By) -> str:
    """The same with the histograms' buckets, as one object."""
    shown = [
        {
            "time": stamp(period.since),
            **_of_fleet(period),
            "causes": dict(period.causes),
            "purposes": {purpose.value: count for purpose, count in period.purposes.items()},
            "workflows": {
                workflow.value: {
                    **_numbers(flow),
                    "wait_buckets": buckets(flow.waits),
                    "service_buckets": buckets(flow.service),
                }
                for workflow, flow in period.flows.items()
            },
        }
        for period in found
    ]
    whole = {"by": by, "bucket_bounds_seconds": BOUNDS, "periods": shown}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def buckets(found: Histogram) -> list[int]:
    """How many are in each bucket, the last of which has no bound."""
    return [*found.counts, *([0] * (len(BOUNDS) + 1 - len(found.counts)))]
