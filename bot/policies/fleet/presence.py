"""Worker processes that fall silent: noticed, their work moved, their restart tried, people told."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from bot.domain.alert_rules import OFFLINE, PROCESSES
from bot.domain.base import stamp
from bot.domain.draft import Draft
from bot.domain.effects import StartProcess
from bot.domain.failures import Cause
from bot.domain.instances import Instance
from bot.domain.models import Task
from bot.domain.processes import slots_of, start_command
from bot.domain.vocabulary import TaskStatus, WorkerStatus
from bot.policies.alerting.alerts import end_alert, end_others, open_alert, raise_alert
from bot.policies.fleet.pace import allowed_silence, allowed_to, beat_seconds, live_processes
from bot.policies.fleet.registering import leave
from bot.policies.fleet.watching import watched_since
from bot.policies.working.attempts import fail_held, requeue_first, take_back

_AWAY = (WorkerStatus.STOPPED, WorkerStatus.OFFLINE)


def lose_silent(draft: Draft) -> None:
    """Processes that were silent for longer than allowed, while somebody looked all the time, are offline.

    After a gap in the looks each gets one full interval from the first look on, which is kept with it: the
    silence may be the observer's own.
    """
    seconds = beat_seconds(draft.config, draft.instances)
    for slots in _expected(draft):
        allowed = max(allowed_to(one, draft.config, seconds) for one in slots)
        last = max(one.last_heartbeat or draft.now for one in slots)
        if draft.now - max(last, min(_looked_since(draft, one) for one in slots)) > allowed:
            _lose(draft, slots, last, allowed)
        elif draft.now - last > allowed:
            _miss(draft, slots)


def _looked_since(draft: Draft, worker: Instance) -> datetime:
    """Since when a worker's silence counts: looks without a gap, or the one that first missed it."""
    since = watched_since(draft)
    return since if worker.missed_at is None else min(since, worker.missed_at)


def _miss(draft: Draft, slots: list[Instance]) -> None:
    for slot in slots:
        if slot.missed_at is None:
            draft.instances[slot.id] = slot.model_copy(update={"missed_at": draft.now})


def is_silent(draft: Draft, worker: Instance) -> bool:
    """Whether a slot was silent for longer than allowed, as far as the looks can tell."""
    last = max(worker.last_heartbeat or draft.now, _looked_since(draft, worker))
    allowed = allowed_to(worker, draft.config, beat_seconds(draft.config, draft.instances))
    return draft.now - last > allowed


def _expected(draft: Draft) -> list[list[Instance]]:
    """The slots that are to be heard of, by process."""
    found: dict[str, list[Instance]] = defaultdict(list)
    for worker in sorted(draft.instances.values(), key=lambda one: one.id):
        if worker.kind == "external" and worker.status not in _AWAY:
            found[worker.process].append(worker)
    return list(found.values())


def _lose(draft: Draft, slots: list[Instance], last: datetime, allowed: timedelta) -> None:
    """What they held goes to others at once: as a failed attempt where it had begun, for a task that
    kills its workers must end in review; uncounted where it had not. One that was leaving has left.
    """
    process = slots[0].process
    seen = f"last heard of at {stamp(last)}, longer ago than the {_minutes(allowed)} that are allowed"
    for slot in slots:
        held = slot.assignment
        if held is not None and held.claimed_at is not None:
            summary = f"{slot.id} went silent while it had this: {seen}; see the log of its process {process}"
            fail_held(draft, slot, summary, Cause.LOST, cause=f"silent-{held.lease}", at_once=True)
        elif held is not None and (taken := take_back(draft, slot, f"silent-{held.lease}")) is not None:
            requeue_first(draft, *taken)
        worker = draft.instances[slot.id]
        if worker.status is not WorkerStatus.STOPPED:
            lost: dict[str, Any] = {"status": WorkerStatus.OFFLINE, "idle_since": None, "missed_at": None}
            lost["offline_since"] = draft.now
            draft.instances[worker.id] = worker.model_copy(update=lost)
        facts = {"project": held.project, "task": held.task} if held else {}
        detail = f"{draft.instances[worker.id].status}: {seen}"
        draft.note("worker", worker=worker.id, detail=detail, **facts)
    if _offline_since(slots_of(draft.instances.values(), process)) is not None:
        start_process(draft, process, f"offline-{process}-{int(draft.now.timestamp())}")


