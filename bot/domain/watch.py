"""When somebody looked at the fleet: what deaths and the uptime are judged by."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Frozen, Time

SLOT_SECONDS = 300
"""The length of the slots that uptime is counted in (specification: "System Uptime")."""


class Slots(Frozen):
    """Slots in a row in each of which a look is on record; numbered from the epoch on."""

    first: int = Field(ge=0)
    last: int = Field(ge=0)


class Watch(Document):
    """``metrics/watch.json``: written by every commit, because each is made by somebody who looked."""

    since: Time | None = Field(
        default=None, description="since when the looks follow each other without a gap"
    )
    until: Time | None = Field(default=None, description="the last look on record")
    slots: tuple[Slots, ...] = Field(default=(), description="oldest first, bounded")


SLOTS_LIMIT = 200
"""How many runs of slots ``metrics/watch.json`` keeps."""
