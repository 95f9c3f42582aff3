"""What surrounds every operation of a fake: calm by default; a test's own may fail it or end the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Kind = Literal["store", "forge"]


class Weather:
    """Calm: every operation succeeds."""

    def before(self, kind: Kind, name: str) -> None:
        """May raise: then the operation has no effect."""

    def after(self, kind: Kind, name: str) -> None:
        """May raise: the operation has had its effect, but its answer is lost."""

    @contextmanager
    def around(self, kind: Kind, name: str) -> Iterator[None]:
        """One operation."""
        self.before(kind, name)
        yield
        self.after(kind, name)


CALM = Weather()
