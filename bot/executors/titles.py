"""Issue titles: what a person asked for, as a short imperative."""

from __future__ import annotations

from bot.executors.reading import plain
from bot.executors.sentences import without_opening
from bot.executors.signals import SURFACE
from bot.executors.untrusted import one_line
from bot.executors.wording import (
    DETERMINERS,
    FINITE,
    FUNCTION_WORDS,
    IMPERATIVES,
    MODALS,
    OBLIGATIONS,
    SUBORDINATE,
    VERBS,
    words,
)

LONGEST = 120
"""Characters; the whole text stands in the issue's body."""

_FIRST_WORDS = {"tests": "Write", "deployment": "Set up", "performance": "Reach", "review": "Carry out"}
_OBJECT_STARTS = frozenset(("a", "all", "an", "any", "each", "every", "from", "its", "the", "to"))
_RELATIVE = frozenset(("that", "which", "who", "of", "with", "for"))


def title_of(text: str, specialty: str) -> str:
    """The title for a requirement: at most 120 characters, never empty, safe to publish.

    Read the rules top down: an imperative stays; "users can X" becomes "Let users X"; "the page
    must X" becomes "Make the page X"; a statement is ensured; a bare thing is built or added.
    """
    opened = without_opening(plain(text).rstrip(" .;!,"))
    rest = opened.rest or plain(text) or text
    return one_line(_imperative(rest, opened.expects, specialty), LONGEST)


def _imperative(rest: str, expects: str, specialty: str) -> str:
    first, *others = words(rest) or [""]
    if first == "be" and others:
        return f"Make it {rest.split(maxsplit=1)[-1]}"
    if first in VERBS and others and others[0] in _OBJECT_STARTS:
        return f"Ensure that it {_small(rest)}"
    if expects == "action" or (first in IMPERATIVES and expects != "thing" and others):
        return _capital(rest)
    if first in SUBORDINATE:
        return f"Ensure that {_small(rest)}"
    clause = _clause(rest)
    if clause:
        return clause
    if first.endswith(("able", "ible")) and specialty == "deployment":
        return f"Make it {rest}"
    if len(others) > 2 and not FUNCTION_WORDS & {first, *others}:
        return f"Implement: {rest}"
    thing = _small(rest)
    if specialty in _FIRST_WORDS:
        return f"{_FIRST_WORDS[specialty]} {thing}"
    return f"{'Build' if SURFACE & {first, *others[:2]} else 'Add'} {thing}"


def _clause(rest: str) -> str:
    """The title for a whole sentence with a subject and a verb; empty for anything else."""
    head = rest[:80].casefold()
    for modal in (*MODALS, *OBLIGATIONS):
        subject, found, action = rest[: head.find(f" {modal} ")], f" {modal} " in head, ""
        if found and 0 < len(subject.split()) <= 5:
            action = rest[len(subject) + len(modal) + 2 :]
            if action.casefold().startswith("not "):
                return f"Ensure that {_small(rest)}"
            return f"{'Let' if modal in MODALS else 'Make'} {_small(subject)} {action}"
    early = words(" ".join(rest.split()[:6]))
    certain = VERBS if early and early[0] in DETERMINERS else FINITE
    verb = next((place for place, word in enumerate(early[:-1]) if word in certain and place), None)
    if verb is None or early[0] in ("a", "an") or _RELATIVE & set(early[:verb]):
        return ""
    return f"Ensure that {_small(rest)}"


def _small(text: str) -> str:
    """The text with a small first letter, unless it looks like a name or an abbreviation."""
    first = text.split(maxsplit=1)[0] if text else ""
    common = first[1:].islower() or first in ("A", "I")
    return text[:1].lower() + text[1:] if common and first != "I" else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
