"""Expected ends, in words that claim no more than is known."""

from __future__ import annotations

from datetime import datetime

from bot.domain.draft import Draft
from bot.domain.flow import Held, Standstill
from bot.domain.forecast import Blocked, Forecast, ProjectForecast, Spread, Step
from bot.domain.predictions import Kept
from bot.render.bottlenecks import grows
from bot.render.gantt import gantt
from bot.render.text import about, code, escape, fitted, percent, plural, span, table

FEW = 5
"""Forecasts from which their record is told."""
RARE = 0.05
"""Part of the plays under which it is not worth telling that a person may be needed."""


def backlog(draft: Draft, found: Forecast, own: str = "") -> str:
    """The reply to ``/forecast``; ``own`` is this issue's project."""
    if not found.projects:
        return "Nothing is under way. Start a project with `/dispatch-genesis <idea>`."
    first = next((one for one in found.projects if one.project == own), None)
    parts = [_own(draft, first)] if first else []
    parts += [_end(draft, found), *(_still(one, draft.now) for one in found.standstills)]
    rows = [_row(draft, one) for one in found.projects]
    lines = table(["project", "expected end", "80 % interval", "waits for"], rows).split("\n")
    return fitted("\n\n".join([*parts, "\n".join(lines[:2])]), lines[2:], f"\n{basis(draft, found)}")


def _own(draft: Draft, one: ProjectForecast) -> str:
    when = f"is expected to be complete {expected(one.when, draft.now)}" if one.when else _why(one)
    return f"**{code(one.project)}** {when}. `/forecast {one.project}` tells more."


def _end(draft: Draft, found: Forecast) -> str:
    without = sum(one.when is None for one in found.projects)
    held = (
        f"; {plural(without, 'project')} {'has' if without == 1 else 'have'} no expected end"
        if without
        else ""
    )
    if found.when is None:
        return "No project can be done as things stand: see what each waits for."
    return f"**Everything that can be done is done {expected(found.when, draft.now)}**{held}."


def _still(one: Standstill, now: datetime) -> str:
    """What lets nothing start for a while, which the expected ends take in."""
    when = about(one.until, now).removeprefix("about ")
    if one.held is Held.BUDGET:
        return f"Today's budget for agents is used up: nothing starts before {when} (`/approve budget`)."
    return f"All {one.workflow} workers are out for failing: none is tried again before {when} (`/alerts`)."


def expected(when: Spread, now: datetime) -> str:
    """``about 14:20 UTC (in 2 h 10 min), 80 % between 13:40 and 15:30 UTC``."""
    return f"{about(when.median, now)}, 80 % {interval(when, now, 'between', 'and')}"


def interval(when: Spread, now: datetime, first: str = "", between: str = "to") -> str:
    """``13:40 to 15:30 UTC``, with the days where they are others."""
    same = when.low.date() == when.high.date() == now.date()
    low = f"{when.low:%H:%M}" if same else f"{when.low:%Y-%m-%d %H:%M}"
    high = f"{when.high:%H:%M}" if same else f"{when.high:%Y-%m-%d %H:%M}"
    return f"{first} {low} {between} {high} UTC".strip()


def basis(draft: Draft, found: Forecast) -> str:
    """What the forecast rests on, what it leaves out, and how forecasts have held so far."""
    rests = (
        f"the times and failures of {plural(found.measured, 'attempt')} on record where there are enough of "
        "a kind, else a spread around the configured `expected_minutes`"
        if found.measured
        else "a spread around the configured `expected_minutes`: nothing was measured yet"
    )
    least, most = found.features
    usual = (
        f"the plan of {_others(found.plans)} ({_features(least, most)})"
        if found.plans
        else f"{plural(least, 'feature')}, until projects were planned"
    )
    return (
        f"<sub>{plural(found.runs, 'run')} of the fleet's own rules from here on, with {rests}. A project "
        f"without a plan gets {usual}. {_left_out(found, draft.now)} {record(draft.predictions.kept)}</sub>"
    )


def _others(plans: int) -> str:
    return "the one planned project" if plans == 1 else f"one of {plans} projects"


def _features(least: int, most: int) -> str:
    return plural(least, "feature") if least == most else f"{least} to {most} features"


