"""What GitHub's answers say of the token's requests is remembered; it costs none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import responses

from bot.adapters.github.forge import GitHub
from bot.domain.quota import Quota

Connect = Callable[..., GitHub]
Api = responses.RequestsMock

ROLE = "https://api.github.com/repos/acme/site/collaborators/wendy/permission"
RESET = int(datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp())


def told(used: str, resource: str = "core", **more: str) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Used": used,
        "X-RateLimit-Reset": str(RESET),
        "X-RateLimit-Resource": resource,
    } | {f"X-RateLimit-{name}": value for name, value in more.items()}


def ask(api: Api, forge: GitHub, headers: dict[str, str]) -> Quota | None:
    api.get(ROLE, json={"permission": "write", "role_name": "write"}, headers=headers)
    forge.role("wendy")
    return forge.quota


def test_the_latest_answer_counts(api: Api, connect: Connect) -> None:
    forge = connect()
    assert forge.quota is None
    reset = datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert ask(api, forge, told("41")) == Quota(limit=1_000, used=41, resets_at=reset)
    assert ask(api, forge, told("42")) == Quota(limit=1_000, used=42, resets_at=reset)
    assert forge.requests == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        told("7", "graphql"),
        told("7", "search"),
        told("many"),
        told("-1"),
        told("7", Reset="99999999999999"),
        told("٧"),
    ],
)
def test_what_tells_nothing_of_them_changes_nothing(
    api: Api, connect: Connect, headers: dict[str, str]
) -> None:
    forge = connect()
    known = ask(api, forge, told("41"))
    assert ask(api, forge, headers) == known
