"""What every store of the hub's world shares: the database, the time and the role checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.hub.data.records import Repository, Role, User, to_text
from bot.hub.data.refusals import Missing, NotAllowed, Unauthenticated, invalid

if TYPE_CHECKING:
    from bot.hub.data.world import World


class Store:
    """A part of the world, with its tables."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.db = world.db

    def now(self) -> str:
        """The hub's time as it is stored."""
        return to_text(self.world.clock.now())

    def require(self, repository: Repository, actor: User | None, least: Role) -> User:
        """The actor, if it has at least this role; reading a public repository needs none.

        Raises Unauthenticated without an actor, Missing where a private repository must stay
        unknown, NotAllowed where the role is too low.
        """
        role = self.world.users.role(repository, actor)
        if repository.private and role < Role.READ:
            raise Missing
        if actor is None:
            raise Unauthenticated
        if role < least:
            bot = actor.type == "Bot"
            raise NotAllowed("Resource not accessible by integration") if bot else NotAllowed
        return actor


def require_text(value: object, resource: str, field: str, limit: int, *, empty: bool = False) -> str:
    """A string of at most ``limit`` characters, else GitHub's 422 for this field."""
    if not isinstance(value, str) or (not empty and not value.strip()):
        raise invalid(resource, field, "missing_field")
    if len(value) > limit:
        raise invalid(resource, field, "custom", f"{field} is too long (maximum is {limit} characters)")
    return value
