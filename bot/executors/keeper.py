"""Runs one program and, when it has ended, ends everything that it started. A process of its own.

``python keeper.py LIFELINE PROGRAM ARGUMENT…``: LIFELINE is the number of an inherited pipe. When its other
end is closed (by whoever watches, or because that died) everything is killed at once. Exits with the
program's exit code, 128 plus the number of the signal that ended it, or 127 where it cannot be started.

On Linux the keeper is the *subreaper* of all that comes from it (prctl(2), PR_SET_CHILD_SUBREAPER): a process
that lost its parent, by a double fork or otherwise, becomes the keeper's child, so that nothing leaves the
tree and "no children left" is proof that all are gone. macOS has nothing of the kind: there the program's
process group is killed and what is still below the keeper in the tree; a daemon that left both lives on. On
neither can a process of another user (``sudo``) be killed, nor one that a service outside was asked to start
(a container).

Only the standard library, and nothing of this package: it starts in a few milliseconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict

_PR_SET_CHILD_SUBREAPER = 36
"""From <linux/prctl.h>."""
_PATIENCE = 10.0
"""Seconds until processes that do not die are given up; the kernel needs milliseconds."""


def main(arguments: list[str]) -> int:
    """Run, wait, clear away; returns the exit code."""
    lifeline, command = int(arguments[0]), arguments[1:]
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        child = subprocess.Popen(command, start_new_session=True)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        return 127
    threading.Thread(target=_watch, args=(lifeline, child.pid), daemon=True).start()
    code = _wait(child.pid)
    if left := _clear(child.pid):
        sys.stderr.write(f"processes that could not be ended: {', '.join(map(str, left))}\n")
    return code if code >= 0 else 128 - code


def _wait(program: int) -> int:
    """Reap whatever ends until the program does; returns its exit code, negative for a signal."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == program:
            return os.waitstatus_to_exitcode(status)


def _watch(lifeline: int, program: int) -> None:
    """When the other end of the pipe is closed, kill until this process itself has ended."""
    while os.read(lifeline, 1):
        pass
    while True:
        _kill(program)
        time.sleep(0.02)


def _clear(program: int) -> list[int]:
    """Kill and reap until nothing is left; returns what could not be ended."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        found = _kill(program)
        if _reaped() and not found:
            return []
        time.sleep(0.01)
    return _below(os.getpid())


def _reaped() -> bool:
    """Reap what has ended; whether no child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def _kill(program: int) -> list[int]:
    """Kill the program's group and everything below this process; returns what was found there."""
    with contextlib.suppress(OSError):
        os.killpg(program, signal.SIGKILL)
    found = _below(os.getpid())
    for pid in found:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return found


def _below(root: int) -> list[int]:
    """Every living process that descends from this one."""
    children = defaultdict(list)
    for pid, parent in _processes():
        children[parent].append(pid)
    found, waiting = [], [root]
    while waiting:
        below = children[waiting.pop()]
        found += below
        waiting += below
    return found


def _processes() -> list[tuple[int, int]]:
    return by_proc() if os.uname().sysname == "Linux" else by_ps()


def by_proc() -> list[tuple[int, int]]:
    """(process, its parent) of all that are no zombies, as Linux tells it."""
    return [seen for name in os.listdir("/proc") if name.isdigit() and (seen := _stat(int(name)))]


def by_ps() -> list[tuple[int, int]]:
    """The same as POSIX systems tell it, but for the program that is asked."""
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as asked:
        shown, _ = asked.communicate()
    rows = [line.split() for line in shown.splitlines()]
    found = [(int(row[0]), int(row[1])) for row in rows if len(row) == 3 and not row[2].startswith("Z")]
    return [(pid, parent) for pid, parent in found if pid != asked.pid]


def _stat(pid: int) -> tuple[int, int] | None:
    """From /proc/[pid]/stat (proc(5)): the name in parentheses may hold anything, so from its end."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else (pid, int(parent))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
