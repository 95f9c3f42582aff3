"""Issues: filing, editing, labelling and pinning them, with GitHub's rules on who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.hub.data.issue_change import BODY_LIMIT, TITLE_LIMIT, IssueChange
from bot.hub.data.issue_queries import IssueQueries
from bot.hub.data.records import HubEvent, Issue, Label, Repository, Role, User
from bot.hub.data.refusals import Invalid, Missing, NotAllowed
from bot.hub.data.store import require_text

PINS = 3


class Issues(IssueQueries):
    """The issues of all repositories; reading them is in ``IssueQueries``."""

    def create(
        self,
        repository: Repository,
        actor: User | None,
        title: object,
        body: object = "",
        *,
        labels: object = (),
        milestone: object = None,
        assignees: object = (),
    ) -> Issue:
        """File an issue. Labels, milestone and assignees need triage and are dropped without it."""
        actor = self.require(repository, actor, Role.NONE)
        title = require_text(title, "Issue", "title", TITLE_LIMIT)
        body = require_text(body or "", "Issue", "body", BODY_LIMIT, empty=True)
        with self.db.transaction():
            issue = self.insert(repository, actor, title, body)
            change = IssueChange(self.world, repository, issue, actor)
            change.told.append(("opened", None))
            if self.world.users.role(repository, actor) >= Role.TRIAGE:
                change.attach(self.world.labels.resolve(repository, labels))
                change.milestone(milestone)
                change.assignees(assignees)
        return self._tell(repository, issue, actor, change)

    def edit(
        self, repository: Repository, actor: User | None, number: int, changes: Mapping[str, Any]
    ) -> Issue:
        """Change an issue as ``PATCH`` does: ``title, body, state, state_reason, labels, milestone,
        assignees``.

        The author may change text and state; another's issue needs triage for the state, write for
        the text. Labels, milestone and assignees need triage and are dropped without it.
        """
        actor = self.require(repository, actor, Role.NONE)
        issue = self.find(repository, number)
        role = self.world.users.role(repository, actor)
        texts = {key: changes[key] for key in ("title", "body") if key in changes}
        if actor.login != issue.author and role < (Role.WRITE if texts else Role.TRIAGE):
            raise NotAllowed

        def apply(change: IssueChange) -> None:
            change.texts(texts)
            change.state(changes.get("state"), changes.get("state_reason"))
            if role >= Role.TRIAGE:
                self._classify(repository, change, changes)

        return self._change(repository, issue, actor, apply)

    def add_labels(self, repository: Repository, actor: User | None, number: int, names: object) -> Issue:
        """Put labels on an issue (triage and up); undefined ones are made with the colour ededed."""
        actor = self.require(repository, actor, Role.TRIAGE)
        resolve = self.world.labels.resolve
        issue = self.find(repository, number)
        return self._change(
            repository, issue, actor, lambda change: change.attach(resolve(repository, names))
        )

    def set_labels(self, repository: Repository, actor: User | None, number: int, names: object) -> Issue:
        """Make these the issue's labels (triage and up)."""
        actor = self.require(repository, actor, Role.TRIAGE)
        resolve = self.world.labels.resolve
        issue = self.find(repository, number)
        return self._change(
            repository, issue, actor, lambda change: change.replace(resolve(repository, names))
        )

    def remove_label(self, repository: Repository, actor: User | None, number: int, name: str) -> Issue:
        """Take one label off an issue (triage and up). Raises Missing where it does not carry it."""
        actor = self.require(repository, actor, Role.TRIAGE)
        issue = self.find(repository, number)
        label = next((label for label in issue.labels if label.name.lower() == name.lower()), None)
        if label is None:
            raise Missing("Label does not exist")
        return self._change(repository, issue, actor, lambda change: change.detach([label]))

    def pin(self, repository: Repository, actor: User | None, number: int) -> Issue:
        """Pin an issue (write and up). Raises Invalid where three others are pinned already."""
        actor = self.require(repository, actor, Role.WRITE)
        issue = self.find(repository, number)

        def apply(change: IssueChange) -> None:
            if self.find(repository, number).pinned:
                return
            if len(self.pinned(repository)) >= PINS:
                raise Invalid(f"Maximum {PINS} pinned issues per repository")
            change.pin(self.db.next_id())

        return self._change(repository, issue, actor, apply)

    def unpin(self, repository: Repository, actor: User | None, number: int) -> Issue:
        """Unpin an issue (write and up); one that is not pinned is fine."""
        actor = self.require(repository, actor, Role.WRITE)
        issue = self.find(repository, number)
        if not issue.pinned:
            return issue
        return self._change(repository, issue, actor, lambda change: change.pin(None))

    def close_by_commit(self, repository: Repository, issue: Issue, actor: User, commit: str | None) -> Issue:
        """Close an issue because of what landed: nothing is asked of the actor's role here."""
        return self._change(repository, issue, actor, lambda change: change.state("closed", None, commit))

    def insert(
        self, repository: Repository, actor: User, title: str, body: str, *, pull_request: bool = False
    ) -> Issue:
        """Give the next number to an issue or a pull request; within a transaction, texts checked before."""
        sql = "SELECT max(number) FROM issues WHERE repository_id = ?"
        number, now = self.db.number(sql, repository.id) + 1, self.now()
        self.db.insert(
            "issues", id=self.db.next_id(), repository_id=repository.id, number=number, title=title,
            body=body, author=actor.login, state="open", pull_request=int(pull_request), created_at=now,
            updated_at=now,
        )  # fmt: skip
        return self.find(repository, number)

    def _classify(self, repository: Repository, change: IssueChange, changes: Mapping[str, Any]) -> None:
        if changes.get("labels") is not None:
            change.replace(self.world.labels.resolve(repository, changes["labels"]))
        if "milestone" in changes:
            change.milestone(changes["milestone"])
        if changes.get("assignees") is not None:
            change.assignees(changes["assignees"])

    def _change(
        self, repository: Repository, issue: Issue, actor: User, apply: Callable[[IssueChange], None]
    ) -> Issue:
        change = IssueChange(self.world, repository, issue, actor)
        with self.db.transaction():
            apply(change)
            if change.told:
                change.touch()
        return self._tell(repository, issue, actor, change)

    def _tell(self, repository: Repository, issue: Issue, actor: User, change: IssueChange) -> Issue:
        issue = self.by_id(issue.id)
        if issue.pull_request:
            return issue  # GitHub tells of these in events of their own, which nothing here listens to
        for action, label in change.told:
            payload = self._payload(repository, issue, actor, action, label)
            if action == "edited":
                payload["changes"] = change.changes
            self.world.publish(HubEvent("issues", action, repository.full_name, actor.login, payload))
        return issue

    def _payload(
        self, repository: Repository, issue: Issue, actor: User, action: str, label: Label | None
    ) -> dict[str, Any]:
        show = self.world.show
        payload: dict[str, Any] = {"action": action, "issue": show.issue_told(issue, repository)}
        if label is not None:
            payload["label"] = show.label(label, repository)
        return payload | {"repository": show.repository(repository), "sender": show.user(actor)}
