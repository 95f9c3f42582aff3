"""The phases of one assignment: claim and report hold the writing token, run and check hold none."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.app.process import App
from bot.app.publishing.publication import Outside, Publication
from bot.app.sessions import drop_unsettled, hand_over, keep
from bot.domain.base import Frozen
from bot.domain.errors import UsageError
from bot.domain.events import (
    MOST_DOLLARS,
    MOST_TOKENS,
    MOST_TURNS,
    WorkClaimed,
    WorkerEvent,
    WorkPublished,
    WorkReported,
)
from bot.domain.failures import FailureKind
from bot.domain.masking import masked
from bot.domain.models import TAIL, Project, Task
from bot.domain.outputs import ContentOutput, Deployment, FeatureProgress, GenesisOutput
from bot.domain.plans import plan_problems
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus
from bot.domain.work import EarlierFailure, WorkOrder
from bot.policies.branches import branch_of
from bot.policies.sessions import session_for
from bot.ports import Executor, Finished, Look

log = logging.getLogger("orchestrator")
_MOST = 5_000_000
"""Bytes of a file that the report reads from what a worker made."""
_MOST_PIECES = 100
"""Pieces of content of one task."""
_TOO_MANY = f"its content-output.json does not validate: it names more than {_MOST_PIECES} pieces"
_MOST_OF = {"spend": MOST_DOLLARS, "turns": MOST_TURNS, "tokens": MOST_TOKENS}
"""Figures of one attempt → the most that makes sense."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """The run that works on an assignment."""

    assignment: str
    run_id: int
    run_attempt: int
    run_url: str

    @property
    def task(self) -> str:
        """The task's id."""
        return self._parts()[0]

    @property
    def lease(self) -> int:
        """The fencing token."""
        return int(self._parts()[1])

    def _parts(self) -> tuple[str, str]:
        task, at, lease = self.assignment.rpartition("@")
        if not at or not task or not lease.isdigit():
            raise UsageError(
                f"{self.assignment!r} is no assignment; expected TASK@LEASE, for example "
                "todo-app-7.genesis@1795435200"
            )
        return task, lease


