"""``/help``, and what the help, the documentation and the roles take from the table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands.parser import nearest
from bot.commands.spec import Command, Invocation, Outcome, Positional
from bot.domain.base import Frozen
from bot.domain.config import Commands
from bot.render import help as help_text
from bot.render import replies


class Help(Frozen):
    """Arguments of ``/help``."""

    command: Annotated[str, Positional(), Field(description="the command to show in full")] = ""


def entry(command: Command, settings: Commands) -> help_text.Entry:
    """What the help shows of a command."""
    return help_text.Entry(
        name=command.name,
        usage=command.usage(settings.prefix),
        summary=command.summary,
        family=command.family,
        role=role_for(command, settings),
        parameters=tuple((parameter.usage, parameter.help) for parameter in command.parameters),
        examples=tuple((settings.prefix + typed.removeprefix("/"), does) for typed, does in command.examples),
        details=command.details,
    )


def role_for(command: Command, settings: Commands) -> str:
    """The least role that may give a command."""
    default = settings.reading if command.access == "reading" else settings.working
    return settings.least(command.name, default, command.role)


def _help(call: Invocation) -> Outcome:
    settings = call.draft.config.commands
    name = call.args.command.lower().removeprefix(settings.prefix.strip()).removeprefix("/")
    if not name:
        shown = help_text.overview([entry(command, settings) for command in call.table.values()])
    elif name in call.table:
        shown = help_text.page(entry(call.table[name], settings))
    else:
        unknown = replies.unknown(name, nearest(name, "", call.table), settings.prefix)
        return Outcome(ok=False, say=lambda draft: unknown)
    return Outcome(ok=True, say=lambda draft: shown)


COMMANDS = (
    Command(
        name="help",
        summary="list the commands, or show one",
        family="Monitoring",
        access="reading",
        model=Help,
        examples=(
            ("/help", "lists all commands"),
            ("/help dispatch-genesis", "shows one with its arguments"),
        ),
        run=_help,
    ),
)
