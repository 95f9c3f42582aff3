"""When a worker process says that it lives, and when it tries a lost network again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.state import State
from bot.policies.fleet.pace import allowed_to, beat_seconds

WINDOW = 60.0
"""Seconds in which the branch's pushes are counted."""
SAFE = 0.8
"""The part of the allowed silence after which a beat is put off no more."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts on a lost network; doubled each time."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to beat, in seconds."""

    interval: float
    latest: float
    """After so long without a sign a beat goes out in any case."""
    pushes: float
    """Pushes a minute that the branch takes."""


def pace(state: State, worker: str) -> Pace:
    """The pace that the state asks of the process that ``worker`` is a slot of."""
    seconds = beat_seconds(state.config, state.instances)
    silence = allowed_to(state.instances[worker], state.config, seconds).total_seconds()
    return Pace(seconds, max(seconds, SAFE * silence), state.config.external.pushes_per_minute)


def is_due(pace: Pace, since: float, pushes: int) -> bool:
    """Whether to beat ``since`` seconds after the last sign, with so many pushes seen in the last minute.

    Where the branch is busy a beat waits, because it is worth less than a report; the silence that the
    fleet allows sets the end to that.
    """
    return since >= pace.latest or (since >= pace.interval and pushes < pace.pushes)


def recent(seen: Sequence[float], now: float) -> list[float]:
    """Those of the moments that are within the window."""
    return [at for at in seen if now - at < WINDOW]


def pause(failures: int) -> float:
    """Seconds to leave a network alone after so many attempts in a row that failed."""
    return min(FIRST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
