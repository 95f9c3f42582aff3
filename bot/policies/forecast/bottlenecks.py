"""Which workflow limits the flow, and what would help most by the forecast."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.flow import Bottleneck, Flow
from bot.domain.instances import Instance
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.assigning.reserving import UP
from bot.policies.forecast.changes import best_changes
from bot.policies.forecast.standing import standing
from bot.policies.guards.slowness import slow_workers
from bot.policies.measuring.figures import record
from bot.policies.projects.overview import slowest
from bot.policies.working.estimating import Estimates

WINDOW = timedelta(hours=1)
BUSY = 0.8
"""Utilisation from which a workflow with a queue counts as the limit."""


def bottleneck(draft: Draft) -> Bottleneck:
    """Judge the flow of the last hour, or of as much of it as the record covers."""
    since = max(draft.now - WINDOW, record(draft).begins)
    flows = tuple(_flow(draft, workflow, since) for workflow in Workflow)
    limit = limiting(flows)
    tried = best_changes(draft)
    longest = None if limit else slowest(draft)
    return Bottleneck(since, flows, limit, tried.changes, tried.runs, longest, tried.growth)


def limiting(flows: tuple[Flow, ...]) -> Workflow | None:
    """The workflow whose queue takes longest to empty, where one waits and its workers have no room."""
    tight = [
        flow
        for flow in flows
        if flow.waiting
        and (
            flow.held is not None
            or flow.utilisation is None
            or flow.utilisation >= BUSY
            or flow.waiting > flow.up
            or (flow.growth > 0 and flow.waiting == flow.up)
        )
    ]
    longest = timedelta(days=36_500)
    worst = max(tight, key=lambda flow: flow.drain if flow.drain is not None else longest, default=None)
    return worst.workflow if worst else None


def _flow(draft: Draft, workflow: Workflow, since: datetime) -> Flow:
    items = draft.ordered(QueueName(workflow.value))
    workers = [one for one in draft.instances.values() if one.workflow is workflow and one.status in UP]
    ended = [one for one in draft.completions if one.workflow is workflow and one.finished_at > since]
    hours = (draft.now - since).total_seconds() / 3_600
    rate = len(ended) / hours if hours else 0
    times, held = Estimates(draft), standing(draft, workflow, items)
    backlog = sum((times.of(workflow, item.specialty).time for item in items), timedelta())
    return Flow(
        workflow=workflow,
        waiting=len(items),
        up=len(workers),
        utilisation=_utilisation(draft, workers, workflow, since),
        arrived=_arrived(draft, workflow, since),
        finished=len(ended),
        oldest=draft.now - min(item.enqueued_at for item in items) if items else None,
        drain=backlog / len(workers) if held is None else None,
        little=timedelta(hours=len(items) / rate) if rate and items else None,
        worst=next(iter(Counter(item.specialty for item in items).most_common(1)), None),
        held=held,
        slow=_slow(draft, workflow),
    )


def _slow(draft: Draft, workflow: Workflow) -> tuple[str, str] | None:
    found = sorted((worker, name) for name, slow in slow_workers(draft, workflow).items() for worker in slow)
    return found[0] if found else None


def _utilisation(draft: Draft, workers: list[Instance], workflow: Workflow, since: datetime) -> float | None:
    whole = (draft.now - since) * len(workers)
    if not whole:
        return None
    ids = {one.id for one in workers}
    busy = sum(
        (
            one.finished_at - max(one.assigned_at, since)
            for one in draft.completions
            if one.worker in ids and one.workflow is workflow and one.finished_at > since
        ),
        timedelta(),
    )
    held = (one.assignment for one in workers if one.assignment)
    busy += sum((draft.now - max(one.assigned_at, since) for one in held), timedelta())
    return min(1.0, busy / whole)


def _arrived(draft: Draft, workflow: Workflow, since: datetime) -> int:
    return sum(
        task.workflow is workflow and task.queued_at is not None and task.queued_at > since
        for project in draft.projects.values()
        if project.updated_at > since
        for task in project.tasks
    )
