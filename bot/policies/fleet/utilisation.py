"""How busy a workflow's workers were in the stabilisation window, from attempts and open assignments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bot.domain.draft import Draft
from bot.domain.sizing import Used
from bot.domain.vocabulary import WorkerStatus, Workflow

Span = tuple[int, int]
"""From when to when, in seconds since 1970."""
Turn = tuple[int, int]
"""(moment, how many are busy from then on)."""


def used(draft: Draft, workflow: Workflow, too_many: float) -> Used:
    """The window up to now; ``too_many``: a number of busy workers that forbids going down."""
    now, window = int(draft.now.timestamp()), draft.config.scaling.window
    since = now - window.total_seconds()
    holding = sum(one.workflow is workflow and one.assignment is not None for one in draft.instances.values())
    spans = [*ended_spans(draft, workflow, since), *((begin, now) for begin in _begun(draft, workflow))]
    known, also = turns_of(spans), [at for at, _ in not_idle_until(draft, workflow, since)]
    both = turns_of([*spans, *((int(since), until) for until in also)])
    until = now if holding >= too_many > 0 else above_until(both, since, now, too_many)
    return Used(
        now=holding,
        most=max(holding, busiest(known, since, also)),
        mean=worked(known, since, now) / window.total_seconds(),
        above_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )


def turns_of(spans: Iterable[Span]) -> list[Turn]:
    """How many were busy from when on, in the order of time.

    Who takes on work at the moment at which another ends is not busy beside it.
    """
    steps: dict[int, int] = defaultdict(int)
    for begin, end in spans:
        steps[begin] += 1
        steps[end] -= 1
    count, found = 0, []
    for moment in sorted(steps):
        count += steps[moment]
        found.append((moment, count))
    return found


def busiest(turns: Sequence[Turn], since: float, also: Sequence[int] = ()) -> int:
    """How many were busy at a moment after ``since``, at most; ``also``: until when others count as busy."""
    most = 0
    for moment, count in reversed(turns):
        most = max(most, count + sum(until > moment for until in also) if also else count)
        if moment <= since:
            return most
    return max(most, len(also))


def worked(turns: Sequence[Turn], since: float, now: int) -> float:
    """Worker-seconds between two moments."""
    total, end = 0.0, now
    for moment, count in reversed(turns):
        if moment <= since:
            return total + count * (end - since)
        total += count * (end - moment)
        end = moment
    return total


def above_until(turns: Sequence[Turn], since: float, now: int, many: float) -> int | None:
    """When so many were last busy; None: never after ``since``."""
    end = now
    for moment, count in reversed(turns):
        if count >= many:
            return end
        if moment <= since:
            break
        end = moment
    return None


def ended_spans(draft: Draft, workflow: Workflow, since: float) -> Iterator[Span]:
    """When somebody was busy with what has ended, as far as it reaches beyond ``since``."""
    for done in reversed(draft.completions):
        ended = int(done.finished_at.timestamp())
        if ended <= since:
            break  # they are kept in the order in which they ended
        if done.workflow is workflow:
            yield int(done.assigned_at.timestamp()), ended


def _begun(draft: Draft, workflow: Workflow) -> Iterator[int]:
    for worker in draft.instances.values():
        if worker.workflow is workflow and worker.assignment is not None:
            yield int(worker.assignment.assigned_at.timestamp())


def not_idle_until(draft: Draft, workflow: Workflow, since: float) -> Iterator[tuple[int, str]]:
    """When workers became idle in the window without an attempt that says so, and who: new ones, and those
    whose task was taken back.

    They were not idle for the whole window, which is what going down asks for.
    """
    ended = {(done.worker, done.finished_at) for done in draft.completions}
    for worker in draft.instances.values():
        begun = worker.idle_since if worker.status is WorkerStatus.IDLE else None
        if worker.workflow is not workflow or begun is None or (worker.id, begun) in ended:
            continue
        if (at := int(begun.timestamp())) > since:
            yield at, worker.id
