"""GitHub Apps as far as registering them from a manifest goes: a code for each manifest, used once."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.hub.data.records import User
from bot.hub.data.refusals import Invalid, Missing
from bot.hub.data.store import Store

_LEVELS = ("read", "write", "admin")


class Apps(Store):
    """The manifests that wait to be converted."""

    def submit(self, owner: User, manifest: Mapping[str, Any]) -> str:
        """What GitHub's page does with a manifest once a person has confirmed it; returns the code.

        Raises Invalid for a manifest that GitHub would not take.
        """
        if not isinstance(manifest.get("url"), str):
            raise Invalid("Error in manifest: url is required")
        hook = manifest.get("hook_attributes")
        if hook is not None and not isinstance(hook.get("url"), str):
            raise Invalid("Error in manifest: hook_attributes.url is required")
        asked = manifest.get("default_permissions") or {}
        wrong = [name for name, level in asked.items() if level not in _LEVELS]
        if wrong:
            raise Invalid(f"Error in manifest: the level of {wrong[0]} is not included in the list")
        code = secrets.token_hex(20)
        content = json.dumps({**manifest, "owner": owner.login})
        self.db.set_setting(f"app_manifest_{code}", content)
        return code

    def convert(self, code: str) -> dict[str, Any]:
        """Register the App that a code stands for: its account, number and key. Raises Missing."""
        with self.db.transaction():
            kept = self.db.setting(f"app_manifest_{code}", "")
            if not kept:
                raise Missing
            self.db.set_setting(f"app_manifest_{code}", "")
        manifest = json.loads(kept)
        slug = re.sub(r"[^a-z0-9]+", "-", str(manifest.get("name") or "app").lower()).strip("-")
        account = self.world.users.create(f"{slug}[bot]", "Bot")
        key = generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
        return {**manifest, "id": account.id, "slug": slug, "pem": pem, "created_at": self.now()}
