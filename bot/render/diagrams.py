"""Mermaid diagrams, as GitHub draws them: no clicks, no styles, nothing of a person's that could be syntax.

The syntax is that of Mermaid 11 and 12 (``xychart-beta``, ``gantt``, ``pie``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.hours import Hours
from bot.domain.vocabulary import Workflow

SHOWN = 24
"""Hours of a chart."""
BARS = 25
"""Projects of a gantt; the others are counted below it."""
PALETTE = '%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7"}}}}%%'
"""The library's own first colour can hardly be seen, in the light as in the dark."""
_LONGEST = 32
_SYNTAX = re.compile(r"[^\w .+/-]|_")


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a gantt."""

    section: str
    number: int
    """Stands before the name: a row that began with a word of the syntax would be read as one."""
    name: str
    begins: datetime
    ends: datetime


def block(lines: Iterable[str]) -> str:
    """A diagram as a fenced block."""
    return "\n".join(["```mermaid", *lines, "```"])


def label(text: str) -> str:
    """A person's text as a name in a diagram: letters, digits and a few signs that mean nothing there."""
    plain = " ".join(_SYNTAX.sub(" ", text).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rstrip() + "…"


def flow(hours: Hours) -> list[str]:
    """Charts of the 24 hours up to the latest recorded one: each queue that had tasks, and what got done.

    They end at what is recorded, not at the present, so that they change only when the state does.
    """
    if not hours.items:
        return []
    last = hours.items[-1].hour
    span = range(last - SHOWN + 1, last + 1)
    charts = []
    for workflow in Workflow:
        depths = _depths(hours, workflow, span)
        if any(depths):
            title = f"{workflow.capitalize()} queue, tasks waiting (UTC)"
            charts.append(_chart(title, span, "line", depths))
    done = [_done(hours, hour) for hour in span]
    if any(done):
        charts.append(_chart("Tasks done in each hour (UTC)", span, "bar", done))
    return charts


def _depths(hours: Hours, workflow: Workflow, span: range) -> list[int]:
    """The queue's greatest length in each hour; in one without a commit, what it was before."""
    known = {one.hour: one.flows[workflow] for one in hours.items if workflow in one.flows}
    before = max((hour for hour in known if hour < span.start), default=None)
    depth = known[before].depth if before is not None else 0
    found = []
    for hour in span:
        found.append(max(known[hour].deepest, known[hour].depth) if hour in known else depth)
        depth = known[hour].depth if hour in known else depth
    return found


def _done(hours: Hours, hour: int) -> int:
    return sum(flow.done for one in hours.items if one.hour == hour for flow in one.flows.values())


def _chart(title: str, span: range, kind: str, values: Sequence[int]) -> str:
    names = ", ".join(f'"{hour % 24:02}"' for hour in span)
    return block(
        [
            PALETTE,
            "xychart-beta",
            f'  title "{title}"',
            f"  x-axis [{names}]",
            f'  y-axis "tasks" 0 --> {max(1, *values)}',
            f"  {kind} [{', '.join(map(str, values))}]",
        ]
    )


def gantt(bars: Sequence[Bar]) -> str:
    """Projects from their beginning to their expected end, those first that end first."""
    if not bars:
        return ""
    first = sorted(bars, key=lambda bar: (bar.ends, bar.number, bar.name))[:BARS]
    lines = ["gantt", "  title Open projects to their expected ends (UTC)", "  dateFormat YYYY-MM-DDTHH:mm"]
    lines += [f"  axisFormat {_axis(first)}", "  todayMarker off"]
    for section in dict.fromkeys(bar.section for bar in first):
        lines.append(f"  section {label(section)}")
        lines += [_bar(bar) for bar in first if bar.section == section]
    return block(lines)


def _bar(bar: Bar) -> str:
    ends = max(bar.ends, bar.begins + timedelta(minutes=1))
    return f"  {bar.number} {label(bar.name)} :{bar.begins:%Y-%m-%dT%H:%M}, {ends:%Y-%m-%dT%H:%M}"


def _axis(bars: Sequence[Bar]) -> str:
    whole = max(bar.ends for bar in bars) - min(bar.begins for bar in bars)
    return "%H:%M" if whole <= timedelta(days=1) else "%m-%d"


def pie(title: str, parts: Mapping[str, int]) -> str:
    """Of what there is how much; nothing where there is nothing."""
    found = [f'  "{label(name)}" : {count}' for name, count in parts.items() if count > 0]
    return block([f"pie showData title {label(title)}", *found]) if found else ""
