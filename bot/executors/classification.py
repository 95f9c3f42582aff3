"""Telling what a statement asks for: kind of work, specialty, priority and effort, from its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.outputs import Priority
from bot.executors.reading import Statement
from bot.executors.signals import CONTROL, HEAVY, LATER_HEADINGS, LEVELS, SPECIALTIES, STYLING, SURFACE
from bot.executors.wording import mentions, words

ORDER = {
    "foundation": 0,
    "surface": 1,  # what people see or call first; needs the foundation
    "feature": 2,  # needs the foundation
    "control": 2,  # something on the first surface, which it needs
    "styling": 3,  # needs the first surface
    "tests": 4,  # these three need everything that is built
    "review": 4,
    "performance": 5,
    "deployment": 6,  # needs everything that is built, and the tests
}
"""Kinds of work; one only ever depends on kinds before it, so dependencies cannot be circular."""
URGENCY = (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW)
"""Priorities, most urgent first."""


@dataclass(slots=True)
class Requirement:
    """Something to be built, with all that the idea says about it."""

    text: str
    quotes: list[str]
    """The original words, once for each place that asks for it."""
    criteria: list[str]
    section: str
    priority: Priority
    specialty: str
    kind: str
    days: int
    key: str = ""


def classify(statement: Statement) -> Requirement:
    """The requirement that a statement makes; its key is given later."""
    said = words(statement.text)
    specialty = next((name for name, phrases in SPECIALTIES if mentions(said, phrases)), "feature")
    everything = words(" ".join([statement.text, *statement.criteria]))
    return Requirement(
        text=statement.text,
        quotes=[statement.quote],
        criteria=list(statement.criteria),
        section=statement.section,
        priority=_priority(statement),
        specialty=specialty,
        kind=_kind(said) if specialty == "feature" else specialty,
        days=_days(everything, len(statement.criteria)),
    )


def _priority(statement: Statement) -> Priority:
    """From the requirement's own words, then from the headings above it, nearest first."""
    for text in (statement.text, *reversed(statement.section.split(" / "))):
        said = words(text)
        if said[:2] == ["could", "you"]:
            said = said[2:]
        if text is not statement.text and " ".join(said) in LATER_HEADINGS:
            return Priority.LOW
        for level, phrases in LEVELS:
            if mentions(said, phrases):
                return level
    return Priority.NORMAL


def _kind(said: Sequence[str]) -> str:
    """By the first telling noun of the first six words; without one, "responsive" tells of styling."""
    for word in said[:6]:
        for kind, nouns in (("surface", SURFACE), ("control", CONTROL), ("styling", STYLING)):
            if word in nouns:
                return kind
    return "styling" if "responsive" in said else "feature"


def _days(said: Sequence[str], criteria: int) -> int:
    """One day; one more for three criteria or forty words, one for heavy work or six criteria."""
    return 1 + (criteria >= 3 or len(said) >= 40) + (criteria >= 6 or mentions(said, HEAVY))
