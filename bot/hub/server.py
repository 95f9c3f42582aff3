"""Runs the hub's application: uvicorn on the loopback address, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.domain.errors import UsageError
from bot.hub.app import application
from bot.hub.data.world import BOT, World
from bot.hub.faults import Faults
from bot.hub.request_log import RequestLog
from bot.hub.rest.limits import RateLimits

HOST = "127.0.0.1"
BACKLOG = 1024
STOP_WITHIN = 3
"""Seconds that open requests get when the hub stops."""


class Server:
    """The hub over HTTP on 127.0.0.1; ``port`` 0 takes a free one.

    It listens as soon as it is made (``world.base_url`` is set then) and answers after ``start``.
    Raises UsageError where the port is taken.
    """

    def __init__(
        self, world: World, port: int = 0, *, faults: Sequence[str] = (), bot_requests_per_hour: int = 1_000
    ) -> None:
        self.log = RequestLog()
        self.faults = Faults(faults)
        self._socket = _listen(port)
        world.base_url = self.url
        self.limits = RateLimits(world.clock, bot_login=BOT, bot=bot_requests_per_hour)
        self._connections = _Connections()
        app = application(world, self.limits, self.log, self.faults, self._connections.hang_up)
        self._uvicorn = uvicorn.Server(_settings(app, self._connections))
        self._thread = threading.Thread(target=self._run, name="hub-http", daemon=True)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Begin to answer; what has come in before waits in the socket's queue."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what is open, then close; returns when it is done."""
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._uvicorn.run(sockets=[self._socket])


class _Connections:
    """The open connections by the client's address, so that a fault can close one."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self, *arguments: Any, **options: Any) -> _TrackedProtocol:  # noqa: ANN401
        """What uvicorn calls for each connection."""
        return _TrackedProtocol(self._transports, *arguments, **options)

    def hang_up(self, scope: Scope) -> None:
        """Close the connection that a request came on, without another byte."""
        transport = self._transports.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()


class _TrackedProtocol(H11Protocol):
    def __init__(
        self,
        transports: dict[tuple[str, int], asyncio.Transport],
        *arguments: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **options)
        self._transports = transports

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio does this for its own sockets only; without it a streamed answer waits 40 ms for an ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transports[tuple(transport.get_extra_info("peername"))] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        for address in [key for key, value in self._transports.items() if value is self.transport]:
            del self._transports[address]
        super().connection_lost(exc)


def _settings(app: ASGIApp, connections: _Connections) -> uvicorn.Config:
    protocol: Callable[..., asyncio.Protocol] = connections.protocol
    return uvicorn.Config(
        app,
        http=protocol,  # type: ignore[arg-type]
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_WITHIN,
        timeout_keep_alive=75,
    )


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        text = f"port {port} on {HOST} cannot be used ({error}); choose another one, or 0 for any free one"
        raise UsageError(text) from error
