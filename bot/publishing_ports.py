"""What is known of a worker's commits before they are published, and how they are.

Implemented in ``bot.adapters``; ``bot.ports.Publisher`` opens them. Nothing here does anything.
"""

from __future__ import annotations

from typing import Protocol

from bot.domain.inspection import ChangedFile as ChangedFile
from bot.domain.merging import PullRequests


class Change(Protocol):
    """A worker's commits for one branch of a repository, fetched beside what is there, not published yet."""

    @property
    def commit(self) -> str:
        """The bundle's head of the branch."""
        ...

    @property
    def base_commit(self) -> str:
        """The remote's head of the branch that it is to be merged into."""
        ...

    @property
    def remote_commit(self) -> str:
        """The remote's head of the branch; empty where it has none."""
        ...

    @property
    def files(self) -> tuple[ChangedFile, ...]:
        """What differs between merge base and ``commit``, and whatever a new commit touched on the way."""
        ...

    @property
    def new_commits(self) -> int:
        """How many commits the remote does not have yet."""
        ...

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
