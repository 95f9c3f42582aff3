"""Processes that work for a workspace, found by a mark in their environment.

Process groups do not nest, and what an executor starts often leads a group or a session of its own. A
variable in the environment is inherited all the same, and tells whose a process is even after the one
that started it has died. A program that clears its environment and its group is beyond reach, as for
any supervisor without a container.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "ORCHESTRATOR_WORKSPACE"
"""Holds the absolute path of the workspace that a process works for."""
ROUNDS = 200
"""How often what is left is looked for; a process may start another one while it is looked for."""
ENOUGH = 2
"""Rounds in a row that find none: within an exec the kernel shows a process without an environment."""
MOMENT = 0.01
"""Seconds between two rounds."""


def kill_marked(folder: Path) -> None:
    """SIGKILL for every process but this one that works for ``folder`` or a workspace below it."""
    none = 0
    for _ in range(ROUNDS):
        found = list(_marked(folder))
        none = 0 if found else none + 1
        if none == ENOUGH:
            return
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(MOMENT)


def _marked(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            mark = process.environ().get(MARK)
            if mark and process.pid != os.getpid() and Path(mark).is_relative_to(folder):
                yield process
