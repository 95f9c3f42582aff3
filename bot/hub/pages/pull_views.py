"""Reads the world for a pull request's page: its thread with the reviews, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bot.hub.data import git_changes
from bot.hub.data.git_data import CommitRecord
from bot.hub.data.mergeability import standing
from bot.hub.data.pull_records import Pull, Remark, Review, Status
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.world import World
from bot.hub.pages.git import Commit
from bot.hub.pages.markdown import render
from bot.hub.pages.queries import Happening, Post, Thread

_VERDICTS = {
    "APPROVED": "approved these changes",
    "CHANGES_REQUESTED": "asked for changes",
    "COMMENTED": "reviewed",
    "DISMISSED": "gave a verdict that was dismissed",
}
_MARKS = {
    "success": "success", "pending": "queued", "failure": "failure", "error": "failure",
    "APPROVED": "success", "CHANGES_REQUESTED": "failure",
}  # fmt: skip
_WORDS = {
    "clean": "This can be merged.",
    "unstable": "This can be merged, but not all checks were successful.",
    "dirty": "There are conflicts with the branch that this is to go into; push their solution first.",
    "draft": "This is a draft and cannot be merged yet.",
    "behind": "The branch has to be brought up to date first.",
}


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A remark on a line, ready to be shown."""

    id: int
    path: str
    line: int
    hunk: tuple[tuple[str, str], ...]
    """The last lines of the diff down to the one that is meant, with their tones."""
    html: Markup
    outdated: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """A review in the thread."""

    id: int
    author: str
    role: str
    words: str
    icon: str
    created_at: datetime
    html: Markup
    remarks: tuple[RemarkView, ...]
    kind: str = "review"


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether it can be merged, and what says so."""

    words: str
    lacks: tuple[str, ...]
    mergeable: bool
    behind: int
    """How many commits of the base branch it lacks."""
    statuses: tuple[tuple[str, Status], ...]
    """Each with its icon."""
    verdicts: tuple[tuple[str, str, str], ...]
    """Icon, login and words of everybody's newest verdict that counts."""


class PullThread(Thread):
    """A pull request's conversation."""

    def __init__(self, world: World, repository: Repository, pull: Pull) -> None:
        super().__init__(world, repository, pull.issue)
        self._pull = pull

    def conversation(self) -> list[Post | Happening | Verdict]:
        """Comments, events and reviews in the order in which they happened."""
        reviews = [self._verdict(review) for review in self._world.reviews.of(self._pull)]
        return sorted([*self.items(), *reviews], key=lambda item: item.id)

    def participants(self) -> list[str]:
        """Who wrote or judged here, in the order of their first word."""
        reviewers = [review.author for review in self._world.reviews.of(self._pull)]
        return list(dict.fromkeys([*super().participants(), *reviewers]))

    def _verdict(self, review: Review) -> Verdict:
        remarks = self._world.reviews.remarks_of(review)
        return Verdict(
            id=review.id,
            author=review.author,
            role=self._role(self._users.get(review.author)),
            words=_VERDICTS.get(review.state, "reviewed"),
            icon=_MARKS.get(review.state, "talk"),
            created_at=review.submitted_at or self._pull.issue.created_at,
            html=render(review.body, self._scope, hard_breaks=True),
            remarks=tuple(self.remark(remark) for remark in remarks),
        )

    def remark(self, remark: Remark) -> RemarkView:
        """A remark with the lines above it."""
        lines = remark.hunk.split("\n")[1:][-4:]
        tones = {"+": "add", "-": "del"}
        return RemarkView(
            id=remark.id,
            path=remark.path,
            line=remark.line,
            hunk=tuple((tones.get(line[:1], "same"), line) for line in lines),
            html=render(remark.body, self._scope, hard_breaks=True),
            outdated=remark.commit_sha != self._pull.head_sha,
        )


def outlook(world: World, repository: Repository, pull: Pull) -> Outlook:
    """How an open pull request stands."""
    found = standing(world, repository, pull)
    path = world.repositories.path(repository)
    verdicts = [
        (_MARKS[state], login, _VERDICTS[state])
        for login, state in world.reviews.verdicts(repository, pull).items()
        if state in _MARKS
    ]
    words = _WORDS.get(found.state, "The rules of the branch hold this up." if found.lacks else "")
    statuses = world.statuses.latest(repository, pull.head_sha)
    return Outlook(
        words=words,
        lacks=found.lacks if found.state == "blocked" else (),
        mergeable=bool(found.mergeable) and not pull.draft,
        behind=git_changes.distance(path, pull.base_sha, pull.head_sha)[1] if pull.open else 0,
        statuses=tuple((_MARKS[status.state], status) for status in statuses),
        verdicts=tuple(verdicts),
    )


def may_merge(world: World, repository: Repository, user: User | None) -> bool:
    """Whether an account's role lets it merge."""
    return world.users.role(repository, user) >= Role.WRITE


def commit_views(commits: Sequence[CommitRecord]) -> list[Commit]:
    """Commits as the pages' rows take them, newest last."""
    views = []
    for each in commits:
        subject, _, body = each.message.partition("\n")
        views.append(
            Commit(each.sha, each.author.name, each.author.date, subject, body.strip(), each.parents)
        )
    return views
