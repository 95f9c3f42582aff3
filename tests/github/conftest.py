"""What the tests of the GitHub adapter share: a clock that does not wait, and two kinds of server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import responses

from bot.adapters.github.forge import GitHub

TOKEN = "ghs_secretsecretsecret"


@dataclass
class Clock:
    """Passes only when someone sleeps; remembers for how long."""

    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return 1000.0 + sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token() -> str:
    return TOKEN


@pytest.fixture
def connect(clock: Clock) -> Callable[..., GitHub]:
    """Makes the adapter with the tests' clock; keywords go through."""

    def make(repository: str = "acme/site", **options: Any) -> GitHub:
        options.setdefault("token", TOKEN)
        return GitHub(repository, sleep=clock.sleep, monotonic=clock.monotonic, **options)

    return make


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    """Answers in GitHub's place; a test fails where it registers an answer that nobody asks for."""
    with responses.RequestsMock() as mock:
        yield mock


Step = Callable[["Handler"], None]
"""What the real server does with one request."""


class Handler(BaseHTTPRequestHandler):
    """Plays the next step of its server's script."""

    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append((self.command, self.path, body))
        self.server.script.pop(0)(self)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class ScriptedServer(ThreadingHTTPServer):
    """A real HTTP server that follows a script, one step a request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Step] = []
        self.seen: list[tuple[str, str, bytes]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v3"

    def answer(self, status: int, data: object) -> Step:
        """A whole answer."""
        content = json.dumps(data).encode()

        def step(handler: Handler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json; charset=utf-8")
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        return step

    def drop(self, handler: Handler) -> None:
        """Read the request and hang up."""
        handler.close_connection = True

    def cut(self, handler: Handler) -> None:
        """Promise more than is sent."""
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"id": 1, "body": "')
        handler.close_connection = True

    def hang(self, handler: Handler) -> None:
        """Never answer, as far as the client waits."""
        self.released.wait(30)
        handler.close_connection = True


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    thread = threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield scripted
    scripted.released.set()
    scripted.shutdown()
    scripted.server_close()
    thread.join()
