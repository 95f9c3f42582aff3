"""Finished projects leave the state for the archive branch, and come back from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from bot.domain.archive import LISTED, Left
from bot.domain.draft import Draft
from bot.domain.events.batch import Restored
from bot.domain.models import Project
from bot.domain.retention import LEAST
from bot.domain.vocabulary import ProjectStatus, Workflow
from bot.policies.measuring.finishing import finished
from bot.policies.projects.lifecycle import unmerged

MOST = 50
"""Projects that leave with one commit: so much is written to the archive branch in one push."""
OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


def settle_archive(draft: Draft) -> None:
    """Let finished projects go that were left alone for long enough, or are too many: oldest first.

    Only where the run has said where to (``Observed.archive``): a comment's or a worker's run neither waits
    for the archive branch nor fails with it.
    """
    rule = draft.config.retention
    if not draft.archive or not rule.enabled:
        return
    over = [one for one in draft.projects.values() if one.status in OVER]
    over.sort(key=lambda one: (one.updated_at, one.id))
    aged = sum(draft.now - one.updated_at >= timedelta(days=rule.finished_days) for one in over)
    due = max(len(over) - rule.finished_most, min(aged, len(over) - LEAST))
    if due <= 0:
        return
    room = MOST - sum(id_ not in draft.projects for id_ in draft.base.projects)
    open_ = set(_asked_of(draft))
    alerts = [one.id for one in draft.alerts if one.until is None]
    leaving = [
        one
        for one in over[:due]
        if is_at_rest(draft, one) and one.id not in open_ and not any(one.id in id_ for id_ in alerts)
    ]
    for project in leaving[: max(0, room)]:
        _leave(draft, project)


def is_at_rest(draft: Draft, project: Project) -> bool:
    """Whether nothing of a finished project is under way, as far as it tells itself."""
    return (
        project is draft.base.projects.get(project.id)
        and all(task.over and task.session is None for task in project.tasks)
        and not unmerged(project)
        and project.closing is None
        and project.id not in draft.predictions.projects
        and not (draft.config.progress.enabled and project.progress is not None and project.progress.stale)
    )


def _asked_of(draft: Draft) -> Iterator[str]:
    """The projects that something of the outbox still needs."""
    for entry in draft.outbox:
        if project := getattr(entry.effect, "project", ""):
            yield project


def _leave(draft: Draft, project: Project) -> None:
    done = _units(draft, project)
    del draft.projects[project.id]
    draft.genesis.pop(project.id, None)
    draft.development.pop(project.id, None)
    draft.content.pop(project.id, None)
    left = Left(
        id=project.id,
        title=project.title[:100],
        issue=project.issue,
        asked_on=project.asked_on,
        status=project.status,
        repository=project.repository,
        created_at=project.created_at,
        finished_at=project.completed_at or project.updated_at,
        left_at=draft.now,
        delivery=project.delivery,
        finished=done,
    )
    known = draft.archived
    name = _count(left.status)
    items = (*known.items, left)
    changes: dict[str, object] = {"items": items[-LISTED:], "place": draft.archive}
    changes[name] = getattr(known, name) + 1
    for one in items[:-LISTED]:
        changes["unlisted_to"] = max(known.unlisted_to, one.asked_on)
        changes["unlisted_at"] = max(known.unlisted_at or one.finished_at, one.finished_at)
    draft.archived = known.model_copy(update=changes)


def _units(draft: Draft, project: Project) -> dict[Workflow, int]:
    """What it has finished, by workflow."""
    done: Counter[Workflow] = Counter()
    for one in finished(project, draft.content):
        if one.workflow is not None:
            done[one.workflow] += one.count
    return dict(sorted(done.items()))


def _count(status: ProjectStatus) -> str:
    """The counter that a project of the archive is counted by."""
    return "complete" if status is ProjectStatus.COMPLETE else "dropped"


def restore(draft: Draft, event: Restored) -> None:
    """A project is back as it was; one that is here already stays as it is."""
    record = event.record
    project = record.project
    if project.id in draft.projects:
        return
    draft.restored.add(project.id)
    draft.put(project)
    if record.genesis is not None:
        draft.genesis[project.id] = record.genesis
    if record.development is not None:
        draft.development[project.id] = record.development
    if record.content is not None:
        draft.content[project.id] = record.content
    left = draft.archived.find(project.id)
    if left is not None and left.delivery is not None:  # with the votes that were seen since
        draft.projects[project.id] = draft.projects[project.id].model_copy(update={"delivery": left.delivery})
    items = tuple(one for one in draft.archived.items if one.id != project.id)
    name = _count(project.status)
    count = max(0, getattr(draft.archived, name) - 1)
    draft.archived = draft.archived.model_copy(update={"items": items, name: count})
    draft.note("restored", project=project.id, by=event.by)
