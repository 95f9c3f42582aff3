"""Merging pull requests, by GitHub's three methods, and bringing their branches up to date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.hub.data import git_changes, git_merge
from bot.hub.data.git_data import Signature
from bot.hub.data.mergeability import may_pass_rules, standing
from bot.hub.data.pull_records import Pull
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Clash, Invalid, Unmergeable
from bot.hub.data.store import Store

METHODS = ("merge", "squash", "rebase")
_NOT = "Pull Request is not mergeable"
_BASE_MOVED = "Base branch was modified. Review and try the merge again."


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants a pull request merged."""

    method: str = "merge"
    sha: str | None = None
    """The head that was looked at; another one refuses the merge."""
    title: str | None = None
    message: str | None = None


class Merging(Store):
    """Merges pull requests; one at a time in the whole hub, so that of two only one can win."""

    def merge(self, repository: Repository, actor: User | None, number: int, wish: Wish) -> str:
        """Merge it (write and up); returns the commit that the base branch is at then.

        Raises Unmergeable (405) with what it lacks, Clash (409) for a head that moved.
        """
        actor = self.require(repository, actor, Role.WRITE)
        if wish.method not in METHODS:
            raise Invalid(f"Invalid request.\n\n{wish.method} is not a merge method.")
        with self.world.pulls.lock:
            pull = self.world.pulls.find(repository, number)
            self._refuse(repository, actor, pull, wish)
            old = pull.base_sha
            new = self._made(repository, actor, pull, wish)
            if not git_merge.move_ref(self._path(repository), f"refs/heads/{pull.base}", new, old):
                raise Unmergeable(_BASE_MOVED)
            self.world.pulls.mark_merged(repository, pull, actor, new)
            self._moved(repository, actor, pull.base, old, new)
        return new

    def update(self, repository: Repository, actor: User | None, number: int, expected: str | None) -> None:
        """Merge the base branch into the head branch (write and up). Raises Invalid in GitHub's words."""
        actor = self.require(repository, actor, Role.WRITE)
        with self.world.pulls.lock:
            pull = self.world.pulls.find(repository, number)
            live = self.world.pulls.heads(repository).get(pull.head)
            if expected not in (None, live):
                raise Invalid("expected head sha didn’t match current head ref.")
            path = self._path(repository)
            if not pull.open or live is None or git_changes.contains(path, live, pull.base_sha):
                raise Invalid("There are no new commits on the base branch.")
            tree = git_merge.merged_tree(path, live, pull.base_sha)
            if tree is None:
                raise Invalid("merge conflict between base and head")
            words = f"Merge branch '{pull.base}' into {pull.head}"
            new = self._commit(repository, actor, tree, [live, pull.base_sha], words)
            if not git_merge.move_ref(path, f"refs/heads/{pull.head}", new, live):
                raise Invalid("expected head sha didn’t match current head ref.")
            self._moved(repository, actor, pull.head, live, new)

    def _refuse(self, repository: Repository, actor: User, pull: Pull, wish: Wish) -> None:
        if not pull.open:
            raise Unmergeable(_NOT)
        if pull.draft:
            raise Unmergeable("Pull Request is still a draft")
        live = self.world.pulls.heads(repository).get(pull.head)
        if live != pull.head_sha or (wish.sha is not None and wish.sha != live):
            raise Clash("Head branch was modified. Review and try the merge again.")
        found = standing(self.world, repository, pull)
        if not found.mergeable:
            raise Unmergeable(_NOT)
        if found.lacks and not may_pass_rules(self.world, repository, pull, actor):
            raise Unmergeable(" ".join(found.lacks))

    def _made(self, repository: Repository, actor: User, pull: Pull, wish: Wish) -> str:
        """The commit that the base branch will be at."""
        path = self._path(repository)
        if wish.method == "rebase":
            new = git_merge.replayed(path, pull.base_sha, pull.base_sha, pull.head_sha, self._person(actor))
            if new is None or new == pull.base_sha:
                raise Unmergeable("This branch can't be rebased")
            return new
        tree = git_merge.merged_tree(path, pull.base_sha, pull.head_sha)
        if tree is None:
            raise Unmergeable(_NOT)
        title, message = (
            self._squash_words(pull) if wish.method == "squash" else _merge_words(repository, pull)
        )
        title = title if wish.title is None else wish.title
        message = message if wish.message is None else wish.message
        parents = [pull.base_sha] if wish.method == "squash" else [pull.base_sha, pull.head_sha]
        return self._commit(repository, actor, tree, parents, f"{title}\n\n{message}")

    def _squash_words(self, pull: Pull) -> tuple[str, str]:
        """GitHub's default: a single commit's own words, else the title and a list of the commits."""
        commits = self.world.pulls.commits(pull)
        if len(commits) == 1:
            subject, _, rest = commits[0].message.partition("\n")
            return f"{subject} (#{pull.number})", rest.strip()
        return f"{pull.issue.title} (#{pull.number})", "\n\n".join(f"* {each.message}" for each in commits)

    def _commit(
        self, repository: Repository, actor: User, tree: str, parents: list[str], message: str
    ) -> str:
        who = self._person(actor)
        return git_merge.write_commit(self._path(repository), tree, parents, who, who, message)

    def _person(self, actor: User) -> Signature:
        email = f"{actor.id}+{actor.login}@users.noreply.localhost"
        return Signature(actor.name or actor.login, email, self.world.clock.now())

    def _moved(self, repository: Repository, actor: User, branch: str, old: str, new: str) -> None:
        self.world.repositories.pushed(repository)
        self.world.pulls.catch_up(repository, actor)
        if branch == repository.default_branch:
            self.world.pulls.landed(repository, actor, old, new)

    def _path(self, repository: Repository) -> Path:
        return self.world.repositories.path(repository)


def _merge_words(repository: Repository, pull: Pull) -> tuple[str, str]:
    return f"Merge pull request #{pull.number} from {repository.owner}/{pull.head}", pull.issue.title
