"""Approvals in words: what a project waits for, the question in its thread, and what an approval did."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.approvals import Allowance
from bot.domain.budgets import Which, day_limit, project_limit, task_limit, used_up
from bot.domain.draft import Draft
from bot.domain.gates import approver
from bot.domain.models import Project, Task
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus
from bot.render.budgets import money
from bot.render.text import clock, code, escape, plural, span

_NEXT = {
    Stage.GENESIS: "Genesis scaffolds a repository and files its issues",
    Stage.CONTENT: "agents write its documentation, marketing and social texts",
}
SHOWN = 12
"""Tasks that a reply names one by one; it counts the others."""


def upper(clause: str) -> str:
    """A clause as the beginning of a sentence."""
    return clause[:1].upper() + clause[1:]


def waiting(draft: Draft, project: Project) -> str:
    """What a project waits for, and what to type, as a clause."""
    gate = project.gate
    if gate is None:
        return "it waits for nobody's approval"
    asked = "" if gate.since == draft.now else f" (asked {span(draft.now - gate.since)} ago)"
    role = approver(draft.config.commands)
    return (
        f"it waits for approval{_because(project, gate.stage)}. Somebody with the role **{role}** lets it go "
        f"on with `/approve {project.id}`{asked}"
    )


def _because(project: Project, stage: Stage) -> str:
    if stage is Stage.GENESIS:
        return f": {idea_of(project)}"
    return f" before it enters {stage.capitalize()}"


def idea_of(project: Project) -> str:
    """Whose idea it is, as a clause."""
    author = code(project.idea_author or project.requester)
    return f"the idea is by {author}, whose role is **{project.idea_role or 'not known'}**"


def short(project: Project) -> str:
    """The same in a cell of a table."""
    return f"approval of {project.gate.stage}" if project.gate is not None else ""


def gated(project: Project, task: Task) -> bool:
    """Whether a task waits for an approval of its stage."""
    return project.gate is not None and project.gate.stage.value == task.workflow.value


def standing(project: Project) -> str:
    """A project's status, as people read it."""
    return "waits for approval" if project.status is ProjectStatus.WAITING else project.status.value


def placed(project: Project) -> str:
    """Where it stands, for a sentence that begins with "it is": ``in review, in the stage content``."""
    match project.status:
        case ProjectStatus.COMPLETE:
            return "complete"
        case ProjectStatus.FAILED:
            return f"dropped, in the stage {project.stage}"
        case ProjectStatus.WAITING:
            return f"waiting for approval, in the stage {project.stage}"
        case ProjectStatus.REVIEW:
            return f"in review, in the stage {project.stage}"
        case status:
            return f"{status}, in the stage {project.stage}"


def asks(draft: Draft, project: Project) -> str:
    """The question in the project's thread."""
    gate = project.gate
    if gate is None:
        return f"`{project.id}` does not wait for approval any more."
    role = approver(draft.config.commands)
    points = [
        *_ready(draft, project, gate.stage),
        f"What follows: {_follows(draft, project, gate.stage)}.",
        f"Somebody with the role **{role}** lets it go on: `/approve {project.id}`.",
        f"If it shall not: `/emergency-stop {project.id}` holds it, `/discard {project.id}` drops it.",
    ]
    stage = gate.stage.capitalize()
    head = f"**Waits for approval:** `{project.id}` enters **{stage}** when somebody approves that."
    return f"{head}\n\n" + "\n".join(f"- {point}" for point in points)


def _ready(draft: Draft, project: Project, stage: Stage) -> list[str]:
    if stage is Stage.GENESIS:
        least = draft.config.texts.role
        idea = idea_of(project)
        return [f"{upper(idea)}; `texts.role` asks for **{least}**.", f"Its title: {escape(project.title)}"]
    found = [f"Its repository: [{code(project.repository)}](<{project.home_url}>)"]
    if not project.repository:
        found = []
    if stage is Stage.CONTENT and project.deployment_url:
        found.append(f"It answers at <{project.deployment_url}>")
    return found


def _follows(draft: Draft, project: Project, stage: Stage) -> str:
    output = draft.genesis.get(project.id)
    if stage is not Stage.DEVELOPMENT or output is None:
        return _NEXT.get(stage, f"its {stage}")
    return f"agents develop its {plural(len(output.issues), 'issue')}, then it is deployed"


