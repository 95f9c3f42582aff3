"""What is to happen in a play, moment by moment: seconds since 1970 and what happens then."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count

END, OPEN, BACK, FREED, MERGED, WAKE, LOOK, SETTLE = range(8)
"""In the order of one moment: ends of attempts, backoffs and trips, merges, budgets, looks; what follows."""
NEVER = 1 << 62
PATIENCE = 86_400
"""How long looks alone go on, in seconds, when nothing else is to happen: no rule waits for longer."""


class Agenda:
    """What is to come."""

    __slots__ = ("_due", "_events", "_first", "_live", "_look", "_number", "_until", "now")

    def __init__(self, now: int, look: int) -> None:
        """Nothing is to happen; somebody looks every ``look`` seconds."""
        self.now = self._first = now
        self._look, self._until = look, now + PATIENCE
        self._events: list[tuple[int, int, int, object]] = []
        self._number = count()
        self._live = 0
        self._due = NEVER
        """When the next look is to be."""

    def push(self, at: int, kind: int, what: object, order: int | None = None) -> None:
        """Something is to happen; ``order``: among others of its kind then, else as it was pushed."""
        heappush(self._events, (at, kind, next(self._number) if order is None else order, what))
        self._live += 1

    def look(self, at: int) -> None:
        """Have something looked at again by then, or as soon after that as somebody looks."""
        if at >= self._due:
            return
        due = self._first + -(-(max(at, self.now + 1) - self._first) // self._look) * self._look
        if due < self._due:
            self._due = due
            heappush(self._events, (due, LOOK, next(self._number), None))

    def happenings(self) -> Iterator[tuple[int, object]]:
        """What happens, also what is pushed meanwhile; at the end of each moment ``SETTLE``."""
        events = self._events
        while events and (self._live or events[0][0] <= self._until):
            now = self.now = events[0][0]
            if self._live:
                self._until = now + PATIENCE
            while events and events[0][0] == now:
                _, kind, _, what = heappop(events)
                if kind != LOOK:
                    self._live -= 1
                elif now == self._due:
                    self._due = NEVER
                yield kind, what
            yield SETTLE, None
