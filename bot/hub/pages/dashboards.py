"""Serves a repository's dashboard below ``/{owner}/{repo}/dashboard/``."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles

from bot.hub.data.refusals import Missing
from bot.hub.pages.site import Site

_HEADERS = {
    # What its pages say of themselves, and that nobody frames them.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_SOON = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<title>Dashboard</title><p>The dashboard is being made. This page looks again every three seconds.
If it does not come, dashboards/OWNER/NAME/log.txt in the hub's data says why.</p></html>
"""


class DashboardPages:
    """The one endpoint, which only reads."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[BaseRoute]:
        """Beside ``/tree`` and ``/blob``, under which all of a repository's own paths are."""
        here = "/{owner}/{repo}/dashboard"
        return [Route(here, self.root), Route(here + "/{path:path}", self.page)]

    def root(self, request: Request) -> Response:
        """The address without its slash, from which the pages' links would lead astray."""
        return RedirectResponse(f"{request.url.path}/", 302)

    async def page(self, request: Request) -> Response:
        """A file of the site."""
        try:
            repository = self._site.repository(request)
        except Missing:
            return self._site.refused(404, "This page does not exist on this hub.", "/")
        dashboards, back = self._site.dashboards, f"/{repository.full_name}"
        if not await run_in_threadpool(dashboards.has, repository):
            words = "This repository has no branch named state, which a dashboard is made from."
            return self._site.refused(404, words, back)
        folder = await run_in_threadpool(dashboards.folder, repository)
        if folder is None:
            return HTMLResponse(_SOON, 503, {**_HEADERS, "Retry-After": "3"})
        try:
            found = await StaticFiles(directory=folder).get_response(_file(request), request.scope)
        except HTTPException:
            return self._site.refused(404, "The dashboard has no such page.", f"{back}/dashboard/")
        found.headers.update(_HEADERS)
        return found


def _file(request: Request) -> str:
    path: str = request.path_params["path"]
    return path or "index.html"
