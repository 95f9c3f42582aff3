"""Addresses that answer as a test wants them to, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """What it answers, path by path, and what it was asked."""

    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Path → status and body; a redirect's body is where it leads to. 404 for every other path."""
    asked: list[Request] = field(default_factory=list)
    on_asked: Callable[[Site], None] = lambda site: None
    """Called after each question was answered."""


@contextmanager
def site(**answers: tuple[int, bytes]) -> Iterator[Site]:
    """A server on a free port; ``home`` is what `/` answers, ``it`` what `/it` answers."""
    about = Site(answers={f"/{'' if name == 'home' else name}": answer for name, answer in answers.items()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            about.asked.append(Request(self.path, dict(self.headers)))
            status, body = about.answers.get(self.path, (404, b"nothing here"))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            about.on_asked(about)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    about.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield about
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
