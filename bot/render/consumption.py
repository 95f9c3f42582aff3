"""What attempts have used, in words that tell "not told" from nothing."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.usage import Used
from bot.render.budgets import money
from bot.render.text import plural, span


def consumed(dollars: float, used: Used | None) -> str:
    """``$1.25, 34 turns, 45 min of work; not told: tokens``: what no agent has told is said to be so."""
    known = used or Used()
    facts = {
        "cost": money(dollars) if dollars else "",
        "tokens": "" if known.tokens is None else f"{known.tokens:,} tokens",
        "turns": "" if known.turns is None else plural(known.turns, "turn"),
        "time": "" if known.seconds is None else f"{span(timedelta(seconds=known.seconds))} of work",
    }
    told = ", ".join(words for words in facts.values() if words)
    missing = ", ".join(name for name, words in facts.items() if not words)
    return "; ".join([told or "nothing was told", *([f"not told: {missing}"] if told and missing else [])])
