"""The table of commands: the one list that parsing, roles, help and documentation come from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.commands import (
    approving,
    controls,
    emergencies,
    explaining,
    forecasts,
    help,
    monitoring,
    projects,
    queues,
    stopping,
    triggers,
    workers,
)
from bot.commands.spec import Command

_FAMILIES = (
    projects,
    triggers,
    approving,
    stopping,
    queues,
    controls,
    workers,
    monitoring,
    explaining,
    forecasts,
    emergencies,
    help,
)

TABLE: Mapping[str, Command] = MappingProxyType(
    {command.name: command for family in _FAMILIES for command in family.COMMANDS}
)
"""Name → command, in the order in which the help shows them."""
