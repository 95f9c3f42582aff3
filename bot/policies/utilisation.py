"""How busy a workflow's workers were in the stabilisation window, from attempts and open assignments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from bot.domain.draft import Draft
from bot.domain.sizing import Used
from bot.domain.vocabulary import WorkerStatus, Workflow

Span = tuple[datetime, datetime]


def used(draft: Draft, workflow: Workflow, too_many: float) -> Used:
    """The window up to now; ``too_many``: a number of busy workers that forbids going down."""
    window = timedelta(minutes=draft.config.scaling.window_minutes)
    since = draft.now - window
    holding = sum(one.workflow is workflow and one.assignment is not None for one in draft.instances.values())
    known = [(max(begin, since), end) for begin, end in _spans(draft, workflow, since)]
    spans = [*known, *((since, until) for until in _not_idle_until(draft, workflow, since))]
    # At one moment those that end come first: who takes on work as another ends is not busy beside it.
    turns = sorted(turn for begin, end in spans for turn in ((begin, 1), (end, -1)))
    counts = list(accumulate(step for _, step in turns))
    over = [turns[place + 1][0] for place, count in enumerate(counts[:-1]) if count >= too_many]
    return Used(
        now=holding,
        most=max(holding, max(counts, default=0)),
        mean=sum((end - begin for begin, end in known), timedelta(0)) / window,
        above_until=draft.now if holding >= too_many > 0 else max(over, default=None),
    )


def _spans(draft: Draft, workflow: Workflow, since: datetime) -> Iterator[Span]:
    """When somebody was busy, as far as it reaches into the window."""
    for done in reversed(draft.completions):
        if done.finished_at <= since:
            break  # they are kept in the order in which they ended
        if done.workflow is workflow:
            yield done.assigned_at, done.finished_at
    for worker in draft.instances.values():
        if worker.workflow is workflow and worker.assignment is not None:
            yield worker.assignment.assigned_at, draft.now


def _not_idle_until(draft: Draft, workflow: Workflow, since: datetime) -> Iterator[datetime]:
    """When workers became idle in the window without an attempt that says so: new, or their task taken back.

    They were not idle for the whole window, which is what going down asks for.
    """
    ended = {(done.worker, done.finished_at) for done in draft.completions}
    for worker in draft.instances.values():
        begun = worker.idle_since if worker.status is WorkerStatus.IDLE else None
        mine = worker.workflow is workflow and begun is not None and begun > since
        if mine and begun is not None and (worker.id, begun) not in ended:
            yield begun
