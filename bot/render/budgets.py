"""Budgets that are used up, in words: which, how much, and when it frees."""

from __future__ import annotations

from bot.domain.budgets import UsedUp, Which, project_limit, project_used_up, used_up
from bot.domain.draft import Draft
from bot.domain.models import Project
from bot.render.text import clock, span

_WHERE = "in `.github/orchestrator.yml`"


def in_force(draft: Draft, *, dated: bool = False) -> list[str]:
    """Each budget that keeps everything from starting: used, limit, when it frees.

    ``dated`` leaves out how long that is from now.
    """
    start = "Nothing new starts"
    return [
        f"**Budget used up:** {used(one)}. {start}; {_frees(draft, one, dated=dated)}. {_ways(one)}."
        for one in used_up(draft)
    ]


def used(one: UsedUp) -> str:
    """``60 of 60 tasks started within an hour``."""
    match one.which:
        case Which.TASKS_PER_HOUR:
            return f"{one.used:g} of {one.limit:g} tasks started within an hour"
        case Which.RUNNING:
            return f"{one.used:g} of {one.limit:g} tasks running"
        case Which.SPEND_PER_DAY:
            return f"{money(one.used)} of {money(one.limit)} spent today (UTC)"
        case Which.SPEND_PER_PROJECT:
            return f"{money(one.used)} of {money(one.limit)} spent on `{one.project}`"


def _frees(draft: Draft, one: UsedUp, *, dated: bool = False) -> str:
    if one.frees is not None and dated:
        return f"it frees at {clock(one.frees)}"
    if one.frees is not None:
        return f"it frees at {clock(one.frees)}, in {span(one.frees - draft.now)}"
    if one.which is Which.RUNNING:
        return "the next one starts when one of them ends"
    return "it does not free by itself"


def _holding(draft: Draft, project: Project | None) -> list[UsedUp]:
    own = project_used_up(draft, project) if project is not None else None
    return [*used_up(draft), *([own] if own is not None else [])]


def why(draft: Draft, project: Project | None) -> str:
    """Why a task may not start, as a clause."""
    found = _holding(draft, project)
    if not found:
        return "a budget is used up"
    return f"a budget is used up: {used(found[0])}; {_frees(draft, found[0])}"


def remedies(draft: Draft, project: Project) -> list[str]:
    """What lets a task start that a budget holds."""
    return [_ways(one) for one in _holding(draft, project)]


def _ways(one: UsedUp) -> str:
    """What allows more: a command where there is one, and the configuration."""
    more = f"`{one.which.key}` {_WHERE} allows more"
    way = one.which.approval(one.project)
    return f"`{way}` allows as much again{' today' if not one.project else ''}, {more}" if way else more


def of_project(draft: Draft, project: Project) -> str:
    """What agents have cost a project, of what they may."""
    limit = project_limit(draft, project)
    return f"Spent on agents: **{money(project.spend)}**" + (
        f" of {money(limit)}" if limit is not None else ""
    )


def money(dollars: float) -> str:
    """``$1,234.50``."""
    return f"${dollars:,.2f}"
