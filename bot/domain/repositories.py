"""The configuration of the repositories that Genesis makes, and of the branches that stand in for them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen

BRANCHES = "projects/"
"""Below it are the branches of projects that live in this repository, each with a project at its root."""


class Repositories(Frozen):
    """Where projects go that have a token to make repositories with (`ORCHESTRATOR_GENESIS_TOKEN`)."""

    owner: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9-]{0,38})?$",
        description="organisation or person that they are made under; empty: this repository's owner",
    )
    visibility: Literal["same", "public", "private"] = Field(
        default="same",
        description="who may see them; same: whoever may see this repository, and nobody else where the "
        "token is not told that",
    )
    protect: bool = Field(
        default=True,
        description="nobody may delete their default branch or force it back, where the token may set that",
    )


def branch_for(project: str) -> str:
    """The branch of this repository that holds a project which got no repository of its own."""
    return f"{BRANCHES}{project}"
