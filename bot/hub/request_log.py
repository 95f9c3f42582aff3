"""Notes API, git and Pages requests, so that tests can count them; what nobody answers is counted apart."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 100_000
_KEY = "hub.request"


@dataclass(slots=True)
class Entry:
    """One request; ``status`` is 0 until it is answered and where the connection was dropped."""

    id: int
    method: str
    path: str
    query: str
    kind: str
    """``api``, ``git`` or ``site`` (a Pages site)."""
    login: str | None = None
    status: int = 0
    fault: str | None = None
    """The fault that was injected, if any."""
    milliseconds: float = 0.0


class RequestLog:
    """The last requests, oldest first, and the unknown routes."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._ids = itertools.count(1)
        self._unknown: Counter[str] = Counter()
        self._lock = threading.Lock()

    def begin(self, scope: Scope, kind: str) -> Entry:
        """Note a request that has come in."""
        query = scope["query_string"].decode("latin-1")
        with self._lock:
            entry = Entry(next(self._ids), scope["method"], scope["path"], query, kind)
            self._entries.append(entry)
        scope[_KEY] = entry
        return entry

    def since(self, last_id: int = 0) -> list[dict[str, Any]]:
        """The requests after the one with this id."""
        with self._lock:
            return [asdict(entry) for entry in self._entries if entry.id > last_id]

    def clear(self) -> None:
        """Forget the requests; ids go on growing, unknown routes stay counted."""
        with self._lock:
            self._entries.clear()

    def count_unknown(self, method: str, path: str) -> None:
        """Note a request that no route answers."""
        with self._lock:
            self._unknown[f"{method} {path}"] += 1

    def unknown(self) -> dict[str, int]:
        """``METHOD path`` → how often it was asked for, most frequent first."""
        with self._lock:
            return dict(self._unknown.most_common())


class LogRequests:
    """ASGI middleware that writes the log: around everything else, faults included."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note the status and the time that it took."""
        kind = request_kind(scope)
        if kind is None:
            await self._app(scope, receive, send)
            return
        entry, began = self._log.begin(scope, kind), time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                entry.milliseconds = round((time.perf_counter() - began) * 1000, 2)
            await send(message)

        await self._app(scope, receive, noted)


def request_kind(scope: Scope) -> str | None:
    """``api``, ``git``, ``site``, or None for the hub's own pages and the control surface."""
    if scope["type"] != "http":
        return None
    path: str = scope["path"]
    if path.startswith("/api/"):
        return "api"
    if path.startswith("/pages/"):
        return "site"
    is_git = path.endswith(("/info/refs", "/git-upload-pack", "/git-receive-pack"))
    return "git" if is_git else None


def note_login(scope: Scope, login: str) -> None:
    """Note whose token a request carries."""
    if _KEY in scope:
        scope[_KEY].login = login


def note_fault(scope: Scope, fault: str) -> None:
    """Note which fault a request met."""
    if _KEY in scope:
        scope[_KEY].fault = fault


def met_fault(scope: Scope) -> str | None:
    """The fault that a request met, if any."""
    return scope[_KEY].fault if _KEY in scope else None
