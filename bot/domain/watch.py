"""When somebody looked at the fleet: what deaths and the uptime are judged by."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from bot.domain.base import Document, Frozen, Time

SLOT_SECONDS = 300
"""The length of the slots that uptime is counted in (specification: "System Uptime")."""


class Mode(StrEnum):
    """How the monitor is run (docs/monitor.md); which looks are due follows from it."""

    LOOP = "loop"
    """One job that looks every 30 seconds."""
    CRON = "cron"
    """A job every five minutes."""
    EVENTS = "events"
    """Events alone, and a job every hour."""


class Slots(Frozen):
    """Slots in a row in each of which a look is on record; numbered from the epoch on."""

    first: int = Field(ge=0)
    last: int = Field(ge=0)


class ModeSince(Frozen):
    """From when on the monitor was seen to run like this."""

    mode: Mode
    since: Time
    seen: Time | None = Field(
        default=None, description="when a monitor of that mode last said that it runs; None: it has ended"
    )


class Watch(Document):
    """``metrics/watch.json``: written by every commit, because each is made by somebody who looked."""

    since: Time | None = Field(
        default=None, description="since when the looks follow each other without a gap"
    )
    until: Time | None = Field(default=None, description="the last look on record")
    recorded: Time | None = Field(
        default=None, description="up to when the monitor has put all its looks on record"
    )
    modes: tuple[ModeSince, ...] = Field(default=(), description="how the monitor was run, oldest first")
    slots: tuple[Slots, ...] = Field(default=(), description="oldest first, bounded")

    @property
    def mode(self) -> Mode | None:
        """How the monitor is run; None until a tick has told."""
        return self.modes[-1].mode if self.modes else None


SLOTS_LIMIT = 200
"""How many runs of slots ``metrics/watch.json`` keeps."""
MODES_LIMIT = 20
"""How many changes of the mode it keeps."""
