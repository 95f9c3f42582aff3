"""Runs a program within limits of time, output and disk, and leaves nothing of it running.

The program's output is handed on line by line while it runs; of any amount only a bounded part is in memory.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.failures import FailureKind

KEEPER = Path(__file__).with_name("keeper.py")
LONGEST_LINE = 4_000_000
"""Bytes of a line that are kept; what a tool answered to an agent may be long."""
_BLOCK = 65_536
_LOOK = 0.1
"""Seconds between two looks at the limits while nothing is printed."""
_LINGER = 2.0
"""Seconds that are read on after the keeper has ended: what was printed before is in the pipes."""
_PATIENCE = 15.0
"""Seconds that the keeper has for clearing away; it needs milliseconds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a run ends, done or not."""

    seconds: float
    output: int
    """Bytes that may be printed, both streams together."""
    watch: Callable[[], FailureKind | None] = lambda: None
    """Asked all the time; names the limit that was passed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    exit_code: int
    """127 where it could not be started, 128 plus the signal's number where one ended it."""
    seconds: float
    output: int
    """Bytes that it printed, as far as they were read."""
    stopped: FailureKind | None = None
    """The limit that ended it; None where it ended by itself."""


@dataclass(slots=True)
class _Stream:
    """One of the two outputs, cut into lines."""

    take: Callable[[bytes], None]
    _kept: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, block: bytes) -> None:
        *lines, rest = block.split(b"\n")
        for line in lines:
            self._keep(line)
            self.end()
        self._keep(rest)

    def end(self) -> None:
        """Hand on the line that is complete, or was the last."""
        if self._kept:
            self.take(b"".join(self._kept))
        self._kept, self._size = [], 0

    def _keep(self, part: bytes) -> None:
        part = part[: LONGEST_LINE - self._size]
        if part:
            self._kept.append(part)
            self._size += len(part)


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    prompt: Path | None,
    bounds: Bounds,
    out: Callable[[bytes], None],
    err: Callable[[bytes], None],
) -> Ended:
    """Run a command in ``folder`` to its end or to a bound; all that it started has ended afterwards.

    ``prompt`` is its standard input, empty where None. ``out`` and ``err`` get each line that it prints,
    without the line's end and without empty ones.
    """
    began = time.monotonic()
    theirs, ours = os.pipe()
    try:
        with (prompt or Path(os.devnull)).open("rb") as stdin:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), str(theirs), *command],
                cwd=folder, env=dict(environment), stdin=stdin, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, pass_fds=(theirs,), start_new_session=True,
            )  # fmt: skip
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    watched = _Watched(process, ours, bounds, began, _Stream(out), _Stream(err))
    try:
        stopped = watched.read()
    finally:
        watched.release()
        code = _ended(process)
    return Ended(code, time.monotonic() - began, watched.printed, stopped)


class _Watched:
    """A program that runs, its pipes, and what it may do."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        lifeline: int,
        bounds: Bounds,
        began: float,
        out: _Stream,
        err: _Stream,
    ) -> None:
        self.printed = 0
        self._process = process
        self._abandon: float | None = None
        self._lifeline: int | None = lifeline
        self._bounds = bounds
        self._began = began
        self._streams = (out, err)
        self._selector = selectors.DefaultSelector()
        for pipe, stream in ((process.stdout, out), (process.stderr, err)):
            if pipe is not None:
                self._selector.register(pipe, selectors.EVENT_READ, stream)

    def release(self) -> None:
        """Close the lifeline: the keeper kills what still runs."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def read(self) -> FailureKind | None:
        """Read both pipes to their ends; returns the bound that was passed."""
        stopped: FailureKind | None = None
        with self._selector as selector:
            while selector.get_map():
                for key, _ in selector.select(_LOOK):
                    block = os.read(key.fd, _BLOCK)
                    if not block:
                        selector.unregister(key.fileobj)
                    elif stopped is None:
                        self.printed += len(block)
                        key.data.feed(block)
                if stopped is None and (stopped := self._passed()):
                    self.release()
                if self._abandoned():
                    break
        for stream in self._streams:
            stream.end()
        return stopped

    def _abandoned(self) -> bool:
        """Whether the keeper is gone for a while and somebody beyond its reach still holds a pipe."""
        if self._abandon is None and self._process.poll() is not None:
            self._abandon = time.monotonic() + _LINGER
        return self._abandon is not None and time.monotonic() > self._abandon

    def _passed(self) -> FailureKind | None:
        if self.printed > self._bounds.output:
            return FailureKind.OUTPUT
        if time.monotonic() - self._began > self._bounds.seconds:
            return FailureKind.TIME
        return self._bounds.watch()


def _ended(process: subprocess.Popen[bytes]) -> int:
    """The exit code, once the keeper has cleared away."""
    try:
        code = process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return code if code >= 0 else 128 - code
