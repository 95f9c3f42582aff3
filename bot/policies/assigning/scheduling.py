"""When queued tasks are expected to start: the queue played forward over the workers that are up now.

List scheduling: whoever is free first takes what is kept for it, else the first task of the queue that may
start. It assumes the usual working times and that nothing new comes in, fails, or is added to the fleet.
"""

from __future__ import annotations

from datetime import datetime
from heapq import heapify, heappop, heappush

from bot.domain.draft import Draft
from bot.domain.models import QueueItem, Task
from bot.domain.outlook import Hold, Start
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.assigning.holding import Holding
from bot.policies.assigning.reserving import UP, left
from bot.policies.working.estimating import Estimates


def expected_starts(draft: Draft, workflow: Workflow) -> dict[str, Start]:
    """Task id → when it is expected to start, for every task of a workflow's queue."""
    return _Play(draft, workflow).run()


class _Play:
    """One workflow's queue, played forward."""

    def __init__(self, draft: Draft, workflow: Workflow) -> None:
        self._draft, self._workflow = draft, workflow
        self._items = draft.ordered(QueueName(workflow.value))
        self._estimates = Estimates(draft)
        self._starts: dict[str, Start] = {}
        self._holding = Holding(draft)
        self._lines: dict[str, list[int]] = {"": []}
        """Worker → places of the tasks that are kept for it; '': of those that anybody may take."""
        self._later: dict[str, list[tuple[datetime, int]]] = {"": []}
        """The same for tasks that may not start before a moment."""
        self._workers = [
            (max(draft.now + left(draft, self._estimates, one), one.probe_at or draft.now), one.id)
            for one in draft.instances.values()
            if one.workflow is workflow and one.status in UP
        ]
        heapify(self._workers)

    def run(self) -> dict[str, Start]:
        """Every task's start; unknown for those that nobody comes to take."""
        for place, item in enumerate(self._items):
            self._line_up(place, item)
        while self._workers:
            at, worker = heappop(self._workers)
            if (taken := self._next(worker, at)) is not None:
                item = self._items[taken]
                self._starts[item.task] = Start(self._starts[item.task].hold, at, item.reserved)
                took = self._estimates.of(self._workflow, item.specialty).time
                heappush(self._workers, (at + took, worker))
            elif (opens := self._opens(worker)) is not None:
                heappush(self._workers, (max(at, opens), worker))
        return self._starts

    def _line_up(self, place: int, item: QueueItem) -> None:
        task = self._draft.projects[item.project].task(item.task)
        hold = self._holding.of(item, task) if task else None
        self._starts[item.task] = Start(hold, None, item.reserved)
        opens = _opens(task)
        if hold is Hold.BACKOFF and opens is not None:
            heappush(self._later.setdefault(item.reserved, []), (opens, place))
        elif hold is None:
            heappush(self._lines.setdefault(item.reserved, []), place)

    def _next(self, worker: str, at: datetime) -> int | None:
        """The place of the task that a worker takes at a moment."""
        for line in (worker, ""):
            later, ready = self._later.get(line, []), self._lines.setdefault(line, [])
            while later and later[0][0] <= at:
                heappush(ready, heappop(later)[1])
            if ready:
                return heappop(ready)
        return None

    def _opens(self, worker: str) -> datetime | None:
        """When the next task that this worker could take may start."""
        moments = [self._later[line][0][0] for line in (worker, "") if self._later.get(line)]
        return min(moments, default=None)


def _opens(task: Task | None) -> datetime | None:
    return task.not_before if task else None
