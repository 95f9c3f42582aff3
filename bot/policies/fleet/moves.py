"""The memory of scaling: which moves were made lately, by the rule and by people."""

from __future__ import annotations

from datetime import datetime

from bot.domain.draft import Draft
from bot.domain.fleet import Scaled
from bot.domain.moves import MOVES_LIMIT, Move, Moves
from bot.domain.vocabulary import Workflow


def remember(draft: Draft, done: Scaled, by: str, reason: str) -> None:
    """Keep a move; what leaves the number as it is, as a worker that drains for one that goes on, is none."""
    if done.after == done.before:
        return
    move = Move(
        workflow=done.workflow, at=draft.now, before=done.before, after=done.after, reason=reason, by=by
    )
    draft.scaling = Moves(moves=(*draft.scaling.moves, move)[-MOVES_LIMIT:])


def recent(draft: Draft, workflow: Workflow, *, up: bool) -> Move | None:
    """The latest move of a direction, where it is so recent that the opposite one has to wait."""
    move = draft.scaling.latest(workflow, up=up)
    return move if move is not None and draft.now < window_after(draft, move) else None


def window_after(draft: Draft, move: Move) -> datetime:
    """When the stabilisation window that a move begins is over."""
    return move.at + draft.config.scaling.window
