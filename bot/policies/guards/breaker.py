"""The circuit breaker: a worker that fails again and again is taken out, and tried with one task later.

What counts is an attempt that ended badly in the worker's hands. A lease that was taken back says nothing
of it, and neither does a failure of which the executor says that no attempt could end differently.
"""

from __future__ import annotations

from datetime import timedelta

from bot.domain.alert_rules import BREAKER
from bot.domain.draft import Draft
from bot.domain.guards import Breaker
from bot.domain.instances import Fault, Instance
from bot.domain.models import Failure
from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.alerting.alerts import end_others, raise_alert

KEPT = 20
"""Failures in a row that a worker keeps, at most."""
SHOWN = 3
"""Failures that an alert tells."""
CLOSED = {"faults": (), "probe_at": None, "probes": 0}
"""What a worker remembers of failures after a success, or when a person starts it anew."""


def succeeded(draft: Draft, worker_id: str) -> None:
    """A success ends the worker's row of failures, and closes its breaker."""
    worker = draft.instances[worker_id]
    if worker.probe_at is not None:
        draft.note("worker", worker=worker.id, detail="succeeded, and takes work as before")
    if worker.faults or worker.probe_at is not None:
        draft.instances[worker.id] = worker.model_copy(update=CLOSED)


def failed(draft: Draft, worker_id: str, task: str, failure: Failure) -> None:
    """Count a failure: one too many in a row, or one while it is being tried, takes the worker out."""
    worker = draft.instances[worker_id]
    fault = Fault(at=draft.now, task=task, summary=failure.summary[:300], run_url=failure.run_url)
    counted = worker.model_copy(update={"faults": (*worker.faults, fault)[-KEPT:]})
    tried = counted.probes if counted.probe_at is not None else None
    if (probes := trips(draft.config.breaker, len(counted.faults), tried)) is not None:
        counted = _take_out(draft, counted, probes)
    draft.instances[worker.id] = counted


def trips(settings: Breaker, faults: int, tried: int | None) -> int | None:
    """Whether a failure takes its worker out: how many trials in a row failed then, or None.

    ``faults``: its failures in a row, with this one; ``tried``: failed trials before, of one that was out.
    """
    if tried is not None:
        return tried + 1
    return 0 if settings.worker_failures is not None and faults >= settings.worker_failures else None


def out_for(settings: Breaker, probes: int) -> timedelta:
    """How long a worker gets nothing after so many failed trials."""
    minutes = min(settings.probe_minutes * 2 ** min(probes, 20), settings.probe_most_minutes)
    return timedelta(minutes=minutes)


def _take_out(draft: Draft, worker: Instance, probes: int) -> Instance:
    until = draft.now + out_for(draft.config.breaker, probes)
    detail = f"taken out after {len(worker.faults)} failures in a row, tried again from {until:%H:%M} UTC on"
    draft.note("worker", worker=worker.id, detail=detail)
    return worker.model_copy(update={"probe_at": until, "probes": probes})


def settle_breakers(draft: Draft) -> None:
    """One alert for each worker that is out, until a success; it does not change while nothing happens."""
    out = {
        one.id: one
        for one in draft.instances.values()
        if one.probe_at is not None and one.status is not WorkerStatus.STOPPED
    }
    end_others(draft, BREAKER, set(out))
    for id_ in sorted(out):
        _tell(draft, out[id_])


def _tell(draft: Draft, worker: Instance) -> None:
    details = "\n".join(_line(fault) for fault in worker.faults[-SHOWN:])
    raise_alert(
        draft,
        BREAKER,
        worker.id,
        case="" if _others(draft, worker.workflow) else "everybody",
        details=details,
        began=worker.faults[0].at if worker.faults else None,
        worker=worker.id,
        workflow=worker.workflow,
        times=_times(worker),
        until=f"{worker.probe_at:%Y-%m-%d %H:%M} UTC",
    )


def _times(worker: Instance) -> str:
    count = len(worker.faults)
    return "1 attempt" if count == 1 else f"{count} attempts"


def _line(fault: Fault) -> str:
    return f"{fault.task}: {fault.summary}" + (f" ({fault.run_url})" if fault.run_url else "")


def _others(draft: Draft, workflow: Workflow) -> bool:
    """Whether a worker of a workflow takes work that was not taken out."""
    away = (WorkerStatus.STOPPED, WorkerStatus.DRAINING, WorkerStatus.OFFLINE)
    return any(
        one.workflow is workflow and one.probe_at is None and one.status not in away
        for one in draft.instances.values()
    )
