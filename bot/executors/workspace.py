"""Processes and git for executors: bounded in time, free of secrets and of the machine's settings."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TAIL = 4_000
"""Characters of a failed command's output that are kept for people."""

_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_INHERITED = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "PYENV_ROOT", "ORCHESTRATOR_WORKSPACE")
"""The last one marks whose processes these are (``bot.adapters.marked``)."""
_AUTHOR = "orchestrator template executor"


class CommandFailed(Exception):
    """A command ended with another exit code than 0, or not in time; ``ran`` says how."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(f"`{ran.command}` {ran.outcome()}")
        self.ran = ran


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    command: str
    exit_code: int
    """-1 where it was stopped because its time was up, 127 where it does not exist."""
    tests: int
    """How many tests its own output says were run."""
    seconds: float
    output: str

    def outcome(self) -> str:
        """What became of it, to follow the command's name."""
        if self.exit_code == -1:
            return f"did not end within its {self.seconds:.0f} s and was stopped"
        if self.exit_code == 127:
            return "could not be started: the program is not installed here"
        return f"ended with exit code {self.exit_code}"

    def record(self) -> dict[str, Any]:
        """As ``check.json`` has it: the end of the output only where it failed."""
        kept = asdict(self)
        output = kept.pop("output")
        return {**kept, "seconds": round(self.seconds, 2), "tail": output[-TAIL:] if self.exit_code else ""}


@dataclass(slots=True)
class Workspace:
    """A directory to run commands in, until a deadline; everything run is logged."""

    root: Path
    time_limit: float
    """Seconds for everything that is run here, together."""
    log: list[str] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    def note(self, line: str) -> None:
        """Write a line of one's own into the log."""
        self.log.append(line)

    def inside(self, name: str) -> Workspace:
        """A directory in this one, with the same deadline and the same log."""
        return Workspace(self.root / name, self.time_limit, self.log, self._started)

    def attempt(self, command: Sequence[str], extra: Mapping[str, str] | None = None) -> Ran:
        """Run a command without a shell and tell how it ended; whatever it started dies with it."""
        started = time.monotonic()
        left = self.time_limit - (started - self._started)
        code, output = _bounded(command, self.root, {**_environment(), **(extra or {})}, max(left, 0.0))
        seconds = time.monotonic() - started
        ran = Ran(shlex.join(command), code, sum(map(int, _RAN.findall(output))), seconds, output)
        lines = (f"$ {ran.command}", output.rstrip(), f"[{ran.outcome()}, {seconds:.2f} s]")
        self.note("\n".join(filter(None, lines)))
        return ran

    def run(self, command: Sequence[str], extra: Mapping[str, str] | None = None) -> Ran:
        """Run a command that has to succeed. Raises CommandFailed."""
        ran = self.attempt(command, extra)
        if ran.exit_code:
            raise CommandFailed(ran)
        return ran

    def git(self, *arguments: str, at: int | None = None) -> str:
        """What git prints, with no settings but ours; ``at`` is the time of a commit in epoch seconds."""
        moment = f"@{at} +0000"
        dates = {} if at is None else {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
        return self.run(["git", *arguments], dates).output.strip()

    def files(self, commit: str = "HEAD") -> tuple[str, ...]:
        """The paths of a commit's tree, sorted."""
        return tuple(sorted(filter(None, self.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0"))))


def _environment() -> dict[str, str]:
    """No token and no personal setting gets through; ``PYTHON`` is what make files call."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | {
        "PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",  # else what a test prints comes after what the runner says
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": _AUTHOR,
        "GIT_AUTHOR_EMAIL": "noreply",
        "GIT_COMMITTER_NAME": _AUTHOR,
        "GIT_COMMITTER_EMAIL": "noreply",
    }


def _bounded(
    command: Sequence[str], root: Path, environment: dict[str, str], seconds: float
) -> tuple[int, str]:
    """(exit code, standard output and error together) of a command in a process group of its own."""
    try:
        process = subprocess.Popen(
            command, cwd=root, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        return 127, str(error)
    code = -1
    try:
        output, _ = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        _kill_group(process)
        output, _ = process.communicate()
    return code, output.decode("utf-8", "replace")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
