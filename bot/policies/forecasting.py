"""When everything will be done: the fleet played forward with usual working times, by its own rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush

from bot.domain.budgets import project_used_up, used_up
from bot.domain.draft import Draft
from bot.domain.forecast import Blocked, Forecast, ProjectForecast, Step
from bot.domain.order import RANK, Place, place_of
from bot.domain.vocabulary import ProjectStatus, Stage, Workflow
from bot.policies.estimating import Estimates
from bot.policies.outstanding import Node, blocked, nodes, typical_features
from bot.policies.reserving import UP, left

MOST = 5_000
"""Tasks that are played; of a larger backlog the projects that come last have no forecast."""
Times = Callable[[Workflow, str], timedelta]
"""Working time of a workflow's specialty."""
_OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)
_STAGES = {
    Workflow.GENESIS: Stage.GENESIS,
    Workflow.DEVELOPMENT: Stage.DEVELOPMENT,
    Workflow.CONTENT: Stage.CONTENT,
}


def forecast(
    draft: Draft, *, extra: Mapping[Workflow, int] | None = None, times: Times | None = None
) -> Forecast:
    """Play the open work forward; ``extra`` adds workers, ``times`` replaces the usual working times.

    Nothing new comes in, fails, is paused, added or spent meanwhile. Deterministic: the same state gives
    the same forecast.
    """
    estimates = Estimates(draft)
    features, rests_on = typical_features(draft)
    work = {node.id: node for node in _first(draft, features)}
    play = _Play(draft, work, estimates, times or (lambda flow, name: estimates.of(flow, name).time))
    play.add(extra or {})
    steps = play.run()
    whole: dict[str, list[Node]] = {}
    for node in work.values():
        whole.setdefault(node.project, []).append(node)
    found = [
        _project(draft, id_, whole.get(id_, []), work, steps)
        for id_, project in draft.projects.items()
        if project.status not in _OVER
    ]
    far = draft.now + timedelta(days=36_500)
    found.sort(key=lambda one: (one.end or far, one.project))
    return Forecast(
        projects=tuple(found),
        end=max((one.end for one in found if one.end), default=None),
        steps=tuple(sorted(steps.values(), key=lambda step: (step.starts, step.id))),
        measured=sum(done.ok for done in draft.completions),
        typical=features,
        typical_from=rests_on,
    )


def _first(draft: Draft, features: int) -> list[Node]:
    """The work of as many projects as can be played, those that come first first."""
    whole: dict[str, list[Node]] = {}
    for node in nodes(draft, features):
        whole.setdefault(node.project, []).append(node)
    order = sorted(
        whole, key=lambda id_: (RANK[draft.projects[id_].priority], draft.projects[id_].created_at, id_)
    )
    taken: list[Node] = []
    for id_ in order:
        if len(taken) + len(whole[id_]) > MOST:
            break
        taken += whole[id_]
    return taken


