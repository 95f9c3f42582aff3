"""Instance management: how many workers there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.commands.durations import Duration
from bot.commands.spec import Command, Flag, Invocation, Outcome, Positional, Refused, Switch
from bot.commands.values import Number, Scope
from bot.domain.base import Frozen
from bot.domain.controls import Emergency
from bot.domain.fleet import Scaled
from bot.domain.vocabulary import Workflow
from bot.policies.fleet import scaling
from bot.render import scaling as words
from bot.render.text import span

LONGEST = 24
"""Hours that an emergency holds at most: it is no way to run every day."""


class ScaleUp(Frozen):
    """Arguments of ``/scale-up``."""

    workflow: Annotated[Workflow, Positional(), Field(description="whose workers")]
    n: Annotated[Number, Positional(), Field(description="how many more; left out: 1")] = 1


class ScaleDown(Frozen):
    """Arguments of ``/scale-down``."""

    workflow: Annotated[Workflow, Positional(), Field(description="whose workers")]
    n: Annotated[Number, Positional(), Field(description="how many fewer; left out: 1")] = 1
    drain: Annotated[
        bool, Switch(), Field(description="where too few are idle, busy ones finish their task and stop then")
    ] = False


class EmergencyScaleUp(Frozen):
    """Arguments of ``/emergency-scale-up``."""

    scope: Annotated[Scope, Positional(), Field(description="one workflow, or all of them")]
    for_: Annotated[
        Duration,
        Flag("TIME"),
        Field(alias="for", description="how long, at most 24 h, for example 90m; left out: 2h"),
    ] = scaling.EMERGENCY


def _scale_up(call: Invocation) -> Outcome:
    args: ScaleUp = call.args
    draft, workflow = call.draft, args.workflow
    if not scaling.room(draft, workflow):
        limits = scaling.limits(draft, workflow)
        raise Refused(words.cannot_scale_up(workflow, scaling.size(draft, workflow), limits))
    done = scaling.scale_up(draft, workflow, args.n, call.event.actor)
    return Outcome(ok=True, say=lambda after: words.scaled_up(after, done))


def _scale_down(call: Invocation) -> Outcome:
    args: ScaleDown = call.args
    done = scaling.scale_down(call.draft, args.workflow, args.n, call.event.actor, drain=args.drain)
    if not done.changed:
        raise Refused(words.cannot_scale_down(done))
    return Outcome(ok=True, say=lambda after: words.scaled_down(after, done))


def _emergency_scale_up(call: Invocation) -> Outcome:
    args: EmergencyScaleUp = call.args
    if args.for_ > timedelta(hours=LONGEST):
        raise Refused(words.too_long(span(args.for_), LONGEST))
    done = [_in_emergency(call, workflow) for workflow in args.scope.workflows]
    return Outcome(
        ok=True,
        say=lambda after: words.emergency(
            after, [(scaled, held.until if held else None) for scaled, held in done]
        ),
    )


def _in_emergency(call: Invocation, workflow: Workflow) -> tuple[Scaled, Emergency | None]:
    draft, by = call.draft, call.event.actor
    asked = Emergency(workflow=workflow, since=draft.now, until=draft.now + call.args.for_, by=by)
    held = scaling.extend_emergency(draft, asked)
    return scaling.scale_up(draft, workflow, scaling.room(draft, workflow), by), held


COMMANDS = (
    Command(
        name="scale-up",
        summary="add workers to a workflow",
        family="Workers",
        access="working",
        model=ScaleUp,
        examples=(
            ("/scale-up genesis", "one more"),
            ("/scale-up development 2", "two more, as far as the limit allows"),
        ),
        run=_scale_up,
        details="Workers that were about to stop go on, then stopped ones take work again, then new ones are "
        "made with the specialties that the queue lacks most.",
    ),
    Command(
        name="scale-down",
        summary="take idle workers away from a workflow",
        family="Workers",
        access="working",
        model=ScaleDown,
        examples=(
            ("/scale-down development", "one fewer, if one is idle"),
            ("/scale-down content 1 --drain", "one fewer; if all are busy, one stops after its task"),
        ),
        run=_scale_down,
        details="Never below the minimum. The least useful stops first: one beyond the roster, then the one "
        "whose specialty the queue wants least.",
    ),
    Command(
        name="emergency-scale-up",
        summary="let workflows go up to their emergency limit for a while",
        family="Emergencies",
        access="working",
        model=EmergencyScaleUp,
        examples=(
            ("/emergency-scale-up all", "every workflow has as many workers as an emergency allows, for 2 h"),
            ("/emergency-scale-up genesis --for 90m", "only Genesis, for 90 minutes"),
        ),
        run=_emergency_scale_up,
        details="Afterwards what is above the usual maximum goes again: idle workers stop, busy ones finish "
        "their task first. Given again, it extends the time.",
    ),
)
