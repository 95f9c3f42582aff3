"""Worker processes as a person starts them, and an executor that works only as fast as a test lets it.

The executor is the product's own: it calls ``make``, which a stand-in on the ``PATH`` holds up. Pipes and
the processes' own output tell how far everything is; nothing is waited for by the clock.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.hub.data.world import APP, BOT
from tests.e2e.stage import REPOSITORY, UNGUARDED, Stage

PATIENCE = 120.0
"""Seconds after which what does not come fails its test."""

# Tells the test which processes are at it and what the phase that called it may see, then waits.
_MAKE = """\
#!/bin/sh
if [ -e "{folder}/closed" ]; then
  tr '\\0' '\\n' < /proc/$PPID/environ > "{folder}/environment"
  echo "$$ $PPID" > "{folder}/arrived"
  read -r line < "{folder}/gate"
fi
exec "{make}" "$@"
"""


@dataclass
class Executor:
    """What the workers' children find as ``make``; open until ``close`` is called."""

    folder: Path

    def __post_init__(self) -> None:
        make = shutil.which("make")
        assert make is not None
        (self.folder / "bin").mkdir(parents=True)
        for name in ("arrived", "gate"):
            os.mkfifo(self.folder / name)
        program = self.folder / "bin" / "make"
        program.write_text(_MAKE.format(folder=self.folder, make=make))
        program.chmod(0o755)
        self._arrived = os.open(self.folder / "arrived", os.O_RDWR | os.O_NONBLOCK)
        self._gate = os.open(self.folder / "gate", os.O_RDWR | os.O_NONBLOCK)
        self._seen = b""

    @property
    def path(self) -> str:
        """The ``PATH`` that finds it."""
        return f"{self.folder / 'bin'}:{os.environ['PATH']}"

    def close(self) -> None:
        """Hold up whoever comes."""
        (self.folder / "closed").touch()

    def open(self) -> None:
        """Let everybody go on."""
        (self.folder / "closed").unlink()
        os.write(self._gate, b"\n" * 100)

    def arrival(self) -> list[psutil.Process]:
        """The next ones that are held up: the stand-in, and the phase that called it."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self._seen:
            ready, _, _ = select.select([self._arrived], [], [], max(end - time.monotonic(), 0))
            assert ready, "nobody came to work"
            self._seen += os.read(self._arrived, 4096)
        line, _, self._seen = self._seen.partition(b"\n")
        return [psutil.Process(int(pid)) for pid in line.split()]

    @property
    def environment(self) -> dict[str, str]:
        """What the phase that came last may see."""
        lines = (self.folder / "environment").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


def assert_gone(processes: list[psutil.Process]) -> None:
    """None of them is left, or left but for its entry in the table of processes."""
    end, alive = time.monotonic() + PATIENCE, processes
    while alive and time.monotonic() < end:
        _, there = psutil.wait_procs(alive, timeout=0.1)
        alive = [one for one in there if not _is_over(one)]
    assert alive == []


def _is_over(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@dataclass
class Outpost:
    """A worker process."""

    popen: subprocess.Popen[bytes]
    home: Path
    log: str = ""
    _at: int = 0

    def until(self, pattern: str) -> re.Match[str]:
        """Read its output until a line matches, from behind the last match on."""
        end = time.monotonic() + PATIENCE
        while (found := re.compile(pattern).search(self.log, self._at)) is None:
            more = self._more(max(end - time.monotonic(), 0))
            assert more, f"{pattern!r} never came; the process said:\n{self.log}"
        self._at = found.end()
        return found

    def end(self) -> int:
        """Its exit code, once it has ended by itself; its whole output is in ``log``."""
        end = time.monotonic() + PATIENCE
        while self._more(max(end - time.monotonic(), 0)):
            pass
        return self.popen.wait(max(end - time.monotonic(), 0.1))

    def ask(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal."""
        self.popen.send_signal(number)

    def dismiss(self) -> None:
        """Have it give back what it holds and leave, so that nothing is given to it any more."""
        for number in (signal.SIGCONT, signal.SIGTERM, signal.SIGINT):
            self.ask(number)
        try:
            self.popen.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                self.popen.kill()
            self.popen.wait()

    @property
    def workspaces(self) -> list[Path]:
        """What is in its directory for workspaces."""
        return sorted(self.home.glob("work/*/*/*/*"))

    def _more(self, seconds: float) -> bool:
        assert self.popen.stdout is not None
        descriptor = self.popen.stdout.fileno()
        if not select.select([descriptor], [], [], seconds)[0]:
            return False
        data = os.read(descriptor, 65_536)
        self.log += data.decode("utf-8", "replace")
        return bool(data)


@dataclass
class Fleet:
    """A stage whose Genesis work is done by worker processes alone."""

    stage: Stage
    folder: Path
    executor: Executor
    started: list[Outpost] = field(default_factory=list)

    def start(self, *options: str, id_: str = "outpost", home: str = "", **variables: str) -> Outpost:
        """Start ``orchestrator worker`` with a person's environment; ``home`` shares one with another's."""
        place = self.folder / (home or f"home-{len(self.started)}")
        place.mkdir(parents=True, exist_ok=True)
        environment = {
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "PATH": self.executor.path,
            "GITHUB_SERVER_URL": self.stage.info.url,
            "GH_TOKEN": self.stage.token(BOT),
            "ORCHESTRATOR_GENESIS_TOKEN": self.stage.token(APP),
            "ANTHROPIC_API_KEY": "a-key-of-the-agent",
            **variables,
        }
        words = ["--id", id_, "--workflow", "genesis", "--repository", REPOSITORY, "--poll", "0.1"]
        popen = subprocess.Popen(
            [sys.executable, "-m", "bot", "worker", *words, "--workspace", str(place / "work"), *options],
            cwd=place,
            env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(Outpost(popen, place))
        return self.started[-1]

    def ask_for_a_project(self, idea: str = "A page that counts the days") -> str:
        """Dispatch Genesis for an idea; the project's id."""
        payload = self.stage.say(self.stage.issue(), f"/dispatch-genesis {idea}")
        (project,) = self.stage.projects_of(payload["issue"]["number"])
        return project


@contextmanager
def fleet(stage: Stage, folder: Path) -> Iterator[Fleet]:
    """The stage's roster is stopped (``without_runs``), so that what comes goes to worker processes.

    At the end none of them is left, and no Genesis is open.
    """
    made = Fleet(stage, folder, Executor(folder / "executor"))
    try:
        yield made
    finally:
        for outpost in made.started:
            outpost.dismiss()
    for project in list(stage.state().projects.values()):
        if project.stage == "genesis" and project.stop is None:
            stage.say(stage.issue(), f"/emergency-stop {project.id}", "ada")


def without_runs(stage: Stage) -> None:
    """Stop the workers that are runs on Actions."""
    stage.configure(_POOLS)
    stage.tick()
    stage.say(stage.issue(), "/scale-down genesis 3\n/scale-down development 5", "ada")
    left = [one for one in stage.state().instances.values() if one.status == "idle"]
    assert {one.workflow for one in left} == {"content"}


_POOLS = f"""
{UNGUARDED}
external:
  beat_seconds: 5
delivery:
  publish_seconds: 0  # the worker itself tries again
pools:
  genesis:
    minimum: 0
    maximum: 5
    roster: [{{id: genesis-01}}]
  development:
    minimum: 0
    maximum: 5
    roster: [{{id: dev-01}}]
"""
