"""The pages about repositories and their git data: the home page, folders, files, history, commits."""

from __future__ import annotations

import mimetypes
import posixpath
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.hub.data.issue_queries import IssueQuery
from bot.hub.data.records import Repository, Slice
from bot.hub.data.runs import RunQuery
from bot.hub.pages.git import MAX_TEXT, Entry, Missing, Place
from bot.hub.pages.git import Repository as Git
from bot.hub.pages.markdown import Scope, render
from bot.hub.pages.queries import run_view
from bot.hub.pages.site import Site, page_number

PER_PAGE = 30
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
_RAW_HEADERS = {
    # A stranger's file under the hub's own address: shown, never run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class CodePages:
    """Endpoints that browse repositories."""

    def __init__(self, site: Site, main: str = "") -> None:
        self._site = site
        self._world = site.world
        self._main = main

    def routes(self) -> list[BaseRoute]:
        """Everything here only reads."""
        page, here = self._site.guarded, "/{owner}/{repo}"
        return [
            Route("/", page(self.start)),
            Route("/repositories", page(self.repositories)),
            Route(here, page(self.home)),
            Route(here + "/tree/{rest:path}", page(self.browse)),
            Route(here + "/blob/{rest:path}", page(self.browse)),
            Route(here + "/raw/{rest:path}", page(self.raw)),
            Route(here + "/commits/{rest:path}", page(self.commits)),
            Route(here + "/commit/{sha}", page(self.commit)),
        ]

    def start(self, request: Request) -> Response:
        """The main repository's issues; without one, the list of repositories."""
        known = [repository.full_name for repository in self._world.repositories.all()]
        main = self._main or next(iter(known), "")
        return RedirectResponse(f"/{main}/issues" if main in known else "/repositories", 302)

    def repositories(self, request: Request) -> Response:
        """All repositories, the last changed first."""
        found = sorted(self._world.repositories.all(), key=lambda one: (one.updated_at, one.id), reverse=True)
        issues = IssueQuery(pull_requests=False)
        rows = [{"repository": one, "open": self._world.issues.count(one, issues)} for one in found]
        return self._site.page("repositories.html", None, {"repositories": rows})

    def home(self, request: Request) -> Response:
        """A repository's home page."""
        repository = self._site.repository(request)
        git, now = self._git(repository), self._world.clock.now()
        recent = self._world.runs.search(repository, RunQuery(), Slice(100))
        runs = [run for run in recent if run.event != "schedule"][:5]  # ticks would push all else out
        values: dict[str, Any] = {
            "tab": "code",
            "clone_url": f"{self._world.base_url}/{repository.full_name}.git",
            "branches": git.branches(),
            "runs": [run_view(run, now) for run in runs],
            "place": None,
            "commits": [],
            "site": self._world.show.site_address(repository) if self._world.sites.get(repository) else "",
        }
        if any(branch.name == repository.default_branch for branch in values["branches"]):
            place = git.place(repository.default_branch)
            values |= self._folder_values(repository, git, place) | {"commits": git.log(place, limit=5)}
        return self._site.page("repository.html", repository, values)

    def browse(self, request: Request) -> Response:
        """A folder or a file."""
        repository = self._site.repository(request)
        git = self._git(repository)
        place = git.place(request.path_params["rest"])
        if git.kind(place) == "tree":
            latest = git.log(place, limit=1)
            values = self._folder_values(repository, git, place) | {"tab": "code", "latest": latest}
            return self._site.page("folder.html", repository, values)
        return self._file(request, repository, git, place)

    def raw(self, request: Request) -> Response:
        """A file as it is; only images keep their type."""
        git = self._git(self._site.repository(request))
        blob = git.file(git.place(request.path_params["rest"]), limit=None)
        kind = mimetypes.guess_type(request.path_params["rest"])[0]
        media = kind if kind in _IMAGES else "text/plain; charset=utf-8"
        return Response(blob.data, media_type=media, headers=_RAW_HEADERS)

    def commits(self, request: Request) -> Response:
        """The history of a branch, or of a path in it."""
        repository, page = self._site.repository(request), page_number(request)
        git = self._git(repository)
        try:
            place = git.place(request.path_params["rest"])
        except Missing:
            if request.path_params["rest"] != repository.default_branch:
                raise
            place = None  # an empty repository: its default branch is named, but not born
        found = git.log(place, limit=PER_PAGE + 1, skip=(page - 1) * PER_PAGE) if place else []
        values = {
            "tab": "commits",
            "place": place,
            "branches": git.branches(),
            "commits": found[:PER_PAGE],
            "more": len(found) > PER_PAGE,
            "page": page,
        }
        return self._site.page("commits.html", repository, values)

    def commit(self, request: Request) -> Response:
        """One commit with its changes."""
        repository = self._site.repository(request)
        commit, diff = self._git(repository).commit(request.path_params["sha"])
        lines = [(_tone(line), line) for line in diff.splitlines()]
        cut = len(diff.encode()) >= MAX_TEXT
        values = {"tab": "commits", "commit": commit, "lines": lines, "cut": cut}
        return self._site.page("commit.html", repository, values)

    def _git(self, repository: Repository) -> Git:
        return Git(self._world.repositories.path(repository))

    def _folder_values(self, repository: Repository, git: Git, place: Place) -> dict[str, Any]:
        entries = git.folder(place)
        readme = next((entry for entry in entries if _is_readme(entry)), None)
        values = {"place": place, "entries": entries, "readme": None, "readme_name": ""}
        if readme is not None:
            text = git.file(Place(place.ref, place.sha, readme.path)).text or ""
            values |= {
                "readme": self._markdown(repository, place.ref, readme.path, text),
                "readme_name": readme.name,
            }
        return values

    def _file(self, request: Request, repository: Repository, git: Git, place: Place) -> Response:
        blob = git.file(place)
        text = blob.text
        markdown = text is not None and place.path.lower().endswith((".md", ".markdown"))
        rendered = markdown and "plain" not in request.query_params
        values = {
            "tab": "code",
            "place": place,
            "size": blob.size,
            "text": text,
            "markdown": self._markdown(repository, place.ref, place.path, text or "") if rendered else None,
            "image": mimetypes.guess_type(place.path)[0] in _IMAGES,
            "cut": blob.size > MAX_TEXT,
        }
        return self._site.page("file.html", repository, values)

    def _markdown(self, repository: Repository, ref: str, path: str, text: str) -> Markup:
        logins = frozenset(user.login for user in self._world.users.all())
        return render(text, Scope(repository.full_name, logins, ref, posixpath.dirname(path)))


def _is_readme(entry: Entry) -> bool:
    return not entry.folder and entry.name.lower() in ("readme.md", "readme.markdown")


def _tone(line: str) -> str:
    """The style of a diff's line."""
    if line.startswith(
        ("diff --git ", "index ", "--- ", "+++ ", "new file", "deleted file", "similarity ", "rename ")
    ):
        return "meta"
    return {"@": "hunk", "+": "add", "-": "del"}.get(line[:1], "same")
