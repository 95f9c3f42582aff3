"""The record of each hour: what a commit has changed, added to what was there. Nothing else writes it.

What is finished (``finishing``) counts once, by the completion that lasted: opened again, it is taken from
its hour, so that the hours agree with what the projects say. Everything else has happened, and stays.

Only a commit that is made anyway is put on record, as with ``watching``: the record never makes one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.domain.draft import Draft
from bot.domain.failures import Cause
from bot.domain.hours import FlowHour, Histogram, Hour, Hours, hour_of
from bot.domain.models import Project, Task
from bot.domain.quota import Purpose, Quota
from bot.domain.records import Completion
from bot.domain.usage import total
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies.measuring.finishing import finished
from bot.policies.outside.requesting import SAME_WINDOW, planned

_AWAY = (WorkerStatus.STOPPED, WorkerStatus.DRAINING, WorkerStatus.OFFLINE)


def account(draft: Draft) -> None:
    """Put this commit on record."""
    known = accounted(draft)
    last = known.items[-1]
    one_more = last.model_copy(update={"commits": last.commits + 1})
    draft.hours = known.model_copy(update={"items": (*known.items[:-1], one_more)})


def accounted(draft: Draft) -> Hours:
    """The record up to now, with what this decision has changed so far."""
    known = draft.base.hours.at(draft.now)
    quota = draft.quota or known.quota
    items = (*known.items[:-1], _with_changes(draft, known.items[-1]))
    changes = {
        "items": _with_finished(draft, items),
        "quota": quota,
    }
    return known.model_copy(update=changes)


def _with_changes(draft: Draft, hour: Hour) -> Hour:
    """The present hour with all that is new since the commit before."""
    arrived, waits = _tasks(draft)
    causes = Counter(hour.causes)
    causes.update((one.cause or Cause.OTHER).value for one in draft.ended if not one.ok)
    made = _requests(draft.base.hours.quota, draft.quota)
    told = None if hour.requests is None and made is None else (hour.requests or 0) + (made or 0)
    return hour.model_copy(
        update={
            "flows": {
                workflow: _flow(draft, workflow, hour.flow(workflow), arrived[workflow], waits[workflow])
                for workflow in Workflow
            },
            "causes": dict(sorted(causes.items())),
            "dollars": total(hour.dollars, draft.usage.spent(draft.now), -draft.base.usage.spent(draft.now)),
            "commands": hour.commands + _heard(draft),
            "requests": told,
            "purposes": _purposes(draft, hour),
        }
    )


def _with_finished(draft: Draft, items: tuple[Hour, ...]) -> tuple[Hour, ...]:
    """What was finished counts in its hour; what is so no longer is taken from its hour again."""
    news: dict[int, Counter[Workflow | None]] = {}
    for project in _changed(draft):
        before = draft.base.projects.get(project.id)
        for one in finished(project, draft.content):
            news.setdefault(hour_of(one.at), Counter())[one.workflow] += one.count
        for one in finished(before, draft.base.content) if before else ():
            news.setdefault(hour_of(one.at), Counter())[one.workflow] -= one.count
    if not any(any(counts.values()) for counts in news.values()):
        return items
    return tuple(_plus(one, news[one.hour]) if one.hour in news else one for one in items)


def _plus(hour: Hour, more: Counter[Workflow | None]) -> Hour:
    flows = {
        workflow: (flow := hour.flow(workflow)).model_copy(
            update={"finished": max(0, flow.finished + more[workflow])}
        )
        for workflow in Workflow
    }
    changes = {"flows": flows, "projects": max(0, hour.projects + more[None])}
    return hour.model_copy(update=changes)


def _purposes(draft: Draft, hour: Hour) -> dict[Purpose, int]:
    """What the run told of its requests, and what it will make to deliver what this commit asks for."""
    counts = Counter(hour.purposes)
    counts.update(draft.requests)
    counts.update(planned(draft.deliver))
    return {one: counts[one] for one in Purpose if counts[one]}


def _flow(draft: Draft, workflow: Workflow, flow: FlowHour, arrived: int, waits: list[int]) -> FlowHour:
    ended = [one for one in draft.ended if one.workflow is workflow]
    sent_back = sum(of is workflow for of in draft.sent_back.values())
    depth = draft.depth(QueueName(workflow.value))
    pool = [one for one in draft.instances.values() if one.workflow is workflow]
    return FlowHour(
        arrived=flow.arrived + arrived,
        done=flow.done + sum(one.ok for one in ended),
        failed=flow.failed + sum(not one.ok for one in ended),
        reworked=flow.reworked + sum(one.rework for one in ended) + sent_back,
        finished=flow.finished,
        deepest=max(flow.deepest, depth),
        depth=depth,
        waits=_with(flow.waits, waits),
        service=_with(flow.service, map(_took, ended)),
        holding=sum(one.assignment is not None for one in pool),
        workers=sum(one.assignment is not None or one.status not in _AWAY for one in pool),
        busy=flow.busy,
        up=flow.up,
        open=flow.open,
    )


def _with(known: Histogram, seconds: Iterator[int] | list[int]) -> Histogram:
    for one in seconds:
        known = known.with_one(one)
    return known


def _took(ended: Completion) -> int:
    return max(0, int((ended.finished_at - ended.assigned_at).total_seconds()))


def _changed(draft: Draft) -> Iterator[Project]:
    known = draft.base.projects
    return (
        one for id_, one in draft.projects.items() if one is not known.get(id_) and id_ not in draft.restored
    )


def _tasks(draft: Draft) -> tuple[Counter[Workflow], dict[Workflow, list[int]]]:
    """Tasks that were queued for the first time, and how long those that were assigned had waited."""
    arrived: Counter[Workflow] = Counter()
    waits: dict[Workflow, list[int]] = {workflow: [] for workflow in Workflow}
    for project in _changed(draft):
        before = draft.base.projects.get(project.id)
        known = {task.id: task for task in before.tasks} if before else {}
        for task in project.tasks:
            old = known.get(task.id)
            if task is old:
                continue
            arrived[task.workflow] += task.queued_at is not None and (old is None or old.queued_at is None)
            if _is_assigned(task, old):
                waits[task.workflow].append(_waited(task))
    return arrived, waits


def _is_assigned(task: Task, old: Task | None) -> bool:
    """Whether it was given to a worker since the commit before: each time it is, its lease is new."""
    return task.lease is not None and (old is None or task.lease != old.lease)


def _waited(task: Task) -> int:
    """Seconds of its last wait alone: one that was taken back had its waits before that counted then.

    So all waits of a task add up to the time that it lay in its queue before it was assigned. Backoffs,
    pauses and triage are part of a wait; the time in which its project was stopped is not.
    """
    since = task.waiting_since or task.queued_at
    if since is None or task.assigned_at is None:
        return 0
    return max(0, int((task.assigned_at - since).total_seconds()))


def _heard(draft: Draft) -> int:
    """Commands that this decision answers."""
    hour = hour_of(draft.now)
    now, before = (
        next((one.commands for one in ledger.heard if one.hour == hour), 0)
        for ledger in (draft.ledger, draft.base.ledger)
    )
    return now - before


def _requests(before: Quota | None, now: Quota | None) -> int | None:
    """Requests that were made since GitHub last told, as far as is known; None: nothing was told anew.

    A new window begins at nothing, and how its predecessor ended was told to nobody.
    """
    if now is None:
        return None
    same = before is not None and abs(now.resets_at - before.resets_at) <= SAME_WINDOW
    if before is None or not same:
        return now.used
    return max(0, now.used - before.used)
