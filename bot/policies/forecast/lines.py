"""The queues of a play: what waits in which order, what a switch holds back, which switch a rule throws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from math import ceil

from bot.domain.controls import Overflow, Triage
from bot.domain.order import RANK, Place
from bot.policies.forecast.agenda import NEVER
from bot.policies.forecast.compiling import moment, seconds
from bot.policies.forecast.crew import Crew
from bot.policies.forecast.keeping import Keeping
from bot.policies.forecast.pieces import Piece
from bot.policies.forecast.spending import Spending
from bot.policies.forecast.world import FLOWS, World
from bot.policies.guards import overload
from bot.policies.guards.controls import judged
from bot.policies.guards.overflow import is_over

_LEVELS = {rank: priority for priority, rank in RANK.items()}


class Lines:
    """What waits in each workflow."""

    def __init__(self, world: World, crew: Crew, spending: Spending) -> None:
        """Nothing waits yet."""
        self._world, self._crew, self._spending = world, crew, spending
        self._triaged: list[list[Piece]] = [[] for _ in FLOWS]
        self._triage = world.draft.controls.triage
        self.ready: list[list[tuple[Place, Piece]]] = [[] for _ in FLOWS]
        """Heaps of what may start, as far as backoffs and triage go."""
        self.kept = [Keeping() for _ in FLOWS]
        """The same, of what is kept for a worker."""
        self.queued: list[dict[Piece, None]] = [{} for _ in FLOWS]
        """Each whole queue, with what may not start, in no order that counts."""
        self._mixed = len({idea.rank for idea in world.ideas}) > 1
        """Whether triage at one level would hold anything back."""
        self._overflows = {FLOWS.index(one.workflow): one for one in world.draft.controls.overflows}
        self.paused = set(world.paused)
        self.failing = [dict.fromkeys(names) for names in world.failing]
        """The tasks that failed since one succeeded."""

    def put(self, piece: Piece) -> None:
        """It waits in its queue; whether it may start is another thing."""
        self.queued[piece.job.flow][piece] = None
        self._crew.changed[piece.job.flow] = True

    def take(self, piece: Piece) -> None:
        """Somebody begins with it."""
        self.queued[piece.job.flow].pop(piece, None)

    def offer(self, piece: Piece) -> None:
        """It may start as far as its backoff goes."""
        flow = piece.job.flow
        self._crew.changed[flow] = True
        if self._triage is not None and self._holds(self._triage, piece):
            self._triaged[flow].append(piece)
        elif piece.reserved:
            self.kept[flow].add(piece)
        else:
            heappush(self.ready[flow], (piece.place, piece))

    def _holds(self, triage: Triage, piece: Piece) -> bool:
        rank = self._world.ideas[piece.job.project].rank
        return triage.holds(_LEVELS[rank], FLOWS[piece.job.flow])

    @property
    def wait_for_budget(self) -> bool:
        """Whether anything may start once a budget frees; the triage of a rule may end by that, too."""
        return any(self.ready) or any(self._triaged)

    def startable(self, flow: int) -> int:
        """How much may start now, for anybody, as far as the fleet's budgets go."""
        ready = self.ready[flow]
        if flow in self.paused or not ready:
            return 0
        return len(self._affordable(piece for _, piece in ready)) if self._spending.broken else len(ready)

    def oldest(self, flow: int) -> int:
        """Since when the oldest of it has waited."""
        return min(piece.since for piece in self._affordable(piece for _, piece in self.ready[flow]))

    def _affordable(self, pieces: Iterable[Piece]) -> list[Piece]:
        broken = self._spending.broken
        return [one for one in pieces if one.job.project not in broken]

    def waiting(self, flow: int) -> int:
        """How much waits, without what triage holds."""
        queued, triage = self.queued[flow], self._triage
        if triage is None:
            return len(queued)
        return sum(not self._holds(triage, piece) for piece in queued)

    def pause_failing(self) -> None:
        """A workflow in which everything fails is paused."""
        most = self._world.config.breaker.workflow_failures
        for flow, failed in enumerate(self.failing):
            if most is not None and len(failed) >= most:
                self.paused.add(flow)
                self._crew.changed[flow] = True

    def heads(self, flow: int) -> Iterator[Piece]:
        """The queue's tasks that may start, from its head; whoever takes one out has to give it away."""
        ready = self.ready[flow]
        while ready:
            piece = heappop(ready)[1]
            if piece.job.project not in self._spending.broken:
                yield piece

    def drop_kept(self, flow: int, at: int) -> None:
        """What is kept for somebody who takes no more work, or has become slow, is anybody's."""
        kept, crew = self.kept[flow], self._crew
        gone = {name for name in kept.by_worker if not self._takes(name, at)}
        # Nearly always nobody is, and there may be hundreds of tasks to be looked through.
        if not gone and not any(crew.slow(flow, specialty, at) for specialty in kept.ruled):
            return
        for piece in list(kept):
            slow = piece.by_rule and piece.reserved in crew.slow(flow, piece.job.specialty, at)
            if slow or piece.reserved in gone:
                kept.remove(piece)
                piece.reserved = ""
                self.offer(piece)

    def _takes(self, name: str, at: int) -> bool:
        """Whether somebody takes further work at present."""
        worker = self._crew.workers.get(name)
        return worker is not None and worker.up and not worker.tripped(at)

    def end_triage(self, at: int) -> bool:
        """Whether triage ends now: what it held back may start."""
        triage = self._triage
        if triage is None:
            return False
        flows = [flow for flow, workflow in enumerate(FLOWS) if triage.workflow in (None, workflow)]
        over = any(len(self.queued[flow]) > self._world.config.queueing.overflow for flow in flows)
        self._triage = judged(triage, lambda: any(self._keeps_idle(flow, at) for flow in flows), over=over)
        if self._triage is not None:
            return False
        for held in self._triaged:
            pieces, held[:] = held[:], []
            for piece in pieces:
                self.offer(piece)
        return True

    def _keeps_idle(self, flow: int, at: int) -> bool:
        """Whether somebody is idle beside a task that only triage keeps from starting."""
        free = {**self._crew.free[flow], **self._crew.late[flow]}
        if not free or flow in self.paused or self._spending.left(at) == 0:
            return False
        return any(
            (not piece.reserved or piece.reserved in free) and piece.job.project not in self._spending.broken
            for piece in self._triaged[flow]
        )

    def triage_by_rule(self, at: int, room: Callable[[int, int], int]) -> None:
        """Begin triage for a workflow whose overflow has grown on although no worker can be added."""
        if self._triage is not None or not self._overflows or not self._mixed:
            return
        for flow, overflow in sorted(self._overflows.items()):
            longer = len(self.queued[flow]) > overflow.depth and not overflow.triaged
            if not longer or not self._grows(overflow, flow, at, room(flow, at)):
                continue
            free = flow not in self.paused and self._spending.left(at) != 0
            may = [*(piece for _, piece in self.ready[flow]), *self.kept[flow]] if free else []
            levels = {_LEVELS[self._world.ideas[one.job.project].rank] for one in self._affordable(may)}
            if (level := overload.kept_level(levels)) is not None:
                workflow = FLOWS[flow]
                self._overflows[flow] = overflow.model_copy(update={"triaged": True})
                self._hold(Triage(level=level, since=moment(at), by="", workflow=workflow, overflowed=True))
                return

    def _grows(self, overflow: Overflow, flow: int, at: int, room: int) -> bool:
        settings = self._world.config.queueing
        return overload.grows(settings, overflow, len(self.queued[flow]), moment(at), room)

    def _hold(self, triage: Triage) -> None:
        """Triage holds from now on."""
        self._triage = triage
        for flow, ready in enumerate(self.ready):
            pieces = [*(piece for _, piece in ready), *self.kept[flow]]
            self.ready[flow], self.kept[flow] = [], Keeping()
            for piece in pieces:
                self.offer(piece)

    def note_overflows(self, at: int) -> int:
        """Remember which queues overflow, and how long they were then; returns when one is to be judged."""
        mark, due = self._world.config.queueing.overflow, NEVER
        if not self._overflows and max(map(len, self.queued)) <= mark:
            return due
        for flow, queued in enumerate(self.queued):
            depth = len(queued)
            if flow not in self._overflows and depth <= mark:
                continue
            known = self._overflows.get(flow)
            if not is_over(mark, depth, known=known is not None):
                self._overflows.pop(flow, None)
                continue
            if known is None:
                known = Overflow(workflow=FLOWS[flow], since=moment(at), depth=depth)
                self._overflows[flow] = known
            if self._mixed and not known.triaged:
                grown_at = ceil(seconds(known.since) + self._world.config.queueing.growth_minutes * 60)
                due = min(due, grown_at) if grown_at > at else due
        return due
