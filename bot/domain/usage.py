"""What the budgets are held against: attempts started of late, and what agents have cost on each day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import Field

from bot.domain.base import Document, Frozen, Time

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAYS_LIMIT = 35
"""How many days ``metrics/usage.json`` keeps."""
CENTS = 6
"""Decimals of sums of money: agents are billed in fractions of a cent."""


class Starts(Frozen):
    """Attempts that were started in one minute."""

    at: Time = Field(description="the minute's beginning")
    count: int = Field(ge=1)

    @property
    def counts_until(self) -> datetime:
        """When the last of them may be an hour old: never too early."""
        return self.at + MINUTE + HOUR


class Spent(Frozen):
    """What was spent on one calendar day, UTC."""

    day: date
    dollars: float = Field(ge=0)


class Usage(Document):
    """``metrics/usage.json``: bounded, and independent of how many attempts other files keep."""

    starts: tuple[Starts, ...] = Field(default=(), description="of the last hour, oldest first")
    days: tuple[Spent, ...] = Field(default=(), description="oldest first")

    def started(self, now: datetime) -> int:
        """Attempts that were started in the last hour."""
        return sum(one.count for one in self.starts if one.counts_until > now)

    def spent(self, now: datetime) -> float:
        """US dollars spent on the day of ``now``."""
        return next((one.dollars for one in reversed(self.days) if one.day == now.date()), 0.0)

    def with_starts(self, now: datetime, count: int) -> Usage:
        """The same with more attempts started now; what is older than an hour is forgotten."""
        minute = now.replace(second=0, microsecond=0)
        kept = [one for one in self.starts if one.counts_until > now]
        if kept and kept[-1].at == minute:
            count += kept.pop().count
        return self.model_copy(update={"starts": (*kept, Starts(at=minute, count=count))})

    def with_spend(self, now: datetime, dollars: float) -> Usage:
        """The same with more dollars spent today."""
        today = Spent(day=now.date(), dollars=total(self.spent(now), dollars))
        others = [one for one in self.days if one.day != today.day]
        days = sorted([*others, today], key=lambda one: one.day)
        return self.model_copy(update={"days": tuple(days[-DAYS_LIMIT:])})


def total(*dollars: float) -> float:
    """A sum of money without the noise of binary fractions."""
    return round(sum(dollars), CENTS)
