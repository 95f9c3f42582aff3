"""What publishing needs from the outside: the projects' repositories, and commits that workers made.

Implemented in ``bot.adapters``; nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.domain.inspection import ChangedFile
from bot.domain.merging import PullRequests
from bot.domain.outputs import Remark
from bot.domain.pulls import PullFacts
from bot.ports.forge import Forge


@dataclass(frozen=True, slots=True)
class Planted:
    """A project on a branch of a repository that is not its own."""

    commit: str
    """What was to be published: the bundle's head, derived anew where something is left out."""
    head: str
    """The remote's head of the branch afterwards: another's where it was there already."""
    left_out: tuple[str, ...]
    """Paths that are not published, sorted."""


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


class ProjectForge(Forge, Protocol):
    """A project's repository: what ``Forge`` has, and how work gets into it and to where it runs."""

    def find_pull(self, branch: str, base: str) -> int | None:
        """The newest pull request from a branch into another that is open, else merged (1 request)."""
        ...

    def create_pull(self, branch: str, base: str, title: str, body: str) -> int:
        """Open a pull request; returns its number (1 request). Raises Rejected where there is nothing."""
        ...

    def pulls(self, numbers: Sequence[int]) -> dict[int, PullFacts]:
        """How pull requests stand (GraphQL, 1 request for each 30)."""
        ...

    def pulls_of(self, wanted: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], PullFacts]:
        """How pull requests of any repositories stand, by owner/name and number; those that are gone are left
        out (GraphQL, 1 request for each 30).
        """
        ...

    def reviewed(self, number: int, marker: str, by: str) -> bool:
        """Whether that account's review whose text begins with a marker was posted (1 request a page)."""
        ...

    def review(
        self, number: int, commit: str, body: str, remarks: Sequence[Remark], *, approve: bool
    ) -> None:
        """Post a review, as a comment where GitHub lets this account do no more (1 to 3 requests)."""
        ...

    def merge_pull(self, number: int, head: str, method: str, title: str) -> None:
        """Merge a pull request if its head is still that commit; merged already is fine (1 to 2 requests)."""
        ...

    def update_pull(self, number: int, head: str) -> None:
        """Merge the base into a pull request's branch if its head is still that commit (1 request)."""
        ...

    def site_address(self, branch: str) -> str:
        """Have a branch served as this repository's site; returns its address (1 to 3 requests)."""
        ...

    def build_site(self) -> None:
        """Ask for the repository's site to be built anew, which GitHub does not do by itself for what a
        workflow's own token has pushed (1 request).
        """
        ...

    def protect(self, branch: str) -> bool:
        """Let nobody force-push or delete a branch (1 request); False where that is not allowed."""
        ...


class Publisher(Protocol):
    """Reaches the projects' own repositories, with the token that may create them."""

    def forge(self, full_name: str) -> ProjectForge:
        """That repository (no request)."""
        ...

    def hand_over(
        self, clone_url: str, branches: Sequence[str], bundle: Path, *, megabytes: float = 500
    ) -> dict[str, str]:
        """Write those of the branches that exist, with their whole history, into a bundle to clone from.

        The first one is the default branch, which has to exist; the bundle's HEAD is it. Returns branch →
        commit id. Raises NotFound, Forbidden, StoreUnavailable; TooLarge beyond ``megabytes``.
        """
        ...

    def push(self, bundle: Path, clone_url: str, branch: str, limits: PullRequests | None = None) -> str:
        """Push a bundle's branch into a repository that has no such branch yet.

        Its files are inspected as a change's are, workflows allowed. Returns the commit id of the remote's
        branch afterwards: another's where it was there already. Raises OutputRefused for what may not be
        published, StoreUnavailable, Forbidden.
        """
        ...

    def plant(
        self, bundle: Path, clone_url: str, branch: str, target: str, limits: PullRequests | None = None
    ) -> Planted:
        """Push a bundle's branch as the branch ``target`` of a repository that is not the project's own.

        Where that has no such branch yet; without the workflows, which would run with the secrets of that
        repository. Raises what ``push`` raises.
        """
        ...

    def change(self, bundle: Path, clone_url: str, branch: str, base: str) -> AbstractContextManager[Change]:
        """The commits of a bundle for ``branch``, to be inspected and pushed within the block.

        Raises OutputRefused for a bundle that is none or not for this branch, NotFound where the remote has
        no ``base``, Forbidden, StoreUnavailable.
        """
        ...

    def site(
        self,
        bundle: Path,
        clone_url: str,
        branch: str = "gh-pages",
        limits: PullRequests | None = None,
        folder: str = "",
    ) -> str:
        """Add the tree of a bundle's parentless commit to a branch that holds a site and nothing else.

        With a ``folder`` the branch holds sites of several projects, each in its own.

        The commit is derived from the bundle's and from the remote's head, so doing it twice changes
        nothing. Returns the remote's head. Raises OutputRefused for what may not be published and for a
        branch that this program did not make, Forbidden, StoreUnavailable.
        """
        ...
