"""What a worker process needs of its machine, as small as the loop needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Child(Protocol):
    """One phase of an assignment, as a process with everything that it starts."""

    def ended(self) -> int | None:
        """The exit code once the process has ended; negative for a signal."""
        ...

    def kill(self) -> None:
        """End what is left of it, descendants included; returns when nothing is."""
        ...


class Machine(Protocol):
    """Processes, signals and directories."""

    @property
    def asked(self) -> bool:
        """Whether somebody has asked this process to end (SIGTERM, SIGINT).

        Asking a second time raises KeyboardInterrupt wherever the process is.
        """
        ...

    def wait(self, seconds: float) -> None:
        """Return when a child has ended, when somebody asks, or after ``seconds``."""
        ...

    def start(self, phase: str, workspace: Path) -> Child:
        """Start ``work run`` or ``work check`` on a workspace. Raises OSError."""
        ...

    def changed_at(self, workspace: Path) -> float | None:
        """When something in a workspace last changed, in seconds since the epoch by this machine's clock."""
        ...

    def said(self, workspace: Path) -> str:
        """The end of what a workspace's phases have printed."""
        ...

    def clear(self, folder: Path) -> None:
        """End what works in a directory or below it, and remove it."""
        ...

    def others(self, folder: Path) -> list[Path]:
        """What stands beside a directory."""
        ...
