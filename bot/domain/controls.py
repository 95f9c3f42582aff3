"""The switches that people have thrown (pauses, triage, emergencies, halts), and the journal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.order import RANK
from bot.domain.outputs import Priority
from bot.domain.vocabulary import Workflow


class Pause(Frozen):
    """No task of this workflow is assigned."""

    workflow: Workflow
    since: Time
    by: str = Field(description="empty: a rule")
    why: str = Field(default="", max_length=300, description="what made the rule do it")


class Triage(Frozen):
    """Only this level and what is above it is assigned."""

    level: Priority
    since: Time
    by: str = Field(description="empty: a rule")
    workflow: Workflow | None = Field(default=None, description="whose tasks it holds; None: everybody's")
    overflowed: bool = Field(
        default=False, description="a queue was over the mark while it held: it ends when all are under it"
    )

    def holds(self, priority: Priority, workflow: Workflow) -> bool:
        """Whether work of this priority is held back."""
        return self.workflow in (None, workflow) and RANK[priority] > RANK[self.level]


class Emergency(Frozen):
    """A workflow's workers may go up to its emergency limit."""

    workflow: Workflow
    since: Time
    until: Time
    by: str


class Halt(Frozen):
    """Everything is stopped, and what comes in is held."""

    since: Time
    by: str
    why: str = Field(default="", max_length=300, description="the reason that was given")


class Overflow(Frozen):
    """A queue that is too long, from its alert's beginning to its end."""

    workflow: Workflow
    since: Time
    depth: int = Field(ge=1, description="how long it was when it began")
    triaged: bool = Field(default=False, description="the rule has begun triage for it: not again")


class Controls(Document):
    """``controls.json``."""

    paused: tuple[Pause, ...] = ()
    triage: Triage | None = None
    emergency: tuple[Emergency, ...] = ()
    halted: Halt | None = None
    overflows: tuple[Overflow, ...] = ()
    unpaused: dict[Workflow, Time] = Field(
        default={}, description="when a workflow's last pause ended: failures before do not count"
    )

    def pause(self, workflow: Workflow) -> Pause | None:
        """The pause of a workflow, or None."""
        return next((pause for pause in self.paused if pause.workflow is workflow), None)

    def overflow_of(self, workflow: Workflow) -> Overflow | None:
        """The overflow of a workflow's queue, or None."""
        return next((one for one in self.overflows if one.workflow is workflow), None)

    def emergency_of(self, workflow: Workflow) -> Emergency | None:
        """The emergency of a workflow, or None."""
        return next((one for one in self.emergency if one.workflow is workflow), None)


class Happening(Frozen):
    """One line of what happened: data here, words in ``render``."""

    at: Time
    kind: Literal[
        "taken-in",
        "stage",
        "done",
        "failed",
        "review",
        "stopped",
        "halted",
        "resumed",
        "retried",
        "sent-back",
        "pull-request",
        "discarded",
        "priority",
        "waits",
        "approved",
        "allowed",
        "assigned",
        "moved",
        "worker",
        "scaled",
        "control",
        "alert",
        "alert-over",
        "incident",
        "restored",
    ]
    project: str = ""
    task: str = ""
    worker: str = ""
    by: str = Field(default="", description="who asked for it; empty: a rule")
    detail: str = Field(default="", max_length=300, description="the rest, as plain words")


class Journal(Document):
    """``journal.json``: the latest happenings, oldest first, bounded."""

    happenings: tuple[Happening, ...] = ()


JOURNAL_LIMIT = 400
"""How many happenings ``journal.json`` keeps; older ones are in the branch's history."""
