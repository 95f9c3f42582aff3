"""More and fewer workers, in words: from, to, limits, which ones, and how to get the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.draft import Draft
from bot.domain.fleet import Limits, Scaled
from bot.domain.vocabulary import Workflow
from bot.render.text import clock, code, plural, span, table


def scaled_up(draft: Draft, done: Scaled) -> str:
    """The reply to ``/scale-up``."""
    facts = [
        *(f"`{id_}` was to stop after its task, and goes on" for id_ in done.called_back),
        *(f"`{id_}` takes work again{_work(draft, id_)}" for id_ in done.started),
        *(f"`{id_}` is new, for {_specialties(draft, id_)}{_work(draft, id_)}" for id_ in done.created),
    ]
    short = done.changed < done.asked
    rest = f"\n\n{_at_maximum(done.workflow, done.limits)}" if short else ""
    return f"{_moved(done)}\n\n{_bullets(facts)}{rest}"


def scaled_down(draft: Draft, done: Scaled) -> str:
    """The reply to ``/scale-down``."""
    facts = [
        *(f"`{id_}` is stopped" for id_ in done.stopped),
        *(f"`{id_}` finishes {_task(draft, id_)}, then stops" for id_ in done.draining),
    ]
    short = done.changed < done.asked
    rest = f" {_why_not_more(done)}" if short else ""
    return f"{_moved(done)}\n\n{_bullets(facts)}\n\n{_again_by(draft, done)}{rest}"


def _again_by(draft: Draft, done: Scaled) -> str:
    """How those that stop take work again."""
    ids = (*done.stopped, *done.draining)
    there = [id_ for id_ in ids if draft.worker(id_).kind == "external"]
    words = [f"`/scale-up {done.workflow}` lets them take work again."] if len(there) < len(ids) else []
    if there:
        them = (
            "is on a machine of its own, and is"
            if len(there) == 1
            else "are on machines of their own, and are"
        )
        words.append(f"{_names(there)} {them} started again there alone.")
    return " ".join(words)


def cannot_scale_up(workflow: Workflow, size: int, limits: Limits) -> str:
    """The pool is full."""
    return f"Not run: {workflow} has {plural(size, 'worker')}. {_at_maximum(workflow, limits)}"


def cannot_scale_down(done: Scaled) -> str:
    """Nobody may stop."""
    return f"Not run: {done.workflow} has {plural(done.before, 'worker')}. {_why_not_more(done)}"


def emergency(draft: Draft, done: Sequence[tuple[Scaled, datetime | None]]) -> str:
    """The reply to ``/emergency-scale-up``: (what was done, the end of the emergency that held already)."""
    rows = [_emergency_row(draft, one, earlier) for one, earlier in done]
    head = ["workflow", "workers", "emergency limit", "ends", "which"]
    return (
        f"{_again(done)}{table(head, rows)}\n\nThen what is above the usual maximum goes again: idle "
        "workers stop, busy ones finish their task first. The same command extends it; "
        "`/scale-down <workflow>` takes workers away sooner."
    )


def _again(done: Sequence[tuple[Scaled, datetime | None]]) -> str:
    """What is said of emergencies that held already."""
    held = [(one.workflow.value, earlier == one.limits.until) for one, earlier in done if earlier is not None]
    longer = ", ".join(name for name, same in held if not same)
    same = ", ".join(name for name, same in held if same)
    told = [f"An emergency held already for {longer}: it is extended."] if longer else []
    told += [f"An emergency holds already for {same}, for longer than that: its end stays."] if same else []
    return " ".join(told) + "\n\n" * bool(told)


def _emergency_row(draft: Draft, done: Scaled, earlier: datetime | None) -> list[str]:
    until = done.limits.until
    ends = f"{clock(until)} (in {span(until - draft.now)})" if until else "–"
    if earlier and earlier != until:
        ends += f", was {clock(earlier)}"
    ids = [*done.called_back, *done.started, *done.created]
    which = _names(ids) or "nobody new: it has them all"
    moved = f"{done.before} → {done.after}" if done.changed else str(done.before)
    return [done.workflow.value, moved, str(done.limits.emergency), ends, which]


def too_long(given: str, most: int) -> str:
    """An emergency that should hold for longer than it may; ``most`` in hours."""
    return (
        f"Not run: an emergency holds for at most {most} h, given {given}. Ask for less, and post it again "
        "before it ends; for good, raise `pools.<workflow>.maximum` in `.github/orchestrator.yml`."
    )


def _moved(done: Scaled) -> str:
    part = f"{done.changed} of {done.asked}: " if done.changed < done.asked else ""
    limits = f"limits {done.limits.minimum} to {done.limits.maximum}"
    if done.limits.until:
        limits += f", in an emergency until {clock(done.limits.until)}"
    return f"**{done.workflow}**: {part}from {done.before} to {plural(done.after, 'worker')} ({limits})."


def _at_maximum(workflow: Workflow, limits: Limits) -> str:
    if limits.until:
        return (
            f"The emergency's limit is {limits.maximum}, until {clock(limits.until)}; to allow more, raise "
            f"`pools.{workflow}.emergency` in `.github/orchestrator.yml`."
        )
    more = (
        f"`/emergency-scale-up {workflow}` allows {limits.emergency} for 2 h; for good, raise "
        if limits.emergency > limits.maximum
        else "To allow more, raise "
    )
    return f"The maximum is {limits.maximum}. {more}`pools.{workflow}.maximum` in `.github/orchestrator.yml`."


def _why_not_more(done: Scaled) -> str:
    if done.after <= done.limits.minimum and done.limits.peak:
        return (
            f"The minimum is {done.limits.minimum} in the peak hours {code(done.limits.peak)}; to allow "
            "fewer, change them under `scaling.peaks` in `.github/orchestrator.yml`."
        )
    if done.after <= done.limits.minimum:
        return (
            f"The minimum is {done.limits.minimum}; to allow fewer, lower `pools.{done.workflow}.minimum` "
            "in `.github/orchestrator.yml`."
        )
    left = min(done.asked - done.changed, done.after - done.limits.minimum)
    number, they = (f" {left}", f"{left} of them") if left > 1 else ("", "one of them")
    whose = "The others all hold" if done.changed else "All of them hold"
    drain = f"`/scale-down {done.workflow}{number} --drain`"
    return f"{whose} a task ({_names(done.busy)}): {drain} lets {they} finish it and stop then."


def _names(ids: Sequence[str], most: int = 10) -> str:
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return ", ".join(f"`{id_}`" for id_ in sorted(ids)[:most]) + more


def _specialties(draft: Draft, id_: str) -> str:
    return ", ".join(code(one) for one in draft.worker(id_).specialties) or "any task"


def _work(draft: Draft, id_: str) -> str:
    held = draft.worker(id_).assignment
    return f", and has {code(held.task)} already" if held else ""


def _task(draft: Draft, id_: str) -> str:
    held = draft.worker(id_).assignment
    return code(held.task) if held else "its task"


def _bullets(facts: Sequence[str]) -> str:
    return "\n".join(f"- {fact}." for fact in facts)
