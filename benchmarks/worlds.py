"""States to measure with: so many projects with queued tasks, so many workers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.decide import decide
from bot.domain.config import Config, Queueing
from bot.domain.deploying import Deploying
from bot.domain.instances import Instance
from bot.domain.ledger import Ledger
from bot.domain.models import Project, Queue, QueueItem, Task
from bot.domain.order import place
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus, Workflow

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SPECIALTIES = ("tests", "feature", "review", "deployment", "performance")
PRIORITIES = tuple(Priority)


def fleet(projects: int, tasks_each: int, workers: int, now: datetime = NOON) -> State:
    """Projects in development with all their tasks queued, and idle workers; ``now`` is when it began."""
    made = [_project(number, tasks_each, now) for number in range(projects)]
    items = [_item(project, task) for project in made for task in project.tasks]
    queues = {name: Queue() for name in QueueName}
    items.sort(key=lambda item: place(item, Queueing()))
    queues[QueueName.DEVELOPMENT] = Queue(items=tuple(items))
    return State(
        projects={project.id: project for project in made},
        queues=queues,
        instances={worker.id: worker for worker in (_worker(number, now) for number in range(workers))},
        config=Config(deployment=Deploying(kind="agent")),
        ledger=Ledger(initialised_at=now, next_lease=int(now.timestamp()), cursor=now),
    )


def all_busy(projects: int, tasks_each: int, workers: int, now: datetime = NOON) -> State:
    """A fleet that has nothing to do: as many more tasks as workers, each with one of them."""
    extra = -(-workers // tasks_each)
    state = decide(fleet(projects + extra, tasks_each, workers, now), [], now).state
    return replace(state, events=None)


def _project(number: int, tasks: int, now: datetime) -> Project:
    id_ = f"project-{number:05}"
    return Project(
        id=id_,
        title=f"Project {number}",
        idea="A page that shows what is on today, with a list and a search. " * 5,
        issue=number + 1,
        asked_on=number + 1,
        requester="wendy",
        priority=PRIORITIES[number % len(PRIORITIES)],
        stage=Stage.DEVELOPMENT,
        status=ProjectStatus.QUEUED if tasks else ProjectStatus.REVIEW,
        repository=f"acme/{id_}",
        tasks=tuple(_task(id_, number, index, now) for index in range(tasks)),
        created_at=now,
        updated_at=now,
    )


def _task(project: str, number: int, index: int, now: datetime) -> Task:
    queued = now - timedelta(seconds=(number * 7919 + index * 104729) % 86_400)
    return Task(
        id=f"{project}.issue-{index}",
        workflow=Workflow.DEVELOPMENT,
        specialty=SPECIALTIES[(number + index) % len(SPECIALTIES)],
        status=TaskStatus.QUEUED,
        created_at=queued,
        queued_at=queued,
    )


def _item(project: Project, task: Task) -> QueueItem:
    return QueueItem(
        task=task.id,
        project=project.id,
        priority=project.priority,
        enqueued_at=task.queued_at or NOON,
        attempt=0,
        specialty=task.specialty,
    )


def _worker(number: int, now: datetime) -> Instance:
    return Instance(
        id=f"dev-{number:05}",
        workflow=Workflow.DEVELOPMENT,
        specialties=(SPECIALTIES[number % len(SPECIALTIES)],),
        idle_since=now - timedelta(seconds=number),
    )
