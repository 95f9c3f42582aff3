"""Being asked to end, and waking up: SIGTERM, SIGINT and the end of a child interrupt a wait."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

_ASKING = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Use it from the main thread, as a context: the handlers are put back at its end.

    The first SIGTERM or SIGINT is noted; the second one raises KeyboardInterrupt where the program is,
    and from then on these signals do what they do by default.
    """

    def __init__(self) -> None:
        self.asked = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def wait(self, seconds: float) -> None:
        """Return after ``seconds``, or at once when a signal has come since the last wait."""
        select.select([self._read], [], [], max(seconds, 0.0))
        while True:
            try:
                os.read(self._read, 4096)
            except BlockingIOError:
                return

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in (*_ASKING, signal.SIGCHLD)}
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in _ASKING:
            signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only with a handler does it wake
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            return
        for each in _ASKING:
            signal.signal(each, signal.SIG_DFL)
        raise KeyboardInterrupt
