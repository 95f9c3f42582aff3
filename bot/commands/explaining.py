"""``/why``: why a task waits, where it went, how many workers there are, what would change it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.spec import Command, Invocation, Outcome, Positional
from bot.domain.base import Frozen
from bot.domain.draft import Draft
from bot.domain.vocabulary import Workflow
from bot.policies.assigning.waiting import Outlooks
from bot.policies.fleet.autoscaling import judge
from bot.policies.working.estimating import Estimates
from bot.render.autoscaling import why_scaling
from bot.render.why import why_project, why_task


class Why(Frozen):
    """Arguments of ``/why``."""

    task_or_project: Annotated[
        str,
        Positional(),
        Field(description="a task, a project, a workflow or `scaling`; left out: this issue's own project"),
    ] = ""


SCALING = {"scaling": tuple(Workflow), **{workflow.value: (workflow,) for workflow in Workflow}}
"""Words in place of an id that ask how many workers there are to be; no id is one of them."""


def _why(call: Invocation) -> Outcome:
    if (workflows := SCALING.get(call.args.task_or_project.lower())) is not None:
        return Outcome(ok=True, say=lambda after: _sizes(after, workflows))
    project, task = resolve.project_or_task(call, call.args.task_or_project)
    task_id = task.id if task else ""
    return Outcome(ok=True, say=lambda after: _say(after, project.id, task_id))


def _sizes(draft: Draft, workflows: tuple[Workflow, ...]) -> str:
    estimates = Estimates(draft)
    return why_scaling(draft, [judge(draft, workflow, estimates) for workflow in workflows])


def _say(draft: Draft, project_id: str, task_id: str) -> str:
    """From the settled draft: what another line of the same comment did is seen."""
    project, outlooks = draft.projects[project_id], Outlooks(draft)
    task = project.task(task_id)
    if task is not None:
        return why_task(draft, project, task, outlooks.of(project, task))
    open_ = [(one, outlooks.of(project, one)) for one in project.tasks if not one.over]
    return why_project(draft, project, open_)


COMMANDS = (
    Command(
        name="why",
        summary="say why a task waits or went where it went, or why there are so many workers",
        family="Monitoring",
        access="reading",
        model=Why,
        examples=(
            ("/why photo-sorter-1.genesis", "the rule, the candidates, what would change it"),
            ("/why scaling", "each workflow's workers: the figures, what the rule will do and when"),
        ),
        run=_why,
        details="Of a project, as `/why` alone is for this issue's own, it tells of every open task.",
    ),
)
