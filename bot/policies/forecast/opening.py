"""How a play begins: who is idle, and every open task as it stands."""

from __future__ import annotations

from itertools import groupby

from bot.policies.forecast.agenda import FREED, MERGED, Agenda
from bot.policies.forecast.course import Course
from bot.policies.forecast.crew import Crew
from bot.policies.forecast.pieces import Luck, Piece
from bot.policies.forecast.world import Opening, World


def begin(world: World, luck: Luck, agenda: Agenda, crew: Crew, course: Course) -> None:
    """Everything at the beginning."""
    for worker in crew.workers.values():
        if worker.hand.skills.assignment is None:
            course.idle(worker, late=worker.hand.late)
    for _, openings in groupby(world.openings, key=lambda one: one.job.project):
        _open(tuple(openings), luck, agenda, crew, course)
    for idea in world.ideas:
        for number in range(idea.unmerged if idea.whole else 0):
            agenda.push(agenda.now + luck.merge(number), MERGED, (idea.number, None))


def _open(openings: tuple[Opening, ...], luck: Luck, agenda: Agenda, crew: Crew, course: Course) -> None:
    """The tasks of a project."""
    pieces = [_piece(one) for one in openings]
    course.know(pieces)
    for piece, one in zip(pieces, openings, strict=True):
        piece.waits += one.unmerged + one.stuck
        for number in range(one.unmerged):
            agenda.push(agenda.now + luck.merge(one.job.key + number), FREED, piece)
        if one.hand:
            worker = crew.workers[one.hand]
            piece.worker, piece.lease, piece.began = worker, one.lease, one.began
            course.until_end(piece, *luck.rest(piece, worker.id, one.began, agenda.now))
        elif one.queued_at is not None and not one.done:
            course.enqueue(piece, one.queued_at)


def _piece(one: Opening) -> Piece:
    piece = Piece(one.job)
    piece.attempt = piece.tries = one.attempt
    piece.front, piece.failed_on = one.front, one.failed_on
    piece.reserved, piece.by_rule, piece.spend = one.reserved, one.by_rule, one.spend
    piece.done, piece.not_before, piece.dear = one.done, one.not_before, one.dear
    return piece
