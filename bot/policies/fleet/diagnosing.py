"""A worker's health from evidence: its heartbeat, its lease, its run on GitHub, its attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from bot.domain.draft import Draft
from bot.domain.events.looked_up import RunSeen
from bot.domain.fleet import Check, Diagnosis, Verdict
from bot.domain.instances import Assignment, Instance
from bot.domain.processes import start_command
from bot.domain.vocabulary import WorkerStatus
from bot.policies.fleet.liveness import ENDED
from bot.policies.fleet.pace import allowed_to, beat_seconds
from bot.policies.fleet.stuck import got_on, stuck_after
from bot.policies.working.estimating import Estimates

DAY = timedelta(days=1)
SLOW = 1.5
"""Times the expected working time: worth a look."""


def silent_after(draft: Draft, worker: Instance) -> timedelta:
    """How long a worker that is to be heard of may be silent (specification: "missing heartbeat")."""
    if worker.kind == "external":
        return allowed_to(worker, draft.config, beat_seconds(draft.config, draft.instances))
    return timedelta(minutes=draft.config.health.heartbeat_minutes)


def heard(draft: Draft, worker: Instance) -> timedelta:
    """Since a worker's last heartbeat, or since it was created where there was none."""
    return draft.now - (worker.last_heartbeat or worker.created_at or draft.now)


def failed(draft: Draft, runs: Sequence[RunSeen] | None) -> list[Diagnosis]:
    """The workers that have failed, by their id: what ``/restart-failed-instances`` restarts."""
    return [found for found in Examination(draft, runs).all(draft.instances.values()) if found.failed]


class Examination:
    """Examines workers of one draft against what GitHub says of their runs."""

    def __init__(self, draft: Draft, runs: Sequence[RunSeen] | None) -> None:
        """``runs``: those of the workers' assignments; None where GitHub did not tell."""
        self._draft = draft
        self._told = runs is not None
        self._runs: dict[str, list[RunSeen]] = defaultdict(list)
        for run in runs or ():
            self._runs[run.assignment].append(run)
        self._estimates = Estimates(draft)
        self._ended: dict[str, list[bool]] = defaultdict(list)
        for done in draft.completions:
            if draft.now - done.finished_at <= DAY:
                self._ended[done.worker].append(done.ok)

    def all(self, workers: Iterable[Instance]) -> list[Diagnosis]:
        """Each worker, by its id."""
        return [self.of(worker) for worker in sorted(workers, key=lambda worker: worker.id)]

    def of(self, worker: Instance) -> Diagnosis:
        """The evidence about a worker, with a verdict for each check."""
        draft, held, ended = self._draft, worker.assignment, self._ended[worker.id]
        estimate = self._estimates.of(worker.workflow, self._specialty(worker))
        limit = timedelta(minutes=draft.config.pools.of(worker.workflow).time_limit_minutes)
        found = Diagnosis(
            worker=worker,
            at=draft.now,
            verdicts={},
            heard=heard(draft, worker),
            expects_heartbeat=_expects_heartbeat(worker),
            silent_after=silent_after(draft, worker),
            told=self._told,
            run=_run(held, self._runs[held.id]) if held else None,
            attempts=len(ended),
            failed_attempts=ended.count(False),
            error_target=draft.config.targets.error_rate,
            elapsed=draft.now - held.claimed_at if held and held.claimed_at else None,
            quiet=_quiet(draft, worker),
            expected=estimate.time,
            measured=estimate.attempts,
            stuck_after=stuck_after(draft, worker, estimate.time),
            limit=limit,
            start=start_command(draft.instances.values(), worker.process) if worker.process else "",
        )
        return replace(found, verdicts={check: judge(found) for check, judge in _JUDGES.items()})

    def _specialty(self, worker: Instance) -> str:
        """Of the task that it holds: what its working time is compared with."""
        held = worker.assignment
        task = self._draft.projects[held.project].task(held.task) if held else None
        return task.specialty if task else ""


def _run(held: Assignment, runs: Sequence[RunSeen]) -> RunSeen | None:
    """The claimant's run, else one that has not ended, else the newest."""
    ranked = [(run.run_id == held.run_id, run.status != ENDED, run.run_id, run) for run in runs]
    return max(ranked, key=lambda row: row[:3])[3] if ranked else None


def _expects_heartbeat(worker: Instance) -> bool:
    """A worker on Actions is a place for runs: until one has claimed a task, nobody is there to be heard."""
    if worker.kind == "external":
        return worker.status is not WorkerStatus.STOPPED
    return worker.assignment is not None and worker.assignment.claimed_at is not None


def _quiet(draft: Draft, worker: Instance) -> timedelta | None:
    """A run on Actions cannot tell how it gets on."""
    held = worker.assignment
    since = got_on(held) if held is not None and worker.kind == "external" else None
    return None if since is None else draft.now - since


def _status(found: Diagnosis) -> Verdict:
    """A worker that was taken out for failing is to be watched: a restart would not mend it."""
    match found.worker.status:
        case WorkerStatus.OFFLINE:
            return Verdict.FAILED
        case WorkerStatus.PROVISIONING:
            return Verdict.WATCH
        case _ if found.worker.probe_at is not None:
            return Verdict.WATCH
        case WorkerStatus.IDLE | WorkerStatus.BUSY | WorkerStatus.DRAINING | WorkerStatus.STOPPED:
            return Verdict.WELL
        case _:
            assert_never(found.worker.status)


def _heartbeat(found: Diagnosis) -> Verdict:
    """A run on Actions holds no token while it works: GitHub showing it alive stands for its heartbeat."""
    if not found.expects_heartbeat or found.heard <= found.silent_after:
        return Verdict.WELL
    if found.worker.kind == "external":
        return Verdict.FAILED
    if found.run is None:
        return Verdict.WATCH
    return Verdict.FAILED if found.run.status == ENDED else Verdict.WELL


def _lease(found: Diagnosis) -> Verdict:
    held = found.worker.assignment
    if held is None:
        return Verdict.WELL
    if held.expires_at <= found.at:
        return Verdict.FAILED
    late = held.claimed_at is None and found.at - held.assigned_at > found.silent_after
    return Verdict.WATCH if late else Verdict.WELL


def _on_github(found: Diagnosis) -> Verdict:
    held = found.worker.assignment
    if held is None or found.worker.kind == "external":
        return Verdict.WELL
    if found.run is not None:
        return Verdict.FAILED if found.run.status == ENDED else Verdict.WELL
    new = held.claimed_at is None and found.at - held.assigned_at <= found.silent_after
    return Verdict.WELL if found.told and new else Verdict.WATCH


def _errors(found: Diagnosis) -> Verdict:
    """Never a failure: a restart would not mend it."""
    over = found.failed_attempts > found.error_target * found.attempts
    return Verdict.WATCH if over else Verdict.WELL


def _pace(found: Diagnosis) -> Verdict:
    if found.elapsed is None:
        return Verdict.WELL
    if found.quiet is not None:
        stuck = found.quiet > found.stuck_after
    else:
        stuck = found.elapsed > found.stuck_after and found.heard > found.silent_after
    if stuck:
        return Verdict.FAILED
    return Verdict.WATCH if found.elapsed > SLOW * found.expected else Verdict.WELL


_JUDGES: Mapping[Check, Callable[[Diagnosis], Verdict]] = {
    Check.STATUS: _status,
    Check.HEARTBEAT: _heartbeat,
    Check.LEASE: _lease,
    Check.RUN: _on_github,
    Check.ERRORS: _errors,
    Check.PACE: _pace,
}
