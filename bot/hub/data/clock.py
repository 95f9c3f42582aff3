"""The hub's clock: real time plus an offset that tests and demonstrations set forward."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime


class Clock:
    """Tells the hub's time; ``forward`` moves it and it never goes back."""

    def __init__(self, offset: float = 0.0, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._offset = offset

    @property
    def offset(self) -> float:
        """Seconds that the hub is ahead of real time."""
        return self._offset

    def forward(self, seconds: float) -> None:
        """Set the clock forward. Raises ValueError for a negative number of seconds."""
        if not 0 <= seconds <= 10 * 365 * 86_400:
            raise ValueError(f"forward={seconds!r}: expected seconds from 0 up to ten years")
        self._offset += seconds

    def now(self) -> datetime:
        """The hub's time in UTC, whole seconds, as GitHub's API shows times."""
        return datetime.fromtimestamp(self._real() + self._offset, UTC).replace(microsecond=0)

    def http_date(self) -> str:
        """The hub's time as the ``Date`` header writes it."""
        return format_datetime(self.now(), usegmt=True)
