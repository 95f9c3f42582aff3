"""What autoscaling finds out about a workflow, and what it makes of it: values for policy and wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.fleet import Limits
from bot.domain.moves import Move
from bot.domain.vocabulary import Workflow


class Trigger(StrEnum):
    """What makes a workflow's number of workers change."""

    MINIMUM = "minimum"
    NO_WORKER = "no-worker"
    OVERFLOW = "overflow"
    QUEUE = "queue"
    WAIT = "wait"
    UTILISATION = "utilisation"
    SLOW = "slow"
    IDLE = "idle"


class Block(StrEnum):
    """What keeps a move from being made."""

    OFF = "off"
    """Autoscaling is switched off."""
    HALTED = "halted"
    PAUSED = "paused"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    LAST = "last"
    """It would take the last worker away."""
    WINDOW = "window"
    """The latest move is too recent."""
    EMERGENCY = "emergency"
    PEAK = "peak"
    """Peak hours that begin soon want the worker."""
    NOBODY = "nobody"
    """No worker is idle that the rule may stop."""


@dataclass(frozen=True, slots=True)
class Used:
    """How busy a workflow's workers were in the stabilisation window."""

    now: int
    """Workers that hold a task."""
    most: int
    """The highest number of them at one moment of the window."""
    mean: float
    """Worker-seconds with a task in the window ÷ the window's seconds."""
    above_until: datetime | None
    """When a number that forbids going down was last busy; None: never within the window."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What waits in a workflow's queue."""

    waiting: int
    """Without what triage holds."""
    ready: int
    """What may start now: the backlog."""
    held: int
    """What triage holds."""
    oldest: datetime | None
    """Since when the oldest of what may start has waited."""


@dataclass(frozen=True, slots=True)
class InPeak:
    """Peak hours that raise a workflow's minimum."""

    name: str
    minimum: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A move that the rule makes, or would make."""

    trigger: Trigger
    up: bool
    target: int
    """How many workers there are afterwards."""
    reason: str


@dataclass(frozen=True, slots=True)
class Sizing:
    """The rule's view of one workflow: figures, and what follows from them."""

    workflow: Workflow
    size: int
    limits: Limits
    coming: InPeak | None
    """The peak hours that begin within the window after now."""
    demand: Demand
    used: Used
    service: timedelta
    measured: int
    """Attempts that ``service`` rests on; 0: it is the configuration's."""
    needed: int
    """Workers that work the backlog off in the configured time."""
    met: frozenset[Trigger]
    latest: Move | None
    plan: Planned | None = None
    blocks: tuple[Block, ...] = ()
    """What keeps ``plan`` from being made; nothing: it is made."""
    due: datetime | None = None
    """When a blocked plan may be made at the earliest; without a plan: when one follows if all stays so."""

    @property
    def moves(self) -> bool:
        """Whether the plan is made now."""
        return self.plan is not None and not self.blocks
