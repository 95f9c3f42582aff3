"""Pauses and triage in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.controls import Halt, Pause, Triage
from bot.domain.draft import Draft
from bot.domain.vocabulary import QueueName, Workflow
from bot.render.text import clock, code, escape, plural, span, who

SHOWN = 10
"""Running tasks that a reply names; it counts the others."""


def controls_line(draft: Draft) -> str:
    """What is switched off or held back, for the line of the status; empty where nothing is."""
    controls = draft.controls
    parts = [f"everything stopped{but(draft)}"] if controls.halted else []
    if controls.paused:
        parts.append(f"paused: {_names([one.workflow for one in controls.paused])}")
    if controls.triage:
        parts.append(f"triage: {_above(controls.triage)}{_of(controls.triage)}")
    return " · ".join(parts)


def but(draft: Draft) -> str:
    """Projects that were let go on one by one while everything is stopped."""
    going = [project.id for project in draft.projects.values() if project.going]
    return f" but {code(going[0]) if len(going) == 1 else plural(len(going), 'project')}" if going else ""


def in_force(draft: Draft, *, dated: bool = False) -> list[str]:
    """Each switch that is thrown: since when, by whom, what ends it.

    ``dated`` names moments in place of how long ago they were: for what is read later than it is written.
    """
    controls, now = draft.controls, None if dated else draft.now
    found = []
    if (halt := controls.halted) is not None:
        rest = but(draft)
        more = " `/emergency-stop all` stops the rest, too." if rest else ""
        found.append(
            f"**Everything is stopped{rest}**{_thrown(halt, now)}{_because(halt)}: "
            f"`/resume all` ends it.{more}"
        )
    for pause in controls.paused:
        name = pause.workflow
        found.append(
            f"**{name.capitalize()} is paused**{_thrown(pause, now)}{_because(pause)}: "
            f"`/unpause {name}` ends it."
        )
    if (triage := controls.triage) is not None:
        itself = f" It ends by itself when {_short(triage)}." if triage.overflowed else ""
        of = f" of {triage.workflow}" if triage.workflow else ""
        found.append(
            f"**Triage{of}:** only {_above(triage)} is assigned{_thrown(triage, now)}: "
            f"`/priority-triage off` ends it.{itself}"
        )
    for one in controls.emergency:
        ceiling = draft.config.pools.of(one.workflow).ceiling
        found.append(
            f"**Emergency:** {one.workflow} may have up to {plural(ceiling, 'worker')} until "
            f"{clock(one.until)}, by {code(one.by)}."
        )
    return found


def _because(switch: Pause | Halt) -> str:
    return f", because {escape(switch.why, 300)}" if switch.why else ""


def _short(triage: Triage) -> str:
    """What ends triage that an overflow is behind."""
    if triage.by:
        return "the queues are short again"
    return "the queue is short again, or a worker is idle beside what it holds"


def _thrown(switch: Pause | Triage | Halt, now: datetime | None) -> str:
    when = f"since {clock(switch.since)}" if now is None else f"for {span(now - switch.since)}"
    return f" {when}, by {who(switch.by)}"


def paused(draft: Draft, now: Sequence[Workflow], before: Sequence[Pause]) -> str:
    """The reply to ``/pause``: what it paused, and what was paused already."""
    parts = [_already(draft, pause) for pause in before]
    if now:
        names = _names(now)
        parts.insert(0, f"**Paused: {names}.** No task of {_them(now)} is assigned from now on.")
    points = [_running(draft, now), _waiting(draft, now)] if now else []
    every = [*now, *(pause.workflow for pause in before)]
    points.append(
        f"`/unpause {every[0]}` starts it again."
        if len(every) == 1
        else "`/unpause` starts all of them again, `/unpause <workflow>` one."
    )
    return " ".join(parts) + "\n\n" + "\n".join(f"- {point}" for point in points)


def _already(draft: Draft, pause: Pause) -> str:
    return (
        f"**{pause.workflow.capitalize()}** is paused already, for {span(draft.now - pause.since)}, "
        f"by {who(pause.by)}."
    )


def _running(draft: Draft, workflows: Sequence[Workflow]) -> str:
    tasks = sorted(
        worker.assignment.task
        for worker in draft.instances.values()
        if worker.assignment and worker.workflow in workflows
    )
    if not tasks:
        return "Nothing of that is running."
    named = ", ".join(code(task) for task in tasks[:SHOWN])
    more = f" and {len(tasks) - SHOWN} more" if len(tasks) > SHOWN else ""
    go = "goes" if len(tasks) == 1 else "go"
    return f"{plural(len(tasks), 'running task')} {go} on to the end: {named}{more}."


def _waiting(draft: Draft, workflows: Sequence[Workflow]) -> str:
    depth = sum(draft.depth(QueueName(workflow.value)) for workflow in workflows)
    return f"{plural(depth, 'task')} {_wait(depth)}." if depth else "Nothing waits."


def unpaused(draft: Draft, ended: Sequence[Pause], others: Sequence[Workflow]) -> str:
    """The reply to ``/unpause``; ``others`` were asked for and not paused."""
    if not ended:
        return f"Nothing to do: {_names(others)} {_is(len(others))} not paused."
    workflows = [pause.workflow for pause in ended]
    lines = [
        f"- **Going again: {pause.workflow}**, after a pause of {span(draft.now - pause.since)} "
        f"by {who(pause.by)}."
        for pause in ended
    ]
    return "\n".join(lines) + f"\n\n{_assigned(draft, workflows)} {_waiting(draft, workflows)}"


def _assigned(draft: Draft, workflows: Sequence[Workflow]) -> str:
    first = draft.base.ledger.next_lease
    count = sum(
        worker.workflow in workflows and worker.assignment is not None and worker.assignment.lease >= first
        for worker in draft.instances.values()
    )
    were = "was" if count == 1 else "were"
    return f"{plural(count, 'task')} {were} assigned at once." if count else "No task was assigned at once."


def triage_begun(draft: Draft, triage: Triage, before: Triage | None, held: Mapping[str, int]) -> str:
    """The reply to ``/priority-triage level``; ``held`` is project → tasks that are held back."""
    if draft.controls.triage is None:
        return (
            f"**Triage at `{triage.level}`** is over already: every queue is at or under "
            f"{_mark(draft)} after this round of assigning, so every priority is assigned again."
        )
    was = f" (before: only {_above(before)}{_of(before)})" if before else ""
    return (
        f"**Triage: only {_above(triage)} is assigned**{was}; running work goes on.\n\n"
        f"{_held(draft, held)}\n\n{_end(draft, draft.controls.triage)}"
    )


def triage_unchanged(draft: Draft, triage: Triage, held: Mapping[str, int]) -> str:
    """The level that is asked for is in force already."""
    since = f"for {span(draft.now - triage.since)}, by {who(triage.by)}"
    now = draft.controls.triage
    end = _end(draft, now) if now else "It has just ended: the queues are under the mark again."
    return f"Triage is at `{triage.level}` already, {since}.\n\n{_held(draft, held)}\n\n{end}"


def triage_ended(draft: Draft, triage: Triage | None, held: Mapping[str, int]) -> str:
    """The reply to ``/priority-triage off``; ``held`` is what was held back until now."""
    if triage is None:
        return "Nothing to do: there is no triage. `/priority-triage urgent` begins one."
    count = sum(held.values())
    back = f"{plural(count, 'task')} of {plural(len(held), 'project')}" if held else "No task"
    were = "was" if count <= 1 else "were"
    after = f"**Triage is over**, after {span(draft.now - triage.since)}: every priority is assigned again."
    return f"{after}\n\n{back} {were} held back. {_assigned(draft, tuple(Workflow))}"


def _held(draft: Draft, held: Mapping[str, int]) -> str:
    if not held:
        return "No task that waits now is held back by it."
    tasks, projects = plural(sum(held.values()), "task"), plural(len(held), "project")
    labelled = sum(draft.projects[id_].held for id_ in held)
    label = f"the label `held:triage` on {'its issue' if len(held) == 1 else 'their issues'} says so"
    if labelled < len(held):
        label = f"their issues get the label `held:triage` bit by bit, {labelled} of them now"
    return (
        f"{tasks} of {projects} {_is(sum(held.values()))} held back; {label}. "
        "`/priority <project-id> urgent` lets one through."
    )


def _end(draft: Draft, triage: Triage) -> str:
    """How it ends; which of the two rules counts depends on whether a queue has overflowed."""
    mark = _mark(draft)
    if triage.overflowed:
        return (
            f"It ends by itself when every queue is at or under {mark} again, or with `/priority-triage off`."
        )
    return (
        f"No queue is over {mark}, so it holds until `/priority-triage off`. "
        "If one overflows meanwhile, it ends by itself once all are back at or under that."
    )


def _mark(draft: Draft) -> str:
    return plural(draft.config.queueing.overflow, "task")


def _above(triage: Triage) -> str:
    return f"`{triage.level}`" + ("" if triage.level == "urgent" else " and above")


def _of(triage: Triage) -> str:
    return f" of {triage.workflow}, by the rule" if triage.workflow else ""


def _names(workflows: Sequence[Workflow]) -> str:
    names = [workflow.value for workflow in workflows]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _them(workflows: Sequence[Workflow]) -> str:
    return "it" if len(workflows) == 1 else "them"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"
