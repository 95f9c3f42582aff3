"""Which budgets are used up: the one place that compares what was used with what may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.approvals import Allowance
from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.usage import total
from bot.domain.vocabulary import TaskStatus


class Which(StrEnum):
    """The budgets that hold work back."""

    TASKS_PER_HOUR = "tasks-per-hour"
    RUNNING = "running"
    SPEND_PER_PROJECT = "spend-per-project"
    SPEND_PER_DAY = "spend-per-day"

    @property
    def key(self) -> str:
        """Its key in the configuration."""
        return f"budgets.{self.value.replace('-', '_')}"

    def approval(self, project: str) -> str:
        """What to type for as much again; empty where nobody can allow that by a command."""
        ways = {Which.SPEND_PER_PROJECT: f"/approve {project}", Which.SPEND_PER_DAY: "/approve budget"}
        return ways.get(self, "")


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A budget at its limit."""

    which: Which
    used: float
    limit: float
    frees: datetime | None = None
    """When it frees by itself at the latest; None: with the next task that ends, or never."""
    project: str = ""


def used_up(draft: Draft) -> Iterator[UsedUp]:
    """The budgets of everything that are at their limit: nothing at all starts while there is one."""
    budgets, usage, now = draft.config.budgets, draft.usage, draft.now
    if (limit := budgets.tasks_per_hour) is not None and (started := usage.started(now)) >= limit:
        yield UsedUp(Which.TASKS_PER_HOUR, started, limit, _frees(draft, started - limit))
    if (most := budgets.running) is not None and (held := running(draft)) >= most:
        yield UsedUp(Which.RUNNING, held, most)
    if (dollars := day_limit(draft)) is not None and (spent := usage.spent(now)) >= dollars:
        midnight = now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        yield UsedUp(Which.SPEND_PER_DAY, spent, dollars, midnight)


def project_used_up(draft: Draft, project: Project) -> UsedUp | None:
    """A project's own budget, where it is at its limit."""
    limit = project_limit(draft, project)
    if limit is None or project.spend < limit:
        return None
    return UsedUp(Which.SPEND_PER_PROJECT, project.spend, limit, project=project.id)


def day_limit(draft: Draft) -> float | None:
    """What agents may cost today: the configuration's budget, and what people allowed beyond it."""
    more = draft.usage.today(draft.now).allowances
    return _raised(draft.config.budgets.spend_per_day, more)


def project_limit(draft: Draft, project: Project) -> float | None:
    """What agents may cost a project."""
    more = [one for one in project.allowances if one.budget == "project"]
    return _raised(draft.config.budgets.spend_per_project, more)


def task_limit(draft: Draft, project: Project, task: Task) -> float | None:
    """What the attempts of a task may cost."""
    more = [one for one in project.allowances if one.budget == "task" and one.task == task.id]
    return _raised(draft.config.budgets.spend_per_task, more)


def dear_tasks(draft: Draft, project: Project) -> list[Task]:
    """The tasks in review that have no other attempt because of what they have cost."""
    review = [task for task in project.tasks if task.status is TaskStatus.REVIEW]
    limits = [(task, task_limit(draft, project, task)) for task in review]
    return [task for task, limit in limits if limit is not None and task.spend >= limit]


def _raised(limit: float | None, allowances: Iterable[Allowance]) -> float | None:
    return None if limit is None else total(limit, *(one.dollars for one in allowances))


def running(draft: Draft) -> int:
    """Tasks that workers have."""
    return sum(worker.assignment is not None for worker in draft.instances.values())


def _frees(draft: Draft, over: int) -> datetime | None:
    """When fewer than the limit were started within an hour: more than ``over`` have left it then."""
    left = 0
    for one in draft.usage.starts:
        if one.counts_until <= draft.now:
            continue
        left += one.count
        if left > over:
            return one.counts_until
    return None
