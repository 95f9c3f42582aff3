"""A REST call and its answer, as the route functions see them: typed parameters, pages, links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from bot.hub.data.records import Issue, Repository, Slice, User
from bot.hub.data.refusals import Invalid, Malformed
from bot.hub.data.world import World
from bot.hub.rest.limits import RateLimits

PER_PAGE = 30
MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the REST API."""

    world: World
    limits: RateLimits
    actor: User | None
    path: Mapping[str, Any]
    """The parameters of the path."""
    query: Mapping[str, str]
    body: Any
    """The parsed JSON body; an empty object where there was none."""

    def repository(self) -> Repository:
        """The repository that the path names, if the actor may see it."""
        return self.world.repositories.visible(self.path["owner"], self.path["repo"], self.actor)

    def issue(self) -> Issue:
        """The issue that the path names."""
        return self.world.issues.find(self.repository(), self.path["number"])

    def fields(self) -> Mapping[str, Any]:
        """The body as an object. Raises Malformed where it is something else."""
        if not isinstance(self.body, dict):
            raise Malformed("Body should be a JSON object")
        return self.body

    def part(self) -> Slice:
        """Which part of a list ``page`` and ``per_page`` ask for."""
        per_page = min(self._positive("per_page", PER_PAGE), MOST_PER_PAGE)
        return Slice(per_page, (self._positive("page", 1) - 1) * per_page)

    def since(self, name: str = "since") -> datetime | None:
        """A time in the query. Raises Invalid."""
        text = self.query.get(name)
        if not text:
            return None
        try:
            time = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError as error:
            raise Invalid(f"{name} is not a time in ISO 8601: {text}") from error
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)

    def choice(self, name: str, default: str, *allowed: str) -> str:
        """A word in the query. Raises Invalid for one that is not among ``allowed``."""
        value = self.query.get(name) or default
        if value not in (default, *allowed):
            raise Invalid(f"{name} is {value!r}: expected one of {', '.join((default, *allowed))}")
        return value

    def _positive(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**9 else default


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route function gives back; ``total`` of a list makes the ``Link`` header."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None


Endpoint = Callable[[Call], Answer]


def link_header(url: str, query: Mapping[str, str], part: Slice, total: int) -> str:
    """GitHub's ``Link`` header for a part of a list; empty where everything fits on one page."""
    size = part.limit or PER_PAGE
    page, last = part.offset // size + 1, max(-(-total // size), 1)
    wanted = []
    if page > 1:
        wanted.append(("prev", page - 1))
    if page < last:
        wanted += [("next", page + 1), ("last", last)]
    if page > 1:
        wanted.append(("first", 1))
    return ", ".join(
        f'<{url}?{urlencode({**query, "page": number})}>; rel="{name}"' for name, number in wanted
    )
