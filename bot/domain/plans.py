"""Whether a plan of issues can be worked off at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from bot.domain.outputs import PlannedIssue

MOST_ISSUES = 200
"""Of one plan; each becomes an issue on GitHub and up to three tasks."""

RESERVED = ("documentation", "marketing", "social", "deployment", "performance")
"""Keys of a project's other tasks: branches and pull requests are named after them."""


def plan_problems(issues: Sequence[PlannedIssue]) -> Iterator[str]:
    """Too many, keys that occur twice or are others', dependencies on nothing, circles."""
    if len(issues) > MOST_ISSUES:
        yield f"there are {len(issues):,} issues, and {MOST_ISSUES} may be planned"
    keys = Counter(issue.key for issue in issues)
    yield from (f"the issue key {key} occurs {count} times" for key, count in keys.items() if count > 1)
    for issue in issues:
        if issue.key in RESERVED and issue.key != issue.specialty:
            yield f"the issue key {issue.key} is that of a later task; call it otherwise, like {issue.key}-1"
        for key in issue.depends_on:
            if key not in keys:
                yield f"the issue {issue.key} depends on {key[:60]}, which does not exist"
    try:
        TopologicalSorter({issue.key: issue.depends_on for issue in issues}).prepare()
    except CycleError as error:
        yield f"issues depend on each other in a circle: {' → '.join(error.args[1][:10])}"
