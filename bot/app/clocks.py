"""Time, as it is given to the shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time as the shell measures it."""

    wall: Callable[[], datetime]
    """UTC."""
    monotonic: Callable[[], float]
    """Seconds."""
    wait: Callable[[float], None]
    """For so many seconds."""
