"""Workflow coordination: starting a stage by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.intake import enter, new_project
from bot.commands.spec import Command, Invocation, Needs, Outcome, Positional, Refused, Switch
from bot.domain.base import Frozen
from bot.domain.draft import Draft
from bot.domain.events.looked_up import FoundIssue, FoundRepository
from bot.domain.gates import approver, below, waits_for_person
from bot.domain.models import Project
from bot.domain.outputs import PlannedIssue
from bot.domain.vocabulary import ProjectStatus, Stage
from bot.policies.projects import adopting, gates
from bot.policies.projects.lifecycle import enter_content
from bot.policies.projects.planning import plan_development
from bot.render import triggers as words

_NAME = re.compile(
    r"(?:https?://[^/\s]+/|git@[^:\s]+:)?([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+?)(?:\.git)?/?", re.ASCII
)


class TriggerDevelopment(Frozen):
    """Arguments of ``/trigger-development``."""

    repo_url: Annotated[str, Positional(), Field(description="the repository, as URL or `owner/name`")]


class TriggerContent(Frozen):
    """Arguments of ``/trigger-content``."""

    project_id: Annotated[
        str, Positional(), Field(description="the project; left out: the project of this issue")
    ] = ""
    force: Annotated[bool, Switch(), Field(description="although it is not deployed yet")] = False


def _name(args: TriggerDevelopment) -> str | None:
    found = _NAME.fullmatch(args.repo_url)
    return found[1] if found else None


def _needs(args: TriggerDevelopment) -> Needs:
    name = _name(args)
    return Needs(repositories=(name,) if name else (), priorities=name is not None)


def _development(call: Invocation) -> Outcome:
    name = _name(call.args)
    if name is None:
        raise Refused(words.no_repository(call.args.repo_url, call.example))
    found = next((one for one in call.event.repositories if one.full_name.lower() == name.lower()), None)
    if found is None or found.problem:
        raise Refused(words.unreadable(name, found.problem if found else "could not be looked up"))
    known = adopting.of_repository(call.draft, found.full_name)
    numbers = adopting.known_numbers(call.draft, found.full_name)
    held = _held(call, found, numbers)
    passed = {issue.number for issue in held}
    left = numbers | passed | adopting.being_filed(call.draft, found) | adopting.archived(call.draft, found)
    fresh = tuple(issue for issue in adopting.planned(found) if issue.number not in left)
    note = words.left_out(call.draft, held)
    if not fresh and held:
        raise Refused(f"Not run: nothing else is left to take in. {note}")
    if not fresh:
        if not known:
            raise Refused(words.nothing_ready(found))
        return Outcome(ok=True, say=lambda after: words.under_way(after, known[-1].id, found))
    said = [
        _take_in(call, found, branch, issues)
        for branch, issues in adopting.by_branch(call.draft, found, fresh).items()
    ]
    return Outcome(ok=True, say=lambda after: words.with_note("\n\n".join(one(after) for one in said), note))


def _take_in(
    call: Invocation, found: FoundRepository, branch: str, issues: tuple[PlannedIssue, ...]
) -> Callable[[Draft], str]:
    """Issues of one branch join its project while that takes more; else they are a project."""
    known = [one for one in adopting.of_repository(call.draft, found.full_name) if one.branch == branch]
    growing = next((project for project in known if adopting.open_for_more(project)), None)
    if growing is None:
        return _adopt(call, found, branch, issues)
    added = adopting.add_issues(call.draft, growing, issues)
    return lambda after: words.added(after, growing.id, len(issues), added)


def _held(call: Invocation, found: FoundRepository, numbers: frozenset[int]) -> tuple[FoundIssue, ...]:
    """Issues by people whose words agents are not given, unless somebody gives them who may approve."""
    config = call.draft.config
    if not below(call.event.role, approver(config.commands)):
        return ()
    return tuple(
        issue
        for issue in found.issues
        if issue.number not in numbers and below(issue.author_role, config.texts.role)
    )


def _adopt(
    call: Invocation, found: FoundRepository, branch: str, issues: tuple[PlannedIssue, ...]
) -> Callable[[Draft], str]:
    """A project that begins in Development, or waits for somebody's approval before it does."""
    draft, event = call.draft, call.event
    others = adopting.of_repository(draft, found.full_name)
    before = next((one for one in reversed(others) if branch and one.branch == branch), None)
    title = before.title if before else found.full_name.rpartition("/")[2]
    project = new_project(draft, event, title, found.description or title).model_copy(
        update={
            "repository": found.full_name,
            "repository_url": found.url,
            "branch": branch,
            "shared": adopting.is_shared(draft, found.full_name),
            "stage": Stage.DEVELOPMENT,
        }
    )
    output = adopting.output_of(found, issues, draft.genesis.get(before.id) if before else None)
    draft.genesis[project.id] = output
    if waits_for_person(draft.config, project, Stage.DEVELOPMENT) and not _approves(call):
        enter(draft, project.model_copy(update={"stage": Stage.GENESIS}), event.id)
    else:
        tasks = plan_development(project, output, draft.now)
        enter(draft, project.model_copy(update={"tasks": tasks}), event.id)
        _approve(call, project.id, Stage.DEVELOPMENT)
    return lambda after: words.adopted(after, project.id, len(issues))


