"""Time limits and requests to end, by the operating system's signals. For the main thread of a process."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from bot.domain.errors import Overdue

AGAIN = 5.0
"""Seconds after which the alarm rings once more, should the first have met code that swallows everything."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Break the block off, wherever it is, once its time is up: raises Overdue."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Overdue

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Ending:
    """SIGTERM and SIGINT as a wish: what is under way goes on, a pause ends at once."""

    def __init__(self) -> None:
        self.wanted = False
        # A pipe and not a lock: a signal may come at any moment, also while a lock is being taken.
        self._out, self._in = os.pipe()
        os.set_blocking(self._in, False)

    def pause(self, seconds: float) -> None:
        """Wait, at most until the wish comes."""
        select.select([self._out], [], [], max(seconds, 0.0))

    def _wish(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True
        os.write(self._in, b".")

    def __enter__(self) -> Self:
        self._before = {one: signal.signal(one, self._wish) for one in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)
        os.close(self._in)
        os.close(self._out)
