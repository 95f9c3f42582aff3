"""The success metrics, from the recorded attempts and the projects. A window is open at its beginning.

What is finished (projects, features, pieces) is what the projects say now, by ``finishing``: once for each
completion that lasted. How attempts ended, and when there was work, the attempts say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.domain.archive import Left
from bot.domain.draft import Draft
from bot.domain.figures import Figure, Hourly, Lately, Measured, Metric, Metrics, Record
from bot.domain.models import Project
from bot.domain.records import RECENT_LIMIT, Completion
from bot.domain.usage import together, total
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.measuring import hourly
from bot.policies.measuring.finishing import Finished, finished
from bot.policies.measuring.hourly import Hourlies
from bot.policies.measuring.uptime import uptime, uptime_begins
from bot.policies.working.estimating import ENOUGH

HOUR = timedelta(hours=1)
Span = tuple[datetime, datetime]


def record(draft: Draft) -> Record:
    """How far back the attempts are kept: to the state's beginning, or to the oldest of a full record."""
    kept = draft.completions
    if len(kept) >= RECENT_LIMIT:
        return Record(kept[0].finished_at, full=True)
    return Record(_beginning(draft), full=False)


def _beginning(draft: Draft) -> datetime:
    kept = draft.completions
    return draft.ledger.initialised_at or (kept[0].queued_at if kept else draft.now)


def metrics(draft: Draft, window: timedelta) -> Metrics:
    """The success metrics of the last ``window``, against those of the window before."""
    since, hourlies = draft.now - window, Hourlies(draft)
    done = [one for project in draft.projects.values() for one in finished(project, draft.content)]
    done += [one for left in draft.archived.items for one in _finished_by(left)]
    now = _Window(draft, since, draft.now, hourlies.window(since, draft.now, closed=True), done)
    before = _Window(draft, since - window, since, hourlies.window(since - window, since, closed=False), done)
    ended = now.ended()
    return Metrics(
        window=window,
        record=record(draft),
        hourly=now.hourly,
        by_hours=now.by_hours,
        attempts=now.hourly.attempts if now.by_hours else len(ended),
        spend=now.hourly.dollars if now.by_hours else total(*(one.spend for one in ended)),
        used=together(*(one.used for one in ended)),
        figures=tuple(_figure(metric, now, before) for metric in Metric),
    )


