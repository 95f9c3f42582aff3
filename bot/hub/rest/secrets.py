"""Routes about the secrets and variables of Actions."""

from __future__ import annotations

import sqlite3
from typing import Any

from bot.hub.rest.call import Answer, Call


def public_key(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/secrets/public-key``."""
    key_id, key = call.world.secrets.public_key(call.repository(), call.actor)
    return Answer({"key_id": key_id, "key": key})


def secrets(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/secrets``: names and times, never values."""
    return _page(call, "secrets", call.world.secrets.secrets(call.repository(), call.actor))


def organization_secrets(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/organization-secrets``: organisations have none here."""
    call.world.secrets.secrets(call.repository(), call.actor)
    return _page(call, "secrets", [])


def put_secret(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/actions/secrets/{name}``: 201 for a new one, else 204."""
    given = call.fields()
    sealed, key = given.get("encrypted_value"), given.get("key_id")
    fresh = call.world.secrets.put(call.repository(), call.actor, call.path["name"], sealed, key)
    return Answer({}, 201) if fresh else Answer(status=204)


def delete_secret(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/actions/secrets/{name}``."""
    call.world.secrets.delete_secret(call.repository(), call.actor, call.path["name"])
    return Answer(status=204)


def variables(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/variables``."""
    return _page(call, "variables", call.world.secrets.variables(call.repository(), call.actor))


def organization_variables(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/organization-variables``: organisations have none here."""
    call.world.secrets.variables(call.repository(), call.actor)
    return _page(call, "variables", [])


def variable(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/variables/{name}``."""
    return Answer(_shown(call.world.secrets.variable(call.repository(), call.actor, call.path["name"])))


def create_variable(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/actions/variables``."""
    given = call.fields()
    call.world.secrets.create_variable(call.repository(), call.actor, given.get("name"), given.get("value"))
    return Answer({}, 201)


def edit_variable(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/actions/variables/{name}``."""
    value = call.fields().get("value")
    call.world.secrets.edit_variable(call.repository(), call.actor, call.path["name"], value)
    return Answer(status=204)


def delete_variable(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/actions/variables/{name}``."""
    call.world.secrets.delete_variable(call.repository(), call.actor, call.path["name"])
    return Answer(status=204)


def _page(call: Call, name: str, rows: list[sqlite3.Row]) -> Answer:
    part = call.part()
    shown = [_shown(row) for row in rows[part.offset : part.offset + (part.limit or 0)]]
    return Answer({"total_count": len(rows), name: shown}, total=len(rows))


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    names = ("name", "value", "created_at", "updated_at")
    return {name: row[name] for name in names if name in row.keys()}  # noqa: SIM118 - a row's `in` looks at values
