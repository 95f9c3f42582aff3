"""JSON held against JSON Schemas: compiled once, and stricter than GitHub words them.

GitHub's schemas allow any property that they do not name. Here what has properties has no others, so that a
field which the hub invents, or one which the bot misspells, is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from tests.contracts.published import Json

SHOWN = 6
"""Differences of one body that are told; whoever mends those sees the others."""


class Judge:
    """Compiles a schema with the schemas that it names."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        self._named = {name: _closed(schema) for name, schema in schemas.items()}

    def validator(self, schema: Json) -> Draft202012Validator:
        """For ``differences``."""
        return Draft202012Validator({**_closed(schema), "$defs": self._named}, validate_formats=True)


def differences(validator: Draft202012Validator, value: object) -> list[str]:
    """Where a value differs from its schema, each with its place; empty where it does not."""
    if validator.is_valid(value):
        return []
    return [each for error in validator.iter_errors(value) for each in _told(error)][:SHOWN]


def _told(error: ValidationError) -> Iterator[str]:
    if isinstance(error.kind, ValidationErrorKind.AnyOf):
        # What fits none of several is told as what keeps it from fitting the nearest.
        for each in min(error.kind.context, key=lambda errors: _distance(error, errors)):
            yield from _told(each)
        return
    parts = error.instance_path
    place = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in parts)
    yield f"{place.lstrip('.') or 'body'}: {error.message[:300]}"


def _distance(whole: ValidationError, errors: Sequence[ValidationError]) -> tuple[bool, int]:
    depth = len(whole.instance_path)
    kinds = [each for each in errors if isinstance(each.kind, ValidationErrorKind.Type)]
    return any(len(each.instance_path) == depth for each in kinds), len(errors)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: {name: _closed(each) for name, each in value.items()} if key == "properties" else _closed(value)
        for key, value in schema.items()
    }
    if closed.get("properties"):
        closed.setdefault("additionalProperties", False)
    return closed
