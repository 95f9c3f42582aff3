"""Leaves out of a state what the dashboard may not show, before anything is made of it.

By the names of fields, so that a model that is added later is covered where it speaks of the same things.
What was left out is then looked for in the bot's own sentences, which repeat some of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from bot.domain.alert_rules import CALLED, CONFIGURATION
from bot.domain.controls import Happening
from bot.domain.dashboards import Dashboard
from bot.domain.models import Project
from bot.domain.records import Alert
from bot.domain.state import State

SOMEBODY = "somebody"
"""Stands for a login."""

_PEOPLE = frozenset({"by", "requester", "idea_author", "taken_by", "author", "actor"})
_TEXTS = frozenset(
    "idea summary output command details reason text body review acceptance risks open_questions failing "
    "facts unchecked left_out".split()
)
_SENTENCES = frozenset({"why", "cause", "advice", "detail", "open_points", "factors", "actions"})
_WALKED = (
    *("projects", "genesis", "development", "content", "queues", "outbox", "instances"),
    *("scaling", "usage", "controls", "alerts", "incidents", "journal", "archived"),
)
"""Sentences come last, when it is known what must not stand in them."""
_OWN_WORDS = frozenset(
    "stage discarded retried priority waits approved allowed assigned moved worker scaled control "
    "pull-request incident alert-over restored".split()
)
"""Happenings whose details are the bot's own words; others' may repeat what people or programs said."""
_TAKEN = re.compile(r"(, taken on) by .*$")
_BECAUSE = re.compile(r", the latest because: .*$", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9-]+(?:\[bot\])?")
_LEAST, _MOST = 12, 60
"""Characters of a hidden text by which it is found in a sentence: shorter ones are words of any sentence."""


class Redactor:
    """Applies one rule to a state, and then to what its past tells."""

    def __init__(self, rule: Dashboard) -> None:
        self._rule = rule
        self._hidden: set[str] = set()
        self._logins: set[str] = set()

    def state(self, state: State) -> State:
        """The state with nothing in it that may not be shown; figures do not change by it."""
        cleaned = {name: self._walk(getattr(state, name)) for name in _WALKED}
        ledger = state.ledger.model_copy(update={"strangers": {}, "account": ""})
        config = state.config.model_copy(update={"administrators": ()})
        return replace(state, events=None, ledger=ledger, config=config, **cleaned)

    def happenings(self, found: Iterable[Happening]) -> list[Happening]:
        """Lines of journals, of the present or of the past."""
        return [self._walk(one) for one in found]

    def _walk(self, value: Any) -> Any:  # noqa: ANN401 - any part of the state
        """The same value where nothing in it is hidden."""
        if isinstance(value, BaseModel):
            return self._model(value)
        if isinstance(value, tuple):
            walked = tuple([self._walk(one) for one in value])
            return walked if any(new is not old for new, old in zip(walked, value, strict=True)) else value
        if isinstance(value, dict):
            return {key: self._walk(one) for key, one in value.items()}
        return value

    def _model(self, value: BaseModel) -> BaseModel:
        changed = {}
        for name, old in value.__dict__.items():
            new = self._field(name, old)
            if new is not old:
                changed[name] = new
        changed |= self._special(value)
        return value.model_copy(update=changed) if changed else value

    def _field(self, name: str, old: Any) -> Any:  # noqa: ANN401 - any part of the state
        rule = self._rule
        if name in _TEXTS and not rule.texts and isinstance(old, str | tuple):
            return self._hide(old)
        if name == "title" and not rule.titles and isinstance(old, str):
            return self._hide(old)
        if name in _PEOPLE and not rule.people and isinstance(old, str):
            return self._hide_login(old)
        if name in _SENTENCES:
            return self._sentences(old)
        return self._walk(old) if isinstance(old, BaseModel | tuple | dict) else old

    def _hide_login(self, login: str) -> str:
        if login:
            self._logins.add(login)
        return SOMEBODY if login else ""

    def _hide(self, old: str | tuple[Any, ...]) -> str | tuple[Any, ...]:
        if isinstance(old, str):
            if len(old) >= _LEAST:
                self._hidden.add(old[:_MOST])
            return ""
        for one in old:
            if isinstance(one, str):
                self._hide(one)
        return ()

    def _sentences(self, old: Any) -> Any:  # noqa: ANN401 - one or several sentences
        if isinstance(old, tuple):
            return tuple([self._sentence(one) for one in old])
        return self._sentence(old) if isinstance(old, str) else old

    def _sentence(self, text: str) -> str:
        """The bot's words up to where something begins that is hidden."""
        if not self._rule.people:
            text = _TAKEN.sub(r"\1", text)
            text = _NAME.sub(lambda found: SOMEBODY if found[0] in self._logins else found[0], text)
        if not self._rule.texts:
            text = _BECAUSE.sub("", text)
        found = [at for hidden in self._hidden if (at := text.find(hidden)) >= 0]
        return f"{text[: min(found)]}…" if found else text

    def _special(self, value: BaseModel) -> dict[str, Any]:
        rule = self._rule
        match value:
            case Happening(kind=kind) if kind not in _OWN_WORDS and not rule.texts:
                # Of an alert the id stays, which stands before its cause.
                return {"detail": value.detail.partition(":")[0] if kind == "alert" else ""}
            case Alert() if value.id.startswith(f"{CALLED.id}-") and not (rule.texts and rule.people):
                return {"cause": "the administrators were called"}
            case Alert() if value.id == CONFIGURATION.id and not rule.texts:
                return {"cause": "the configuration file does not validate"}
            case Project() if not rule.titles:
                return {"title": value.id}
            case _:
                return {}