def start_process(draft: Draft, process: str, cause: str) -> bool:
    """Ask for a process's restart by the configured workflow; False where there is none."""
    workflow = draft.config.external.restart_workflow
    if workflow:
        forget_starts(draft, process)
        draft.emit(cause, StartProcess(process=process, workflow=workflow))
    return bool(workflow)


def forget_starts(draft: Draft, process: str) -> None:
    """A process is there, or not wanted: nobody has to start it."""
    asked = [
        entry.id
        for entry in draft.outbox
        if isinstance(entry.effect, StartProcess) and entry.effect.process == process
    ]
    draft.void(asked)


def _offline_since(slots: list[Instance]) -> datetime | None:
    return min((one.offline_since for one in slots if one.offline_since is not None), default=None)


def tell_silent(draft: Draft) -> None:
    """One alert for each process that is offline: at once, or when its restart has not brought it back.

    After assigning, so that it can say where the work went. It ends when the process is heard of again,
    or when its workers are stopped.
    """
    offline = {
        one.process
        for one in draft.instances.values()
        if one.kind == "external" and one.status is WorkerStatus.OFFLINE
    }
    end_others(draft, OFFLINE, offline)
    settings = draft.config.external
    patience = timedelta(minutes=settings.restart_minutes) if settings.restart_workflow else timedelta(0)
    for process in sorted(offline):
        slots = slots_of(draft.instances.values(), process)
        since = _offline_since(slots)
        known = open_alert(draft, OFFLINE.named(process))
        if since is None or draft.now - since < patience or (known and known.gone_at is None):
            continue
        _tell(draft, process, slots, since)


def _tell(draft: Draft, process: str, slots: list[Instance], since: datetime) -> None:
    last = max((one.last_heartbeat for one in slots if one.last_heartbeat is not None), default=since)
    number = f" with its {len(slots)} slots" if len(slots) > 1 else ""
    held = _lost(draft, {one.id for one in slots}, since)
    fate = "; ".join(f"{task.id}, {_where(task)}" for task in held[:10])
    more = f" and {len(held) - 10} more" if len(held) > 10 else ""
    workflow = draft.config.external.restart_workflow
    raise_alert(
        draft,
        OFFLINE,
        process,
        advice="restarted" if workflow else "",
        began=last,
        process=process,
        slots=number,
        last=stamp(last),
        held=fate + more if held else "no task",
        workflow=workflow,
        command=start_command(draft.instances.values(), process),
        days=draft.config.external.forget_days,
    )


def _lost(draft: Draft, workers: set[str], at: datetime) -> list[Task]:
    """What the workers held when their silence was noticed, as the journal has it."""
    found = [
        (draft.projects.get(one.project), one.task)
        for one in draft.happenings
        if one.kind == "worker" and one.at == at and one.worker in workers and one.task
    ]
    tasks = [project.task(id_) for project, id_ in found if project is not None]
    return [task for task in tasks if task is not None]


def _where(task: Task) -> str:
    if task.status.held:
        return f"which {task.worker} has now"
    if task.status is TaskStatus.REVIEW:
        return "which is in review now"
    return f"which is {task.status} now"


def tell_of_many(draft: Draft) -> None:
    """An alert while there are more live processes than the pushes of one branch serve well."""
    settings, live = draft.config.external, len(live_processes(draft.instances))
    if live <= settings.processes:
        end_alert(draft, PROCESSES)
        return
    seconds = beat_seconds(draft.config, draft.instances)
    raise_alert(
        draft,
        PROCESSES,
        live=live,
        most=settings.processes,
        pushes=settings.pushes_per_minute,
        seconds=seconds,
        noticed=_minutes(allowed_silence(draft.config, seconds)),
    )


def forget(draft: Draft) -> None:
    """Take processes off the record that left or died long ago; the roster's are places for runs again."""
    for process in sorted({one.process for one in draft.instances.values() if one.kind == "external"}):
        slots = slots_of(draft.instances.values(), process)
        gone = all(one.status in _AWAY for one in slots)
        last = max(one.last_heartbeat or draft.now for one in slots)
        if not gone or draft.now - last < timedelta(days=draft.config.external.forget_days):
            continue
        leave(draft, process, f"forgotten-{process}")
        for one in slots_of(draft.instances.values(), process):
            del draft.instances[one.id]
        beats = {name: known for name, known in draft.ledger.beats.items() if name != process}
        draft.ledger = draft.ledger.model_copy(update={"beats": beats})


def _minutes(duration: timedelta) -> str:
    return f"{duration.total_seconds() / 60:g} min"
