"""The plan of a stage: which tasks a project gets from what the stage before handed on. One function each."""

from __future__ import annotations

from datetime import datetime

from bot.domain.models import Project, Task
from bot.domain.outputs import GenesisOutput, PlannedIssue, Size
from bot.domain.vocabulary import Workflow
from bot.policies.assigning.touching import followed

CONTENT = ("documentation", "marketing", "social")
"""Content's specialties, done in parallel (pipeline: "Tasks")."""

_SIZES = {1: Size.QUICK, 2: Size.STANDARD, 3: Size.LARGE}
"""An issue's effort in days → the size of its tasks."""

_ONCE = ("deployment", "performance")
"""Specialties that concern the whole project, not one feature."""


def plan_genesis(project: Project, now: datetime) -> tuple[Task, ...]:
    """One task: scaffold the repository and file its issues; routed by the project's size."""
    task = Task(
        id=f"{project.id}.genesis",
        title=project.title,
        workflow=Workflow.GENESIS,
        specialty=project.size.value,
        size=project.size,
        created_at=now,
    )
    return (task,)


def plan_development(project: Project, output: GenesisOutput, now: datetime) -> tuple[Task, ...]:
    """Per feature issue tests → feature → review, then deployment, then performance if it was asked for.

    An issue of one day folds its tests into the feature. A task waits for the last task of every
    issue that its own depends on, and of one planned earlier that touches the same files; deployment
    waits for all features.
    """
    features = [issue for issue in output.issues if issue.specialty not in _ONCE]
    after = followed(features)
    chains = {issue.key: _chain(project, issue, now) for issue in features}
    last = {key: chain[-1].id for key, chain in chains.items()}
    for issue in features:
        first, *rest = chains[issue.key]
        others = after.get(issue.key, ())
        needed = tuple(last[key] for key in dict.fromkeys((*issue.depends_on, *others)) if key in last)
        update = {"depends_on": needed, "keeps_off": others}
        chains[issue.key] = (first.model_copy(update=update), *rest)
    deployment = _whole(project, output, "deployment", tuple(last.values()), now)
    tasks = [*(task for chain in chains.values() for task in chain), deployment]
    if any(issue.specialty == "performance" for issue in output.issues):
        tasks.append(_whole(project, output, "performance", (deployment.id,), now))
    return tuple(tasks)


def _chain(project: Project, issue: PlannedIssue, now: datetime) -> tuple[Task, ...]:
    """The tasks of one feature, each waiting for the one before."""
    size = _SIZES[issue.days]
    steps = ("feature", "review") if size is Size.QUICK else ("tests", "feature", "review")
    tasks: list[Task] = []
    for step in steps:
        tasks.append(
            Task(
                id=f"{project.id}.{issue.key}.{step}",
                title=issue.title,
                item=issue.key,
                workflow=Workflow.DEVELOPMENT,
                specialty=step,
                size=size,
                depends_on=(tasks[-1].id,) if tasks else (),
                created_at=now,
            )
        )
    return tuple(tasks)


def _whole(
    project: Project, output: GenesisOutput, specialty: str, needed: tuple[str, ...], now: datetime
) -> Task:
    """A task that concerns the whole project; named after its issue where Genesis filed one."""
    issue = next((issue for issue in output.issues if issue.specialty == specialty), None)
    return Task(
        id=f"{project.id}.{specialty}",
        title=issue.title if issue else f"{specialty.capitalize()} of {project.title}"[:200],
        item=issue.key if issue else "",
        workflow=Workflow.DEVELOPMENT,
        specialty=specialty,
        depends_on=needed,
        created_at=now,
    )


def plan_content(project: Project, now: datetime) -> tuple[Task, ...]:
    """Documentation, marketing and social, in parallel."""
    return tuple(
        Task(
            id=f"{project.id}.{specialty}",
            title=f"{specialty.capitalize()} of {project.title}"[:200],
            item=specialty,
            workflow=Workflow.CONTENT,
            specialty=specialty,
            created_at=now,
        )
        for specialty in CONTENT
    )
