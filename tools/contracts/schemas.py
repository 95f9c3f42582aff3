"""OpenAPI 3.0's schemas as JSON Schema, without what only readers need, and those that a part needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_PREFIX = "#/components/schemas/"
_KEPT = (
    "additionalProperties anyOf const enum format items maximum maxItems maxLength minimum minItems "
    "minLength not oneOf pattern properties required type"
).split()
_FORMATS = ("date", "date-time", "email", "uri")


class Schemas:
    """Collects the schemas that are asked for, and those that they name."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._taken: Json = {}

    def taken(self) -> Json:
        """Name → schema of everything that was named so far."""
        return self._taken

    def resolved(self, value: Json) -> Json:
        """What a reference to another part of the document names."""
        while "$ref" in value:
            found: Any = self._document
            for word in value["$ref"].removeprefix("#/").split("/"):
                found = found[word]
            value = found
        return value

    def convert(self, schema: Json) -> Json:
        """One schema as JSON Schema."""
        if "$ref" in schema:
            return {"$ref": f"#/$defs/{self._take(schema['$ref'])}"}
        if "allOf" in schema:
            return self._merged([self.convert(each) for each in schema["allOf"]])
        made: Json = {key: self._value(key, schema[key]) for key in _KEPT if key in schema}
        if made.get("format") not in (None, *_FORMATS):
            del made["format"]
        # GitHub knows no "exactly one": what fits two of its alternatives is as good.
        if "oneOf" in made:
            made["anyOf"] = made.pop("oneOf")
        return _nullable(made) if schema.get("nullable") else made

    def _value(self, key: str, value: Any) -> Any:  # noqa: ANN401
        if key == "properties":
            return {name: self.convert(each) for name, each in value.items()}
        if key in ("items", "not") or (key == "additionalProperties" and isinstance(value, dict)):
            return self.convert(value)
        if key in ("anyOf", "oneOf"):
            return [self.convert(each) for each in value]
        return value

    def _merged(self, parts: list[Json]) -> Json:
        """One object with the properties of all parts, so that it can be told what it must not have."""
        whole = [
            self._taken[each["$ref"].removeprefix("#/$defs/")] if "$ref" in each else each for each in parts
        ]
        merged: Json = {"type": "object", "properties": {}, "required": []}
        for part in whole:
            merged["properties"] |= part.get("properties", {})
            merged["required"] += part.get("required", [])
        merged["required"] = sorted(set(merged["required"]))
        return merged

    def _take(self, reference: str) -> str:
        name = reference.removeprefix(_PREFIX)
        if name not in self._taken:
            self._taken[name] = {}  # it may name itself
            self._taken[name] = self.convert(self._document["components"]["schemas"][name])
        return name


def _nullable(schema: Json) -> Json:
    if "type" in schema:
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema
