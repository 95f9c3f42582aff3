"""Expected ends, in words that claim no more than is known."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.forecast import Blocked, Forecast, ProjectForecast, Step
from bot.render.text import clock, code, escape, fitted, plural, span, table


def backlog(draft: Draft, found: Forecast, own: str = "") -> str:
    """The reply to ``/forecast``; ``own`` is this issue's project."""
    if not found.projects:
        return "Nothing is under way. Start a project with `/dispatch-genesis <idea>`."
    first = next((one for one in found.projects if one.project == own), None)
    parts = [_own(draft, first, found)] if first else []
    parts += [_end(draft, found), _basis(found)]
    rows = [_row(draft, one) for one in found.projects]
    lines = table(["project", "expected end", "waits for"], rows).split("\n")
    return fitted("\n\n".join([*parts, "\n".join(lines[:2])]), lines[2:])


def _own(draft: Draft, one: ProjectForecast, found: Forecast) -> str:
    when = f"is expected to be complete {about(one.end, draft.now)}" if one.end else _why(one)
    return f"**{code(one.project)}** {when}. `/forecast {one.project}` tells more."


def _end(draft: Draft, found: Forecast) -> str:
    without = sum(one.end is None for one in found.projects)
    held = (
        f"; {plural(without, 'project')} {'has' if without == 1 else 'have'} no expected end"
        if without
        else ""
    )
    if found.end is None:
        return "No project can be done as things stand: see what each waits for."
    return f"**Everything that can be done is done {about(found.end, draft.now)}**{held}."


def about(moment: datetime, now: datetime) -> str:
    """``about 14:20 UTC (in 2 h 10 min)``, with the day where it is another one."""
    shown = f"{moment:%H:%M} UTC" if moment.date() == now.date() else clock(moment)
    minutes = max(1, -(-int((moment - now).total_seconds()) // 60))
    return f"about {shown} (in {span(timedelta(minutes=minutes))})"


def _basis(found: Forecast) -> str:
    """What the estimate rests on, and what it assumes."""
    rests = (
        f"the measured times of {plural(found.measured, 'attempt')} where there are enough of a kind, else "
        "on the configured `expected_minutes`"
        if found.measured
        else "the configured `expected_minutes`: nothing was measured yet"
    )
    usual = (
        f"as the median of {plural(found.typical_from, 'planned project')}"
        if found.typical_from
        else "until projects were planned"
    )
    return (
        f"<sub>It rests on {rests}. A project without a plan is assumed to have "
        f"{plural(found.typical, 'feature')}, {usual}. Nothing is assumed to fail, or to come in.</sub>"
    )


def _row(draft: Draft, one: ProjectForecast) -> list[str]:
    if one.end is None:
        return [code(one.project), "none", _why(one)]
    step = next((step for step in one.critical if step.ends > draft.now), one.critical[-1])
    return [code(one.project), about(one.end, draft.now), _first(step, draft.now)]


def _first(step: Step, now: datetime) -> str:
    if step.starts <= now and not step.assumed:
        return f"{code(step.id)} on `{step.worker}`"
    return f"{code(step.id)}, to begin {about(step.starts, now)}"


def _why(one: ProjectForecast) -> str:
    match one.blocked:
        case Blocked.REVIEW:
            return f"waits for a person: {code(one.culprit)} is in review (`/retry` or `/discard`)"
        case Blocked.STOPPED:
            return f"is stopped (`/resume {one.project}`)"
        case Blocked.APPROVAL:
            return f"waits for approval (`/approve {one.project}`)"
        case Blocked.HALTED:
            return "is stopped with everything else (`/resume all`)"
        case Blocked.PAUSED:
            return f"waits because {one.culprit} is paused (`/unpause {one.culprit}`)"
        case Blocked.TRIAGE:
            return f"is held by triage (`/priority-triage off`, or `/priority {one.project} urgent`)"
        case Blocked.BUDGET:
            return (
                f"has used up the budget for a project (`/approve {one.project}` for as much again, or raise "
                "`budgets.spend_per_project` in `.github/orchestrator.yml`)"
            )
        case Blocked.NOBODY:
            return f"has no worker: none of {one.culprit} is up (`/scale-up {one.culprit}`)"
        case _:
            return "comes too late in the backlog to be forecast"


def project(draft: Draft, id_: str, found: Forecast) -> str:
    """The reply to ``/forecast`` for one project."""
    known = draft.projects[id_]
    one = next((one for one in found.projects if one.project == id_), None)
    head = f"**{escape(known.title)}** (`{id_}`)"
    if one is None:
        return f"{head} is {known.status}: there is nothing to forecast."
    if one.end is None:
        return f"{head} has no expected end: it {_why(one)}."
    stages = [f"- {stage}: {about(end, draft.now)}" for stage, end in one.stages]
    chain = [_link(step, draft.now) for step in one.critical]
    assumed = f" {plural(one.assumed, 'task')} of it not planned yet." if one.assumed else ""
    parts = [
        f"{head} is expected to be complete {about(one.end, draft.now)}.{assumed}",
        "Its stages end:\n\n" + "\n".join(stages),
        "What decides it, one after the other:\n",
    ]
    return fitted("\n\n".join(parts), chain, "\n" + _basis(found))


def _link(step: Step, now: datetime) -> str:
    worker = f" on `{step.worker}`" if step.starts <= now and not step.assumed else ""
    when = "running" if worker else f"from {about(step.starts, now)}"
    return f"1. {code(step.id)}{worker}: {when}, for {span(step.ends - max(step.starts, now))}"
