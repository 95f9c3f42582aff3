"""Keys leave a phase's own environment before an executor begins: what libraries start would inherit them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.bootstrap.executors import take_keys
from bot.domain.work import WorkOrder
from tests.executors.conftest import order_content
from tests.security.planted import AGENTS_KEYS

KEYS = dict.fromkeys((*AGENTS_KEYS, "OWN_KEY", "DEPLOY_KEY"), "secret")
PLAIN = {"PATH": "/usr/bin", "ANTHROPIC_BASE_URL": "http://proxy.example"}


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"executor": "template"}, set(AGENTS_KEYS)),
        ({"executor": "claude-code"}, set(AGENTS_KEYS)),
        ({"executor": "mine", "settings": {"keys": ["OWN_KEY"]}}, {*AGENTS_KEYS, "OWN_KEY"}),
        (
            {
                "deployment": {
                    "kind": "command",
                    "command": "./deploy",
                    "url": "https://site.example",
                    "keys": ["DEPLOY_KEY"],
                }
            },
            {*AGENTS_KEYS, "DEPLOY_KEY"},
        ),
    ],
)
def test_keys_are_handed_to_the_executor_alone(changes: dict[str, Any], taken: set[str]) -> None:
    order = WorkOrder.model_validate(order_content(**changes))
    environ = {**PLAIN, **KEYS}
    assert take_keys(order, environ) == {**PLAIN, **KEYS}
    assert environ == {**PLAIN, **{name: KEYS[name] for name in KEYS.keys() - taken}}
