"""Where a remark may stand: the lines of a file's diff, as GitHub counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a diff; a line that did not change has a number on both sides."""

    position: int
    """Counted from 1 below the first hunk's head, as GitHub's older ``position``."""
    mark: str
    """``+``, ``-`` or a space."""
    left: int | None
    right: int | None
    text: str
    hunk: str
    """The diff from its hunk's head to here."""


def places(patch: str | None) -> Iterator[Place]:
    """The lines of a file's diff."""
    left = right = 0
    hunk: list[str] = []
    for position, line in enumerate((patch or "").split("\n")):
        head = _HUNK.match(line)
        if head:
            left, right, hunk = int(head[1]), int(head[2]), [line]
            continue
        mark = line[:1]
        if mark not in ("+", "-", " "):  # the note that a file does not end with a line's end
            continue
        hunk.append(line)
        shown = Place(
            position, mark, None if mark == "+" else left, None if mark == "-" else right, line[1:],
            "\n".join(hunk),
        )  # fmt: skip
        left, right = left + (mark != "+"), right + (mark != "-")
        yield shown


def find(patch: str | None, *, line: object, side: str, position: object) -> tuple[int, str, str] | None:
    """A place by line and side, or by position: (line, side, hunk); None where the diff has no such."""
    for place in places(patch):
        number = place.right if side == "RIGHT" else place.left
        if number is not None and number == line:
            return number, side, place.hunk
        if line is None and place.position == position:
            if place.right is not None:
                return place.right, "RIGHT", place.hunk
            return place.left or 0, "LEFT", place.hunk
    return None
