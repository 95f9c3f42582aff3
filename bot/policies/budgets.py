"""Hard budgets: what is booked on them, how much more may start, and the alert of each that is used up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal

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
from bot.domain.events import WorkReported
from bot.domain.guards import Budgets
from bot.domain.instances import Instance
from bot.domain.models import Failure, Project, Task
from bot.domain.usage import Used, together, total
from bot.domain.vocabulary import ProjectStatus, QueueName, Workflow
from bot.policies.alerts import end_alert, end_older, raise_alert

BUDGET_ALERT = "budget"
REPORT_ALERT = "dear-report-"
"""An alert of a report whose dollars were not believed begins like this, before the worker's id."""
NEWS = timedelta(days=1)
"""How long such an alert stays open: it tells of something that is over."""
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
        f"{REPORT_ALERT}{worker.id}",
        f"{worker.id} told that one attempt at {task.id} cost {money(dollars)}, more than one report may "
        f"book: {money(most)} were booked",
        "Look at the run's log and at the provider's bill. If such figures are right, raise the limit: "
        f"executors.{draft.config.pools.of(task.workflow).executor}.limits.dollars, or "
        "budgets.most_per_report, in .github/orchestrator.yml.",
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
        id_ = f"{BUDGET_ALERT}-{which}"
        if which is Which.SPEND_PER_PROJECT:
            continue
        if (one := found.get(which)) is not None:
            raise_alert(draft, id_, _cause(one), _advice(one), severity=_severity(which))
        else:
            end_alert(draft, id_)
    _projects(draft)
    end_older(draft, REPORT_ALERT, NEWS)


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
    named = ", ".join(f"{one.project} ({money(one.used)} of {money(one.limit)})" for one in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    cause = f"agents have cost the budget for a project, or more, for {named}{more}"
    advice = (
        f"Nothing new of it starts. {found[0].which.approval(found[0].project)} lets it cost as much again; "
        "raising budgets.spend_per_project in .github/orchestrator.yml does so for all; /discard drops it."
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
    more = f"raise {one.which.key} in .github/orchestrator.yml"
    if way := one.which.approval(one.project):
        more = f"{way} for as much again today, or {more}"
    return f"{when}. To allow more: {more}."


def money(dollars: float) -> str:
    """``$1,234.50``."""
    return f"${dollars:,.2f}"
