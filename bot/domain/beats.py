"""What workers on machines of their own say of themselves, through the state branch."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from bot.domain.base import Frozen, Time

FIRST = 1
"""The number of a process's first beat: its registration."""


class Phase(StrEnum):
    """What a worker process is about to do."""

    WORKING = "working"
    DRAINING = "draining"
    """It finishes what it holds and takes nothing more."""
    GONE = "gone"
    """It has ended, and gives back what it held."""


class Progress(Frozen):
    """How far a process is with one assignment."""

    task: str
    lease: int
    at: Time = Field(description="when something last changed in its workspace")


class Dropped(Frozen):
    """An assignment that a process gives back unfinished."""

    task: str
    lease: int
    why: str = Field(default="", max_length=300)
