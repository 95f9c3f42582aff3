"""Workflow coordination: starting a stage by hand."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.intake import enter, new_project
from bot.commands.spec import Command, Invocation, Needs, Outcome, Positional, Refused, Switch
from bot.domain.base import Frozen
from bot.domain.events import FoundRepository
from bot.domain.models import Project
from bot.domain.outputs import PlannedIssue
from bot.domain.vocabulary import ProjectStatus, Stage
from bot.policies import adopting
from bot.policies.lifecycle import enter_content
from bot.policies.planning import plan_development
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
    fresh = tuple(issue for issue in adopting.planned(found) if issue.number not in numbers)
    if not fresh:
        if not known:
            raise Refused(words.nothing_ready(found))
        return Outcome(ok=True, say=lambda after: words.under_way(after, known[-1].id, found))
    growing = next((project for project in known if adopting.open_for_more(project)), None)
    if growing is None:
        return _adopt(call, found, fresh)
    added = adopting.add_issues(call.draft, growing, fresh)
    return Outcome(ok=True, say=lambda after: words.added(after, growing.id, len(fresh), added))


def _adopt(call: Invocation, found: FoundRepository, issues: tuple[PlannedIssue, ...]) -> Outcome:
    """A project that begins in Development."""
    draft, event = call.draft, call.event
    title = found.full_name.rpartition("/")[2]
    project = new_project(draft, event, title, found.description or title).model_copy(
        update={
            "repository": found.full_name,
            "repository_url": found.url,
            "stage": Stage.DEVELOPMENT,
        }
    )
    output = adopting.output_of(found, issues)
    draft.genesis[project.id] = output
    tasks = plan_development(project, output, draft.now)
    enter(draft, project.model_copy(update={"tasks": tasks}), event.id)
    return Outcome(ok=True, say=lambda after: words.adopted(after, project.id, len(issues)))


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
    enter_content(call.draft, project)
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
