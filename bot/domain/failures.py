"""The kinds of failure of an agent's run."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Why an agent's run did not count, as far as a program can act on it."""

    TURNS = "turns"
    """It used up the turns that it was given."""
    BUDGET = "budget"
    """It used up the money that it was given."""
    RATE_LIMIT = "rate-limit"
    """Its provider wants fewer requests, or has no capacity."""
    ACCESS = "access"
    """Its key is missing or refused."""
    TIME = "time"
    OUTPUT = "output"
    """It printed more than it may."""
    DISK = "disk"
    """Its workspace grew over its limit."""
    GARBAGE = "garbage"
    """It ended as if all were well and answered nothing that can be read."""
    ERROR = "error"
    """It said itself that it failed, or ended with another exit code than 0."""
    INVALID = "invalid"
    """It did its work, and what it left does not validate or did not pass."""
    OUTSIDE = "outside"
    """It changed what is none of its business."""
    MISSING = "missing"
    """Its program is not installed."""
    SETUP = "setup"
    """The work could not begin: the configuration, the repository or the prompt is not usable."""
