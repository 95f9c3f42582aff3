"""Monitoring and analytics: how it goes, what stands in the way, when it will be done."""

from __future__ import annotations

from bot.commands.spec import Command, Nothing, Outcome
from bot.render.status import status

COMMANDS = (
    Command(
        name="status",
        summary="show how the whole system is doing",
        family="Monitoring",
        access="reading",
        model=Nothing,
        examples=(("/status", "queues, workers, the last 24 h, every project"), ("/STATUS", "the same")),
        run=lambda call: Outcome(ok=True, say=status),
    ),
)
