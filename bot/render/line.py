"""The whole system in one line: what acting replies end with."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.vocabulary import QueueName
from bot.render.controls import controls_line
from bot.render.workers import counted


def line(draft: Draft) -> str:
    """How long the queues are, what the workers do, what is switched off."""
    depths = ", ".join(f"{name} {len(draft.queue(name))}" for name in QueueName)
    parts = [f"Queues: {depths}", counted(draft.instances.values()), controls_line(draft)]
    return " · ".join(part for part in parts if part)
