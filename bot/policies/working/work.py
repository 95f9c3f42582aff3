"""What workers say, fenced by the lease: claims, reports, publications."""

from __future__ import annotations

from typing import Literal

from bot.domain.draft import Draft
from bot.domain.effects import Deployed, GenesisDone
from bot.domain.events.worked import Unpublished, WorkClaimed, WorkPublished, WorkReported
from bot.domain.failures import Cause, cause_of
from bot.domain.instances import Instance
from bot.domain.models import TAIL, Failure, Project, Task
from bot.domain.outputs import ContentOutput, DevelopmentProgress, FeatureProgress, Milestone
from bot.domain.pulls import PullFacts
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.fleet.beating import hear
from bot.policies.guards.budgets import book
from bot.policies.projects.closing import close_done
from bot.policies.projects.lifecycle import finish
from bot.policies.projects.stopping import landed_late
from bot.policies.working import pulls
from bot.policies.working.attempts import end_attempt, release, void_dispatch
from bot.policies.working.sending_back import send_back


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
    pulls.read(draft, draft.projects[project.id], task)
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
    _remember_session(draft, project.id, event)
    worker, project, task = holder(draft, event.task, event.lease) or found
    if not (event.ok and _accept(draft, event, worker, project, task)):
        failure = _failure(draft, event, worker, task)
        end_attempt(draft, worker, project, task, failure, cause=event.id, final=not event.retry)
    _heard(draft, worker)


def _remember_session(draft: Draft, project_id: str, event: WorkReported) -> None:
    """The session of the latest attempt, in the place of any earlier one."""
    task = draft.projects[project_id].task(event.task)
    if task is not None and task.session != event.session:
        draft.put_task(project_id, task.model_copy(update={"session": event.session}))


def _accept(draft: Draft, event: WorkReported, worker: Instance, project: Project, task: Task) -> bool:
    """Keep the output that this kind of task hands on; False where the report has none of it."""
    match task.workflow, task.specialty:
        case Workflow.GENESIS, _ if event.genesis is not None:
            draft.genesis[project.id] = event.genesis
        case Workflow.DEVELOPMENT, "deployment" if event.deployment is not None:
            progress = draft.development.get(project.id, DevelopmentProgress())
            known = progress.model_copy(update={"deployment": event.deployment})
            draft.development[project.id] = known
        case Workflow.DEVELOPMENT, "performance":
            pass
        case Workflow.DEVELOPMENT, "tests" | "feature" | "review" if event.feature is not None:
            _progressed(draft, project, task, event.feature)
        case Workflow.CONTENT, _ if event.pieces:
            pieces = draft.content.get(project.id, ContentOutput()).pieces
            others = tuple(one for one in pieces if one.specialty != task.specialty)
            own = (one.model_copy(update={"specialty": task.specialty}) for one in event.pieces)
            draft.content[project.id] = ContentOutput(pieces=(*others, *own))
        case _:
            return False
    if task.workflow is Workflow.GENESIS or event.publishes:
        draft.instances[worker.id] = worker.model_copy(update={"last_heartbeat": draft.now})
        draft.put_task(project.id, task.model_copy(update={"status": TaskStatus.PUBLISHING}))
    else:
        release(draft, worker, task, ok=True)
        _complete(draft, event.id, draft.projects[project.id], task)
    return True


def _complete(draft: Draft, cause: str, project: Project, task: Task) -> None:
    """A task's work is there, and outside as well: what follows from it."""
    finish(draft, project, task)
    if task.specialty in ("deployment", "performance") and task.workflow is Workflow.DEVELOPMENT:
        close_done(draft, draft.projects[project.id], task, cause)
    if task.specialty == "deployment" and task.workflow is Workflow.DEVELOPMENT:
        _deployed(draft, cause, draft.projects[project.id])
    elif task.specialty == "review" and task.workflow is Workflow.DEVELOPMENT:
        _reviewed(draft, draft.projects[project.id], task)


def _deployed(draft: Draft, cause: str, project: Project) -> None:
    progress = draft.development.get(project.id, DevelopmentProgress())
    milestone = Milestone(name="deployed", at=draft.now)
    draft.development[project.id] = progress.model_copy(
        update={"milestones": (*progress.milestones, milestone)}
    )
    if progress.deployment is not None:
        draft.put(project.model_copy(update={"deployment_url": progress.deployment.url}))
    draft.notices.append((cause, Deployed(project=project.id)))