class _Play:
    """List scheduling: whoever is free takes the first task of its queue that may start."""

    def __init__(self, draft: Draft, work: dict[str, Node], estimates: Estimates, times: Times) -> None:
        self._draft, self._work, self._times = draft, work, times
        self._open = {node.id: sum(id_ in work for id_ in node.needs) for node in work.values()}
        self._ready: dict[Workflow, list[tuple[Place, str]]] = {flow: [] for flow in Workflow}
        self._free: dict[Workflow, list[str]] = {flow: [] for flow in Workflow}
        self._specialties = {one.id: frozenset(one.specialties) for one in draft.instances.values()}
        self._events: list[tuple[datetime, str, str]] = []
        """(when, task that ends or opens, worker that becomes free or '')."""
        self._steps: dict[str, Step] = {}
        self._most = draft.config.budgets.running or len(work) + len(draft.instances)
        self._running = 0
        self._reopens = max((one.frees for one in used_up(draft) if one.frees), default=draft.now)
        """When the budgets that free by themselves do."""
        for node in work.values():
            for id_ in node.needs:
                if id_ in work:
                    work[id_].then.append(node.id)
        self._begin(estimates)

    def _begin(self, estimates: Estimates) -> None:
        """The present: who is at what, who is idle, what may start."""
        now = self._draft.now
        for worker in sorted(self._draft.instances.values(), key=lambda one: one.id):
            held = worker.assignment
            if held is not None:
                ends = now + left(self._draft, estimates, worker)
                stays = worker.id if worker.status in UP else ""
                if held.task in self._work:
                    self._steps[held.task] = Step(held.task, held.assigned_at, ends, worker.id, assumed=False)
                heappush(self._events, (ends, held.task, stays))
                self._running += 1
            elif worker.status in UP and worker.probe_at is not None and worker.probe_at > now:
                heappush(self._events, (worker.probe_at, "", worker.id))
            elif worker.status in UP:
                self._free[worker.workflow].append(worker.id)
        for node in self._work.values():
            if self._open[node.id] == 0 and not node.worker:
                self._open_up(node, now)

    def add(self, extra: Mapping[Workflow, int]) -> None:
        """More workers, which take anything."""
        for workflow, count in extra.items():
            for number in range(count):
                name = f"more {workflow} worker {number + 1}"
                self._specialties[name] = frozenset()
                self._free[workflow].append(name)

    def run(self) -> dict[str, Step]:
        """Every task that somebody comes to do, by its id."""
        self._give(self._draft.now)
        while self._events:
            at = self._events[0][0]
            while self._events and self._events[0][0] == at:
                self._happen(*heappop(self._events))
            self._give(at)
        return self._steps

    def _happen(self, at: datetime, task: str, worker: str) -> None:
        node = self._work.get(task)
        if node is not None and task not in self._steps:
            self._queue(node, at)  # its backoff is over
            return
        self._running -= bool(task)
        if worker:
            flow = node.workflow if node else self._draft.instances[worker].workflow
            self._free[flow].append(worker)
        for id_ in node.then if node else ():
            self._open[id_] -= 1
            if self._open[id_] == 0:
                self._open_up(self._work[id_], at)

    def _open_up(self, node: Node, at: datetime) -> None:
        opens = max(node.ready_at or at, self._reopens)
        if opens > at:
            heappush(self._events, (opens, node.id, ""))
        else:
            self._queue(node, at)

    def _queue(self, node: Node, at: datetime) -> None:
        if not held_back(self._draft, node):
            place = place_of(
                node.priority, node.queued_at or at, node.id, self._draft.config.queueing, front=node.front
            )
            heappush(self._ready[node.workflow], (place, node.id))

    def _give(self, at: datetime) -> None:
        for workflow, ready in self._ready.items():
            free = self._free[workflow]
            while ready and free and self._running < self._most:
                node = self._work[heappop(ready)[1]]
                own = [name for name in free if node.specialty in self._specialties[name]]
                worker = min(own) if own else free[0]
                free.remove(worker)
                ends = at + self._times(workflow, node.specialty)
                self._steps[node.id] = Step(node.id, at, ends, worker, node.assumed)
                heappush(self._events, (ends, node.id, worker))
                self._running += 1


def held_back(draft: Draft, node: Node) -> Blocked | None:
    """The control that keeps a task from starting."""
    if draft.controls.pause(node.workflow) is not None:
        return Blocked.PAUSED
    triage = draft.controls.triage
    if triage is not None and triage.holds(node.priority, node.workflow):
        return Blocked.TRIAGE
    return Blocked.BUDGET if project_used_up(draft, draft.projects[node.project]) else None


def _project(
    draft: Draft, id_: str, own: list[Node], work: Mapping[str, Node], steps: Mapping[str, Step]
) -> ProjectForecast:
    project = draft.projects[id_]
    if (why := blocked(draft, project)) is not None:
        return ProjectForecast(id_, None, *why)
    if not own:
        return ProjectForecast(id_, None, Blocked.TOO_MANY)
    if (never := next((node for node in own if node.id not in steps), None)) is not None:
        return ProjectForecast(id_, None, held_back(draft, never) or Blocked.NOBODY, never.workflow.value)
    ends: dict[Stage, datetime] = {}
    for node in own:
        stage = _STAGES[node.workflow]
        ends[stage] = max(ends.get(stage, draft.now), steps[node.id].ends)
    last = max((steps[node.id] for node in own), key=lambda step: (step.ends, step.id))
    return ProjectForecast(
        project=id_,
        end=last.ends,
        stages=tuple(ends.items()),
        critical=_critical(last, work, steps),
        assumed=sum(node.assumed for node in own),
    )


def _critical(last: Step, work: Mapping[str, Node], steps: Mapping[str, Step]) -> tuple[Step, ...]:
    """Back from the last task, each time to what it waited for longest."""
    chain = [last]
    while needs := [steps[id_] for id_ in work[chain[-1].id].needs if id_ in steps]:
        chain.append(max(needs, key=lambda step: (step.ends, step.id)))
    return tuple(reversed(chain))
