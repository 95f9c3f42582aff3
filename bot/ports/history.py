"""The state branch's past, as much of it as each reader needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Commit(Protocol):
    """A commit of the state branch."""

    @property
    def version(self) -> str:
        """Its id."""
        ...

    @property
    def message(self) -> str:
        """Its whole message."""
        ...


class History(Protocol):
    """The state branch's past."""

    def history(self, depth: int | None = None) -> Sequence[Commit]:
        """The newest ``depth`` commits, all of them where None, newest first."""
        ...

    def files_at(self, version: str) -> Mapping[str, bytes]:
        """Every file of one of the branch's commits."""
        ...


class Signed(Commit, Protocol):
    """A commit with everything that is to be judged of it."""

    @property
    def parents(self) -> Sequence[str]:
        """The ids of what it follows."""
        ...

    @property
    def at(self) -> datetime:
        """The committer's time."""
        ...

    @property
    def people(self) -> tuple[str, str]:
        """Author and committer, each as ``name <mail>``."""
        ...


class Chronicle(Protocol):
    """The state branch's past, down to how it is kept."""

    def history(self, depth: int | None = None) -> Sequence[Signed]:
        """As ``History.history``."""
        ...

    def files_at(self, version: str) -> Mapping[str, bytes]:
        """As ``History.files_at``."""
        ...

    def is_plain(self, version: str) -> bool:
        """Whether a commit holds nothing but ordinary files: no link, program or other repository."""
        ...


class Versions(Protocol):
    """The state branch's commits since a moment, to read single files of some of them."""

    @property
    def commits(self) -> Sequence[tuple[str, datetime]]:
        """(id, when it was made), newest first."""
        ...

    def versions(self, path: str, commits: Sequence[str]) -> Mapping[str, bytes]:
        """What a file held at each of these commits; one that has no such file is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state branch as it was at one moment; contents are read by their ids, each once."""

    version: str
    """Commit id."""
    at: datetime
    """The commit's time, UTC."""
    files: Mapping[str, str]
    """Path below ``shared-state/``, with it → id of its content; equal ids are equal contents."""


class Snapshots(Protocol):
    """The state branch over a stretch of time, at one commit for each hour."""

    def snapshots(self, since: datetime, most: int) -> Iterator[Snapshot]:
        """The last commit of each hour (UTC) in which there was one, oldest first; the last is the head.

        Of a young branch or a short time the steps are shorter, down to a minute; of a long time longer, so
        that there are at most ``most``. The head alone where it is older than ``since``; nothing where
        there is no branch. Raises StoreUnavailable.
        """
        ...

    def contents(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Contents by their ids. Raises StoreUnavailable where one is missing."""
        ...
