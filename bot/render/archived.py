"""What is said of a finished project that has left the state: what became of it, and where it is."""

from __future__ import annotations

from bot.domain.archive import Archived, Left
from bot.domain.vocabulary import ProjectStatus
from bot.render.text import clock, code, escape

_BECAME = {ProjectStatus.COMPLETE: "completed"}


def told(archived: Archived, left: Left) -> str:
    """A project of the archive, as ``/status`` shows it."""
    became = _BECAME.get(left.status, "dropped")
    issue = f" (#{left.issue})" if left.issue else ""
    where = f" Its repository is `{left.repository}`." if left.repository else ""
    return (
        f"{code(left.id)}{issue}, {escape(left.title)}, was {became} {clock(left.finished_at)} and has been "
        f"in the archive since {clock(left.left_at)}: {link(archived, left)}.{where}\n\n"
        f"The file holds all of it. `orchestrator state restore {left.id}`, by somebody who may write to "
        "this repository, brings it back as it was."
    )


def refused(archived: Archived, left: Left) -> str:
    """A command that needs the project itself."""
    return f"Not run: {told(archived, left)}"


def link(archived: Archived, left: Left) -> str:
    """Where its file is."""
    if archived.place.startswith("http"):
        return f"[`{left.path}`]({archived.place}/{left.path})"
    return f"`{left.path}` on {code(archived.place)}"


def still_archived(archived: Archived, left: Left) -> str:
    """Somebody does something to the issue of such a project that would mean something to an open one."""
    return f"Nothing was changed: {told(archived, left)}"
