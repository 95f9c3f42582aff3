"""What a window has cost, and what the figures say about why: utilisation, causes, queues, changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.controls import Happening
from bot.domain.draft import Draft
from bot.domain.hours import Hour
from bot.domain.incidents import Impact
from bot.domain.vocabulary import QueueName, Workflow

BAD = frozenset({"failed", "review", "stopped", "halted", "sent-back", "moved"})
"""Kinds of happenings by which a project was hit."""
CAUSES = 5
"""Causes of failures that a report names; it counts the others."""
CHANGES = 10
"""Moves and changes that a report names, the latest; it counts the others."""


def impact(draft: Draft, since: datetime, timeline: Sequence[Happening], project: str) -> Impact:
    """Projects and tasks that were hit, and the time that failed attempts took."""
    failed = [
        one
        for one in draft.completions
        if one.finished_at >= since and not one.ok and (not project or one.task.partition(".")[0] == project)
    ]
    hit = [one for one in timeline if one.kind in BAD]
    return Impact(
        projects=tuple(sorted({one.project for one in hit if one.project})),
        tasks=tuple(sorted({*(one.task for one in hit if one.task), *(one.task for one in failed)})),
        attempts=len(failed),
        seconds=sum(int((one.finished_at - one.assigned_at).total_seconds()) for one in failed),
    )


def runs_of(draft: Draft, timeline: Sequence[Happening]) -> dict[str, str]:
    """The page of the run that failed each task of a timeline last, as far as it is known."""
    found = [
        (fault.at, fault.task, fault.run_url) for one in draft.instances.values() for fault in one.faults
    ]
    for one in timeline:
        project = draft.projects.get(one.project)
        task = project.task(one.task) if project and one.task else None
        if task is not None and task.error is not None:
            found.append((task.error.at, task.id, task.error.run_url))
    tasks = {one.task for one in timeline}
    last = {task: url for _, task, url in sorted(found) if task in tasks}
    return {task: url for task, url in sorted(last.items()) if url}


def factors(draft: Draft, since: datetime) -> Iterator[str]:
    """Clauses, each a fact from the record; what is not on record is said."""
    first = int(since.timestamp()) // 3_600
    hours = [one for one in draft.hours.items if one.hour >= first]
    if hours:
        yield from _utilisation(hours)
        yield from _causes(hours)
    else:
        yield "no hourly figures are on record for this window"
    yield from _queues(draft, hours)
    yield from _changes(draft, since)


def _utilisation(hours: Sequence[Hour]) -> Iterator[str]:
    for workflow in Workflow:
        flows = [one.flows[workflow] for one in hours if workflow in one.flows]
        busy, up = sum(one.busy for one in flows), sum(one.up for one in flows)
        if up:
            yield f"{workflow} workers were busy for {min(1.0, busy / up):.0%} of their time"


def _causes(hours: Sequence[Hour]) -> Iterator[str]:
    causes: Counter[str] = Counter()
    for one in hours:
        causes.update(one.causes)
    if not causes:
        return
    worst = sorted(causes.items(), key=lambda pair: (-pair[1], pair[0]))
    more = f", and {len(worst) - CAUSES} more causes" if len(worst) > CAUSES else ""
    named = ", ".join(f"{cause} ({count})" for cause, count in worst[:CAUSES])
    total = sum(causes.values())
    yield f"{total} {'attempt' if total == 1 else 'attempts'} failed, because of: {named}{more}"


def _queues(draft: Draft, hours: Sequence[Hour]) -> Iterator[str]:
    for workflow in Workflow:
        flows = [one.flows[workflow] for one in hours if workflow in one.flows]
        now = draft.depth(QueueName(workflow.value))
        deepest = max([now, *(one.deepest for one in flows)])
        if flows and (deepest > flows[0].depth or now != flows[0].depth):
            yield (
                f"the {workflow} queue held {flows[0].depth} tasks after the window's first hour, at most "
                f"{deepest}, and {now} now"
            )
        elif now:
            yield f"{'1 task waits' if now == 1 else f'{now} tasks wait'} in the {workflow} queue"


def _changes(draft: Draft, since: datetime) -> Iterator[str]:
    moves = [one for one in draft.scaling.moves if one.at >= since]
    told = [
        f"{one.at:%H:%M} UTC: {one.workflow} workers from {one.before} to {one.after}"
        + (f" ({one.reason})" if one.reason else "")
        + (f", by {one.by}" if one.by else "")
        for one in moves
    ]
    told += [
        f"{one.at:%H:%M} UTC: {one.detail}" + (f", by {one.by}" if one.by else "")
        for one in draft.happenings
        if one.at >= since and one.kind == "control"
    ]
    if len(told) > CHANGES:
        yield f"{len(told) - CHANGES} earlier changes of workers, controls and configuration"
    yield from told[-CHANGES:]
