"""A project's page: where it stands, its tasks, and every decision about it with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bot.dashboard.charts import Bar, Timeline, as_json, millis
from bot.dashboard.markdown import block, inline
from bot.dashboard.parts import Cell, Drawing, Table, chip, link, mono
from bot.dashboard.past import Given
from bot.dashboard.projects import expected
from bot.dashboard.source import Source
from bot.domain.controls import Happening
from bot.domain.models import Project, Task
from bot.domain.vocabulary import TaskStatus
from bot.render.budgets import money
from bot.render.choices import candidates, chosen, remarks
from bot.render.journal import happened_to_it
from bot.render.pulls import standing
from bot.render.text import clock, code, escape, plural, span
from bot.render.why import why_project

TASKS = 60
"""Rows of the gantt."""


@dataclass(frozen=True, slots=True)
class Page:
    """What its template names."""

    id: str
    title: str
    status: Markup
    facts: list[tuple[str, Cell]]
    idea: str
    why: Markup
    gantt: Drawing
    tasks: Table
    choices: list[tuple[str, Markup]]
    """(task, why it went to its worker, with the candidates)."""
    failures: list[tuple[str, str, str]]
    """(task, what went wrong, what was printed)."""
    log: list[Markup]
    reaches: str


def page(source: Source, one: Project, happened: list[Happening]) -> Page:
    """``happened``: what the journals say about it, oldest first."""
    open_ = [(task, source.outlooks.of(one, task)) for task in one.tasks if not task.over]
    return Page(
        id=one.id,
        title=one.title,
        status=chip(one.status.value),
        facts=list(_facts(source, one)),
        idea=one.idea,
        why=block(why_project(source.draft, one, open_), "Open tasks and what each waits for"),
        gantt=_gantt(source, one),
        tasks=_tasks(source, one),
        choices=[(task.id, _choice(task)) for task in one.tasks if task.choice is not None],
        failures=[
            (task.id, _failed(task), task.error.output) for task in one.tasks if task.error is not None
        ],
        log=_log(source, one, happened),
        reaches=_reaches(source),
    )


def _log(source: Source, one: Project, happened: list[Happening]) -> list[Markup]:
    """What the journals say and who was given what, in the order in which it was."""
    lines = [(line.at, 0, happened_to_it(line)) for line in happened]
    lines += [(given.at, 1, _given(given)) for given in source.history.given.get(one.id, ())]
    lines.sort(key=lambda line: line[:2])  # within a second: what ended there, then what it made room for
    return [inline(text) for _, _, text in lines]


def _given(one: Given) -> str:
    among = f" of {one.considered} idle workers" if one.considered > 1 else ""
    to = f"attempt {one.attempt} given to {code(one.worker)}{among}"
    return f"{one.at:%Y-%m-%d %H:%M:%S} {code(one.task)}: {to}, because {escape(one.rule, 200)}"


def _reaches(source: Source) -> str:
    first = next(iter(source.history.happenings), None)
    return f"The journals that are kept reach back to {clock(first.at)}." if first else ""


def _facts(source: Source, one: Project) -> Iterator[tuple[str, Cell]]:
    yield "Stage", one.stage.value
    yield "Priority", one.priority.value
    yield "Size", one.size.value
    if one.stack:
        yield "Stack", one.stack
    yield "Asked for", f"{clock(one.created_at)} by {one.requester}"
    if one.issue:
        yield "Issue", link(source.issue_url(one.issue), f"#{one.issue}")
    if one.repository:
        yield "Repository", link(one.home_url, one.repository)
    if one.deployment_url:
        yield "Deployed at", link(one.deployment_url, one.deployment_url)
    for pull in sorted(one.pulls, key=lambda found: found.facts.number):
        named = link(pull.facts.url, f"#{pull.facts.number}")
        yield "Pull request", Markup("{} ({})").format(named, standing(source.draft.config, one, pull))
    yield "Expected end", expected(source, one)
    if one.completed_at is not None:
        yield "Took", span(one.completed_at - one.created_at)
    if one.spend:
        yield "Spent on agents", money(one.spend)
    for approval in one.approvals:
        yield "Approved", f"{approval.stage.value}, by {approval.by} at {clock(approval.at)}"
    for more in one.allowances:
        yield "Allowed", f"{money(more.dollars)} more, by {more.by} at {clock(more.at)}"
    if one.stop is not None:
        yield "Stopped", f"by {one.stop.by} at {clock(one.stop.at)}"


def _tasks(source: Source, one: Project) -> Table:
    head = ("Task", "Title", "Specialty", "Status", "Worker", "Began (UTC)", "Took", "Attempts")
    rows = [_task(source.now, one.id, task) for task in one.tasks]
    return Table("tasks", plural(len(rows), "task"), head, rows, frozenset({7}), (3,), paged=True)


def _task(now: datetime, project: str, task: Task) -> list[Cell]:
    status = "dropped" if task.discarded else task.status.value
    ended = task.finished_at or (now if task.status.held else None)
    took = span(ended - task.assigned_at) if ended and task.assigned_at else "–"
    return [
        mono(task.id.removeprefix(f"{project}.")),
        task.title or "–",
        task.specialty,
        chip(status),
        mono(task.worker) if task.worker else "–",
        clock(task.assigned_at).removesuffix(" UTC") if task.assigned_at else "–",
        took,
        str(task.attempt),
    ]


def _choice(task: Task) -> Markup:
    """The rule in a sentence, what it does not tell, and the candidates with their figures."""
    if task.choice is None:
        return Markup()
    best = next(iter(task.choice.candidates), None)
    worker = task.worker or (best.worker if best else "a worker")
    said = [f"It went to `{worker}`{chosen(task.choice)}.", *remarks(task)]
    return block("\n\n".join([" ".join(said), candidates(task, task.choice)]), f"Candidates for {task.id}")


def _failed(task: Task) -> str:
    error = task.error
    if error is None:
        return ""
    ended = f", exit code {error.exit_code}" if error.exit_code is not None else ""
    words = f": {error.summary}" if error.summary else ""
    kind = "was sent back by a quality gate" if error.rework else "failed"
    return f"Attempt {error.attempt} on {error.worker} {kind} at {clock(error.at)}{ended}{words}"


def _gantt(source: Source, one: Project) -> Drawing:
    begun = [task for task in one.tasks if task.assigned_at is not None][-TASKS:]
    bars = [
        Bar(
            row,
            millis(task.assigned_at),
            millis(task.finished_at or source.now),
            _tone(task),
            f"{task.id} on {task.worker or 'nobody'}",
        )
        for row, task in enumerate(begun)
        if task.assigned_at is not None
    ]
    begin = min([bar.begin for bar in bars], default=millis(one.created_at))
    end = max([bar.end for bar in bars], default=millis(source.now))
    names = [task.id.removeprefix(f"{one.id}.") for task in begun]
    chart = Timeline(names, bars, begin, end, millis(source.now))
    height = 70 + 22 * max(1, len(names))
    note = f"The latest attempt of {plural(len(names), 'task')}; the table below tells the same."
    return Drawing("gantt", "Its tasks over time", as_json(chart), None, note, height)


def _tone(task: Task) -> str:
    if task.status is TaskStatus.DONE:
        return "succeeded"
    if task.status.held:
        return "under way"
    return "failed"


def by_project(source: Source) -> dict[str, list[Happening]]:
    """What the journals say about each project, oldest first."""
    found: dict[str, list[Happening]] = {}
    for one in source.history.happenings:
        if one.project:
            found.setdefault(one.project, []).append(one)
    return found
