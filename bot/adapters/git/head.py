"""Whether a repository's default branch has moved, told by git: that costs none of the API's requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from bot.adapters.git.process import Credentials
from bot.adapters.git.remote import Remote
from bot.adapters.git.repository import Repository


class DefaultBranch:
    """The head of a repository's default branch. Close it: it owns a temporary directory."""

    def __init__(
        self,
        url: str,
        token: str | None,
        environment: Mapping[str, str],
        *,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``timeout`` is in seconds, for each git command."""
        self._repository = Repository(Credentials.of(url, token), environment, timeout, None)
        self._remote = Remote(url, "HEAD", self._repository, sleep)

    def head(self) -> str | None:
        """Its commit id now; None where the repository is empty. One round trip.

        Raises StoreUnavailable, Forbidden, UsageError.
        """
        return self._remote.advertised("HEAD").get("HEAD")

    def close(self) -> None:
        """Remove the temporary directory."""
        self._repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
