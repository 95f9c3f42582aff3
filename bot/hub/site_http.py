"""Serves Pages sites under ``/pages/{owner}/{repo}/``, straight from the bare repositories.

A site is what a branch holds, as GitHub serves it where Jekyll is switched off: files by their paths,
``index.html`` for a folder, ``name`` for ``name.html``, ``404.html`` for the rest. A path is looked up in
git's tree, step by step, so that nothing outside of it can be reached, and links are not followed.

Whoever can push writes these pages, and they share their address with the hub. Therefore each answer
puts its page into a sandbox with an origin of its own: scripts, forms and dialogs work, but the page can
neither read what the hub answers nor use its cookie, and a form that it sends to the hub comes from the
origin ``null``, which the hub refuses. The price is that it has no ``localStorage``.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.hub.data import git_data
from bot.hub.data.refusals import Missing
from bot.hub.data.world import World

PREFIX = "/pages"
_HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    # A page in a sandbox asks for its own modules, fonts and data from a foreign origin.
    "Access-Control-Allow-Origin": "*",
}
_TYPES = {
    ".css": "text/css", ".html": "text/html", ".ico": "image/x-icon", ".js": "text/javascript",
    ".json": "application/json", ".md": "text/markdown", ".mjs": "text/javascript", ".svg": "image/svg+xml",
    ".txt": "text/plain", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json",
    ".webp": "image/webp", ".woff": "font/woff", ".woff2": "font/woff2", ".xml": "application/xml",
}  # fmt: skip
_FILES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class _Found:
    """What a path leads to: a blob to serve under a name, or where to go instead."""

    name: str = ""
    sha: str = ""
    elsewhere: str = ""


class SiteHttp:
    """Serves the world's Pages sites."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        """``GET`` and ``HEAD`` of everything below a site."""
        base = f"{PREFIX}/{{owner}}/{{repo}}"
        return [Route(base, self.root), Route(f"{base}/{{path:path}}", self.page)]

    def root(self, request: Request) -> Response:
        """The site's address without its slash."""
        return RedirectResponse(f"{request.url.path}/", 301, _HEADERS)

    def page(self, request: Request) -> Response:
        """A file of a site."""
        try:
            git_dir, tree = self._site(request.path_params["owner"], request.path_params["repo"])
        except Missing:
            return self._plain("There is no Pages site here.")
        found = _look_up(git_dir, tree, request.path_params["path"])
        if found is not None and found.elsewhere:
            target = request.url.path.rstrip("/").rpartition("/")[2]
            return RedirectResponse(f"{request.url.path.rpartition('/')[0]}/{target}/", 301, _HEADERS)
        if found is not None:
            return self._file(request, git_dir, found, 200)
        own = _look_up(git_dir, tree, "404.html")
        if own is not None and own.sha:
            return self._file(request, git_dir, own, 404)
        return self._plain("File not found: the site's branch has no such file.")

    def _site(self, owner: str, name: str) -> tuple[Path, str]:
        """The repository's git data and the tree that is served. Raises Missing."""
        repository = self._world.repositories.find(owner, name)
        source = self._world.sites.find(repository)
        commit = self._world.sites.head(repository, source)
        if commit is None:
            raise Missing
        git_dir = self._world.repositories.path(repository)
        if source.path == "/":
            return git_dir, f"{commit}^{{tree}}"
        folder = git_data.entry(git_dir, commit, source.path.strip("/"))
        if folder is None or folder.kind != "tree":
            raise Missing
        return git_dir, folder.sha

    def _file(self, request: Request, git_dir: Path, found: _Found, status: int) -> Response:
        headers = {**_HEADERS, "ETag": f'"{found.sha}"'}
        asked = request.headers.get("if-none-match", "")
        if status == 200 and headers["ETag"] in [tag.strip().removeprefix("W/") for tag in asked.split(",")]:
            return Response(status_code=304, headers=headers)
        content = git_data.blob(git_dir, found.sha)
        return Response(content, status, headers, media_type=content_type(found.name))

    def _plain(self, words: str) -> Response:
        return PlainTextResponse(f"{words}\n", 404, _HEADERS)


def content_type(name: str) -> str:
    """The type of a file by its name; text is UTF-8, the unknown is to be saved, not shown."""
    ending = Path(name).suffix.lower()
    kind = _TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    textual = kind.startswith("text/") or kind in ("application/json", "application/xml", "image/svg+xml")
    return f"{kind}; charset=utf-8" if textual else kind


def _look_up(git_dir: Path, tree: str, path: str) -> _Found | None:
    """What a path means in a tree; None where it leads nowhere."""
    names = path.split("/")
    folder, last = names[:-1], names[-1]
    if any(name in ("", ".", "..", ".git") or "\0" in name for name in folder) or last in (".", ".."):
        return None
    for name in folder:
        entry = _child(git_dir, tree, name)
        if entry is None or entry.kind != "tree":
            return None
        tree = entry.sha
    if not last:
        return _file(_child(git_dir, tree, "index.html"))
    entry = _child(git_dir, tree, last)
    if entry is not None and entry.kind == "tree":
        return _Found(elsewhere=f"{last}/")
    return _file(entry) or _file(_child(git_dir, tree, f"{last}.html"))


def _child(git_dir: Path, tree: str, name: str) -> git_data.Entry | None:
    return git_data.entry(git_dir, tree, name) if "\0" not in name else None


def _file(entry: git_data.Entry | None) -> _Found | None:
    """A regular file; a link or a submodule is none."""
    if entry is None or entry.mode not in _FILES:
        return None
    return _Found(entry.path, entry.sha)
