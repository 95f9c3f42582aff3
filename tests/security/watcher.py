"""Looks at the machine's processes all the time: their arguments, which anybody can see with ``ps``, and, of
this user's, what stands in their environments."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.security.planted import STEP, command_of, found_in

_PAUSE = 0.01
"""Seconds between two looks, so that those who are watched get on."""
_NEW = 20
"""Looks at which a process is new: it may become another program by ``exec``."""
_SELDOM = 16
"""An old one is looked at once in so many looks."""


@dataclass(frozen=True)
class Seen:
    """One program of one process."""

    program: str
    """What it is: ``bot work run``, ``git``, ``make``."""
    argv: bytes
    secrets: frozenset[str]
    """Names of the secrets in its environment."""
    ours: bool
    """Whether it has the mark; others' are looked at too."""


@dataclass
class Watcher:
    """A context manager that looks until its block ends."""

    needles: Mapping[bytes, str]
    mark: bytes = b""
    """Stands in the arguments or in the environment of those whom this is about, and of nobody else."""
    looks: int = 0
    shown: list[str] = field(default_factory=list)
    """Secrets in arguments: which, and whose."""
    seen: dict[tuple[int, bytes], Seen] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)
    _ages: dict[str, int] = field(default_factory=dict)
    """Process → how often it was there."""

    def __enter__(self) -> Watcher:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def programs(self) -> Counter[str]:
        """How many processes with the mark were seen of each kind."""
        return Counter(one.program for one in self.seen.values() if one.ours)

    def _watch(self) -> None:
        while not self._ended.wait(_PAUSE):
            self.look()

    def look(self) -> None:
        """Look once at every process."""
        self.looks += 1
        self._ages = {name: self._ages.get(name, 0) + 1 for name in os.listdir("/proc") if name.isdigit()}
        for name, age in self._ages.items():
            if age <= _NEW or (age + int(name)) % _SELDOM == 0:
                self._look_at(name)

    def _look_at(self, process: str) -> None:
        argv = _read(f"/proc/{process}/cmdline")
        key = (int(process), argv)
        if not argv or key in self.seen:
            return
        environment = _read(f"/proc/{process}/environ")
        if not environment:  # another user's, or one that is just beginning
            return
        program = _program(argv)
        held, ours = frozenset(found_in(environment, self.needles)), self.mark in argv + environment
        self.seen[key] = Seen(program, argv, held, ours)
        self.shown += [f"{name} in the arguments of {program}" for name in found_in(argv, self.needles)]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:  # it has ended, or is somebody else's
        return b""


def _program(argv: bytes) -> str:
    """A process by its arguments."""
    words = [word.decode("utf-8", "replace") for word in argv.split(b"\0") if word]
    names = [Path(word).name for word in words]
    if "bot" in words[:5] and "-m" in words[:4]:
        return f"bot {command_of(words[words.index('bot') + 1 :])}"
    if STEP in names[:2]:
        return f"bot {command_of(words[names.index(STEP) + 1 :])}"
    if "keeper.py" in names[:4]:
        return "keeper"
    if names[0].startswith("python") and len(names) > 1 and not words[1].startswith("-"):
        return names[1]
    return names[0]
