"""Work that nobody does any more: leases that are over, runs that ended or never began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.alert_rules import CLAIMS, RUNS
from bot.domain.draft import Draft
from bot.domain.events.looked_up import RunSeen
from bot.domain.failures import Cause
from bot.domain.instances import Assignment, Instance
from bot.domain.vocabulary import TaskStatus, WorkerStatus
from bot.policies.alerting.alerts import end_alert, raise_alert
from bot.policies.working.attempts import cancel_run, fail_held, requeue_first, take_back

ENDED = "completed"
"""GitHub's word for the status of a run that has ended, however it ended."""
IN_A_ROW = 2
"""Runs of one worker that never began, from which it is an alert."""
_DID = {TaskStatus.ASSIGNED: "never started", TaskStatus.PUBLISHING: "did not finish publishing"}


def expire_leases(draft: Draft) -> None:
    """Fail each attempt whose lease is over, and end the run that may still be at it."""
    for worker in _holders(draft):
        held = worker.assignment
        if held is not None and held.expires_at <= draft.now:
            minutes = draft.config.pools.of(worker.workflow).time_limit_minutes
            cause, whose = f"expired-{held.lease}", "process" if worker.kind == "external" else "run"
            cancel_run(draft, worker, cause)
            summary = (
                f"{_did(draft, worker)} within its time limit of {minutes} min and was stopped; "
                f"see its {whose}'s log"
            )
            fail_held(draft, worker, summary, Cause.TIME, cause=cause)


def deciding(held: Assignment, runs: Sequence[RunSeen]) -> RunSeen | None:
    """The run by whose end an assignment ends: the claimant's; before a claim, the newest of ended ones."""
    if held.run_id is not None:
        return next((run for run in runs if run.run_id == held.run_id), None)
    over = runs and all(run.status == ENDED for run in runs)
    return max(runs, key=lambda run: run.run_id) if over else None


def end_with_run(draft: Draft, seen: RunSeen) -> None:
    """Fail the attempt of a run that has ended without a report; any other run changes nothing.

    The run writes its report before it ends, and a look is settled after the reports of its batch: an
    assignment that is still open then will get none.
    """
    for worker in _holders(draft):
        held = worker.assignment
        if held is None or held.id != seen.assignment or seen.status != ENDED:
            continue
        if held.run_id in (None, seen.run_id):
            how = f"before its run ended ({seen.conclusion or 'without a conclusion'}); see the run's log"
            summary = f"{_did(draft, worker)} {how}"
            fail_held(draft, worker, summary, Cause.ENDED, cause=f"ended-{held.lease}", url=seen.url)


def start_again(draft: Draft) -> None:
    """Take back what nobody has claimed in time, and assign it anew; the attempt does not count.

    A run on Actions is cancelled, and another dispatched; what a process on a machine of its own did not
    come for goes to somebody else first.

    It is not the task's fault, so it never ends in review; an alert tells of it instead.
    """
    limit = timedelta(minutes=draft.config.health.start_minutes)
    for worker in _holders(draft):
        held = worker.assignment
        if held is None or held.claimed_at is not None or draft.now - held.assigned_at < limit:
            continue
        if (taken := take_back(draft, worker, f"unstarted-{held.lease}")) is not None:
            requeue_first(draft, *taken)
        freed = draft.instances[worker.id]
        draft.instances[worker.id] = freed.model_copy(update={"unstarted": worker.unstarted + 1})
        draft.note(
            "worker",
            worker=worker.id,
            project=held.project,
            task=held.task,
            detail=_unstarted(worker, limit),
        )


def _unstarted(worker: Instance, limit: timedelta) -> str:
    minutes = f"{limit.total_seconds() / 60:g} min"
    if worker.kind == "external":
        return f"its process did not come for it within {minutes}: others get it first"
    return f"its run did not begin within {minutes}: asked for anew"


def tell_of_starts(draft: Draft) -> None:
    """An alert while the work of workers does not begin, again and again."""
    _tell_of_runs(draft)
    _tell_of_claims(draft)


def _tell_of_runs(draft: Draft) -> None:
    if not (names := _without_start(draft, "actions")):
        end_alert(draft, RUNS)
        return
    raise_alert(draft, RUNS, workers=names, times=IN_A_ROW, workflow=draft.config.worker_workflow)


def _tell_of_claims(draft: Draft) -> None:
    if not (names := _without_start(draft, "external")):
        end_alert(draft, CLAIMS)
        return
    raise_alert(draft, CLAIMS, workers=names, times=IN_A_ROW)


def _without_start(draft: Draft, kind: str) -> str:
    """The workers of a kind whose work does not begin, again and again, by name."""
    away = (WorkerStatus.STOPPED, WorkerStatus.OFFLINE)
    stuck = sorted(
        one.id
        for one in draft.instances.values()
        if one.unstarted >= IN_A_ROW and one.kind == kind and one.status not in away
    )
    return ", ".join(stuck[:5]) + (f" and {len(stuck) - 5} more" if len(stuck) > 5 else "")


def _holders(draft: Draft) -> list[Instance]:
    return sorted((one for one in draft.instances.values() if one.assignment), key=lambda one: one.id)


def _did(draft: Draft, worker: Instance) -> str:
    """What the holder of an assignment failed to do."""
    held = worker.assignment
    task = draft.projects[held.project].task(held.task) if held else None
    return f"{worker.id} {_DID.get(task.status, 'did not report') if task else 'did not report'}"
