"""Requests to GitHub: what each is for, what GitHub says is left of them, and when which are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from pydantic import Field, model_validator

from bot.domain.base import Frozen, Time


class Purpose(StrEnum):
    """What a request is made for."""

    COMMANDS = "commands"
    """Finding commands and what people did to issues, and the facts that settling them takes."""
    REPLY = "reply"
    DISPATCH = "dispatch"
    """Starting, cancelling and restarting runs."""
    RUNS = "runs"
    """Looking whether runs have ended."""
    EVIDENCE = "evidence"
    """Looking whether what was asked for came about."""
    PROJECTS = "projects"
    """Repositories, issues and pull requests of projects."""
    LABELS = "labels"
    ALERTS = "alerts"
    PROGRESS = "progress"
    """Comments and issues that show how far a project is."""
    STATUS = "status"
    """The pinned issue."""
    VOTES = "votes"
    OTHER = "other"
    """Whatever a program does around these: the configuration, the labels' definitions, whose token it is."""


class Quota(Frozen):
    """What GitHub says of the token's requests in the present hour (its ``x-ratelimit-`` headers)."""

    limit: int = Field(ge=0)
    used: int = Field(ge=0)
    resets_at: Time

    @property
    def left(self) -> int:
        """Requests until then."""
        return max(0, self.limit - self.used)


class RequestRule(Frozen):
    """What waits while few of the hour's API requests are left; commands and work never do."""

    dashboard_left: float = Field(
        default=0.25,
        ge=0,
        lt=1,
        description="with less than this part of the hour's API requests left, the pinned issue and the "
        "votes wait until GitHub's hour is over; 0: never",
    )
    progress_left: float = Field(
        default=0.15,
        ge=0,
        lt=1,
        description="with less than this part left, the texts of projects' progress wait, too; at most "
        "`dashboard_left`",
    )

    @model_validator(mode="after")
    def _in_order(self) -> RequestRule:
        if self.progress_left > self.dashboard_left:
            raise ValueError("progress_left is above dashboard_left: the pinned issue has to wait first")
        return self


class Shed(Frozen):
    """What is left out, and until when."""

    purposes: tuple[Purpose, ...] = Field(description="in the order of the enumeration")
    until: Time = Field(description="when GitHub's hour is over")


class Meter:
    """The requests of one process by purpose: whoever makes them names it, whoever carries them counts.

    Not a value: it belongs to the shell, and what it tells becomes part of a commit's record.
    """

    def __init__(self) -> None:
        self._purpose = Purpose.OTHER
        self._made: Counter[Purpose] = Counter()
        self._told: Counter[Purpose] = Counter()

    @contextmanager
    def on(self, purpose: Purpose) -> Iterator[None]:
        """What the requests inside are for; the innermost counts."""
        before, self._purpose = self._purpose, purpose
        try:
            yield
        finally:
            self._purpose = before

    def count(self) -> None:
        """One request was made."""
        self._made[self._purpose] += 1

    @property
    def made(self) -> Mapping[Purpose, int]:
        """All of them."""
        return self._made

    def untold(self) -> dict[Purpose, int]:
        """What no commit has on record yet."""
        counts = ((one, self._made[one] - self._told[one]) for one in Purpose)
        return {one: count for one, count in counts if count > 0}

    def tell(self, *told: Mapping[Purpose, int]) -> None:
        """These are on record by now; what is told before it is made is not told again."""
        for one in told:
            self._told.update(one)
