"""What is said where a command cannot be run as it was given: what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from bot.render.text import code, either, plural

_LISTS = {
    "project": "`/status` lists the projects",
    "task": "`/status <project-id>` lists a project's tasks",
    "worker": "`/instances` lists the workers",
    "open alert": "`/alerts` lists the open alerts",
}


def no_project_here(example: str) -> str:
    """A project's id was left out on an issue that is no project's."""
    return (
        "Not run: this issue is no project's own, so name the project, for example "
        f"`{example}`. {_LISTS['project']}."
    )


def unknown_id(kind: str, given: str, nearest: Sequence[str], *, some: bool) -> str:
    """Nothing has this id, or begins like it."""
    if not some:
        return f"Not run: there is no {kind} {code(given)}, because there is no {kind} yet."
    hint = f" Did you mean {either([code(id_) for id_ in nearest])}?" if nearest else ""
    return f"Not run: there is no {kind} {code(given)}.{hint} {_LISTS[kind]}."


def ambiguous(kind: str, given: str, ids: Sequence[str], most: int = 5) -> str:
    """More than one id begins like this."""
    shown = ", ".join(code(id_) for id_ in ids[:most])
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return (
        f"Not run: {plural(len(ids), kind)} begin with {code(given)}: {shown}{more}. "
        "Write enough of the id to mean one."
    )
