"""One play: the open work worked off by the fleet, moment by moment, as deciding would do it.

Who gets which task is decided by the very functions that deciding calls: the loop of ``matching``, the order
of ``order``, the rules of ``candidates``, ``breaker``, ``budgets``, ``slowness``, ``controls``, ``attempts``.
What only the future knows, how long an attempt takes and how it ends, is asked of a ``Luck``.

Nothing new comes in meanwhile, nobody gives a command, and the number of workers stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from itertools import count

from bot.domain.order import place_of
from bot.domain.vocabulary import Stage
from bot.policies.attempts import backoff, is_last
from bot.policies.compiling import jobs_of, moment
from bot.policies.crew import Crew, Worker
from bot.policies.lines import Keeping, Lines
from bot.policies.matching import give_kept, give_others
from bot.policies.pieces import Luck, Outcome, Piece
from bot.policies.spending import Spending
from bot.policies.world import DEPLOYMENT, FLOWS, Idea, Job, Opening, World

_END, _OPEN, _BACK, _FREED, _MERGED, _WAKE = range(6)
"""What happens at a moment, in this order: attempts end, backoffs and trips are over, merges, budgets."""
_Event = tuple[int, int, int, object]

Attempt = tuple[str, str, datetime, datetime]
"""Task, worker, from when to when."""


class Play:
    """Everything from now to the end of all work that can be done."""

    def __init__(self, world: World, luck: Luck, log: Callable[[Attempt], object] | None = None) -> None:
        """Nothing has happened yet; ``log`` is told each attempt when it ends."""
        self._log = log
        self._world, self._luck, self.now = world, luck, world.now
        self._ageing = world.config.queueing.ageing_minutes * 60
        self._limits = [world.config.pools.of(flow).time_limit_minutes * 60 for flow in FLOWS]
        self._crew, self._spending = Crew(world), Spending(world)
        self._events: list[_Event] = []
        self._number = count()
        self._lease = world.draft.ledger.next_lease
        self._lines = Lines(world, self._crew, self._spending)
        self.stages = [idea.stage for idea in world.ideas]
        self.left = [idea.unmerged for idea in world.ideas]
        """Tasks, and merges, that each project's stage still waits for."""
        self.ends: list[int | None] = [None] * len(world.ideas)
        """When each project is complete; None: it is not, as things stand."""
        self.given_up = [False] * len(world.ideas)
        """Whether a task of it failed for good, so that a person has to look."""
        self.broke = list(self.given_up)
        """Whether it has used up its own budget at the end."""
        self.pieces: list[Piece] = []
        """Every task, in the order in which it became known."""

    def run(self) -> Play:
        """To the end."""
        self._begin()
        self._settle()
        events = self._events
        while events:
            self.now = events[0][0]
            while events and events[0][0] == self.now:
                _, kind, _, what = heappop(events)
                self._happen(kind, what)
            self._settle()
        self.broke = [self._spending.broke(idea) for idea in self._world.ideas]
        return self

    # the beginning

    def _begin(self) -> None:
        for worker in self._crew.workers.values():
            if worker.hand.skills.assignment is None:
                self._idle(worker, late=worker.hand.late)
        openings = self._world.openings
        first = 0
        while first < len(openings):
            last = first
            while last < len(openings) and openings[last].job.project == openings[first].job.project:
                last += 1
            self._open(openings[first:last])
            first = last
        for idea in self._world.ideas:
            for number in range(idea.unmerged if idea.whole else 0):
                self._push(self.now + self._luck.merge(number), _MERGED, (idea.number, None))

    def _open(self, openings: tuple[Opening, ...]) -> None:
        """The tasks of a project, as they stand."""
        pieces = [Piece(one.job) for one in openings]
        for piece, one in zip(pieces, openings, strict=True):
            piece.attempt = piece.tries = one.attempt
            piece.front, piece.failed_on = one.front, one.failed_on
            piece.reserved, piece.by_rule, piece.spend = one.reserved, one.by_rule, one.spend
            piece.done, piece.not_before, piece.dear = one.done, one.not_before, one.dear
        self._connect(pieces)
        for piece, one in zip(pieces, openings, strict=True):
            piece.waits += one.unmerged + one.stuck
            for number in range(one.unmerged):
                self._push(self.now + self._luck.merge(one.job.key + number), _FREED, piece)
            if one.hand:
                self._resume(piece, one)
            elif one.queued_at is not None and not one.done:
                self._enqueue(piece, one.queued_at)

    def _connect(self, pieces: list[Piece]) -> None:
        self.pieces += pieces
        for piece in pieces:
            for place in piece.job.needs:
                pieces[place].then.append(piece)
                piece.waits += not pieces[place].done
            if piece.job.author >= 0:
                piece.author = pieces[piece.job.author]
            self.left[piece.job.project] += not piece.done

    def _resume(self, piece: Piece, opening: Opening) -> None:
        """An attempt that is running."""
        worker = self._crew.workers[opening.hand]
        piece.worker, piece.lease, piece.began = worker, opening.lease, opening.began
        took, outcome, dollars = self._luck.rest(piece, worker.id, opening.began, self.now)
        self._until_end(piece, took, outcome, dollars)

    # what happens

    def _push(self, at: int, kind: int, what: object, order: int | None = None) -> None:
        heappush(self._events, (at, kind, next(self._number) if order is None else order, what))

    def _happen(self, kind: int, what: object) -> None:
        if kind == _END and isinstance(what, Piece):
            self._end(what)
        elif kind == _OPEN and isinstance(what, Piece):
            self._lines.offer(what)
        elif kind == _BACK and isinstance(what, Worker):
            self._idle(what)
        elif kind == _FREED and isinstance(what, Piece):
            self._release(what, None)
        elif kind == _MERGED and isinstance(what, tuple):
            self._merged(*what)

    def _idle(self, worker: Worker, *, late: bool = False) -> None:
        """Somebody has nothing to do; who was taken out comes back when it is tried again."""
        if not worker.hand.stays:
            return
        if worker.probe_at is not None and worker.probe_at > self.now:
            self._push(worker.probe_at, _BACK, worker)
        else:
            self._crew.idle(worker, late=late)

    def _end(self, piece: Piece) -> None:
        job, worker = piece.job, piece.worker
        idea = self._world.ideas[job.project]
        ok = piece.outcome is not Outcome.FAILED
        if worker is not None:
            if self._log is not None:
                self._log((job.id, worker.id, moment(piece.began), moment(self.now)))
            worker.idle_since = self.now
            self._crew.ended(worker, job, piece.began, self.now, ok=ok)
            self._idle(worker)
        self._spending.held -= 1
        self._spending.book(idea, piece.dollars, self.now)
        piece.spend += piece.dollars
        if ok:
            self._lines.failing[job.flow].clear()
            self._succeed(piece)
        else:
            self._lines.failing[job.flow][job.id] = None
            self._fail(piece, worker.id if worker else "")

    def _fail(self, piece: Piece, worker: str) -> None:
        attempts = self._world.config.attempts
        piece.failed_on |= {worker}
        dear = piece.dear is not None and piece.spend >= piece.dear
        if dear or is_last(attempts, piece.attempt):
            self.given_up[piece.job.project] = True
            return
        wait = int(backoff(attempts, piece.job.id, piece.attempt).total_seconds())
        piece.front, piece.not_before = False, self.now + wait
        self._enqueue(piece, self.now)

    def _succeed(self, piece: Piece) -> None:
        if piece.outcome is Outcome.CHANGES and piece.author is not None:
            self._send_back(piece, piece.author)
            return
        piece.done = True
        if piece.job.merges and (wait := self._luck.merge(piece.job.key)):
            self._push(self.now + wait, _MERGED, (piece.job.project, piece))
        else:
            self._merged(piece.job.project, piece)

    def _merged(self, project: int, piece: Piece | None) -> None:
        """A task is done, and merged: what waited for it, and its project, go on."""
        for other in piece.then if piece else ():
            self._release(other, piece)
        self.left[project] -= 1
        self._advance(self._world.ideas[project], piece)

    def _release(self, piece: Piece, by: Piece | None) -> None:
        piece.waits -= 1
        if piece.waits == 0 and not piece.done:
            piece.released_by = by
            self._enqueue(piece, self.now)

    def _send_back(self, review: Piece, author: Piece) -> None:
        """The feature is worked on again, at the front of its queue, and what follows from it waits."""
        for other in author.then:
            if other is review or other.done:
                self.left[other.job.project] += other.done
                other.attempt, other.done, other.front = 0, False, False
                other.waits += 1
        self.left[author.job.project] += 1
        author.done = False
        if is_last(self._world.config.attempts, author.attempt):
            self.given_up[author.job.project] = True
            return
        author.front, author.not_before = True, 0
        self._enqueue(author, self.now)

    def _advance(self, idea: Idea, by: Piece | None) -> None:
        """The project enters its next stage, where what is done lets it."""
        number = idea.number
        stage, left = self.stages[number], self.left[number]
        if stage is Stage.GENESIS and not left and idea.plans:
            self.stages[number] = Stage.DEVELOPMENT
            self._plan(jobs_of(idea, self._luck.plan(idea)), by)
        elif stage is Stage.DEVELOPMENT and by and by.job.specialty == DEPLOYMENT and idea.content:
            self.stages[number] = Stage.CONTENT
            self._plan(jobs_of(idea, -1), by)
        elif stage is Stage.CONTENT and not left:
            self.stages[number] = Stage.COMPLETE
            self.ends[number] = self.now

    def _plan(self, jobs: tuple[Job, ...], by: Piece | None) -> None:
        pieces = [Piece(job) for job in jobs]
        self._connect(pieces)
        for piece in pieces:
            piece.dear = self._world.config.budgets.spend_per_task
            if not piece.waits:
                piece.released_by = by
                self._enqueue(piece, self.now)

    # the queues

    def _enqueue(self, piece: Piece, at: int) -> None:
        job = piece.job
        idea = self._world.ideas[job.project]
        self._lines.depth[job.flow] += 1
        piece.place = place_of(idea.rank, at, job.id, self._ageing, piece.front)
        if piece.not_before > self.now:
            self._push(piece.not_before, _OPEN, piece)
        else:
            self._lines.offer(piece)

    # settling

    def _settle(self) -> None:
        """What follows from what has happened at this moment."""
        self._lines.pause_failing()
        self._assign()
        while self._lines.end_triage(self.now):
            self._assign()

    def _assign(self) -> None:
        lines = self._lines
        for flow, ready in enumerate(lines.ready):
            if lines.kept[flow]:
                lines.drop_kept(flow, self.now)
            if flow in lines.paused or not (ready or lines.kept[flow]):
                continue
            for free in (self._crew.free[flow], self._crew.late[flow]):
                if free:
                    self._round(flow, free)
        if any(lines.ready) and (opens := self._spending.opens(self.now)) is not None:
            self._push(opens, _WAKE, None)

    def _round(self, flow: int, free: dict[str, Worker]) -> None:
        before = self._lease
        left = self._spending.left(self.now)
        kept = self._lines.kept[flow]
        if kept:
            left = give_kept(kept.of(free), partial(self._own, free), left)
        give_others(self._lines.heads(flow), free, partial(self._best, free, kept), left)
        self._spending.start(self.now, self._lease - before)

    def _own(self, free: dict[str, Worker], piece: Piece) -> bool:
        worker = free.get(piece.reserved)
        if worker is None or self._spending.broke(self._world.ideas[piece.job.project]):
            return False
        del free[worker.id]
        self._lines.kept[piece.job.flow].remove(piece)
        self._give(piece, worker)
        return True

    def _best(self, free: dict[str, Worker], kept: Keeping, piece: Piece) -> None:
        self._give(piece, self._crew.best(free, piece, kept.by_worker, self.now))

    def _give(self, piece: Piece, worker: Worker) -> None:
        self._lines.depth[piece.job.flow] -= 1
        self._spending.held += 1
        piece.attempt += 1
        piece.tries += 1
        piece.front, piece.reserved, piece.not_before = False, "", 0
        piece.worker, piece.began, piece.lease = worker, self.now, self._lease
        self._lease += 1
        self._until_end(piece, *self._luck.attempt(piece, worker.id))

    def _until_end(self, piece: Piece, took: int, outcome: Outcome, dollars: float) -> None:
        """An attempt ends by itself, or by its time limit."""
        limit = self._limits[piece.job.flow]
        if took > limit:
            took, outcome = limit, Outcome.FAILED
        piece.outcome, piece.dollars, piece.ended = outcome, dollars, piece.began + took
        self._push(max(piece.ended, self.now), _END, piece, piece.lease)
