"""What stands on the hub, read past the bot, and the requests that changed it."""

from __future__ import annotations

from bot.hub.data.world import BOT
from bot.render.labels import STATUS_LABEL
from tests.commands.desk import Desk
from tests.e2e.people import REPOSITORY, Json

MINUTE = 61


def status_issues(desk: Desk) -> list[Json]:
    """Every issue with the label, open and closed."""
    return desk.every(f"/repos/{REPOSITORY}/issues", labels=STATUS_LABEL, state="all")


def page(desk: Desk) -> str:
    """What the pinned issue says."""
    (only,) = status_issues(desk)
    return str(only["body"])


def pinned(desk: Desk) -> list[int]:
    """The numbers of the pinned issues."""
    owner, name = REPOSITORY.split("/")
    world = desk.world
    return [one.number for one in world.issues.pinned(world.repositories.find(owner, name))]


def pin(desk: Desk, number: int) -> None:
    """A person pins an issue."""
    owner, name = REPOSITORY.split("/")
    world = desk.world
    world.issues.pin(world.repositories.find(owner, name), world.users.find("ada"), number)


def settle_down(desk: Desk, ticks: int = 4) -> None:
    """Until ticks find nothing to do: what is due is written, the outbox is empty."""
    for _ in range(ticks):
        desk.wait(seconds=130)
        desk.tick()


def edits(requests: list[str], number: int | None = None) -> list[str]:
    """Of the requests those that rewrite an issue or a comment."""
    end = f"/issues/{number}" if number else ""
    return [one for one in requests if one.startswith("PATCH") and one.endswith(end)]


def own_comments(desk: Desk, issue: int) -> list[Json]:
    """The bot's comments in a thread."""
    rows = desk.every(f"/repos/{REPOSITORY}/issues/{issue}/comments")
    return [row for row in rows if row["user"]["login"] == BOT]
