"""Requests to GitHub in words: what they were made for, and what waits while few are left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from bot.domain.figures import Hourly
from bot.domain.hours import SECONDS
from bot.domain.quota import Purpose, Shed
from bot.render.text import clock, plural

_NAMES = {
    Purpose.STATUS: "the pinned issue",
    Purpose.PROGRESS: "the texts of projects' progress",
    Purpose.VOTES: "the look at votes",
}
"""What may wait, in the order in which it does."""


def waiting(purposes: Collection[Purpose], until: datetime) -> str:
    """What waits, and until when."""
    names = [name for one, name in _NAMES.items() if one in purposes]
    listed = " and ".join([*([", ".join(names[:-1])] if names[1:] else []), *names[-1:]])
    return f"few API requests are left: {listed} wait{'s' if len(names) == 1 else ''} until {clock(until)}"


def saving(shed: Shed | None) -> str:
    """The paragraph of the pinned issue; empty where nothing waits."""
    if shed is None:
        return ""
    text = waiting(shed.purposes, shed.until)
    return (
        f"⏳ **{text[0].upper()}{text[1:]}**, when GitHub counts anew. Commands are answered, work goes on."
    )


def by_purpose(found: Hourly) -> str:
    """The line of ``/metrics``: what an hour's requests were for, and the most in one; may be empty."""
    if not found.purposes or not found.hours:
        return ""
    count = len(found.hours)
    per_hour = "" if count == 1 else " an hour, on average"
    listed = ", ".join(f"{purpose} {_each(made, count)}" for purpose, made in most_first(found.purposes))
    line = f"Requests by purpose{per_hour}: {listed}"
    totals = [sum(one.purposes.values()) for one in found.hours]
    if count == 1:
        return line
    begun = datetime.fromtimestamp(found.hours[totals.index(max(totals))].hour * SECONDS, UTC)
    return f"{line}; at most {plural(max(totals), 'request')} in one (from {begun:%H:%M} UTC)"


def most_first(purposes: Mapping[Purpose, int]) -> list[tuple[Purpose, int]]:
    """The most frequent first."""
    return sorted(purposes.items(), key=lambda one: (-one[1], one[0]))


def _each(made: int, count: int) -> str:
    each = made / count
    return f"{each:.0f}" if each >= 10 or made % count == 0 else f"{each:.1f}"
