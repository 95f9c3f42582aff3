"""What went through the queues and the workers, hour by hour, as a table and a few lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.figures import Hourly
from bot.domain.hours import BOUNDS, SECONDS, FlowHour, Histogram
from bot.domain.vocabulary import Workflow
from bot.render.requests import by_purpose
from bot.render.text import clock, percent, plural, span, table

ENOUGH = 3
"""Fewer waits or working times than these are too few to say."""
MOST_BARS = 48
"""Hours that are drawn; more are no use on a phone."""
_BARS = "▁▂▃▄▅▆▇█"


def flow(draft: Draft, found: Hourly) -> str:
    """The paragraph of ``/metrics`` about the flow of work."""
    head = ["workflow", "queued", "done", "failed", "wait: median · 90%", "work: median · 90%", "busy"]
    rows = [_row(workflow, found.flows[workflow]) for workflow in Workflow]
    return "\n\n".join(
        [
            f"**Flow since {clock(found.since)}**, in whole hours; waits and working times are about right",
            table(head, rows),
            "\n".join(f"- {line}" for line in _lines(draft, found)),
        ]
    )


def _row(workflow: Workflow, flow: FlowHour) -> list[str]:
    counts = [str(flow.arrived), str(flow.done), str(flow.failed)]
    return [workflow, *counts, _times(flow.waits), _times(flow.service), _busy(flow)]


def _times(found: Histogram) -> str:
    if found.count < ENOUGH:
        return f"too few ({found.count})" if found.count else "none yet"
    return f"{about(found, 0.5)} · {about(found, 0.9)}"


def about(found: Histogram, part: float) -> str:
    """A quantile for people, no more exact than the buckets allow."""
    seconds = found.quantile(part) or 0.0
    if seconds >= BOUNDS[-1]:
        return "over a day"
    if seconds <= BOUNDS[0]:
        return f"under {BOUNDS[0]} s"
    return span(timedelta(seconds=round(seconds)))


def _busy(flow: FlowHour) -> str:
    return percent(flow.busy / flow.up) if flow.up else "no workers"


def _lines(draft: Draft, found: Hourly) -> list[str]:
    lines = []
    if found.causes:
        listed = ", ".join(f"{cause} {count}" for cause, count in found.causes.items())
        lines.append(f"Failed because of: {listed}")
    if 1 < len(found.hours) <= MOST_BARS:
        lines.append(_arrivals(found))
    told = "how many requests was not told yet"
    if found.requests is not None:
        told = f"at least {plural(found.requests, 'request')} of the token"
        if (quota := draft.hours.quota) is not None:
            told += f" (GitHub allows {quota.limit:,} an hour)"
    pushes = "1 push" if found.commits == 1 else f"{found.commits} pushes"
    lines.append(f"GitHub: {told}; {pushes} of the state; {plural(found.commands, 'command')} answered")
    if line := by_purpose(found):
        lines.append(line)
    return lines


def _arrivals(found: Hourly) -> str:
    counts = [sum(flow.arrived for flow in one.flows.values()) for one in found.hours]
    most = max(counts)
    if not most:
        return "Arrivals: none"
    bars = "".join(_BARS[round(count / most * (len(_BARS) - 1))] for count in counts)
    begun = datetime.fromtimestamp(found.hours[counts.index(most)].hour * SECONDS, UTC)
    peak = f"{begun:%H:%M} to {begun + timedelta(hours=1):%H:%M} UTC"
    return f"Arrivals by hour: `{bars}`, at most {plural(most, 'task')} in one ({peak})"
