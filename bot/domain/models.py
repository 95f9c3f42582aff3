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


class Reservation(Frozen):
    """A queued task that is kept for one worker."""

    worker: str
    at: Time
    by: str
    force: bool = Field(default=False, description="whatever its specialties are")
    why: str = Field(default="", description="the rule by which a rebalancing chose the worker")


class Candidate(Frozen):
    """A worker that could have had a task, with what it was judged by, in the order of the rules."""

    worker: str
    failed_before: bool = False
    specialty: int = Field(description="0: its specialty, 1: it takes any, 2: it has others only")
    size: int = Field(description="0: meant for this size, 1: for any, 2: for others only")
    record: float = Field(default=0, description="part of large tasks that succeeded, smoothed; 0 for others")
    distance: int | None = Field(description="between the regions; 0: the same or no wish; None: unknown")
    load_minutes: float = Field(description="expected minutes of what it runs and of what is kept for it")
    idle_since: Time | None = None


class Choice(Frozen):
    """Why a task went to its worker."""

    rule: str = Field(description="the first rule in which the chosen one was ahead of the next")
    considered: int = Field(ge=1, description="workers that could have had it")
    candidates: tuple[Candidate, ...] = Field(description="the chosen one, then the next best")


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
    front: bool = Field(default=False, description="goes before others of its urgency: it was taken back")
    reserved: Reservation | None = None
    discarded: bool = Field(default=False, description="dropped by a person: nothing waits for it")
    choice: Choice | None = Field(default=None, description="why it went to its worker")

    @property
    def over(self) -> bool:
        """Whether nothing has to wait for it any more."""
        return self.status is TaskStatus.DONE or self.discarded


class StoppedRun(Frozen):
    """A worker's run that a stop has taken the lease from; proven when it has ended."""

    task: str
    lease: int
    worker: str
    assigned_at: Time
    run_id: int | None = Field(default=None, description="None: nobody had claimed the lease")
    ended: str = Field(default="", description="how it ended, once that was seen")


class Landed(Frozen):
    """Something that still took effect after a stop was asked for."""

    at: Time
    kind: Literal["assigned", "claimed", "done", "failed", "publishing", "late-report", "late-publication"]
    task: str
    worker: str = ""


class Stop(Frozen):
    """Why a project stands still, and the proof that it does."""

    at: Time = Field(description="when it was asked for")
    settled_at: Time
    by: str
    cause: str = Field(description="id of the event that it follows from")
    why: Literal["command", "closed", "halt"] = "command"
    runs: tuple[StoppedRun, ...] = ()
    reason: str = Field(default="", max_length=300, description="a person's words")
    landed: tuple[Landed, ...] = ()
    proven_at: Time | None = None


class Closing(Frozen):
    """A project's issue was closed: the project stops after a while, unless somebody says otherwise."""

    at: Time
    by: str
    cause: str = Field(description="id of the event")
    due: Time = Field(description="when it stops")


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
    stop: Stop | None = None
    closing: Closing | None = None
    told: tuple[str, ...] = Field(default=(), description="hints that its thread was given already")
    held: bool = Field(default=False, description="its label says that triage holds tasks of it back")
    created_at: Time
    updated_at: Time
    completed_at: Time | None = None

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
    front: bool = False
    reserved: str = Field(default="", description="the worker that it is kept for")
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


class Tally(Frozen):
    """How attempts ended."""

    done: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)


class Instance(Document):
    """``instances/{worker-id}.json``: one worker."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    workflow: Workflow
    specialties: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = ()
    region: str = ""
    kind: Literal["actions", "external"] = "actions"
    status: WorkerStatus = WorkerStatus.IDLE
    last_heartbeat: Time | None = None
    assignment: Assignment | None = None
    idle_since: Time | None = None
    completed: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    busy_seconds: int = Field(default=0, ge=0)
    large: Tally = Field(default=Tally(), description="its record on large tasks")
    created_at: Time | None = None


class Alert(Frozen):
    """Something that a person should know."""

    id: str
    severity: Literal["info", "warning", "critical"]
    since: Time
    until: Time | None = None
    cause: str
    advice: str
    details: str = Field(default="", max_length=4_000, description="a person's words")
    issue: int | None = Field(default=None, description="its own issue, where it has one")
    taken_by: str = Field(default="", description="who has said that they are on it")
    taken_at: Time | None = None

    @property
    def about(self) -> str:
        """What its own issue is looked up by: one for each time that it was opened."""
        return f"alert/{self.id}-{int(self.since.timestamp())}"


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
