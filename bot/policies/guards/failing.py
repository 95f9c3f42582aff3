"""A workflow in which everything fails is paused: more attempts would only cost more."""

from __future__ import annotations

from itertools import takewhile

from bot.domain.alert_rules import FAILING
from bot.domain.draft import Draft
from bot.domain.records import Completion
from bot.domain.vocabulary import Workflow
from bot.policies.alerting.alerts import end_alert, raise_alert
from bot.policies.guards.controls import pause


def pause_failing(draft: Draft) -> None:
    """Pause each workflow whose latest tasks, since its last pause ended, all failed."""
    most = draft.config.breaker.workflow_failures
    completions = draft.completions
    for workflow in Workflow:
        if most is None or draft.controls.pause(workflow) is not None:
            continue
        failed = failed_last(draft, completions, workflow)
        if len(failed) >= most:
            why = f"its last {len(failed)} tasks all failed, the latest because: {_summary(draft, failed[0])}"
            pause(draft, workflow, "", why[:300])


def failed_last(draft: Draft, completions: tuple[Completion, ...], workflow: Workflow) -> list[str]:
    """The tasks that failed since anything of a workflow succeeded, newest first.

    Tasks, not attempts: one that fails again and again goes to review, and says nothing about the others.
    """
    since = draft.controls.unpaused.get(workflow)
    mine = (
        one
        for one in reversed(completions)
        if one.workflow is workflow and not one.lost and (since is None or one.finished_at > since)
    )
    return list(dict.fromkeys(one.task for one in takewhile(lambda one: not one.ok, mine)))


def _summary(draft: Draft, task_id: str) -> str:
    project = draft.projects.get(task_id.partition(".")[0])
    task = project.task(task_id) if project else None
    return task.error.summary if task and task.error else "see the journal"


def settle_failing(draft: Draft) -> None:
    """An alert for each pause that the rule has made, until it ends."""
    for workflow in Workflow:
        held = draft.controls.pause(workflow)
        if held is None or held.by:
            end_alert(draft, FAILING, workflow)
        else:
            raise_alert(draft, FAILING, workflow, began=held.since, workflow=workflow, why=held.why)
