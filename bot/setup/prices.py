"""What the ways to run the monitor cost in a private repository; docs/monitor.md says how it is counted."""

from __future__ import annotations

from bot.domain.watch import Mode

MINUTES = {Mode.LOOP: 43_200, Mode.CRON: 8_640, Mode.EVENTS: 720}
"""Billed minutes of a month of 30 days."""
A_MINUTE = 0.006
"""US dollars for a minute of a hosted Linux runner."""
_LOOKS = {
    Mode.LOOP: "looks every 30 seconds",
    Mode.CRON: "looks every five minutes, when GitHub keeps its schedule",
    Mode.EVENTS: "looks once an hour, and after what people and workers do",
}


def usual(*, private: bool) -> Mode:
    """The mode for somebody who chooses none: the best where minutes are free, else the cheapest."""
    return Mode.EVENTS if private else Mode.LOOP


def price(mode: Mode, *, private: bool) -> str:
    """A mode in one line, with its price for this repository."""
    minutes = MINUTES[mode]
    costs = f"about {minutes:,} minutes a month on GitHub's runners: ${minutes * A_MINUTE:,.2f}"
    free = "free: the repository is public"
    return f"{_LOOKS[mode]} ({costs if private else free})"
