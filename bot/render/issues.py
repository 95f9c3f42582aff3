"""Answers to what people do to issues besides commenting."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.events.asked import IssueChanged
from bot.domain.models import Project
from bot.render.text import clock, code, span


def planned_in(project: Project, branch: str) -> str:
    """The beginning of a project's issue where the repository holds others, too."""
    whose = f"{code(project.id)} (#{project.issue})" if project.issue else code(project.id)
    return f"An issue of the project {whose}, which lives on the branch {code(branch)} of this repository."


def owned(label: str) -> str:
    """A label that is the bot's was set or removed by hand."""
    kind = label.partition(":")[0]
    return (
        f"`{kind}:` labels show what the orchestrator knows, so {code(label)} is put back as it was. "
        "Yours to set are `priority:` labels; `/help` lists what else you can do. (This is said once.)"
    )


def may_not_prioritise(event: IssueChanged, needed: str) -> str:
    """A priority label by somebody whose role is too low."""
    return (
        f"Setting a priority needs the role **{needed}**, and {code(event.actor)} has **{event.role}**, so "
        f"{code(event.label)} is put back as it was. (This is said once.)"
    )


def may_not_ask(actor: str, role: str, needed: str, label: str) -> str:
    """A project asked for by somebody whose role is too low."""
    return (
        f"Thank you for the idea. Starting a project needs the role **{needed}**, and {code(actor)} has "
        f"**{role}**. Somebody with that role can start it: comment `/dispatch-genesis` here, or take the "
        f"label {code(label)} off and put it on again."
    )


def may_not_close(event: IssueChanged, project_id: str, needed: str) -> str:
    """A project's issue closed by somebody whose role is too low to stop it."""
    return (
        f"`{project_id}` goes on although {code(event.actor)} closed this issue: stopping a project needs "
        f"the role **{needed}**, and {code(event.actor)} has **{event.role}**. Somebody with that role can "
        f"comment `/emergency-stop {project_id}`. (This is said once.)"
    )


def closing(draft: Draft, project_id: str) -> str:
    """The question when a project's issue was closed."""
    project = draft.projects[project_id]
    due = project.closing
    if due is None:
        return f"`{project_id}` goes on."
    return (
        f"This issue was closed by {code(due.by)}. Shall `{project_id}` stop? It stops at {clock(due.due)} "
        f"(in {span(due.due - draft.now)}), unless you reopen the issue.\n\n"
        f"- `/emergency-stop {project_id}` stops it now.\n"
        f"- `/resume {project_id}` lets it go on although its issue is closed."
    )
