"""The things that the state remembers: projects, tasks, workers, queues."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.outputs import Priority, Size

TAIL = 4_000
"""Characters of a failed command's output that are kept (the last ones)."""


class Workflow(StrEnum):
    """The three pools of workers, each with a queue of its name."""

    GENESIS = "genesis"
    DEVELOPMENT = "development"
    CONTENT = "content"


class QueueName(StrEnum):
    """The four queues; ``review`` holds what a person must look at."""

    GENESIS = "genesis"
    DEVELOPMENT = "development"
    CONTENT = "content"
    REVIEW = "review"


class Stage(StrEnum):
    """Where a project is on its way."""

    GENESIS = "genesis"
    DEVELOPMENT = "development"
    CONTENT = "content"
    COMPLETE = "complete"


class ProjectStatus(StrEnum):
    """What is happening with a project in its stage."""

    QUEUED = "queued"
    ACTIVE = "active"
    REVIEW = "review"
    STOPPED = "stopped"
    FAILED = "failed"
    COMPLETE = "complete"


class TaskStatus(StrEnum):
    """What is happening with a task."""

    WAITING = "waiting"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RUNNING = "running"
    PUBLISHING = "publishing"
    DONE = "done"
    REVIEW = "review"
    STOPPED = "stopped"

    @property
    def held(self) -> bool:
        """Whether a worker has the task: its lease is open."""
        return self in (TaskStatus.ASSIGNED, TaskStatus.RUNNING, TaskStatus.PUBLISHING)


class WorkerStatus(StrEnum):
    """What a worker is doing."""

    PROVISIONING = "provisioning"
    IDLE = "idle"
    BUSY = "busy"
    DRAINING = "draining"
    OFFLINE = "offline"
    STOPPED = "stopped"


class Failure(Frozen):
    """Why an attempt at a task failed, with what a person needs to judge it."""

    at: Time
    attempt: int = Field(ge=1)
    worker: str
    lease: int
    summary: str = Field(max_length=2_000, description="one line: what went wrong and what to do")
    rework: bool = Field(default=False, description="a quality gate sent it back")
    command: str = Field(default="", description="what ran")
    exit_code: int | None = None
    output: str = Field(default="", max_length=TAIL, description="the last characters of its output, masked")
    run_url: str = ""


class Task(Frozen):
    """One piece of work of a project's stage."""

    id: str
    title: str = Field(default="", max_length=200)
    item: str = Field(default="", description="what it is about: a planned issue's key, a kind of content")
    workflow: Workflow
    specialty: str
    size: Size = Size.STANDARD
    depends_on: tuple[str, ...] = ()
    status: TaskStatus = TaskStatus.WAITING
    attempt: int = Field(default=0, ge=0, description="how often it was assigned")
    lease: int | None = Field(default=None, description="the fencing token of its latest assignment")
    worker: str | None = None
    created_at: Time
    queued_at: Time | None = None
    not_before: Time | None = Field(default=None, description="backoff after a failure")
    assigned_at: Time | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    error: Failure | None = None
    failed_on: tuple[str, ...] = Field(default=(), description="workers that failed it")
    reason: str = Field(default="", description="why it went to its worker")


class Project(Document):
    """``projects/{project-id}/status.json``."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=256)
    idea: str = Field(description="what was asked for: a person's words, untrusted")
    issue: int | None = Field(default=None, ge=1, description="its issue; None until that is filed")
    asked_on: int = Field(ge=1, description="the issue that it was asked for on")
    requester: str
    priority: Priority = Priority.NORMAL
    size: Size = Size.STANDARD
    stack: str = ""
    region: str = ""
    stage: Stage = Stage.GENESIS
    status: ProjectStatus = ProjectStatus.QUEUED
    repository: str = Field(default="", description="owner/name, once there is one")
    repository_url: str = ""
    deployment_url: str = ""
    tasks: tuple[Task, ...] = ()
    spend: float = Field(default=0.0, ge=0, description="US dollars spent on agents")
    created_at: Time
    updated_at: Time

    def task(self, task_id: str) -> Task | None:
        """The task of that id, or None."""
        return next((task for task in self.tasks if task.id == task_id), None)

    def with_task(self, changed: Task) -> Project:
        """This project with one task replaced."""
        tasks = tuple(changed if task.id == changed.id else task for task in self.tasks)
        return self.model_copy(update={"tasks": tasks})


class QueueItem(Frozen):
    """A place in a queue: one queued task, or one task in review with its error context."""

    task: str
    project: str
    priority: Priority
    enqueued_at: Time
    attempt: int = Field(ge=0)
    specialty: str
    error: Failure | None = None


class Queue(Document):
    """``queues/{name}-queue/items.json``: the ordered index of what waits."""

    items: tuple[QueueItem, ...] = ()


class Assignment(Frozen):
    """A worker's lease on a task."""

    task: str
    project: str
    lease: int
    assigned_at: Time
    expires_at: Time = Field(description="when the lease ends by itself")
    claimed_at: Time | None = None
    run_id: int | None = None
    run_attempt: int | None = None

    @property
    def id(self) -> str:
        """What the worker's run is named after: ``{task}@{lease}``."""
        return f"{self.task}@{self.lease}"


class Instance(Document):
    """``instances/{worker-id}.json``: one worker."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    workflow: Workflow
    specialties: tuple[str, ...] = ()
    region: str = ""
    kind: Literal["actions", "external"] = "actions"
    status: WorkerStatus = WorkerStatus.IDLE
    last_heartbeat: Time | None = None
    assignment: Assignment | None = None
    idle_since: Time | None = None
    completed: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    busy_seconds: int = Field(default=0, ge=0)


class Alert(Frozen):
    """Something that a person should know."""

    id: str
    severity: Literal["info", "warning", "critical"]
    since: Time
    until: Time | None = None
    cause: str
    advice: str


class Alerts(Document):
    """``alerts.json``: open alerts, and the last of those that are over."""

    items: tuple[Alert, ...] = ()


class Completion(Frozen):
    """A finished attempt: the raw material of every figure."""

    task: str
    workflow: Workflow
    specialty: str
    worker: str
    queued_at: Time
    assigned_at: Time
    finished_at: Time
    ok: bool
    rework: bool = Field(default=False, description="a quality gate sent it back")


class Recent(Document):
    """``metrics/recent.json``: the latest finished attempts, oldest first, bounded."""

    completions: tuple[Completion, ...] = ()


RECENT_LIMIT = 500
"""How many completions ``metrics/recent.json`` keeps."""
