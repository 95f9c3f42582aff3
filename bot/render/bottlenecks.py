"""What limits the flow, with its evidence and what would help."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.figures import Load
from bot.domain.flow import Bottleneck, Change, Flow, Growth, Held
from bot.render.text import about, plural, span, table


def bottlenecks(found: Bottleneck, now: datetime) -> str:
    """The reply to ``/bottlenecks``."""
    return "\n\n".join([sentence(found, now), _evidence(found, now), _help(found, now)])


def sentence(found: Bottleneck, now: datetime) -> str:
    """The present bottleneck in one sentence."""
    flow = next((flow for flow in found.flows if flow.workflow is found.limiting), None)
    if flow is None:
        return (
            "**Nothing limits the flow much:** no queue is longer than its workers can take on at once."
            + _longest(found.slowest, now)
        )
    most = f", most of them {flow.worst[0]} ({flow.worst[1]})" if flow.worst and flow.waiting > 1 else ""
    waits = f"{plural(flow.waiting, 'task')} {'waits' if flow.waiting == 1 else 'wait'}{most}"
    slow = f" `{flow.slow[0]}` is much slower at {flow.slow[1]} than the others." if flow.slow else ""
    head = f"**{str(flow.workflow).capitalize()} limits the flow:**"
    return f"{head} {waits}; {_empties(flow)}.{slow}"


def _empties(flow: Flow) -> str:
    """How long the queue takes, or why nothing of it starts."""
    workers = plural(flow.up, "worker")
    match flow.held:
        case Held.PAUSED:
            return f"it is paused, so that none of them starts: `/unpause {flow.workflow}`"
        case Held.BUDGET:
            return "today's budget for agents is used up, so that none of them starts: `/approve budget`"
        case Held.NOBODY:
            return f"it has no worker: `/scale-up {flow.workflow}`"
        case Held.OUT:
            out = "its worker is" if flow.up == 1 else f"all of its {workers} are"
            return f"{out} out for failing, until it is time to try again: `/alerts` says why and when"
        case Held.TRIAGE:
            return "triage holds them: `/priority-triage off`"
        case Held.PROJECTS:
            return "their projects have used up their budgets: `/approve` with a project allows as much again"
        case None:
            return f"its queue takes about {span(flow.drain or timedelta())} to empty with {workers}"


def _longest(load: Load | None, now: datetime) -> str:
    """The queue that ``/status`` names, so that both say the same."""
    if load is None:
        return ""
    who = "it starts" if load.waiting == 1 else "the last of them starts"
    last = f"; {who} in about {span(load.last_start - now)}" if load.last_start else ""
    tasks = f"{plural(load.waiting, 'task')} {'waits' if load.waiting == 1 else 'wait'}"
    return f" The longest wait is in {load.workflow}: {tasks}{last}."


def _evidence(found: Bottleneck, now: datetime) -> str:
    head = [
        "workflow",
        "waiting",
        "oldest",
        "workers up",
        "utilisation",
        "came / done",
        "growth",
        "expected wait",
    ]
    window = f"of the last {span(now - found.since)}" if now > found.since else "nothing is on record yet"
    note = (
        f"Utilisation, and tasks that came and attempts that ended: {window}. "
        "Expected wait: those that wait, by the rate at which attempts ended (Little's law)."
    )
    return f"{table(head, [_row(flow, now) for flow in found.flows])}\n\n<sub>{note}</sub>"


def _row(flow: Flow, now: datetime) -> list[str]:
    return [
        flow.workflow.value,
        str(flow.waiting),
        span(flow.oldest) if flow.oldest is not None else "–",
        str(flow.up),
        f"{flow.utilisation:.0%}" if flow.utilisation is not None else "–" if flow.up else "no workers",
        f"{flow.arrived} / {flow.finished}",
        f"{flow.growth:+d}" if flow.growth else "0",
        span(flow.little) if flow.little is not None else "no data yet" if flow.waiting else "–",
    ]


def _help(found: Bottleneck, now: datetime) -> str:
    scales = " " + "; ".join(grows(one, now) for one in found.growth) + "." if found.growth else ""
    beside = f"\n\nAutoscaling adds workers by itself:{scales} What a change brings comes on top of that."
    return _changes(found) + (beside if scales else "")


def grows(one: Growth, now: datetime) -> str:
    """``development goes from 2 to 5 workers, from about 14:20 UTC (in 12 min) on``."""
    soon = one.since - now < timedelta(minutes=1)
    when = "from now on" if soon else f"from {about(one.since, now)} on"
    return f"{one.workflow} goes from {one.size} to {plural(one.most, 'worker')}, {when}"


def _changes(found: Bottleneck) -> str:
    runs = f"{found.runs} runs of the open work with and without it, which differ by nothing else"
    if not found.runs:
        return (
            "Nothing that could go on is open, so no change would make anything done earlier: "
            "`/status` says what is stopped, `/dispatch-genesis <idea>` starts a project."
        )
    if not found.changes:
        return (
            "No change by itself would make the last project done noticeably earlier.\n\n"
            f"<sub>Each was tried in {runs}.</sub>"
        )
    listed = "\n".join(f"1. {_change(one)}" for one in found.changes)
    return f"What would help most:\n\n{listed}\n\n<sub>Each effect is the median of {runs}.</sub>"


def _change(change: Change) -> str:
    effects = []
    if change.unblocks:
        effects.append(f"{plural(change.unblocks, 'project')} can be done at all")
    if change.sooner >= timedelta(minutes=1):
        effects.append(f"the last project is done about {span(change.sooner)} earlier")
    what = f"`{change.command}` ({change.what})" if change.command else change.what
    return f"{what[:1].upper()}{what[1:]}: {', and '.join(effects)}."
