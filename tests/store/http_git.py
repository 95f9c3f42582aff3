"""A git server over HTTP for tests: ``git http-backend`` behind a door that can misbehave on demand."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from typing import ClassVar


class Fault(Enum):
    """How one request goes wrong."""

    LOSE_REQUEST = "the connection breaks before anything is done"
    LOSE_ANSWER = "it is done, then the connection breaks"
    BAD_GATEWAY = "502, nothing is done"
    DONE_BUT_BAD_GATEWAY = "it is done, then 502"


def nothing() -> None:
    """What happens meanwhile unless a test wants something."""


@dataclass
class Trouble:
    """A fault for the next requests with ``match`` in ``"<method> <target>"``."""

    match: str
    fault: Fault
    times: int = 1
    meanwhile: Callable[[], None] = nothing
    """Runs after the request was served or dropped, before the client can know."""


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    method: str
    target: str
    authorization: str


class GitServer(ThreadingHTTPServer):
    """Serves the repositories below ``root``. Demands ``token`` if there is one.

    ``troubles`` come in order. While ``replica`` is set, reads are served from the repositories below it.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, root: Path, token: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root, self.token = root, token
        self.read_only = False
        self.requests: list[Request] = []
        self.troubles: deque[Trouble] = deque()
        self.replica: Path | None = None
        self.on_request: Callable[[], None] = nothing

    @property
    def url(self) -> str:
        """Base address, without a final slash."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def trouble_for(self, request: str) -> Trouble | None:
        """The trouble that this request meets, if it is its turn."""
        if not self.troubles or self.troubles[0].match not in request:
            return None
        trouble = self.troubles[0]
        trouble.times -= 1
        return trouble if trouble.times else self.troubles.popleft()

    def handle_error(self, request: object, client_address: object) -> None:
        """A broken connection is what some tests ask for."""


@contextmanager
def serving(root: Path, token: str = "") -> Iterator[GitServer]:
    """A running server."""
    server = GitServer(root, token)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: GitServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    passed_on: ClassVar = {"Git-Protocol": "GIT_PROTOCOL", "Content-Encoding": "HTTP_CONTENT_ENCODING"}

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Standard error belongs to the tests."""

    def _serve(self) -> None:
        body = self._body()
        request = Request(self.command, self.path, self.headers.get("Authorization", ""))
        self.server.requests.append(request)
        self.server.on_request()
        trouble = self.server.trouble_for(f"{self.command} {self.path}")
        if status := self._refusal(request):
            return self._answer(status, [("WWW-Authenticate", 'Basic realm="git"')] if status == 401 else [])
        if trouble is None:
            return self._answer(*self._backend(body))
        if trouble.fault in (Fault.LOSE_ANSWER, Fault.DONE_BUT_BAD_GATEWAY):
            self._backend(body)
        trouble.meanwhile()
        if trouble.fault in (Fault.BAD_GATEWAY, Fault.DONE_BUT_BAD_GATEWAY):
            return self._answer(502, [])
        return self._hang_up()

    def _refusal(self, request: Request) -> int | None:
        expected = base64.b64encode(f"x-access-token:{self.server.token}".encode()).decode()
        if self.server.token and request.authorization != f"Basic {expected}":
            return 401
        if self.server.read_only and "receive-pack" in request.target:
            return 403
        return None

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _backend(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        path, _, query = self.path.partition("?")
        root = (self.server.replica if "upload-pack" in self.path else None) or self.server.root
        passed = {
            name: self.headers[header] for header, name in self.passed_on.items() if header in self.headers
        }
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "writer",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            **passed,
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode("latin-1").split("\r\n")]
        statuses = [value for name, value in headers if name == "Status"]
        status = int(statuses[0].split()[0]) if statuses else 200
        return status, [(name, value) for name, value in headers if name != "Status"], content

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(SHUT_RDWR)
