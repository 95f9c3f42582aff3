"""The pinned issue: the whole system at a glance, in moments rather than in "minutes ago".

What a person needs first comes first and always stays; of long lists the rows at the end go, and it says
how many. Nothing in it changes by time alone but what is counted over the last 24 hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from bot.domain.draft import Draft
from bot.domain.expected import Expected
from bot.domain.figures import Hearing, Metrics, Overview
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Project
from bot.domain.records import Alert
from bot.domain.showing import StatusShown
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus, WorkerStatus, Workflow
from bot.render import budgets, diagrams
from bot.render.alerts import SIGNS, worst_first
from bot.render.approving import standing
from bot.render.concerns import health
from bot.render.controls import in_force
from bot.render.metrics import figures
from bot.render.progress import brief
from bot.render.remedies import remedies
from bot.render.requests import saving
from bot.render.text import clock, code, escape, fitted, plural, span, table
from bot.render.workers import counted

T = TypeVar("T")
LEAST_ROW = 45
"""Characters that the shortest row of a table has, about."""
OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)
_CONTROLS = (
    "**Controls:** `/status` · `/queues` · `/instances` · `/metrics` · `/alerts` · `/pause development` · "
    "`/emergency-stop all` · `/help`"
)
_UNPINNED = (
    "📌 **This issue is not pinned**: somebody unpinned it, or GitHub refused. A repository has room for "
    "three pinned issues, and the token needs `issues: write`. To have it pinned, unpin another and choose "
    "*Pin issue* here; the bot does not try again."
)


def page(draft: Draft, found: Overview, measured: Metrics, ends: Mapping[str, Expected]) -> str:
    """The whole issue, without the line that says when it was written."""
    parts = [
        _unanswered(draft, found.hearing),
        health(draft, found),
        saving(draft.showing.shed),
        _pinned(draft.showing.status),
        remedies(draft, found),
        "\n".join(f"- {one}" for one in (*in_force(draft, dated=True), *budgets.in_force(draft, dated=True))),
        _CONTROLS,
        _queues(draft, found),
        _workers(draft),
        _running(draft, found.ends),
        _projects(draft, ends),
        _alerts(draft),
        f"**The last 24 h against the targets**\n\n{figures(measured)}",
        _diagrams(draft, ends),
    ]
    return "\n\n".join(part for part in parts if part)


def foot(written: datetime) -> str:
    """When it was written, and how it is kept."""
    return (
        f"<sub>Times are UTC. Written at {clock(written)}; again when something has changed, "
        "at most once a minute. Close this issue to have it left alone, reopen it to have it kept.</sub>"
    )


def closed(number: int) -> str:
    """Said once when a person closes it."""
    return f"#{number} is not kept up to date any more. Reopen it, and it is; `/status` answers anywhere."


def _pinned(status: StatusShown | None) -> str:
    return _UNPINNED if status is not None and not status.pinned else ""


def _unanswered(draft: Draft, found: Hearing) -> str:
    number = plural(found.unanswered, "command")
    if found.oldest is None:
        return f"**{number} unanswered.**"
    since = clock(draft.now - found.oldest)
    return f"⚠️ **{number} unanswered**, the oldest since {since}. The next tick looks for answers."


# queues and workers


def _queues(draft: Draft, found: Overview) -> str:
    rows = [_queue(draft, workflow, found) for workflow in Workflow]
    review = QueueName.REVIEW
    rows.append(["review", str(draft.depth(review)), _oldest(draft, review), "–", "people"])
    return "**Queues**\n\n" + table(["queue", "waiting", "oldest since", "median time", "workers"], rows)


def _queue(draft: Draft, workflow: Workflow, found: Overview) -> list[str]:
    name = QueueName(workflow.value)
    takes, attempts = found.times[workflow]
    workers = [one for one in draft.instances.values() if one.workflow is workflow]
    time = f"{span(takes)}{'' if attempts else ' (assumed)'}"
    return [workflow.value, str(draft.depth(name)), _oldest(draft, name), time, counted(workers)]


def _oldest(draft: Draft, name: QueueName) -> str:
    first = min((item.enqueued_at for item in draft.items(name)), default=None)
    return f"{first:%m-%d %H:%M}" if first else "–"


def _workers(draft: Draft) -> str:
    """Those that are not as they should be; the others are counted with their queues."""
    wrong = [one for one in draft.instances.values() if _trouble(draft, one)]
    if not wrong:
        return ""
    title = f"**{plural(len(wrong), 'worker')} out of service**"
    head = ["worker", "workflow", "state"]
    return _rows(title, head, sorted(wrong, key=_by_id), lambda one: _worker(draft, one), 4_000)


def _worker(draft: Draft, worker: Instance) -> list[str]:
    return [code(worker.id), worker.workflow.value, _trouble(draft, worker)]


def _by_id(worker: Instance) -> str:
    return worker.id


def _trouble(draft: Draft, worker: Instance) -> str:
    if worker.status is WorkerStatus.OFFLINE:
        since = f" since {worker.offline_since:%m-%d %H:%M}" if worker.offline_since else ""
        return f"offline{since}"
    if worker.probe_at is not None and worker.tripped(draft.now):
        return f"taken out after {plural(len(worker.faults), 'failure')} until {worker.probe_at:%m-%d %H:%M}"
    return "draining" if worker.status is WorkerStatus.DRAINING else ""


def _running(draft: Draft, ends: Mapping[str, datetime]) -> str:
    """Every task that a worker has, those first that end first."""
    far = datetime.max.replace(tzinfo=draft.now.tzinfo)
    held = [(one.assignment, one) for one in draft.instances.values() if one.assignment is not None]
    held.sort(key=lambda pair: (ends.get(pair[0].task, far), pair[0].task))
    if not held:
        return "**Running:** nothing."
    title = f"**{plural(len(held), 'task')} running**"
    head = ["task", "expected end", "worker", "progress", "since"]
    return _rows(title, head, held, lambda pair: _run(*pair, ends.get(pair[0].task)), 9_000)


def _run(work: Assignment, worker: Instance, until: datetime | None) -> list[str]:
    seen = work.progress_at or work.claimed_at
    step = f"at work, seen {seen:%H:%M}" if seen else "starting"
    due = f"{until:%m-%d %H:%M}" if until else "–"
    return [code(work.task, 60), due, code(worker.id), step, f"{work.assigned_at:%m-%d %H:%M}"]


# projects and alerts


def _projects(draft: Draft, ends: Mapping[str, Expected]) -> str:
    """The open ones: those first that end first, then those of which nobody can say it."""
    if not draft.projects and not draft.archived.count:
        return "No project yet. Start one with `/dispatch-genesis <idea>`."
    far = datetime.max.replace(tzinfo=draft.now.tzinfo)
    going = [one for one in draft.projects.values() if one.status not in OVER]
    going.sort(key=lambda one: (ends[one.id].end if one.id in ends else far, one.created_at, one.id))
    over = states(draft)
    words = {ProjectStatus.COMPLETE: "complete", ProjectStatus.FAILED: "dropped"}
    finished = ", ".join(f"{over[status]} {word}" for status, word in words.items() if over[status])
    title = f"**{plural(len(going), 'open project')}**" + (f" ({finished})" if finished else "")
    if not going:
        return f"{title}."
    head = ["project", "expected end (80 %)", "done", "status", "stage"]
    return _rows(title, head, going, lambda one: _project(one, ends.get(one.id)), 18_000)


def states(draft: Draft) -> Counter[ProjectStatus]:
    """How many projects there are of each status, with those that are in the archive."""
    found = Counter(one.status for one in draft.projects.values())
    found[ProjectStatus.COMPLETE] += draft.archived.complete
    found[ProjectStatus.FAILED] += draft.archived.dropped
    return found


def _project(one: Project, expected: Expected | None) -> list[str]:
    issue = f"#{one.issue} " if one.issue else ""
    done = sum(task.status is TaskStatus.DONE for task in one.tasks)
    tasks = f"{done}/{sum(not task.discarded for task in one.tasks)}"
    due = brief(expected) if expected else "–"
    return [f"{issue}{escape(one.title, 40)}", due, tasks, standing(one), one.stage.value]


def _alerts(draft: Draft) -> str:
    found = worst_first(draft.alerts)
    if not found:
        return "**No alert is open.**"
    title = f"**{plural(len(found), 'open alert')}** (`/ack <alert-id>` takes one on)"
    head = ["severity", "alert", "since", "cause", "taken on by"]
    return _rows(title, head, found, _alert, 8_000)


def _alert(alert: Alert) -> list[str]:
    by = code(alert.taken_by) if alert.taken_by else "nobody"
    name = f"{code(alert.id)} #{alert.issue}" if alert.issue else code(alert.id)
    return [SIGNS[alert.severity], name, f"{alert.since:%m-%d %H:%M}", escape(alert.cause, 160), by]


def _rows(
    title: str, head: Sequence[str], items: Sequence[T], row: Callable[[T], list[str]], most: int
) -> str:
    """A table of at most so many characters; rows that cannot fit are not even made."""
    made = items[: most // LEAST_ROW]
    lines = table(head, [row(one) for one in made]).split("\n")
    more = len(items) - len(made)
    return fitted(f"{title}\n\n" + "\n".join(lines[:2]), lines[2:], most=most, more=more)


# diagrams


def _diagrams(draft: Draft, ends: Mapping[str, Expected]) -> str:
    """Folded up: each section only where there is something to draw."""
    going = [one for one in draft.projects.values() if one.status not in OVER]
    bars = [_bar(one, ends[one.id]) for one in going if one.id in ends]
    busy = Counter(one.status for one in draft.instances.values())
    more = f"\n\n… and {len(bars) - diagrams.BARS} more." if len(bars) > diagrams.BARS else ""
    sections = [
        ("Queues and throughput, 24 h", "\n\n".join(diagrams.flow(draft.hours))),
        ("Open projects and their expected ends", diagrams.gantt(bars) + (more if bars else "")),
        ("Projects and workers by state", _pies(states(draft), busy)),
    ]
    return "\n\n".join(
        f"<details><summary>{name}</summary>\n\n{drawn}\n\n</details>" for name, drawn in sections if drawn
    )


def _bar(one: Project, expected: Expected) -> diagrams.Bar:
    stage = one.stage if one.stage is not Stage.COMPLETE else Stage.CONTENT
    return diagrams.Bar(stage.value, one.issue or one.asked_on, one.title, one.created_at, expected.end)


def _pies(states: Counter[ProjectStatus], busy: Counter[WorkerStatus]) -> str:
    projects = {status.value: states[status] for status in ProjectStatus}
    workers = {status.value: busy[status] for status in WorkerStatus}
    drawn = [diagrams.pie("Projects", projects), diagrams.pie("Workers", workers)]
    return "\n\n".join(one for one in drawn if one)
