"""Taking work out and putting it back: stop, resume, retry, discard."""

from __future__ import annotations

from bot.commands.spec import Command

COMMANDS: tuple[Command, ...] = ()
