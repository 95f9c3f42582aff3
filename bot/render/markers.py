"""Hidden markers: how the bot recognises what it has made, whatever became of the answer."""

from __future__ import annotations

import re

_MARKER = re.compile(r"\A<!-- orchestrator:([a-z]+) ([A-Za-z0-9./-]{1,160}) -->")


def marked(kind: str, id_: str, body: str) -> str:
    """``body`` with its marker as the first line; ``kind`` is ``effect``, ``project`` or ``issue``."""
    return f"<!-- orchestrator:{kind} {id_} -->\n{body}"


def marker(body: str) -> tuple[str, str] | None:
    """The (kind, id) that a body begins with, or None. Only counts on the bot's own account."""
    found = _MARKER.match(body.replace("\r\n", "\n"))
    return (found[1], found[2]) if found else None
