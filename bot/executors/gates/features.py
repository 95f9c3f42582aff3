"""The gate of features: what is listed as a feature is one of the project's, and finished where it says so.

A feature is named by an item of a list below a heading such as "Features", "What it does" or "What is new".
What stands there up to the first colon, dash or full stop has to share at least half of its significant
words with the title and the acceptance criteria of one issue. Below "Planned", "Next" and the like it need
not be finished.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.executors.gates.document import Document
from bot.executors.gates.project import Feature, Project
from bot.executors.untrusted import ZWJ

_THERE = re.compile(
    r"\b(features?|what it does|what (it|they|you) can do|what is (new|there)|what's new|highlights|new)\b",
    re.I,
)
_LATER = re.compile(
    r"\b(planned|plans?|next|later|coming|roadmap|open|not (there|done|finished)( yet)?)\b", re.I
)
_END = re.compile(r"[:.;!?](\s|$)|\s[–—-]\s")
_WORD = re.compile(r"[^\W_]{2,}")
_SMALL = frozenset(
    """a an the of to for and or in on at by with from as is are be its it that this which who add build
    implement make write let set up ensure can you your when where into all each every""".split()
)
SHARE = 0.5
"""Of a named feature's significant words, how many its issue has to hold."""


def feature_problems(document: Document, project: Project) -> Iterator[str]:
    """Items that name no feature, or one as finished that is not, with their lines."""
    if not project.features:
        return
    for item in document.items:
        later = bool(_LATER.search(item.heading))
        if not later and not _THERE.search(item.heading):
            continue
        found = matching(_END.split(item.text, maxsplit=1)[0], project)
        if not found:
            yield (
                f"line {item.line}: “{item.text[:100]}” is none of the project's features; name one of its "
                "issues, or list it below another heading"
            )
        elif not later and all(feature.done is False for feature in found):
            yield (
                f"line {item.line}: “{item.text[:100]}” is listed as there, and its issue "
                f"({found[0].key}) is not finished; list it below “Planned”, or leave it out"
            )


def matching(text: str, project: Project) -> list[Feature]:
    """The features that a text may mean."""
    named = _stems(text)
    if not named:
        said = text.replace(ZWJ, "").strip().casefold()
        return [feature for feature in project.features if said and said in feature.title.casefold()]
    return [
        feature
        for feature in project.features
        if len(named & _stems(" ".join((feature.title, *feature.acceptance)))) >= SHARE * len(named)
    ]


def _stems(text: str) -> set[str]:
    """Significant words, cut to what their forms share."""
    words = {word.casefold() for word in _WORD.findall(text.replace(ZWJ, ""))} - _SMALL
    return {re.sub(r"(ing|ed|es|s|e)$", "", word) if len(word) > 4 else word for word in words}
