"""Workflow coordination: taking projects in."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from bot.commands.naming import project_id, title_of
from bot.commands.spec import Command, Flag, Invocation, Needs, Outcome, Positional, Refused
from bot.domain.base import Frozen
from bot.domain.effects import OpenIssue
from bot.domain.events import CommentCreated, FileText
from bot.domain.models import Project
from bot.domain.outputs import Priority, Size
from bot.policies.lifecycle import begin
from bot.render import replies

_FILE = re.compile(r"(\./|/)?[\w.-]+(/[\w.-]+)*\.(md|markdown|txt|rst|adoc)", re.IGNORECASE)
_URL = re.compile(r"https?://\S+/blob/\S+", re.IGNORECASE)


class DispatchGenesis(Frozen):
    """Arguments of ``/dispatch-genesis``."""

    input: Annotated[
        str,
        Positional(rest=True),
        Field(
            description="the idea; or a file of this repository, as a path or URL; empty: this issue's text"
        ),
    ] = ""
    size: Annotated[Size, Flag("SIZE"), Field(description="routes it to a worker for that size")] = (
        Size.STANDARD
    )
    stack: Annotated[
        str, Flag("NAME"), Field(description="what to build with; left out: Genesis chooses", max_length=40)
    ] = ""
    region: Annotated[str, Flag("NAME"), Field(description="where it should run", max_length=40)] = ""
    priority: Annotated[Priority, Flag("LEVEL"), Field(description="how soon it is wanted")] = Priority.NORMAL


def _source(args: DispatchGenesis) -> str | None:
    """The file that the input names, or None where it is the idea itself or empty."""
    return args.input if _FILE.fullmatch(args.input) or _URL.fullmatch(args.input) else None


def _needs(args: DispatchGenesis) -> Needs:
    source = _source(args)
    return Needs(issue_text=not args.input, files=(source,) if source else ())


def _dispatch(call: Invocation) -> Outcome:
    args: DispatchGenesis = call.args
    source = _source(args)
    if source:
        file = next((file for file in call.event.files if file.path == source), None)
        if file is None or file.text is None:
            raise Refused(replies.file_problem(source, file.problem if file else "could not be read"))
        return _take_in(call, _titled(file), file.text, f"the file `{file.path}`")
    if args.input:
        return _take_in(call, title_of(args.input), args.input, "the text after the command")
    text = call.event.issue_text
    if text is None or not (text.title.strip() or text.body.strip()):
        raise Refused(replies.no_idea())
    title = title_of(text.title or text.body)
    return _take_in(call, title, f"{text.title}\n\n{text.body}".strip(), "this issue's title and body")


def _titled(file: FileText) -> str:
    return title_of(file.text or "")


def _take_in(call: Invocation, title: str, idea: str, source: str) -> Outcome:
    draft, event, args = call.draft, call.event, call.args
    if not idea.strip():
        raise Refused(replies.no_idea())
    project = _project(draft.projects, event, title, idea, args).model_copy(
        update={"created_at": draft.now, "updated_at": draft.now}
    )
    begin(draft, project)
    if project.issue is None:
        draft.emit(event.id, OpenIssue(project=project.id))
    return Outcome(ok=True, say=lambda after: replies.queued(after, project.id, source))


def _project(
    taken: dict[str, Project], event: CommentCreated, title: str, idea: str, args: DispatchGenesis
) -> Project:
    """The first project of an issue has the issue for its own; a further one gets another."""
    occupied = any(project.issue == event.issue for project in taken.values())
    return Project(
        id=project_id(title, event.issue, taken),
        title=title,
        idea=idea,
        issue=None if occupied else event.issue,
        asked_on=event.issue,
        requester=event.actor,
        priority=args.priority,
        size=args.size,
        stack=args.stack,
        region=args.region,
        created_at=event.at,
        updated_at=event.at,
    )


COMMANDS = (
    Command(
        name="dispatch-genesis",
        summary="queue a new project for Genesis",
        family="Projects",
        access="working",
        model=DispatchGenesis,
        examples=(
            ("/dispatch-genesis A web page that says hello and counts clicks", "queues that idea"),
            (
                "/dispatch-genesis docs/idea.md --size large --priority high",
                "queues what the file asks for, as a large project, ahead of normal ones",
            ),
        ),
        run=_dispatch,
        needs=_needs,
        details="On an issue that carries a project already, the new project gets an issue of its own.",
    ),
)
