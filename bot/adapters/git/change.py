"""``Change`` over git: a bundle's commits beside what the remote has, inspected and pushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.git import changes as git_changes
from bot.adapters.git.bundle import refused, unbundle
from bot.adapters.git.workbench import Workbench, moved
from bot.domain.inspection import ChangedFile, problems, secrets_of
from bot.domain.merging import PullRequests


@dataclass(frozen=True, slots=True)
class GitChange:
    """Implements ``bot.ports.Change``. Holds as long as its workbench is open."""

    bench: Workbench
    branch: str
    commit: str
    base_commit: str
    remote_commit: str
    files: tuple[ChangedFile, ...]
    versions: tuple[ChangedFile, ...]
    commits: tuple[str, ...]
    """Those that the remote does not have, newest first."""
    known: tuple[str, ...] = field(default=(), repr=False)
    """Secrets that no file may hold."""

    @property
    def new_commits(self) -> int:
        """How many commits the remote does not have yet."""
        return len(self.commits)

    def problems(self, limits: PullRequests) -> tuple[str, ...]:
        """Why it may not be published."""
        found = problems(self.files, self.versions, limits, self.known)
        said = {
            f"the commit {commit[:12]} holds {line} in its message or names"
            for commit in self.commits
            for line in secrets_of(self.bench.content(commit), self.known)
        }
        return (*found, *sorted(said))

    def push(self) -> str:
        """Publish it as a fast-forward of what the remote has."""
        if self.remote_commit and self.bench.is_ancestor(self.commit, self.remote_commit):
            return self.remote_commit
        if self.remote_commit and not self.bench.is_ancestor(self.remote_commit, self.commit):
            raise moved(self.bench.url, self.branch, _parent(self), self.remote_commit)
        return self.bench.push(self.branch, self.commit, self.remote_commit)


def _parent(change: GitChange) -> str:
    """What the work stands on: the parent of its oldest new commit."""
    return change.bench.run("rev-parse", "--verify", "--quiet", f"{change.commits[-1]}^").out.decode().strip()


def open_change(
    bench: Workbench, bundle: Path, branch: str, base: str, known: Sequence[str] = ()
) -> GitChange:
    """Fetch what the remote has of both branches, and read the bundle beside it.

    Raises NotFound, Forbidden, StoreUnavailable, TooLarge; OutputRefused for the bundle.
    """
    there = bench.fetch([base, branch])
    base_commit, remote = bench.required(base, there), there.get(branch, "")
    commit = unbundle(bench, bundle, branch)
    root = bench.run("merge-base", commit, base_commit)
    if not root.ok:
        raise refused(bundle, f"its commits share no history with {base} of {bench.url}")
    new = git_changes.new_commits(bench, commit, filter(None, (base_commit, remote)))
    final = git_changes.between(bench, root.out.decode("ascii").strip(), commit)
    touched = git_changes.added_by(bench, new)
    return GitChange(
        bench, branch, commit, base_commit, remote,
        files=git_changes.files(bench, final, touched),
        versions=git_changes.versions(bench, touched),
        commits=tuple(new),
        known=tuple(known),
    )  # fmt: skip


def open_project(bench: Workbench, bundle: Path, branch: str, known: Sequence[str] = ()) -> GitChange:
    """A whole new project in a bundle: all of its history is new. Raises OutputRefused."""
    commit = unbundle(bench, bundle, branch)
    new = git_changes.new_commits(bench, commit, ())
    touched = git_changes.added_by(bench, new)
    return GitChange(
        bench, branch, commit, "", "",
        files=git_changes.files(bench, git_changes.between(bench, git_changes.EMPTY, commit), touched),
        versions=git_changes.versions(bench, touched),
        commits=tuple(new),
        known=tuple(known),
    )  # fmt: skip
