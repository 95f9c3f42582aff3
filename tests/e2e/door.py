"""A door between the bot and the hub: passes every request on, and can kill the bot at a chosen one."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from typing import Literal
from urllib.parse import urlsplit

Moment = Literal["before", "after"]
Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, body."""
_OWN = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
"""Headers that belong to one connection, in lower case."""


class Door(ThreadingHTTPServer):
    """Passes requests on to a hub. Use ``opened``; ``lie_in_wait`` once, before the victim is started."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, hub_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.hub = urlsplit(hub_url).netloc
        self._lock = threading.Lock()
        self._victim_known = threading.Event()
        self._victim = 0
        self._at = 0
        self._moment: Moment = "before"
        self._seen = 0
        self.fell: str = ""
        """``METHOD path`` of the request at which the victim was killed."""

    @property
    def url(self) -> str:
        """Base address, without a final slash."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def lie_in_wait(self, at: int, moment: Moment) -> None:
        """Kill the next victim at that request, 1 the first: before it gets through, or after."""
        self._at, self._moment, self._seen, self.fell = at, moment, 0, ""
        self._victim_known.clear()

    def aim(self, process_group: int) -> None:
        """Name the victim; its requests wait for this."""
        self._victim = process_group
        self._victim_known.set()

    def judge(self, request: str) -> Moment | None:
        """Count a request; when the victim is to die at it. One that is dead already gets nothing more."""
        self._victim_known.wait()
        with self._lock:
            if self.fell:
                return "before"
            self._seen += 1
            if self._seen != self._at:
                return None
            self.fell = request
            return self._moment

    def answer(self, request: str, headers: HTTPMessage) -> Answer | None:
        """What is answered here, past the hub; None for what the hub is to answer."""
        return None

    def kill(self) -> None:
        """SIGKILL for the victim's whole process group."""
        with suppress(ProcessLookupError):
            os.killpg(self._victim, signal.SIGKILL)

    def handle_error(self, request: object, client_address: object) -> None:
        """Broken connections are what the victims leave behind."""


@contextmanager
def opened(hub_url: str) -> Iterator[Door]:
    """A door in front of a hub."""
    door = Door(hub_url)
    thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        door.shutdown()
        door.server_close()
        thread.join()


class _Visit(BaseHTTPRequestHandler):
    server: Door
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Standard error belongs to the tests."""

    def _serve(self) -> None:
        body = self._body()
        moment = self.server.judge(f"{self.command} {self.path}")
        if moment == "before":
            self.server.kill()
            return self._hang_up()
        own = self.server.answer(f"{self.command} {self.path}", self.headers)
        status, headers, content = own or self._pass_on(body)
        if moment == "after":
            self.server.kill()
            return self._hang_up()
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _pass_on(self, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.server.hub, timeout=60)
        try:
            passed = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            connection.request(self.command, self.path, body or None, passed)
            answer = connection.getresponse()
            content = answer.read()
            headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OWN]
            return answer.status, headers, content
        finally:
            connection.close()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(SHUT_RDWR)
