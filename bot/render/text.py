"""Safe Markdown: text of people comes back as text, mentions nobody and links nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

LIMIT = 60_000
"""Characters of a comment (GitHub: 65,536); the rest is room for markers."""

_ZERO_WIDTH = "\u200b"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_NUMBERED = re.compile(r"^(\d{1,9})\.")
_STAMP = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str, most: int = 120) -> str:
    """A person's text on one line, without control characters, cut between words at ``most`` characters."""
    line = " ".join(_CONTROL.sub("", text).split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    words = cut.rpartition(" ")[0] if line[most - 1] != " " else cut
    return (words if len(words) > most // 2 else cut).rstrip(" ,;:") + "…"


def escape(text: str, most: int = 120) -> str:
    """A person's text as plain words inside a sentence or a table's cell.

    Markdown and HTML show as typed; ``@name`` and ``#1`` neither mention nor link.
    """
    line = _SPECIAL.sub(r"\\\1", one_line(text, most).replace("&", "&amp;"))
    line = line.replace("<", "&lt;").replace("://", f":{_ZERO_WIDTH}//").replace("www.", f"www{_ZERO_WIDTH}.")
    line = _NUMBERED.sub(r"\1\\.", line)
    return line.replace("@", f"@{_ZERO_WIDTH}").replace("\\#", f"\\#{_ZERO_WIDTH}")


def code(text: str, most: int = 200) -> str:
    """A person's text as a code span: safe in tables, mentions nobody."""
    line = one_line(text, most).replace("|", "\u2758")
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "` `"


def who(by: str) -> str:
    """Who has done something; empty: the rule did it."""
    return code(by) if by else "the rule"


def block(text: str, most: int = 4_000) -> str:
    """A person's text as a fenced block that it cannot close."""
    kept = _CONTROL.sub("", text)
    kept = kept if len(kept) <= most else "… " + kept[-most:]
    longest = max((len(run) for run in re.findall(r"`{3,}", kept)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{kept}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def fitted(head: str, rows: Sequence[str], foot: str = "", most: int = LIMIT, more: int = 0) -> str:
    """Lines under a head, cut by whole rows when they do not fit, and saying so.

    ``more`` rows were not even made, because they would not fit.
    """
    room = most - len(head) - len(foot) - 100
    kept: list[str] = []
    for row in rows:
        room -= len(row) + 1
        if room < 0:
            break
        kept.append(row)
    left = len(rows) - len(kept) + more
    note = [f"\n… and {left} more that do not fit into a comment."] if left else []
    return "\n".join([head, *kept, *note, *([foot] if foot else [])])


def either(names: Sequence[str]) -> str:
    """``a, b or c``."""
    *first, last = names or [""]
    return f"{', '.join(first)} or {last}" if first else last


def plural(count: int, noun: str) -> str:
    """``1 task``, ``2 tasks``, ``1,500 tasks``."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def times(count: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def span(duration: timedelta) -> str:
    """A duration with its two largest units: ``2 h 5 min``."""
    seconds = max(0, int(duration.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def clock(moment: datetime) -> str:
    """A moment for people: ``2026-11-23 07:21 UTC``."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def moments(text: str) -> str:
    """A text of the state with its moments as people read them."""
    return _STAMP.sub(r"\1 \2 UTC", text)


def about(moment: datetime, now: datetime) -> str:
    """``about 14:20 UTC (in 2 h 10 min)``, with the day where it is another one."""
    shown = f"{moment:%H:%M} UTC" if moment.date() == now.date() else clock(moment)
    minutes = max(1, -(-int((moment - now).total_seconds()) // 60))
    return f"about {shown} (in {span(timedelta(minutes=minutes))})"


def percent(part: float) -> str:
    """A part of 1: ``5%``, ``23.1%``."""
    return f"{part:.1%}".replace(".0%", "%")
