"""The budgets of a play: what was started, held and spent, and how much more may start."""

from __future__ import annotations

from bot.domain.usage import COUNTS, total
from bot.policies.forecast.world import Idea, World
from bot.policies.guards.budgets import room

_DAY = 86_400
_COUNTS = int(COUNTS.total_seconds())


class Spending:
    """What the budgets are held against; moments are seconds since 1970."""

    def __init__(self, world: World) -> None:
        """As it stands at the beginning."""
        self._budgets, self._day_limit = world.config.budgets, world.day_limit
        self._configured = world.config.budgets.spend_per_day
        self._money_alone = self._budgets.tasks_per_hour is None and self._budgets.running is None
        self.unlimited = self._money_alone and self._day_limit is None
        usage = world.draft.usage
        self._starts = [[int(one.at.timestamp()), one.count] for one in usage.starts]
        self._day = self._first = world.now // _DAY
        self._spent = usage.spent(world.draft.now)
        self.held = sum(one.assignment is not None for one in world.draft.instances.values())
        self.spent = [idea.project.spend for idea in world.ideas]
        """US dollars of each project."""
        self.broken = {idea.number for idea in world.ideas if self._broke(idea)}
        """Projects that have used up their own budget."""

    def left(self, at: int) -> int | None:
        """How many tasks may still start; None: any number."""
        if self.unlimited:
            return None
        if self._money_alone:
            return 0 if self._spent_up(at) else None
        started = sum(count for minute, count in self._starts if minute + _COUNTS > at)
        return room(self._budgets, started, self.held, spent=self._spent_up(at))

    def start(self, at: int, count: int) -> None:
        """So many were started now."""
        if self._budgets.tasks_per_hour is not None and count:
            self._starts = [one for one in self._starts if one[0] + _COUNTS > at]
            self._starts.append([at - at % 60, count])

    def book(self, idea: Idea, dollars: float, at: int) -> None:
        """An attempt has cost so much."""
        if dollars:
            self._spent = total(self._today(at), dollars)
            self.spent[idea.number] = total(self.spent[idea.number], dollars)
            if self._broke(idea):
                self.broken.add(idea.number)

    def _broke(self, idea: Idea) -> bool:
        return idea.limit is not None and self.spent[idea.number] >= idea.limit

    def opens(self, at: int) -> int | None:
        """When a budget that frees by itself may do so next."""
        moments = [minute + _COUNTS for minute, _ in self._starts if minute + _COUNTS > at]
        if self._budgets.tasks_per_hour is None:
            moments = []
        if self._spent_up(at):
            moments.append((at // _DAY + 1) * _DAY)
        return min(moments, default=None)

    def _spent_up(self, at: int) -> bool:
        limit = self._limit(at)
        return limit is not None and self._today(at) >= limit

    def _limit(self, at: int) -> float | None:
        """What people allowed beyond it counts for the first day alone."""
        return self._day_limit if at // _DAY == self._first else self._configured

    def _today(self, at: int) -> float:
        if at // _DAY != self._day:
            self._day, self._spent = at // _DAY, 0.0
        return self._spent
