"""The course of tasks and projects in a play: what follows when an attempt ends, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.order import place_of
from bot.domain.vocabulary import Stage
from bot.policies.forecast.agenda import BACK, END, MERGED, OPEN, Agenda
from bot.policies.forecast.compiling import jobs_of, moment
from bot.policies.forecast.crew import Crew, Worker
from bot.policies.forecast.lines import Lines
from bot.policies.forecast.pieces import Luck, Outcome, Piece
from bot.policies.forecast.spending import Spending
from bot.policies.forecast.world import DEPLOYMENT, FLOWS, Idea, Job, World
from bot.policies.working.attempts import backoff, is_last

Attempt = tuple[str, str, datetime, datetime]
"""Task, worker, from when to when."""


class Course:
    """Every task and project, from now to its end."""

    def __init__(
        self,
        world: World,
        luck: Luck,
        agenda: Agenda,
        crew: Crew,
        lines: Lines,
        spending: Spending,
        log: Callable[[Attempt], object] | None,
    ) -> None:
        """Nothing is known of any task yet; ``log`` is told each attempt when it ends."""
        self._world, self._luck, self._agenda, self._log = world, luck, agenda, log
        self._crew, self._lines, self._spending = crew, lines, spending
        self._ageing = world.config.queueing.ageing_minutes * 60
        self._limits = [world.config.pools.of(flow).time_limit_minutes * 60 for flow in FLOWS]
        self.lease = world.draft.ledger.next_lease
        """Of the next attempt that is begun."""
        self.stages = [idea.stage for idea in world.ideas]
        self.left = [idea.unmerged for idea in world.ideas]
        """Tasks, and merges, that each project's stage still waits for."""
        self.ends: list[int | None] = [None] * len(world.ideas)
        """When each project is complete; None: it is not, as things stand."""
        self.given_up = [False] * len(world.ideas)
        """Whether a task of it failed for good, so that a person has to look."""
        self.pieces: list[Piece] = []
        """Every task, in the order in which it became known."""

    def know(self, pieces: Sequence[Piece]) -> None:
        """Tasks of one project, which name each other by their places."""
        self.pieces += pieces
        for piece in pieces:
            for place in piece.job.needs:
                pieces[place].then.append(piece)
                piece.waits += not pieces[place].done
            if piece.job.author >= 0:
                piece.author = pieces[piece.job.author]
            self.left[piece.job.project] += not piece.done

    # attempts

    def give(self, piece: Piece, worker: Worker) -> None:
        """Somebody begins with a task."""
        self._lines.take(piece)
        self._spending.held += 1
        piece.attempt += 1
        piece.tries += 1
        piece.front, piece.reserved, piece.not_before = False, "", 0
        piece.worker, piece.began, piece.lease = worker, self._agenda.now, self.lease
        self.lease += 1
        self._crew.began(worker, piece.began)
        self.until_end(piece, *self._luck.attempt(piece, worker.id))

    def until_end(self, piece: Piece, took: int, outcome: Outcome, dollars: float) -> None:
        """An attempt ends by itself, or by its time limit."""
        limit = self._limits[piece.job.flow]
        if took > limit:
            took, outcome = limit, Outcome.FAILED
        piece.outcome, piece.dollars, piece.ended = outcome, dollars, piece.began + took
        self._agenda.push(max(piece.ended, self._agenda.now), END, piece, piece.lease)

    def idle(self, worker: Worker, *, late: bool = False) -> None:
        """Somebody has nothing to do; who was taken out comes back when it is tried again."""
        if not worker.up:
            return
        if worker.probe_at is not None and worker.probe_at > self._agenda.now:
            self._agenda.push(worker.probe_at, BACK, worker)
        else:
            self._crew.idle(worker, late=late)

    def end(self, piece: Piece) -> None:
        """An attempt has ended."""
        job, worker, now = piece.job, piece.worker, self._agenda.now
        idea = self._world.ideas[job.project]
        ok = piece.outcome is not Outcome.FAILED
        if worker is not None:
            if self._log is not None:
                self._log((job.id, worker.id, moment(piece.began), moment(now)))
            self._crew.ended(worker, job, piece.began, now, ok=ok)
            self.idle(worker)
        self._spending.held -= 1
        self._spending.book(idea, piece.dollars, now)
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
        piece.front, piece.not_before = False, self._agenda.now + wait
        self.enqueue(piece, self._agenda.now)

    def _succeed(self, piece: Piece) -> None:
        if piece.outcome is Outcome.CHANGES and piece.author is not None:
            self._send_back(piece, piece.author)
            return
        piece.done = True
        if piece.job.merges and (wait := self._luck.merge(piece.job.key)):
            self._agenda.push(self._agenda.now + wait, MERGED, (piece.job.project, piece))
        else:
            self.merged(piece.job.project, piece)

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
        self.enqueue(author, self._agenda.now)

    # what follows

    def merged(self, project: int, piece: Piece | None) -> None:
        """A task is done, and merged: what waited for it, and its project, go on."""
        for other in piece.then if piece else ():
            self.release(other, piece)
        self.left[project] -= 1
        self._advance(self._world.ideas[project], piece)

    def release(self, piece: Piece, by: Piece | None) -> None:
        """A task waits for one thing less."""
        piece.waits -= 1
        if piece.waits == 0 and not piece.done:
            piece.released_by = by
            self.enqueue(piece, self._agenda.now)

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
            self.ends[number] = self._agenda.now

    def _plan(self, jobs: tuple[Job, ...], by: Piece | None) -> None:
        pieces = [Piece(job) for job in jobs]
        self.know(pieces)
        for piece in pieces:
            piece.dear = self._world.config.budgets.spend_per_task
            if not piece.waits:
                piece.released_by = by
                self.enqueue(piece, self._agenda.now)

    def enqueue(self, piece: Piece, at: int) -> None:
        """A task waits for a worker, since a moment that need not be now."""
        rank = self._world.ideas[piece.job.project].rank
        piece.since, piece.place = at, place_of(rank, at, piece.job.id, self._ageing, piece.front)
        self._lines.put(piece)
        if piece.not_before > self._agenda.now:
            self._agenda.push(piece.not_before, OPEN, piece)
        else:
            self._lines.offer(piece)
