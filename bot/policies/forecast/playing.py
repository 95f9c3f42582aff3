"""One play: the open work worked off by the fleet, moment by moment, as deciding would do it.

Who gets which task, and how many workers there are, is decided by the very functions that deciding calls:
the loop of ``matching``, the order of ``order``, the rules of ``candidates``, ``breaker``, ``budgets``,
``slowness``, ``controls``, ``attempts``, ``sizing``, ``staffing``, ``overload``. What only the future knows,
how long an attempt takes and how it ends, is asked of a ``Luck``.

``agenda`` is the clock, ``opening`` the beginning, ``course`` what becomes of tasks and projects, ``growing``
the number of workers. Nothing new comes in meanwhile, and nobody gives a command.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.policies.assigning.matching import give_kept, give_others
from bot.policies.forecast.agenda import BACK, END, FREED, MERGED, OPEN, SETTLE, WAKE, Agenda
from bot.policies.forecast.course import Attempt, Course
from bot.policies.forecast.crew import Crew, Worker
from bot.policies.forecast.growing import Growing
from bot.policies.forecast.keeping import Keeping
from bot.policies.forecast.lines import Lines
from bot.policies.forecast.opening import begin
from bot.policies.forecast.pieces import Luck, Piece
from bot.policies.forecast.spending import Spending
from bot.policies.forecast.world import World


class Play:
    """Everything from now to the end of all work that can be done."""

    def __init__(self, world: World, luck: Luck, log: Callable[[Attempt], object] | None = None) -> None:
        """Nothing has happened yet; ``log`` is told each attempt when it ends."""
        self._world, self._luck = world, luck
        self._agenda = Agenda(world.now, world.look)
        self._crew, self._spending = Crew(world), Spending(world)
        self._lines = Lines(world, self._crew, self._spending)
        self._course = Course(world, luck, self._agenda, self._crew, self._lines, self._spending, log)
        self._growing = Growing(world, self._crew, self._lines, self._spending)
        self.ends, self.given_up = self._course.ends, self._course.given_up
        self.pieces, self.sizes = self._course.pieces, self._growing.sizes
        self.broke = self._spending.broken
        """Projects that have used up their own budget."""

    def run(self) -> Play:
        """To the end."""
        begin(self._world, self._luck, self._agenda, self._crew, self._course)
        self._settle()
        for kind, what in self._agenda.happenings():
            if kind == SETTLE:
                self._settle()
            else:
                self._happen(kind, what)
        return self

    def _happen(self, kind: int, what: object) -> None:
        if kind == END and isinstance(what, Piece):
            self._course.end(what)
        elif kind == OPEN and isinstance(what, Piece):
            self._lines.offer(what)
        elif kind == BACK and isinstance(what, Worker):
            self._course.idle(what)
        elif kind == FREED and isinstance(what, Piece):
            self._course.release(what, None)
        elif kind == MERGED and isinstance(what, tuple):
            self._course.merged(*what)

    def _settle(self) -> None:
        """What follows from what has happened at this moment, in the order of deciding."""
        lines, growing, now = self._lines, self._growing, self._agenda.now
        growing.end_emergencies(now)
        lines.pause_failing()
        self._assign()
        if lines.end_triage(now):
            self._assign()
        if growing.settle(now):
            self._assign()
            if lines.end_triage(now):
                self._assign()
        lines.triage_by_rule(now, growing.room)
        self._agenda.look(min(growing.due, lines.note_overflows(now)))

    def _assign(self) -> None:
        lines, now = self._lines, self._agenda.now
        for flow, ready in enumerate(lines.ready):
            if lines.kept[flow]:
                lines.drop_kept(flow, now)
            if flow in lines.paused or not (ready or lines.kept[flow]):
                continue
            for free in (self._crew.free[flow], self._crew.late[flow]):
                if free:
                    self._round(flow, free)
        if lines.wait_for_budget and (opens := self._spending.opens(now)) is not None:
            self._agenda.push(opens, WAKE, None)

    def _round(self, flow: int, free: dict[str, Worker]) -> None:
        now, before = self._agenda.now, self._course.lease
        left = self._spending.left(now)
        kept = self._lines.kept[flow]
        if kept:
            left = give_kept(kept.of(free), partial(self._own, free), left)
        give_others(self._lines.heads(flow), free, partial(self._best, free, kept), left)
        self._spending.start(now, self._course.lease - before)

    def _own(self, free: dict[str, Worker], piece: Piece) -> bool:
        worker = free.get(piece.reserved)
        if worker is None or piece.job.project in self._spending.broken:
            return False
        del free[worker.id]
        self._lines.kept[piece.job.flow].remove(piece)
        self._course.give(piece, worker)
        return True

    def _best(self, free: dict[str, Worker], kept: Keeping, piece: Piece) -> None:
        self._course.give(piece, self._crew.best(free, piece, kept.by_worker, self._agenda.now))
