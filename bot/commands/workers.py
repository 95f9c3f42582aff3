"""Instance management: the workers, their health, how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from bot.commands import scaling as scaling_commands
from bot.commands.resolve import worker
from bot.commands.spec import Command, Invocation, Needs, Outcome, Positional, Refused
from bot.commands.values import Scope
from bot.domain.base import Frozen
from bot.domain.instances import Instance
from bot.domain.processes import start_command
from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.fleet import scaling
from bot.policies.fleet.diagnosing import Examination
from bot.policies.fleet.restarting import restart
from bot.render import elsewhere, health, workers

_CHECKED = {"check": "/health-check all", **{scope.value: f"/health-check {scope}" for scope in Scope}}
_RESTARTED = dict.fromkeys(("all", "failed"), "/restart-failed-instances")
"""Words in place of a worker's id that mean several, and the command for those."""


class Instances(Frozen):
    """Arguments of ``/instances``."""

    workflow: Annotated[
        Workflow | None, Positional(), Field(description="only its workers; left out: all")
    ] = None


class OneWorker(Frozen):
    """Arguments of ``/health`` and ``/restart``."""

    worker_id: Annotated[str, Positional(), Field(description="a worker's id, or its beginning")]


class HealthCheck(Frozen):
    """Arguments of ``/health-check``."""

    scope: Annotated[Scope, Positional(), Field(description="whose workers; left out: all")] = Scope.ALL


class RestartFailed(Frozen):
    """Arguments of ``/restart-failed-instances``: none."""


def _instances(call: Invocation) -> Outcome:
    workflow: Workflow | None = call.args.workflow
    return Outcome(ok=True, say=lambda after: workers.instances(after, workflow))


def _one(call: Invocation, several: Mapping[str, str]) -> Instance:
    """The worker that is meant. Raises Refused, naming the command for several where those are meant."""
    given = call.args.worker_id.lower()
    if given in several and given not in call.draft.instances:
        raise Refused(health.not_one(given, several[given]))
    return worker(call, given)


def _health(call: Invocation) -> Outcome:
    id_ = _one(call, _CHECKED).id
    runs = call.event.runs
    return Outcome(ok=True, say=lambda after: health.health(Examination(after, runs).of(after.worker(id_))))


def _health_check(call: Invocation) -> Outcome:
    scope: Scope = call.args.scope
    runs = call.event.runs
    only = "" if scope is Scope.ALL else scope.value
    return Outcome(
        ok=True,
        say=lambda after: health.fleet(
            Examination(after, runs).all(_of(after.instances.values(), scope)), only
        ),
    )


def _of(members: Iterable[Instance], scope: Scope) -> list[Instance]:
    return [member for member in members if member.workflow in scope.workflows]


def _restart(call: Invocation) -> Outcome:
    draft, one = call.draft, _one(call, _RESTARTED)
    if one.status is WorkerStatus.IDLE and one.probe_at is None:
        return Outcome(ok=True, say=lambda after: health.not_needed(one.id))
    away = one.kind == "external" and one.status in (WorkerStatus.STOPPED, WorkerStatus.OFFLINE)
    if away and not draft.config.external.restart_workflow:
        raise Refused(elsewhere.cannot_start(one, start_command(draft.instances.values(), one.process)))
    if one.kind == "actions" and one.status is WorkerStatus.STOPPED and not scaling.room(draft, one.workflow):
        limits = scaling.limits(draft, one.workflow)
        raise Refused(health.no_room(one.id, one.workflow, limits.maximum))
    done = restart(draft, one, call.event.id, call.event.actor)
    return Outcome(ok=True, say=lambda after: health.restarted(after, done))


def _restart_failed(call: Invocation) -> Outcome:
    draft, event = call.draft, call.event
    examined = Examination(draft, event.runs).all(draft.instances.values())
    done = [
        (found, restart(draft, found.worker, event.id, event.actor)) for found in examined if found.failed
    ]
    return Outcome(ok=True, say=lambda after: health.restarted_failed(after, done, examined))


def _runs(args: Frozen) -> Needs:
    return Needs(runs=True)


COMMANDS = (
    Command(
        name="instances",
        summary="list all workers and what they do",
        family="Workers",
        access="reading",
        model=Instances,
        examples=(
            ("/instances", "each worker with its state and task"),
            ("/instances development", "only those of Development"),
        ),
        run=_instances,
        also=("workers",),
    ),
    Command(
        name="health",
        summary="check one worker's health",
        family="Workers",
        access="reading",
        model=OneWorker,
        examples=(
            ("/health dev-01", "its heartbeat, lease, run, error rate and pace, each with a verdict"),
            ("/health genesis-02", "the same of another"),
        ),
        run=_health,
        needs=_runs,
    ),
    Command(
        name="health-check",
        summary="check every worker's health",
        family="Workers",
        access="reading",
        model=HealthCheck,
        examples=(
            ("/health-check all", "one line a worker, the worst first"),
            ("/health-check content", "only those of Content"),
        ),
        run=_health_check,
        needs=_runs,
    ),
    Command(
        name="restart",
        summary="restart a failed or stuck worker",
        family="Workers",
        access="working",
        model=OneWorker,
        examples=(
            ("/restart dev-01", "cancels its run, and puts its task at the front of the queue"),
            ("/restart genesis-02", "the same of another"),
        ),
        run=_restart,
        details="The attempt does not count, and what the cancelled run still reports changes nothing. "
        "The task goes to whichever worker is best now. A worker on a machine of its own goes on after that; "
        "one that is silent or stopped there is started by `external.restart_workflow`, where that is "
        "configured. One that was taken out for failing takes work again.",
    ),
    Command(
        name="restart-failed-instances",
        summary="restart every worker that has failed",
        family="Workers",
        access="working",
        model=RestartFailed,
        examples=(
            ("/restart-failed-instances", "restarts each worker that `/health-check` shows as failed"),
            ("/Restart-Failed-Instances", "the same: capitals do not matter"),
        ),
        run=_restart_failed,
        needs=_runs,
        details="Failed are workers that are offline, whose run has ended while its lease is open, that are "
        "stuck, or that are silent although they should be heard of. Processes on machines of their own are "
        "started by `external.restart_workflow`, where that is configured.",
    ),
    *scaling_commands.COMMANDS,
)
