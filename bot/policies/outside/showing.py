"""What a look tells of the texts that are kept up to date outside, and whether what they say has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.draft import Draft
from bot.domain.effects import OutboxEntry, Progress, Reply, Status
from bot.domain.events.asked import IssueChanged
from bot.domain.events.observed import IssueFiled, Observed
from bot.domain.instances import Instance
from bot.domain.models import Project
from bot.domain.showing import CompletionComment, Shown, StatusShown

STATUS = "status/orchestrator"
"""What the pinned issue is looked up by."""
S = TypeVar("S", bound=Shown)


def see(draft: Draft, event: Observed) -> None:
    """Take in which comments matter later, what is gone, and whether the issue is pinned."""
    entries = {entry.id: entry for entry in draft.outbox}
    for posted in event.posted:
        entry = entries.get(posted.effect)
        if entry is not None and isinstance(entry.effect, Reply):
            _posted(draft, entry, entry.effect, posted.comment)
    for id_ in event.gone:
        if id_ in entries:
            write_off(draft, entries[id_])
    status = draft.showing.status
    if event.pinned is not None and status is not None:
        _put(draft, status.model_copy(update={"pinned": event.pinned, "stale": True}))


def _posted(draft: Draft, entry: OutboxEntry, reply: Reply, comment: int) -> None:
    project = draft.projects.get(reply.project)
    if project is None:
        return
    if reply.becomes == "progress":
        shown = Shown(number=comment, at=entry.asked_at, effect=entry.id)
        draft.projects[project.id] = project.model_copy(update={"progress": shown})
    elif reply.becomes == "delivery":
        draft.projects[project.id] = project.model_copy(
            update={"delivery": CompletionComment(comment=comment)}
        )


def write_off(draft: Draft, entry: OutboxEntry) -> None:
    """Somebody has deleted what is to be written anew, or nobody may write there: leave it at that."""
    draft.void([entry.id])
    if isinstance(entry.effect, Progress) and entry.effect.project in draft.projects:
        project = draft.projects[entry.effect.project]
        draft.projects[project.id] = project.model_copy(update={"progress": None})
    elif isinstance(entry.effect, Status):
        draft.showing = draft.showing.model_copy(update={"status": None, "asked_at": None})


def filed(draft: Draft, event: IssueFiled) -> None:
    """The pinned issue exists."""
    entry = next((one for one in draft.outbox if isinstance(one.effect, Status)), None)
    if entry is None or draft.showing.status is not None:
        return
    draft.void([entry.id])
    known = StatusShown(number=event.issue, digest=event.digest, pinned=event.pinned)
    _put(draft, known.model_copy(update={"at": entry.claimed_at, "stale": True}))


def closed(draft: Draft, event: IssueChanged) -> bool:
    """A person closes the pinned issue, or reopens it; whether that is one."""
    status = draft.showing.status
    if status is None or status.number != event.issue:
        return False
    if event.action in ("closed", "reopened"):
        _put(draft, status.model_copy(update={"closed": event.action == "closed", "stale": True}))
    return True


def _put(draft: Draft, status: StatusShown) -> None:
    draft.showing = draft.showing.model_copy(update={"status": status})


# what has changed


def renewed(shown: S, now: datetime, seconds: int, digest: Callable[[], str]) -> S:
    """A text that may say something else now: written anew where it does, at most every ``seconds``.

    ``digest`` is worked out only when the time has come; until then the text is noted as stale.
    """
    if shown.at is not None and now - shown.at < timedelta(seconds=seconds):
        return shown if shown.stale else shown.model_copy(update={"stale": True})
    found = digest()
    if found != shown.digest:
        return shown.model_copy(update={"digest": found, "at": now, "stale": False})
    return shown.model_copy(update={"stale": False}) if shown.stale else shown


def is_touched(draft: Draft) -> bool:
    """Whether this decision changes anything that the pinned issue is made of.

    Said from what is compared at once: the very same objects, and few values. The record of looks,
    cursors, heartbeats and figures that move by themselves are not worth a write of their own.
    """
    base = draft.base
    return (
        draft.controls != base.controls
        or draft.showing.shed != base.showing.shed
        or draft.alerts != base.alerts.items
        or draft.config != base.config
        or draft.ledger.backlog != base.ledger.backlog
        or draft.predictions != base.predictions
        or late(draft.outbox) != late(base.outbox.entries)
        or _differ(draft.projects, base.projects, _told_of_project)
        or _differ(draft.instances, base.instances, _told_of_worker)
    )


def late(entries: tuple[OutboxEntry, ...]) -> frozenset[str]:
    """Answers that were not seen in time, so that they count as missing."""
    return frozenset(
        entry.id
        for entry in entries
        if entry.attempt > 1 and isinstance(entry.effect, Reply) and entry.effect.comment is not None
    )


M = TypeVar("M", Project, Instance)


def _differ(now: Mapping[str, M], before: Mapping[str, M], told: Callable[[M], object]) -> bool:
    return len(now) != len(before) or any(
        one is not (old := before.get(id_)) and (old is None or told(one) != told(old))
        for id_, one in now.items()
    )


def _told_of_project(one: Project) -> object:
    return one.updated_at, one.status, one.stage, one.issue, one.tasks


def _told_of_worker(one: Instance) -> object:
    held = one.assignment
    return one.status, one.probe_at, held and (held.lease, held.claimed_at)
