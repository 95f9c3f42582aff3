"""The workers of a play: who is idle, who was taken out, who is slow, and who is best for a task."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Protocol

from bot.domain.vocabulary import Workflow
from bot.policies.breaker import out_for, trips
from bot.policies.candidates import rank
from bot.policies.estimating import Estimates
from bot.policies.reserving import whole_minutes
from bot.policies.slowness import slow_among
from bot.policies.world import FLOWS, Hand, Job, World

FEW = 8
"""Of so many idle workers each is looked at; of more, one of those who suit everything equally."""


class Worker:
    """A worker while it is played; moments are seconds since 1970."""

    __slots__ = ("done", "failed", "faults", "hand", "id", "idle_since", "probe_at", "probes")

    def __init__(self, hand: Hand, now: int) -> None:
        """As it stands at the beginning."""
        skills = hand.skills
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
        self.workers = {hand.id: Worker(hand, world.now) for hand in world.hands}
        self.free: list[dict[str, Worker]] = [{} for _ in FLOWS]
        self.late: list[dict[str, Worker]] = [{} for _ in FLOWS]
        """Those who did not come for their last assignment, as long as they have no other one."""
        self._alike: list[dict[object, list[tuple[int, str]]]] = [{} for _ in FLOWS]
        """Those who are idle by what they suit, each group with who has been idle the longest first."""
        self._paces: dict[tuple[int, str], list[tuple[int, str, float]]] = {}
        self._slow: dict[tuple[int, str], tuple[int, int, frozenset[str]]] = {}
        self._more: list[tuple[Workflow, str, float]] = []
        self._estimates: Estimates | None = None
        """With all of ``_more``; only where something is kept for a worker, and then read once."""
        self.out = {one.id for one in self.workers.values() if one.probe_at is not None}
        """Those who may be taken out for failing at present."""
        for flow, specialty, ended, worker, took in world.paces:
            self._paces.setdefault((flow, specialty), []).append((ended, worker, max(1.0, took)))

    def ended(self, worker: Worker, job: Job, began: int, at: int, *, ok: bool) -> None:
        """An attempt of a worker has ended: its record, and its breaker."""
        if job.large:
            worker.done, worker.failed = worker.done + ok, worker.failed + (not ok)
        if ok:
            worker.faults, worker.probe_at, worker.probes = 0, None, 0
            self.out.discard(worker.id)
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
            self.out.add(worker.id)

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

    def _loads(self, flow: int, kept: Mapping[str, Iterable[Wanting]]) -> dict[str, float]:
        """Expected minutes of what is kept for each worker."""
        minutes: dict[str, float] = {}
        if kept and self._estimates is None:
            self._estimates = Estimates(self._world.draft, self._more)
        for worker, pieces in kept.items():
            times = (self._time(flow, one.job.specialty) for one in pieces)
            minutes[worker] = sum(times, 0.0)
        return minutes

    def _time(self, flow: int, specialty: str) -> float:
        """Minutes that a task takes."""
        return whole_minutes(self._estimates.of(FLOWS[flow], specialty).time) if self._estimates else 0.0
