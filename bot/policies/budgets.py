"""Hard budgets: what is booked on them, how much more may start, and the alert of each that is used up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from bot.domain.budgets import UsedUp, Which, project_used_up, running, used_up
from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Failure, Project, Task
from bot.domain.usage import total
from bot.domain.vocabulary import ProjectStatus, QueueName, Workflow
from bot.policies.alerts import end_alert, raise_alert

BUDGET_ALERT = "budget"
NAMED = 5
"""Projects that an alert names; it counts the others."""
_OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


def allowance(draft: Draft) -> int | None:
    """How many tasks may still start now; None where nothing limits that."""
    budgets, room = draft.config.budgets, []
    if next(used_up(draft), None) is not None:
        return 0
    if budgets.tasks_per_hour is not None:
        room.append(budgets.tasks_per_hour - draft.usage.started(draft.now))
    if budgets.running is not None:
        room.append(budgets.running - running(draft))
    return min(room, default=None)


def started(draft: Draft, count: int) -> None:
    """So many attempts were started now."""
    if count:
        draft.usage = draft.usage.with_starts(draft.now, count)


def book(draft: Draft, worker: Instance, project: Project, task: Task, dollars: float) -> None:
    """Put what an attempt has cost on its assignment, its task, its project and the day."""
    held = worker.assignment
    if not dollars or held is None:
        return
    costs = held.model_copy(update={"spend": total(held.spend, dollars)})
    draft.instances[worker.id] = worker.model_copy(update={"assignment": costs})
    dearer = task.model_copy(update={"spend": total(task.spend, dollars)})
    spent = {"spend": total(project.spend, dollars)}
    draft.put(project.with_task(dearer).model_copy(update=spent))
    draft.usage = draft.usage.with_spend(draft.now, dollars)


def without_budget(draft: Draft, task: Task, failure: Failure) -> Failure | None:
    """A failure whose task may have no other attempt because of what it has cost, saying so; else None."""
    limit = draft.config.budgets.spend_per_task
    if limit is None or task.spend < limit:
        return None
    why = (
        f"It is not tried again: its attempts have cost {money(task.spend)}, and the budget for a task "
        f"(`budgets.spend_per_task`) is {money(limit)}."
    )
    summary = f"{failure.summary[: 1_990 - len(why)].rstrip().rstrip('.')}. {why}"
    return failure.model_copy(update={"summary": summary})


def settle_budgets(draft: Draft) -> None:
    """One alert for each budget that is used up while something waits for it; it ends with that."""
    found = {one.which: one for one in _holding(draft)}
    for which in Which:
        id_ = f"{BUDGET_ALERT}-{which}"
        if which is Which.SPEND_PER_PROJECT:
            continue
        if (one := found.get(which)) is not None:
            raise_alert(draft, id_, _cause(one), _advice(one), severity=_severity(which))
        else:
            end_alert(draft, id_)
    _projects(draft)


def _holding(draft: Draft) -> Iterator[UsedUp]:
    """A count at its limit with nothing waiting holds nothing back; money that is gone is told anyway."""
    waiting = any(draft.depth(QueueName(workflow.value)) for workflow in Workflow)
    for one in used_up(draft):
        if waiting or one.which is Which.SPEND_PER_DAY:
            yield one


def _projects(draft: Draft) -> None:
    id_ = f"{BUDGET_ALERT}-{Which.SPEND_PER_PROJECT}"
    found = [
        one
        for project in draft.projects.values()
        if project.spend and project.status not in _OVER
        if (one := project_used_up(draft, project)) is not None
    ]
    if not found:
        end_alert(draft, id_)
        return
    found.sort(key=lambda one: one.project)
    named = ", ".join(f"{one.project} ({money(one.used)})" for one in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    cause = f"agents have cost the budget for a project, {money(found[0].limit)}, or more for {named}{more}"
    advice = (
        "Nothing new of it starts. Raise budgets.spend_per_project in .github/orchestrator.yml to go on, "
        "or drop it with /discard."
    )
    raise_alert(draft, id_, cause, advice)


def _severity(which: Which) -> Literal["info", "warning"]:
    return "warning" if which is Which.SPEND_PER_DAY else "info"


def _cause(one: UsedUp) -> str:
    match one.which:
        case Which.TASKS_PER_HOUR:
            return f"{one.limit:g} tasks were started within an hour, as many as the budget allows"
        case Which.RUNNING:
            return f"{one.limit:g} tasks are running, as many as the budget allows"
        case _:
            return f"agents have cost {money(one.used)} today, and the budget for a day is {money(one.limit)}"


def _advice(one: UsedUp) -> str:
    when = {
        Which.TASKS_PER_HOUR: "The next ones start as soon as an hour has passed since the earliest of them",
        Which.RUNNING: "The next ones start as these end",
        Which.SPEND_PER_DAY: "Nothing new starts before midnight UTC; what runs goes on",
    }[one.which]
    return f"{when}. To allow more, raise {one.which.key} in .github/orchestrator.yml."


def money(dollars: float) -> str:
    """``$1,234.50``."""
    return f"${dollars:,.2f}"
