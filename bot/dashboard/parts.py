"""What pages are put together from: tables, links, chips, tiles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from bot.domain.vocabulary import ProjectStatus, TaskStatus, WorkerStatus

Cell = str
"""Plain text, or Markup."""

_URL = re.compile(r"https?://[^\s<>\"'`\\]+")
_DURATIONS = ("For", "Took", "Open for", "Lasted", "Waited before", "Oldest wait", "Range, 80%")
GOOD, BAD, BUSY, CALM = "good", "bad", "busy", "calm"
_SIGNS = {GOOD: "●", BAD: "▲", BUSY: "◆", CALM: "○"}
TONES: dict[str, str] = {
    ProjectStatus.COMPLETE: GOOD,
    ProjectStatus.REVIEW: BAD,
    ProjectStatus.FAILED: BAD,
    ProjectStatus.STOPPED: BAD,
    ProjectStatus.ACTIVE: BUSY,
    TaskStatus.DONE: GOOD,
    TaskStatus.RUNNING: BUSY,
    TaskStatus.ASSIGNED: BUSY,
    TaskStatus.PUBLISHING: BUSY,
    WorkerStatus.BUSY: BUSY,
    WorkerStatus.DRAINING: BUSY,
    WorkerStatus.OFFLINE: BAD,
    WorkerStatus.IDLE: GOOD,
    "critical": BAD,
    "warning": BAD,
    "met": GOOD,
    "missed": BAD,
}
"""Word → how it looks; the word always stands beside it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading row; ``name`` is unique on its page."""

    name: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    """Columns of numbers, which stand to the right."""
    choices: tuple[int, ...] = ()
    """Columns that the reader may filter by one of their values."""
    paged: bool = False
    """Whether it has pages and a filter, where there is JavaScript."""
    empty: str = "Nothing."

    @property
    def times(self) -> frozenset[int]:
        """Columns of moments and durations, which stand on one line."""
        return frozenset(at for at, name in enumerate(self.head) if "(UTC)" in name or name in _DURATIONS)

    @property
    def options(self) -> list[tuple[int, str, list[str]]]:
        """(column, its heading, its values) of each that can be filtered by."""
        plain = [(at, sorted({text(row[at]) for row in self.rows})) for at in self.choices]
        return [(at, self.head[at], values) for at, values in plain if len(values) > 1]


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure."""

    name: str
    value: str
    note: str
    verdict: str = ""
    """``met``, ``missed`` or nothing."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its equivalent in a table."""

    name: str
    title: str
    data: Markup
    table: Table | None
    note: str = ""
    height: int = 260
    """Pixels."""
    extras: dict[str, str] = field(default_factory=dict)


def text(cell: Cell) -> str:
    """A cell's words without its sign, to be filtered by."""
    words = Markup(cell).striptags() if isinstance(cell, Markup) else cell  # noqa: S704 - it is Markup
    return words.lstrip("".join(_SIGNS.values()) + " ")


def chip(word: str, tone: str = "") -> Markup:
    """A word with the sign and the colour of what it means."""
    kind = tone or TONES.get(word, CALM)
    return Markup('<span class="chip {}"><span aria-hidden="true">{}</span> {}</span>').format(
        kind, _SIGNS[kind], word
    )


def link(url: str, words: str) -> Markup:
    """A link out, where the address is one; a worker's text could be anything."""
    if not _URL.fullmatch(url):
        return escape(words)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(url, words)


def inside(path: str, words: str) -> Markup:
    """A link to another page of the site; the path is the program's own."""
    return Markup('<a href="{}">{}</a>').format(path, words)


def mono(words: str) -> Markup:
    """An id."""
    return Markup("<code>{}</code>").format(words)
