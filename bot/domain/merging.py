"""The configuration of pull requests: who merges, how, and what a change may hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen


class PullRequests(Frozen):
    """How the work of Development and Content gets into a project's default branch."""

    merge: Literal["person", "auto"] = Field(
        default="person",
        description="a person merges, or the bot when the checks have passed and the review has approved",
    )
    method: Literal["squash", "merge", "rebase"] = Field(default="squash", description="how the bot merges")
    look_seconds: int = Field(
        default=60, ge=5, le=86_400, description="how often open pull requests are looked at, at most"
    )
    checks_seconds: int = Field(
        default=120,
        ge=0,
        le=3_600,
        description="the bot does not merge a head without any check before it is so old: its checks may "
        "not have begun yet",
    )
    patience_minutes: int = Field(
        default=120,
        ge=1,
        le=43_200,
        description="a pull request whose checks have not ended by then, or of which GitHub does not tell "
        "whether it can be merged, is told of in the project's thread",
    )
    workflows: bool = Field(
        default=False, description="whether a change may touch the project's `.github/workflows`"
    )
    history_megabytes: float = Field(
        default=500,
        gt=0,
        le=10_000,
        allow_inf_nan=False,
        description="most of a private project's history that is handed to its workers",
    )
    files: int = Field(default=2_000, ge=1, le=20_000, description="most files of one change")
    megabytes: float = Field(
        default=50, gt=0, le=1_000, allow_inf_nan=False, description="most of what one change adds"
    )
