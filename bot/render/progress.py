"""How far a project is, in the comment that is kept up to date. Says nothing that time alone changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.draft import Draft
from bot.domain.expected import Expected
from bot.domain.gates import approver
from bot.domain.models import Project, Task
from bot.domain.outputs import GenesisOutput
from bot.domain.showing import Shown
from bot.domain.vocabulary import ProjectStatus, TaskStatus
from bot.render.approving import idea_of, standing
from bot.render.project import ORDER, link, links, stages, standing_of
from bot.render.pulls import linked
from bot.render.replies import project_issue
from bot.render.shown import shown
from bot.render.steps import merges, review, stopped
from bot.render.text import clock, code, escape, fitted, plural, span, table

MOST = 30_000
"""Characters; a project's own issue holds its idea, too."""
_IDEA = 25_000
_KEPT = "<sub>Kept up to date, at most once a minute. `/status {}` tells more.</sub>"
_LAST = "<sub>`/status {}` tells more.</sub>"


def begun(project: Project) -> str:
    """The comment that a project gets where the answer to its command is about others, too."""
    return f"**{escape(project.title)}** (`{project.id}`): {standing(project)}. This comment follows it."


def body(draft: Draft, one: Project, expected: Expected | None) -> str:
    """Where a project stands, what it waits for, its tasks with their links, when it should be done."""
    parts = [
        f"**{escape(one.title)}** (`{one.id}`): {standing_of(one)}",
        stages(one),
        _when(one, expected),
        _todo(list(_wanted(draft, one))) if one.status is not ProjectStatus.COMPLETE else "",
        f"Links: {links(one)}",
        _tasks(draft, one),
        (_LAST if one.status is ProjectStatus.COMPLETE else _KEPT).format(one.id),
    ]
    return "\n\n".join(part for part in parts if part)


def written(draft: Draft, one: Project, place: Shown, expected: Expected | None) -> str:
    """The same as it is written: in a comment, or in the project's own issue below its idea."""
    text = body(draft, one, expected)
    if place.effect:
        return shown("effect", place.effect, place.digest, text)
    _, idea = project_issue(one, one.asked_on, _IDEA)
    return shown("project", one.id, place.digest, f"{text}\n\n---\n\n{idea}")


def _when(one: Project, expected: Expected | None) -> str:
    if one.completed_at is not None:
        took = span(one.completed_at - one.created_at)
        return f"**Complete:** {clock(one.completed_at)}, after {took}"
    if not one.going or expected is None:
        return ""
    return f"**Expected end:** {end(expected)}"


def end(expected: Expected) -> str:
    """``2026-11-26 16:40 UTC (80 %: 15:10 to 19:05)``; the day only where it is another."""
    if expected.low is None or expected.high is None:
        return f"about {clock(expected.end)}"
    low, high = expected.low, expected.high
    days = {moment.date() for moment in (low, expected.end, high)}
    form = "%H:%M" if len(days) == 1 else "%m-%d %H:%M"
    return f"{clock(expected.end)} (80 %: {low.strftime(form)} to {high.strftime(form)})"


def brief(expected: Expected) -> str:
    """The same in a cell of a table: ``11-26 16:40 (15:10–19:05)``."""
    form = "%m-%d %H:%M"
    if expected.low is None or expected.high is None:
        return f"~{expected.end.strftime(form)}"
    one_day = expected.low.date() == expected.end.date() == expected.high.date()
    inner = "%H:%M" if one_day else form
    return f"{expected.end.strftime(form)} ({expected.low.strftime(inner)}–{expected.high.strftime(inner)})"


def _todo(found: Sequence[str]) -> str:
    if not found:
        return "**What to do:** nothing, it goes on by itself."
    return "**What to do:**\n\n" + "\n".join(f"- {one}." for one in found)


def _wanted(draft: Draft, one: Project) -> Iterator[str]:
    """What waits for a person: of this project alone, not what holds the whole fleet."""
    if one.status is ProjectStatus.FAILED:
        yield f"Nothing, it was dropped; `/retry {one.id}` takes it up again"
        return
    yield from stopped(draft, one)
    if one.closing is not None:
        yield (
            f"Its issue was closed, so it stops at {clock(one.closing.due)}. "
            f"Reopen the issue, or `/resume {one.id}`, if it shall go on"
        )
    if one.gate is not None:
        role = approver(draft.config.commands)
        yield (
            f"It waits for approval before it enters {one.gate.stage.capitalize()}, since "
            f"{clock(one.gate.since)} ({idea_of(one)}). Somebody with the role **{role}** lets it go on: "
            f"`/approve {one.id}`"
        )
    yield from review(one, {task.id for task in one.tasks if task.essential})
    yield from merges(draft, one)


# tasks


def _tasks(draft: Draft, one: Project) -> str:
    """What needs a person and what runs first; what is over folded up below."""
    tasks = sorted(one.tasks, key=lambda task: (task.discarded, ORDER.index(task.status)))
    open_ = [_row(draft, one, task) for task in tasks if not task.over]
    over = [_row(draft, one, task) for task in tasks if task.over]
    parts = []
    if open_:
        parts.append(_table(f"**{plural(len(open_), 'open task')}**", open_, 14_000))
    if over:
        folded = _table(f"<details><summary>{plural(len(over), 'task')} over</summary>", over, 8_000)
        parts.append(f"{folded}\n\n</details>")
    return "\n\n".join(parts)


def _table(head: str, rows: Sequence[Sequence[str]], most: int) -> str:
    lines = table(["task", "status", "links"], rows).split("\n")
    return fitted(f"{head}\n\n" + "\n".join(lines[:2]), lines[2:], most=most)


def _row(draft: Draft, one: Project, task: Task) -> list[str]:
    name = code(task.id.removeprefix(f"{one.id}."), 60)
    title = escape(task.title, 60)
    return [f"{name} {title}" if title else name, _status(task), _links(one, task, draft.genesis.get(one.id))]


def _status(task: Task) -> str:
    if task.discarded:
        return "dropped"
    word = "in review" if task.status is TaskStatus.REVIEW else task.status.value
    if task.status.held and task.worker and task.assigned_at:
        word += f" on `{task.worker}` since {task.assigned_at:%m-%d %H:%M}"
    if task.status is TaskStatus.DONE and task.finished_at and task.assigned_at:
        word += f" in {span(task.finished_at - task.assigned_at)}"
    return word + (f", attempt {task.attempt}" if task.attempt > 1 else "")


def _links(one: Project, task: Task, output: GenesisOutput | None) -> str:
    """Its issue in the project's repository, and its pull request."""
    issues = output.issues if output is not None and one.repository_url else ()
    number = next((issue.number for issue in issues if issue.key == task.item), None)
    found = [link(f"issue #{number}", f"{one.repository_url}/issues/{number}")] if number else []
    pull = one.pull(task.key)
    found += [f"pull request {linked(pull)}"] if pull is not None else []
    return ", ".join(found) or "–"
