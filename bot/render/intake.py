"""New projects in words: taken in, from a list, or not."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.vocabulary import QueueName, TaskStatus
from bot.render.approving import upper, waiting
from bot.render.choices import chosen
from bot.render.starts import standstill
from bot.render.text import code, escape, fitted, plural, table


def file_problem(path: str, problem: str) -> str:
    """The file that a command names cannot be used."""
    return (
        f"Not queued: {code(path)} {problem}. Name a text file of this repository's default branch, "
        "or write the idea itself after the command."
    )


def no_idea() -> str:
    """Nothing to go on."""
    return (
        "Not queued: there is no idea. Write it after the command, for example "
        "`/dispatch-genesis A web page that says hello`, or describe it in the issue's body."
    )


def idea_and_list() -> str:
    """Two inputs."""
    return (
        "Not queued: given an idea and `--file`, expected one of them. Write the idea into the list, or post "
        "a second command."
    )


def empty_list(path: str) -> str:
    """A list without an idea."""
    return (
        f"Not queued: {code(path)} lists nothing. Write one idea an item, for example "
        "`- A web page that says hello`."
    )


def queued(draft: Draft, project_id: str, source: str) -> str:
    """A project was taken in: where its work stands after everything was settled."""
    project = draft.projects[project_id]
    task = project.tasks[0]
    where = f"#{project.issue}" if project.issue else "an issue of its own, which is being filed now"
    facts = [
        f"**{escape(project.title)}** is project `{project.id}`, on {where}.",
        "",
        f"- {_standing(draft, project, task)}",
        f"- Priority **{project.priority}**, size **{project.size}**{_choices(project)}.",
        f"- The idea is {source}.",
        "- Genesis scaffolds a repository and files its issues; you will be told here.",
    ]
    return "\n".join(facts)


def _choices(project: Project) -> str:
    wishes = [("stack", project.stack), ("region", project.region)]
    return "".join(f", {name} {code(value)}" for name, value in wishes if value)


def _standing(draft: Draft, project: Project, task: Task) -> str:
    if project.stop is not None:
        return "Held, because everything is stopped (`/emergency-stop all`): `/resume all` lets it go on."
    if task.status is TaskStatus.QUEUED:
        order = [item.task for item in draft.ordered(QueueName(task.workflow.value))]
        place = order.index(task.id) + 1
        ahead = f"{plural(place - 1, 'task')} ahead of it" if place > 1 else "it is next"
        return f"Queued for {task.workflow}: {ahead}; {standstill(draft, task.workflow, project.priority)}."
    if project.gate is not None:
        return f"{upper(waiting(draft, project))}."
    if task.worker:
        return f"Assigned to `{task.worker}`{chosen(task.choice)}."
    return f"Its first task is {task.status}."


def queued_list(
    draft: Draft, path: str, ids: Sequence[str], wrong: Sequence[tuple[str, str]], left: Sequence[str]
) -> str:
    """Projects from a list: what became of each item."""
    head = f"{plural(len(ids), 'project')} from {code(path)}" if ids else f"No project from {code(path)}"
    projects = [draft.projects[id_] for id_ in ids]
    lines = table(["project", "title", "issue", "priority", "now"], (_listed(draft, one) for one in projects))
    rows = lines.split("\n") if ids else []
    notes = [f"- Not queued: {escape(title)}: {escape(problem, 300)}." for title, problem in wrong]
    if left:
        names = ", ".join(escape(title, 60) for title in left[:20])
        notes.append(
            f"- Not queued: {plural(len(left), 'more item')}; one command takes {len(ids) + len(wrong)}: "
            f"{names}{', …' if len(left) > 20 else ''}. Put them into a list of their own."
        )
    return fitted(f"**{head}.**\n", [*rows, *(["", *notes] if notes else [])])


def _listed(draft: Draft, project: Project) -> list[str]:
    issue = f"#{project.issue}" if project.issue else "being filed"
    task = project.tasks[0]
    waits = "waits for approval" if project.gate else task.status.value
    now = f"with `{task.worker}`" if task.worker else "held" if project.stop else waits
    return [code(project.id), escape(project.title, 60), issue, project.priority.value, now]