def _approves(call: Invocation) -> bool:
    """Whether starting a stage by hand says as much as ``/approve``: by somebody who may give that."""
    return not below(call.event.role, approver(call.draft.config.commands))


def _approve(call: Invocation, project_id: str, stage: Stage) -> None:
    """Remember that somebody who may approve has started a stage that would wait for that."""
    project = call.draft.projects[project_id]
    if waits_for_person(call.draft.config, project, stage):
        gates.approve(call.draft, project, stage, call.event.actor, call.event.role)


def _content(call: Invocation) -> Outcome:
    project = resolve.project(call, call.args.project_id)
    if project.status is ProjectStatus.FAILED:
        raise Refused(words.content_dropped(project))
    if project.stage in (Stage.CONTENT, Stage.COMPLETE):
        raise Refused(words.content_begun(project))
    if project.stage is Stage.GENESIS or not (project.deployment_url or call.args.force):
        raise Refused(words.not_deployed(project, call.example))
    if project.stop is not None:
        raise Refused(words.content_stopped(project))
    if waits_for_person(call.draft.config, project, Stage.CONTENT) and not _approves(call):
        raise Refused(words.content_waits(call.draft, project))
    _approve(call, project.id, Stage.CONTENT)
    enter_content(call.draft, call.draft.projects[project.id])
    return Outcome(ok=True, say=lambda after: words.content_started(after, project.id, _open(project)))


def _open(project: Project) -> int:
    return sum(not task.over for task in project.tasks)


COMMANDS = (
    Command(
        name="trigger-development",
        summary="start development of a repository",
        family="Projects",
        access="working",
        model=TriggerDevelopment,
        examples=(
            ("/trigger-development acme/todo-app", "its open `dev-ready` issues become tasks"),
            ("/trigger-development https://github.com/acme/todo-app", "the same, by its address"),
        ),
        run=_development,
        needs=_needs,
        details=(
            "A project of Genesis goes on to Development by itself; this is for repositories that were made "
            "elsewhere, and for issues that were added later. It can be given again: nothing is doubled."
        ),
    ),
    Command(
        name="trigger-content",
        summary="start the content of a deployed project",
        family="Projects",
        access="working",
        model=TriggerContent,
        examples=(
            ("/trigger-content todo-app-7", "queues documentation, marketing and social"),
            ("/trigger-content todo-app-7 --force", "does it before the project is deployed"),
        ),
        run=_content,
        details="A project goes on to Content by itself when it is deployed.",
    ),
)
