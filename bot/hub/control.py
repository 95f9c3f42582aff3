"""The hub's control surface for tests and demonstrations, under ``/hub``: log, clock, faults, runs.

It has no accounts: the hub listens on this machine's loopback address only, and requests that a web
page made (they carry ``Origin``) are refused.

``GET /hub``                   what the hub is: addresses, repository, clock
``GET /hub/requests``          the API, git and Pages requests; ``?since=ID`` only those after that one
``DELETE /hub/requests``       forget them
``GET, POST /hub/clock``       the hub's time; ``{"forward": SECONDS}`` sets it forward
``GET, POST, DELETE /hub/faults``  faults in force; ``{"fault": SPEC}`` adds one (``bot.hub.faults``)
``GET /hub/unknown``           the API routes that were asked for and do not exist
``POST /hub/runs/ID``          play a workflow run: ``{"status": "in_progress"}`` or
                               ``{"status": "completed", "conclusion": "success"}``
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.hub.data.records import to_text
from bot.hub.data.refusals import Refusal
from bot.hub.data.runs import CONCLUSIONS
from bot.hub.data.world import World
from bot.hub.faults import Faults
from bot.hub.request_log import RequestLog

Handler = Callable[[Request], Awaitable[Response]]


class Control:
    """The control surface's routes."""

    def __init__(self, world: World, log: RequestLog, faults: Faults) -> None:
        self._world = world
        self._log = log
        self._faults = faults

    def mount(self) -> Mount:
        """Everything under ``/hub``."""
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "/", self._about),
            ("GET", "/requests", self._requests),
            ("DELETE", "/requests", self._clear_requests),
            ("GET", "/clock", self._clock),
            ("POST", "/clock", self._forward),
            ("GET", "/faults", self._list_faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/unknown", self._unknown),
            ("POST", "/runs/{run:int}", self._play_run),
        )
        return Mount("/hub", routes=[Route(path, _local(call), methods=[way]) for way, path, call in table])

    async def _about(self, request: Request) -> Response:
        names = [repository.full_name for repository in self._world.repositories.all()]
        return JSONResponse({"url": self._world.base_url, "repositories": names, "now": self._now()})

    async def _requests(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not since.isdigit():
            raise ValueError(f"since={since}: expected the id of a request")
        return JSONResponse({"requests": self._log.since(int(since))})

    async def _clear_requests(self, request: Request) -> Response:
        self._log.clear()
        return Response(status_code=204)

    async def _clock(self, request: Request) -> Response:
        return JSONResponse({"now": self._now(), "offset": self._world.clock.offset})

    async def _forward(self, request: Request) -> Response:
        seconds = (await _object(request)).get("forward")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError('expected {"forward": SECONDS}')
        self._world.forward(float(seconds))
        return await self._clock(request)

    async def _list_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self._faults.list()})

    async def _add_fault(self, request: Request) -> Response:
        specification = (await _object(request)).get("fault")
        if not isinstance(specification, str):
            raise ValueError('expected {"fault": "METHOD PATH option=value …"}')
        self._faults.add(specification)
        return JSONResponse({"faults": self._faults.list()}, 201)

    async def _clear_faults(self, request: Request) -> Response:
        self._faults.clear()
        return Response(status_code=204)

    async def _unknown(self, request: Request) -> Response:
        return JSONResponse({"unknown": self._log.unknown()})

    async def _play_run(self, request: Request) -> Response:
        wanted, run_id = await _object(request), request.path_params["run"]
        run = self._world.runs.by_id(run_id)
        match wanted.get("status"), wanted.get("conclusion"):
            case "in_progress", None:
                self._world.runs.start(run_id)
            case "completed", conclusion if conclusion in CONCLUSIONS:
                self._world.runs.finish(run_id, str(conclusion))
            case _:
                words = ", ".join(CONCLUSIONS)
                raise ValueError(f"expected status in_progress, or completed with a conclusion: {words}")
        repository = self._world.repositories.by_id(run.repository_id)
        return JSONResponse(self._world.show.run(self._world.runs.by_id(run_id), repository))

    def _now(self) -> str:
        return to_text(self._world.clock.now())


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise ValueError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")
    return body


def _local(handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if "origin" in request.headers:
            return JSONResponse({"message": "The control surface is not for web pages."}, 403)
        try:
            return await handler(request)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 422)
        except Refusal as refusal:
            return JSONResponse({"message": refusal.message}, refusal.status)

    return handle
