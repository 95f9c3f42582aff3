"""Queue management: what waits, in which order, and who gets it."""

from __future__ import annotations

from bot.commands.spec import Command, Nothing, Outcome
from bot.render.queues import queues

COMMANDS = (
    Command(
        name="queues",
        summary="show every queue in order",
        family="Queues",
        access="reading",
        model=Nothing,
        examples=(("/queues", "each waiting task with its place"), ("/Queues", "the same")),
        run=lambda call: Outcome(ok=True, say=queues),
    ),
)
