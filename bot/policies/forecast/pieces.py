"""A task while it is played, and what is asked of the future about it."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from bot.domain.order import Place
from bot.policies.forecast.crew import Worker
from bot.policies.forecast.world import Idea, Job


class Outcome(IntEnum):
    """How an attempt ends."""

    DONE = 0
    FAILED = 1
    CHANGES = 2
    """A review that sends the feature back."""


class Piece:
    """A task while it is played; moments are seconds since 1970."""

    __slots__ = (
        "attempt",
        "author",
        "began",
        "by_rule",
        "dear",
        "dollars",
        "done",
        "ended",
        "failed_on",
        "front",
        "job",
        "lease",
        "not_before",
        "outcome",
        "place",
        "released_by",
        "reserved",
        "since",
        "spend",
        "then",
        "tries",
        "waits",
        "worker",
    )
    place: Place

    def __init__(self, job: Job) -> None:
        """Nobody has tried it."""
        self.job = job
        self.attempt = self.tries = 0
        """Attempts that count, and all of them."""
        self.not_before = self.since = self.began = self.ended = self.lease = 0
        self.front = self.done = self.by_rule = False
        self.failed_on: frozenset[str] = frozenset()
        self.reserved = ""
        self.waits = 0
        """How many tasks and merges it still waits for."""
        self.then: list[Piece] = []
        """What waits for it."""
        self.spend = self.dollars = 0.0
        self.dear: float | None = None
        """US dollars from which it is not tried again."""
        self.worker: Worker | None = None
        self.outcome = Outcome.DONE
        self.author: Piece | None = None
        """Of a review: the feature that it may send back."""
        self.released_by: Piece | None = None
        """What it waited for last."""


class Luck(Protocol):
    """What only the future knows; every answer follows from the task and from how often it was tried."""

    def attempt(self, piece: Piece, worker: str) -> tuple[int, Outcome, float]:
        """How many seconds an attempt that begins takes, how it ends, and how many US dollars it costs."""

    def rest(self, piece: Piece, worker: str, began: int, now: int) -> tuple[int, Outcome, float]:
        """The same for one that is running: seconds from its beginning on."""

    def plan(self, idea: Idea) -> int:
        """Which of a project's plans it gets."""

    def merge(self, key: int) -> int:
        """Seconds that a pull request waits to be merged when its work is done; ``key``: whose."""
