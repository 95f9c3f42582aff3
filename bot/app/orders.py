"""What a worker is told to do: the assignment file, from the state."""

from __future__ import annotations

from typing import Any

from bot.domain.models import Project, Task
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.domain.work import EarlierFailure, WorkOrder
from bot.policies.working.branches import branch_of
from bot.policies.working.sessions import session_for


def order_of(state: State, project: Project, task: Task, assignment: str) -> WorkOrder:
    """Everything that an executor may know about a task that was granted."""
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
        pieces=_owed(state, task),
        deployment=state.config.deployment.rule(_stack(state, project)),
    )


def _owed(state: State, task: Task) -> tuple[str, ...]:
    """The pieces that a task of Content has to hand on."""
    if task.workflow is not Workflow.CONTENT:
        return ()
    return state.config.content.pieces.get(task.specialty, ())


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
