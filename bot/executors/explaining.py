"""What is said of an agent's failure: what went wrong, and what to do about it."""

from __future__ import annotations

from typing import assert_never

from bot.domain.failures import FailureKind
from bot.domain.profiles import Profile

_LASTING = frozenset(
    {FailureKind.BUDGET, FailureKind.ACCESS, FailureKind.MISSING, FailureKind.OUTSIDE, FailureKind.SETUP}
)
"""Trying again as it is would end the same way, or cost the same again."""


def worth_retrying(kind: FailureKind) -> bool:
    """Whether another attempt could end differently without a person."""
    return kind not in _LASTING


def explained(kind: FailureKind, name: str, profile: Profile, seconds: float, said: str) -> str:
    """One line without a full stop. ``said`` is the agent's own text, made harmless."""
    key = f"`executors.{name}.limits"
    limits = profile.limits
    quote = f" ({said})" if said else ""
    match kind:
        case FailureKind.TURNS:
            return f"out of turns at {limits.turns}; raise {key}.turns`, or make the task smaller"
        case FailureKind.BUDGET:
            spent = f" at ${limits.dollars:g}" if limits.dollars else ""
            return f"out of money{spent}{quote}; raise {key}.dollars` or the account's limit, then `/retry`"
        case FailureKind.RATE_LIMIT:
            return f"its provider limits the rate{quote}; fewer workers at once help"
        case FailureKind.ACCESS:
            keys = " or ".join(profile.keys) or "its key"
            return f"it was not let in{quote}; check the secret {keys}, then `/retry`"
        case FailureKind.TIME:
            limit = f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
            return f"stopped when its part of the {limit} was over; raise `time_limit_minutes` of the pool"
        case FailureKind.OUTPUT:
            return f"stopped after {limits.output_megabytes} MB of output; see {key}.output_megabytes`"
        case FailureKind.DISK:
            return f"stopped with {limits.disk_megabytes} MB in its workspace; see {key}.disk_megabytes`"
        case FailureKind.GARBAGE:
            made_for = f" of version {profile.version}" if profile.version else ""
            return f"it ended without an answer that can be read; the profile expects the format{made_for}"
        case FailureKind.MISSING:
            return f"`{profile.command[0]}` is not installed where this runs{quote}"
        case FailureKind.ERROR | FailureKind.INVALID | FailureKind.OUTSIDE | FailureKind.SETUP:
            return f"it failed{quote}; see the log"
    assert_never(kind)
