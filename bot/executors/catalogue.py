"""The profiles of agents: those of the package, with what the configuration says in their place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.domain.errors import UsageError
from bot.domain.profiles import Profile, overlay

PROFILES = Path(__file__).parent / "agents"
FREE = "command"
"""The profile that a name of the configuration starts from where it names none."""


def built_in() -> tuple[str, ...]:
    """The names of the package's profiles, sorted."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.yml")))


def find(name: str, changes: Mapping[str, Any] | None = None) -> Profile | None:
    """The profile of that name with its changes; None where neither the package nor the changes have one.

    Raises UsageError where the two do not fit together.
    """
    changes = dict(changes or {})
    known = built_in()
    if name not in known and not changes:
        return None
    start = changes.pop("like", name if name in known else FREE)
    if start not in known:
        raise UsageError(
            f"`executors.{name}.like` names {start!r}, which is no profile; there are: {', '.join(known)}"
        )
    base = yaml.safe_load((PROFILES / f"{start}.yml").read_text(encoding="utf-8"))
    try:
        return Profile.model_validate(overlay(base, changes))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join([f"executors.{name}", *map(str, first["loc"])])
        raise UsageError(f"`{place}`: {first['msg']}; see docs/agents.md for the keys") from None


def lock_of(name: str, changes: Mapping[str, Any] | None = None) -> str:
    """The folder of ``requirements/agents`` that a hosted runner installs an agent from; empty: from none.

    A version or a program of the configuration's own has no lock, so it has to be on the runner already.
    """
    changes = dict(changes or {})
    start = changes.get("like", name)
    mine = any(key in changes for key in ("package", "version"))
    profile = None if mine or start not in built_in() else find(start)
    return start if profile and profile.package else ""
