"""The success metrics, from the recorded attempts and the projects. A window is open at its beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.domain.draft import Draft
from bot.domain.figures import Figure, Lately, Measured, Metric, Metrics, Record
from bot.domain.records import RECENT_LIMIT, Completion
from bot.domain.usage import together, total
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.estimating import ENOUGH
from bot.policies.uptime import uptime, uptime_begins

HOUR = timedelta(hours=1)
APPROVED = "review"
"""The specialty whose success means that a feature is finished: every plan ends a feature with it."""

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
    now = _Window(draft, draft.now - window, draft.now)
    before = _Window(draft, now.since - window, now.since)
    ended = now.ended()
    return Metrics(
        window=window,
        record=record(draft),
        attempts=len(ended),
        spend=total(*(one.spend for one in ended)),
        used=together(*(one.used for one in ended)),
        figures=tuple(_figure(metric, now, before) for metric in Metric),
    )


def lately(draft: Draft, window: timedelta) -> Lately:
    """What has ended in the last ``window``, or since the record begins where it was cut shorter."""
    kept = record(draft)
    since = max(draft.now - window, kept.begins) if kept.full else draft.now - window
    found = _Window(draft, since, draft.now)
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

    def ended(self) -> list[Completion]:
        """Its attempts, as far as they are on the record."""
        return [one for one in self.draft.completions if self.since < one.finished_at <= self.until]

    def complete(self) -> list[timedelta]:
        """How long each project took that was completed in it."""
        return [
            project.completed_at - project.created_at
            for project in self.draft.projects.values()
            if project.completed_at is not None and self.since < project.completed_at <= self.until
        ]

    def hours_with_work(self, workflow: Workflow) -> float:
        """For how long at least one task of a workflow waited in its queue or was worked on."""
        known = [
            (one.queued_at, one.finished_at) for one in self.draft.completions if one.workflow is workflow
        ]
        begins = max(self.since, record(self.draft).begins)
        return covered([*known, *_open(self.draft, workflow)], begins, self.until) / HOUR


def _open(draft: Draft, workflow: Workflow) -> list[Span]:
    return [
        (task.queued_at, draft.now)
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
    draft, measure = now.draft, _MEASURES.get(metric)
    target = _target(metric, draft)
    if measure is None:
        return Figure(metric, target, None, None)
    reaches = _reaches(metric, draft)
    return Figure(metric, target, measure(now), measure(before) if reaches <= before.since else None)


def _reaches(metric: Metric, draft: Draft) -> datetime:
    """How far back what a metric is measured by is on record."""
    match metric:
        case Metric.END_TO_END:
            return _beginning(draft)
        case Metric.UPTIME:
            return uptime_begins(draft)
        case _:
            return record(draft).begins


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


def _rate(window: _Window, workflow: Workflow, specialty: str = "", workers: int = 1) -> Measured:
    """Tasks that ended well in each hour with work, for each of so many workers."""
    done = sum(
        one.ok and one.workflow is workflow and specialty in ("", one.specialty) for one in window.ended()
    )
    hours = window.hours_with_work(workflow) * workers
    return Measured(done, done / hours if done >= ENOUGH and hours else None)


def _features(window: _Window) -> Measured:
    """For each worker that had work in the window: how many were up then is not on the record."""
    busy = {one.worker for one in window.ended() if one.workflow is Workflow.DEVELOPMENT}
    busy |= {
        worker.id
        for worker in window.draft.instances.values()
        if worker.workflow is Workflow.DEVELOPMENT
        and worker.assignment is not None
        and worker.assignment.assigned_at < window.until
    }
    return _rate(window, Workflow.DEVELOPMENT, APPROVED, len(busy))


def _part(window: _Window, counts: Callable[[Completion], bool]) -> Measured:
    """The part of all attempts for which something is true."""
    ended = window.ended()
    if len(ended) < ENOUGH:
        return Measured(len(ended), None)
    return Measured(len(ended), sum(counts(one) for one in ended) / len(ended))


_MEASURES: dict[Metric, Callable[[_Window], Measured]] = {
    Metric.END_TO_END: _end_to_end,
    Metric.GENESIS: lambda window: _rate(window, Workflow.GENESIS),
    Metric.DEVELOPMENT: _features,
    Metric.CONTENT: lambda window: _rate(window, Workflow.CONTENT),
    Metric.ERRORS: lambda window: _part(window, lambda one: not one.ok),
    Metric.REWORK: lambda window: _part(window, lambda one: one.rework),
    Metric.UPTIME: lambda window: uptime(window.draft, window.since, window.until),
}
"""How each metric is measured; satisfaction is not."""
