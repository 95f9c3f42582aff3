"""The webhooks that wake the bot, as GitHub describes them."""

from __future__ import annotations

from tools.contracts.schemas import Json, Schemas

EVENTS = ("issue_comment", "issues", "workflow_dispatch")
"""The events that the workflows start the bot for; a schedule has no webhook."""


def part_of_webhooks(github: Json) -> Json:
    """``event`` or ``event action`` → the schema of its payload."""
    schemas = Schemas(github)
    found: Json = {}
    for name, item in github["x-webhooks"].items():
        event = item["post"]["x-github"]["subcategory"].replace("-", "_")
        if event not in EVENTS:
            continue
        action = name.removeprefix(event.replace("_", "-")).strip("-").replace("-", "_")
        content = item["post"]["requestBody"]["content"]["application/json"]
        found[f"{event} {action}".strip()] = schemas.convert(content["schema"])
    return {"version": github["info"]["version"], "payloads": found, "schemas": schemas.taken()}