def _reviewed(draft: Draft, project: Project, review: Task) -> None:
    """A review that asks for changes sends the feature back, with its remarks as the context."""
    feature = _feature(draft, project, review)
    author = next(
        (one for one in project.tasks if one.item == review.item and one.specialty == "feature"), None
    )
    if feature is None or feature.verdict != "changes" or author is None:
        return
    pull = project.pull(review.key)
    if pull is not None and pull.facts.state == "merged":
        return  # a person has decided otherwise, and what is merged is not mended on its old branch
    remarks = "\n".join(
        f"{one.path}{f':{one.line}' if one.line else ''}: {one.text}" if one.path else one.text
        for one in feature.remarks
    )
    failure = Failure(
        at=draft.now,
        attempt=max(author.attempt, 1),
        worker=author.worker or "nobody",
        lease=author.lease or 0,
        summary=f"the review asks for changes: {feature.review}"[:2_000],
        output=remarks[-TAIL:],
        rework=True,
        cause=Cause.GATE,
    )
    send_back(draft, project, author, failure)


def _feature(draft: Draft, project: Project, task: Task) -> FeatureProgress | None:
    features = draft.development.get(project.id, DevelopmentProgress()).features
    return next((one for one in features if one.key == task.item), None)


_STATES: dict[str, Literal["tested", "implemented", "approved"]] = {
    "tests": "tested",
    "feature": "implemented",
    "review": "approved",
}


def _progressed(draft: Draft, project: Project, task: Task, reported: FeatureProgress) -> None:
    """Put one feature's progress in the place of what was known of it."""
    progress = draft.development.get(project.id, DevelopmentProgress())
    state = "implemented" if reported.verdict == "changes" else _STATES[task.specialty]
    known = _feature(draft, project, task)
    feature = reported.model_copy(
        update={
            "key": task.item,
            "state": state,
            "branch": reported.branch or (known.branch if known else ""),
            "pull_request": known.pull_request if known else None,
        }
    )
    _put_feature(draft, project, progress, feature)


def _put_feature(
    draft: Draft, project: Project, progress: DevelopmentProgress, feature: FeatureProgress
) -> None:
    others = [known for known in progress.features if known.key != feature.key]
    features = tuple(sorted([*others, feature], key=lambda one: one.key))
    draft.development[project.id] = progress.model_copy(update={"features": features})


def publish(draft: Draft, event: WorkPublished) -> None:
    """What was reported exists outside: the task is done. What could not be made is a failed attempt."""
    if (found := holder(draft, event.task, event.lease)) is None:
        landed_late(draft, event.task, event.lease, "late-publication")
        return
    worker, project, task = found
    if task.status is not TaskStatus.PUBLISHING:
        return
    if event.problem is not None:
        failure = _unpublished(draft, event.problem, worker, task, event.lease)
        end_attempt(draft, worker, project, task, failure, cause=event.id, final=not event.problem.retry)
        _heard(draft, worker)
        return
    release(draft, worker, task, ok=True)
    _heard(draft, worker)
    if event.genesis is not None and task.workflow is Workflow.GENESIS:
        draft.genesis[project.id] = event.genesis
        made = {
            "repository": event.genesis.repository,
            "repository_url": event.genesis.repository_url,
            "branch": event.genesis.branch,
            "shared": bool(event.genesis.branch),
        }
        finish(draft, project.model_copy(update=made), task)
        draft.notices.append((event.id, GenesisDone(project=project.id)))
        return
    if event.deployment is not None:
        progress = draft.development.get(project.id, DevelopmentProgress())
        draft.development[project.id] = progress.model_copy(update={"deployment": event.deployment})
    if event.pull is not None:
        _at_pull_request(draft, project, task, event.pull, event.commit)
    _complete(draft, event.id, draft.projects[project.id], task)


def _at_pull_request(draft: Draft, project: Project, task: Task, facts: PullFacts, judged: str) -> None:
    """Keep the pull request with the project, and its number with the feature."""
    feature = _feature(draft, project, task) if task.item else None
    if feature is not None:
        progress = draft.development[project.id]
        numbered = feature.model_copy(update={"pull_request": facts.number, "branch": facts.branch})
        _put_feature(draft, project, progress, numbered)
    reviewed = feature is not None and feature.verdict == "approved" and task.specialty == "review"
    unreviewed = task.specialty not in ("tests", "feature", "review")
    pulls.published(draft, project, task, facts, approved=judged if reviewed or unreviewed else "")


def _unpublished(draft: Draft, problem: Unpublished, worker: Instance, task: Task, lease: int) -> Failure:
    return Failure(
        at=draft.now,
        attempt=task.attempt,
        worker=worker.id,
        lease=lease,
        summary=problem.summary,
        cause=Cause.PUBLICATION,
        output=problem.output,
        rework=problem.rework,
    )


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
        cause=cause_of(event.failure, exit_code=event.exit_code, rework=event.rework)
        if not event.ok
        else Cause.OUTPUT,
    )
