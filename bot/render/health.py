"""Health as people read it: what was found, how it came out, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.domain.draft import Draft
from bot.domain.fleet import Check, Diagnosis, Restarted, Verdict
from bot.domain.vocabulary import WorkerStatus
from bot.render import elsewhere
from bot.render.text import code, escape, fitted, plural, span, table
from bot.render.workers import standing

_SIGN = {Verdict.WELL: "✅", Verdict.WATCH: "⚠️", Verdict.FAILED: "❌"}
_WORD = {Verdict.WELL: "is well", Verdict.WATCH: "is to be watched", Verdict.FAILED: "has failed"}


def health(found: Diagnosis) -> str:
    """The reply to ``/health``: each check, then the one command that would help."""
    worker = found.worker
    rows = [[check.value, _FOUND[check](found), _SIGN[found.verdicts[check]]] for check in Check]
    title = f"{_SIGN[found.worst]} `{worker.id}` ({worker.workflow}) {_WORD[found.worst]}."
    return f"{title}\n\n{table(['check', 'found', 'verdict'], rows)}\n\n{_help(found)}"


def fleet(found: Sequence[Diagnosis], scope: str) -> str:
    """The reply to ``/health-check``: one row a worker, the worst first."""
    if not found:
        return f"There are no {scope} workers to check." if scope else "There are no workers to check."
    ranked = sorted(found, key=lambda one: (-one.worst, one.worker.id))
    rows = [[_SIGN[one.worst], f"`{one.worker.id}`", one.worker.status.value, _why(one)] for one in ranked]
    lines = table(["", "worker", "state", "found"], rows).split("\n")
    return fitted(f"{_summary(found)}\n\n" + "\n".join(lines[:2]), lines[2:], f"\n{_advice(ranked)}")


def _summary(found: Sequence[Diagnosis]) -> str:
    verdicts = [one.worst for one in found]
    failed, watch, well = (verdicts.count(one) for one in (Verdict.FAILED, Verdict.WATCH, Verdict.WELL))
    parts = [f"{failed} failed"] if failed else []
    parts += [f"{watch} to watch"] if watch else []
    parts += [f"{well} well"] if well else []
    if not found:
        return "There are no workers."
    untold = "" if found[0].told else " GitHub did not tell of their runs."
    return f"{plural(len(found), 'worker')}: {', '.join(parts)}.{untold}"


def _why(found: Diagnosis) -> str:
    """What made the verdict; for a worker that is well, what it does."""
    if found.worst is Verdict.WELL:
        held = found.worker.assignment
        return f"{code(held.task)}, {_pace(found)}" if held else _status(found)
    return "; ".join(f"{check}: {_FOUND[check](found)}" for check in found.of(found.worst))


def _advice(ranked: Sequence[Diagnosis]) -> str:
    worst = ranked[0]
    if all(elsewhere.away(one) for one in ranked if one.failed) and worst.failed:
        return f"`/health {worst.worker.id}` says how it is started on its machine."
    if worst.failed:
        return "`/restart-failed-instances` restarts those that have failed; their tasks are kept."
    if worst.worst is Verdict.WATCH:
        return f"`/health {worst.worker.id}` shows one in full."
    return "Nothing needs to be done."


def _status(found: Diagnosis) -> str:
    return _state(found) + _breaker(found)


def _breaker(found: Diagnosis) -> str:
    """What its circuit breaker has counted and does."""
    worker, count = found.worker, plural(len(found.worker.faults), "failure")
    if worker.probe_at is None:
        return ""
    latest = f"; the latest: {escape(worker.faults[-1].summary, 200)}" if worker.faults else ""
    if worker.faults and (url := worker.faults[-1].run_url):
        latest += f" ([run]({url}))"
    if worker.tripped(found.at):
        wait = span(worker.probe_at - found.at)
        return f"; taken out after {count} in a row, tried with one task in {wait}{latest}"
    return f"; after {count} in a row it is tried with one task{latest}"


def _state(found: Diagnosis) -> str:
    worker = found.worker
    match worker.status:
        case WorkerStatus.DRAINING:
            return "draining: finishes its task, then stops"
        case WorkerStatus.STOPPED:
            return "stopped: takes no work"
        case WorkerStatus.IDLE if worker.idle_since:
            return f"idle for {span(found.at - worker.idle_since)}"
        case _:
            return worker.status.value


def _heartbeat(found: Diagnosis) -> str:
    worker = found.worker
    last = f"{span(found.heard)} ago" if worker.last_heartbeat else "never heard of"
    allowed = span(found.silent_after)
    if not found.expects_heartbeat:
        asks = "it is stopped" if worker.status is WorkerStatus.STOPPED else "no run of it is at work"
        return f"none expected, {asks}" + (f"; last {last}" if worker.last_heartbeat else "")
    if found.heard <= found.silent_after:
        return f"{last} (allowed: {allowed})"
    if found.verdicts[Check.HEARTBEAT] is Verdict.WELL:
        return f"{last}, when its run claimed the task; until it reports, the run on GitHub stands for it"
    return f"{last}, allowed are {allowed}"


def _lease(found: Diagnosis) -> str:
    held = found.worker.assignment
    if held is None:
        return "holds none"
    if held.expires_at <= found.at:
        ends = f"ended {span(found.at - held.expires_at)} ago without a report"
    else:
        ends = f"ends in {span(held.expires_at - found.at)}"
    unclaimed = f"not claimed, {span(found.at - held.assigned_at)} after it was given"
    by = "its process" if found.worker.kind == "external" else f"run {held.run_id}"
    claimed = f"claimed by {by}" if held.claimed_at else unclaimed
    return f"{held.lease} on {code(held.task)}: {claimed}; {ends}"


def _run(found: Diagnosis) -> str:
    held, run = found.worker.assignment, found.run
    if held is None:
        return "none expected, it holds no task"
    if found.worker.kind == "external":
        return "none expected, it works on a machine of its own"
    if not found.told:
        return "GitHub did not tell"
    if run is None:
        return "GitHub shows none of this name" + ("" if held.claimed_at else " yet")
    shown = f"[run {run.run_id}]({run.url})" if run.url else f"run {run.run_id}"
    if run.conclusion:
        return f"{shown} has ended ({run.conclusion.replace('_', ' ')}), but the lease is still open"
    return f"{shown} is {run.status.replace('_', ' ')}"


def _errors(found: Diagnosis) -> str:
    if not found.attempts:
        return "no attempt ended in the last 24 h"
    rate = found.failed_attempts / found.attempts
    return (
        f"{found.failed_attempts} of {plural(found.attempts, 'attempt')} failed in the last 24 h "
        f"({rate:.0%}, target: at most {found.error_target:.0%})"
    )


def _pace(found: Diagnosis) -> str:
    if found.worker.assignment is None:
        return "no task"
    if found.elapsed is None:
        return "not begun"
    basis = f"median of {plural(found.measured, 'attempt')}" if found.measured else "as configured"
    stuck = span(found.stuck_after)
    if found.quiet is not None:
        return (
            f"{span(found.elapsed)} at work, got on {span(found.quiet)} ago; expected {span(found.expected)} "
            f"({basis}), stuck after {stuck} without progress, limit {span(found.limit)}"
        )
    return (
        f"{span(found.elapsed)} at work; expected {span(found.expected)} ({basis}), "
        f"stuck from {stuck} on, limit {span(found.limit)}"
    )


_FOUND: Mapping[Check, Callable[[Diagnosis], str]] = {
    Check.STATUS: _status,
    Check.HEARTBEAT: _heartbeat,
    Check.LEASE: _lease,
    Check.RUN: _run,
    Check.ERRORS: _errors,
    Check.PACE: _pace,
}


def _help(found: Diagnosis) -> str:
    """The one command that would help."""
    worker = found.worker
    if found.start:
        return elsewhere.advice(found)
    if found.failed:
        kept = " Its task goes to the front of the queue, and the attempt does not count." * bool(
            worker.assignment
        )
        return f"`/restart {worker.id}` starts it anew.{kept}"
    if worker.status is WorkerStatus.STOPPED:
        return f"`/scale-up {worker.workflow}` lets a stopped worker take work again."
    if worker.status is WorkerStatus.DRAINING:
        return f"`/scale-up {worker.workflow}` lets it go on after its task."
    watched = found.of(Verdict.WATCH)
    if worker.probe_at is not None:
        return (
            f"A task that goes well lets it work as before; `/restart {worker.id}` does so at once. "
            "`/alerts` tells its failures."
        )
    if not watched:
        return f"Nothing needs to be done; `/instances {worker.workflow}` shows it beside the others."
    if watched == [Check.ERRORS]:
        return "`/queues` shows what failed, in the review queue, with the reason."
    return f"Ask again with `/health {worker.id}`; if you do not want to wait, `/restart {worker.id}`."


def restarted(draft: Draft, done: Restarted) -> str:
    """The reply to ``/restart``."""
    return f"{_anew(draft, done)}\n\n{_taken(draft, done)}"


def not_needed(worker: str) -> str:
    """``/restart`` of a worker that is idle already."""
    return (
        f"`{worker}` is idle and holds no task: there is nothing to restart. `/health {worker}` shows more."
    )


def not_one(given: str, command: str) -> str:
    """A word that means several workers, where one is to be named."""
    return f"Not run: {code(given)} is no worker's id. For several workers, there is `{command}`."


def no_room(worker: str, workflow: str, maximum: int) -> str:
    """``/restart`` of a stopped worker where the pool is full."""
    return (
        f"Not run: `{worker}` is stopped, and {workflow} has as many workers as its limit of {maximum} "
        f"allows. `/emergency-scale-up {workflow}` allows more for a while; for good, raise "
        f"`pools.{workflow}.maximum` in `.github/orchestrator.yml`."
    )


def _anew(draft: Draft, done: Restarted) -> str:
    name, worker = f"`{done.worker}`", draft.worker(done.worker)
    match done.status:
        case WorkerStatus.OFFLINE | WorkerStatus.STOPPED if worker.kind == "external":
            return elsewhere.anew(draft, done)
        case WorkerStatus.STOPPED:
            return f"{name} was draining and is stopped now; its workflow has as many workers as it may have."
    now = worker.assignment
    got = f" It works on {code(now.task)} now." if now else " It is idle, ready for the next task."
    if now and done.held and now.task == done.held.task:
        got = ""
    if worker.kind == "external":
        return f"{name} works on a machine of its own and goes on there (it was {done.was}).{got}"
    return f"{name} is started anew (it was {done.was}).{got}"


def _taken(draft: Draft, done: Restarted) -> str:
    held = done.held
    if held is None:
        back = " It was taken out for failing, and takes work again." if done.taken_out else ""
        return f"It held no task.{back}"
    if draft.worker(done.worker).kind == "external":
        return elsewhere.taken(draft, held)
    run = f"Run {held.run_id} is being cancelled" if held.run_id else "Its run, if there is one, is cancelled"
    return (
        f"{run}, and lease {held.lease} is void: what it still reports changes nothing. Its task "
        f"{code(held.task)} {standing(draft, held.project, held.task)}; the attempt does not count."
    )


def restarted_failed(
    draft: Draft, done: Sequence[tuple[Diagnosis, Restarted]], examined: Sequence[Diagnosis]
) -> str:
    """The reply to ``/restart-failed-instances``: each with its evidence, and what became of its task."""
    if not done:
        return f"Nothing has failed, so nothing was restarted. {_summary(examined)}\n\n{_figures(examined)}"
    untold = "" if examined[0].told else " GitHub did not tell of their runs."
    head = f"{len(done)} of {plural(len(examined), 'worker')} had failed{_so_many(draft, done)}.{untold}"
    rows = [
        [f"`{again.worker}`", _why(found), _now(draft, again), _fate(draft, again)] for found, again in done
    ]
    lines = table(["worker", "evidence", "now", "its task"], rows).split("\n")
    foot = (
        "\nTheir runs are cancelled, their leases are void, and no attempt counts. "
        "`/health-check all` looks again."
    )
    return fitted(f"{head}\n\n" + "\n".join(lines[:2]), lines[2:], foot)


def _so_many(draft: Draft, done: Sequence[tuple[Diagnosis, Restarted]]) -> str:
    """How many of those that had failed are restarted: what is silent elsewhere may have to wait there."""
    here = sum(elsewhere.can_start(draft, again) for _, again in done)
    if here == len(done):
        return f" and {'is' if here == 1 else 'are'} restarted"
    if not here:
        return "; only on a machine of its own can each be started"
    left = len(done) - here
    return (
        f"; {here} {'is' if here == 1 else 'are'} restarted, {left} must be started on machines of their own"
    )


def _now(draft: Draft, done: Restarted) -> str:
    if done.status is WorkerStatus.OFFLINE:
        workflow = draft.config.external.restart_workflow
        return f"offline: {f'`{workflow}` starts it' if workflow else 'start it on its machine'}"
    worker = draft.instances.get(done.worker)
    return worker.status.value if worker else "gone: its process has left"


def _fate(draft: Draft, done: Restarted) -> str:
    held = done.held
    return f"{code(held.task)} {standing(draft, held.project, held.task)}" if held else "held none"


def _figures(examined: Sequence[Diagnosis]) -> str:
    """Why nobody has: the figures that are nearest to a failure."""
    busy = [one for one in examined if one.elapsed is not None]
    if not busy:
        return "No worker has a task that its run has claimed. `/health-check all` shows each of them."
    longest = max(busy, key=lambda one: (one.elapsed, one.worker.id))
    shown = "`/health-check all` shows each of them."
    return f"The longest at work is `{longest.worker.id}`: {_pace(longest)}. {shown}"
