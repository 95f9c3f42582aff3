"""Pull requests in memory: what people and the bot do to them, and how they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from bot.domain.errors import NotFound, Rejected
from bot.domain.pulls import Checks, Mergeable, PullFacts, Requested

if TYPE_CHECKING:
    from tests.fakes.github import Place

Verdict = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]
BASE = "main"


@dataclass(frozen=True)
class Review:
    """A submitted review."""

    id: int
    author: str
    verdict: Verdict
    body: str
    commit: str


@dataclass
class Pull:
    """One pull request into the default branch."""

    number: int
    branch: str
    head: str
    author: str
    state: Literal["open", "merged", "closed"] = "open"
    reviews: list[Review] = field(default_factory=list)
    merged_by: str = ""


@dataclass(frozen=True)
class Status:
    """What a check says of a commit."""

    state: Literal["pending", "success", "failure"]
    description: str = ""
    url: str = ""

    @classmethod
    def of(cls, state: str) -> Status:
        """One that says no more than that."""
        match state:
            case "pending" | "success" | "failure":
                return cls(state, f"it is {state}", "https://ci.example/1")
            case _:
                raise ValueError(state)


@dataclass
class Pulls:
    """The pull requests of one repository."""

    place: Place
    found: dict[int, Pull] = field(default_factory=dict)
    statuses: dict[str, dict[str, Status]] = field(default_factory=lambda: defaultdict(dict))
    """Commit → what its checks say."""
    updates: set[str] = field(default_factory=set)
    """Commits that bringing a branch up to date has made."""
    strict: bool = False
    """Whether only what has all of the default branch may be merged."""
    approvals: int = 0
    """How many people have to approve."""

    def of(self, number: int) -> Pull:
        """A pull request. Raises NotFound."""
        if number not in self.found:
            raise NotFound(f"there is no pull request #{number}")
        return self.found[number]

    def from_branch(self, branch: str) -> Iterator[Pull]:
        """Newest first."""
        return (pull for pull in reversed(self.found.values()) if pull.branch == branch)

    @property
    def base(self) -> str:
        """The head of the default branch."""
        return self.place.branches[BASE]

    def open(self, actor: str, branch: str, title: str, body: str) -> Pull:
        """Somebody asks for a branch to be merged. Raises Rejected."""
        head = self.place.branches.get(branch)
        if head is None or self.place.git.contains(self.base, head):
            raise Rejected(f"No commits between {BASE} and {branch}")
        if any(pull.state == "open" for pull in self.from_branch(branch)):
            raise Rejected(f"A pull request already exists for {branch}.")
        issue = self.place.open_issue(actor, title, body)
        self.place.issues[issue.number] = replace(
            issue, is_pull_request=True, url=f"{self.place.url}/pull/{issue.number}"
        )
        self.found[issue.number] = Pull(issue.number, branch, head, actor)
        return self.found[issue.number]

    def follow(self) -> None:
        """After a push: open ones have the branch's head, and are merged where the default branch has it."""
        for pull in self.found.values():
            if pull.state == "open":
                pull.head = self.place.branches[pull.branch]
                if self.place.git.contains(self.base, pull.head):
                    self._end(pull, "merged", "somebody's push")

    def review(self, actor: str, number: int, verdict: Verdict, body: str, commit: str = "") -> None:
        """Somebody reviews; who opened it can only comment."""
        pull = self.of(number)
        if actor == pull.author and verdict != "COMMENTED":
            raise Rejected("Can not review your own pull request")
        pull.reviews.append(Review(next(self.place.ids), actor, verdict, body, commit or pull.head))

    def merge(self, actor: str, number: int, head: str, method: str, title: str) -> None:
        """Somebody merges. Raises Rejected, for one that is merged already as well."""
        pull = self.of(number)
        if pull.state != "open":
            raise Rejected("Pull Request is not mergeable")
        if head != pull.head:
            raise Rejected("Head branch was modified. Review and try the merge again.")
        if self.mergeable(pull) != "yes":
            raise Rejected("Pull Request is not mergeable")
        git = self.place.git
        tree = git.merged(self.base, pull.head) or {}
        parents = [self.base] if method != "merge" else [self.base, pull.head]
        self.place.branches[BASE] = git.commit(parents, tree, title)
        self._end(pull, "merged", actor)
        self.follow()

    def update(self, number: int, head: str) -> None:
        """Somebody has the default branch merged into the branch. Raises Rejected."""
        pull, git = self.of(number), self.place.git
        if head != self.place.branches[pull.branch]:
            raise Rejected("expected head sha didn't match current head ref.")
        if pull.state != "open" or git.contains(head, self.base):
            raise Rejected("There are no new commits on the base branch.")
        if (tree := git.merged(head, self.base)) is None:
            raise Rejected("merge conflict between base and head")
        made = git.commit([head, self.base], tree, f"Merge branch '{BASE}' into {pull.branch}")
        self.updates.add(made)
        self.place.branches[pull.branch] = made
        self.follow()

    def close(self, number: int) -> None:
        """Somebody closes it without merging."""
        if self.of(number).state == "open":
            self._end(self.of(number), "closed", "")

    def reopen(self, number: int) -> None:
        """Somebody opens it again, where nothing stands against that."""
        pull = self.of(number)
        head = self.place.branches[pull.branch]
        newer = any(one.state != "closed" for one in self.from_branch(pull.branch))
        if pull.state == "closed" and not newer and not self.place.git.contains(self.base, head):
            pull.state, pull.head = "open", head
            self.place.issues[number] = replace(self.place.issue(number), closed=False)

    def _end(self, pull: Pull, state: Literal["merged", "closed"], by: str) -> None:
        pull.state, pull.merged_by = state, by
        self.place.issues[pull.number] = replace(self.place.issue(pull.number), closed=True)

    # how they stand

    def facts(self, pull: Pull) -> PullFacts:
        """As the bot sees it."""
        said = self.statuses.get(pull.head, {})
        failed = [
            f"{name}: {one.description} {one.url}" for name, one in said.items() if one.state == "failure"
        ]
        return PullFacts(
            number=pull.number,
            url=self.place.issue(pull.number).url,
            branch=pull.branch,
            base=BASE,
            head=pull.head,
            parents=self.place.git.commits[pull.head].parents,
            state=pull.state,
            checks=self.checks(pull),
            failing="\n".join(failed),
            mergeable=self.mergeable(pull),
            requested=self._requested(pull),
        )

    def checks(self, pull: Pull) -> Checks:
        """What all checks come to."""
        said = {one.state for one in self.statuses.get(pull.head, {}).values()}
        if not said:
            return "none"
        return "failed" if "failure" in said else "pending" if "pending" in said else "passed"

    def mergeable(self, pull: Pull) -> Mergeable:
        """Whether it could be merged as it is."""
        if pull.state != "open":
            return "unknown"
        if self.place.git.merged(self.base, pull.head) is None:
            return "conflict"
        verdicts = list(self._verdicts(pull).values())
        if self.approvals and (
            "CHANGES_REQUESTED" in (one.verdict for one in verdicts)
            or [one.verdict for one in verdicts].count("APPROVED") < self.approvals
        ):
            return "blocked"
        behind = self.strict and not self.place.git.contains(pull.head, self.base)
        return "behind" if behind else "yes"

    def _verdicts(self, pull: Pull) -> dict[str, Review]:
        """The newest verdict of each person who may write."""
        writers = {
            login for login, role in self.place.roles.items() if role in ("write", "maintain", "admin")
        }
        counted = [one for one in pull.reviews if one.verdict != "COMMENTED" and one.author in writers]
        return {one.author: one for one in counted}

    def _requested(self, pull: Pull) -> tuple[Requested, ...]:
        return tuple(
            Requested(id=one.id, author=login, text=one.body)
            for login, one in sorted(self._verdicts(pull).items())
            if one.verdict == "CHANGES_REQUESTED"
        )
