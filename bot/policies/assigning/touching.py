"""Issues that change the same files follow each other, where the plan says which they touch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.globs import any_overlap
from bot.domain.outputs import PlannedIssue


def followed(issues: Sequence[PlannedIssue]) -> dict[str, tuple[str, ...]]:
    """Issue → those planned before it that it has to follow, because both touch the same files.

    Where one depends on the other already, through whatever is in between, nothing is added. So no circle can
    come about: an issue only ever follows one that does not wait for it.
    """
    below = _closure(issues)
    found: dict[str, tuple[str, ...]] = {}
    for place, issue in enumerate(issues):
        for earlier in reversed(issues[:place]):  # the nearest brings along what that one follows
            one, other = issue.key, earlier.key
            if one == other or other in below[one] or one in below[other]:
                continue
            if any_overlap(issue.touches, earlier.touches):
                found[one] = (*found.get(one, ()), other)
                _follow(below, one, other)
    return found


def _closure(issues: Iterable[PlannedIssue]) -> dict[str, set[str]]:
    """Issue → everything that comes before it."""
    below: dict[str, set[str]] = {issue.key: set() for issue in issues}
    for issue in issues:
        for key in issue.depends_on:
            if key in below and key != issue.key:
                _follow(below, issue.key, key)
    return below


def _follow(below: dict[str, set[str]], one: str, other: str) -> None:
    """Let one issue come after the other, and with it all that come after it."""
    more = below[other] | {other}
    for key, known in below.items():
        if key == one or one in known:
            known |= more
