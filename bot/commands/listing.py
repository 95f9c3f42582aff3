"""A file that lists several ideas: its list items, or its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_BULLET = re.compile(r"\A\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_HEADING = re.compile(r"\A\s*#{1,6}\s+")


def ideas(text: str) -> list[str]:
    """Each idea's own lines: of the outermost lists' items, else of the sections below headings.

    A file with one heading at most and no list is one idea.
    """
    from markdown_it import MarkdownIt  # only for the few comments that name such a file

    lines = text.replace("\r\n", "\n").split("\n")
    tokens = MarkdownIt("commonmark").disable("inline").parse("\n".join(lines))
    items = [
        _item(lines, *token.map)
        for token in tokens
        if token.type == "list_item_open" and token.map and token.level == 1
    ]
    found = items or list(_sections(lines, tokens))
    return [idea for idea in found if re.search(r"\w", idea)]


def _item(lines: Sequence[str], first: int, end: int) -> str:
    """An item without its bullet; what is below it, without its indentation."""
    below = dedent("\n".join(lines[first + 1 : end]))
    return f"{_BULLET.sub('', lines[first])}\n{below}".strip()


def _sections(lines: Sequence[str], tokens: Sequence[Token]) -> Iterator[str]:
    headings = [token for token in tokens if token.type == "heading_open" and token.map]
    levels = [token.tag for token in headings]
    # The deepest-but-one level may only be the file's title: the ideas are what occurs more than once.
    level = next((tag for tag in sorted(set(levels)) if levels.count(tag) > 1), levels[-1] if levels else "")
    starts = [token.map[0] for token in headings if token.map and token.tag == level]
    if not starts:
        yield "\n".join(lines).strip()
        return
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield "\n".join([_HEADING.sub("", lines[start]), *lines[start + 1 : end]]).strip()
