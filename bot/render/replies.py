"""Replies to commands, right and wrong, and the notices that the bot posts by itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.draft import Draft
from bot.domain.models import Project, QueueName, Task, TaskStatus
from bot.domain.outputs import Priority
from bot.render.choices import chosen
from bot.render.starts import standstill
from bot.render.text import LIMIT, block, code, escape, fitted, plural


def together(sections: Sequence[tuple[str, str]]) -> str:
    """One reply for all commands of a comment: (line as typed, answer) each."""
    if len(sections) == 1:
        return _cut(sections[0][1], LIMIT)
    room = LIMIT // len(sections)
    return "\n\n---\n\n".join(_cut(f"{code(typed)}\n\n{answer}", room) for typed, answer in sections)


def _cut(text: str, most: int) -> str:
    head, *rows = text.split("\n")
    return text if len(text) <= most else fitted(head, rows, most=most)


def unknown(name: str, nearest: Sequence[str], prefix: str) -> str:
    """No command has this name."""
    meant = " or ".join(f"`{prefix}{known}`" for known in nearest)
    hint = f"Did you mean {meant}? " if meant else ""
    return f"There is no command {code(prefix + name)}. {hint}`{prefix}help` lists all commands."


def mistake(usage: str, example: str, given: str, expected: str) -> str:
    """A known command with wrong arguments."""
    got = "nothing" if given == "nothing" else code(given)
    return f"Not run: given {got}, expected {expected}.\n\nUsage: `{usage}`\nFor example: `{example}`"


def forbidden(name: str, needed: str, role: str, actor: str) -> str:
    """The commenter's role is too low."""
    return (
        f"Not run: `{name}` needs the role **{needed}** in this repository, and {code(actor)} has **{role}**."
        " Ask somebody with that role to post it, or an administrator to change `commands.roles` in "
        "`.github/orchestrator.yml`."
    )


def too_many(most: int, left: int) -> str:
    """A comment with more commands than one comment may hold."""
    return f"{plural(left, 'more command')} not run: one comment may hold {most}. Post the rest again."


def edited() -> str:
    """The comment was changed before anybody read it."""
    return "Not run: this comment was edited before it was read. Please post it again as a new comment."


def too_old(age: str, limit: str) -> str:
    """The comment was found long after it was posted."""
    return (
        f"Not run: this comment is {age} old, and commands older than {limit} are not run any more "
        "(`commands.max_age_hours`). If it is still wanted, post it again."
    )


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


def acted(text: str, before: str) -> str:
    """The end of an acting command's reply: the status that it acted on."""
    return f"{text}\n\n<sub>Acted on: {before}</sub>"


def queued(draft: Draft, project_id: str, source: str) -> str:
    """A project was taken in: where its work stands after everything was settled."""
    project = draft.projects[project_id]
    task = project.tasks[0]
    where = f"#{project.issue}" if project.issue else "an issue of its own, which is being filed now"
    facts = [
        f"**{escape(project.title)}** is project `{project.id}`, on {where}.",
        "",
        f"- {_standing(draft, task, project.priority)}",
        f"- Priority **{project.priority}**, size **{project.size}**{_choices(project)}.",
        f"- The idea is {source}.",
        "- Genesis scaffolds a repository and files its issues; you will be told here.",
    ]
    return "\n".join(facts)


def _choices(project: Project) -> str:
    chosen = [("stack", project.stack), ("region", project.region)]
    return "".join(f", {name} {code(value)}" for name, value in chosen if value)


def _standing(draft: Draft, task: Task, priority: Priority) -> str:
    if task.status is TaskStatus.QUEUED:
        order = [item.task for item in draft.ordered(QueueName(task.workflow.value))]
        place = order.index(task.id) + 1
        ahead = f"{plural(place - 1, 'task')} ahead of it" if place > 1 else "it is next"
        return f"Queued for {task.workflow}: {ahead}; {standstill(draft, task.workflow, priority)}."
    if task.worker:
        return f"Assigned to `{task.worker}`{chosen(task.choice)}."
    return f"Its first task is {task.status}."


def project_issue(project: Project, asked_on: int) -> tuple[str, str]:
    """Title and body of the issue that a further project on one issue gets."""
    title = project.title.replace("@", "@\u200b")
    body = f"Asked for by {code(project.requester)} in #{asked_on}, as project `{project.id}`.\n\n"
    return title, body + block(project.idea, 50_000)
