"""Workflow coordination: taking new projects in."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from bot.commands.intake import take_in
from bot.commands.listing import ideas
from bot.commands.naming import title_of
from bot.commands.parser import Wrong, arguments
from bot.commands.spec import Command, Flag, Invocation, Needs, Outcome, Positional, Refused
from bot.domain.base import Frozen
from bot.domain.events.looked_up import IssueText
from bot.domain.models import Project
from bot.domain.outputs import Priority, Size
from bot.render import intake as words

_FILE = re.compile(r"(\./|/)?[\w.-]+(/[\w.-]+)*\.(md|markdown|txt|rst|adoc)", re.IGNORECASE)
_URL = re.compile(r"https?://\S+/blob/\S+", re.IGNORECASE)
MOST = 50
"""Projects of one list."""


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
    file: Annotated[
        str,
        Flag("PATH"),
        Field(
            description="a file that lists several ideas: each item of its list is a project", max_length=500
        ),
    ] = ""

    @property
    def options(self) -> dict[str, Any]:
        """What a project is taken in with."""
        given = {"priority": self.priority} if "priority" in self.model_fields_set else {}
        return {"size": self.size, "stack": self.stack, "region": self.region, **given}


def _source(args: DispatchGenesis) -> str | None:
    """The file that the input names, or None where it is the idea itself or empty."""
    return args.input if _FILE.fullmatch(args.input) or _URL.fullmatch(args.input) else None


def _needs(args: DispatchGenesis) -> Needs:
    named = args.file or _source(args)
    unnamed = not args.input and not args.file
    return Needs(issue_text=unnamed, files=(named,) if named else (), priorities=True)


def _dispatch(call: Invocation) -> Outcome:
    args: DispatchGenesis = call.args
    if args.file:
        return _dispatch_list(call)
    if source := _source(args):
        text = _text(call, source)
        return _take_in(call, title_of(text), text, f"the file `{source}`")
    if args.input:
        return _take_in(call, title_of(args.input), args.input, "the text after the command")
    issue = call.event.issue_text
    if issue is None or not (issue.title.strip() or issue.body.strip()):
        raise Refused(words.no_idea())
    title = title_of(issue.title or issue.body)
    idea = f"{issue.title}\n\n{issue.body}".strip()
    return _take_in(call, title, idea, "this issue's title and body", issue)


def _text(call: Invocation, path: str) -> str:
    """A file's text, which the settling run has looked up. Raises Refused."""
    file = next((file for file in call.event.files if file.path == path), None)
    if file is None or file.text is None:
        raise Refused(words.file_problem(path, file.problem if file else "could not be read"))
    return file.text


def _take_in(
    call: Invocation, title: str, idea: str, source: str, written: IssueText | None = None
) -> Outcome:
    if not re.search(r"\w", idea):
        raise Refused(words.no_idea())
    project = take_in(call.draft, call.event, title, idea, written=written, **call.args.options)
    return Outcome(ok=True, say=lambda after: words.queued(after, project.id, source))


def _dispatch_list(call: Invocation) -> Outcome:
    """Each idea of a list is a project; a wrong one does not stop the others."""
    args: DispatchGenesis = call.args
    if args.input:
        raise Refused(words.idea_and_list())
    listed = ideas(_text(call, args.file))
    if not listed:
        raise Refused(words.empty_list(args.file))
    taken: list[str] = []
    wrong: list[tuple[str, str]] = []
    for idea in listed[:MOST]:
        try:
            taken.append(_listed(call, idea).id)
        except Wrong as error:
            wrong.append((title_of(idea), str(error)))
    left = [title_of(idea) for idea in listed[MOST:]]
    return Outcome(
        ok=bool(taken),
        say=lambda after: words.queued_list(after, args.file, taken, wrong, left),
    )


def _listed(call: Invocation, idea: str) -> Project:
    """One idea, its first line read like the text after the command. Raises Wrong."""
    first, _, below = idea.partition("\n")
    line: DispatchGenesis = arguments(DISPATCH, first)
    if line.file:
        raise Wrong("--file", "an idea: a list cannot name another list")
    given = {name: value for name, value in line.options.items() if name in line.model_fields_set}
    text = f"{line.input}\n{below}".strip()
    return take_in(call.draft, call.event, title_of(line.input or below), text, **(call.args.options | given))


DISPATCH = Command(
    name="dispatch-genesis",
    summary="queue a new project for Genesis, or several from a list",
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
    details=(
        "On an issue that carries a project already, the new project gets an issue of its own.\n\n"
        "`--file docs/ideas.md` queues a project for each item of the list in that file. Lines below an "
        "item belong to it, and it may carry flags of its own; flags of the command count for the others."
    ),
)

COMMANDS = (DISPATCH,)
