"""Label definitions of repositories, and the labels that issues carry."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence

from bot.hub.data.records import WHOLE, Issue, Label, Repository, Role, Slice, User
from bot.hub.data.refusals import Invalid, Missing, invalid
from bot.hub.data.store import Store, require_text

NAME_LIMIT = 50
LABELS_OF_AN_ISSUE = 100
_COLOR = re.compile(r"^[0-9a-fA-F]{6}$")


class Labels(Store):
    """The labels of all repositories."""

    def create(
        self,
        repository: Repository,
        actor: User | None,
        name: object,
        color: object = None,
        description: object = None,
    ) -> Label:
        """Define a label (write and up). Raises Invalid, also for one that exists."""
        self.require(repository, actor, Role.WRITE)
        name = _checked_name(name)
        if self.get(repository, name) is not None:
            raise invalid("Label", "name", "already_exists")
        return self._insert(repository, name, _checked_color(color), _checked_description(description))

    def get(self, repository: Repository, name: str) -> Label | None:
        """A label's definition (upper and lower case are the same), else None."""
        row = self.db.row("SELECT * FROM labels WHERE repository_id = ? AND name = ?", repository.id, name)
        return _label(row) if row else None

    def find(self, repository: Repository, name: str) -> Label:
        """A label's definition. Raises Missing."""
        label = self.get(repository, name)
        if label is None:
            raise Missing
        return label

    def all(self, repository: Repository, part: Slice = WHOLE) -> list[Label]:
        """The repository's labels by name."""
        sql = "SELECT * FROM labels WHERE repository_id = ? ORDER BY name"
        return [_label(row) for row in self.db.rows(sql + part.sql(), repository.id)]

    def count(self, repository: Repository) -> int:
        """How many labels the repository defines."""
        return self.db.number("SELECT count(*) FROM labels WHERE repository_id = ?", repository.id)

    def edit(
        self,
        repository: Repository,
        actor: User | None,
        name: str,
        *,
        new_name: object = None,
        color: object = None,
        description: object = None,
    ) -> Label:
        """Change what is not None (write and up); issues keep the label under its new name."""
        self.require(repository, actor, Role.WRITE)
        label = self.find(repository, name)
        changed = label.name if new_name is None else _checked_name(new_name)
        holder = self.get(repository, changed)
        if holder is not None and holder.id != label.id:
            raise invalid("Label", "name", "already_exists")
        self.db.update(
            "labels",
            label.id,
            name=changed,
            color=label.color if color is None else _checked_color(color),
            description=label.description if description is None else _checked_description(description),
        )
        return self.find(repository, changed)

    def delete(self, repository: Repository, actor: User | None, name: str) -> None:
        """Delete a definition and take it off every issue (write and up)."""
        self.require(repository, actor, Role.WRITE)
        self.db.execute("DELETE FROM labels WHERE id = ?", self.find(repository, name).id)

    def of_issue(self, issue_id: int) -> tuple[Label, ...]:
        """The labels that an issue carries, by name."""
        sql = (
            "SELECT labels.* FROM issue_labels JOIN labels ON labels.id = label_id "
            "WHERE issue_id = ? ORDER BY name"
        )
        return tuple(_label(row) for row in self.db.rows(sql, issue_id))

    def resolve(self, repository: Repository, names: object) -> Sequence[Label]:
        """Definitions for the names in a request, in order, without doubles; unknown ones are made.

        Raises Invalid where ``names`` is no list of label names.
        """
        found: dict[int, Label] = {}
        for name in _names(names):
            checked = _checked_name(name)
            label = self.get(repository, checked) or self._insert(repository, checked, "ededed", "")
            found[label.id] = label
        if len(found) > LABELS_OF_AN_ISSUE:
            raise Invalid(f"An issue cannot have more than {LABELS_OF_AN_ISSUE} labels")
        return list(found.values())

    def attach(self, issue: Issue, labels: Iterable[Label]) -> list[Label]:
        """Put labels on an issue; returns those that it did not carry yet."""
        had = {label.id for label in self.of_issue(issue.id)}
        added = [label for label in labels if label.id not in had]
        if len(had) + len(added) > LABELS_OF_AN_ISSUE:
            raise Invalid(f"An issue cannot have more than {LABELS_OF_AN_ISSUE} labels")
        for label in added:
            self.db.insert("issue_labels", issue_id=issue.id, label_id=label.id)
        return added

    def detach(self, issue: Issue, labels: Iterable[Label]) -> list[Label]:
        """Take labels off an issue; returns those that it carried."""
        sql = "DELETE FROM issue_labels WHERE issue_id = ? AND label_id = ?"
        return [label for label in labels if self.db.execute(sql, issue.id, label.id)]

    def _insert(self, repository: Repository, name: str, color: str, description: str) -> Label:
        with self.db.transaction():
            self.db.insert(
                "labels", id=self.db.next_id(), repository_id=repository.id, name=name, color=color,
                description=description,
            )  # fmt: skip
            return self.find(repository, name)


def _names(value: object) -> list[object]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple):
        raise invalid("Label", "labels", "invalid", "labels is not a list of label names")
    return [item.get("name") if isinstance(item, dict) else item for item in value]


def _checked_name(value: object) -> str:
    return require_text(value, "Label", "name", NAME_LIMIT).strip()


def _checked_color(value: object) -> str:
    if value is None:
        return "ededed"
    if not isinstance(value, str) or not _COLOR.match(value):
        raise invalid("Label", "color", "invalid")
    return value.lower()


def _checked_description(value: object) -> str:
    return require_text("" if value is None else value, "Label", "description", 100, empty=True)


def _label(row: sqlite3.Row) -> Label:
    return Label(row["id"], row["repository_id"], row["name"], row["color"], row["description"])
