"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.errors import OrchestratorError

if TYPE_CHECKING:
    from bot.setup.examination import Examination


class Verdict(StrEnum):
    """What a check comes to."""

    WELL = "well"
    WRONG = "wrong"
    UNSEEN = "could not look"


class Unseen(OrchestratorError):
    """A check cannot look; says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check saw: ``mend`` is the command, or the step, that puts it right; empty: all is well."""

    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a set-up."""

    name: str
    what: str
    """What is looked at."""
    why: str
    """Why it matters."""
    look: Callable[[Examination], Found]
    """Raises ForgeErrors and Unseen where it cannot look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's result."""

    check: str
    verdict: Verdict
    found: str
    why: str
    mend: str
    expected: str = ""
    """What the program counts on; told of probes."""

    @property
    def is_wrong(self) -> bool:
        """Whether something has to be done."""
        return self.verdict is Verdict.WRONG

    @property
    def is_unseen(self) -> bool:
        """Whether nobody knows."""
        return self.verdict is Verdict.UNSEEN
