"""The wording of ``init``, ``upgrade`` and ``uninstall``: their pull requests and their last words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

TITLE = "Set up orchestrator"
UPGRADE = "Bring orchestrator's workflows up to date"
REMOVE = "Remove orchestrator"
_DOES = {
    "commands.yml": "answers commands in comments",
    "labels.yml": "notices labels, and issues that are closed or reopened",
    "monitor.yml": "heals what was lost, notices what time brings",
    "worker.yml": "does one assignment of one worker",
    "compact.yml": "shortens the state's history once a month",
    "new-project.yml": "the form that asks for a project",
    "orchestrator.yml": "the configuration, with every key explained",
}


def proposal(paths: Sequence[str], notes: Sequence[str], version: str) -> str:
    """The text of the pull request of ``init``."""
    return "\n".join(
        [
            f"Made by `orchestrator init`, version {version}. Nothing runs before this is merged.",
            "",
            *_files(paths),
            *_notes(notes),
            "",
            "Then comment `/help` on any issue. `orchestrator doctor` tells what is missing, "
            "`orchestrator upgrade` renews these files, `orchestrator uninstall` takes them away. "
            "Edit the configuration here or later: it is never overwritten.",
        ]
    )


def upgrade(paths: Sequence[str], notes: Sequence[str], version: str) -> str:
    """The text of the pull request of ``upgrade``."""
    return "\n".join(
        [f"Made by `orchestrator upgrade`, version {version}.", "", *_files(paths), *_notes(notes)]
    )


def removal(paths: Sequence[str], notes: Sequence[str]) -> str:
    """The text of the pull request of ``uninstall``."""
    return "\n".join(
        [
            "Made by `orchestrator uninstall`. Once it is merged nothing of orchestrator runs here any more.",
            "",
            *(f"- `{path}`" for path in paths),
            *_notes(notes),
        ]
    )


def _files(paths: Sequence[str]) -> list[str]:
    rows = [f"| `{path}` | {_DOES.get(path.rpartition('/')[2], '')} |" for path in paths]
    return ["| file | what it does |", "| --- | --- |", *rows]


def _notes(notes: Sequence[str]) -> list[str]:
    return ["", *(f"- {note}" for note in notes)] if notes else []


def secret_command(name: str, repository: str) -> str:
    """How a secret is set by hand."""
    source = " < private-key.pem" if name.endswith("PRIVATE_KEY") else ""
    return f"gh secret set {name} --repo {repository}{source}"


def variable_command(name: str, value: str, repository: str) -> str:
    """How a variable is set by hand."""
    return f"gh variable set {name} --repo {repository} --body {value}"


def pulls_command(repository: str) -> str:
    """How workflows are allowed to open pull requests, which projects on branches of this repository need."""
    path = f"repos/{repository}/actions/permissions/workflow"
    return f"gh api -X PUT {path} -F can_approve_pull_request_reviews=true"


def shown_file(path: str, text: str | None) -> str:
    """A file as ``--dry-run`` shows it."""
    return f"--- {path}\n{text}" if text is not None else f"--- {path}: deleted"


def labels(definitions: Mapping[str, tuple[str, str]]) -> list[str]:
    """Labels as ``--dry-run`` shows them."""
    return [f"  {name} (#{colour}): {meaning}" for name, (colour, meaning) in definitions.items()]
