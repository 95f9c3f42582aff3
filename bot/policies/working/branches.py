"""The names of branches: derived from what a task is about, never from the attempt."""

from __future__ import annotations

from bot.domain.models import Project, Task
from bot.domain.outputs import GenesisOutput

PREFIX = "orchestrator/"


def branch_of(project: Project, task: Task) -> str:
    """The branch that a task's commits are for; one for all steps of an issue.

    With the project's id where several projects share a repository: two of them may have the same keys.
    """
    return f"{PREFIX}{project.id}/{task.key}" if project.shared else f"{PREFIX}{task.key}"


def base_of(genesis: GenesisOutput | None) -> str:
    """The branch that a project's pull requests are to be merged into."""
    return genesis.default_branch if genesis else "main"
