"""Which pieces of content a project gets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.domain.base import Frozen

Kind = Annotated[str, Field(min_length=1, max_length=60)]


class Writing(Frozen):
    """What the tasks of Content owe."""

    pieces: dict[str, tuple[Kind, ...]] = Field(
        default={
            "documentation": ("user guide", "installation", "reference", "FAQ"),
            "marketing": ("landing page", "description", "announcement"),
            "social": ("X thread", "LinkedIn post", "release note"),
        },
        description="specialty → the kinds of piece that its task has to hand on, all of them; a kind is "
        "recognised by its words, as for lengths. A specialty that is left out may hand on whatever it likes",
    )
