"""A workflow in which everything fails is paused: more attempts would only cost more."""

from __future__ import annotations

from itertools import islice

from bot.domain.controls import Pause
from bot.domain.draft import Draft
from bot.domain.records import Completion
from bot.domain.vocabulary import Workflow
from bot.policies.alerts import end_alert, raise_alert
from bot.policies.controls import pause

FAILING_ALERT = "failing"


def pause_failing(draft: Draft) -> None:
    """Pause each workflow whose latest attempts, since its last pause ended, all failed."""
    most = draft.config.breaker.workflow_failures
    completions = draft.completions
    for workflow in Workflow:
        if most is None or draft.controls.pause(workflow) is not None:
            continue
        latest = _latest(draft, completions, workflow, most)
        if len(latest) == most and not any(one.ok for one in latest):
            tasks = sorted({one.task for one in latest})
            why = f"its last {most} attempts all failed: {', '.join(tasks[:5])}"
            pause(draft, workflow, "", why[:300])


def _latest(
    draft: Draft, completions: tuple[Completion, ...], workflow: Workflow, most: int
) -> list[Completion]:
    """The newest attempts that count; as many as ``most``."""
    since = draft.controls.unpaused.get(workflow)
    found = (
        one
        for one in reversed(completions)
        if one.workflow is workflow and (since is None or one.finished_at > since)
    )
    return list(islice(found, most))


def settle_failing(draft: Draft) -> None:
    """An alert for each pause that the rule has made, until it ends."""
    for workflow in Workflow:
        id_, held = f"{FAILING_ALERT}-{workflow}", draft.controls.pause(workflow)
        if held is None or held.by:
            end_alert(draft, id_)
        else:
            raise_alert(draft, id_, f"{workflow} was paused: {held.why}", _advice(held), severity="critical")


def _advice(held: Pause) -> str:
    return (
        "Look at what went wrong with /queues review and /alerts, and mend it. Then /unpause "
        f"{held.workflow} lets its tasks start again; only failures after that count anew."
    )
