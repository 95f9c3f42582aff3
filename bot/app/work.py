"""The phases of one assignment: claim and report hold the writing token, run and check hold none."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.app.orders import order_of
from bot.app.process import App
from bot.app.publishing.patience import patiently
from bot.app.publishing.publication import Outside, Publication
from bot.app.reports import reported
from bot.app.sessions import drop_unsettled, hand_over, keep
from bot.app.workspace import Claimant, Workspace
from bot.domain.events.batch import WorkerEvent
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.failures import FailureKind
from bot.domain.masking import masked
from bot.domain.models import Project, Task
from bot.domain.quota import Purpose
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus
from bot.domain.work import WorkOrder
from bot.ports.executor import Executor, Finished
from bot.ports.store import Look

log = logging.getLogger("orchestrator")


def claim(app: App, who: Claimant, workspace: Workspace, outside: Outside, look: Look) -> bool:
    """Ask for the assignment; writes what the work needs and returns True where it was granted."""
    state = app.process([claimed(who, app)], look).state
    if (order := granted(state, who)) is None:
        log.warning("%s is not granted: its lease is closed, or another run has claimed it", who.assignment)
        return False
    prepare(app, workspace, order, state, outside)
    log.info("%s is granted to run %s", who.assignment, who.run_id)
    return True


def claimed(who: Claimant, app: App) -> WorkClaimed:
    """The claim as an event."""
    return WorkClaimed(
        task=who.task, lease=who.lease, run_id=who.run_id, run_attempt=who.run_attempt, at=app.now()
    )


def granted(state: State, who: Claimant) -> WorkOrder | None:
    """What this run is to do; None where the state does not show the assignment as its own."""
    for worker in state.instances.values():
        held = worker.assignment
        if held is None or held.id != who.assignment:
            continue
        if (held.run_id, held.run_attempt) != (who.run_id, who.run_attempt):
            return None
        project = state.projects[held.project]
        task = project.task(held.task)
        if task is None or task.status is not TaskStatus.RUNNING:
            return None
        return order_of(state, project, task, who.assignment)
    return None


def prepare(app: App, workspace: Workspace, order: WorkOrder, state: State, outside: Outside) -> None:
    """Write the assignment file, and beside it the repository and the session that the work begins at."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    order = hand_over(app.sessions, state, order, workspace.root)
    workspace.order.write_text(order.model_dump_json(indent=2), encoding="utf-8")
    project = state.projects[order.project]
    if (task := project.task(order.task)) is not None:
        outside.hand_over(state, project, task, workspace.repository)


def refuse(workspace: Workspace, phase: str, reason: str) -> Finished:
    """Note that a phase cannot be done as things are configured: a person has to see to it."""
    finished = Finished(ok=False, summary=reason, retry=False, failure=FailureKind.SETUP)
    workspace.note("run" if phase == "run" else "checked", finished)
    return finished


def run(executor: Executor, workspace: Workspace) -> Finished:
    """Do the work. What goes wrong is a result too: the report tells it."""
    workspace.result.mkdir(parents=True, exist_ok=True)
    finished = executor.run(workspace.order, workspace.result)
    for verdict in ("checked.json", "check.json"):  # the work does not judge itself, whatever it has left
        (workspace.result / verdict).unlink(missing_ok=True)
    workspace.note("run", finished)
    return finished


def check(executor: Executor, workspace: Workspace) -> Finished:
    """Judge the work afresh, where there is any."""
    done = workspace.read("run.json")
    if done.get("ok") is not True:
        finished = Finished(ok=False, summary=str(done.get("summary") or "there is nothing to check"))
    else:
        finished = executor.check(workspace.order, workspace.result)
    workspace.note("checked", finished)
    return finished


def report(
    app: App,
    who: Claimant,
    workspace: Workspace,
    outside: Outside,
    look: Look,
    *,
    also: Sequence[WorkerEvent] = (),
) -> bool:
    """Settle the report under its lease, then make outside what it describes, then record that.

    What may not be published is found before anything is settled, and makes it a failed attempt.
    ``also`` is settled in the same commit. Returns False where the lease was lost: then nothing was
    changed anywhere.
    """
    publication = outside.of(workspace.result)
    with app.meter.on(Purpose.PROJECTS):
        event = _judged(reported(who, workspace, app), app.load(look), publication)
    event = keep(app.sessions, event, workspace.root, workspace.read("run.json"))
    state = app.process([event, *also], look).state
    drop_unsettled(app.sessions, event, state)
    return _publish(app, who, state, publication)


def _publish(app: App, who: Claimant, state: State, publication: Publication) -> bool:
    """Make outside what a settled report describes, and record that; False where the lease was lost."""
    project, task = _mine(state, who)
    if project is None or task is None or task.lease != who.lease:
        log.warning("%s: the lease is lost, this report changes nothing", who.assignment)
        return False
    if task.status is not TaskStatus.PUBLISHING:
        log.info("%s is reported: %s", who.assignment, task.status)
        return True
    with app.meter.on(Purpose.PROJECTS):
        made = patiently(
            lambda: publication.make(state, project, task, app.now()),
            state.config.delivery.publish_seconds,
            app.clocks.wait,
        )
    published = WorkPublished(task=who.task, lease=who.lease, at=app.now(), **made.fields())
    app.process([published])
    log.info("%s is published: %s", who.assignment, made.told)
    return True


def _judged(event: WorkReported, state: State, publication: Publication) -> WorkReported:
    """The report with what is known of its files: whether they are published, or why they may not be."""
    project = state.projects.get(event.task.partition(".")[0])
    task = project.task(event.task) if project else None
    if not event.ok or project is None or task is None or task.lease != event.lease:
        return event
    if problem := publication.problem(state, project, task, event.deployment):
        why = {"summary": masked(problem.summary)[:2_000], "rework": problem.rework, "retry": problem.retry}
        refused = {"ok": False, **why, "publishes": False}
        return event.model_copy(
            update={**refused, "genesis": None, "feature": None, "deployment": None, "pieces": ()}
        )
    return event.model_copy(update={"publishes": publication.wanted(project, task, event.deployment)})


def _mine(state: State, who: Claimant) -> tuple[Project | None, Task | None]:
    project = state.projects.get(who.task.partition(".")[0])
    return project, project.task(who.task) if project else None
