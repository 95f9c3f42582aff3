"""One assignment's claimant, and the directory that its phases hand on to each other."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.domain.errors import UsageError
from bot.domain.work import WorkOrder
from bot.ports.executor import Finished

_MOST = 5_000_000
"""Bytes of a file that the report reads from what a worker made."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """The run that works on an assignment."""

    assignment: str
    run_id: int
    run_attempt: int
    run_url: str

    @property
    def task(self) -> str:
        """The task's id."""
        return self._parts()[0]

    @property
    def lease(self) -> int:
        """The fencing token."""
        return int(self._parts()[1])

    def _parts(self) -> tuple[str, str]:
        task, at, lease = self.assignment.rpartition("@")
        if not at or not task or not lease.isdigit():
            raise UsageError(
                f"{self.assignment!r} is no assignment; expected TASK@LEASE, for example "
                "todo-app-7.genesis@1795435200"
            )
        return task, lease


@dataclass(frozen=True, slots=True)
class Workspace:
    """A directory that the phases hand on to each other."""

    root: Path

    @property
    def order(self) -> Path:
        """The assignment file."""
        return self.root / "assignment.json"

    @property
    def repository(self) -> Path:
        """The project as it is, for a worker that holds no token."""
        return self.root / "repository.bundle"

    @property
    def result(self) -> Path:
        """What the executor makes."""
        return self.root / "result"

    def note(self, phase: str, finished: Finished) -> None:
        """Keep what a phase says of itself."""
        self.result.mkdir(parents=True, exist_ok=True)
        content = asdict(finished)
        (self.result / f"{phase}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def read(self, name: str) -> dict[str, Any]:
        """A JSON object from the result; empty where there is none that can be used."""
        try:
            value = json.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def text(self, name: str) -> str:
        """A file of the result, never followed out of it; empty where it is missing or too large."""
        path = self.result / name
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST:
                return ""
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def read_order(workspace: Workspace) -> WorkOrder:
    """The assignment of a workspace. Raises UsageError where there is none that validates."""
    try:
        return WorkOrder.model_validate_json(workspace.order.read_bytes())
    except (OSError, ValidationError):
        raise UsageError(
            f"{workspace.order} holds no assignment; run `orchestrator work claim` into this workspace first"
        ) from None
