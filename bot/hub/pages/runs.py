"""The pages about workflow runs: the list, and one run with its log; both stay current."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.hub.data.records import Repository, Slice
from bot.hub.data.refusals import NotAllowed, Refusal
from bot.hub.data.runs import RunQuery
from bot.hub.pages.forms import read_form
from bot.hub.pages.markdown import Scope, render
from bot.hub.pages.queries import log_tail, run_view
from bot.hub.pages.site import Site, page_number, query_of

PER_PAGE = 30
_SUMMARY_SHOWN = 64 * 1024


class RunPages:
    """Endpoints about workflow runs."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    def routes(self) -> list[BaseRoute]:
        """Reading runs and cancelling them."""
        base, one, page = (
            "/{owner}/{repo}/actions",
            "/{owner}/{repo}/actions/runs/{run:int}",
            self._site.guarded,
        )
        return [
            Route(base, page(self.index)),
            Route(f"{base}/fragment", page(self.index_fragment)),
            Route(one, page(self.show)),
            Route(f"{one}/fragment", page(self.show_fragment)),
            Route(f"{one}/cancel", self.cancel, methods=["POST"]),
        ]

    def index(self, request: Request) -> Response:
        """The runs, the newest first."""
        repository = self._site.repository(request)
        live = f"/{repository.full_name}/actions/fragment?{request.url.query}"
        values = self._index_values(request, repository)
        return self._site.live_page("runs.html", "runs_list.html", repository, values, live=live)

    def index_fragment(self, request: Request) -> Response:
        """What of the list changes while somebody looks at it."""
        repository = self._site.repository(request)
        return self._site.fragment(
            request, "runs_list.html", repository, self._index_values(request, repository)
        )

    def show(self, request: Request) -> Response:
        """One run with its log."""
        repository = self._site.repository(request)
        live = f"/{repository.full_name}/actions/runs/{request.path_params['run']}/fragment"
        values = self._run_values(request, repository)
        return self._site.live_page("run.html", "run_log.html", repository, values, live=live)

    def show_fragment(self, request: Request) -> Response:
        """What of a run changes while somebody looks at it."""
        repository = self._site.repository(request)
        return self._site.fragment(request, "run_log.html", repository, self._run_values(request, repository))

    async def cancel(self, request: Request) -> Response:
        """Cancel a run as the chosen account and lead back to it."""
        try:
            await read_form(request, urlsplit(self._world.base_url).hostname or "")
        except Refusal as refusal:
            return self._site.refused(refusal.status, refusal.message, "/")
        return await run_in_threadpool(self._site.guarded(self._cancel), request)

    def _cancel(self, request: Request) -> Response:
        repository = self._site.repository(request)
        actor = self._site.actor(self._site.chosen(request, repository))
        try:
            run = self._world.runs.cancel(repository, actor, request.path_params["run"])
        except NotAllowed:
            role = self._world.users.role(repository, actor).label
            raise NotAllowed(
                f"{actor.login} has the role {role} here; cancelling a run takes write or more. "
                "Choose another account beside the comment box of any issue."
            ) from None
        return RedirectResponse(f"/{repository.full_name}/actions/runs/{run.id}", 303)

    def _index_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        page, workflow = page_number(request), request.query_params.get("workflow", "")
        part = Slice(PER_PAGE + 1, (page - 1) * PER_PAGE)
        runs = self._world.runs.search(repository, RunQuery(workflow=workflow), part)
        now = self._world.clock.now()
        return {
            "tab": "actions",
            "runs": [run_view(run, now) for run in runs[:PER_PAGE]],
            "more": len(runs) > PER_PAGE,
            "page": page,
            "workflow": workflow,
            "workflows": self._workflows(repository),
            "query": query_of(request),
        }

    def _workflows(self, repository: Repository) -> list[str]:
        sql = "SELECT file FROM workflows WHERE repository_id = ? ORDER BY file"
        return [str(row["file"]) for row in self._world.db.rows(sql, repository.id)]

    def _run_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        run = self._world.runs.find(repository, request.path_params["run"])
        folder = self._world.data / "runs" / str(run.id)
        log, cut = log_tail(folder / "log.txt")
        summary = folder / "summary.md"
        text = (
            summary.read_text(encoding="utf-8", errors="replace")[:_SUMMARY_SHOWN]
            if summary.is_file()
            else ""
        )
        return {
            "tab": "actions",
            "run": run_view(run, self._world.clock.now()),
            "chosen": self._site.chosen(request, repository),
            "log": log,
            "cut": cut,
            "summary": render(text, Scope(repository.full_name)) if text else None,
        }
