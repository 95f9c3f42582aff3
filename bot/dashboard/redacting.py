"""Leaves out of a state what the dashboard may not show, before anything is made of it.

By the names of fields, so that a model that is added later is covered where it speaks of the same things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from bot.domain.controls import Happening
from bot.domain.dashboards import Dashboard
from bot.domain.models import Project
from bot.domain.records import ADMIN, Alert
from bot.domain.state import State
from bot.policies.observing import CONFIG_ALERT

SOMEBODY = "somebody"
"""Stands for a login."""

_PEOPLE = frozenset({"by", "requester", "idea_author", "taken_by", "author", "actor"})
_TEXTS = frozenset(
    "idea idea_text summary output command details reason text body review acceptance risks "
    "open_questions failing facts unchecked left_out".split()
)
_TITLES = frozenset({"title"})
_WALKED = (
    *("projects", "genesis", "development", "content", "queues", "outbox", "instances", "controls"),
    *("alerts", "incidents", "journal", "scaling", "usage"),
)
_OWN_WORDS = frozenset(
    "stage discarded retried priority waits approved allowed assigned moved worker scaled control "
    "pull-request incident alert-over".split()
)
"""Happenings whose details are the bot's own words; others' may repeat what people or programs said."""
_TAKEN = re.compile(r"(, taken on) by .*$")


def shown(state: State, rule: Dashboard) -> State:
    """The state with nothing in it that may not be shown. What is decided from the rest stays the same."""
    cleaned = {name: _walk(getattr(state, name), rule) for name in _WALKED}
    hidden = {"strangers": {}, "account": "", "administrators": ()}
    ledger = state.ledger.model_copy(update={name: hidden[name] for name in ("strangers", "account")})
    config = state.config.model_copy(update={"administrators": ()})
    return replace(state, events=None, ledger=ledger, config=config, **cleaned)


def happenings(found: Iterable[Happening], rule: Dashboard) -> list[Happening]:
    """The journal's lines alone, as of the past."""
    return [_walk(one, rule) for one in found]


def _walk(value: Any, rule: Dashboard) -> Any:  # noqa: ANN401 - any part of the state
    """The same value where nothing in it is hidden."""
    if isinstance(value, BaseModel):
        return _model(value, rule)
    if isinstance(value, tuple):
        walked = tuple([_walk(one, rule) for one in value])
        return walked if any(new is not old for new, old in zip(walked, value, strict=True)) else value
    if isinstance(value, dict):
        return {key: _walk(one, rule) for key, one in value.items()}
    return value


def _model(value: BaseModel, rule: Dashboard) -> BaseModel:
    changed = {}
    for name, old in value.__dict__.items():
        new = _field(name, old, rule)
        if new is not old:
            changed[name] = new
    changed |= _special(value, rule)
    return value.model_copy(update=changed) if changed else value


def _field(name: str, old: Any, rule: Dashboard) -> Any:  # noqa: ANN401 - any part of the state
    if name in _TEXTS and not rule.texts and isinstance(old, str | tuple):
        return type(old)() if old else old
    if name in _TITLES and not rule.titles and isinstance(old, str):
        return ""
    if name in _PEOPLE and not rule.people and isinstance(old, str):
        return SOMEBODY if old else ""
    if name == "open_points" and not rule.people:
        return tuple(_TAKEN.sub(r"\1", point) for point in old)
    return _walk(old, rule) if isinstance(old, BaseModel | tuple | dict) else old


def _special(value: BaseModel, rule: Dashboard) -> dict[str, Any]:
    match value:
        case Happening(kind=kind) if kind not in _OWN_WORDS and not rule.texts:
            # Of an alert the id stays, which stands before its cause.
            return {"detail": value.detail.partition(":")[0] if kind == "alert" else ""}
        case Alert() if value.id.startswith(ADMIN) and not (rule.texts and rule.people):
            return {"cause": "the administrators were called"}
        case Alert() if value.id == CONFIG_ALERT and not rule.texts:
            return {"cause": "the configuration file does not validate"}
        case Project() if not rule.titles:
            return {"title": value.id}
        case _:
            return {}
