"""The gate of lengths: what a place takes, and how little is no piece of its kind.

A piece's kind is recognised by words of its ``kind``. Least words are this project's own: what a text needs
to hold what its kind promises. A thread's posts are separated by lines of ``---``; a heading before the
first is its title and is not posted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.executors.gates.weighing import POST, weight

LINKEDIN = 3_000
"""Characters of a post (LinkedIn Help, "Post character limits")."""
RELEASE = 125_000
"""Characters of a release's text, which GitHub's API refuses beyond ("body is too long")."""
_LONGEST_WEIGHED = 5_000
"""Characters: more is no post even if most of them were one link, which X takes up to 4,096 of."""
LEAST_POSTS = 2
"""Fewer are no thread."""
LEAST_WORDS = 20
"""Of a piece whose kind is not in the table."""
_SEPARATOR = re.compile(r"^[ ]{0,3}(?:-[ ]*){3,}$", re.MULTILINE)
_TITLE = re.compile(r"\A\s*#[^\n]*\n")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of piece has to keep to."""

    words: tuple[str, ...]
    """Any of them in a piece's kind makes it one of these."""
    least: int
    """Words."""
    most: int = 0
    """Characters; 0: no limit."""
    posts: bool = False


RULES = (
    Rule(("thread", "tweet", "x post", "x posts"), least=20, posts=True),
    Rule(("linkedin",), least=30, most=LINKEDIN),
    Rule(("release",), least=30, most=RELEASE),
    Rule(("guide", "tutorial"), least=80),
    Rule(("install",), least=30),
    Rule(("reference", "api"), least=40),
    Rule(("faq", "questions"), least=60),
    Rule(("landing",), least=50),
    Rule(("description",), least=30),
    Rule(("announcement",), least=50),
)
"""The first that fits counts."""


def rule_of(kind: str) -> Rule:
    """The rule for a piece of that kind."""
    said = f" {re.sub(r'[^a-z0-9]+', ' ', kind.lower())} "
    for rule in RULES:
        if any(f" {word}" in said for word in rule.words):
            return rule
    return Rule((), least=LEAST_WORDS)


def length_problems(kind: str, text: str) -> Iterator[str]:
    """What is too long, and what is too short to be what it calls itself."""
    rule = rule_of(kind)
    words = sum(bool(_WORD.search(word)) for word in text.split())
    if words < rule.least:
        yield f"{words} words are too few for a {kind}; write at least {rule.least}"
    if rule.most and (long := len(unicodedata.normalize("NFC", text.strip()))) > rule.most:
        yield f"{long:,} characters, and a {kind} may have {rule.most:,}; shorten it by {long - rule.most:,}"
    if rule.posts:
        yield from _post_problems(posts(text))


def posts(text: str) -> list[str]:
    """The posts of a thread's file."""
    body = _TITLE.sub("", text, count=1)
    return [part.strip() for part in _SEPARATOR.split(body) if part.strip()]


def _post_problems(found: Sequence[str]) -> Iterator[str]:
    if len(found) < LEAST_POSTS:
        yield f"{len(found)} posts are no thread; write at least {LEAST_POSTS}, separated by lines of ---"
    for number, post in enumerate(found, 1):
        if len(post) > _LONGEST_WEIGHED:
            yield f"post {number} has {len(post):,} characters, which no post of {POST} units holds"
        elif (long := weight(post)) > POST:
            yield (
                f"post {number} has {long} of {POST} characters as X counts them (a link counts 23, "
                f"other scripts and emoji 2 each); shorten it by {long - POST}"
            )
