"""GitHub without a token: every request is refused before it is made, so effects stay in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from bot.domain.errors import NoAccess


class NoForge:
    """Implements ``bot.ports.Forge`` for a process that has git access alone."""

    requests = 0
    """API requests made so far: none, ever."""

    quota = None
    """What GitHub says of the token's requests: nothing."""

    def now(self) -> datetime | None:
        """GitHub's clock: unknown."""
        return None

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """Any other method of the port."""

        def refuse(*arguments: object, **options: object) -> NoReturn:
            raise NoAccess(
                f"no token for GitHub's API ({name}): the next tick delivers this. "
                "Set GITHUB_TOKEN or GH_TOKEN to have this process do it"
            )

        return refuse
