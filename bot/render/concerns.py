"""Is the fleet well? One line: the worst thing first, with what to do about it, then the others in short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.draft import Draft
from bot.domain.figures import Limit, Load, Overview
from bot.domain.vocabulary import QueueName, WorkerStatus
from bot.render.alerts import worst_first
from bot.render.controls import but
from bot.render.pulls import linked, to_be_merged
from bot.render.text import code, escape, plural

NAMED = 5
"""Projects that a concern names; it counts the others."""
_RANKS = {"critical": 0, "warning": 1, "info": 2}
_SIGNS = {"critical": "🔴", "warning": "🟠", "info": "🔵"}


@dataclass(frozen=True, slots=True)
class _Concern:
    """Something that is not as it should be."""

    severity: str
    what: str
    todo: str
    """What a person should do: a clause."""


def health(draft: Draft, overview: Overview) -> str:
    """One line: is all well, and if not, what to do."""
    found = sorted(_concerns(draft, overview), key=lambda one: _RANKS[one.severity])
    if not found:
        running = sum(worker.assignment is not None for worker in draft.instances.values())
        now = f"{plural(running, 'task')} running" if running else "nothing is running"
        return f"🟢 **All well:** {now}, and nothing needs a person."
    first, *others = found
    also = "; ".join(f"{one.what} ({one.todo})" for one in others)
    line = f"{_SIGNS[first.severity]} **{_upper(first.what)}.** {_upper(first.todo)}."
    return f"{line} Also: {also}." if also else line


def _upper(clause: str) -> str:
    return clause[:1].upper() + clause[1:]


def _concerns(draft: Draft, overview: Overview) -> Iterator[_Concern]:
    """Everything, the alerts first: among equals they stay first."""
    yield from _alerts(draft)
    if draft.controls.halted is not None:
        yield _Concern("critical", f"everything is stopped{but(draft)}", "`/resume all` lets it go on")
    for load in overview.loads.values():
        yield from _standing(load)
    if review := draft.depth(QueueName.REVIEW):
        what = f"{plural(review, 'task')} in review"
        yield _Concern("warning", what, "`/queues review` says what to do")
    yield from _approvals(draft)
    yield from _merges(draft)
    yield from _offline(draft)
    if overview.slow:
        what = f"{plural(overview.slow, 'task')} running for more than twice the usual time"
        yield _Concern("info", what, "`/health-check all` says whether a worker is stuck")


def _approvals(draft: Draft) -> Iterator[_Concern]:
    """Projects that a person has to let go on."""
    waiting = sorted(one.id for one in draft.projects.values() if one.gate is not None and one.going)
    if waiting:
        names = ", ".join(map(code, waiting[:NAMED]))
        more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        verb = "waits" if len(waiting) == 1 else "wait"
        what = f"{plural(len(waiting), 'project')} {verb} for approval: {names}{more}"
        yield _Concern("info", what, "`/approve <project-id>` lets one go on")


def _merges(draft: Draft) -> Iterator[_Concern]:
    """Pull requests that a person has to merge."""
    going = [one for one in draft.projects.values() if one.pulls and one.going]
    waiting = [(one, pull) for one in going for pull in to_be_merged(draft.config, one)]
    if waiting:
        named = ", ".join(linked(pull, "" if one.shared else one.id) for one, pull in waiting[:NAMED])
        more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
        verb = "waits" if len(waiting) == 1 else "wait"
        what = f"{plural(len(waiting), 'pull request')} {verb} for a person: {named}{more}"
        yield _Concern("info", what, "merge what is good, or ask for changes there")


def _offline(draft: Draft) -> Iterator[_Concern]:
    """Places for runs are started anew from here; processes on machines of their own are not."""
    down = [one.kind for one in draft.instances.values() if one.status is WorkerStatus.OFFLINE]
    if here := down.count("actions"):
        what = f"{plural(here, 'worker')} offline"
        yield _Concern("warning", what, "`/restart-failed-instances` starts them anew")
    if there := down.count("external"):
        what = f"{plural(there, 'worker')} on machines of their own offline"
        yield _Concern("warning", what, "`/health <worker-id>` says how one is started there")


def _alerts(draft: Draft) -> Iterator[_Concern]:
    found = worst_first(draft.alerts)
    if not found:
        return
    worst = found[0]
    cause, advice = (escape(text, 200).rstrip(".") for text in (worst.cause, worst.advice))
    if worst.issue is not None:
        advice = advice.replace("See its issue", f"See #{worst.issue}")
    taken = f", taken on by {code(worst.taken_by)}" if worst.taken_by else ""
    yield _Concern(worst.severity, f"{worst.severity} alert: {cause}{taken}", advice)
    if others := len(found) - 1:
        yield _Concern(worst.severity, plural(others, "more open alert"), "listed below")


def _standing(load: Load) -> Iterator[_Concern]:
    """A queue that nobody works off: for want of workers, or because a person wants it so."""
    name, tasks = load.workflow, plural(load.held, "task")
    match load.limit:
        case Limit.NO_WORKER:
            todo = f"`/restart-failed-instances` or `/scale-up {name}` brings one"
            yield _Concern("critical", f"no {name} worker is up for {tasks}", todo)
        case Limit.PAUSED:
            yield _Concern("info", f"{name} is paused, {tasks} held back", f"`/unpause {name}` ends that")
        case Limit.TRIAGE:
            todo = "`/priority-triage off` ends that"
            yield _Concern("info", f"triage holds {plural(load.held, f'{name} task')} back", todo)
        case Limit.BUDGET:
            todo = "the list below says which and when it frees"
            yield _Concern("info", f"a budget holds {plural(load.held, f'{name} task')} back", todo)
