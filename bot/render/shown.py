"""How a text that is kept up to date carries what it is: a digest in a second hidden line."""

from __future__ import annotations

import hashlib
import re

from bot.render.markers import marked

_SHOWN = re.compile(
    r"\A<!-- orchestrator:[a-z]+ [A-Za-z0-9./-]+ -->\n<!-- orchestrator-shows ([0-9a-f]{1,64}) -->\n"
)


def digest_of(text: str) -> str:
    """What tells two texts apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def shown(kind: str, id_: str, digest: str, text: str) -> str:
    """A text with its marker and its digest, as it is written."""
    return marked(kind, id_, f"<!-- orchestrator-shows {digest} -->\n{text}")


def digest_in(body: str) -> str:
    """The digest that a body carries; empty: none."""
    found = _SHOWN.match(body.replace("\r\n", "\n"))
    return found[1] if found else ""
