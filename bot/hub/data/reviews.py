"""Reviews of pull requests: verdicts, and remarks on lines of the diff."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from bot.hub.data import diff_places
from bot.hub.data.git_changes import FileChange
from bot.hub.data.issue_change import BODY_LIMIT
from bot.hub.data.pull_records import Pull, Remark, Review
from bot.hub.data.records import Repository, Role, User, to_time, to_time_or_none
from bot.hub.data.refusals import Invalid, Missing
from bot.hub.data.store import Store, require_text

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_OWN = {"APPROVE": "approve", "REQUEST_CHANGES": "request changes on"}


class Reviews(Store):
    """The reviews of all pull requests."""

    def create(
        self,
        repository: Repository,
        actor: User | None,
        pull: Pull,
        *,
        event: object = None,
        body: object = "",
        comments: object = (),
        commit: object = None,
    ) -> Review:
        """Review a pull request (any account); without an event the review waits to be submitted.

        A remark has ``path``, ``body`` and ``line`` (with ``side``), or the older ``position``. Raises
        Invalid in GitHub's words; a single remark that does not fit refuses all of it.
        """
        actor = self.require(repository, actor, Role.NONE)
        body = require_text(body or "", "PullRequestReview", "body", BODY_LIMIT, empty=True)
        if not isinstance(comments, Sequence) or isinstance(comments, str):
            raise _unprocessable("Comments is not a list")
        _check(event, body, comments, own=actor.login == pull.issue.author)
        if event is None and self._pending(pull, actor) is not None:
            raise _unprocessable("User can only have one pending review per pull request")
        files = {each.path: each for each in self.world.pulls.files(pull)} if comments else {}
        placed = [_placed(remark, files) for remark in comments]
        with self.db.transaction():
            review_id, now = self.db.next_id(), self.now()
            state = _STATES.get(str(event), "PENDING")
            self.db.insert(
                "reviews", id=review_id, issue_id=pull.issue.id, author=actor.login, state=state, body=body,
                commit_sha=str(commit or pull.head_sha), submitted_at=None if event is None else now,
            )  # fmt: skip
            for remark in placed:
                self.db.insert(
                    "review_comments", id=self.db.next_id(), review_id=review_id, issue_id=pull.issue.id,
                    author=actor.login, commit_sha=pull.head_sha, created_at=now, **remark,
                )  # fmt: skip
            self.db.update("issues", pull.issue.id, updated_at=now)
        return self.find(pull, actor, review_id)

    def submit(
        self,
        repository: Repository,
        actor: User | None,
        pull: Pull,
        review_id: int,
        event: object,
        body: object,
    ) -> Review:
        """Submit one's own review that waits."""
        actor = self.require(repository, actor, Role.NONE)
        review = self.find(pull, actor, review_id)
        if review.state != "PENDING":
            raise _unprocessable("Could not submit a review that is not pending")
        body = require_text(body or review.body, "PullRequestReview", "body", BODY_LIMIT, empty=True)
        if event is None:
            raise _event_unknown(event)
        _check(event, body, self.remarks_of(review), own=actor.login == pull.issue.author)
        self.db.update("reviews", review.id, state=_STATES[str(event)], body=body, submitted_at=self.now())
        return self.find(pull, actor, review_id)

    def dismiss(
        self, repository: Repository, actor: User | None, pull: Pull, review_id: int, message: object
    ) -> Review:
        """Take a verdict back (write and up), with the reason why."""
        actor = self.require(repository, actor, Role.WRITE)
        require_text(message, "PullRequestReview", "message", BODY_LIMIT)
        review = self.find(pull, actor, review_id)
        if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
            raise _unprocessable("Can not dismiss a commented pull request review")
        self.db.update("reviews", review.id, state="DISMISSED")
        told = {"state": review.state.lower(), "review_id": review.id, "dismissal_message": message}
        self.world.timeline.record(pull.issue, actor, "review_dismissed", dismissed_review=told)
        return self.find(pull, actor, review_id)

    def dismiss_stale(self, pull: Pull) -> None:
        """Take the approvals back that a push has overtaken."""
        sql = "UPDATE reviews SET state = 'DISMISSED' WHERE issue_id = ? AND state = 'APPROVED'"
        self.db.execute(sql, pull.issue.id)

    def of(self, pull: Pull, viewer: User | None = None) -> list[Review]:
        """The submitted reviews, oldest first, and the viewer's own that waits."""
        sql = "SELECT * FROM reviews WHERE issue_id = ? AND (state <> 'PENDING' OR author = ?) ORDER BY id"
        rows = self.db.rows(sql, pull.issue.id, viewer.login if viewer else "")
        return [_review(row) for row in rows]

    def find(self, pull: Pull, viewer: User | None, review_id: int) -> Review:
        """One review that the viewer may see. Raises Missing."""
        review = next((each for each in self.of(pull, viewer) if each.id == review_id), None)
        if review is None:
            raise Missing
        return review

    def remarks(self, pull: Pull) -> list[Remark]:
        """The remarks of the submitted reviews, oldest first."""
        rows = self.db.rows(
            "SELECT review_comments.* FROM review_comments JOIN reviews ON reviews.id = review_id "
            "WHERE reviews.issue_id = ? AND state <> 'PENDING' ORDER BY review_comments.id",
            pull.issue.id,
        )
        return [_remark(row) for row in rows]

    def remarks_of(self, review: Review) -> list[Remark]:
        """The remarks of one review, oldest first."""
        rows = self.db.rows("SELECT * FROM review_comments WHERE review_id = ? ORDER BY id", review.id)
        return [_remark(row) for row in rows]

    def verdicts(self, repository: Repository, pull: Pull) -> dict[str, str]:
        """The newest verdict of everybody whose verdict counts (write and up), by login."""
        found = self.opinions(repository, pull, writers_only=True)
        return {review.author: review.state for review in found}

    def opinions(self, repository: Repository, pull: Pull, *, writers_only: bool) -> list[Review]:
        """The newest review of everybody that is more than a comment."""
        found: dict[str, Review] = {}
        for review in self.of(pull):
            role = self.world.users.role(repository, self.world.users.get(review.author))
            if review.state != "COMMENTED" and (role >= Role.WRITE or not writers_only):
                found[review.author] = review
        return list(found.values())

    def _pending(self, pull: Pull, actor: User) -> Review | None:
        return next((review for review in self.of(pull, actor) if review.state == "PENDING"), None)


