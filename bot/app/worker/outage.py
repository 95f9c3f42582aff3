"""A network that is away: told once when it begins and once when it ends, tried ever more seldom."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.app.worker.pace import pause

log = logging.getLogger("orchestrator")


@dataclass(slots=True)
class Outage:
    """Times are in seconds of the monotonic clock."""

    began: float | None = None
    failures: int = 0
    again_at: float = 0.0

    def failed(self, error: Exception, now: float) -> None:
        """An attempt has failed."""
        if self.began is None:
            self.began = now
            log.warning("cannot reach the fleet, work goes on meanwhile: %s", " ".join(str(error).split()))
        self.failures += 1
        self.again_at = now + pause(self.failures)

    def over(self, now: float) -> None:
        """An attempt has succeeded."""
        if self.began is not None:
            log.info("the fleet is reached again, after %.0f s", now - self.began)
        self.began, self.failures = None, 0

    def hurry(self) -> None:
        """Try at once."""
        self.again_at = 0.0
