"""One assignment on its way: run, check, report; the first two as children, within its time limit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from bot.app.worker.machine import Child, Machine
from bot.app.workspace import Claimant, Workspace
from bot.domain.masking import masked
from bot.ports.executor import Finished


class Step(StrEnum):
    """What is being done."""

    RUN = "run"
    CHECK = "check"
    REPORT = "report"


_NOTES = {Step.RUN: "run.json", Step.CHECK: "checked.json"}
"""Where in the result each phase says how it went (``Workspace.note``)."""


@dataclass(slots=True)
class Job:
    """An assignment that this process holds. Times are in seconds of the monotonic clock."""

    who: Claimant
    workspace: Workspace
    began: float
    deadline: float
    """When the work has to be over, so that the report is in before the lease ends."""
    step: Step = Step.RUN
    child: Child | None = None
    failures: int = 0
    """Attempts in a row that could not deliver the report."""
    again_at: float = 0.0
    """When the next one is due."""

    def start(self, machine: Machine) -> None:
        """Start the child of the present step; that it cannot be started is a result too."""
        try:
            self.child = machine.start(self.step.value, self.workspace.root)
        except OSError as error:
            self._fail(machine, f"`work {self.step}` could not be started: {error}")

    def advance(self, machine: Machine, now: float) -> None:
        """Go on to the next step where the present one is over, or its time is."""
        if self.child is None:
            return
        code = self.child.ended()
        if code is None and now < self.deadline:
            return
        self.kill()
        if code is None:
            minutes = (self.deadline - self.began) / 60
            self._fail(machine, f"`work {self.step}` was stopped at the time limit, after {minutes:.1f} min")
        elif not (noted := self.workspace.read(_NOTES[self.step])):
            self._fail(machine, f"`work {self.step}` {_ended(code)} and left no result")
        elif self.step is Step.RUN and noted.get("ok") is True:
            self.step = Step.CHECK
            self.start(machine)
        else:
            self.step = Step.REPORT

    def kill(self) -> None:
        """End the child with everything that it has started."""
        if self.child is not None:
            self.child.kill()
            self.child = None

    @property
    def summary(self) -> str:
        """How it went, in a line that may be shown."""
        done, checked = (self.workspace.read(name) for name in _NOTES.values())
        last = checked if done.get("ok") is True and checked else done
        return masked(" ".join(str(last.get("summary") or "no result").split()))[:300]

    def _fail(self, machine: Machine, why: str) -> None:
        """Leave a result that says what happened, with the end of the output for the report."""
        said = masked(machine.said(self.workspace.root)).strip()
        last = f" ({said.splitlines()[-1][:300]})" if said else ""
        self.workspace.note(Step.RUN.value, Finished(ok=False, summary=why + last))
        with suppress(OSError):
            path = self.workspace.result / "log.txt"
            if said and not path.is_symlink() and not path.exists():
                path.write_text(said + "\n", encoding="utf-8")
        self.step = Step.REPORT


def _ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
