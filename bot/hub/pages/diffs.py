"""Makes a file's diff readable: numbered lines, coloured by Pygments, with the remarks made on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from bot.hub.data.git_changes import FileChange
from bot.hub.data.pull_records import Remark

MOST_LINES = 2_000
"""Lines of one file's diff that are shown."""
_LONGEST = 400
"""Characters of a line up to which a hunk is coloured: what machines wrote takes long and helps nobody."""
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$")
_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a diff; ``tone`` is ``add``, ``del``, ``same`` or ``hunk``."""

    tone: str
    left: int | None
    right: int | None
    html: Markup
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDiff:
    """A changed file as its page shows it."""

    change: FileChange
    lines: tuple[Line, ...]
    cut: bool
    """Whether only the beginning is shown."""


def file_diff(change: FileChange, remarks: Iterable[Remark]) -> FileDiff:
    """A file's diff with the remarks that still fit it."""
    here = [remark for remark in remarks if remark.path == change.path]
    text = (change.patch or "").split("\n") if change.patch else []
    lexer = _lexer(change.path)
    lines: list[Line] = []
    for head, body in _hunks(text[:MOST_LINES]):
        lines += _hunk(head, body, lexer, here)
    return FileDiff(change, tuple(lines), len(text) > MOST_LINES)


def _hunks(text: Iterable[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """A patch's parts: each head and the lines below it."""
    head: re.Match[str] | None = None
    body: list[str] = []
    for line in text:
        found = _HUNK.match(line)
        if found is None:
            body.append(line)
            continue
        if head is not None:
            yield head, body
        head, body = found, []
    if head is not None:
        yield head, body


def _hunk(head: re.Match[str], body: list[str], lexer: Lexer | None, remarks: list[Remark]) -> Iterator[Line]:
    left, right = int(head[1]), int(head[2])
    yield Line("hunk", None, None, escape(head[0]))
    before = iter(_coloured([line[1:] for line in body if line[:1] in " -"], lexer))
    after = iter(_coloured([line[1:] for line in body if line[:1] in " +"], lexer))
    for line in body:
        if line[:1] == "-":
            yield Line("del", left, None, next(before), _on(remarks, "LEFT", left))
            left += 1
        elif line[:1] == "+":
            yield Line("add", None, right, next(after), _on(remarks, "RIGHT", right))
            right += 1
        elif line[:1] == " ":
            next(before)
            here = (*_on(remarks, "LEFT", left), *_on(remarks, "RIGHT", right))
            yield Line("same", left, right, next(after), here)
            left, right = left + 1, right + 1
        else:
            yield Line("hunk", None, None, escape(line.removeprefix("\\ ")))


def _on(remarks: list[Remark], side: str, line: int) -> tuple[Remark, ...]:
    return tuple(remark for remark in remarks if (remark.side, remark.line) == (side, line))


def _lexer(path: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _coloured(lines: list[str], lexer: Lexer | None) -> list[Markup]:
    """The lines as HTML, one by one; Pygments escapes them, and closes its marks at each line's end."""
    plain = [escape(line) for line in lines]
    if lexer is None or any(len(line) > _LONGEST for line in lines):
        return plain
    # Pygments takes a lone carriage return for a line's end.
    text = "\n".join(line.replace("\r", "") for line in lines)
    shown = [Markup(line) for line in highlight(text, lexer, _FORMATTER).split("\n")]  # noqa: S704
    return shown[: len(lines)] if len(shown) >= len(lines) else plain
