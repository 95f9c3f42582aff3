"""Taking in a repository that is there already: its open ``dev-ready`` issues become tasks."""

from __future__ import annotations

import re

from bot.domain.draft import Draft
from bot.domain.events.looked_up import FoundIssue, FoundRepository
from bot.domain.labels import PROJECT
from bot.domain.models import Project, Task
from bot.domain.outputs import ADOPTED, GenesisOutput, PlannedIssue, Priority
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus
from bot.policies.projects.planning import plan_development

_CHECKBOX = re.compile(r"^[^\S\n]*[-*][^\S\n]+\[[ xX]\][^\S\n]+(\S.*)$", re.MULTILINE)
_NEEDS = re.compile(
    r"(?:depends on|blocked by|needs|after)\s*:?\s*((?:#\d+(?:\s*(?:,|and)\s*)?)+)", re.IGNORECASE
)
_EFFORT = re.compile(r"\b([1-3])\s+(?:working\s+)?days?\b", re.IGNORECASE)
_DAYS = {"quick": 1, "small": 1, "standard": 2, "medium": 2, "large": 3}
_WHOLE = ("deployment", "performance")


def planned(found: FoundRepository) -> tuple[PlannedIssue, ...]:
    """The issues of a repository as Genesis would have handed them on; only known ones are depended on."""
    numbers = {issue.number for issue in found.issues}
    return tuple(_planned(issue, numbers) for issue in found.issues)


def _planned(issue: FoundIssue, numbers: set[int]) -> PlannedIssue:
    criteria = tuple(line.strip()[:500] for line in _CHECKBOX.findall(issue.body))[:50]
    needed = [int(number) for text in _NEEDS.findall(issue.body) for number in re.findall(r"\d+", text)]
    # Only earlier issues, so that two that name each other do not wait for ever.
    before = sorted({number for number in needed if number in numbers and number < issue.number})
    return PlannedIssue(
        key=f"issue-{issue.number}",
        title=issue.title[:200] or f"Issue {issue.number}",
        body="",
        acceptance=criteria or (issue.title[:500] or "as the issue says",),
        specialty=next((name for name in _WHOLE if name in issue.labels), "tests"),
        days=_days(issue),
        priority=next((level for level in Priority if f"priority:{level}" in issue.labels), Priority.NORMAL),
        milestone="MVP",
        depends_on=tuple(f"issue-{number}" for number in before),
        number=issue.number,
    )


def _days(issue: FoundIssue) -> int:
    """The effort that a label or the text names, else two days."""
    for label in issue.labels:
        if (days := _DAYS.get(label.rpartition(":")[2].lower())) is not None:
            return days
    effort = _EFFORT.search(issue.body)
    return int(effort[1]) if effort else 2


def known_numbers(draft: Draft, full_name: str) -> frozenset[int]:
    """Numbers of a repository's issues that some project has tasks for."""
    return frozenset(
        issue.number
        for project in of_repository(draft, full_name)
        for issue in (draft.genesis[project.id].issues if project.id in draft.genesis else ())
        if issue.number is not None
    )


def by_branch(
    draft: Draft, found: FoundRepository, issues: tuple[PlannedIssue, ...]
) -> dict[str, tuple[PlannedIssue, ...]]:
    """A repository's issues by the branch of the project that they are of; empty is the default branch.

    A project that lives on a branch of its own is told by the label that its issues carry.
    """
    named = {issue.number: _named(draft, issue) for issue in found.issues}
    grouped: dict[str, tuple[PlannedIssue, ...]] = {}
    for issue in issues:
        project = named.get(issue.number) if issue.number is not None else None
        here = project is not None and project.repository.lower() == found.full_name.lower()
        branch = project.branch if project is not None and here else ""
        grouped[branch] = (*grouped.get(branch, ()), issue)
    return grouped


def being_filed(draft: Draft, found: FoundRepository) -> frozenset[int]:
    """Issues of a project whose Genesis is still filing them: they are planned when that is done."""
    named = {issue.number: _named(draft, issue) for issue in found.issues}
    return frozenset(number for number, project in named.items() if project and not project.repository)


def archived(draft: Draft, found: FoundRepository) -> frozenset[int]:
    """Issues of projects on branches of their own that have left the state: they are nobody else's."""
    labels = {f"{PROJECT}{one.id}" for one in draft.archived.items}
    return frozenset(issue.number for issue in found.issues if labels.intersection(issue.labels))


def is_shared(draft: Draft, full_name: str) -> bool:
    """Whether some project has, or had, a repository already."""
    wanted = full_name.lower()
    left = any(one.repository.lower() == wanted for one in draft.archived.items)
    return left or bool(of_repository(draft, full_name))


def _named(draft: Draft, issue: FoundIssue) -> Project | None:
    ids = (label.removeprefix(PROJECT) for label in issue.labels if label.startswith(PROJECT))
    return next((draft.projects[id_] for id_ in ids if id_ in draft.projects), None)


def of_repository(draft: Draft, full_name: str) -> list[Project]:
    """The projects whose repository it is, oldest first."""
    wanted = full_name.lower()
    found = [project for project in draft.projects.values() if project.repository.lower() == wanted]
    return sorted(found, key=lambda project: (project.created_at, project.id))


def output_of(
    found: FoundRepository, issues: tuple[PlannedIssue, ...], before: GenesisOutput | None = None
) -> GenesisOutput:
    """What is known of what nobody here has made; of a branch also what was known ``before``."""
    known = (
        {} if before is None else before.model_dump(include={"stack", "commands", "branch", "default_branch"})
    )
    output = GenesisOutput(
        title=found.full_name.rpartition("/")[2],
        summary=found.description,
        repository=found.full_name,
        repository_url=found.url,
        default_branch=found.default_branch,
        issues=issues,
        stack="",
        executor=ADOPTED,
    )
    return GenesisOutput.model_validate({**output.model_dump(), **known})


def open_for_more(project: Project) -> bool:
    """Whether issues can still be added: its deployment, which waits for all of them, has not begun.

    Nor has it where the whole of Development waits for somebody's approval.
    """
    if project.gate is not None and project.gate.stage is Stage.DEVELOPMENT:
        return project.status is not ProjectStatus.FAILED
    deployment = project.task(f"{project.id}.deployment")
    waits = deployment is not None and deployment.status in (TaskStatus.WAITING, TaskStatus.STOPPED)
    dropped = project.status is ProjectStatus.FAILED
    return project.stage is Stage.DEVELOPMENT and waits and not dropped


def add_issues(draft: Draft, project: Project, issues: tuple[PlannedIssue, ...]) -> int:
    """Plan further issues of a project; the number of new tasks, none before its development may begin."""
    output = draft.genesis[project.id]
    known = {issue.key for issue in output.issues}
    fresh = tuple(issue for issue in issues if issue.key not in known)
    output = output.model_copy(update={"issues": (*output.issues, *fresh)})
    draft.genesis[project.id] = output
    if project.stage is Stage.GENESIS:
        return 0
    tasks = {task.id: task for task in project.tasks}
    added: list[Task] = []
    for task in plan_development(project, output, draft.now):
        if task.id not in tasks:
            added.append(task)
        elif task.id == f"{project.id}.deployment":
            tasks[task.id] = tasks[task.id].model_copy(update={"depends_on": task.depends_on})
    draft.put(project.model_copy(update={"tasks": (*tasks.values(), *added)}))
    return len(added)
