"""An address outside: a web server that keeps what it is told, and can refuse, hang, or kill who tells it."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASSWORD, PATH = "s3cr3t-passw0rd", "t0ken-in-the-path"
"""What of the address must not be seen anywhere."""


@dataclass
class Webhook:
    """What came, and how it behaves."""

    port: int = 0
    answer: int = 200
    told: list[dict[str, Any]] = field(default_factory=list)
    victim: int = 0
    """The process that dies when the next message has come."""
    aimed: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    """A server that hangs answers once this is set."""
    hangs: bool = False
    kills: bool = False

    @property
    def url(self) -> str:
        """The address as apprise has it, with a password and a token."""
        return f"json://someone:{PASSWORD}@127.0.0.1:{self.port}/{PATH}"

    @property
    def titles(self) -> list[str]:
        """The messages' titles, in the order in which they came."""
        return [message["title"] for message in self.told]

    def aim(self, pid: int) -> None:
        """Whoever is killed."""
        self.victim = pid
        self.aimed.set()


@contextmanager
def listening() -> Iterator[Webhook]:
    """The server on a free port."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.told.append(json.loads(body))
            if hook.kills:
                hook.aimed.wait(60)
                os.kill(hook.victim, signal.SIGKILL)
                return
            if hook.hangs:
                hook.released.wait(60)
            self.send_response(hook.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        hook.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
