"""One change of one issue: writes the rows, notes the issue events, collects what to tell subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bot.hub.data.records import Issue, Label, Repository, User
from bot.hub.data.refusals import Missing, invalid
from bot.hub.data.store import require_text

if TYPE_CHECKING:
    from bot.hub.data.world import World

TITLE_LIMIT = 256
BODY_LIMIT = 65_536
_REASONS = {"open": ("reopened",), "closed": ("completed", "not_planned", "duplicate")}


class IssueChange:
    """What one actor does to one issue in one request; used within a transaction."""

    def __init__(self, world: World, repository: Repository, issue: Issue, actor: User) -> None:
        self._world = world
        self._repository = repository
        self._issue = issue
        self._actor = actor
        self.told: list[tuple[str, Label | None]] = []
        """The webhook actions of this change, in order, each with the label that it is about."""
        self.changes: dict[str, dict[str, str]] = {}
        """What ``edited`` tells: the texts that are others now, each with what stood there before."""

    def texts(self, texts: Mapping[str, Any]) -> None:
        """Set ``title`` and ``body`` where they are given."""
        if texts.get("title") is not None:
            title = require_text(texts["title"], "Issue", "title", TITLE_LIMIT)
            if title != self._issue.title:
                self._record("renamed", rename={"from": self._issue.title, "to": title})
                self._update(title=title)
                self.changes["title"] = {"from": self._issue.title}
        if "body" in texts:
            body = require_text(texts["body"] or "", "Issue", "body", BODY_LIMIT, empty=True)
            self._update(body=body)
            if body != self._issue.body:
                self.changes["body"] = {"from": self._issue.body}
        if texts:
            self.told.append(("edited", None))

    def state(self, state: object, reason: object, commit: str | None = None) -> None:
        """Close (by a commit, if one did) or reopen; None, and the state that it has, change nothing."""
        if state is None or state == self._issue.state:
            return
        if state not in ("open", "closed"):
            raise invalid("Issue", "state", "invalid")
        if reason is not None and reason not in _REASONS[str(state)]:
            raise invalid("Issue", "state_reason", "invalid")
        closed = state == "closed"
        reason = str(reason) if reason else ("completed" if closed else "reopened")
        if self._issue.pull_request:
            reason = None
            if not closed:
                self._world.pulls.reopening(self._issue)
        self._update(
            state=str(state),
            state_reason=reason,
            closed_by=self._actor.login if closed else None,
            closed_at=self._now() if closed else None,
        )
        action = "closed" if closed else "reopened"
        by = {"commit_id": commit} if commit else {}
        self._record(action, state_reason=reason if closed else None, **by)
        self.told.append((action, None))

    def attach(self, labels: Iterable[Label]) -> None:
        """Put labels on it."""
        for label in self._world.labels.attach(self._issue, labels):
            self._record("labeled", label={"name": label.name, "color": label.color})
            self.told.append(("labeled", label))

    def detach(self, labels: Iterable[Label]) -> None:
        """Take labels off it."""
        for label in self._world.labels.detach(self._issue, labels):
            self._record("unlabeled", label={"name": label.name, "color": label.color})
            self.told.append(("unlabeled", label))

    def replace(self, labels: Iterable[Label]) -> None:
        """Make these its labels."""
        wanted = list(labels)
        keep = {label.id for label in wanted}
        self.detach([label for label in self._issue.labels if label.id not in keep])
        self.attach(wanted)

    def milestone(self, number: object) -> None:
        """Put it under a milestone by number, or under none."""
        milestones = self._world.milestones
        if self._issue.milestone_id is not None:
            old = milestones.by_id(self._issue.milestone_id)
            if old.number == number:
                return
            self._record("demilestoned", milestone={"title": old.title})
            self.told.append(("demilestoned", None))
        if number is None:
            self._update(milestone_id=None)
            return
        try:
            new = milestones.find(self._repository, int(str(number)))
        except (Missing, ValueError) as error:
            raise invalid("Issue", "milestone", "invalid") from error
        self._update(milestone_id=new.id)
        self._record("milestoned", milestone={"title": new.title})
        self.told.append(("milestoned", None))

    def assignees(self, logins: object) -> None:
        """Assign exactly these accounts; an unknown one is refused."""
        if not isinstance(logins, list | tuple):
            raise invalid("Issue", "assignees", "invalid")
        wanted: dict[str, None] = {}
        for login in logins:
            user = self._world.users.get(str(login))
            if user is None:
                raise invalid("Issue", "assignees", "invalid")
            wanted[user.login] = None
        for event, people in (
            ("unassigned", [name for name in self._issue.assignees if name not in wanted]),
            ("assigned", [name for name in wanted if name not in self._issue.assignees]),
        ):
            for login in people:
                self._record(event, assignee=login, assigner=self._actor.login)
                self.told.append((event, None))
        self._update(assignees=" ".join(wanted))

    def pin(self, order: int | None) -> None:
        """Pin it (``order`` is greater than that of the pins before it), or unpin it with None."""
        action = "unpinned" if order is None else "pinned"
        self._update(pinned_at=order)
        self._record(action)
        self.told.append((action, None))

    def touch(self) -> None:
        """Note that it was updated now."""
        self._update(updated_at=self._now())

    def _now(self) -> str:
        return self._world.issues.now()

    def _update(self, **columns: str | int | None) -> None:
        self._world.db.update("issues", self._issue.id, **columns)

    def _record(self, event: str, **detail: object) -> None:
        self._world.timeline.record(self._issue, self._actor, event, **detail)
