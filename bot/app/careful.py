"""The looks of a tick beyond the comments: what one of them fails with costs that look and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.errors import ForgeError, RateLimited
from bot.domain.quota import Meter, Purpose

log = logging.getLogger("orchestrator")
T = TypeVar("T")


@dataclass(slots=True)
class Looks:
    """What has been looked at in one turn.

    After a rate limit GitHub is asked nothing more. A look that fails may have taken a minute of repetitions:
    while commands wait to be settled, the first one ends the looking.
    """

    meter: Meter
    commands_wait: bool = False
    failed: list[ForgeError] = field(default_factory=list)

    def are_over(self) -> bool:
        """Whether the rest is left to the next tick."""
        limited = any(isinstance(error, RateLimited) for error in self.failed)
        return limited or (self.commands_wait and bool(self.failed))

    def at(self, what: str, purpose: Purpose, look: Callable[[], T], otherwise: T) -> T:
        """What a look gives; ``otherwise`` where it fails, or is left to the next tick."""
        if self.are_over():
            return otherwise
        try:
            with self.meter.on(purpose):
                return look()
        except ForgeError as error:
            self.failed.append(error)
            rest = "; so is the rest" if self.are_over() else ""
            log.warning(
                "%s: the look is left to the next tick%s: %s", what, rest, " ".join(str(error).split())
            )
            return otherwise