@dataclass(frozen=True, slots=True)
class Workspace:
    """A directory that the phases hand on to each other."""

    root: Path

    @property
    def order(self) -> Path:
        """The assignment file."""
        return self.root / "assignment.json"

    @property
    def repository(self) -> Path:
        """The project as it is, for a worker that holds no token."""
        return self.root / "repository.bundle"

    @property
    def result(self) -> Path:
        """What the executor makes."""
        return self.root / "result"

    def note(self, phase: str, finished: Finished) -> None:
        """Keep what a phase says of itself."""
        self.result.mkdir(parents=True, exist_ok=True)
        content = asdict(finished)
        (self.result / f"{phase}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def read(self, name: str) -> dict[str, Any]:
        """A JSON object from the result; empty where there is none that can be used."""
        try:
            value = json.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def text(self, name: str) -> str:
        """A file of the result, never followed out of it; empty where it is missing or too large."""
        path = self.result / name
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST:
                return ""
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def read_order(workspace: Workspace) -> WorkOrder:
    """The assignment of a workspace. Raises UsageError where there is none that validates."""
    try:
        return WorkOrder.model_validate_json(workspace.order.read_bytes())
    except (OSError, ValidationError):
        raise UsageError(
            f"{workspace.order} holds no assignment; run `orchestrator work claim` into this workspace first"
        ) from None


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
        return _order(state, project, task, who.assignment)
    return None


def prepare(app: App, workspace: Workspace, order: WorkOrder, state: State, outside: Outside) -> None:
    """Write the assignment file, and beside it the repository and the session that the work begins at."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    order = hand_over(app.sessions, state, order, workspace.root)
    workspace.order.write_text(order.model_dump_json(indent=2), encoding="utf-8")
    project = state.projects[order.project]
    if (task := project.task(order.task)) is not None:
        outside.hand_over(state, project, task, workspace.repository)


def _order(state: State, project: Project, task: Task, assignment: str) -> WorkOrder:
    pool = state.config.pools.of(task.workflow)
    outputs: dict[str, Any] = {}
    if project.id in state.genesis:
        outputs["genesis"] = state.genesis[project.id].model_dump(mode="json")
    if project.id in state.development:
        outputs["development"] = state.development[project.id].model_dump(mode="json")
    return WorkOrder(
        assignment=assignment,
        task=task.id,
        workflow=task.workflow.value,
        specialty=task.specialty,
        size=task.size,
        project=project.id,
        title=project.title,
        idea=project.idea,
        idea_author=project.idea_author or project.requester,
        idea_role=project.idea_role,
        stack=project.stack,
        region=project.region,
        priority=project.priority,
        attempt=task.attempt,
        time_limit=pool.time_limit_minutes * 60,
        outputs=outputs,
        executor=pool.executor,
        item=task.item,
        settings=state.config.executors.get(pool.executor, {}),
        failure=_earlier(task),
        session=left.id if (left := session_for(state.config, task)) is not None else "",
        branch=branch_of(project, task),
        default_branch=_default_branch(state, project),
        deployment=state.config.deployment.rule(_stack(state, project)),
    )


def _default_branch(state: State, project: Project) -> str:
    genesis = state.genesis.get(project.id)
    return genesis.default_branch if genesis else "main"


def _stack(state: State, project: Project) -> str:
    """What it is built on: by Genesis' own word, which chooses where nobody asked for anything."""
    genesis = state.genesis.get(project.id)
    return genesis.stack if genesis else project.stack


def _earlier(task: Task) -> EarlierFailure | None:
    if (error := task.error) is None:
        return None
    return EarlierFailure(
        attempt=error.attempt,
        summary=error.summary,
        command=error.command,
        exit_code=error.exit_code,
        output=error.output,
        rework=error.rework,
    )


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
    made = publication.make(state, project, task, app.now())
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


def reported(who: Claimant, workspace: Workspace, app: App) -> WorkReported:
    """What the workspace says, as an event; nothing in it is believed before it validates."""
    done, checked = workspace.read("run.json"), workspace.read("checked.json")
    output, problem = _output(workspace)
    ok = done.get("ok") is True and checked.get("ok") is True and not problem
    common: dict[str, Any] = {
        "task": who.task,
        "lease": who.lease,
        "run_id": who.run_id,
        "run_attempt": who.run_attempt,
        "at": app.now(),
        "run_url": who.run_url,
    }
    common |= _figures(done, who)
    if ok:
        return WorkReported(**common, ok=True, **output)
    failed = _failed_command(workspace)
    return WorkReported(
        **common,
        ok=False,
        summary=masked(_whole(_why(done, checked, problem)))[:2_000],
        command=masked(_whole(str(failed.get("command", ""))))[:500],
        exit_code=_integer(failed.get("exit_code")),
        output=masked(_whole(str(failed.get("tail") or workspace.text("log.txt"))))[-TAIL:],
        retry=done.get("retry") is not False,
        rework=done.get("ok") is True or done.get("rework") is True,
    )


def _whole(text: str) -> str:
    """Without halves of characters, which JSON can spell and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _figures(done: dict[str, Any], who: Claimant) -> dict[str, Any]:
    """What the work cost and used, as far as the worker's file makes sense.

    An executor writes 0 for what it does not know.
    """
    found: dict[str, Any] = {}
    for name, most in _MOST_OF.items():
        value = done.get(name)
        if value is None or value == 0:
            continue
        whole = isinstance(value, int) or (name == "spend" and isinstance(value, float))
        if whole and not isinstance(value, bool) and 0 < value <= most:
            found[name] = value
        else:
            log.warning("%s: %s is said to be %.60r, which is no such figure", who.assignment, name, value)
    return found


_OUTPUTS: dict[str, tuple[str, type[Frozen]]] = {
    "genesis": ("genesis-output.json", GenesisOutput),
    "feature": ("feature.json", FeatureProgress),
    "deployment": ("deployment.json", Deployment),
    "pieces": ("content-output.json", ContentOutput),
}
"""Field of the report → the file in the result that it is read from, and its model."""


def _expected(order: WorkOrder) -> str | None:
    """The field that a report on this order must have; None where the work is its own proof.

    Empty where there is no such work: the file comes from the worker as well.
    """
    if order.workflow == "development":
        return {"deployment": "deployment", "performance": None}.get(order.specialty, "feature")
    return {"genesis": "genesis", "content": "pieces"}.get(order.workflow, "")


def _output(workspace: Workspace) -> tuple[dict[str, Any], str]:
    """What the worker hands on, by the report's field, and what is wrong with it."""
    if not workspace.order.is_file():
        return {}, "its workspace holds no assignment"
    if (field := _expected(read_order(workspace))) is None:
        return {}, ""
    if not field:
        return {}, "there is no work of this kind: its assignment was changed on the way"
    name, model = _OUTPUTS[field]
    if not (text := workspace.text(name)):
        return {}, f"it left no {name}"
    try:
        value = model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        return {}, f"its {name} does not validate: key '{key}': {first['msg']}"
    if isinstance(value, ContentOutput):
        return ({"pieces": value.pieces}, "") if len(value.pieces) <= _MOST_PIECES else ({}, _TOO_MANY)
    unworkable = next(plan_problems(value.issues), "") if isinstance(value, GenesisOutput) else ""
    return {field: value}, f"its {name} does not validate: {unworkable}" if unworkable else ""


def _why(done: dict[str, Any], checked: dict[str, Any], problem: str) -> str:
    if not done:
        return "the run ended without a result: it was killed, ran out of time or never started; see its log"
    for phase in (done, checked):
        if phase.get("ok") is not True:
            return str(phase.get("summary") or "the check did not run; see the run's log")
    return problem


def _failed_command(workspace: Workspace) -> dict[str, Any]:
    commands = workspace.read("check.json").get("commands")
    rows = [row for row in commands if isinstance(row, dict)] if isinstance(commands, list) else []
    return next((row for row in rows if row.get("exit_code") != 0), {})


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None
