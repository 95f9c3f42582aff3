"""The workers of a play: who is idle, who was taken out, who is slow, and who is best for a task; how busy
they are, who starts and who stops.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Protocol

from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.assigning.candidates import rank
from bot.policies.assigning.reserving import UP, whole_minutes
from bot.policies.fleet.utilisation import Turn
from bot.policies.forecast.world import FLOWS, Hand, Job, World
from bot.policies.guards.breaker import out_for, trips
from bot.policies.guards.slowness import slow_among
from bot.policies.working.estimating import Estimates

FEW = 8
"""Of so many idle workers each is looked at; of more, one of those who suit everything equally."""


class Worker:
    """A worker while it is played; moments are seconds since 1970."""

    __slots__ = (
        "done",
        "failed",
        "faults",
        "hand",
        "id",
        "idle_since",
        "kind",
        "probe_at",
        "probes",
        "specialties",
        "status",
        "up",
    )
    status: WorkerStatus

    def __init__(self, hand: Hand) -> None:
        """As it stands at the beginning."""
        skills = hand.skills
        self.kind, self.specialties, self.status = skills.kind, skills.specialties, skills.status
        self.up = skills.status in UP
        """Whether it takes further work."""
        self.hand, self.id, self.idle_since = hand, hand.id, hand.idle_since
        self.done, self.failed = skills.large.done, skills.large.failed
        self.faults, self.probes = len(skills.faults), skills.probes
        self.probe_at = int(skills.probe_at.timestamp()) if skills.probe_at is not None else None

    def tripped(self, at: int) -> bool:
        """Whether it gets nothing at present because it failed too often."""
        return self.probe_at is not None and at < self.probe_at


class Wanting(Protocol):
    """A task that somebody is wanted for."""

    job: Job
    failed_on: frozenset[str]
    reserved: str


class Crew:
    """Everybody, by name; those who are idle by workflow."""

    def __init__(self, world: World) -> None:
        """Nobody is put to work yet."""
        self._world = world
        self.workers = {hand.id: Worker(hand) for hand in world.hands}
        self.members: list[list[Worker]] = [[] for _ in FLOWS]
        self.out: list[set[Worker]] = [set() for _ in FLOWS]
        """Those who were taken out for failing, or are being tried."""
        self.size = [0 for _ in FLOWS]
        """How many take work."""
        self.busy = [0 for _ in FLOWS]
        """How many have a task."""
        self.turns: list[list[Turn]] = [list(turns) for turns in world.turns]
        """How many had one from when on."""
        self.changed = [True for _ in FLOWS]
        """Whether anybody began, ended, came or went since that was looked at."""
        for one in self.workers.values():
            self._enter(one)
        self.free: list[dict[str, Worker]] = [{} for _ in FLOWS]
        self.late: list[dict[str, Worker]] = [{} for _ in FLOWS]
        """Those who did not come for their last assignment, as long as they have no other one."""
        self._alike: list[dict[object, list[tuple[int, str]]]] = [{} for _ in FLOWS]
        """Those who are idle by what they suit, each group with who has been idle the longest first."""
        self._paces: dict[tuple[int, str], list[tuple[int, str, float]]] = {}
        self._slow: dict[tuple[int, str], tuple[int, int, frozenset[str]]] = {}
        self._more: list[tuple[Workflow, str, float]] = []
        self._estimates: Estimates | None = None
        """With all of ``_more``; only where somebody asks."""
        for flow, specialty, ended, worker, took in world.paces:
            self._paces.setdefault((flow, specialty), []).append((ended, worker, max(1.0, took)))

    def _enter(self, worker: Worker) -> None:
        flow = worker.hand.flow
        self.members[flow].append(worker)
        self.size[flow] += worker.up
        self.busy[flow] += worker.hand.skills.assignment is not None
        if worker.probe_at is not None:
            self.out[flow].add(worker)

    def able(self, flow: int, at: int) -> int:
        """How many take work and were not taken out for failing."""
        out = self.out[flow]
        return self.size[flow] - sum(one.up and one.tripped(at) for one in out) if out else self.size[flow]

    def began(self, worker: Worker, at: int) -> None:
        """Somebody has a task now."""
        worker.status = WorkerStatus.BUSY
        self._turn(worker.hand.flow, at, 1)

    def _turn(self, flow: int, at: int, by: int) -> None:
        self.busy[flow] += by
        self.changed[flow] = True
        turns = self.turns[flow]
        if turns and turns[-1][0] == at:
            turns[-1] = (at, self.busy[flow])
        else:
            turns.append((at, self.busy[flow]))

    def ended(self, worker: Worker, job: Job, began: int, at: int, *, ok: bool) -> None:
        """An attempt of a worker has ended: its record, and its breaker; one that was to stop, stops."""
        worker.idle_since = at
        worker.status = WorkerStatus.IDLE if worker.up else WorkerStatus.STOPPED
        self._turn(worker.hand.flow, at, -1)
        self._judge(worker, job, began, at, ok=ok)

    def _judge(self, worker: Worker, job: Job, began: int, at: int, *, ok: bool) -> None:
        if job.large:
            worker.done, worker.failed = worker.done + ok, worker.failed + (not ok)
        if ok:
            if worker.probe_at is not None:
                self.out[worker.hand.flow].discard(worker)
            worker.faults, worker.probe_at, worker.probes = 0, None, 0
            self._paces.setdefault((job.flow, job.specialty), []).append(
                (at, worker.id, max(1.0, at - began))
            )
            self._more.append((FLOWS[job.flow], job.specialty, float(at - began)))
            if self._estimates is not None:
                self._estimates.add(*self._more[-1])
            return
        worker.faults += 1
        settings = self._world.config.breaker
        tried = worker.probes if worker.probe_at is not None else None
        if (probes := trips(settings, worker.faults, tried)) is not None:
            worker.probe_at = at + int(out_for(settings, probes).total_seconds())
            worker.probes = probes
            self.out[worker.hand.flow].add(worker)

    def start(self, worker: Worker, at: int) -> None:
        """Somebody takes work who took none: one that had stopped, or a new one."""
        flow = worker.hand.flow
        if worker.id not in self.workers:
            self.workers[worker.id] = worker
            self.members[flow].append(worker)
        worker.up, worker.status, worker.idle_since = True, WorkerStatus.IDLE, at
        self.size[flow] += 1
        self.changed[flow] = True
        self.idle(worker, late=False)

    def has_been_idle(self, name: str, since: int) -> bool:
        """Whether somebody has had nothing to do since that moment."""
        worker = self.workers.get(name)
        return worker is not None and worker.status is WorkerStatus.IDLE and worker.idle_since == since

    def call_back(self, worker: Worker) -> None:
        """Somebody goes on who was to stop after its task."""
        worker.up, worker.status = True, WorkerStatus.BUSY
        self.size[worker.hand.flow] += 1
        self.changed[worker.hand.flow] = True

    def stop(self, worker: Worker) -> None:
        """Somebody takes no more work: who has a task finishes that first."""
        flow = worker.hand.flow
        busy = worker.status is WorkerStatus.BUSY
        worker.up, worker.status = False, WorkerStatus.DRAINING if busy else WorkerStatus.STOPPED
        self.free[flow].pop(worker.id, None)
        self.late[flow].pop(worker.id, None)
        self.size[flow] -= 1
        self.changed[flow] = True

    def idle(self, worker: Worker, *, late: bool) -> None:
        """Somebody has nothing to do."""
        flow = worker.hand.flow
        if late:
            self.late[flow][worker.id] = worker
            return
        self.free[flow][worker.id] = worker
        alike = self._alike[flow].setdefault((worker.hand.shape, worker.done, worker.failed), [])
        heappush(alike, (worker.idle_since, worker.id))

    def _foremost(self, flow: int) -> Iterator[Worker]:
        """Of those who suit everything equally, the one who has been idle the longest."""
        free = self.free[flow]
        for alike in self._alike[flow].values():
            while alike:
                since, name = alike[0]
                if name in free and free[name].idle_since == since:
                    yield free[name]
                    break
                heappop(alike)

    def best(
        self, free: dict[str, Worker], task: Wanting, kept: Mapping[str, Collection[Wanting]], at: int
    ) -> Worker:
        """Take the best of those who are free for a task, by the rules; ``kept``: tasks by their worker."""
        if len(free) == 1:
            return free.popitem()[1]
        world, job, failed_on = self._world, task.job, task.failed_on
        slow = self.slow(job.flow, job.specialty, at)
        loads = self._loads(job.flow, {one: kept[one] for one in free if one in kept}) if kept else {}
        equal = len(free) > FEW and free is self.free[job.flow] and not (failed_on or slow or kept)
        chosen = min(
            self._foremost(job.flow) if equal else free.values(),
            key=lambda one: (
                one.id in failed_on,
                world.fit(
                    one.hand,
                    job.want,
                    one.id in slow,
                    one.done if job.large else 0,
                    one.failed if job.large else 0,
                ),
                rank(loads.get(one.id, 0.0), one.idle_since, one.id),
            ),
        )
        return free.pop(chosen.id)

    def slow(self, flow: int, specialty: str, at: int) -> frozenset[str]:
        """Who is slow at a specialty of late."""
        known = self._paces.get((flow, specialty), [])
        since = at - self._world.config.degradation.window_minutes * 60
        first = next((place for place, one in enumerate(known) if one[0] > since), len(known))
        del known[:first]
        seen = self._slow.get((flow, specialty))
        if seen is None or seen[:2] != (len(known), known[0][0] if known else 0):
            found = slow_among(
                ((worker, took) for _, worker, took in known), self._world.config.degradation.factor
            )
            seen = self._slow[flow, specialty] = (len(known), known[0][0] if known else 0, found)
        return seen[2]

    def estimates(self) -> Estimates:
        """How long work takes, by all that has ended up to now."""
        if self._estimates is None:
            self._estimates = self._world.estimates.copy()
            for one in self._more:
                self._estimates.add(*one)
        return self._estimates

    def _loads(self, flow: int, kept: Mapping[str, Iterable[Wanting]]) -> dict[str, float]:
        """Expected minutes of what is kept for each worker."""
        return {
            worker: sum((self._time(flow, one) for one in pieces), 0.0) for worker, pieces in kept.items()
        }

    def _time(self, flow: int, task: Wanting) -> float:
        """Minutes that a task takes."""
        return whole_minutes(self.estimates().of(FLOWS[flow], task.job.specialty).time)
