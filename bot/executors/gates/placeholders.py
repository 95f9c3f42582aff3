"""The gate of placeholders: nothing that its writer meant to fill in later.

Marks in capitals count in prose and in code, unless the project's own title or features use the word (a "TODO
list"). Template brackets and the example domains of RFC 2606 count in prose and in links only: in a code
block both may be what the reader has to type, or the right sample value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.executors.gates.document import Document, Found
from bot.executors.gates.project import Project

_MARK = re.compile(r"\b(TODO|FIXME|TBD|TBC|XXX|HACK|PLACEHOLDER)\b")
_FILLER = re.compile(
    r"lorem ipsum|dolor sit amet"
    r"|\[(?:insert|your|todo|add|name)\b[^\]\n]{0,80}\]|<(?:your|insert)[ _-][^>\n]{0,80}>"
    r"|\byour[-_](?:name|org|company|project|username|domain|repo|repository)\b"
    r"|\b(?:coming soon|to be (?:written|added|defined|decided))\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|<%|\$\{")
_DOMAIN = re.compile(r"\bexample\.(?:com|org|net)\b|\.example\b(?![\w.-])|\byourdomain\b", re.IGNORECASE)


def placeholder_problems(document: Document, project: Project) -> Iterator[str]:
    """What was left to be filled in, with its line."""
    own = " ".join((project.title, *(feature.title for feature in project.features)))
    known = set(_MARK.findall(own))
    blocks = [
        Found(line, block.line + number)
        for block in document.blocks
        for number, line in enumerate(block.text.split("\n"))
    ]
    for found in (*document.prose, *document.spans, *blocks):
        for match in (*_MARK.finditer(found.text), *_FILLER.finditer(found.text)):
            if match.group() not in known:
                yield _at(found, match.group())
    for found in (*document.prose, *document.spans):
        for match in _TEMPLATE.finditer(found.text):
            yield _at(found, match.group())
    for found in (*document.prose, *document.links):
        for match in _DOMAIN.finditer(found.text):
            yield _at(found, match.group())


def _at(found: Found, what: str) -> str:
    return f"line {found.line}: the placeholder “{what[:60]}” is still there; put in what belongs there"
