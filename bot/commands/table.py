"""The table of commands: the one list that parsing, roles, help and documentation come from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.commands import monitoring, projects
from bot.commands.spec import Command

TABLE: Mapping[str, Command] = MappingProxyType(
    {command.name: command for command in (*projects.COMMANDS, *monitoring.COMMANDS)}
)
"""Name → command, in the order in which the help shows them."""
