"""What workers say, fenced by the lease: claims, reports, publications."""

from __future__ import annotations

from typing import Literal

from bot.domain.draft import Draft
from bot.domain.effects import Deployed, GenesisDone
from bot.domain.events import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Instance
from bot.domain.models import Failure, Project, Task
from bot.domain.outputs import ContentOutput, DevelopmentProgress, FeatureProgress, Milestone
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.attempts import end_attempt, release, void_dispatch
from bot.policies.beating import hear
from bot.policies.budgets import book
from bot.policies.lifecycle import finish
from bot.policies.stopping import landed_late


def holder(draft: Draft, task_id: str, lease: int) -> tuple[Instance, Project, Task] | None:
    """The worker that holds a lease, with its project and task; None where the lease is closed."""
    for worker in draft.instances.values():
        held = worker.assignment
        if held and held.lease == lease and held.task == task_id:
            project = draft.projects[held.project]
            task = project.task(task_id)
            return (worker, project, task) if task else None
    return None


def claim(draft: Draft, event: WorkClaimed) -> None:
    """The first run to claim a lease gets it; the same one again is fine, any other changes nothing.

    A lease of a worker on a machine of its own is for its process's present session alone.
    """
    if (found := holder(draft, event.task, event.lease)) is None:
        return
    worker, project, task = found
    held = worker.assignment
    if held is None or held.claimed_at is not None:
        return
    if worker.kind == "external" and event.run_id != worker.session:
        return
    mine = held.model_copy(
        update={"claimed_at": draft.now, "run_id": event.run_id, "run_attempt": event.run_attempt}
    )
    heard = {"assignment": mine, "last_heartbeat": draft.now, "unstarted": 0}
    draft.instances[worker.id] = worker.model_copy(update=heard)
    draft.put_task(
        project.id, task.model_copy(update={"status": TaskStatus.RUNNING, "started_at": draft.now})
    )
    void_dispatch(draft, event.lease)
    _heard(draft, worker)


def _heard(draft: Draft, worker: Instance) -> None:
    """What a process says of one of its slots shows that all of them live."""
    if worker.kind == "external":
        hear(draft, worker.process)


def report(draft: Draft, event: WorkReported) -> None:
    """Accept a report of the lease's claimant; with an old lease or from another run it changes nothing."""
    if (found := holder(draft, event.task, event.lease)) is None:
        landed_late(draft, event.task, event.lease, "late-report")
        return
    worker, project, task = found
    held = worker.assignment
    if held is None or held.run_id != event.run_id or task.status is not TaskStatus.RUNNING:
        return
    book(draft, worker, project, task, event)
    worker, project, task = holder(draft, event.task, event.lease) or found
    if not (event.ok and _accept(draft, event, worker, project, task)):
        failure = _failure(draft, event, worker, task)
        end_attempt(draft, worker, project, task, failure, cause=event.id, final=not event.retry)
    _heard(draft, worker)


def _accept(draft: Draft, event: WorkReported, worker: Instance, project: Project, task: Task) -> bool:
    """Keep the output that this kind of task hands on; False where the report has none of it."""
    match task.workflow, task.specialty:
        case Workflow.GENESIS, _ if event.genesis is not None:
            draft.instances[worker.id] = worker.model_copy(update={"last_heartbeat": draft.now})
            draft.put_task(project.id, task.model_copy(update={"status": TaskStatus.PUBLISHING}))
            draft.genesis[project.id] = event.genesis
            return True
        case Workflow.DEVELOPMENT, "deployment" if event.deployment is not None:
            _deployed(draft, event, project)
        case Workflow.DEVELOPMENT, "performance":
            pass
        case Workflow.DEVELOPMENT, "tests" | "feature" | "review" if event.feature is not None:
            _progressed(draft, project, task, event.feature)
        case Workflow.CONTENT, _ if event.pieces:
            pieces = draft.content.get(project.id, ContentOutput()).pieces
            draft.content[project.id] = ContentOutput(pieces=(*pieces, *event.pieces))
        case _:
            return False
    release(draft, worker, task, ok=True)
    finish(draft, draft.projects[project.id], task)
    return True


def _deployed(draft: Draft, event: WorkReported, project: Project) -> None:
    progress = draft.development.get(project.id, DevelopmentProgress())
    milestone = Milestone(name="deployed", at=draft.now)
    draft.development[project.id] = progress.model_copy(
        update={"deployment": event.deployment, "milestones": (*progress.milestones, milestone)}
    )
    if event.deployment is not None:
        draft.put(project.model_copy(update={"deployment_url": event.deployment.url}))
    draft.notices.append((event.id, Deployed(project=project.id)))


_STATES: dict[str, Literal["tested", "implemented", "approved"]] = {
    "tests": "tested",
    "feature": "implemented",
    "review": "approved",
}


def _progressed(draft: Draft, project: Project, task: Task, reported: FeatureProgress) -> None:
    """Put one feature's progress in the place of what was known of it."""
    progress = draft.development.get(project.id, DevelopmentProgress())
    state = _STATES[task.specialty]
    feature = reported.model_copy(update={"key": task.item, "state": state})
    others = [known for known in progress.features if known.key != feature.key]
    features = tuple(sorted([*others, feature], key=lambda one: one.key))
    draft.development[project.id] = progress.model_copy(update={"features": features})


def publish(draft: Draft, event: WorkPublished) -> None:
    """What was reported exists outside: the task is done."""
    if (found := holder(draft, event.task, event.lease)) is None:
        landed_late(draft, event.task, event.lease, "late-publication")
        return
    worker, project, task = found
    if task.status is not TaskStatus.PUBLISHING:
        return
    release(draft, worker, task, ok=True)
    _heard(draft, worker)
    draft.genesis[project.id] = event.genesis
    made = {"repository": event.genesis.repository, "repository_url": event.genesis.repository_url}
    finish(draft, project.model_copy(update=made), task)
    draft.notices.append((event.id, GenesisDone(project=project.id)))


def _failure(draft: Draft, event: WorkReported, worker: Instance, task: Task) -> Failure:
    summary = event.summary or "the worker reported success without an output"
    return Failure(
        at=draft.now,
        attempt=task.attempt,
        worker=worker.id,
        lease=event.lease,
        summary=summary,
        command=event.command,
        exit_code=event.exit_code,
        output=event.output,
        run_url=event.run_url,
        rework=event.rework,
    )
