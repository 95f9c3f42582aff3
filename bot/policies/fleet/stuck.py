"""Work that does not get on: warned of, then stopped where its worker can tell. Stuck is not dead."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.alert_rules import STUCK
from bot.domain.base import stamp
from bot.domain.draft import Draft
from bot.domain.failures import Cause
from bot.domain.instances import Assignment, Instance
from bot.domain.vocabulary import TaskStatus
from bot.policies.alerting.alerts import end_others, open_alert, raise_alert
from bot.policies.working.attempts import fail_held
from bot.policies.working.estimating import Estimates

TWICE = 2
"""Times the expected working time: where progress cannot be told, nothing shorter counts as stuck."""


def got_on(held: Assignment) -> datetime | None:
    """When work last showed progress; its beginning counts as such. None before that."""
    if held.claimed_at is None or held.progress_at is None:
        return held.claimed_at
    return max(held.claimed_at, held.progress_at)


def stuck_after(draft: Draft, worker: Instance, expected: timedelta) -> timedelta:
    """How long a worker's task may show no progress; ``expected`` is its working time.

    A run on Actions shows none until it reports, so that without a configured limit its task is stuck
    only when others of its kind would have been done twice.
    """
    pool = draft.config.pools.of(worker.workflow)
    if worker.kind == "external" or pool.stuck_minutes is not None:
        return pool.stuck_after
    return max(pool.stuck_after, TWICE * expected)


def settle_stuck(draft: Draft) -> None:
    """Warn of what shows no progress for its workflow's limit; the warning ends when it does, or is over.

    A worker on a machine of its own tells progress with its beats: it loses its task when a while after
    the warning there still was none, and the attempt counts. A run on Actions holds no token while it
    works and cannot tell, so its time limit is what ends it.
    """
    grace = timedelta(minutes=draft.config.health.stuck_grace_minutes)
    warned: set[str] = set()
    estimates: Estimates | None = None
    for worker in sorted(draft.instances.values(), key=lambda one: one.id):
        held = worker.assignment
        since = got_on(held) if held else None
        if (
            held is None
            or since is None
            or _is_publishing(draft, held)
            or draft.now - since < _least(draft, worker)
        ):
            continue
        estimates = estimates or Estimates(draft)
        limit = _limit(draft, worker, held, estimates)
        if draft.now - since < limit:
            continue
        alert = open_alert(draft, STUCK.named(worker.id))
        if alert is None or alert.gone_at is not None:
            _warn(draft, worker, held, since, limit)
            alert = open_alert(draft, STUCK.named(worker.id))
        if worker.kind == "external" and alert is not None and draft.now - alert.active_since >= grace:
            _stop(draft, worker, held, since)
        else:
            warned.add(worker.id)
    end_others(draft, STUCK, warned)


def _is_publishing(draft: Draft, held: Assignment) -> bool:
    """Its report was accepted: what is left waits for GitHub, not for the worker."""
    task = draft.projects[held.project].task(held.task)
    return task is not None and task.status is TaskStatus.PUBLISHING


def _least(draft: Draft, worker: Instance) -> timedelta:
    """What is younger than that needs no look at how long work takes."""
    return draft.config.pools.of(worker.workflow).stuck_after


def _limit(draft: Draft, worker: Instance, held: Assignment, estimates: Estimates) -> timedelta:
    task = draft.projects[held.project].task(held.task)
    return stuck_after(draft, worker, estimates.of(worker.workflow, task.specialty if task else "").time)


def _stop(draft: Draft, worker: Instance, held: Assignment, since: datetime) -> None:
    summary = (
        f"{worker.id} showed no progress on this since {stamp(since)}, and none after a warning either: it "
        f"was stopped; see the log of its process {worker.process}"
    )
    fail_held(draft, worker, summary, Cause.STUCK, cause=f"stuck-{held.lease}")


def _warn(draft: Draft, worker: Instance, held: Assignment, since: datetime, limit: timedelta) -> None:
    case = "silent" if worker.kind == "external" else ""
    raise_alert(
        draft,
        STUCK,
        worker.id,
        case=case,
        advice=case,
        began=since,
        worker=worker.id,
        workflow=worker.workflow,
        task=held.task,
        since=stamp(since),
        minutes=f"{limit.total_seconds() / 60:g} min",
        stop=stamp(draft.now + timedelta(minutes=draft.config.health.stuck_grace_minutes)),
        limit=stamp(held.expires_at),
    )
