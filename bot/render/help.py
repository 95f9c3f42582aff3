"""The help: one text for the reply and for the page in the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What the help knows of a command."""

    name: str
    usage: str
    summary: str
    family: str
    role: str
    parameters: tuple[tuple[str, str], ...]
    """(how it is written, what it means) of each argument and flag."""
    examples: tuple[tuple[str, str], ...]
    """(what to type, what it does)."""
    details: str


def overview(entries: Sequence[Entry]) -> str:
    """Every command by family, one line each."""
    parts = []
    for family in dict.fromkeys(entry.family for entry in entries):
        rows = [
            f"- `{entry.usage}` – {entry.summary} *({entry.role})*"
            for entry in entries
            if entry.family == family
        ]
        parts.append(f"**{family}**\n\n" + "\n".join(rows))
    foot = (
        "A command is a line that starts with `/`; a comment may hold several. In brackets: the least role. "
        "`/help <command>` shows one with examples."
    )
    return "\n\n".join([*parts, foot])


def page(entry: Entry, heading: str = "") -> str:
    """One command in full."""
    lines = [heading or f"**`{entry.usage}`**", ""]
    if heading:
        lines += [f"`{entry.usage}`", ""]
    lines += [f"{entry.summary[0].upper()}{entry.summary[1:]}. Needs the role *{entry.role}*."]
    if entry.details:
        lines += ["", entry.details]
    if entry.parameters:
        lines += ["", *(f"- `{written}`: {meaning}" for written, meaning in entry.parameters)]
    lines += ["", "Examples:", "", *(f"- `{typed}` – {does}" for typed, does in entry.examples)]
    return "\n".join(lines)
