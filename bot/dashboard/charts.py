"""What charts are drawn from, as JSON for ``static/charts.js``: times are milliseconds since the epoch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&'\u2028\u2029"}


def millis(moment: datetime) -> int:
    """A moment as JavaScript has it."""
    return int(moment.timestamp()) * 1_000


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart, or one part of its bars."""

    name: str
    values: Sequence[float | None]
    style: str = "step"
    """``step``, ``line`` or ``bar``; bars of a chart stand on each other."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Values over time."""

    times: Sequence[int]
    series: Sequence[Series]
    unit: str = ""
    percent: bool = False
    kind: str = "lines"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in a row of a timeline."""

    row: int
    begin: int
    end: int
    tone: str
    """A name that the script has a colour and a pattern for; the legend shows it."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows of bars: what somebody did, or how far something is."""

    rows: Sequence[str]
    bars: Sequence[Bar]
    begin: int
    end: int
    now: int
    kind: str = "timeline"


@dataclass(frozen=True, slots=True)
class Bands:
    """Rows of an expected moment with the range around it."""

    rows: Sequence[str]
    bands: Sequence[tuple[int, int, int]]
    """Low, median, high."""
    now: int
    kind: str = "bands"


Chart = Lines | Timeline | Bands


def as_json(value: object) -> Markup:
    """JSON for a data block of a page: nothing in it can end the block or begin a comment."""
    plain: Any = asdict(value) if isinstance(value, Chart) else value
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - no character that HTML gives a meaning is left
