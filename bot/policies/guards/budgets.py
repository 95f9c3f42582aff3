"""Hard budgets: what is booked on them, how much more may start, and the alert of each that is used up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.alert_rules import BUDGET, DEAR
from bot.domain.approvals import Allowance
from bot.domain.budgets import (
    UsedUp,
    Which,
    day_limit,
    project_limit,
    project_used_up,
    running,
    task_limit,
    used_up,
)
from bot.domain.draft import Draft
from bot.domain.events.worked import WorkReported
from bot.domain.guards import Budgets
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Failure, Project, Task
from bot.domain.usage import Used, together, total
from bot.domain.vocabulary import ProjectStatus, QueueName, Workflow
from bot.policies.alerting.alerts import end_alert, raise_alert

NAMED = 5
"""Projects that an alert names; it counts the others."""
_OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


def allowance(draft: Draft) -> int | None:
    """How many tasks may still start now; None where nothing limits that."""
    usage, limit = draft.usage, day_limit(draft)
    spent = limit is not None and usage.spent(draft.now) >= limit
    return room(draft.config.budgets, usage.started(draft.now), running(draft), spent=spent)


def room(budgets: Budgets, started: int, held: int, *, spent: bool) -> int | None:
    """The same with so many started within the hour and so many held; ``spent``: the day's money is."""
    left = [0] if spent else []
    if budgets.tasks_per_hour is not None:
        left.append(budgets.tasks_per_hour - started)
    if budgets.running is not None:
        left.append(budgets.running - held)
    return max(0, min(left)) if left else None


def started(draft: Draft, count: int) -> None:
    """So many attempts were started now."""
    if count:
        draft.usage = draft.usage.with_starts(draft.now, count)


def never_started(draft: Draft, held: Assignment) -> None:
    """An attempt was taken back before its run, or its process, began with it: none was started."""
    if held.claimed_at is None:
        draft.usage = draft.usage.without_start(held.assigned_at)


def book(draft: Draft, worker: Instance, project: Project, task: Task, told: WorkReported) -> None:
    """Put what an attempt has cost and used on its assignment, its task, its project and the day."""
    held = worker.assignment
    if held is None:
        return
    dollars = _believed(draft, worker, task, told.spend)
    begun = held.claimed_at or held.assigned_at
    seconds = max(0, int((draft.now - begun).total_seconds()))
    used = Used(turns=told.turns, tokens=told.tokens, seconds=seconds)
    costs = {"spend": total(held.spend, dollars), "used": together(held.used, used)}
    more = {"assignment": held.model_copy(update=costs)}
    draft.instances[worker.id] = worker.model_copy(update=more)
    dearer = {"spend": total(task.spend, dollars), "used": together(task.used, used)}
    spent = {"spend": total(project.spend, dollars), "used": together(project.used, used)}
    draft.put(project.with_task(task.model_copy(update=dearer)).model_copy(update=spent))
    draft.usage = draft.usage.with_attempt(draft.now, dollars, used)


def _believed(draft: Draft, worker: Instance, task: Task, dollars: float) -> float:
    """What of a report's dollars is booked: one worker's wrong figure must not stop the whole fleet."""
    most = _most(draft, task.workflow)
    if dollars <= most:
        return dollars
    raise_alert(
        draft,
        DEAR,
        worker.id,
        worker=worker.id,
        task=task.id,
        told=money(dollars),
        booked=money(most),
        executor=draft.config.pools.of(task.workflow).executor,
    )
    return most


def _most(draft: Draft, workflow: Workflow) -> float:
    """Twice the executor's limit of an attempt, where the configuration sets one: it may be passed a bit."""
    limits = draft.config.executors.get(draft.config.pools.of(workflow).executor, {}).get("limits")
    own = limits.get("dollars") if isinstance(limits, dict) else None
    if isinstance(own, int | float) and own:
        return 2 * float(own)
    return draft.config.budgets.most_per_report


