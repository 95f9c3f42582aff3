"""The latest changes of how many workers there are: what the stabilisation window is judged by."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.vocabulary import Workflow


class Move(Frozen):
    """One change of a workflow's number of workers that take work."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    workflow: Workflow
    at: Time
    before: int = Field(alias="from", ge=0)
    after: int = Field(alias="to", ge=0)
    reason: str = Field(default="", max_length=200, description="why, as a clause")
    by: str = Field(default="", description="who asked for it; empty: a rule")

    @property
    def up(self) -> bool:
        """Its direction; the other one is down."""
        return self.after > self.before


class Moves(Document):
    """``scaling.json``: the latest moves, oldest first, bounded."""

    moves: tuple[Move, ...] = ()

    def latest(self, workflow: Workflow, *, up: bool | None = None) -> Move | None:
        """The newest move of a workflow, of one direction where ``up`` says which."""
        mine = (one for one in reversed(self.moves) if one.workflow is workflow)
        return next((one for one in mine if up in (None, one.up)), None)


MOVES_LIMIT = 60
"""How many moves ``scaling.json`` keeps."""
