"""A child that must not outlive its parent: it ends itself, with its descendants, when a pipe closes."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from bot.adapters.marked import MARK, kill_marked


def hold(descriptor: int) -> None:
    """Watch the reading end of a pipe whose other end the parent alone holds.

    However the parent ends, SIGKILL included, the kernel closes its end; then a thread of this process
    ends everything that works for the same workspace, and this process's own group.
    """
    os.set_inheritable(descriptor, False)
    threading.Thread(target=_watch, args=(descriptor,), name="lifeline", daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    if workspace := os.environ.get(MARK):
        kill_marked(Path(workspace))
    leads = os.getpgrp() == os.getpid()  # never a group that somebody else leads, such as a shell's
    (os.killpg if leads else os.kill)(os.getpid(), signal.SIGKILL)
