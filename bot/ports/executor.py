"""Who does a task's work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.failures import FailureKind


@dataclass(frozen=True, slots=True)
class Finished:
    """What an executor hands back; its files are in the result directory."""

    ok: bool
    summary: str
    """One line for people: what was made, or what went wrong and what to do."""
    output: str = ""
    """Name of the validated output file in the result directory, for example ``genesis-output.json``."""
    retry: bool = True
    """Whether another attempt could end differently; False sends a failed task to review at once."""
    rework: bool = False
    """Whether a quality gate refused work that was done."""
    failure: FailureKind | None = None
    """What kind of failure it is, where a program could act on it; None for others and where all is well."""
    spend: float = 0.0
    """US dollars that an agent cost, as it told or as its tokens are worth; 0 where neither is known."""
    turns: int = 0
    """Turns that an agent took; 0 where it does not tell."""
    tokens: int = 0
    """Tokens that went in and came out; 0 where the agent does not tell."""
    session: str = ""
    """The agent's own id of its session, with which some can go on."""


class Executor(Protocol):
    """Turns one task into files. Gets no GitHub token."""

    name: str

    def run(self, assignment: Path, result: Path) -> Finished:
        """Work on the assignment file (``bot.domain.work.WorkOrder``) and write into ``result``."""
        ...

    def check(self, assignment: Path, result: Path) -> Finished:
        """Judge ``result`` afresh: apply it to a clean checkout and run its commands again."""
        ...
