"""What all pages share: templates, headers, the frame, live fragments, and pages for what is refused."""

from __future__ import annotations

import functools
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.hub.dashboards import Dashboards
from bot.hub.data.issue_queries import IssueQuery
from bot.hub.data.records import Label, Repository, User
from bot.hub.data.refusals import Missing, Refusal
from bot.hub.data.world import World
from bot.hub.pages import git as pages_git

STATIC = Path(__file__).parent / "static"
COOKIE = "hub_as"
"""Remembers which account a person comments as."""

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    # Texts come from anybody and from coding agents: no foreign script, style, image or form target.
    # Labels need their own colours, which only the style attribute can carry.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_HEADLINES = {403: "Not allowed", 404: "Nothing here", 413: "Too much text"}

_FRAME = {"tab": "", "live": "", "etag": "", "problem": "", "typed": {}}
"""What the frame asks for on every page, empty."""

Values = Mapping[str, Any]
Endpoint = Callable[[Request], Response]


class Site:
    """Renders the hub's templates for one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.dashboards = Dashboards(world)
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"label_colour": label_colour, "steps": _steps, "tone": _tone}
        static = b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))
        self._templates.globals["version"] = hashlib.sha256(static).hexdigest()[:8]

    def repository(self, request: Request) -> Repository:
        """The repository that the address names; raises Missing."""
        return self.world.repositories.find(request.path_params["owner"], request.path_params["repo"])

    def people(self, repository: Repository) -> list[dict[str, str]]:
        """The accounts that a person may act as, those with the greatest role first."""
        users = [user for user in self.world.users.all() if user.type == "User"]
        roles = {user.login: self.world.users.role(repository, user) for user in users}
        users.sort(key=lambda user: (-roles[user.login], user.id))
        return [{"login": user.login, "role": roles[user.login].label} for user in users]

    def chosen(self, request: Request, repository: Repository) -> str:
        """The login that the cookie names; without one, the first of ``people``; else empty."""
        logins = [person["login"] for person in self.people(repository)]
        wanted = unquote(request.cookies.get(COOKIE, ""))
        return wanted if wanted in logins else (logins[0] if logins else "")

    def actor(self, login: str) -> User:
        """The person's account with this login; raises Missing, also for a bot's."""
        user = self.world.users.find(login)
        if user.type != "User":
            raise Missing
        return user

    def page(
        self, template: str, repository: Repository | None, values: Values, *, status: int = 200
    ) -> HTMLResponse:
        """Render a whole page with the values that its template names."""
        return HTMLResponse(self._render(template, repository, values), status, _HEADERS)

    def live_page(
        self,
        template: str,
        fragment: str,
        repository: Repository,
        values: Values,
        *,
        live: str,
        status: int = 200,
    ) -> HTMLResponse:
        """Render a page around a fragment that the script then refreshes from the address ``live``."""
        inner = self._render(fragment, repository, values)
        shown = Markup(inner)  # noqa: S704  (rendered by this very environment)
        around = {**values, "live": live, "etag": _etag(inner), "fragment": shown}
        return self.page(template, repository, around, status=status)

    def fragment(self, request: Request, template: str, repository: Repository, values: Values) -> Response:
        """Render a fragment alone, or answer 304 to a client that has it."""
        inner = self._render(template, repository, values)
        headers = {**_HEADERS, "ETag": _etag(inner)}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(inner, headers=headers)

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Answer what the endpoint refuses with a page that says so."""

        @functools.wraps(endpoint)
        def answer(request: Request) -> Response:
            try:
                return endpoint(request)
            except pages_git.Missing:
                return self.refused(404, "This branch, commit or file does not exist.", _back(request))
            except Missing:
                return self.refused(404, "This page does not exist on this hub.", "/")
            except Refusal as refusal:
                return self.refused(refusal.status, refusal.message, _back(request))

        return answer

    def refused(self, status: int, words: str, back: str) -> HTMLResponse:
        """A page that says what was wrong and leads back."""
        values = {"headline": _HEADLINES.get(status, "This did not work"), "words": words, "back": back}
        return self.page("refused.html", None, values, status=status)

    def _render(self, template: str, repository: Repository | None, values: Values) -> str:
        frame: dict[str, Any] = {**_FRAME, "repo": repository}
        if repository is not None:
            frame["open_issues"] = self.world.issues.count(repository, IssueQuery(pull_requests=False))
            frame["open_pulls"] = self.world.pulls.count(repository)
            frame["dashboard"] = self.dashboards.has(repository)
        return self._templates.get_template(template).render(frame | dict(values))


def query_of(request: Request) -> Callable[..., str]:
    """A function that gives the page's query string with some values changed; back to page 1 unless told."""

    def query(**changes: object) -> str:
        kept = {name: value for name, value in request.query_params.items() if name != "page"}
        return urlencode(kept | {name: str(value) for name, value in changes.items()})

    return query


def page_number(request: Request) -> int:
    """The query's ``page``, at least 1; 1 for anything that is no number."""
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def label_colour(label: Label) -> str:
    """A label's colour as the style sheet takes it; the sheet tints with it, so that text stays readable."""
    colour = label.color if re.fullmatch(r"[0-9a-fA-F]{6}", label.color) else "ededed"
    return f"--label:#{colour}"


def _tone(login: str) -> str:
    """One of six colours for an account, always the same one."""
    return f"tone-{zlib.crc32(login.encode()) % 6}"


def _steps(path: str) -> list[tuple[str, str]]:
    """Each folder of a path with the path up to it."""
    names = [name for name in path.split("/") if name]
    return [(name, "/".join(names[: index + 1])) for index, name in enumerate(names)]


def _etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def _back(request: Request) -> str:
    owner, name = request.path_params.get("owner"), request.path_params.get("repo")
    return f"/{owner}/{name}" if owner and name else "/"
