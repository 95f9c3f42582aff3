"""Cutting a paragraph into sentences, and a sentence into the things that it enumerates.

Pure and heuristic: every rule stands beside the code that applies it. What is quoted, in brackets
or in code is never cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.executors.wording import CONTINUING, HOLLOW, LEADS, OPENINGS, SUBORDINATE

_CLOSERS = {'"': '"', "“": "”", "«": "»", "„": "“", "`": "`", "(": ")", "[": "]", "{": "}"}
_ABBREVIATIONS = frozenset("e.g i.e etc vs approx incl resp mr mrs dr no fig ca".split())
_LONGEST_OPENING = max(len(phrase.split()) for phrase in OPENINGS)


@dataclass(frozen=True, slots=True)
class Opened:
    """A text without the words that only lead up to it."""

    rest: str
    expects: str
    """``thing``, ``action`` or empty: what the removed words announced."""


def without_opening(text: str) -> Opened:
    """Strip "please", "I would like to" and the like, as often as they follow each other."""
    expects = ""
    rest = text.strip()
    while True:
        tokens = rest.split(maxsplit=_LONGEST_OPENING)
        for length in range(min(_LONGEST_OPENING, len(tokens)), 0, -1):
            phrase = " ".join(tokens[:length]).casefold().replace("’", "'").rstrip(",!:")
            if phrase in OPENINGS:
                break
        else:
            return Opened(rest, expects)
        remaining = rest.split(maxsplit=length)
        if len(remaining) <= length:
            return Opened("", expects)
        expects = OPENINGS[phrase] or expects
        rest = remaining[length]


def _exposed(text: str) -> Iterator[tuple[int, str]]:
    """Every character outside of quotes, brackets and code; a closing mark counts as outside."""
    position = 0
    missing: set[str] = set()
    while position < len(text):
        char = text[position]
        closer = _CLOSERS.get(char)
        end = -1
        if closer is not None and closer not in missing:
            end = text.find(closer, position + 1)
            if end < 0:
                missing.add(closer)
        if end > 0:
            position = end
            char = text[position]
        yield position, char
        position += 1


def _ends_sentence(text: str, position: int) -> bool:
    """Whether the sentence ends behind this exposed character."""
    char, following = text[position], text[position + 1 :].lstrip()[:1] if position + 1 < len(text) else ""
    if char in "。！？":
        return True
    if char in '"”»)' and text[position - 1 : position] not in (".", "!", "?"):
        return False
    if char not in '.!?"”»)':
        return False
    if following and (not text[position + 1].isspace() or following.islower()):
        return False
    last_word = text[max(0, position - 12) : position].rsplit(maxsplit=1)[-1:] if char == "." else []
    return not (following and last_word and last_word[0].casefold().lstrip("(") in _ABBREVIATIONS)


def sentences(paragraph: str) -> list[str]:
    """The paragraph's sentences; semicolons separate too, as do lines that all begin anew."""
    lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
    if len(lines) > 1 and all(line[0].isupper() or line[0].isdigit() for line in lines):
        return [sentence for line in lines for sentence in _sentences(line)]
    return _sentences(" ".join(lines))


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    start = 0
    for position, char in _exposed(text):
        if char == ";" or (char in '.!?"”»)。！？' and _ends_sentence(text, position)):
            found.append(text[start : position + 1].strip(" ;"))
            start = position + 1
    found.append(text[start:].strip(" ;"))
    return [sentence for sentence in found if any(char.isalnum() for char in sentence)]


def _comma_parts(text: str) -> list[str]:
    """Cut at exposed commas, but not inside numbers such as 1,000."""
    parts: list[str] = []
    start = 0
    for position, char in _exposed(text):
        in_number = text[position - 1 : position].isdigit() and text[position + 1 : position + 2].isdigit()
        if char in ",，、" and not in_number:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0].casefold().rstrip(",.:") if text else ""


def _joined(parts: list[str]) -> list[str]:
    """Parts that only go on with the one before them ("which …", "but …") rejoin it."""
    joined: list[str] = []
    for part in parts:
        if joined and _first_word(part) in CONTINUING:
            joined[-1] = f"{joined[-1]}, {part}"
        else:
            joined.append(part)
    return joined


def _last_pair(parts: list[str]) -> list[str]:
    """Cut the "and" that ends an enumeration: "a, b and c" and "a, b, and c" alike."""
    last = parts[-1]
    if _first_word(last) in ("and", "&"):
        return [*parts[:-1], last.split(maxsplit=1)[-1]]
    for position, _ in _exposed(last):
        if last.startswith((" and ", " & "), position):
            left, right = last[:position], last[position:].split(maxsplit=1)[-1]
            return [*parts[:-1], left.strip(), right.strip()]
    return parts


def _lead(part: str) -> tuple[str, str] | None:
    """(the thing, its first component) where the first part introduces a list: "an app with lists"."""
    if ": " in part:
        head, _, first = part.partition(": ")
        return head.strip(), first.strip()
    places = sorted((part.find(lead), lead) for lead in LEADS if part.find(lead) > 0)
    if not places:
        return None
    place, lead = places[0]
    return part[:place].strip(), part[place + len(lead) :].strip()


def enumeration(sentence: str) -> list[str]:
    """What the sentence enumerates, one entry each; the sentence itself where it enumerates nothing.

    It takes three parts between commas. Each has to be more than one word, unless words such as
    "with", "needs" or a colon announce a list. Conditions ("when …") and alternatives ("a, b, or c")
    stay whole.
    """
    opened = without_opening(sentence.rstrip(" .!?。！？"))
    parts = _joined(_comma_parts(opened.rest))
    if len(parts) < 2 or _first_word(parts[0]) in SUBORDINATE or _first_word(parts[-1]) == "or":
        return [sentence]
    parts = [part for part in _last_pair(parts) if any(char.isalnum() for char in part)]
    if len(parts) < 3:
        return [sentence]
    lead = _lead(parts[0])
    if lead:
        head, first = lead
        hollow = not without_opening(head).rest or head.casefold() in HOLLOW
        return [part for part in ("" if hollow else head, first, *parts[1:]) if part]
    if opened.expects == "thing" or all(len(part.split()) > 1 for part in parts[1:]):
        return parts
    return [sentence]
