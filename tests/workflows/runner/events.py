"""What happened at the hub, and which workflows GitHub would start for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """An event as a workflow's ``on:`` knows it."""

    name: str
    payload: Json
    actor: str
    run_id: int = 0
    """The run that a dispatch has made already."""
    workflow: str = ""
    """The one file that it is for; empty for whichever names the event."""


def starts(on: object, event: Event) -> bool:
    """Whether ``on:`` names this event. A filter that this does not know fails the test."""
    triggers: Mapping[str, Any]
    match on:
        case str():
            triggers = {on: None}
        case list():
            triggers = dict.fromkeys(on)
        case dict():
            triggers = on
        case _:
            raise AssertionError(f"on: {on!r}")
    if event.name not in triggers:
        return False
    filters = triggers[event.name] or {}
    if event.name == "schedule":
        return event.payload["schedule"] in [one["cron"] for one in filters]
    if event.name == "workflow_dispatch":
        return True
    assert set(filters) <= {"types"}, f"{event.name}: this runner knows no filter of {sorted(filters)}"
    return "types" not in filters or event.payload["action"] in filters["types"]


def inputs_of(on: object, event: Event) -> Json:
    """The context ``inputs`` of a dispatch: what was given, and defaults for the rest."""
    if event.name != "workflow_dispatch" or not isinstance(on, dict):
        return {}
    declared = (on["workflow_dispatch"] or {}).get("inputs") or {}
    given = event.payload.get("inputs") or {}
    unknown = set(given) - set(declared)
    assert not unknown, f"GitHub refuses a dispatch with unexpected inputs: {sorted(unknown)}"
    missing = [name for name, one in declared.items() if one.get("required") and not given.get(name)]
    assert not missing, f"GitHub refuses a dispatch without {missing}"
    return {name: given.get(name, one.get("default", "")) for name, one in declared.items()}
