"""Autoscaling in words: each condition, what the rule will do and when, what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.moves import Move
from bot.domain.scaling import Scaling
from bot.domain.sizing import Block, Sizing, Trigger
from bot.render.text import clock, code, escape, percent, plural, span, table

FRESH = timedelta(hours=1)
"""How long ``/status`` tells of a move."""


def why_scaling(draft: Draft, found: Sequence[Sizing]) -> str:
    """The reply to ``/why scaling`` and to ``/why`` with a workflow."""
    parts = [part for one in found for part in _workflow(draft, one)]
    settings = draft.config.scaling
    if settings.enabled:
        rule = (
            f"Up: at once, by as many as work the backlog off in {settings.drain_minutes:g} min. Down: one "
            f"worker at a time. Within {_window(settings)} of a move there is none in the other direction. "
            "The keys are under `scaling` in `.github/orchestrator.yml`."
        )
    else:
        rule = "Autoscaling is off: set `scaling.enabled` in `.github/orchestrator.yml` to true to use it."
    return "\n\n".join([*parts, rule])


def _workflow(draft: Draft, found: Sizing) -> list[str]:
    limits = found.limits
    bounds = f"limits {limits.minimum} to {limits.maximum}"
    bounds += f", the minimum because of the peak hours {code(limits.peak)}" if limits.peak else ""
    bounds += f", in an emergency until {clock(limits.until)}" if limits.until else ""
    head = f"**{found.workflow}** has {plural(found.size, 'worker')} ({bounds}). {verdict(draft, found)}"
    rows = [_row(found, *one) for one in _conditions(draft, found)]
    shown = table(["direction", "condition", "found", "met"], rows)
    latest = [f"Its latest move: {moved(draft, found.latest)}."] if found.latest else []
    todo = "What would change it:\n\n" + "\n".join(f"- {one}" for one in _advice(found))
    return [head, shown, *latest, todo]


def verdict(draft: Draft, found: Sizing) -> str:
    """What the rule will do, when, and why not now."""
    plan = found.plan
    if plan is None and not draft.config.scaling.enabled:
        return "Only people change that: autoscaling is off."
    if plan is None and found.due is None:
        return "It stays so, because no condition is met."
    if plan is None:
        return f"It stays so. If nothing more is begun, it may go down {_when(draft, found.due)}."
    reason = escape(plan.reason, 200)
    to = f"It is to go {'up' if plan.up else 'down'}, because {reason}"
    if found.blocks == (Block.WINDOW,):
        return f"{to}; {_window(draft.config.scaling)} after its latest move, so {_when(draft, found.due)}."
    if not found.blocks:
        return f"{to}; that happens with the next commit."
    wish = "More workers are wanted" if plan.up else "Fewer workers would do"
    return f"{wish}, because {reason}, but {', and '.join(_block(found, one) for one in found.blocks)}."


def _block(found: Sizing, block: Block) -> str:
    match block:
        case Block.OFF:
            return "autoscaling is off"
        case Block.HALTED:
            return "everything is stopped"
        case Block.PAUSED:
            return f"{found.workflow} is paused"
        case Block.MAXIMUM:
            return f"the maximum is {found.limits.maximum}"
        case Block.MINIMUM:
            return f"the minimum is {found.limits.minimum}"
        case Block.LAST:
            return "the rule leaves one worker"
        case Block.WINDOW:
            return "the latest move is too recent"
        case Block.EMERGENCY:
            return "an emergency holds"
        case Block.PEAK:
            return f"the peak hours {code(found.coming.name if found.coming else '?')} begin soon"
        case Block.NOBODY:
            return "no worker of GitHub Actions is idle"


def _when(draft: Draft, due: datetime | None) -> str:
    if due is None or due <= draft.now:
        return "with the next tick"
    return f"in {span(due - draft.now)} ({clock(due)}) at the earliest"


def _conditions(draft: Draft, found: Sizing) -> list[tuple[Trigger, str, str]]:
    """(what is judged, the condition, the figure found)."""
    settings, demand, use = draft.config.scaling, found.demand, found.used
    most = f"{use.most} of {found.size}" if found.size else "no worker"
    rows = [
        (Trigger.MINIMUM, f"fewer than {found.limits.minimum} workers", str(found.size)),
        (Trigger.QUEUE, f"more than {settings.queue_above} tasks may start", _demand(found)),
        (
            Trigger.OVERFLOW,
            f"more than {draft.config.queueing.overflow}: all that the limits allow",
            str(demand.ready),
        ),
        (Trigger.SLOW, "it has become slow, and no worker was added since", "–"),
    ]
    if settings.longest_wait is not None:
        waited = span(draft.now - demand.oldest) if demand.oldest else "nothing waits"
        allowed = span(timedelta(minutes=settings.longest_wait))
        rows.append((Trigger.WAIT, f"the oldest waits for more than {allowed}", waited))
    if settings.most_used is not None:
        mean = percent(round(use.mean / found.size, 3)) if found.size else "no worker"
        what = f"utilisation over {percent(settings.most_used)}"
        rows.append((Trigger.UTILISATION, what, f"{mean} of the last {_window(settings)}"))
    low, few = percent(settings.utilisation_below), settings.queue_below
    idle = f"utilisation under {low} all through {_window(settings)}, fewer than {few} tasks wait"
    figure = f"{most} not idle at some moment, {use.now} busy now; {plural(demand.waiting, 'task')} waiting"
    return [*rows, (Trigger.IDLE, idle, figure)]


def _demand(found: Sizing) -> str:
    demand = found.demand
    held = f", {demand.held} more held by triage" if demand.held else ""
    service = f"{span(found.service)} each"
    need = f"; {plural(found.needed, 'worker')} for that, at {service}" if demand.ready else ""
    return f"{demand.ready} of {demand.waiting}{held}{need}"


def _row(found: Sizing, trigger: Trigger, condition: str, figure: str) -> list[str]:
    direction = "down" if trigger is Trigger.IDLE else "up"
    return [direction, condition, figure, "yes" if trigger in found.met else "no"]


def _advice(found: Sizing) -> list[str]:
    """What to type, or to configure."""
    name = found.workflow
    known = {
        Block.HALTED: "`/resume all` lets work go on",
        Block.PAUSED: f"`/unpause {name}` lets work go on",
        Block.MAXIMUM: f"`/emergency-scale-up {name}` allows {found.limits.emergency} for 2 h; for good, "
        f"raise `pools.{name}.maximum`",
        Block.MINIMUM: f"a lower `pools.{name}.minimum` allows fewer",
    }
    told = [known[block] for block in found.blocks if block in known]
    return [*told, f"`/scale-up {name}` and `/scale-down {name}` change it at once, within the limits"]


def moved(draft: Draft, move: Move) -> str:
    """A move in a clause: from, to, when, why, by whom."""
    by = f", by {code(move.by)}" if move.by else ""
    why = f", because {escape(move.reason, 200)}" if move.reason else ""
    return f"from {move.before} to {plural(move.after, 'worker')} {span(draft.now - move.at)} ago{by}{why}"


def scaling_line(draft: Draft, found: Sequence[Sizing]) -> str:
    """The line of ``/status``: what has changed lately, and which workflow wants more than it may have."""
    told = []
    for one in found:
        if one.plan is not None and one.plan.up and Block.MAXIMUM in one.blocks:
            reason = escape(one.plan.reason, 200)
            told.append(f"{one.workflow} is at its maximum of {one.limits.maximum} although {reason}")
        elif one.latest is not None and draft.now - one.latest.at <= FRESH:
            told.append(f"{one.workflow} {moved(draft, one.latest)}")
    return f"**Scaling:** {'; '.join(told)}. `/why scaling` says what comes next." if told else ""


def _window(settings: Scaling) -> str:
    return span(timedelta(minutes=settings.window_minutes))
