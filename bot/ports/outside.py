"""What is asked and told outside of GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.alerting import Severity
from bot.domain.deploying import HealthCheck


@dataclass(frozen=True, slots=True)
class Seen:
    """What an address answered in the end."""

    ok: bool
    says: str
    """One line, nothing in it the answer's own words: ``200 OK``, ``404 Not Found after 180 s``."""


class Notifier(Protocol):
    """Tells people outside of GitHub; knows the addresses, and keeps them to itself."""

    def tell(self, severity: Severity, title: str, body: str) -> tuple[str, ...]:
        """Tell every address; returns the services of those that did not take it.

        Raises Unavailable where none did. Neither what it returns nor what it raises holds an address.
        """
        ...


class Health(Protocol):
    """Asks an address for an answer, without any credentials."""

    def __call__(self, url: str, wanted: HealthCheck) -> Seen:
        """Ask until the answer is as wanted or ``wanted.seconds`` are over. Never raises for what it sees."""
        ...
