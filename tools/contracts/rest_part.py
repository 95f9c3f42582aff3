"""The operations of GitHub's REST description that the hub answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.hub.rest.routes import ROUTES
from tools.contracts.schemas import Json, Schemas


def part_of_rest(github: Json, enterprise: Mapping[str, Json]) -> Json:
    """Each of the hub's routes as GitHub describes it; stops where GitHub Enterprise Server lacks one."""
    schemas = Schemas(github)
    known = _operations(github)
    wanted = [key for method, path, _ in ROUTES if (key := (method, _shape(path))) in known]
    lacking = [
        f"{name}: {key}"
        for name, each in enterprise.items()
        for key in wanted
        if key not in _operations(each)
    ]
    if lacking:
        raise SystemExit("GitHub Enterprise Server lacks " + ", ".join(lacking))
    return {
        "version": github["info"]["version"],
        "enterprise": sorted(enterprise),
        "operations": {f"{key[0]} {known[key][0]}": _operation(*known[key], schemas) for key in wanted},
        "schemas": schemas.taken(),
        "error": schemas.convert({"$ref": "#/components/schemas/basic-error"}),
        "invalid": schemas.convert({"$ref": "#/components/schemas/validation-error"}),
    }


def _operations(document: Json) -> dict[tuple[str, str], tuple[str, Json, Json]]:
    return {
        (method.upper(), _shape(path)): (path, operation, shared)
        for path, shared in document["paths"].items()
        for method, operation in shared.items()
        if method in ("get", "post", "put", "patch", "delete")
    }


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _operation(path: str, operation: Json, shared: Json, schemas: Schemas) -> Json:
    given = [
        schemas.resolved(each) for each in [*shared.get("parameters", []), *operation.get("parameters", [])]
    ]
    body = schemas.resolved(operation.get("requestBody", {}))
    return {
        "id": operation["operationId"],
        "parameters": [_parameter(each, schemas) for each in given if each["in"] in ("path", "query")],
        "body": _content(body, schemas),
        "body_required": body.get("required", False),
        "answers": {
            status: _answer(schemas.resolved(answer), schemas)
            for status, answer in operation["responses"].items()
        },
    }


def _parameter(parameter: Json, schemas: Schemas) -> Json:
    schema = schemas.convert(schemas.resolved(parameter["schema"]))
    return {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "schema": schema,
        "many_segments": parameter.get("x-multi-segment", False),
    }


def _answer(answer: Json, schemas: Schemas) -> Json:
    return {"schema": _content(answer, schemas), "headers": sorted(answer.get("headers", {}))}


def _content(message: Json, schemas: Schemas) -> Any:  # noqa: ANN401
    """The schema of a body of JSON; None where there is none."""
    content = message.get("content", {}).get("application/json")
    return schemas.convert(content["schema"]) if content else None
