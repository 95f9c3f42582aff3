"""What is known of a worker's commits before they are published, and how they are.

Implemented in ``bot.adapters``; ``bot.ports.Publisher`` opens them. Nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.merging import PullRequests


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A path that a change touches, as the change leaves it."""

    path: str
    mode: str
    """As git writes it: ``100644``, ``100755``, ``120000`` for a link, ``160000`` for a nested repository."""
    size: int
    """Bytes; 0 where it is deleted."""
    deleted: bool = False
    """Whether the change leaves no such file, also where one of its commits had made one."""
    read: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)

    def text(self, most: int = 1_000_000) -> str:
        """The first ``most`` bytes of its content as text; empty where it is deleted."""
        return self.read()[:most].decode("utf-8", "replace")


class Change(Protocol):
    """A worker's commits for one branch of a repository, fetched beside what is there, not published yet."""

    commit: str
    """The bundle's head of the branch."""
    base_commit: str
    """The remote's head of the branch that it is to be merged into."""
    remote_commit: str
    """The remote's head of the branch; empty where it has none."""
    files: tuple[ChangedFile, ...]
    """What differs between the merge base and ``commit``, and whatever a new commit touched on the way."""
    new_commits: int
    """How many commits the remote does not have yet."""

    def problems(self, limits: PullRequests) -> tuple[str, ...]:
        """Why it may not be published, each as a line for people; none where it may.

        Paths and modes, workflows, numbers and sizes, secrets in any version of a file that is new.
        """
        ...

    def push(self) -> str:
        """Publish it as a fast-forward of ``remote_commit``; returns the remote's head of the branch.

        Where the remote has the commit already, also below others, nothing is pushed. Raises BranchMoved
        where it has another one, Forbidden or StoreUnavailable where it refuses or does not answer.
        """
        ...
