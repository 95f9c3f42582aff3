"""What is to be done: projects, their tasks, and the queues."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from bot.domain.approvals import Allowance, Approval, Gate
from bot.domain.base import Document, Frozen, Time
from bot.domain.failures import Cause
from bot.domain.outputs import Priority, Size
from bot.domain.pulls import Pull
from bot.domain.sessions import Session
from bot.domain.showing import CompletionComment, Shown
from bot.domain.stops import Closing, Stop
from bot.domain.usage import Used
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus, Workflow

TAIL = 4_000
"""Characters of a failed command's output that are kept (the last ones)."""


class Failure(Frozen):
    """Why an attempt at a task failed, with what a person needs to judge it."""

    at: Time
    attempt: int = Field(ge=1)
    worker: str
    lease: int
    summary: str = Field(max_length=2_000, description="one line: what went wrong and what to do")
    rework: bool = Field(default=False, description="a quality gate sent it back")
    cause: Cause = Field(default=Cause.OTHER, description="what it failed of, in one word of a short list")
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
    slow: bool = Field(default=False, description="much slower than its peers at this specialty of late")
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
    queued_at: Time | None = Field(
        default=None, description="its time in the queue's order, which it keeps when it is taken back"
    )
    waiting_since: Time | None = Field(
        default=None, description="when it last entered its queue: what this one wait is counted from"
    )
    open_since: Time | None = Field(
        default=None, description="since when it has waited or been worked on without a stop in between"
    )
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
    spend: float = Field(default=0.0, ge=0, description="US dollars that its attempts have cost")
    used: Used | None = Field(default=None, description="what its attempts have used, as far as was told")
    session: Session | None = Field(default=None, description="what its next attempt may go on with")
    keeps_off: tuple[str, ...] = Field(
        default=(), description="issues whose files it touches too, so that it follows their tasks"
    )

    def queued(self, now: datetime) -> Task:
        """This task as it enters its queue, in its old place where it had one."""
        times = {"queued_at": self.queued_at or now, "waiting_since": now, "open_since": now}
        return self.model_copy(update={"status": TaskStatus.QUEUED, **times})

    @property
    def over(self) -> bool:
        """Whether nothing has to wait for it any more."""
        return self.status is TaskStatus.DONE or self.discarded

    @property
    def key(self) -> str:
        """What its branch and its pull request are named after, whatever the attempt."""
        return self.item or self.id.rpartition(".")[2]

    @property
    def essential(self) -> bool:
        """Whether its project cannot do without it: then it is not dropped alone."""
        return self.id.rpartition(".")[2] in ("genesis", "deployment")


class Project(Document):
    """``projects/{project-id}/status.json``."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=256)
    idea: str = Field(description="what was asked for: a person's words, untrusted")
    issue: int | None = Field(default=None, ge=1, description="its issue; None until that is filed")
    asked_on: int = Field(ge=1, description="the issue that it was asked for on")
    requester: str
    requester_role: str = Field(default="", description="when it was asked for; empty: not recorded")
    idea_author: str = Field(default="", description="who wrote the idea; empty: the requester")
    idea_role: str = Field(default="", description="the author's role then; empty: not recorded")
    priority: Priority = Priority.NORMAL
    prioritised_at: Time | None = Field(default=None, description="when a person last changed the priority")
    size: Size = Size.STANDARD
    stack: str = ""
    region: str = ""
    stage: Stage = Stage.GENESIS
    status: ProjectStatus = ProjectStatus.QUEUED
    repository: str = Field(default="", description="owner/name, once there is one")
    repository_url: str = ""
    branch: str = Field(
        default="",
        description="the branch of this repository that holds it; empty: it has its own repository",
    )
    shared: bool = Field(
        default=False, description="its repository holds other projects too: its branches carry its id"
    )
    deployment_url: str = ""
    tasks: tuple[Task, ...] = ()
    pulls: tuple[Pull, ...] = Field(default=(), description="its pull requests, by their keys")
    spend: float = Field(default=0.0, ge=0, description="US dollars spent on agents")
    used: Used | None = Field(default=None, description="what its attempts have used, as far as was told")
    gate: Gate | None = Field(default=None, description="the stage that it enters when somebody approves it")
    approvals: tuple[Approval, ...] = Field(default=(), description="stages that it was let enter")
    allowances: tuple[Allowance, ...] = Field(default=(), description="money beyond its budgets")
    stop: Stop | None = None
    closing: Closing | None = None
    progress: Shown | None = Field(default=None, description="the comment that is kept up to date")
    delivery: CompletionComment | None = Field(
        default=None, description="where people say what they think of it"
    )
    told: tuple[str, ...] = Field(default=(), description="hints that its thread was given already")
    held: bool = Field(default=False, description="its label says that triage holds tasks of it back")
    created_at: Time
    updated_at: Time
    completed_at: Time | None = None

    @property
    def going(self) -> bool:
        """Whether it is neither stopped nor over."""
        return self.stop is None and self.status not in (ProjectStatus.COMPLETE, ProjectStatus.FAILED)

    @property
    def home_url(self) -> str:
        """Where people look at its files; empty before there are any."""
        return f"{self.repository_url}/tree/{self.branch}" if self.branch else self.repository_url

    def task(self, task_id: str) -> Task | None:
        """The task of that id, or None."""
        return next((task for task in self.tasks if task.id == task_id), None)

    def pull(self, key: str) -> Pull | None:
        """The pull request of that key, or None."""
        return next((pull for pull in self.pulls if pull.key == key), None)

    def with_pull(self, changed: Pull) -> Project:
        """This project with one pull request replaced or added."""
        others = [pull for pull in self.pulls if pull.key != changed.key]
        return self.model_copy(update={"pulls": tuple(sorted([*others, changed], key=lambda one: one.key))})

    def holding(self, task: Task) -> tuple[Pull, ...]:
        """Open pull requests that a task waits for: those of the items that it depends on."""
        needed = [one for one in map(self.task, task.depends_on) if one is not None and one.key != task.key]
        found = [self.pull(one.key) for one in needed if not one.discarded]
        return tuple(pull for pull in found if pull is not None and pull.open)

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
