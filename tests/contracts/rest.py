"""Exchanges over REST held against GitHub's description of the operation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from jsonschema_rs import Draft202012Validator

from bot.hub.exchanges import Exchange
from tests.contracts.exceptions import ANY_ERROR, excused
from tests.contracts.judging import Judge, differences
from tests.contracts.published import AGAIN, Json, document

PREFIX = "/api/v3"
LIMITS = tuple(f"x-ratelimit-{name}" for name in ("limit", "remaining", "used", "reset", "resource"))


@dataclass
class Operation:
    """One operation as GitHub describes it."""

    name: str
    """``METHOD /path/with/{parameters}``."""
    described: Json
    judge: Judge
    pattern: re.Pattern[str]
    _compiled: dict[str, Draft202012Validator] = field(default_factory=dict)

    @cached_property
    def query(self) -> Mapping[str, Json]:
        """The parameters of the query."""
        return {each["name"]: each for each in self.described["parameters"] if each["in"] == "query"}

    @cached_property
    def path(self) -> Mapping[str, Json]:
        """The parameters of the path."""
        return {each["name"]: each for each in self.described["parameters"] if each["in"] == "path"}

    def differs(self, name: str, schema: Json, value: object) -> list[str]:
        """How a value differs from a schema of this operation's."""
        if name not in self._compiled:
            self._compiled[name] = self.judge.validator(schema)
        return differences(self._compiled[name], value)


class Rest:
    """Judges exchanges."""

    def __init__(self) -> None:
        published = document("rest.json")
        self._judge = Judge(published["schemas"])
        self._error, self._invalid = (self._judge.validator(published[name]) for name in ("error", "invalid"))
        # The longest and most definite description is the one that is meant.
        self._operations = sorted(
            (self._operation(*each) for each in published["operations"].items()),
            key=lambda each: (-each.name.count("/"), each.name.count("{"), each.name),
        )

    def find(self, exchange: Exchange) -> Operation | None:
        """The operation that a request is meant for; None where there is none."""
        asked = f"{exchange.method} {exchange.path.removeprefix(PREFIX)}"
        return next((each for each in self._operations if each.pattern.fullmatch(asked)), None)

    def request(self, operation: Operation | None, exchange: Exchange) -> list[str]:
        """What is wrong with a request."""
        if operation is None:
            return [f"GitHub describes no such operation, or it was not taken yet: {AGAIN}"]
        wrong = [
            *_in_path(operation, exchange),
            *_in_query(operation, exchange.query),
            *_in_body(operation, exchange.request),
        ]
        return _unexcused(operation, "request", wrong)

    def answer(self, operation: Operation, exchange: Exchange) -> list[str]:
        """What is wrong with an answer of the hub."""
        wrong = [f"the header {name} is missing" for name in LIMITS if name not in exchange.headers]
        status = str(exchange.status)
        described = operation.described["answers"].get(status)
        if exchange.status in (204, 304):
            return [*wrong, *(["it has a body"] if exchange.answer else []), *_unlisted(described, exchange)]
        if not exchange.headers.get("content-type", "").startswith("application/json"):
            return [*wrong, f"its content type is {exchange.headers.get('content-type')!r}"]
        value = json.loads(exchange.answer)
        if described is None or described["schema"] is None:
            found = differences(self._invalid if exchange.status == 422 else self._error, value)
            return [*wrong, *_unlisted(described, exchange), *_unexcused(operation, status, found)]
        if "Location" in described["headers"] and "location" not in exchange.headers:
            wrong.append("the header location is missing")
        found = operation.differs(status, described["schema"], value)
        return [*wrong, *_unexcused(operation, status, found)]

    def _operation(self, name: str, described: Json) -> Operation:
        many = {each["name"] for each in described["parameters"] if each["many_segments"]}
        parts = re.split(r"\{([^}]*)\}", name)
        for index in range(1, len(parts), 2):
            parts[index] = rf"(?P<{parts[index]}>{'.+' if parts[index] in many else '[^/]+'})"
        parts[::2] = [re.escape(each) for each in parts[::2]]
        return Operation(name, described, self._judge, re.compile("".join(parts)))


def _unexcused(operation: Operation, status: str, found: list[str]) -> list[str]:
    return [each for each in found if not excused(operation.name, status, each)]


def _unlisted(described: Json | None, exchange: Exchange) -> list[str]:
    if described is not None or exchange.status in ANY_ERROR:
        return []
    return [f"GitHub does not answer this operation with {exchange.status}"]


def _in_path(operation: Operation, exchange: Exchange) -> list[str]:
    match = operation.pattern.fullmatch(f"{exchange.method} {exchange.path.removeprefix(PREFIX)}")
    given = match.groupdict() if match else {}
    return [
        f"parameter {name} of the path: {each}"
        for name, text in given.items()
        if name in operation.path
        for each in _parameter(operation, f"path {name}", operation.path[name]["schema"], unquote(text))
    ]


def _in_query(operation: Operation, query: str) -> list[str]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    wrong = [
        f"parameter {name} of the query: GitHub knows none" for name in given if name not in operation.query
    ]
    for name, described in operation.query.items():
        if name in given:
            found = _parameter(operation, f"query {name}", described["schema"], given[name])
            wrong += [f"parameter {name} of the query: {each}" for each in found]
        elif described["required"]:
            wrong.append(f"parameter {name} of the query: missing")
    return wrong


def _parameter(operation: Operation, name: str, schema: Json, text: str) -> list[str]:
    return operation.differs(name, schema, _typed(schema, text))


def _typed(schema: Json, text: str) -> Any:
    kinds = [schema.get("type"), *(each.get("type") for each in schema.get("anyOf", ()))]
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    return text.split(",") if "array" in kinds else text


def _in_body(operation: Operation, body: bytes | None) -> list[str]:
    schema = operation.described["body"]
    if body is None:
        return []
    if not body.strip():
        return ["a body is missing"] if operation.described["body_required"] else []
    if schema is None:
        return ["it has a body, and GitHub reads none"]
    return [f"in its body: {each}" for each in operation.differs("body", schema, json.loads(body))]
