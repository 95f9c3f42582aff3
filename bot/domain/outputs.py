"""What the workflows hand on to each other (docs/design.md, "The pipeline")."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.domain.base import Document, Frozen, Time
from bot.domain.paths import path_problem


class Priority(StrEnum):
    """How soon a project's work is wanted, most urgent first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Size(StrEnum):
    """How much a piece of work is; Genesis workers specialise by it."""

    LARGE = "large"
    STANDARD = "standard"
    QUICK = "quick"


MOST_FILES = 20_000
"""Of one project's scaffold; as many as `pull_requests.files` allows a change at most."""
MOST_COUNTED = 1_000_000_000
"""Tests or words; more are no count of one piece of work."""


def _published(path: str) -> str:
    if problem := path_problem(path):
        raise ValueError(f"the path {problem}")
    return path


Line = Annotated[str, Field(max_length=2_000)]
Paragraph = Annotated[str, Field(max_length=20_000)]
Branch = Annotated[str, Field(max_length=300)]
FilePath = Annotated[str, Field(max_length=1_000)]
Number = Annotated[int, Field(ge=1, le=2**53)]
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
TouchedPath = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")]


class PlannedIssue(Frozen):
    """An issue that Genesis files in the new repository."""

    key: str = Field(pattern=r"^[a-z0-9-]{1,40}$", description="derived name, stable over attempts")
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(max_length=60_000, description="Markdown; names other issues as {{issue:KEY}}")
    acceptance: tuple[Line, ...] = Field(min_length=1, max_length=200, description="acceptance criteria")
    specialty: str = Field(max_length=60, description="the first development specialty that it needs")
    days: int = Field(ge=1, le=3, description="effort in working days")
    priority: Priority = Priority.NORMAL
    milestone: str = Field(pattern=r"^(MVP|V1|V2)$")
    depends_on: tuple[Line, ...] = Field(
        default=(), max_length=1_000, description="keys of issues that come first"
    )
    touches: tuple[TouchedPath, ...] = Field(
        default=(),
        max_length=50,
        description="files that its work will change, where that is known: paths or patterns (site/**, "
        "src/*.py) from the root of the repository. Two issues that touch the same files are worked on "
        "one after the other, so name what is its own, not what each issue changes a little of",
    )
    number: Number | None = Field(default=None, description="its number on GitHub, once it is filed")


class ProjectCommands(Frozen):
    """The shell commands of a repository, run from its root; empty where one is not known."""

    build: Line = ""
    test: Line = ""
    run: Line = ""
    deploy: Line = ""
    lint: Line = ""


class Remark(Frozen):
    """One remark of a review, at its place."""

    path: str = Field(default="", max_length=500)
    line: int | None = Field(default=None, ge=1)
    text: str = Field(min_length=1, max_length=2_000)


class FeatureProgress(Frozen):
    """How far one feature issue is, and what was counted, not claimed."""

    key: str = Field(max_length=100, description="the planned issue's key")
    number: Number | None = Field(default=None, description="the issue in the project's repository")
    state: Literal["open", "tested", "implemented", "approved"] = "open"
    branch: Branch = ""
    pull_request: int | None = None
    tests_run: Count = 0
    tests_passed: Count = 0
    coverage: float | None = Field(default=None, ge=0, le=100, description="per cent")
    verdict: Literal["", "approved", "changes"] = Field(default="", description="of its latest review")
    review: str = Field(default="", max_length=2_000, description="what that review says as a whole")
    executor: str = Field(default="", max_length=40, description="who did it: an agent's profile, 'scripted'")
    remarks: tuple[Remark, ...] = Field(default=(), max_length=100)


class Deployment(Frozen):
    """Where the application answers, and what its health check said."""

    kind: Literal["address", "pages", "workflow"] = Field(
        default="address", description="'address' answers already, the others are made by the report"
    )
    url: str = Field(
        default="",
        max_length=2_000,
        pattern=r"^(https?://.*)?$",
        description="where it answers; empty where only the report can know",
    )
    health: Line = Field(default="", description="the answer of the health check, for example '200 OK'")
    commit: str = Field(default="", max_length=64, description="the project's commit that was deployed")


class Milestone(Frozen):
    """Something that a project has reached."""

    name: Literal["deployed"]
    at: Time


class DevelopmentProgress(Document):
    """``development-progress.json``: what Development has done so far."""

    features: tuple[FeatureProgress, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    deployment: Deployment | None = None


class ContentPiece(Frozen):
    """One published piece."""

    kind: str = Field(min_length=1, max_length=60, description="for example 'user guide' or 'announcement'")
    specialty: str = Field(max_length=60, description="documentation, marketing or social")
    file: Annotated[FilePath, AfterValidator(_published)] = Field(
        description="path in the project's repository"
    )
    words: Count
    channel: str = Field(default="", max_length=200, description="where it is meant for")
    facts: tuple[Line, ...] = Field(default=(), max_length=200, description="facts in it that were checked")
    gates: dict[Annotated[str, Field(max_length=200)], bool] = Field(
        default={}, max_length=100, description="gate → whether it passed"
    )
    executor: str = Field(default="", max_length=40, description="who wrote it: a profile, or 'template'")
    unchecked: tuple[Line, ...] = Field(
        default=(), max_length=100, description="gates that could not be judged there, each with the reason"
    )


class ContentOutput(Document):
    """``content-output.json``: the pieces that Content has made."""

    pieces: tuple[ContentPiece, ...] = ()


ADOPTED = "adopted"
"""The executor of a repository that Genesis did not make: its issues are known, its files are not."""


class GenesisOutput(Document):
    """``genesis-output.json``: what a Genesis worker made and what it hands to Development."""

    title: Line
    summary: Paragraph
    repository: str = Field(default="", max_length=200, description="owner/name, once it is published")
    repository_url: Line = ""
    default_branch: Branch = "main"
    commit: str = Field(default="", max_length=64, description="the scaffold's commit")
    files: tuple[FilePath, ...] = Field(
        default=(), max_length=MOST_FILES, description="paths in the repository, sorted"
    )
    issues: tuple[PlannedIssue, ...] = ()
    stack: str = Field(max_length=200)
    commands: ProjectCommands = ProjectCommands()
    tests_run: Count = Field(default=0, description="counted by running them, not claimed")
    left_out: tuple[FilePath, ...] = Field(
        default=(),
        max_length=MOST_FILES,
        description="paths of the scaffold that were not published where it is",
    )
    protected: bool | None = Field(
        default=None, description="whether its default branch is protected; None: that was not tried"
    )
    branch: Branch = Field(
        default="",
        description="the branch of this repository that holds it; empty: it has its own repository",
    )
    risks: tuple[Paragraph, ...] = Field(default=(), max_length=200)
    open_questions: tuple[Paragraph, ...] = Field(default=(), max_length=200)
    executor: str = Field(
        max_length=100,
        description="an agent's profile, 'template', 'scripted' (a replay), 'adopted' (not made here)",
    )

    @model_validator(mode="after")
    def _whole(self) -> GenesisOutput:
        if self.executor != ADOPTED and not (self.files and self.commands.test):
            raise ValueError("a scaffold has files, and a command that runs its tests")
        return self