def allow(draft: Draft, project: Project, tasks: Sequence[Task], by: str, role: str) -> list[Allowance]:
    """Let a project go on that a budget of its own holds: by as much again as the budget is, from now on.

    ``tasks``: those in review for what they have cost; each may cost as much again, too.
    """
    budgets = draft.config.budgets
    found = [
        (task.id, task.spend, task_limit(draft, project, task), budgets.spend_per_task) for task in tasks
    ]
    if project_used_up(draft, project) is not None:
        limit = project_limit(draft, project)
        found.append(("", project.spend, limit, budgets.spend_per_project))
    given = [
        Allowance(
            budget="task" if task else "project",
            task=task,
            dollars=total(spend, -limit, again),
            at=draft.now,
            by=by,
            role=role,
        )
        for task, spend, limit, again in found
        if limit is not None and again is not None
    ]
    known = draft.projects[project.id]
    draft.put(known.model_copy(update={"allowances": (*known.allowances, *given)}))
    for one in given:
        what = f"{money(one.dollars)} more for {'the task' if one.task else 'the project'}"
        draft.note("allowed", project=project.id, task=one.task, by=by, detail=what)
    return given


def allow_today(draft: Draft, spent: UsedUp, by: str, role: str) -> Allowance | None:
    """Let the fleet go on today, by as much again as the budget for a day is, from now on."""
    again = draft.config.budgets.spend_per_day
    if again is None:
        return None
    dollars = total(spent.used, -spent.limit, again)
    given = Allowance(budget="day", dollars=dollars, at=draft.now, by=by, role=role)
    draft.usage = draft.usage.with_allowance(draft.now, given)
    draft.note("allowed", by=by, detail=f"{money(dollars)} more today")
    return given


def without_budget(draft: Draft, project: Project, task: Task, failure: Failure) -> Failure | None:
    """A failure whose task may have no other attempt because of what it has cost, saying so; else None."""
    limit = task_limit(draft, project, task)
    if limit is None or task.spend < limit:
        return None
    why = (
        f"It is not tried again: its attempts have cost {money(task.spend)}, and the budget for a task "
        f"(`budgets.spend_per_task`) is {money(limit)}; `/approve {project.id}` lets it cost as much again."
    )
    summary = f"{failure.summary[: 1_990 - len(why)].rstrip().rstrip('.')}. {why}"
    return failure.model_copy(update={"summary": summary})


def settle_budgets(draft: Draft) -> None:
    """One alert for each budget that is used up while something waits for it; it ends with that."""
    found = {one.which: one for one in _holding(draft)}
    for which in Which:
        if which is Which.SPEND_PER_PROJECT:
            continue
        if (one := found.get(which)) is not None:
            _tell(draft, one)
        else:
            end_alert(draft, BUDGET, which)
    _projects(draft)


def _holding(draft: Draft) -> Iterator[UsedUp]:
    """A count at its limit with nothing waiting holds nothing back; money that is gone is told anyway."""
    waiting = any(draft.depth(QueueName(workflow.value)) for workflow in Workflow)
    for one in used_up(draft):
        if waiting or one.which is Which.SPEND_PER_DAY:
            yield one


def _projects(draft: Draft) -> None:
    found = [
        one
        for project in draft.projects.values()
        if project.spend and project.status not in _OVER
        if (one := project_used_up(draft, project)) is not None
    ]
    if not found:
        end_alert(draft, BUDGET, Which.SPEND_PER_PROJECT)
        return
    found.sort(key=lambda one: one.project)
    named = ", ".join(f"{one.project} ({money(one.used)} of {money(one.limit)})" for one in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    _tell(draft, found[0], projects=named + more)


def _tell(draft: Draft, one: UsedUp, projects: str = "") -> None:
    raise_alert(
        draft,
        BUDGET,
        one.which,
        case=one.which,
        advice=one.which,
        limit=one.limit,
        budget=money(one.limit),
        used=money(one.used),
        projects=projects,
        key=one.which.key,
        way=one.which.approval(one.project),
    )


def money(dollars: float) -> str:
    """``$1,234.50``."""
    return f"${dollars:,.2f}"
