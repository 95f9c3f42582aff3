"""The queues: as they stand, and over time."""

from __future__ import annotations

from bot.dashboard.charts import Lines, Series, as_json, millis
from bot.dashboard.figures import arrivals
from bot.dashboard.parts import Cell, Drawing, Table, inside, mono
from bot.dashboard.source import Source
from bot.domain.models import QueueItem
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.render.text import clock, plural, span
from bot.render.workers import Use

WAITING = 500
"""Tasks that the page lists of one queue; it counts the others."""


def now(source: Source) -> Table:
    """How each queue stands against its workers."""
    use = Use(source.draft)
    rows = [_row(source, flow, use) for flow in Workflow]
    review = source.draft.depth(QueueName.REVIEW)
    rows.append(["review", str(review), _oldest(source, QueueName.REVIEW), "–", "people", "–"])
    head = ("Queue", "Waiting", "Oldest wait", "Usual time", "Workers", "Utilisation")
    return Table("queues", "Queues now", head, rows, frozenset({1}))


def _row(source: Source, flow: Workflow, use: Use) -> list[Cell]:
    workers = [one for one in source.draft.instances.values() if one.workflow is flow]
    there = [one for one in workers if one.status is not WorkerStatus.STOPPED]
    busy = sum(one.assignment is not None for one in workers)
    time, rests = source.overview.times[flow]
    name = QueueName(flow.value)
    return [
        flow.value,
        str(source.draft.depth(name)),
        _oldest(source, name),
        f"{span(time)}{'' if rests else ' (assumed)'}",
        f"{busy} of {len(there)} busy",
        use.of(*there),
    ]


def _oldest(source: Source, name: QueueName) -> str:
    queued = [item.enqueued_at for item in source.draft.items(name)]
    return span(source.now - min(queued)) if queued else "–"


def depth(source: Source, name: str = "depth") -> Drawing:
    """How many tasks waited, from the branch's history."""
    frames = source.history.frames
    times = [millis(frame.at) for frame in frames]
    series = [Series(one.value, [frame.depths[one.value] for frame in frames]) for one in QueueName]
    head = ("Time (UTC)", *(one.value.capitalize() for one in QueueName))
    rows = [
        [clock(frame.at).removesuffix(" UTC"), *(str(frame.depths[one.value]) for one in QueueName)]
        for frame in reversed(frames)
    ]
    told = Table(name, "Tasks that waited", head, rows, frozenset({1, 2, 3, 4}))
    most = max((sum(frame.depths.values()) for frame in frames), default=0)
    note = (
        f"{plural(len(frames), 'moment')} from the branch's history; at most {plural(most, 'task')} waited."
    )
    return Drawing(name, "Tasks waiting in each queue", as_json(Lines(times, series, "tasks")), told, note)


def workers(source: Source) -> Drawing:
    """How many workers there were, and how many of them at work."""
    frames = source.history.frames
    there = [
        sum(
            count
            for flow in frame.workers.values()
            for status, count in flow.items()
            if status not in (WorkerStatus.STOPPED, WorkerStatus.OFFLINE)
        )
        for frame in frames
    ]
    busy = [frame.busy for frame in frames]
    chart = Lines(
        [millis(frame.at) for frame in frames], [Series("up", there), Series("at work", busy)], "workers"
    )
    rows = [
        [clock(frame.at).removesuffix(" UTC"), str(up), str(work)]
        for frame, up, work in zip(frames, there, busy, strict=True)
    ]
    told = Table(
        "staff", "Workers up and at work", ("Time (UTC)", "Up", "At work"), rows[::-1], frozenset({1, 2})
    )
    return Drawing("staff", "Workers up and at work", as_json(chart), told)


def waiting(source: Source) -> list[Table]:
    """What waits in each queue, in its order."""
    return [_waiting(source, name) for name in QueueName if source.draft.depth(name)]


def _waiting(source: Source, name: QueueName) -> Table:
    items = source.draft.ordered(name)
    rows = [_item(source, place, item) for place, item in enumerate(items[:WAITING], 1)]
    more = f" (the first {WAITING} of {len(items)})" if len(items) > WAITING else ""
    head = ("Place", "Task", "Project", "Priority", "Specialty", "For", "Attempts")
    caption = f"{name.value.capitalize()}: {plural(len(items), 'task')}{more}"
    return Table(f"waiting-{name.value}", caption, head, rows, frozenset({0, 6}), (3, 4), paged=True)


def _item(source: Source, place: int, item: QueueItem) -> list[Cell]:
    waits = span(source.now - item.enqueued_at)
    project = inside(f"projects/{item.project}.html", item.project)
    return [str(place), mono(item.task), project, item.priority, item.specialty, waits, str(item.attempt)]


def drawings(source: Source) -> list[Drawing]:
    """Everything over time."""
    return [one for one in (depth(source), arrivals(source), workers(source)) if one is not None]
