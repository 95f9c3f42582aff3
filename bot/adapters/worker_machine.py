"""The machine that a worker process runs on: its children, its signals, its workspaces."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.adapters.marked import kill_marked
from bot.adapters.phase_process import LOG, PhaseProcess
from bot.adapters.signals import Signals

MOST_ENTRIES = 20_000
"""Files and folders of a workspace that are looked at for changes."""
TAIL = 4_000
"""Bytes of the phases' output that a report may quote."""


@dataclass(frozen=True, slots=True)
class WorkerMachine:
    """Implements ``bot.app.worker.machine.Machine``."""

    signals: Signals
    environ: Mapping[str, str] = field(repr=False)

    @property
    def asked(self) -> bool:
        """Whether somebody has asked this process to end."""
        return self.signals.asked

    def wait(self, seconds: float) -> None:
        """Until a child has ended, somebody asks, or ``seconds`` are over."""
        self.signals.wait(seconds)

    def start(self, phase: str, workspace: Path) -> PhaseProcess:
        """Start a phase."""
        return PhaseProcess(phase, workspace, self.environ)

    def changed_at(self, workspace: Path) -> float | None:
        """The newest change of up to ``MOST_ENTRIES`` files and folders."""
        return max(islice(_changes(workspace), MOST_ENTRIES), default=None)

    def said(self, workspace: Path) -> str:
        """The end of the phases' output."""
        with suppress(OSError), (workspace / LOG).open("rb") as log:
            log.seek(max(log.seek(0, os.SEEK_END) - TAIL, 0))
            return log.read().decode("utf-8", "replace")
        return ""

    def clear(self, folder: Path) -> None:
        """End what works there, and remove it."""
        kill_marked(folder)
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():  # tools make folders that not even their owner may change
            for root, names, _ in os.walk(folder):
                for path in (Path(root), *(Path(root) / name for name in names)):
                    with suppress(OSError):
                        if not path.is_symlink():
                            path.chmod(stat.S_IRWXU)
            shutil.rmtree(folder, ignore_errors=True)

    def others(self, folder: Path) -> list[Path]:
        """The folders beside one that are named as starts of a process are: by a number alone."""
        with suppress(OSError):
            beside = [one for one in folder.parent.iterdir() if re.fullmatch(r"\d{10,}", one.name)]
            return sorted(one for one in beside if one != folder and one.is_dir() and not one.is_symlink())
        return []


def _changes(workspace: Path) -> Iterator[float]:
    """When each of a workspace's files and folders changed, itself first; links are not followed."""
    for root, folders, files in os.walk(workspace):
        for path in (Path(root), *(Path(root) / name for name in (*folders, *files))):
            with suppress(OSError):  # it may just have been removed
                yield path.stat(follow_symlinks=False).st_mtime
