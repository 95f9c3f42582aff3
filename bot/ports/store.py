"""The state's place: compare-and-swap commits on a branch, an inbox beside it, and files of sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Look:
    """What one fetch of the state's remote saw, consistently."""

    version: str | None
    """Commit id of the state branch's head; None where the branch does not exist."""
    files: Mapping[str, bytes]
    """Every file of the head's tree by path, for example ``shared-state/ledger.json``."""
    inbox: Mapping[str, str] = field(default_factory=dict)
    """Waiting worker events: flat event id (last part of the ref) → the commit's message."""
    inbox_commits: Mapping[str, str] = field(default_factory=dict)
    """The same ids → commit id of the ref, which its deletion expects."""
    message: str = ""
    """The head commit's message."""


@dataclass(frozen=True, slots=True)
class Archiving:
    """What a save changes on the archive branch, in the same push."""

    changes: Mapping[str, bytes | None]
    """Path there → content; None deletes."""
    message: str


@dataclass(frozen=True, slots=True)
class Peek:
    """What the remote's list of refs tells."""

    version: str | None
    """Commit id of the branch's head."""
    inbox: frozenset[str]
    """Event ids that wait."""


class Store(Protocol):
    """Compare-and-swap commits on one branch, and an inbox of refs beside it."""

    def load(self) -> Look:
        """Read the branch's head, its whole tree and the inbox.

        Raises StoreUnavailable when the remote does not answer.
        """
        ...

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
        """Commit ``changes`` (None deletes) on top of ``base`` in one push.

        The push has a lease on ``base.version`` and deletes the inbox refs of the ids in
        ``settled`` atomically with it. ``at`` becomes the commit's time. ``base.version`` None creates
        the branch as an orphan. Returns the look that a ``load`` right after it would give, without
        reading again. ``archiving`` goes to the archive branch in the same push: both
        branches move, or neither.

        Raises Conflict when the head has moved, StoreUnavailable when the remote fails, ArchiveRefused
        where it refuses a push that without ``archiving`` may succeed. An answer
        that was lost is looked up by the message's nonce before anything is raised.
        """
        ...

    def publish(self, event_id: str, message: str) -> None:
        """Put one event into the inbox under a ref of its own; doing so twice is harmless."""
        ...

    def discard(self, base: Look, settled: Sequence[str]) -> None:
        """Delete leftovers from the inbox without a commit; one that is already gone is fine."""
        ...

    def peek(self) -> Peek:
        """The branch's head and what is in the inbox, by name alone: one look without fetching."""
        ...


class Sessions(Protocol):
    """Keeps the files of agents' sessions beside the state branch; names as of ``bot.domain.sessions``.

    All of it raises StoreUnavailable, and Forbidden where the remote takes no such thing.
    """

    def keep(self, name: str, sealed: Path) -> None:
        """Keep a file under a name that is used once; doing so again is fine."""
        ...

    def fetch(self, name: str, target: Path, most: int) -> bool:
        """Write what is kept into a file; False where nothing is, or more than ``most`` bytes."""
        ...

    def names(self) -> Sequence[str]:
        """Everything that is kept."""
        ...

    def drop(self, names: Sequence[str]) -> None:
        """Keep these no longer; what is gone already is fine."""
        ...
