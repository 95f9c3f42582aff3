"""An issue that asks for a project: written by hand, or with the form "New project"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.commands.naming import title_of
from bot.domain.events.looked_up import IssueText
from bot.domain.outputs import Priority, Size

_FIELD = re.compile(r"^###[^\S\n]+(\S.*)$", re.MULTILINE)
_EMPTY = "_No response_"
"""What GitHub writes for a field that was left empty (GitHub: "Syntax for issue forms")."""
_PREFIX = re.compile(r"^\s*\[?new project\]?\s*:?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """What an issue asks for."""

    title: str
    idea: str
    options: dict[str, Any]
    """``size``, ``stack``, ``region``, ``priority`` where the form names them."""


def asked_for(issue: IssueText) -> Form:
    """Read an issue; what is no field of the form belongs to the idea."""
    fields = _fields(issue.body)
    title = _PREFIX.sub("", issue.title)
    idea = fields.get("idea", "") if "idea" in fields else issue.body
    choices: dict[str, Any] = {
        "size": next((size for size in Size if size == fields.get("size", "").lower()), None),
        "priority": next((one for one in Priority if one == fields.get("priority", "").lower()), None),
        "stack": fields.get("stack", "")[:40],
        "region": fields.get("region", "")[:40],
    }
    return Form(
        title=title_of(title or idea),
        idea=f"{title}\n\n{idea}".strip(),
        options={name: value for name, value in choices.items() if value},
    )


def _fields(body: str) -> dict[str, str]:
    """The form's fields by their names in lower case; empty where the body is no form."""
    _, *parts = _FIELD.split(body.replace("\r\n", "\n"))
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name.strip().lower(): "" if text.strip() == _EMPTY else text.strip() for name, text in pairs}
