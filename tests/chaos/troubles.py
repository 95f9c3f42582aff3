"""What goes wrong in a chaos run, drawn from one seed: kills, stops, network faults, doubled events."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from bot.hub.faults import Faults

FAULTS = (
    "POST */git-receive-pack status=502 times=1",
    "POST */git-receive-pack drop=before times=2",
    "POST */git-receive-pack drop=after times=2",
    "POST */git-receive-pack delay=700ms times=3",
    "GET */info/refs status=503 times=1",
    "POST */issues/*/comments status=502 times=1",
    "POST */issues/*/comments drop=after times=1",
    "POST */dispatches status=502 times=1",
    "POST */dispatches drop=after times=1",
    "POST */orgs/*/repos drop=after times=1",
    "POST */repos/acme/*/issues drop=after times=1",
    "POST */labels drop=before times=1",
    "GET */runs status=502 body=html times=1",
    "GET */collaborators/* status=429 header=retry-after:1 times=1",
    "* */api/v3/* status=403 header=retry-after:1 times=2",
)
"""Refused and delayed pushes, 502s, answers that are lost, secondary rate limits (``bot.hub.faults``)."""
WEIGHTS = {"kill": 2, "stop": 3, "fault": 6, "again": 1, "evict": 1, "nothing": 7}
"""How often each kind of trouble is drawn."""
LONGEST_STOP = 4.0
"""Seconds that a stopped process stands still: less than half the grace time of a delivery."""


@dataclass
class Troubles:
    """Draws what happens next, and counts it."""

    seed: int
    faults: Faults
    victims: Callable[[], list[psutil.Process]]
    """The bot's processes of this moment, each the leader of a group of its own."""
    again: Callable[[random.Random], None]
    """Sends an event once more."""
    evict: Callable[[random.Random], None]
    """Cancels the run of a command."""
    counts: Counter[str] = field(default_factory=Counter)
    _stopped: dict[psutil.Process, float] = field(default_factory=dict)
    """Process → when it goes on."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def strike(self, now: float) -> None:
        """One more trouble; ``now`` is in seconds of any clock."""
        self.go_on(now)
        (kind,) = self._chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))
        match kind:
            case "kill" | "stop":
                self._hit(kind, now)
            case "fault":
                specification = self._chance.choice(FAULTS)
                self.faults.add(specification)
                self.counts[f"fault: {specification.rpartition(' times=')[0]}"] += 1
            case "again":
                self.again(self._chance)
                self.counts["doubled events"] += 1
            case "evict":
                self.evict(self._chance)
                self.counts["evicted runs"] += 1

    def go_on(self, now: float) -> None:
        """Wake those whose time is over."""
        for victim, until in list(self._stopped.items()):
            if now >= until:
                del self._stopped[victim]
                _signal(victim, signal.SIGCONT)

    def end(self) -> None:
        """Nothing goes wrong any more."""
        self.go_on(float("inf"))
        for row in self.faults.list():
            self.counts["requests that met a fault"] += int(row["met"])
        self.faults.clear()

    def _hit(self, kind: str, now: float) -> None:
        found = sorted(self.victims(), key=lambda one: one.pid)
        if not found:
            return
        victim = self._chance.choice(found)
        with suppress(psutil.Error):
            role = role_of(victim)
            if kind == "kill":
                self._stopped.pop(victim, None)
                _signal(victim, signal.SIGKILL)
            else:
                self._stopped[victim] = now + self._chance.uniform(0.5, LONGEST_STOP)
                _signal(victim, signal.SIGSTOP)
            self.counts[f"{kind}: {role}"] += 1


def role_of(process: psutil.Process) -> str:
    """What a process of the bot is: ``handle``, ``tick``, ``worker``, ``work claim`` and so on."""
    words = process.cmdline()[2:]
    words = words[1:] if words[:1] == ["bot"] else words
    return " ".join(words[:2]) if words[:1] == ["work"] else "".join(words[:1])


def _signal(victim: psutil.Process, number: signal.Signals) -> None:
    """To its whole group, where it is still the process that was meant: numbers are given out again."""
    with suppress(ProcessLookupError):
        if victim.is_running():
            os.killpg(victim.pid, number)
