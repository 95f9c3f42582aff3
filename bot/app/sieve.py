"""Which ``issues`` events cannot concern the bot, told by the payload alone: before anything is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.labels import OWNED, PRIORITY

_OWN = "github-actions[bot]"
"""The account that GitHub's own token writes as: it never asks for anything."""


def may_concern_us(payload: Mapping[str, Any]) -> bool:
    """Whether an ``issues`` event has to be looked at.

    Only the configuration in the state knows which other bots count, and which label asks for a project:
    what they may have done goes through.
    """
    label, sender = _text(payload, "label", "name"), _text(payload, "sender", "login")
    if sender == _OWN:
        return False
    match payload.get("action"):
        case "labeled":
            return bool(label)
        case "unlabeled":
            return label.startswith((*OWNED, PRIORITY))
        case "closed" | "reopened":
            return True
        case _:
            return False


def _text(payload: Mapping[str, Any], part: str, key: str) -> str:
    found = payload.get(part)
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""
