"""Making outside what an accepted report describes: looked up first, then made or continued.

Every artefact has a name or marker derived from project and key, never from the attempt, so a kill at
any point, or a second worker, doubles nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from bot.domain.errors import NotFound, OrchestratorError, Unavailable
from bot.domain.models import Project
from bot.domain.outputs import GenesisOutput, PlannedIssue
from bot.ports import Forge, RepositoryFacts
from bot.publishing_ports import Publisher
from bot.render.markers import marked, marker

_REFERENCE = re.compile(r"\{\{issue:([a-z0-9-]+)\}\}")
_MILESTONES = {"MVP": "The least that is useful", "V1": "The first full version", "V2": "What can wait"}
_LABELS = {
    "dev-ready": ("1a7f37", "Ready for a Development worker"),
    "feature": ("0969da", "Behaviour that a user asked for"),
    "tests": ("8250df", "Tests"),
    "review": ("bf3989", "Review and quality"),
    "deployment": ("bc4c00", "Getting it to where it runs"),
    "performance": ("d4a72c", "Speed and size"),
}


def publish_genesis(
    publisher: Publisher, owner: str, project: Project, output: GenesisOutput, bundle: Path
) -> GenesisOutput:
    """Create the repository, push the scaffold, file its issues; returns the output with their numbers.

    Raises OrchestratorError where the name is taken by a repository that is not this project's.
    """
    full_name = f"{owner}/{project.id}"
    forge = publisher.forge(full_name)
    repository = _repository(forge, full_name, project)
    commit = publisher.push(bundle, repository.clone_url, output.default_branch)
    if commit != output.commit:
        raise OrchestratorError(
            f"{full_name} has another {output.default_branch} already ({commit[:12]}, expected "
            f"{output.commit[:12]}); delete or rename that repository, then retry the task"
        )
    issues = _issues(forge, project, output)
    return output.model_copy(
        update={"repository": full_name, "repository_url": repository.url, "issues": issues}
    )


def _describe(project: Project) -> str:
    title = project.title.replace("@", "@\u200b")
    return f"{title} · made by orchestrator for project {project.id}"


def _repository(forge: Forge, full_name: str, project: Project) -> RepositoryFacts:
    found = _existing(forge)
    if found is None:
        try:
            return forge.create_repository(_describe(project))
        except Unavailable:
            if (found := _existing(forge)) is None:
                raise
    if not found.description.endswith(f"made by orchestrator for project {project.id}"):
        raise OrchestratorError(
            f"{full_name} exists already and was not made for this project; rename or delete it, "
            "then retry the task"
        )
    return found


def _existing(forge: Forge) -> RepositoryFacts | None:
    try:
        return forge.repository()
    except NotFound:
        return None


def _issues(forge: Forge, project: Project, output: GenesisOutput) -> tuple[PlannedIssue, ...]:
    """File the issues in the order of their dependencies, so that each can name those before it."""
    _define_labels(forge, output)
    milestones = _define_milestones(forge, output)
    filed = _filed(forge, project)
    planned = {issue.key: issue for issue in output.issues}
    order = TopologicalSorter({key: sorted(issue.depends_on) for key, issue in planned.items()})
    for key in order.static_order():
        if key not in filed:
            filed[key] = _file(forge, project, planned[key], filed, milestones)
    return tuple(issue.model_copy(update={"number": filed[issue.key]}) for issue in output.issues)


def _file(
    forge: Forge,
    project: Project,
    issue: PlannedIssue,
    filed: Mapping[str, int],
    milestones: Mapping[str, int],
) -> int:
    text = _REFERENCE.sub(lambda found: f"#{filed[found[1]]}" if found[1] in filed else found[1], issue.body)
    body = marked("issue", f"{project.id}/{issue.key}", text)
    labels = sorted({"dev-ready", issue.specialty, f"priority:{issue.priority}"})
    try:
        return forge.create_issue(issue.title, body, labels, milestones[issue.milestone]).number
    except Unavailable:
        landed = _filed(forge, project).get(issue.key)
        if landed is None:
            raise
        return landed


def _filed(forge: Forge, project: Project) -> dict[str, int]:
    """Issues that are there already, by key; anybody may write a marker, so only this account's count."""
    found: dict[str, int] = {}
    for issue in forge.issues():
        kind, id_ = marker(issue.body) or ("", "")
        owner, _, key = id_.partition("/")
        if kind == "issue" and owner == project.id and issue.author == forge.whoami():
            found[key] = min(issue.number, found.get(key, issue.number))
    return found


def _define_labels(forge: Forge, output: GenesisOutput) -> None:
    present = forge.label_names()
    used = {"dev-ready", *(issue.specialty for issue in output.issues)}
    for name in sorted(used - present):
        colour, description = _LABELS.get(name, ("6e7781", ""))
        forge.create_label(name, colour, description)


def _define_milestones(forge: Forge, output: GenesisOutput) -> dict[str, int]:
    numbers = forge.milestones()
    for title, description in _MILESTONES.items():
        if title not in numbers:
            numbers[title] = forge.create_milestone(title, description)
    return numbers
