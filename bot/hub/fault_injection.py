"""Makes requests meet the faults of ``bot.hub.faults``: ASGI middleware before the application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.hub.faults import Fault, Faults
from bot.hub.request_log import note_fault, request_kind

_HTML = (
    "<!DOCTYPE html><html><head><title>Unicorn!</title></head><body><p>Sorry about that.</p></body></html>"
)

HangUp = Callable[[Scope], None]
"""Closes the connection that a request came on."""


class InjectFaults:
    """ASGI middleware; ``hang_up`` closes a request's connection, ``date`` is the ``Date`` of an answer."""

    def __init__(self, app: ASGIApp, faults: Faults, hang_up: HangUp, date: Callable[[], str]) -> None:
        self._app = app
        self._faults = faults
        self._hang_up = hang_up
        self._date = date

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless a fault takes it."""
        if request_kind(scope) is None:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        delay, fault = self._faults.meet(scope["method"], scope["path"], query)
        if delay:
            await asyncio.sleep(delay)
        if fault is None:
            await self._app(scope, receive, send)
            return
        note_fault(scope, fault.text)
        if fault.stale:
            await self._answer_as_before(fault, scope, receive, send)
            return
        if fault.cut:
            await self._app(scope, receive, _Half(send))
        elif fault.drop == "after" or fault.acts:
            await self._app(scope, receive, _swallow)
        if fault.drop or fault.cut:
            await self._drop(scope, receive)
            return
        await _made_up(fault, self._date())(scope, receive, send)

    async def _answer_as_before(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        page = parse_qs(scope["query_string"].decode("latin-1")).get("page", [""])[0]
        place = f"{scope['path']} {page}"
        if place not in fault.kept:
            answer: list[Message] = []

            async def keep(message: Message) -> None:
                answer.append(message)

            await self._app(scope, receive, keep)
            fault.kept[place] = answer
        for message in fault.kept[place]:
            await send(message)

    async def _drop(self, scope: Scope, receive: Receive) -> None:
        self._hang_up(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


class _Half:
    """Sends an answer whose second half never comes."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Pass on; of the body, the first half of what comes."""
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await self._send(message)


async def _swallow(message: Message) -> None:
    """The answer that nobody will get."""


def _made_up(fault: Fault, date: str) -> Response:
    status = fault.status or 200
    if fault.html:
        response = Response(_HTML, status, media_type="text/html")
    elif status == 204:
        response = Response(status_code=204)
    else:
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Fault"
        message = fault.message or phrase
        body = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        response = Response(json.dumps(body), status, media_type="application/json")
    response.headers["Date"] = date
    for name, value in fault.headers:
        response.headers[name] = value
    return response
