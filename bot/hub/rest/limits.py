"""GitHub's primary rate limit: so many requests an hour for each token, by the hub's clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bot.hub.data.clock import Clock
from bot.hub.data.records import User

WINDOW = 3600
"""Seconds after which a used-up limit is full again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands; ``reset`` is in epoch seconds."""

    limit: int
    used: int
    reset: int
    resource: str

    @property
    def remaining(self) -> int:
        """Requests left in this window."""
        return max(self.limit - self.used, 0)

    def headers(self) -> dict[str, str]:
        """The ``X-RateLimit-…`` headers."""
        values = {"Limit": self.limit, "Remaining": self.remaining, "Used": self.used, "Reset": self.reset}
        return {f"X-RateLimit-{name}": str(value) for name, value in values.items()} | {
            "X-RateLimit-Resource": self.resource
        }

    def json(self) -> dict[str, int]:
        """The form of ``GET /rate_limit``."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "reset": self.reset,
        }


class RateLimits:
    """The windows of all accounts, in memory: a restart begins new ones.

    ``bot`` is the limit of a workflow's own token, ``others`` everybody else's.
    """

    def __init__(self, clock: Clock, *, bot_login: str, bot: int = 1_000, others: int = 5_000) -> None:
        self._clock = clock
        self._bot_login = bot_login
        self._bot, self._others = bot, others
        self._windows: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = threading.Lock()

    def look(self, user: User | None, resource: str) -> Standing:
        """Where an account stands, without using anything up."""
        with self._lock:
            return self._standing(user, resource, 0)

    def spend(self, user: User | None, resource: str) -> Standing | None:
        """Use one request up; None where none is left."""
        with self._lock:
            if self._standing(user, resource, 0).remaining == 0:
                return None
            return self._standing(user, resource, 1)

    def refund(self, user: User | None, resource: str) -> Standing:
        """Give one request back: an answer 304 is free."""
        with self._lock:
            return self._standing(user, resource, -1)

    def _standing(self, user: User | None, resource: str, change: int) -> Standing:
        login = user.login if user else ""
        now = int(self._clock.now().timestamp())
        used, reset = self._windows.get((login, resource), (0, 0))
        if reset <= now:
            used, reset = 0, now + WINDOW
        used = max(used + change, 0)
        self._windows[login, resource] = used, reset
        limit = self._bot if login == self._bot_login else self._others
        return Standing(limit, used, reset, resource)
