"""How long a post is as X counts it, never less.

From the configuration of twitter-text, version 3: 280 units; the code points of four ranges count one, all
others two; a link counts 23 whatever its length (https://docs.x.com/fundamentals/counting-characters). X
knows every top-level domain and every emoji, this file does not; in doubt it takes what counts more: a name
such as app.py may be a link, and an emoji that is joined of several counts each of them.
"""

from __future__ import annotations

import re
import unicodedata

POST = 280
LINK = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9@$#])(?P<scheme>https?://)?"
    r"(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?P<top>[A-Za-z]{2,}))(?![\w@])(?P<port>:\d+)?"
    r"(?P<path>/(?:[A-Za-z0-9!*';:=+,.$/%#\[\]\-_~@&|?]*[A-Za-z0-9=_#/+\-])?)?",
    re.IGNORECASE,
)
_NO_DOMAINS = frozenset({"test", "example", "invalid", "localhost", "local", "internal", "lan"})
"""RFC 2606 and 6762 and the like: X makes no link of them, so each of their characters counts."""
_MAYBE = re.compile(r"(?<=\w)\.(?=[^\W\d])|https?://", re.IGNORECASE)
"""Where a link might be that ``_ADDRESS`` does not see: names in other scripts."""


def weight(text: str) -> int:
    """The length of a post in units of X; at most ``POST`` of them may be posted."""
    text = unicodedata.normalize("NFC", text)
    total, at = 0, 0
    for match in _ADDRESS.finditer(text):
        total += _plain(text[at : match.start()]) + _link(match)
        at = match.end()
    return total + _plain(text[at:])


def _link(match: re.Match[str]) -> int:
    if match["top"].lower() in _NO_DOMAINS:
        return _units(match.group()) + (weight(match["path"]) if match["path"] else 0)
    return LINK if match["scheme"] else max(LINK, _units(match.group()))


def _plain(text: str) -> int:
    return _units(text) + LINK * len(_MAYBE.findall(text))


def _units(text: str) -> int:
    return sum(1 if any(low <= ord(char) <= high for low, high in _LIGHT) else 2 for char in text)
