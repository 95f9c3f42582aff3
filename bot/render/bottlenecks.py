"""What limits the flow, with its evidence and what would help."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.figures import Load
from bot.domain.flow import Bottleneck, Change, Flow
from bot.render.text import plural, span, table


def bottlenecks(found: Bottleneck, now: datetime) -> str:
    """The reply to ``/bottlenecks``."""
    return "\n\n".join([sentence(found, now), _evidence(found, now), _help(found)])


def sentence(found: Bottleneck, now: datetime) -> str:
    """The present bottleneck in one sentence."""
    flow = next((flow for flow in found.flows if flow.workflow is found.limiting), None)
    if flow is None:
        return (
            "**Nothing limits the flow much:** no queue is longer than its workers can take on at once."
            + _longest(found.slowest, now)
        )
    takes = f"about {span(flow.drain)} to empty" if flow.drain is not None else "nobody to empty it"
    who = f" with {plural(flow.up, 'worker')}" if flow.up else ""
    most = f", most of them {flow.worst[0]} ({flow.worst[1]})" if flow.worst and flow.waiting > 1 else ""
    waits = f"{plural(flow.waiting, 'task')} {'waits' if flow.waiting == 1 else 'wait'}{most}"
    slow = f" `{flow.slow[0]}` is much slower at {flow.slow[1]} than the others." if flow.slow else ""
    head = f"**{str(flow.workflow).capitalize()} limits the flow:**"
    return f"{head} {waits}; its queue takes {takes}{who}.{slow}"


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
    note = (
        f"Utilisation, and tasks that came and attempts that ended: of the last {span(now - found.since)}. "
        "Expected wait: those that wait, by the rate at which attempts ended (Little's law)."
    )
    return f"{table(head, [_row(flow, now) for flow in found.flows])}\n\n<sub>{note}</sub>"


def _row(flow: Flow, now: datetime) -> list[str]:
    return [
        flow.workflow.value,
        str(flow.waiting),
        span(flow.oldest) if flow.oldest is not None else "–",
        str(flow.up),
        f"{flow.utilisation:.0%}" if flow.utilisation is not None else "no workers",
        f"{flow.arrived} / {flow.finished}",
        f"{flow.growth:+d}" if flow.growth else "0",
        span(flow.little) if flow.little is not None else "no data yet" if flow.waiting else "–",
    ]


def _help(found: Bottleneck) -> str:
    runs = f"{found.runs} runs of the open work with and without it, which differ by nothing else"
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
