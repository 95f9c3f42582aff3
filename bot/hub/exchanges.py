"""Tells whoever listens about each API request and its answer.

With nobody in ``LISTENERS`` nothing is collected. A hub's thread calls them before the last byte of the
answer is sent, so that whoever got an answer knows that it was told about. The tests hold what they hear
against GitHub's own description.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.hub.request_log import met_fault, request_kind


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the API, and its answer."""

    method: str
    path: str
    """As it came, percent signs and all."""
    query: str
    agent: str
    """The ``User-Agent``."""
    request: bytes | None
    """The request's body; None where it was not read to its end."""
    fault: str | None
    """The fault that was injected, if any: the answer is none of the hub's then."""
    status: int
    """0 where no answer was given."""
    headers: dict[str, str]
    """Of the answer, by lower-case names."""
    answer: bytes


LISTENERS: list[Callable[[Exchange], None]] = []
"""Each is called for the exchanges of every hub in this process, from the hub's own threads."""


class TellExchanges:
    """ASGI middleware around the injection of faults."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and tell what was said in both directions."""
        if not LISTENERS or request_kind(scope) != "api":
            await self._app(scope, receive, send)
            return
        heard = _Heard(scope, receive, send)
        try:
            await self._app(scope, heard.receive, heard.send)
        finally:
            heard.tell()


class _Heard:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._request, self._is_whole = bytearray(), scope["method"] in ("GET", "HEAD")
        self._status, self._headers, self._answer = 0, dict[str, str](), bytearray()
        self._is_told = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._request += message.get("body", b"")
            self._is_whole = self._is_whole or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], _by_name(message["headers"])
        else:
            self._answer += message.get("body", b"")
            if not message.get("more_body", False):
                self.tell()
        await self._send(message)

    def tell(self) -> None:
        """Tell once."""
        if self._is_told:
            return
        self._is_told = True
        exchange = Exchange(
            method=self._scope["method"],
            path=self._scope["raw_path"].decode("latin-1"),
            query=self._scope["query_string"].decode("latin-1"),
            agent=_by_name(self._scope["headers"]).get("user-agent", ""),
            request=bytes(self._request) if self._is_whole else None,
            fault=met_fault(self._scope),
            status=self._status,
            headers=self._headers,
            answer=bytes(self._answer),
        )
        for listen in LISTENERS:
            listen(exchange)


def _by_name(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
