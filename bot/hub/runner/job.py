"""One run of a workflow: its steps one after the other, each a process with the environment it may see."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Any

from bot.hub.runner.process import GRACE, TIMED_OUT, ProcessGroup

_NEVER_STARTED = 130
"""The exit code of a step that a cancellation forestalled, as of one interrupted at once."""


class Token(StrEnum):
    """A token by the variable that hands it to a step."""

    BOT = "GITHUB_TOKEN"
    APP = "ORCHESTRATOR_GENESIS_TOKEN"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the bot; ``{workspace}`` and the run's inputs are filled into its words."""

    words: tuple[str, ...]
    minutes: float
    """What takes longer is ended and counts as failed."""
    tokens: frozenset[Token] = frozenset()
    gate: str = ""
    """Name of an output that must be ``true`` for any later step to run."""
    always: bool = False
    """Runs also after a step that failed (but not behind a closed gate, nor after a cancellation)."""
    agent: bool = False
    """Starts a coding agent: gets the agent's own variables."""


@dataclass(frozen=True, slots=True)
class Job:
    """The steps of a workflow, and the inputs that it cannot do without."""

    steps: tuple[Step, ...]
    inputs: tuple[str, ...] = ()


@dataclass
class Execution:
    """A run being carried out; ``cancel`` may be called from any thread."""

    job: Job
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    tokens: Mapping[Token, str] = field(repr=False)
    agent_environment: Mapping[str, str] = field(repr=False)
    inputs: Mapping[str, str]
    payload: Mapping[str, Any] = field(repr=False)
    run_id: int
    grace: float = GRACE
    cancelled: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._process: ProcessGroup | None = None

    def perform(self) -> str:
        """Run the steps; returns the conclusion: ``success``, ``failure`` or ``cancelled``."""
        self._prepare()
        failed, open_gate = False, True
        for number, step in enumerate(self.job.steps, 1):
            if self.cancelled:
                break
            if not open_gate or (failed and not step.always):
                self.note(f"- {self._shown(step)}: skipped")
                continue
            outputs = self.folder / "temp" / f"output-{number}.txt"
            succeeded = self._run(step, outputs)
            failed = failed or not succeeded
            if step.gate:
                open_gate = succeeded and _outputs(outputs).get(step.gate) == "true"
        return self._conclude(failed)

    def cancel(self) -> None:
        """End the step that runs, with everything that it started, and begin no other."""
        with self._lock:
            self.cancelled = True
            process = self._process
        if process is not None:
            process.end()

    def note(self, line: str) -> None:
        """Add a line of the hub's own to the log."""
        with self._log.open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    @property
    def _log(self) -> Path:
        return self.folder / "log.txt"

    def _prepare(self) -> None:
        for name in ("home", "temp", "work", "workspace"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        event = json.dumps(self.payload, indent=2, ensure_ascii=False)
        (self.folder / "event.json").write_text(event + "\n", encoding="utf-8")

    def _conclude(self, failed: bool) -> str:
        """Clear away what only the processes needed; a failed run keeps its workspace to look at."""
        for name in ("home", "temp", "work", *(() if failed else ("workspace",))):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        if self.cancelled:
            self.note("Cancelled.")
            return "cancelled"
        return "failure" if failed else "success"

    def _run(self, step: Step, outputs: Path) -> bool:
        """Run one step to its end; returns whether it exited with 0."""
        self.note(f"$ {self._shown(step)}")
        began = time.monotonic()
        outputs.touch()
        code = self._wait(step, outputs)
        took = f"{time.monotonic() - began:.1f} s"
        over = f"ended at its limit of {step.minutes:g} minutes"
        self.note(f"  {over if code == TIMED_OUT else f'exit code {code}'}, {took}")
        return code == 0

    def _wait(self, step: Step, outputs: Path) -> int:
        with self._lock:  # a cancellation comes before the start or finds the process
            if self.cancelled:
                return _NEVER_STARTED
            self._process = process = ProcessGroup(
                [*self.command, *self._words(step)],
                cwd=self.folder / "work",
                environment=self._variables(step, outputs),
                log=self._log,
                grace=self.grace,
            )
        try:
            return process.wait(step.minutes * 60)
        finally:
            with self._lock:
                self._process = None

    def _words(self, step: Step) -> list[str]:
        known = {"workspace": str(self.folder / "workspace"), **{n: self.inputs[n] for n in self.job.inputs}}
        # Only a word that is a placeholder as a whole: an input cannot smuggle in another one.
        return [known[word[1:-1]] if word.startswith("{") else word for word in step.words]

    def _shown(self, step: Step) -> str:
        return " ".join(["orchestrator", *self._words(step)]).replace(f"{self.folder}/", "")

    def _variables(self, step: Step, outputs: Path) -> dict[str, str]:
        """The step's whole environment; of the hub's own only PATH, without which no program is found."""
        return {
            **self.environment,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "PATH": os.environ.get("PATH", os.defpath),
            "RUNNER_TEMP": str(self.folder / "temp"),
            **{token.value: self.tokens[token] for token in step.tokens},
            **(self.agent_environment if step.agent else {}),
        }


def _outputs(file: Path) -> dict[str, str]:
    """A step's GITHUB_OUTPUT: ``name=value`` lines, and ``name<<END`` … ``END`` for any value."""
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    lines, found = iter(text.split("\n")), {}
    for line in lines:
        name, is_block, end = line.partition("<<")
        if is_block and "=" not in name:
            found[name] = "\n".join(takewhile(end.__ne__, lines))
        elif "=" in line:
            name, _, found[name] = line.partition("=")
    return found