def _check(event: object, body: str, comments: Sequence[object], *, own: bool) -> None:
    if event is not None and event not in _STATES:
        raise _event_unknown(event)
    if own and event in _OWN:
        raise _unprocessable(f"Can not {_OWN[str(event)]} your own pull request")
    needs_words = event == "REQUEST_CHANGES" or (event == "COMMENT" and not comments)
    if needs_words and not body.strip():
        raise _unprocessable("Body can't be blank")


def _placed(remark: object, files: Mapping[str, FileChange]) -> dict[str, Any]:
    if not isinstance(remark, Mapping):
        raise _unprocessable("Comments has something else than objects")
    body = _words(remark.get("body"))
    file = files.get(str(remark.get("path")))
    if file is None:
        raise _unprocessable("Path could not be resolved")
    side = remark.get("side") or "RIGHT"
    place = diff_places.find(
        file.patch, line=remark.get("line"), side=str(side), position=remark.get("position")
    )
    if place is None:
        raise _unprocessable("Line could not be resolved")
    start = remark.get("start_line")
    line, side, hunk = place
    return {
        "path": file.path, "line": line, "side": side, "body": body, "hunk": hunk,
        "start_line": start if isinstance(start, int) else None,
    }  # fmt: skip


def _words(body: object) -> str:
    if not isinstance(body, str) or not body.strip():
        raise _unprocessable("Body can't be blank")
    if len(body) > BODY_LIMIT:
        raise _unprocessable(f"Body is too long (maximum is {BODY_LIMIT} characters)")
    return body


def _unprocessable(message: str) -> Invalid:
    return Invalid("Unprocessable Entity", (message,))


def _event_unknown(event: object) -> Invalid:
    return _unprocessable(
        f"Variable $event of type PullRequestReviewEvent was provided invalid value {event!r}"
    )


def _review(row: sqlite3.Row) -> Review:
    return Review(
        row["id"], row["issue_id"], row["author"], row["state"], row["body"], row["commit_sha"],
        to_time_or_none(row["submitted_at"]),
    )  # fmt: skip


def _remark(row: sqlite3.Row) -> Remark:
    return Remark(
        row["id"], row["review_id"], row["author"], row["path"], row["line"], row["side"],
        row["start_line"], row["body"], row["hunk"], row["commit_sha"], to_time(row["created_at"]),
    )  # fmt: skip
