"""What stands still: a project's stop with the proof of it, and a closing that will become one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen, Time


class StoppedRun(Frozen):
    """A worker's run that a stop has taken the lease from; proven when it has ended."""

    task: str
    lease: int
    worker: str
    assigned_at: Time
    run_id: int | None = Field(default=None, description="None: nobody had claimed the lease")
    process: str = Field(default="", description="the process on a machine of its own that had it")
    ended: str = Field(default="", description="how it ended, once that was seen")


class Landed(Frozen):
    """Something that still took effect after a stop was asked for."""

    at: Time
    kind: Literal["assigned", "claimed", "done", "failed", "publishing", "late-report", "late-publication"]
    task: str
    worker: str = ""


class Stop(Frozen):
    """Why a project stands still, and the proof that it does."""

    at: Time = Field(description="when it was asked for")
    settled_at: Time
    by: str
    cause: str = Field(description="id of the event that it follows from")
    why: Literal["command", "closed", "halt"] = "command"
    runs: tuple[StoppedRun, ...] = ()
    reason: str = Field(default="", max_length=300, description="a person's words")
    landed: tuple[Landed, ...] = ()
    proven_at: Time | None = None


class Closing(Frozen):
    """A project's issue was closed: the project stops after a while, unless somebody says otherwise."""

    at: Time
    by: str
    cause: str = Field(description="id of the event")
    due: Time = Field(description="when it stops")
