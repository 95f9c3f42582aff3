"""Switches over what is assigned: pause and unpause."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands.spec import Command, Invocation, Outcome, Positional
from bot.domain.base import Frozen
from bot.domain.vocabulary import Workflow
from bot.policies.guards import controls
from bot.render import controls as words


class Which(Frozen):
    """Arguments of ``/pause`` and ``/unpause``."""

    workflow: Annotated[
        Workflow | None, Positional(), Field(description="the workflow; left out: all three")
    ] = None


def _chosen(args: Which) -> tuple[Workflow, ...]:
    return (args.workflow,) if args.workflow else tuple(Workflow)


def _pause(call: Invocation) -> Outcome:
    draft, chosen = call.draft, _chosen(call.args)
    before = [pause for one in chosen if (pause := draft.controls.pause(one)) is not None]
    now = [one for one in chosen if draft.controls.pause(one) is None]
    for workflow in now:
        controls.pause(draft, workflow, call.event.actor)
    return Outcome(ok=True, say=lambda after: words.paused(after, now, before))


def _unpause(call: Invocation) -> Outcome:
    draft, chosen = call.draft, _chosen(call.args)
    ended = [pause for one in chosen if (pause := draft.controls.pause(one)) is not None]
    for pause in ended:
        controls.unpause(draft, pause.workflow, call.event.actor)
    others = [one for one in chosen if one not in {pause.workflow for pause in ended}]
    return Outcome(ok=True, say=lambda after: words.unpaused(after, ended, others))


COMMANDS = (
    Command(
        name="pause",
        summary="assign no more tasks of a workflow, or of all; running work goes on",
        family="Queues",
        access="working",
        model=Which,
        examples=(
            ("/pause development", "no development task is assigned until `/unpause development`"),
            ("/pause", "nothing is assigned at all"),
        ),
        run=_pause,
        details="Queues fill as before. To end running work as well, use `/emergency-stop`.",
    ),
    Command(
        name="unpause",
        summary="assign the tasks of a paused workflow again, or of all",
        family="Queues",
        access="working",
        model=Which,
        examples=(
            ("/unpause development", "its queued tasks go to idle workers at once"),
            ("/unpause", "ends every pause"),
        ),
        run=_unpause,
    ),
)
