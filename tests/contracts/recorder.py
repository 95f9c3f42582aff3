"""Hears every exchange of every hub in this process, and keeps what was wrong with it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import cached_property
from hashlib import blake2b

from bot.hub.exchanges import LISTENERS, Exchange
from tests.contracts import graphql
from tests.contracts.graphql import GraphQL
from tests.contracts.rest import Rest

BOT = "orchestrator"
"""The bot's ``User-Agent``. Tests that ask as people are free to ask for nonsense."""


class Recorder:
    """Judges as it hears; the hub's threads wait for it, so that nothing comes to light too late."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.operations: set[str] = set()
        self.nanoseconds = 0
        """Of processor time that judging took."""
        self._findings: list[str] = []
        self._known: set[bytes] = set()
        self._guard = threading.Lock()

    def listen(self) -> None:
        """From now on."""
        LISTENERS.append(self.hear)

    def hear(self, exchange: Exchange) -> None:
        """Judge one exchange; a judge that fails is a finding too."""
        began = time.thread_time_ns()
        try:
            with self._guard:
                self._findings += self.judge(exchange)
        except Exception as error:  # a hub's thread must not die of it
            self._findings.append(f"{exchange.method} {exchange.path}: it could not be judged: {error!r}")
        self.nanoseconds += time.thread_time_ns() - began

    def taken(self) -> list[str]:
        """What was found since the last time, each once."""
        with self._guard:
            found, self._findings = list(dict.fromkeys(self._findings)), []
            return found

    def judge(self, exchange: Exchange) -> list[str]:
        """What is wrong with one exchange, each with the operation's name."""
        if exchange.path.startswith(graphql.PATH):
            return self._judged_graphql(exchange)
        operation = self._rest.find(exchange)
        name = operation.name if operation else f"{exchange.method} {exchange.path}"
        found: list[str] = []
        if exchange.agent == BOT:
            self._count("request", name)
            if self._is_new(name, exchange.path.encode(), exchange.query.encode(), exchange.request or b""):
                found += [f"request {name}: {each}" for each in self._rest.request(operation, exchange)]
        if operation is not None and exchange.status and exchange.fault is None:
            self._count("answer", name)
            if self._is_new(name, str(exchange.status).encode(), exchange.answer):
                wrong = self._rest.answer(operation, exchange)
                found += [f"answer {name} {exchange.status}: {each}" for each in wrong]
        return found

    def _judged_graphql(self, exchange: Exchange) -> list[str]:
        found: list[str] = []
        if exchange.agent == BOT:
            self._count("request", "GraphQL")
            if self._is_new("GraphQL", exchange.request or b""):
                found += [f"request GraphQL: {each}" for each in self._graphql.request(exchange)]
        if exchange.status and exchange.fault is None:
            self._count("answer", "GraphQL")
            found += [f"answer GraphQL: {each}" for each in graphql.answer(exchange)]
        return found

    def _count(self, what: str, operation: str) -> None:
        self.counts[what] += 1
        self.operations.add(operation)

    def _is_new(self, *parts: str | bytes) -> bool:
        """Whether the like was not judged before: tests ask for the same thing again and again."""
        key = blake2b(digest_size=16)
        for part in parts:
            key.update(part.encode() if isinstance(part, str) else part)
            key.update(b"\0")
        if key.digest() in self._known:
            return False
        self._known.add(key.digest())
        self.counts["judged"] += 1
        return True

    @cached_property
    def _rest(self) -> Rest:
        return Rest()

    @cached_property
    def _graphql(self) -> GraphQL:
        return GraphQL()