def entered(draft: Draft, project_id: str, stage: Stage) -> str:
    """The reply to ``/approve`` of a stage: what goes on, and who has it."""
    project = draft.projects[project_id]
    head = f"**Approved:** `{project.id}` may enter {stage.capitalize()}."
    if project.stop is not None:
        return f"{head} It is stopped, though: `/resume {project.id}` lets it go on."
    return f"{head}\n\n" + _tasks([task for task in project.tasks if task.workflow.value == stage.value])


def _tasks(tasks: Sequence[Task]) -> str:
    """Where tasks stand, those with a worker first."""
    order = sorted(tasks, key=lambda task: (not task.status.held, task.status is not TaskStatus.QUEUED))
    rows = [f"- {code(task.id)}: {_standing(task)}" for task in order[:SHOWN]]
    more = len(order) - SHOWN
    return "\n".join([*rows, *([f"- and {plural(more, 'more task')}"] if more > 0 else [])])


def _standing(task: Task) -> str:
    if task.status.held:
        return f"with `{task.worker}` now"
    waits = {
        TaskStatus.QUEUED: f"queued for {task.workflow}",
        TaskStatus.WAITING: "waits for what it depends on",
        TaskStatus.STOPPED: "held, because its project is stopped",
        TaskStatus.REVIEW: "in review",
    }
    return waits.get(task.status, task.status.value)


def dropped(project: Project) -> str:
    """An approval of what was dropped."""
    return f"Not run: `{project.id}` was dropped. `/retry {project.id}` brings it back."


def nothing_waits(draft: Draft, project: Project) -> str:
    """Nothing waits: what was approved before, by whom, and when."""
    text = f"Not run: `{project.id}` waits for nobody's approval."
    given = approvals(project)
    day = next((one for one in used_up(draft) if one.which is Which.SPEND_PER_DAY), None)
    if day is not None:
        given.append("Today's budget for agents is used up: `/approve budget` allows more")
    return " ".join([text, *(f"{one}." for one in given)])


def approvals(project: Project) -> list[str]:
    """Everything that people let this project do, each a sentence without its full stop."""
    stages = [
        f"{one.stage.capitalize()} was approved by {code(one.by)} ({one.role}) at {clock(one.at)}"
        for one in project.approvals
    ]
    return [*stages, *(_given(one) for one in project.allowances)]


def _given(one: Allowance) -> str:
    of = f" for {code(one.task)}" if one.task else ""
    return f"{money(one.dollars)} more{of} were allowed by {code(one.by)} ({one.role}) at {clock(one.at)}"


def allowed(draft: Draft, project_id: str, given: Sequence[Allowance]) -> str:
    """The reply to ``/approve`` of a project that a budget of its own held."""
    project = draft.projects[project_id]
    lines = [_allowed(draft, project, one) for one in given]
    wanted = {one.task for one in given if one.task}
    tasks = [task for task in project.tasks if (task.id in wanted if wanted else not task.over)]
    held = next(used_up(draft), None)
    if held is not None:
        lines.append(f"Nothing starts all the same while another budget is used up (`{held.which.key}`).")
    points = "\n".join(f"- {line}" for line in lines)
    return f"**Approved:** `{project.id}` may cost more.\n\n{points}\n\n{_tasks(tasks)}".rstrip()


def _allowed(draft: Draft, project: Project, one: Allowance) -> str:
    task = project.task(one.task)
    if task is not None:
        what, spent, limit = code(task.id), task.spend, task_limit(draft, project, task)
    else:
        what, spent, limit = "The project", project.spend, project_limit(draft, project)
    return f"{what}: {money(spent)} of {money(limit or 0)} spent ({money(one.dollars)} more than before)."


def allowed_today(draft: Draft, given: Allowance) -> str:
    """The reply to ``/approve budget``."""
    spent, limit = draft.usage.spent(draft.now), day_limit(draft)
    return (
        f"**Approved:** agents may cost {money(given.dollars)} more today (UTC): {money(spent)} of "
        f"{money(limit or 0)} spent. Tomorrow the budget is the configured one again."
    )


def day_not_used_up(draft: Draft) -> str:
    """Nobody has to allow more today."""
    limit = day_limit(draft)
    if limit is None:
        return "Not run: what agents may cost in a day has no limit (`budgets.spend_per_day`)."
    text = (
        f"Not run: today's budget for agents is not used up: {money(draft.usage.spent(draft.now))} of "
        f"{money(limit)} spent."
    )
    given = draft.usage.today(draft.now).allowances
    return " ".join([text, *(f"{_given(one)}." for one in given)])
