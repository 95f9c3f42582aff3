"""Leases that ended by themselves: work whose worker was not heard of in time."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Failure, Task
from bot.domain.vocabulary import TaskStatus
from bot.policies.attempts import end_attempt


def expire_leases(draft: Draft) -> None:
    """Fail each attempt whose lease is over."""
    for worker in sorted(draft.instances.values(), key=lambda worker: worker.id):
        held = worker.assignment
        if held is None or held.expires_at > draft.now:
            continue
        project = draft.projects[held.project]
        if (task := project.task(held.task)) is None:
            continue
        end_attempt(
            draft, worker, project, task, _overdue(draft, worker, task), cause=f"expired-{held.lease}"
        )


def _overdue(draft: Draft, worker: Instance, task: Task) -> Failure:
    minutes = draft.config.pools.of(task.workflow).time_limit_minutes
    did = {
        TaskStatus.ASSIGNED: "never started",
        TaskStatus.PUBLISHING: "did not finish publishing",
    }.get(task.status, "did not report")
    return Failure(
        at=draft.now,
        attempt=task.attempt,
        worker=worker.id,
        lease=task.lease or 0,
        summary=f"{worker.id} {did} within {minutes} minutes; see its run's log",
    )
