"""Exactly once: is this event settled, and remembering that it is."""

from __future__ import annotations

from bisect import insort

from bot.domain.beats import FIRST
from bot.domain.draft import Draft
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.batch import Event, Initialised, Restored
from bot.domain.events.observed import Notified, Observed
from bot.domain.events.worked import WorkerBeat
from bot.domain.ledger import Beats, Ledger, Settled

NOTIFIED_KEPT = 100
"""Messages outside that are remembered; an older note that comes again changes nothing either."""


def is_settled(ledger: Ledger, event: Event) -> bool:
    """Whether an event must not be settled again."""
    match event:
        case CommentCreated():
            return _within(ledger.comments, event.serial, event.id)
        case IssueChanged():
            return _within(ledger.issues, event.serial, event.id)
        case WorkerBeat():
            known = ledger.beats.get(event.worker, Beats(session=0, number=0))
            if event.session > known.session:
                return event.number != FIRST  # of a session that has not registered: it means nothing
            return (event.session, event.number) <= (known.session, known.number)
        case Notified():
            return event.id in ledger.notified
        case Observed() | Restored():
            return False
        case Initialised():
            return ledger.initialised_at is not None
        case _:
            return _within(ledger.work, event.serial, event.id)


def _within(settled: Settled, serial: int, id_: str) -> bool:
    return serial <= settled.watermark or id_ in settled.above


def remember(draft: Draft, event: Event) -> None:
    """Note an event as settled."""
    match event:
        case CommentCreated():
            comments = _with(draft.ledger.comments, event.id)
            draft.ledger = draft.ledger.model_copy(update={"comments": comments})
        case IssueChanged():
            issues = _with(draft.ledger.issues, event.id)
            draft.ledger = draft.ledger.model_copy(update={"issues": issues})
        case WorkerBeat():
            last = Beats(session=event.session, number=event.number)
            beats = dict(sorted({**draft.ledger.beats, event.worker: last}.items()))
            draft.ledger = draft.ledger.model_copy(update={"beats": beats})
        case Notified():
            known = (*draft.ledger.notified, event.id)[-NOTIFIED_KEPT:]
            draft.ledger = draft.ledger.model_copy(update={"notified": known})
        case Observed() | Initialised() | Restored():
            return
        case _:
            work = _with(draft.ledger.work, event.id)
            draft.ledger = draft.ledger.model_copy(update={"work": work})


def _with(settled: Settled, id_: str) -> Settled:
    above = list(settled.above)
    insort(above, id_)
    return settled.model_copy(update={"above": tuple(above)})


def move_watermarks(draft: Draft, event: Observed) -> None:
    """Move the watermarks behind complete sweeps, and forget the ids below them."""
    ledger = draft.ledger
    if event.swept_to is not None and event.swept_to > ledger.comments.watermark:
        comments = Settled(
            watermark=event.swept_to,
            above=tuple(id_ for id_ in ledger.comments.above if _serial(id_) > event.swept_to),
        )
        ledger = ledger.model_copy(update={"comments": comments})
    if event.issues_swept_to is not None and event.issues_swept_to > ledger.issues.watermark:
        issues = Settled(
            watermark=event.issues_swept_to,
            above=tuple(id_ for id_ in ledger.issues.above if _serial(id_) > event.issues_swept_to),
        )
        ledger = ledger.model_copy(update={"issues": issues})
    if event.cursor is not None and (ledger.cursor is None or event.cursor > ledger.cursor):
        ledger = ledger.model_copy(update={"cursor": event.cursor})
    draft.ledger = ledger


def sweep_leases(draft: Draft) -> None:
    """Events of leases below the lowest open one are settled: forget them one by one.

    A lease that a stop has voided counts as open until its run was seen ended: what still arrives
    under it belongs into the stop's report.
    """
    ledger = draft.ledger
    held = [worker.assignment.lease for worker in draft.instances.values() if worker.assignment]
    for project in draft.projects.values():
        if project.stop is not None and project.stop.proven_at is None:
            held += [run.lease for run in project.stop.runs if not run.ended]
    watermark = min(held, default=ledger.next_lease) - 1
    if watermark <= ledger.work.watermark or not ledger.work.above:
        return
    above = tuple(id_ for id_ in ledger.work.above if _serial(id_) > watermark)
    if above != ledger.work.above:
        work = Settled(watermark=watermark, above=above)
        draft.ledger = ledger.model_copy(update={"work": work})


def _serial(id_: str) -> int:
    """``comment-12`` → 12; ``claim-7-3-1`` → 7."""
    return int(id_.split("-")[1])
