"""Faults of one run of the bot, planned beforehand: at which of its operations, and how it goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import RateLimited, StoreUnavailable, Unavailable
from tests.fakes.weather import Kind, Weather


class Killed(BaseException):
    """The run's process is gone; nothing of it may catch this."""


class How(StrEnum):
    """What happens at an operation: a load, a save, a push to the inbox, a request to the API."""

    KILLED_BEFORE = "killed before it"
    KILLED_AFTER = "killed after it, its answer unread"
    REFUSED = "it fails without effect"
    LOST = "it has its effect, the answer is lost"
    LIMITED = "refused by a rate limit"
    OVERTAKEN = "another run does its own thing before it"


@dataclass(frozen=True)
class Deed:
    """What a run of the bot is started for."""

    what: str
    """``tick``, ``handle``, ``wake``, ``claim``, ``report``, ``stray``; of a process on a machine of its own
    ``start``, ``beat``, ``echo`` (an old beat again), ``drop``, ``drain``, ``leave``, ``far claim`` and
    ``far report``."""
    which: int = 0
    """Which comment, change or run, counted from the newest; which process."""


@dataclass(frozen=True)
class Fault:
    """One fault."""

    name: str
    """The operation: a method of the store or of the forge, or ``push bundle``."""
    nth: int
    """1 for the first of that name in the run."""
    how: How
    by: Deed = Deed("tick")
    """Who overtakes."""


class Storm(Weather):
    """The faults of one run. The operations that it is overtaken by are not its own."""

    def __init__(
        self, faults: Iterable[Fault], overtake: Callable[[Deed], object], met: Counter[str]
    ) -> None:
        """``met`` counts what has come to pass."""
        self._faults = {(fault.name, fault.nth): fault for fault in faults}
        self._overtake, self._met = overtake, met
        self._seen: Counter[str] = Counter()

    def before(self, kind: Kind, name: str) -> None:
        """See ``Weather``."""
        self._seen[name] += 1
        fault = self._faults.get((name, self._seen[name]))
        if fault is None:
            return
        match fault.how:
            case How.KILLED_BEFORE:
                self._note(fault.how, name)
                raise Killed
            case How.REFUSED:
                self._note(fault.how, name)
                raise _failure(kind, name)
            case How.LIMITED:
                self._note(fault.how, name)
                raise RateLimited(name) if kind == "forge" else StoreUnavailable(name)
            case How.OVERTAKEN:
                self._note(fault.how, name)
                self._overtake(fault.by)

    def after(self, kind: Kind, name: str) -> None:
        """See ``Weather``."""
        fault = self._faults.get((name, self._seen[name]))
        if fault is None:
            return
        match fault.how:
            case How.KILLED_AFTER:
                self._note(fault.how, name)
                raise Killed
            case How.LOST:
                self._note(fault.how, name)
                raise _failure(kind, name)

    def _note(self, how: How, name: str) -> None:
        self._met[f"{how}: {name}"] += 1


def _failure(kind: Kind, name: str) -> Exception:
    return Unavailable(name) if kind == "forge" else StoreUnavailable(name)