def _left_out(found: Forecast, now: datetime) -> str:
    waits = {
        "merge": "until a person merges a pull request",
        "approve": "for `/approve`",
    }
    people = [waits[one] for one in found.people]
    merges = f" Waiting for merges is drawn from {found.merges} of them." if found.merges else ""
    waiting = f", and no waiting {' or '.join(people)}," if people else ""
    if not found.scales:
        return f"Nothing new that comes in{waiting} is included; the number of workers stays.{merges}"
    more = "; ".join(grows(one, now) for one in found.growth) or "it adds nobody in most runs"
    return f"Nothing new that comes in{waiting} is included. Autoscaling is: {more}.{merges}"


def record(kept: Kept) -> str:
    """How often forecasts held so far."""
    if kept.forecasts < FEW:
        few = f"only {plural(kept.forecasts, 'forecast')}" if kept.forecasts else "no forecast"
        return f"How well forecasts hold cannot be said yet: {few} of a project that is complete."
    off = percent(round(kept.off / kept.forecasts, 2))
    return (
        f"Of {plural(kept.forecasts, 'forecast')} for {plural(kept.projects, 'finished project')} "
        f"{kept.inside} held ({percent(round(kept.inside / kept.forecasts, 2))}): {kept.early} ended "
        f"earlier, {kept.late} later; typically off by {off} of the time that was left."
    )


def _row(draft: Draft, one: ProjectForecast) -> list[str]:
    if one.when is None:
        return [code(one.project), "none", "–", _why(one)]
    step = next((step for step in one.critical if step.ends > draft.now), None)
    waits = _first(step, draft.now) if step else "its merges"
    when = about(one.when.median, draft.now)
    return [code(one.project), when, interval(one.when, draft.now), waits + _person(one)]


def _first(step: Step, now: datetime) -> str:
    if step.starts <= now and not step.assumed:
        return f"{code(step.id)} on `{step.worker}`"
    return f"{code(step.id)}, to begin {about(step.starts, now)}"


def _person(one: ProjectForecast) -> str:
    if one.person < RARE:
        return ""
    return f"; in {percent(round(one.person, 2))} of the runs a task fails for good and waits for a person"


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
        case Blocked.DEAR:
            return (
                "would use up the budget for a project, at what attempts have cost so far "
                "(`budgets.spend_per_project` in `.github/orchestrator.yml`)"
            )
        case Blocked.NOBODY:
            return f"has no worker: none of {one.culprit} is up (`/scale-up {one.culprit}`)"
        case Blocked.FAILS:
            return "fails in every run, as often as work fails at present (`/alerts`)"
        case _:
            return "comes too late in the backlog to be forecast"


def project(draft: Draft, id_: str, found: Forecast) -> str:
    """The reply to ``/forecast`` for one project."""
    known = draft.projects[id_]
    one = next((one for one in found.projects if one.project == id_), None)
    head = f"**{escape(known.title)}** (`{id_}`)"
    if one is None:
        return f"{head} is {known.status}: there is nothing to forecast."
    if one.when is None:
        return f"{head} has no expected end: it {_why(one)}."
    assumed = f" {plural(one.assumed, 'task')} of it not planned yet." if one.assumed else ""
    person = _person(one).removeprefix("; ")
    person = f" {person[:1].upper()}{person[1:]}: these are left out." if person else ""
    stages = [f"- {stage}: {about(end, draft.now)}" for stage, end in one.stages]
    chain = [_link(step, draft.now) for step in one.critical]
    parts = [
        f"{head} is expected to be complete {expected(one.when, draft.now)}.{assumed}{person}",
        *(_still(one, draft.now) for one in found.standstills),
        "In a run that ends in the middle its stages end:\n\n" + "\n".join(stages),
        "What decides it there, one after the other:\n",
    ]
    chart = gantt(id_, one.critical, draft.now)
    return fitted("\n\n".join(parts), chain, "\n" + chart + basis(draft, found))


def _link(step: Step, now: datetime) -> str:
    worker = f" on `{step.worker}`" if step.starts <= now and not step.assumed else ""
    when = "running" if worker else f"from {about(step.starts, now)}"
    return f"1. {code(step.id)}{worker}: {when}, for {span(step.ends - max(step.starts, now))}"
