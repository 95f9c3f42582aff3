"""Work that nobody does any more: leases that are over, runs that ended or never began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.events import RunSeen
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Failure, Task
from bot.domain.vocabulary import TaskStatus, WorkerStatus
from bot.policies.alerts import end_alert, raise_alert
from bot.policies.attempts import end_attempt, requeue_first, take_back

ENDED = "completed"
"""GitHub's word for the status of a run that has ended, however it ended."""
START_ALERT = "runs-not-starting"
IN_A_ROW = 2
"""Runs of one worker that never began, from which it is an alert."""
_DID = {TaskStatus.ASSIGNED: "never started", TaskStatus.PUBLISHING: "did not finish publishing"}


def expire_leases(draft: Draft) -> None:
    """Fail each attempt whose lease is over."""
    for worker in _holders(draft):
        held = worker.assignment
        if held is not None and held.expires_at <= draft.now:
            minutes = draft.config.pools.of(worker.workflow).time_limit_minutes
            _fail(
                draft, worker, f"within {minutes} minutes; see its run's log", cause=f"expired-{held.lease}"
            )


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
            _fail(draft, worker, how, cause=f"ended-{held.lease}", url=seen.url)


def start_again(draft: Draft) -> None:
    """Cancel and dispatch anew what nobody has claimed in time; the attempt does not count.

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
            detail=f"its run did not begin within {limit.total_seconds() / 60:g} min: asked for anew",
        )
    _tell_of_starts(draft)


def _tell_of_starts(draft: Draft) -> None:
    stuck = sorted(
        worker.id
        for worker in draft.instances.values()
        if worker.unstarted >= IN_A_ROW and worker.status is not WorkerStatus.STOPPED
    )
    if not stuck:
        end_alert(draft, START_ALERT)
        return
    names = ", ".join(stuck[:5]) + (f" and {len(stuck) - 5} more" if len(stuck) > 5 else "")
    raise_alert(
        draft,
        START_ALERT,
        f"the runs of {names} do not begin, {IN_A_ROW} times in a row or more",
        f"Look at the runs of {draft.config.worker_workflow} under Actions: is the workflow enabled, is a "
        "runner with its labels online, are there minutes left?",
    )


def _holders(draft: Draft) -> list[Instance]:
    return sorted((one for one in draft.instances.values() if one.assignment), key=lambda one: one.id)


def _fail(draft: Draft, worker: Instance, how: str, *, cause: str, url: str = "") -> None:
    held = worker.assignment
    project = draft.projects[held.project] if held else None
    task = project.task(held.task) if project and held else None
    if project is None or task is None:
        return
    failure = Failure(
        at=draft.now,
        attempt=task.attempt,
        worker=worker.id,
        lease=task.lease or 0,
        summary=f"{worker.id} {_did(task)} {how}",
        run_url=url,
    )
    end_attempt(draft, worker, project, task, failure, cause=cause)


def _did(task: Task) -> str:
    return _DID.get(task.status, "did not report")
