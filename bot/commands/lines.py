"""Which lines of a comment could be commands: not those in code, quotes or HTML comments."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
"""What systems that mean well make of a typed hyphen."""
_PARTS = re.compile(rf"[\s{_UNSEEN}]*(\S+)\s*(.*)", re.DOTALL)
"""A line's first word, and what stands behind it."""
_SHAPE = re.compile(rf"^(?:(?!\n)[\s{_UNSEEN}])*[/\uff0f][{_UNSEEN}]*[^\W\d_]", re.MULTILINE)
"""On one line: looked for across lines, it would take minutes to tell that 65,536 line breaks hold none."""
_HIDING = re.compile(r"```|~~~|<!--|^(?: {4}| {0,3}\t)", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE = frozenset({"fence", "code_block"})


def holds_command(body: str) -> bool:
    """Whether a comment has to be looked at; the Markdown is read only where it could hide the command."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    if _SHAPE.search(text) is None:
        return False
    return _HIDING.search(text) is None or any(_SHAPE.match(line) for line in command_lines(text))


def command_lines(body: str) -> list[str]:
    """The lines that start with ``/`` and stand in ordinary text, stripped, in order."""
    text = body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    if _HIDING.search(text) is None:
        return [as_seen(line) for line in text.split("\n") if _SHAPE.match(line)]
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    hidden: set[int] = set()
    for token in MarkdownIt("commonmark").disable("inline").parse(text):
        if token.map is None:
            continue
        first, end = token.map
        if token.type in _CODE:
            hidden.update(range(first, end))
        elif token.type in ("html_block", "inline"):
            hidden.update(_commented(lines, first, end))
    return [as_seen(line) for number, line in enumerate(lines) if number not in hidden and _SHAPE.match(line)]


def as_seen(line: str) -> str:
    """A command's line with its name as a person sees it; what stands behind the name stays as it was typed.

    Copied text brings characters that nobody sees, phones and word processors make long dashes of hyphens,
    keyboards have spaces that do not break and letters of full width: none of them may lose a command.
    """
    if line.isascii():
        return line.strip()
    parts = _PARTS.fullmatch(line)
    if parts is None:
        return line.strip()
    name = _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", parts[1])))
    return f"{name} {parts[2]}".strip()


def visible(text: str) -> str:
    """A name or a number without characters that nobody sees, and with plain spaces."""
    return text if text.isascii() else re.sub(r"[^\S\n]", " ", _INVISIBLE.sub("", text))


def _commented(lines: list[str], first: int, end: int) -> list[int]:
    """Numbers of the lines from ``first`` to ``end`` that start inside an HTML comment."""
    block = "\n".join(lines[first:end])
    inside = [match.span() for match in _COMMENT.finditer(block)]  # one after the other, so each is met once
    found, offset, at = [], 0, 0
    for number in range(first, end):
        while at < len(inside) and inside[at][1] <= offset:
            at += 1
        if at < len(inside) and inside[at][0] < offset:
            found.append(number)
        offset += len(lines[number]) + 1
    return found
