"""Instance management: the workers, their health, how many there are."""

from __future__ import annotations

from bot.commands.spec import Command, Nothing, Outcome
from bot.render.workers import instances

COMMANDS = (
    Command(
        name="instances",
        summary="list all workers and what they do",
        family="Workers",
        access="reading",
        model=Nothing,
        examples=(("/instances", "each worker with its state and task"), ("/Instances", "the same")),
        run=lambda call: Outcome(ok=True, say=instances),
    ),
)
