"""Workers, and the leases that they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.outputs import Size
from bot.domain.usage import Used
from bot.domain.vocabulary import WorkerStatus, Workflow


class Assignment(Frozen):
    """A worker's lease on a task."""

    task: str
    project: str
    lease: int
    assigned_at: Time
    expires_at: Time = Field(description="when the lease ends by itself")
    claimed_at: Time | None = None
    progress_at: Time | None = Field(
        default=None, description="when its worker last got on, as far as it tells"
    )
    run_id: int | None = None
    run_attempt: int | None = None
    spend: float = Field(default=0.0, ge=0, description="US dollars that this attempt has cost, as reported")
    used: Used | None = Field(default=None, description="what this attempt has used, as reported")

    @property
    def id(self) -> str:
        """What the worker's run is named after: ``{task}@{lease}``."""
        return f"{self.task}@{self.lease}"


class Tally(Frozen):
    """How attempts ended."""

    done: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)


class Fault(Frozen):
    """One of a worker's latest failures."""

    at: Time
    task: str
    summary: str = Field(max_length=300)
    run_url: str = ""


class Instance(Document):
    """``instances/{worker-id}.json``: one worker."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    workflow: Workflow
    specialties: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = ()
    region: str = ""
    kind: Literal["actions", "external"] = "actions"
    process: str = Field(default="", description="external: the process that it is a slot of")
    session: int = Field(default=0, ge=0, description="external: the start of the process that it belongs to")
    beat_seconds: int = Field(
        default=0, ge=0, description="external: how often it was to be heard of when it last was"
    )
    status: WorkerStatus = WorkerStatus.IDLE
    last_heartbeat: Time | None = None
    unstarted: int = Field(default=0, ge=0, description="its runs in a row that never began")
    assignment: Assignment | None = None
    idle_since: Time | None = None
    missed_at: Time | None = Field(
        default=None, description="the first look after a gap in the looks that found it silent"
    )
    offline_since: Time | None = Field(default=None, description="when its silence was noticed")
    completed: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    busy_seconds: int = Field(default=0, ge=0)
    large: Tally = Field(default=Tally(), description="its record on large tasks")
    created_at: Time | None = None
    faults: tuple[Fault, ...] = Field(
        default=(), description="its latest failures in a row, bounded; a success forgets them"
    )
    probe_at: Time | None = Field(
        default=None, description="it was taken out for failing; from then on it is tried with one task"
    )
    probes: int = Field(default=0, ge=0, description="trials in a row that failed")

    def tripped(self, now: datetime) -> bool:
        """Whether it gets nothing at present because it failed too often."""
        return self.probe_at is not None and now < self.probe_at
