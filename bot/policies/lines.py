"""The queues of a play: what waits in which order, and what a switch holds back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import heappop, heappush

from bot.domain.order import RANK, Place
from bot.policies.controls import judged
from bot.policies.crew import Crew
from bot.policies.pieces import Piece
from bot.policies.spending import Spending
from bot.policies.world import FLOWS, World

_LEVELS = {rank: priority for priority, rank in RANK.items()}


class Keeping:
    """What may start of a workflow and is kept for a worker; there may be hundreds of it."""

    __slots__ = ("_ruled", "by_worker", "fresh")

    def __init__(self) -> None:
        """Nothing is."""
        self.by_worker: dict[str, dict[Piece, None]] = {}
        self._ruled: dict[str, int] = {}
        self.fresh = False
        """Whether something was added since it was last looked through."""

    def __bool__(self) -> bool:
        """Whether anything is kept."""
        return bool(self.by_worker)

    def __iter__(self) -> Iterator[Piece]:
        """All of it."""
        return (piece for pieces in self.by_worker.values() for piece in pieces)

    @property
    def ruled(self) -> Collection[str]:
        """The specialties of what a rebalancing keeps."""
        return self._ruled

    def add(self, piece: Piece) -> None:
        """One more."""
        self.by_worker.setdefault(piece.reserved, {})[piece] = None
        self.fresh = True
        if piece.by_rule:
            specialty = piece.job.specialty
            self._ruled[specialty] = self._ruled.get(specialty, 0) + 1

    def remove(self, piece: Piece) -> None:
        """One less."""
        mine = self.by_worker[piece.reserved]
        del mine[piece]
        if not mine:
            del self.by_worker[piece.reserved]
        if piece.by_rule:
            specialty = piece.job.specialty
            self._ruled[specialty] -= 1
            if not self._ruled[specialty]:
                del self._ruled[specialty]

    def of(self, workers: Collection[str]) -> list[Piece]:
        """What is kept for some of the workers, in the queue's order."""
        few, many = sorted((self.by_worker, workers), key=len)
        names = [name for name in few if name in many]
        return sorted((one for name in names for one in self.by_worker[name]), key=lambda one: one.place)


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
        self.depth = [0 for _ in FLOWS]
        """How long each queue is, with what may not start."""
        self.paused = set(world.paused)
        self.failing = [dict.fromkeys(names) for names in world.failing]
        """The tasks that failed since one succeeded."""

    def offer(self, piece: Piece) -> None:
        """It may start as far as its backoff goes."""
        flow, rank = piece.job.flow, self._world.ideas[piece.job.project].rank
        if self._triage is not None and self._triage.holds(_LEVELS[rank], FLOWS[flow]):
            self._triaged[flow].append(piece)
        elif piece.reserved:
            self.kept[flow].add(piece)
        else:
            heappush(self.ready[flow], (piece.place, piece))

    def pause_failing(self) -> None:
        """A workflow in which everything fails is paused."""
        most = self._world.config.breaker.workflow_failures
        for flow, failed in enumerate(self.failing):
            if most is not None and len(failed) >= most:
                self.paused.add(flow)

    def heads(self, flow: int) -> Iterator[Piece]:
        """The queue's tasks that may start, from its head; whoever takes one out has to give it away."""
        ready = self.ready[flow]
        while ready:
            piece = heappop(ready)[1]
            if not self._spending.broke(self._world.ideas[piece.job.project]):
                yield piece

    def drop_kept(self, flow: int, at: int) -> None:
        """What is kept for somebody who takes no more work, or has become slow, is anybody's."""
        kept, crew = self.kept[flow], self._crew
        # Nearly always nobody is: then nothing but what came in anew need be looked through.
        if not (kept.fresh or crew.out or any(crew.slow(flow, one, at) for one in kept.ruled)):
            return
        kept.fresh = False
        for piece in list(kept):
            worker = crew.workers.get(piece.reserved)
            slow = piece.by_rule and piece.reserved in crew.slow(flow, piece.job.specialty, at)
            if worker is None or not worker.hand.stays or worker.tripped(at) or slow:
                kept.remove(piece)
                piece.reserved = ""
                self.offer(piece)

    def end_triage(self, at: int) -> bool:
        """Whether triage ends now: what it held back may start."""
        triage = self._triage
        if triage is None:
            return False
        flows = [flow for flow, workflow in enumerate(FLOWS) if triage.workflow in (None, workflow)]
        over = any(self.depth[flow] > self._world.config.queueing.overflow for flow in flows)
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
        ideas = self._world.ideas
        return any(
            (not piece.reserved or piece.reserved in free)
            and not self._spending.broke(ideas[piece.job.project])
            for piece in self._triaged[flow]
        )
