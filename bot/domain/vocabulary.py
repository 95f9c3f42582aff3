"""The words of the state: workflows, queues, stages, and what each kind of thing can be doing."""

from __future__ import annotations

from enum import StrEnum


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
    WAITING = "waiting"
    """For somebody's approval."""
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