def lately(draft: Draft, window: timedelta) -> Lately:
    """What has ended in the last ``window``, or since the record begins where it was cut shorter."""
    kept = record(draft)
    since = max(draft.now - window, kept.begins) if kept.full else draft.now - window
    found = _Window(draft, since, draft.now, Hourlies(draft).window(since, draft.now, closed=True))
    ended = found.ended()
    return Lately(
        since=since,
        projects=len(found.complete()),
        attempts=len(ended),
        done=sum(one.ok for one in ended),
        errors=sum(not one.ok for one in ended),
        rework=sum(one.rework for one in ended),
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of time: what ended after its beginning and not after its end."""

    draft: Draft
    since: datetime
    until: datetime
    hourly: Hourly
    """About the same time, in whole hours."""
    done: Sequence[Finished] = ()
    """Everything that is finished, at whatever time."""

    @property
    def by_hours(self) -> bool:
        """Whether the hours reach further into it than the attempts do."""
        begins = record(self.draft).begins
        return begins > self.since and self.hourly.since < begins and record(self.draft).full

    @property
    def whole(self) -> bool:
        """Whether all attempts in it are on one record or the other."""
        return record(self.draft).begins <= self.since or (self.by_hours and self.hourly.whole)

    def votes(self) -> tuple[int, int]:
        """Thumbs up and down on the projects that were completed in it."""
        found = [one.delivery for one in self._completed() if one.delivery is not None]
        return sum(one.up for one in found), sum(one.down for one in found)

    def ended(self) -> list[Completion]:
        """Its attempts, as far as they are on the record."""
        return [one for one in self.draft.completions if self.since < one.finished_at <= self.until]

    def complete(self) -> list[timedelta]:
        """How long each project took that was completed in it."""
        return [
            one.completed_at - one.created_at for one in self._completed() if one.completed_at is not None
        ]

    def finished(self, workflow: Workflow) -> int:
        """How much was finished in it of what a workflow's target counts, as far as the attempts reach."""
        begins = max(self.since, record(self.draft).begins)
        return sum(
            one.count for one in self.done if one.workflow is workflow and begins < one.at <= self.until
        )

    def _completed(self) -> list[Project | Left]:
        """The projects that were completed in it, also those that have left the state since."""
        known: list[Project | Left] = [*self.draft.projects.values(), *self.draft.archived.items]
        return [one for one in known if one.completed_at and self.since < one.completed_at <= self.until]

    def hours_with_work(self, workflow: Workflow) -> float:
        """For how long at least one task of a workflow waited in its queue or was worked on."""
        known = [
            (one.open_since or one.queued_at, one.finished_at)
            for one in self.draft.completions
            if one.workflow is workflow
        ]
        begins = max(self.since, record(self.draft).begins)
        return covered([*known, *_open(self.draft, workflow)], begins, self.until) / HOUR


def _finished_by(left: Left) -> Iterator[Finished]:
    """What a project of the archive has finished, all of it counted at its end."""
    return (Finished(left.finished_at, workflow, count) for workflow, count in left.finished.items())


def _open(draft: Draft, workflow: Workflow) -> list[Span]:
    return [
        (task.open_since or task.queued_at, draft.now)
        for project in draft.projects.values()
        for task in project.tasks
        if task.workflow is workflow
        and task.queued_at is not None
        and (task.status.held or task.status is TaskStatus.QUEUED)
    ]


def covered(spans: Iterable[Span], since: datetime, until: datetime) -> timedelta:
    """How much of a window lies in at least one of some spans of time."""
    total, reached = timedelta(), since
    for begin, end in sorted(spans):
        begin, end = max(begin, reached), min(end, until)
        if end > begin:
            total, reached = total + (end - begin), end
    return total


def _figure(metric: Metric, now: _Window, before: _Window) -> Figure:
    measure = _MEASURES[metric]
    known = _covered(metric, before)
    return Figure(metric, _target(metric, now.draft), measure(now), measure(before) if known else None)


def _covered(metric: Metric, window: _Window) -> bool:
    """Whether what a metric is measured by is on record for all of a window."""
    match metric:
        case Metric.END_TO_END | Metric.SATISFACTION:
            unlisted = window.draft.archived.unlisted_at
            begins = _beginning(window.draft)
            return max(begins, unlisted or begins) <= window.since
        case Metric.UPTIME:
            return uptime_begins(window.draft) <= window.since
        case Metric.DEVELOPMENT:
            return record(window.draft).begins <= window.since
        case _:
            return window.whole


def _target(metric: Metric, draft: Draft) -> float:
    targets = draft.config.targets
    return {
        Metric.END_TO_END: targets.end_to_end_hours,
        Metric.GENESIS: targets.genesis_per_hour,
        Metric.DEVELOPMENT: targets.features_per_hour,
        Metric.CONTENT: targets.pieces_per_hour,
        Metric.ERRORS: targets.error_rate,
        Metric.REWORK: targets.rework_rate,
        Metric.SATISFACTION: targets.satisfaction,
        Metric.UPTIME: targets.uptime,
    }[metric]


def _end_to_end(window: _Window) -> Measured:
    hours = [took / HOUR for took in window.complete()]
    return Measured(len(hours), median(hours) if len(hours) >= ENOUGH else None)


def _rate(window: _Window, workflow: Workflow, workers: int | None = None) -> Measured:
    """What was finished in each hour with work; for each of so many workers, where they are given."""
    if window.by_hours and workers is None:
        return hourly.rate(window.hourly, workflow)
    done = window.finished(workflow)
    workers = 1 if workers is None else workers
    hours = window.hours_with_work(workflow) * workers
    return Measured(done, done / hours if done >= ENOUGH and hours else None)


def _features(window: _Window) -> Measured:
    """For each worker that had work in the window: how many were up then is not on the record."""
    busy = {
        one.worker
        for one in window.draft.completions
        if one.workflow is Workflow.DEVELOPMENT
        and one.finished_at > window.since
        and one.assigned_at < window.until
    }
    busy |= {
        worker.id
        for worker in window.draft.instances.values()
        if worker.workflow is Workflow.DEVELOPMENT
        and worker.assignment is not None
        and worker.assignment.assigned_at < window.until
    }
    return _rate(window, Workflow.DEVELOPMENT, len(busy))


def _part(window: _Window, counts: Callable[[Completion], bool]) -> Measured:
    """The part of all attempts for which something is true."""
    ended = window.ended()
    if len(ended) < ENOUGH:
        return Measured(len(ended), None)
    return Measured(len(ended), sum(counts(one) for one in ended) / len(ended))


def _satisfaction(window: _Window) -> Measured:
    """The part of the votes that are thumbs up."""
    up, down = window.votes()
    return Measured(up + down, up / (up + down) if up + down >= ENOUGH else None)


_MEASURES: dict[Metric, Callable[[_Window], Measured]] = {
    Metric.END_TO_END: _end_to_end,
    Metric.GENESIS: lambda window: _rate(window, Workflow.GENESIS),
    Metric.DEVELOPMENT: _features,
    Metric.CONTENT: lambda window: _rate(window, Workflow.CONTENT),
    Metric.ERRORS: lambda window: (
        hourly.errors(window.hourly) if window.by_hours else _part(window, lambda one: not one.ok)
    ),
    Metric.REWORK: lambda window: (
        hourly.rework(window.hourly) if window.by_hours else _part(window, lambda one: one.rework)
    ),
    Metric.SATISFACTION: _satisfaction,
    Metric.UPTIME: lambda window: uptime(window.draft, window.since, window.until),
}
"""How each metric is measured."""
