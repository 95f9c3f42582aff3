"""Routes about GitHub Apps."""

from __future__ import annotations

import secrets

from bot.hub.rest.call import Answer, Call


def convert(call: Call) -> Answer:
    """``POST /app-manifests/{code}/conversions``: needs no token; the code is the proof."""
    made = call.world.apps.convert(call.path["code"])
    owner = call.world.users.find(made["owner"])
    base, time = call.world.base_url, made["created_at"]
    return Answer(
        {
            "id": made["id"],
            "slug": made["slug"],
            "node_id": f"A_{made['id']}",
            "client_id": f"Iv1.{secrets.token_hex(8)}",
            "owner": call.world.show.user(owner),
            "name": made.get("name") or made["slug"],
            "description": made.get("description"),
            "external_url": made["url"],
            "html_url": f"{base}/apps/{made['slug']}",
            "created_at": time,
            "updated_at": time,
            "permissions": made.get("default_permissions") or {},
            "events": made.get("default_events") or [],
            "client_secret": secrets.token_hex(20),
            "webhook_secret": None,
            "pem": made["pem"],
        },
        201,
    )
