"""Making outside what an accepted Genesis report describes: looked up first, then made or continued.

With a token that may make repositories, a repository of the project's own; else a branch of this one that
holds the project at its root. Every artefact has a name or marker derived from project and key, never from
the attempt, so a kill at any point, or a second worker, doubles nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.app.publishing.planned_issues import Filing
from bot.domain.errors import Forbidden, NotFound, PlaceTaken, Unavailable
from bot.domain.models import Project
from bot.domain.outputs import GenesisOutput
from bot.domain.repositories import Repositories, branch_for
from bot.ports.facts import RepositoryFacts
from bot.ports.forge import Forge
from bot.ports.projects import Publisher

_MOST_TITLE = 250
"""Characters of it in a repository's description, of which GitHub takes 350."""


def publish_apart(
    publisher: Publisher,
    here: str,
    rule: Repositories,
    project: Project,
    output: GenesisOutput,
    bundle: Path,
) -> GenesisOutput:
    """Create the repository, push the scaffold, file its issues; returns the output with their numbers.

    ``here`` is this repository, ``owner/name``. Raises PlaceTaken where the name is taken by a repository
    that is not this project's.
    """
    owner = rule.owner or here.partition("/")[0]
    full_name = f"{owner}/{project.id}"
    forge = publisher.forge(full_name)
    repository = _existing(forge)
    if repository is None:
        repository = _created(forge, project, private=_private(publisher, here, rule))
    _check_own(repository, full_name, project)
    commit = publisher.push(bundle, repository.clone_url, output.default_branch)
    if commit != output.commit:
        raise PlaceTaken(
            f"{full_name} has another {output.default_branch} already ({commit[:12]}, expected "
            f"{output.commit[:12]}); delete or rename that repository, then retry the task"
        )
    made = {
        "repository": full_name,
        "repository_url": repository.url,
        "branch": "",
        "left_out": (),
        "protected": forge.protect(output.default_branch) if rule.protect else None,
        "issues": Filing(forge, project).file(output),
    }
    return _whole(output, made)


def publish_here(
    publisher: Publisher, here: str, project: Project, output: GenesisOutput, bundle: Path
) -> GenesisOutput:
    """Push the scaffold as a branch of this repository, and file its issues here.

    Raises PlaceTaken where the branch holds something else.
    """
    forge = publisher.forge(here)
    repository = forge.repository()
    branch = branch_for(project.id)
    planted = publisher.plant(bundle, repository.clone_url, output.default_branch, branch)
    if planted.head != planted.commit:
        raise PlaceTaken(
            f"{here} has another {branch} already ({planted.head[:12]}, expected {planted.commit[:12]}); "
            "delete or rename that branch, then retry the task"
        )
    made = {
        "repository": repository.full_name,
        "repository_url": repository.url,
        "branch": branch,
        "default_branch": branch,
        "commit": planted.commit,
        "files": tuple(path for path in output.files if path not in planted.left_out),
        "left_out": planted.left_out,
        "protected": None,
        "issues": Filing(forge, project, branch).file(output),
    }
    return _whole(output, made)


def _whole(output: GenesisOutput, made: dict[str, Any]) -> GenesisOutput:
    """The output with what only the publication knows: nothing of that is the worker's word."""
    return output.model_copy(update=made)


def _private(publisher: Publisher, here: str, rule: Repositories) -> bool:
    """Whether a new repository is private; where that is not told of this one, it is."""
    if rule.visibility != "same":
        return rule.visibility == "private"
    try:
        return publisher.forge(here).repository().private
    except (NotFound, Forbidden):
        return True


def _describe(project: Project) -> str:
    title = project.title.replace("@", "@\u200b")[:_MOST_TITLE]
    return f"{title} · {_made_for(project)}"


def _made_for(project: Project) -> str:
    return f"made by orchestrator for project {project.id}"


def _created(forge: Forge, project: Project, *, private: bool) -> RepositoryFacts:
    try:
        return forge.create_repository(_describe(project), private=private)
    except Unavailable:
        if (found := _existing(forge)) is None:
            raise
        return found


def _check_own(found: RepositoryFacts, full_name: str, project: Project) -> None:
    if not found.description.endswith(_made_for(project)):
        raise PlaceTaken(
            f"{full_name} exists already and was not made for this project; rename or delete it, "
            "then retry the task"
        )


def _existing(forge: Forge) -> RepositoryFacts | None:
    try:
        return forge.repository()
    except NotFound:
        return None
