"""A state branch with its inbox in memory: a remote that several stores share, each a process of its own.

Held to the same contract as the one over git (``tests/store/test_contract.py``).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1

from bot.adapters.git.formats import check_layout, check_path
from bot.adapters.git.store import inbox_ref
from bot.domain.base import to_utc_second
from bot.domain.errors import Conflict, StateInvalid
from bot.ports.store import Archiving, Look, Peek
from tests.fakes.weather import CALM, Weather


@dataclass(frozen=True)
class MemoryCommit:
    """A commit, with the whole tree that it stands for."""

    version: str
    parents: tuple[str, ...]
    message: str
    at: datetime
    tree: Mapping[str, bytes] = field(repr=False)


@dataclass
class MemoryRemote:
    """What a git remote keeps: commits, branches, and the inbox's refs (event id → message)."""

    commits: dict[str, MemoryCommit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    """One push at a time."""

    def head(self, branch: str = "state") -> str | None:
        """The branch's commit id."""
        return self.branches.get(branch)

    def inbox(self) -> set[str]:
        """Ids of the waiting events."""
        return set(self.events)

    def files(self, version: str) -> dict[str, bytes]:
        """A commit's files."""
        return dict(self.commits[version].tree)

    def history(self, branch: str = "state") -> list[MemoryCommit]:
        """The branch's commits, newest first."""
        found, version = [], self.head(branch)
        while version is not None:
            found.append(self.commits[version])
            version = next(iter(found[-1].parents), None)
        return found


class MemoryStore:
    """``bot.ports.Store`` and ``bot.ports.History`` over a ``MemoryRemote``."""

    def __init__(
        self, remote: MemoryRemote, branch: str = "state", *, nonce: str, weather: Weather = CALM
    ) -> None:
        """``nonce`` is this process's own, as in the store over git."""
        self._remote, self._branch, self._nonce, self._weather = remote, branch, nonce, weather
        self._commits = 0

    def load(self) -> Look:
        """See ``Store.load``."""
        with self._weather.around("store", "load"):
            remote, version = self._remote, self._remote.head(self._branch)
            commit = remote.commits[version] if version is not None else None
            return Look(
                version=version,
                files=commit.tree if commit else {},
                inbox=dict(remote.events),
                inbox_commits={id_: _ref(message) for id_, message in remote.events.items()},
                message=commit.message if commit else "",
            )

    def save(
        self,
        base: Look,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        at: datetime,
        settled: Sequence[str] = (),
        archiving: Archiving | None = None,
    ) -> Look:
        """See ``Store.save``."""
        for path in changes:
            check_path(path)
        tree = {path: data for path, data in {**base.files, **changes}.items() if data is not None}
        check_layout(tree)
        self._commits += 1
        text = _signed(message, f"Nonce: {self._nonce}-{self._commits}")
        gone = {id_ for id_ in settled if id_ in base.inbox_commits}
        with self._weather.around("store", "save"), self._remote.lock:
            there = {id_: _ref(event) for id_, event in self._remote.events.items()}
            moved = self._remote.head(self._branch) != base.version
            if moved or any(there.get(id_) != base.inbox_commits[id_] for id_ in gone):
                raise Conflict(f"the state has moved on from {base.version or 'nothing'}; read it again")
            version = sha1(f"{base.version}\n{at.isoformat()}\n{text}".encode()).hexdigest()
            parents = (base.version,) if base.version is not None else ()
            commit = MemoryCommit(version, parents, text, to_utc_second(at), tree)
            self._remote.commits[version] = commit
            self._remote.branches[self._branch] = version
            for id_ in gone:
                del self._remote.events[id_]
            if archiving is not None:
                self._archive(archiving, version, at)
        return Look(
            version=version,
            files=tree,
            inbox={id_: event for id_, event in base.inbox.items() if id_ not in gone},
            inbox_commits={id_: ref for id_, ref in base.inbox_commits.items() if id_ not in gone},
            message=text,
        )

    def _archive(self, wanted: Archiving, state: str, at: datetime) -> None:
        """The other branch's commit, made under the same lock."""
        name = f"{self._branch}-archive"
        tip = self._remote.head(name)
        known = self._remote.files(tip) if tip else {}
        tree = {path: data for path, data in {**known, **wanted.changes}.items() if data is not None}
        text = f"{wanted.message.rstrip()}\nState: {state}\n"
        version = sha1(f"{tip}\n{at.isoformat()}\n{text}".encode()).hexdigest()
        parents = (tip,) if tip else ()
        self._remote.commits[version] = MemoryCommit(version, parents, text, to_utc_second(at), tree)
        self._remote.branches[name] = version

    def publish(self, event_id: str, message: str) -> None:
        """See ``Store.publish``. Raises Conflict where the id holds another message already."""
        inbox_ref(event_id)
        with self._weather.around("store", "publish"):
            if self._remote.events.setdefault(event_id, message) != message:
                raise Conflict(f"event {event_id} is in the inbox already with another content")

    def discard(self, base: Look, settled: Sequence[str]) -> None:
        """See ``Store.discard``."""
        with self._weather.around("store", "discard"):
            for id_ in settled:
                known = base.inbox_commits.get(id_)
                if known is not None and known == _ref(self._remote.events.get(id_, "")):
                    del self._remote.events[id_]

    def peek(self) -> Peek:
        """See ``Store.peek``."""
        with self._weather.around("store", "peek"):
            return Peek(self._remote.head(self._branch), frozenset(self._remote.events))

    def history(self, depth: int | None = None) -> list[MemoryCommit]:
        """See ``History.history``."""
        return self._remote.history(self._branch)[:depth]

    def files_at(self, version: str) -> dict[str, bytes]:
        """See ``History.files_at``. Raises StateInvalid where there is no such commit."""
        if version not in self._remote.commits:
            raise StateInvalid(f"there is no commit {version}")
        return self._remote.files(version)


def _signed(message: str, trailer: str) -> str:
    text = message.rstrip("\n") + "\n"
    has_trailers = re.search(r"\n\n(?:[A-Za-z][A-Za-z0-9-]*: .*\n)+\Z", text)
    return f"{text}{trailer}\n" if has_trailers else f"{text}\n{trailer}\n"


def _ref(message: str) -> str:
    """The same event is the same commit, whoever publishes it."""
    return sha1(message.encode()).hexdigest()
