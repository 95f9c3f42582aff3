"""What an agent has to leave in ``result/``: one file for each kind of task, with its model.

Where a thing can be counted, the agent is not asked: commits, files, tests that ran and words are counted by
the executor, so that no claim of an agent counts as a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from bot.domain.base import Document, Frozen
from bot.domain.failures import FailureKind
from bot.domain.outputs import PlannedIssue, ProjectCommands
from bot.domain.work import WorkOrder
from bot.executors.area import Refused

_MOST = 2_000_000
"""Bytes of the file that an agent leaves."""

Line = Field(min_length=1, max_length=500)


class GenesisDraft(Document):
    """What Genesis says of the project that it scaffolded in ``project/``."""

    title: str = Field(min_length=1, max_length=200)
    summary: str = Field(min_length=1, max_length=2_000, description="two or three sentences")
    stack: str = Field(min_length=1, max_length=100, description="what the program is built on")
    commands: ProjectCommands = Field(description="`test` and `lint` must work on a clean clone")
    issues: tuple[PlannedIssue, ...] = Field(min_length=1, max_length=200)
    risks: tuple[str, ...] = Field(default=(), max_length=50)
    open_questions: tuple[str, ...] = Field(default=(), max_length=50)


class ChangeDraft(Document):
    """What a development task says of what it changed in ``project/``."""

    summary: str = Field(min_length=1, max_length=2_000, description="what was changed and why")
    commands: ProjectCommands = Field(
        default=ProjectCommands(), description="only where the project's data name none"
    )


class Comment(Frozen):
    """One remark of a review."""

    path: str = Field(max_length=500)
    line: int | None = Field(default=None, ge=1)
    text: str = Field(min_length=1, max_length=2_000)


class ReviewDraft(Document):
    """A review's verdict."""

    verdict: Literal["approve", "request-changes"]
    summary: str = Field(min_length=1, max_length=2_000)
    comments: tuple[Comment, ...] = Field(default=(), max_length=100)


class AddressDraft(Frozen):
    """Where the deployed application answers."""

    url: str = Field(
        max_length=2_000,
        pattern=r"^https?://[^\s@]+$",
        description="its address; it is asked before it counts",
    )
    health: str = Field(default="", max_length=500, description="what it answered when you asked it")


class DeploymentDraft(Document):
    """What a deployment task says."""

    summary: str = Field(min_length=1, max_length=2_000)
    deployment: AddressDraft


class PieceDraft(Frozen):
    """One piece of content that was written into ``project/``."""

    kind: str = Field(min_length=1, max_length=60, description="for example 'user guide'")
    file: str = Field(min_length=1, max_length=300, description="path in the project")
    channel: str = Field(default="", max_length=100, description="where it is meant for")
    facts: tuple[str, ...] = Field(default=(), max_length=100, description="facts in it that you checked")


class ContentDraft(Document):
    """The pieces of a content task."""

    summary: str = Field(min_length=1, max_length=2_000)
    pieces: tuple[PieceDraft, ...] = Field(min_length=1, max_length=50)


@dataclass(frozen=True, slots=True)
class Expected:
    """What one kind of task leaves."""

    name: str
    """The file in ``result/``."""
    model: type[Document]


def expected(order: WorkOrder) -> Expected:
    """What the task of this order leaves."""
    if order.workflow == "genesis":
        return Expected("genesis.json", GenesisDraft)
    if order.workflow == "content":
        return Expected("content.json", ContentDraft)
    if order.specialty == "review":
        return Expected("review.json", ReviewDraft)
    if order.specialty == "deployment":
        return Expected("deployment.json", DeploymentDraft)
    return Expected("change.json", ChangeDraft)


def read_draft(folder: Path, wanted: Expected) -> Document:
    """What the agent left. Raises Refused where it is missing, leads elsewhere or does not validate."""
    path = folder / wanted.name
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"result/{wanted.name} is a link, which is not followed", FailureKind.INVALID)
    try:
        size = path.stat().st_size if path.is_file() else -1
        if size > _MOST:
            raise Refused(
                f"result/{wanted.name} has {size:,} bytes and may have {_MOST:,}", FailureKind.INVALID
            )
        return wanted.model.model_validate_json(path.read_bytes())
    except OSError:
        raise Refused(f"the agent left no result/{wanted.name}", FailureKind.INVALID) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise Refused(
            f"result/{wanted.name} does not validate: {place}: {first['msg']}", FailureKind.INVALID
        ) from None
