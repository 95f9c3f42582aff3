"""Posts for X and LinkedIn: plain text, composed so that no place's limit is ever passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.executors.gates.weighing import POST, weight
from bot.executors.writing.facts import Fact, Used
from bot.executors.writing.survey import Survey
from bot.executors.writing.words import counted

_MOST_POSTS = 12
_LINKEDIN_FEATURES = 10
"""As many of at most 160 characters leave room for the rest of LinkedIn's 3,000."""


def thread(survey: Survey, used: Used) -> str:
    """A thread for X, posts separated by lines of ``---``."""
    posts = [_opening(survey, used), *_features(survey, used), _closing(survey, used)]
    return "\n\n---\n\n".join(posts) + "\n"


def linkedin(survey: Survey, used: Used) -> str:
    """A post for LinkedIn."""
    parts = [_sentence(survey, used)]
    if survey.address:
        parts.append(f"It is deployed: {used.put(survey.address)}")
    if survey.listed:
        parts.append(_listed("What it does:", survey.listed, used))
    if survey.planned:
        head = "Still planned:" if survey.done else "Planned, and not finished yet:"
        parts.append(_listed(head, survey.planned, used))
    parts.append(_closing(survey, used))
    return "\n\n".join(parts) + "\n"


def fit(text: str, units: int) -> str:
    """The text, cut at a word with ``…`` where it weighs more on X."""
    if weight(text) <= units:
        return text
    words = text.split(" ")
    while len(words) > 1 and weight(" ".join(words) + "…") > units:
        words.pop()
    head = " ".join(words)
    while head and weight(head + "…") > units:
        head = head[:-1]
    return head.rstrip(" ,;:") + "…"


def _sentence(survey: Survey, used: Used) -> str:
    number = f" {used.put(survey.version)}" if survey.version else ""
    return f"{used.put(survey.name)}{number} is {used.put(survey.what)}."


def _opening(survey: Survey, used: Used) -> str:
    where = survey.address or survey.home
    if where is None:
        return fit(_sentence(survey, used), POST)
    line = f"{'Open it' if survey.address else 'The source'}: {where}"
    if weight(line) > POST // 2:  # an address that X does not shorten
        return fit(_sentence(survey, used), POST)
    used.put(where)
    return f"{fit(_sentence(survey, used), POST - weight(line) - 2)}\n\n{line}"


def _features(survey: Survey, used: Used) -> Iterator[str]:
    """The features in as few posts as hold them, and how many are left where there are too many."""
    left = _MOST_POSTS
    for head, rows in (("What it does:", survey.listed), ("Planned, not finished yet:", survey.planned)):
        waiting = list(rows)
        while waiting and left:
            lines = [head]
            while waiting and (line := _line(waiting[0], lines)):
                lines.append(line)
                used.put(waiting.pop(0))
            left -= 1
            yield "\n".join(lines)
            head = "And:"


def _line(feature: Fact, lines: Sequence[str]) -> str:
    """The feature as one more line of a post; empty where it has no room. Alone it is cut, never left out."""
    line = f"- {feature}"
    if weight("\n".join((*lines, line))) <= POST:
        return line
    return fit(line, POST - weight(lines[0]) - 1) if len(lines) == 1 else ""


def _closing(survey: Survey, used: Used) -> str:
    """How to try it, what it needs, its licence: as far as they are known."""
    lines = []
    run, test = survey.command("run"), survey.command("test")
    if run and survey.kind != "library":
        lines.append(f"To run your own copy: {_bare(run.call, used)}")
    if test:
        lines.append(f"To run its tests: {_bare(test.call, used)}")
    if survey.needs:
        lines.append(f"It takes {' and '.join(str(used.put(need)) for need in survey.needs)}.")
    if survey.licence:
        lines.append(f"Licence: {used.put(survey.licence)}.")
    if survey.home and survey.address and weight(str(survey.home)) < POST // 3:
        lines.append(f"Source: {used.put(survey.home)}")
    if not lines:
        lines.append("The repository says how it is built, run and tested.")
    while len(lines) > 1 and weight("\n".join(lines)) > POST:
        lines.pop()
    return fit("\n".join(lines), POST)


def _bare(fact: Fact, used: Used) -> str:
    used.put(fact)
    return fact.text.strip("`")


def _listed(head: str, rows: Sequence[Fact], used: Used) -> str:
    lines = [f"- {used.put(row)}" for row in rows[:_LINKEDIN_FEATURES]]
    if more := len(rows) - len(lines):
        lines.append(f"- and {counted(more, 'other')}, which the repository's issues list")
    return "\n".join((head, *lines))
