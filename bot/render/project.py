"""One project in one reply: where it stands, what a person should do, its tasks, what happened."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.domain.controls import Happening
from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.outlook import Prospects
from bot.domain.pulls import Pull
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus
from bot.render import budgets
from bot.render.approving import approvals, idea_of, upper
from bot.render.consumption import consumed
from bot.render.journal import happened_to_it
from bot.render.pulls import linked, listed
from bot.render.starts import expected
from bot.render.status import expected_end
from bot.render.steps import steps
from bot.render.text import clock, code, escape, fitted, plural, span, table
from bot.render.touching import keeps_off

SHOWN = 25
"""Happenings of the timeline, the latest ones."""
NEEDS = 2
"""Dependencies that a row names; it counts the others."""
_URL = re.compile(r"https?://[^\s<>`|\\]+")
ORDER = (
    TaskStatus.REVIEW,
    TaskStatus.STOPPED,
    TaskStatus.PUBLISHING,
    TaskStatus.RUNNING,
    TaskStatus.ASSIGNED,
    TaskStatus.QUEUED,
    TaskStatus.WAITING,
    TaskStatus.DONE,
)
"""Tasks in the order in which a person wants to see them."""
_HEAD = ("task", "specialty", "status", "worker", "since / took", "attempts", "waits for")


def project(draft: Draft, one: Project, found: Prospects) -> str:
    """The reply to ``/status project-id``."""
    parts = [
        f"**{escape(one.title)}** (`{one.id}`): {standing_of(one)}",
        stages(one),
        "\n".join(f"- {fact}" for fact in _facts(draft, one)),
        _todo(steps(draft, one, found)),
        _tasks(draft, one, found),
        _timeline(draft, one),
    ]
    return "\n\n".join(part for part in parts if part)


def standing_of(one: Project) -> str:
    """Where it stands, for the end of a sentence."""
    if one.status is ProjectStatus.COMPLETE:
        return "**complete**"
    if one.status is ProjectStatus.FAILED:
        return f"**dropped** in the stage {one.stage}"
    if one.status is ProjectStatus.WAITING:
        return f"**waits for approval** in the stage **{one.stage}**"
    status = "in review" if one.status is ProjectStatus.REVIEW else one.status.value
    return f"**{status}** in the stage **{one.stage}**"


def stages(one: Project) -> str:
    """``genesis ✓ → **development** 3 of 14 → content``."""
    order = list(Stage)
    reached = order.index(one.stage)
    return "Stages: " + " → ".join(
        _stage(one, stage, passed=place < reached) for place, stage in enumerate(order[:-1])
    )


def _stage(one: Project, stage: Stage, *, passed: bool) -> str:
    """One stage with how much of it is done; tasks of a stage that was left may still be open."""
    tasks = [task for task in one.tasks if task.workflow.value == stage.value and not task.discarded]
    done = sum(task.status is TaskStatus.DONE for task in tasks)
    name = f"**{stage}**" if stage is one.stage else stage.value
    if passed and done == len(tasks):
        return f"{name} ✓" if tasks else f"{name} –"
    return f"{name} {done} of {len(tasks)}" if tasks else name


def _facts(draft: Draft, one: Project) -> list[str]:
    size = f"Priority **{one.priority}**, size **{one.size}**"
    size += f", stack {code(one.stack)}" if one.stack else ""
    size += f", region {code(one.region)}" if one.region else ""
    since = f"{clock(one.created_at)}, {span(draft.now - one.created_at)} ago"
    by = f"Asked for by {code(one.requester)} at {since}"
    if one.idea_author not in ("", one.requester):
        by += f"; {idea_of(one)}"
    facts = [size, by, f"Links: {links(one)}"]
    if one.spend:
        facts.append(budgets.of_project(draft, one))
    if one.used is not None:
        facts.append(f"Used by its attempts: {consumed(one.spend, one.used)}")
    facts += [upper(line) for line in listed(draft.config, one)]
    facts += approvals(one)
    if one.completed_at is not None:
        took = span(one.completed_at - one.created_at)
        facts.append(f"Complete since {clock(one.completed_at)}: it took **{took}**")
    return facts


def links(one: Project) -> str:
    """Its issue, its repository, where it answers."""
    links = [f"#{one.issue}" if one.issue else "its issue is being filed"]
    if one.repository_url:
        links.append(f"repository {link(one.repository or one.repository_url, one.home_url)}")
    if one.deployment_url:
        links.append(f"deployed at {link(one.deployment_url, one.deployment_url)}")
    return " · ".join(links)


def link(text: str, url: str) -> str:
    """A link where the address is one; a worker's text could be anything."""
    return f"[{code(text)}](<{url}>)" if _URL.fullmatch(url) else code(url)


def _todo(found: Sequence[str]) -> str:
    if len(found) == 1:
        return f"**What to do:** {found[0]}."
    return "**What to do:**\n\n" + "\n".join(f"- {one}." for one in found)


