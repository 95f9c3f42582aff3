"""The dashboards of the hub's repositories, made anew in the background when a state branch has moved.

A build is the bot's own command in a process of its own, into a directory named after the branch's head.
What was made before is served until the new one is whole.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.hub.data.records import Repository
from bot.hub.data.world import World
from bot.hub.runner.process import ProcessGroup

BRANCH = "refs/heads/state"
PAUSE = 5.0
"""Seconds from the beginning of a build to that of the next, at least."""
PATIENCE = 20.0
"""Seconds that a reader waits for the very first one."""
LIMIT = 300.0
"""Seconds of a build."""
_log = logging.getLogger("bot.hub.dashboards")


@dataclass(slots=True)
class _Shown:
    """One repository's dashboard."""

    head: str = ""
    """What the served one was made from."""
    folder: Path | None = None
    begun: float = float("-inf")
    building: bool = False
    made: threading.Event = field(default_factory=threading.Event)
    """There is one, or the first build has ended without one."""


class Dashboards:
    """Keeps them under ``DATA/dashboards``; may be asked from any thread."""

    def __init__(self, world: World, *, command: Sequence[str] = (sys.executable, "-m", "bot")) -> None:
        """``command`` is the bot's program."""
        self._world, self._command = world, tuple(command)
        self._root = world.data.resolve() / "dashboards"
        self._shown: dict[str, _Shown] = {}
        self._lock = threading.Lock()

    def has(self, repository: Repository) -> bool:
        """Whether the repository has a state branch."""
        return bool(self._head(repository))

    def folder(self, repository: Repository) -> Path | None:
        """Where the site lies that is to be served now; None while the first one is being made."""
        head = self._head(repository)
        with self._lock:
            shown = self._shown.setdefault(repository.full_name, _Shown())
            due = head != shown.head and time.monotonic() - shown.begun >= PAUSE
            if due and not shown.building:
                shown.building, shown.begun = True, time.monotonic()
                threading.Thread(target=self._build, args=(repository, shown, head), daemon=True).start()
        shown.made.wait(PATIENCE)
        return shown.folder

    def _head(self, repository: Repository) -> str:
        """The branch's commit, from git's own files: asked for with every page, so no process is started."""
        folder = self._world.repositories.path(repository)
        loose = folder / BRANCH
        try:
            return loose.read_text("ascii").strip()
        except OSError:
            pass
        try:
            lines = (folder / "packed-refs").read_text("utf-8").splitlines()
        except OSError:
            return ""
        return next((line.split(" ", 1)[0] for line in lines if line.endswith(f" {BRANCH}")), "")

    def _build(self, repository: Repository, shown: _Shown, head: str) -> None:
        home = self._root / repository.owner / repository.name
        try:
            code = self._run(repository, home, head)
        except Exception:
            _log.exception("the dashboard of %s could not be made", repository.full_name)
            code = 1
        with self._lock:
            before = shown.folder
            if code == 0:
                shown.head, shown.folder = head, home / head
            shown.building = False
            shown.made.set()
        for old in home.iterdir() if home.is_dir() else ():
            if old.is_dir() and old not in (shown.folder, before):  # somebody may still read the one before
                shutil.rmtree(old, ignore_errors=True)

    def _run(self, repository: Repository, home: Path, head: str) -> int:
        home.mkdir(parents=True, exist_ok=True)
        words = ["dashboard", "build", "--out", str(home / head)]
        process = ProcessGroup(
            [*self._command, *words],
            cwd=home,
            environment={
                "GITHUB_REPOSITORY": repository.full_name,
                "GITHUB_SERVER_URL": self._world.base_url,
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "ORCHESTRATOR_STATE_REMOTE": str(self._world.repositories.path(repository).resolve()),
                "PATH": os.environ.get("PATH", os.defpath),
            },
            log=home / "log.txt",
        )
        return process.wait(LIMIT)
