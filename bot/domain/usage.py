"""What the budgets are held against: attempts started of late, and what agents have cost on each day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pydantic import Field

from bot.domain.approvals import Allowance
from bot.domain.base import Document, Frozen, Time

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
COUNTS = MINUTE + HOUR
"""How long attempts count that were started in a minute, from its beginning on."""
DAYS_LIMIT = 35
"""How many days ``metrics/usage.json`` keeps."""
CENTS = 6
"""Decimals of sums of money: agents are billed in fractions of a cent."""


class Starts(Frozen):
    """Attempts that were started in one minute, without those that were taken back before anybody began."""

    at: Time = Field(description="the minute's beginning")
    count: int = Field(ge=1)

    @property
    def counts_until(self) -> datetime:
        """When the last of them may be an hour old: never too early."""
        return self.at + COUNTS


class Used(Frozen):
    """What attempts have used besides money; None where nobody told it, which is not the same as nothing."""

    turns: int | None = Field(default=None, ge=0, description="of the agents")
    tokens: int | None = Field(default=None, ge=0, description="that went in and came out")
    seconds: int | None = Field(default=None, ge=0, description="from the claim to the report")

    def plus(self, more: Used) -> Used:
        """Together; what only one of them tells counts."""
        return Used(
            turns=_sum(self.turns, more.turns),
            tokens=_sum(self.tokens, more.tokens),
            seconds=_sum(self.seconds, more.seconds),
        )


def together(*used: Used | None) -> Used | None:
    """The sum of what is known; None where nothing is."""
    found = None
    for one in used:
        if one is not None:
            found = one if found is None else found.plus(one)
    return found


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


class Spent(Frozen):
    """What was spent on one calendar day, UTC."""

    day: date
    dollars: float = Field(ge=0)
    used: Used | None = Field(default=None, description="by the attempts that were reported on it")
    allowances: tuple[Allowance, ...] = Field(default=(), description="money beyond that day's budget")


class Usage(Document):
    """``metrics/usage.json``: bounded, and independent of how many attempts other files keep."""

    starts: tuple[Starts, ...] = Field(default=(), description="of the last hour, oldest first")
    days: tuple[Spent, ...] = Field(default=(), description="oldest first")

    def started(self, now: datetime) -> int:
        """Attempts that were started in the last hour."""
        return sum(one.count for one in self.starts if one.counts_until > now)

    def today(self, now: datetime) -> Spent:
        """What is known of the day of ``now``."""
        known = next((one for one in reversed(self.days) if one.day == now.date()), None)
        return known or Spent(day=now.date(), dollars=0.0)

    def spent(self, now: datetime) -> float:
        """US dollars spent on the day of ``now``."""
        return self.today(now).dollars

    def with_starts(self, now: datetime, count: int) -> Usage:
        """The same with more attempts started now; what is older than an hour is forgotten."""
        minute = now.replace(second=0, microsecond=0)
        kept = [one for one in self.starts if one.counts_until > now]
        if kept and kept[-1].at == minute:
            count += kept.pop().count
        return self.model_copy(update={"starts": (*kept, Starts(at=minute, count=count))})

    def without_start(self, at: datetime) -> Usage:
        """The same where an attempt that was to start at ``at`` never began: nothing was used."""
        minute = at.replace(second=0, microsecond=0)
        less = [one.model_copy(update={"count": one.count - (one.at == minute)}) for one in self.starts]
        if less == list(self.starts):
            return self
        return self.model_copy(update={"starts": tuple(one for one in less if one.count)})

    def with_attempt(self, now: datetime, dollars: float, used: Used | None) -> Usage:
        """The same with what an attempt has cost and used today."""
        known = self.today(now)
        more = {"dollars": total(known.dollars, dollars), "used": together(known.used, used)}
        return self._with_day(known.model_copy(update=more))

    def with_allowance(self, now: datetime, allowance: Allowance) -> Usage:
        """The same with more money allowed today."""
        known = self.today(now)
        return self._with_day(known.model_copy(update={"allowances": (*known.allowances, allowance)}))

    def _with_day(self, today: Spent) -> Usage:
        others = [one for one in self.days if one.day != today.day]
        days = sorted([*others, today], key=lambda one: one.day)
        return self.model_copy(update={"days": tuple(days[-DAYS_LIMIT:])})


def total(*dollars: float) -> float:
    """A sum of money without the noise of binary fractions."""
    return round(sum(dollars), CENTS)
