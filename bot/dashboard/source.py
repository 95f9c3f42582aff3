"""What all pages are made from: the present without what is private, the past, and where things are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from pydantic import TypeAdapter, ValidationError

from bot.commands.durations import Duration
from bot.dashboard import past
from bot.dashboard.redacting import Redactor
from bot.domain.controls import Happening
from bot.domain.dashboards import Dashboard
from bot.domain.draft import Draft
from bot.domain.errors import UsageError
from bot.domain.figures import Metrics, Overview
from bot.domain.forecast import Forecast, ProjectForecast
from bot.domain.models import Project
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus
from bot.policies.assigning.waiting import Outlooks
from bot.policies.forecast.forecasting import forecast
from bot.policies.measuring import figures
from bot.policies.projects.overview import overview

LONGEST = timedelta(days=31)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


@dataclass(frozen=True)
class Source:
    """One build's facts; what several pages need is worked out once."""

    draft: Draft
    history: past.History
    rule: Dashboard
    since: datetime
    version: str
    """The head that it is made from."""
    home: str = ""
    """The repository's address, for links to issues; empty: unknown."""

    @property
    def now(self) -> datetime:
        """When it is made."""
        return self.draft.now

    @property
    def projects(self) -> list[Project]:
        """All of them: the open ones first, then the newest first."""
        found = self.draft.projects.values()
        return sorted(found, key=lambda one: (one.status in OVER, -one.created_at.timestamp(), one.id))

    @cached_property
    def overview(self) -> Overview:
        """As ``/status`` works it out."""
        return overview(self.draft)

    @cached_property
    def forecast(self) -> Forecast:
        """The open work played forward."""
        return forecast(self.draft)

    @cached_property
    def forecasts(self) -> dict[str, ProjectForecast]:
        """The same by project."""
        return {one.project: one for one in self.forecast.projects}

    @cached_property
    def outlooks(self) -> Outlooks:
        """What each open task waits for."""
        return Outlooks(self.draft)

    @cached_property
    def day(self) -> Metrics:
        """The success metrics of the last 24 hours."""
        return figures.metrics(self.draft, DAY)

    @cached_property
    def week(self) -> Metrics:
        """Those of the last seven days."""
        return figures.metrics(self.draft, WEEK)

    def issue_url(self, number: int | None) -> str:
        """Where an issue is; empty where that is not known."""
        return f"{self.home}/issues/{number}" if self.home and number else ""


def source(
    state: State, found: past.History, rule: Dashboard, since: datetime, now: datetime, home: str
) -> Source:
    """Leave out what is private first: nothing after this sees it."""
    redactor = Redactor(rule)
    hidden = redactor.state(state)
    happened = redactor.happenings(_together(found.happenings, state.journal.happenings))
    kept = past.History(found.frames, happened, found.completions, found.given)
    version = found.frames[-1].version if found.frames else ""
    latest = max([now, *(frame.at for frame in found.frames[-1:])])
    return Source(Draft(hidden, latest), kept, rule, since, version, home)


def _together(first: Iterable[Happening], then: Iterable[Happening]) -> list[Happening]:
    """Each once, in this order."""
    return list(dict.fromkeys([*first, *then]))


def window(asked: str) -> timedelta:
    """How far back a dashboard looks: ``7d`` where nothing is asked for. Raises UsageError."""
    try:
        found = TypeAdapter(Duration).validate_python(asked or "7d")
    except ValidationError:
        found = timedelta()
    if not timedelta() < found <= LONGEST:
        raise UsageError(f"--since {asked!r}: expected a time of up to 31 days, for example 12h or 7d")
    return found
