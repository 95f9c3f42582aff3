"""Pull requests: opening and editing them, and following the branches that they are made of.

Merging is in ``pull_merge``, reviews in ``reviews``. ``refs/pull/N/head`` names each one's head, as on
GitHub, so that its commits stay after its branch was deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bot.hub.data import git_changes, git_data
from bot.hub.data.closing import closed_by
from bot.hub.data.issue_change import BODY_LIMIT, TITLE_LIMIT
from bot.hub.data.pull_queries import PullQueries, PullQuery
from bot.hub.data.pull_records import Pull, RefUpdate
from bot.hub.data.records import Issue, Repository, Role, User
from bot.hub.data.refusals import Invalid, NotAllowed, invalid
from bot.hub.data.store import require_text

if TYPE_CHECKING:
    from bot.hub.data.world import World

KIND = "PullRequest"


class Pulls(PullQueries):
    """The pull requests of all repositories; reading them is in ``PullQueries``."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        # Held while refs and records change together; taken before a transaction, never within one.
        self.lock = threading.RLock()

    def create(
        self,
        repository: Repository,
        actor: User | None,
        title: object,
        *,
        head: object,
        base: object,
        body: object = "",
        draft: bool = False,
    ) -> Pull:
        """Open a pull request from a branch of the same repository (write and up).

        Raises Invalid in GitHub's words: branches that do not exist, nothing between them, or one that
        is open for them already.
        """
        actor = self._collaborator(repository, actor)
        for name, value in (("head", head), ("base", base)):
            if value is None:
                raise Invalid(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        title = require_text(title, KIND, "title", TITLE_LIMIT)
        body = require_text(body or "", KIND, "body", BODY_LIMIT, empty=True)
        with self.lock:
            branches = self._ends(repository, head, base)
            shas = self._fresh(repository, *branches)
            with self.db.transaction():
                issue = self.world.issues.insert(repository, actor, title, body, pull_request=True)
                self.db.insert(
                    "pulls", id=issue.id, head=branches[0], base=branches[1], head_sha=shas[0],
                    base_sha=shas[1], draft=int(draft),
                )  # fmt: skip
            self._name_head(repository, issue.number, shas[0])
        return self.of(issue)

    def edit(
        self, repository: Repository, actor: User | None, number: int, changes: Mapping[str, Any]
    ) -> Pull:
        """Change ``title``, ``body``, ``state`` and ``base`` (its author, or write and up)."""
        actor = self.require(repository, actor, Role.NONE)
        pull = self.find(repository, number)
        if actor.login != pull.issue.author and self.world.users.role(repository, actor) < Role.WRITE:
            raise NotAllowed
        base = changes.get("base")
        with self.lock:
            if base is not None and base != pull.base:
                self._retarget(repository, pull, actor, base)
            kept = {name: changes[name] for name in ("title", "body", "state") if name in changes}
            if kept:
                self.world.issues.edit(repository, actor, number, kept)
        return self.find(repository, number)

    def reopening(self, issue: Issue) -> None:
        """Let a closed pull request follow its branches again. Raises Invalid where it cannot be."""
        pull = self.of(issue)
        repository = self.world.repositories.by_id(issue.repository_id)
        heads = self.heads(repository)
        if pull.merged:
            raise _fixed("The pull request cannot be reopened.")
        for branch in (pull.head, pull.base):
            if branch not in heads:
                raise _fixed(f"The {branch} branch has been deleted.")
        path = self.world.repositories.path(repository)
        if not git_changes.contains(path, heads[pull.head], pull.head_sha):
            raise _fixed(f"The {pull.head} branch was force-pushed or recreated.")
        if git_changes.contains(path, heads[pull.base], heads[pull.head]):
            raise _fixed(f"There are no new commits on the {repository.owner}:{pull.head} branch.")
        self._refuse_second(repository, pull.head, pull.base)
        self.db.update("pulls", issue.id, head_sha=heads[pull.head], base_sha=heads[pull.base])
        self._name_head(repository, pull.number, heads[pull.head])

    def pushed(self, repository: Repository, actor: User, updates: Iterable[RefUpdate]) -> None:
        """Act on what somebody pushed: pull requests follow it, and keywords in commits close issues.

        A push that the open pull requests and the default branch have nothing to do with costs one query.
        """
        watched = {repository.default_branch, *self.watched(repository)}
        known = [each for each in updates if each.ref.removeprefix("refs/heads/") in watched]
        if not known:
            return
        with self.lock:
            self.catch_up(repository, actor)
            heads = self.heads(repository)
            for update in known:
                branch = update.ref.removeprefix("refs/heads/")
                if branch == repository.default_branch and branch in heads:
                    self.landed(repository, actor, update.old, update.new)

    def catch_up(self, repository: Repository, actor: User) -> None:
        """Bring the open pull requests in line with the branches as they are; the actor moved these."""
        with self.lock:
            found = self.search(repository)
            heads = self.heads(repository) if found else {}
            for pull in found:
                self._follow(repository, pull, heads, actor)

    def recover(self) -> None:
        """Catch up with pushes that landed while a hub ended; nobody knows any more whose they were."""
        for repository in self.world.repositories.all():
            for pull in self.search(repository):
                author = self.world.users.find(pull.issue.author)
                with self.lock:
                    self._follow(repository, pull, self.heads(repository), author)

    def landed(self, repository: Repository, actor: User, old: str, new: str) -> None:
        """Close the issues that the messages of commits new to the default branch name."""
        path = self.world.repositories.path(repository)
        tip = self.heads(repository)[repository.default_branch]
        # A push can be refused after it was announced, and a first one has no commits before it.
        if git_data.resolve(path, old) is None or git_data.resolve(path, new) is None:
            return
        if not git_changes.contains(path, tip, new):
            return
        for commit in git_changes.between(path, old, new):
            self.close_named(repository, actor, commit.message, commit.sha)

    def close_named(self, repository: Repository, actor: User, text: str, commit: str) -> None:
        """Close the open issues that a text names after a closing keyword."""
        for number in closed_by(text, repository.full_name):
            issue = self.world.issues.get(repository, number)
            if issue is not None and issue.state == "open" and not issue.pull_request:
                self.world.issues.close_by_commit(repository, issue, actor, commit)

    def mark_merged(self, repository: Repository, pull: Pull, actor: User, commit: str) -> None:
        """Note that its commits are in the base branch, by ``commit``; closes what its text names."""
        with self.db.transaction():
            merged = {"merged_at": self.now(), "merged_by": actor.login, "merge_sha": commit}
            self.db.update("pulls", pull.issue.id, **merged)
            self.world.timeline.record(pull.issue, actor, "merged", commit_id=commit)
            self.world.issues.close_by_commit(repository, pull.issue, actor, None)
        if pull.base == repository.default_branch:
            self.close_named(repository, actor, pull.issue.body, commit)

    def _follow(self, repository: Repository, pull: Pull, heads: Mapping[str, str], actor: User) -> None:
        path = self.world.repositories.path(repository)
        base, head = heads.get(pull.base), heads.get(pull.head)
        moved = base is not None and base != pull.base_sha
        if base is not None and moved and git_changes.contains(path, base, head or pull.head_sha):
            if head not in (None, pull.head_sha):
                self._move_head(repository, pull, str(head), actor)
            landing = git_changes.landing(path, base, head or pull.head_sha)
            self.mark_merged(repository, self.find(repository, pull.number), actor, landing)
            return
        if base is None or head is None:
            self.world.timeline.record(pull.issue, actor, "head_ref_deleted" if base else "base_ref_deleted")
            self.world.issues.close_by_commit(repository, pull.issue, actor, None)
            return
        if head != pull.head_sha:
            self._move_head(repository, pull, head, actor)
        self.db.update("pulls", pull.issue.id, base_sha=base)
        if head != pull.head_sha and git_changes.contains(path, base, head):
            self.world.issues.close_by_commit(repository, pull.issue, actor, None)  # nothing is left in it

    def _move_head(self, repository: Repository, pull: Pull, head: str, actor: User) -> None:
        path = self.world.repositories.path(repository)
        if not git_changes.contains(path, head, pull.head_sha):
            self.world.timeline.record(pull.issue, actor, "head_ref_force_pushed", commit_id=head)
        self.db.update("pulls", pull.issue.id, head_sha=head)
        self.db.update("issues", pull.issue.id, updated_at=self.now())
        self._name_head(repository, pull.number, head)
        if self.world.protections.rules(repository, pull.base).dismiss_stale:
            self.world.reviews.dismiss_stale(pull)

    def _collaborator(self, repository: Repository, actor: User | None) -> User:
        actor = self.require(repository, actor, Role.NONE)
        if self.world.users.role(repository, actor) >= Role.WRITE:
            return actor
        if actor.type == "Bot":
            raise NotAllowed("Resource not accessible by integration")
        raise invalid(KIND, "base", "custom", "must be a collaborator")

    def _ends(self, repository: Repository, head: object, base: object) -> tuple[str, str]:
        """Both branches' names; ``owner:branch`` may name the repository's own owner only."""
        owner, _, branch = str(head).rpartition(":")
        heads = self.heads(repository)
        if (owner and owner.lower() != repository.owner.lower()) or branch not in heads:
            raise invalid(KIND, "head", "invalid")
        if base not in heads:
            raise invalid(KIND, "base", "invalid")
        return branch, str(base)

    def _fresh(self, repository: Repository, head: str, base: str) -> tuple[str, str]:
        """Both branches' commits, if there is something to merge and nobody asked for it yet."""
        heads, path = self.heads(repository), self.world.repositories.path(repository)
        if git_changes.contains(path, heads[base], heads[head]):
            raise _custom(f"No commits between {base} and {head}")
        if git_changes.merge_base(path, heads[base], heads[head]) is None:
            raise _custom(
                f"The {repository.owner}:{head} branch has no history in common with "
                f"{repository.owner}:{base}"
            )
        self._refuse_second(repository, head, base)
        return heads[head], heads[base]

    def _refuse_second(self, repository: Repository, head: str, base: str) -> None:
        if self.count(repository, PullQuery(head=head, base=base)):
            raise _custom(f"A pull request already exists for {repository.owner}:{head}.")

    def _retarget(self, repository: Repository, pull: Pull, actor: User, base: object) -> None:
        if not pull.open:
            text = "Cannot change the base branch of a closed pull request."
            raise invalid(KIND, "base", "invalid", text)
        _, name = self._ends(repository, pull.head, base)
        _, sha = self._fresh(repository, pull.head, name)
        with self.db.transaction():
            self.db.update("pulls", pull.issue.id, base=name, base_sha=sha)
            self.world.timeline.record(pull.issue, actor, "base_ref_changed")

    def _name_head(self, repository: Repository, number: int, sha: str) -> None:
        git_data.run(self.world.repositories.path(repository), "update-ref", f"refs/pull/{number}/head", sha)


def _custom(message: str) -> Invalid:
    return Invalid("Validation Failed", ({"resource": KIND, "code": "custom", "message": message},))


def _fixed(why: str) -> Invalid:
    return invalid(KIND, "state", "custom", f"state cannot be changed. {why}")