# tasks


def _tasks(draft: Draft, one: Project, found: Prospects) -> str:
    """Every task: what needs a person first, what is over last."""
    over = {task.id for task in one.tasks if task.over}
    known = {task.id for task in one.tasks}
    tasks = sorted(one.tasks, key=lambda task: (task.discarded, ORDER.index(task.status)))
    gate = one.gate.stage.value if one.gate else ""
    rows = [_row(draft, one, task, known - over, found, gate) for task in tasks]
    lines = table(_HEAD, rows).split("\n")
    ended = f"{len(over):,}" if over else "none"
    head = f"**{plural(len(rows), 'task')}**, {ended} over (`/why <task>` explains one)\n\n"
    return fitted(head + "\n".join(lines[:2]), lines[2:], most=32_000) if rows else "No tasks yet."


def _row(
    draft: Draft, one: Project, task: Task, open_: Collection[str], found: Prospects, gate: str
) -> list[str]:
    held = () if task.over else one.holding(task)
    waits = _waits(draft.now, task, open_, found, held, gated=task.workflow.value == gate)
    also = keeps_off(draft, one, task) if task.status is TaskStatus.WAITING and not task.over else ""
    return [
        code(task.id),
        escape(task.specialty, 40),
        "dropped" if task.discarded else task.status.value,
        code(task.worker) if task.worker else "–",
        _time(draft.now, task),
        str(task.attempt),
        f"{waits}; {also}" if also else waits,
    ]


def _time(now: datetime, task: Task) -> str:
    """How long a task took, or since when it is what it is."""
    if task.status is TaskStatus.DONE and task.finished_at and task.assigned_at:
        return f"took {span(task.finished_at - task.assigned_at)}"
    if task.over or task.status is TaskStatus.STOPPED:
        return "–"
    since = task.queued_at if task.status in (TaskStatus.QUEUED, TaskStatus.REVIEW) else None
    if task.status.held:
        since = task.assigned_at
    return f"{span(now - since)}" if since else "–"


def _waits(
    now: datetime, task: Task, open_: Collection[str], found: Prospects, held: Sequence[Pull], *, gated: bool
) -> str:
    """What comes before a task can go on, and when that should be."""
    if task.over:
        return "–"
    if gated:
        return "approval"
    if task.status.held:
        return f"its end, expected {expected_end(now, found.ends.get(task.id))}"
    if task.status is TaskStatus.REVIEW:
        return "a person"
    if task.status is TaskStatus.STOPPED:
        return "`/resume`"
    needs = [code(id_) for id_ in task.depends_on if id_ in open_] + [linked(pull) for pull in held]
    if needs:
        more = f" and {len(needs) - NEEDS} more" if len(needs) > NEEDS else ""
        return ", ".join(needs[:NEEDS]) + more
    return expected(found.starts.get(task.id), now) if task.status is TaskStatus.QUEUED else "–"


# the timeline


def _timeline(draft: Draft, one: Project) -> str:
    """The latest that happened to it: the journal, and the tasks' own times where that is too short."""
    told = [happening for happening in draft.happenings if happening.project == one.id]
    found = sorted([*told, *_remembered(one, told)], key=lambda happening: happening.at)
    earlier = len(found) - SHOWN
    note = f"- … {plural(earlier, 'earlier event')}\n" if earlier > 0 else ""
    lines = [f"- {happened_to_it(happening)}" for happening in found[-SHOWN:]]
    return fitted(f"**Timeline** (UTC)\n\n{note}".removesuffix("\n"), lines, most=14_000)


def _remembered(one: Project, told: Sequence[Happening]) -> list[Happening]:
    """What the project and its tasks know of themselves, and the bounded journal does not tell."""
    known = {(happening.kind, happening.task) for happening in told}
    given = {(happening.task, happening.at) for happening in told if happening.kind == "assigned"}
    found = []
    if ("taken-in", "") not in known:
        found.append(Happening(at=one.created_at, kind="taken-in", project=one.id, by=one.requester))
    if one.completed_at and not any(happening.at == one.completed_at for happening in told):
        found.append(Happening(at=one.completed_at, kind="stage", project=one.id, detail=Stage.COMPLETE))
    for task in one.tasks:
        facts = {"project": one.id, "task": task.id, "worker": task.worker or ""}
        moments = _moments(task)
        if "assigned" in moments and (task.id, moments["assigned"]) not in given:
            found.append(Happening(at=moments["assigned"], kind="assigned", **facts))
        if "done" in moments and ("done", task.id) not in known:
            found.append(Happening(at=moments["done"], kind="done", **facts))
    return found


def _moments(task: Task) -> Mapping[str, datetime]:
    """When a task that a worker has was assigned; when one that is done was done."""
    if task.status.held and task.assigned_at:
        return {"assigned": task.assigned_at}
    if task.status is TaskStatus.DONE and task.finished_at:
        return {"done": task.finished_at}
    return {}
