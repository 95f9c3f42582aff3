"""One program as a workflow step: in a process group of its own that ends with it, whatever happens.

POSIX only, as process groups are. A process that leaves its group on purpose (``setsid``) is beyond
reach, as it is for any supervisor without a container.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""

TIMED_OUT = -1
"""What ``wait`` returns for a program that was ended because its time was over."""


class ProcessGroup:
    """A started program with all its descendants; its output is appended to a file.

    Raises OSError where the program cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        log: Path,
        grace: float = GRACE,
    ) -> None:
        self._grace = grace
        self._killer: threading.Timer | None = None
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, limit: float) -> int:
        """The exit code, once nothing of the group is left; ``TIMED_OUT`` after ``limit`` seconds.

        A program that a signal ended gives 128 plus its number, as a shell says it.
        """
        timed_out = False
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            timed_out = True
            self.end()
            self._process.wait()
        finally:
            if self._killer is not None:
                self._killer.cancel()
            self._signal(signal.SIGKILL)  # what the program left behind in its group
        code = self._process.returncode
        return TIMED_OUT if timed_out else code if code >= 0 else 128 - code

    def end(self) -> None:
        """Ask the whole group to end (SIGTERM), and kill it (SIGKILL) when the grace time is over."""
        if self._process.poll() is not None or self._killer is not None:
            return
        self._killer = threading.Timer(self._grace, self._signal, (signal.SIGKILL,))
        self._killer.daemon = True
        self._killer.start()
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        # The group's id is the program's own; macOS answers EPERM for a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
