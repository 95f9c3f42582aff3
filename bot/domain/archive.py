"""Finished projects that have left the state: what stays of each here, and its file on the archive branch."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.models import Project
from bot.domain.outputs import ContentOutput, DevelopmentProgress, GenesisOutput
from bot.domain.retention import LONGEST_PLACE
from bot.domain.showing import CompletionComment
from bot.domain.vocabulary import ProjectStatus, Workflow

LISTED = 500
"""Projects of the archive that the state still lists: those that left last."""
FOLDER = "archive/"


class Left(Frozen):
    """What the state keeps of a project that has left it."""

    id: str
    title: str = Field(max_length=100)
    issue: int | None = None
    asked_on: int
    status: ProjectStatus
    repository: str = ""
    created_at: Time
    finished_at: Time
    left_at: Time
    delivery: CompletionComment | None = Field(
        default=None, description="where people say what they think of it"
    )
    finished: dict[Workflow, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="of what the workflows' targets count: scaffolds, features, pieces of content"
    )

    @property
    def completed_at(self) -> datetime | None:
        """As a project's: None where it was dropped."""
        return self.finished_at if self.status is ProjectStatus.COMPLETE else None

    @property
    def path(self) -> str:
        """Its file on the archive branch."""
        return f"{FOLDER}{self.left_at:%Y-%m-%d}/{self.id}.json"


class Archived(Document):
    """``archived.json``: which finished projects have left the state, and where they are."""

    sparse: ClassVar[bool] = True

    place: str = Field(default="", max_length=LONGEST_PLACE, description="the archive branch's address")
    complete: int = Field(default=0, ge=0, description="complete projects in the archive")
    dropped: int = Field(default=0, ge=0, description="dropped ones")
    unlisted_to: int = Field(
        default=0, ge=0, description="highest issue that a project was asked for on that is not listed here"
    )
    unlisted_at: Time | None = Field(default=None, description="when the latest of those was finished")
    items: tuple[Left, ...] = Field(
        default=(), description=f"the latest {LISTED}, in the order in which they left"
    )

    @property
    def count(self) -> int:
        """Projects in the archive."""
        return self.complete + self.dropped

    def find(self, id_: str) -> Left | None:
        """The listed project of that id."""
        return next((one for one in self.items if one.id == id_), None)

    def with_one(self, changed: Left) -> Archived:
        """This with one of the listed replaced."""
        items = tuple([changed if one.id == changed.id else one for one in self.items])
        return self.model_copy(update={"items": items})

    def of_issue(self, issue: int) -> Left | None:
        """The listed project whose own issue it is."""
        return next((one for one in self.items if one.issue == issue), None)


class Record(Document):
    """``archive/{yyyy-mm-dd}/{id}.json`` on the archive branch: a project as it was in the state."""

    left_at: Time
    project: Project
    genesis: GenesisOutput | None = None
    development: DevelopmentProgress | None = None
    content: ContentOutput | None = None

    @property
    def path(self) -> str:
        """Where its file is on the archive branch."""
        return f"{FOLDER}{self.left_at:%Y-%m-%d}/{self.project.id}.json"
