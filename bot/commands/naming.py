"""Names derived from people's text: a project's title and id."""

from __future__ import annotations

import re
from collections.abc import Container

from slugify import slugify

from bot.render.text import one_line

LONGEST = 40
"""Characters of a project's id."""
SLUG = 28
"""Characters of its words: ids are typed by people and stand in every table."""
_MARKUP = re.compile(r"^[#>*\-\s\d.]+")


def title_of(idea: str, most: int = 80) -> str:
    """The first line or sentence with words in it, without Markdown's marks."""
    for raw in idea.splitlines():
        line = one_line(_MARKUP.sub("", raw), 1_000)
        if re.search(r"\w", line):
            sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0].rstrip(".")
            return one_line(sentence if len(sentence) <= most else _first_clause(sentence), most)
    return "Untitled"


def _first_clause(sentence: str) -> str:
    """Of a sentence too long for a title, what comes before the enumeration or the aside."""
    found = re.match(r"(.{20,}?)(?:[,;:]\s|\s[-–—(])", sentence)
    return found[1] if found else sentence


def project_id(title: str, issue: int, taken: Container[str], first: int = 1) -> str:
    """``{slug}-{issue}``, then ``-2``, ``-3``… for further projects of one issue; at most 40 characters.

    ``first`` is the number to begin with, where lower ones may have been used for what nobody lists.
    """
    number = first
    while True:
        end = f"-{issue}" if number == 1 else f"-{issue}-{number}"
        most = min(SLUG, LONGEST - len(end))
        slug = slugify(title, max_length=most, word_boundary=True, save_order=True) or "project"
        if (candidate := slug + end) not in taken:
            return candidate
        number += 1
