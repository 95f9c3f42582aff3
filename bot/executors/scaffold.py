"""Rendering a scaffold: the template's layers, the values that they are given, and the commits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slugify import slugify

from bot.domain.outputs import ProjectCommands
from bot.domain.work import WorkOrder
from bot.executors.requirements import Plan
from bot.executors.stacks import Choice
from bot.executors.untrusted import fenced, one_line, visible
from bot.executors.workspace import Workspace

TEMPLATES = Path(__file__).parent / "templates"
COMMANDS = ProjectCommands(
    build="make build", test="make test", run="make run", deploy="make deploy", lint="make lint"
)

_EPOCH = 1_767_225_600
"""2026-01-01T00:00:00Z: commits are dated from here, so that the same order gives the same commit ids."""
_YEAR = 2026
_EXCERPT = 2_000
"""Characters of the idea that the README quotes; the requirements quote all of it."""

_SAYS: dict[str, tuple[str, str]] = {
    # stack → what `make run` and what `make build` does
    "web": ("serves the page on http://127.0.0.1:8000", "copies the page to `dist/`"),
    "service": ("listens on http://127.0.0.1:8000", "packs the service into one file in `dist/`"),
    "python": ("runs the command", "packs the command into one file in `dist/`"),
    "library": ("imports the library and prints its version", "packs the library into an archive in `dist/`"),
    "pipeline": ("runs the pipeline on `data/in`", "packs the pipeline into one file in `dist/`"),
}

_COMMITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Record the idea and the requirements derived from it", ("docs/requirements.md",)),
    ("Plan the architecture and how the project is worked on", ("docs", "AGENTS.md")),
    ("Scaffold the project: skeleton, one test, checks and CI", (".",)),
)
"""explore → plan → scaffold: the message, and the paths that belong to it."""


class RenderFailed(Exception):
    """The template is broken; the message says where."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a project is called in code; nothing but ``[a-z0-9-]`` of its id gets here."""

    project: str
    package: str
    """A Python identifier that no module of the standard library has."""
    display: str


def names_for(project: str) -> Names:
    """The names for a project id. Raises ValueError where no letter or digit is left of it."""
    slug = slugify(project, max_length=40)
    if not slug:
        raise ValueError(f"the project id {project[:60]!r} has no letter or digit; expected: todo-app-7")
    words, _, number = slug.rpartition("-")
    display = (words if words and number.isdigit() else slug).replace("-", " ")
    package = slug.replace("-", "_")
    package = package if "_" in package else f"{package}_app"
    package = f"app_{package}" if package[0].isdigit() else package
    return Names(slug, package, display[0].upper() + display[1:])


def render(order: WorkOrder, plan: Plan, choice: Choice, root: Path, templates: Path = TEMPLATES) -> None:
    """Write the scaffold's files into the directory ``root``, which need not exist.

    Texts of people are values of the template, never part of it, so nothing in them is rendered.
    Raises RenderFailed where the template itself is broken.
    """
    # Importing copier takes most of a second; only this step should pay for it.
    from copier import Settings, run_copy
    from copier.errors import CopierError
    from jinja2 import TemplateError

    root.mkdir(parents=True, exist_ok=True)
    values = _values(order, plan, choice)
    try:
        for layer in choice.stack.layers:
            run_copy(
                str(templates),
                root,
                {**values, "layer": layer},
                settings=Settings(),
                defaults=True,
                overwrite=True,
                quiet=True,
                skip_tasks=True,
            )
    except (CopierError, TemplateError) as error:
        raise RenderFailed(f"the template {templates.name} cannot be rendered: {error}") from error


def commit(root: Workspace) -> str:
    """Make the rendered directory a repository with its three commits; returns the last one's id."""
    root.git("init", "--quiet", "--template=", "--initial-branch=main", "--object-format=sha1")
    root.git("config", "core.autocrlf", "false")
    for step, (message, paths) in enumerate(_COMMITS):
        root.git("add", "--", *paths)
        root.git("commit", "--quiet", "--no-verify", "--message", message, at=_EPOCH + 60 * step)
    return root.git("rev-parse", "HEAD")


def _values(order: WorkOrder, plan: Plan, choice: Choice) -> dict[str, Any]:
    """Every name that the templates use; texts of people are safe for Markdown already."""
    names = names_for(order.project)
    idea = visible(order.idea)
    run_says, build_says = _SAYS[choice.stack.name]
    return {
        "project": names.project,
        "package": names.package,
        "name": names.display,
        "title": plan.title,
        "author": slugify(order.idea_author, lowercase=False, max_length=60) or "unknown",
        "year": _YEAR,
        "stack": choice.stack.name,
        "label": choice.stack.label,
        "reason": choice.reason,
        "doubt": choice.doubt,
        "idea": fenced(idea),
        "excerpt": fenced(idea[:_EXCERPT].rstrip()),
        "excerpt_is_cut": len(idea) > _EXCERPT,
        "issues": [issue.model_dump(mode="json") for issue in plan.issues],
        "excluded": list(plan.excluded),
        "background": list(plan.background),
        "folded": list(plan.folded),
        "questions": [one_line(question, 1_000) for question in plan.open_questions],
        "risks": list(plan.risks),
        "run_says": run_says,
        "build_says": build_says,
        "deploy_says": "builds, and copies the result to `DEPLOY_DIR` (default: `public/`)",
    }
