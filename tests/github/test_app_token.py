"""The tokens of a GitHub App's installations, over the wire as ``responses`` plays it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.adapters.app_token import AppTokens
from bot.domain.errors import Unavailable, UsageError

API = "https://github.example:443/api/v3"


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return made.private_bytes(*pem, serialization.NoEncryption()).decode()


@pytest.fixture
def github() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def installed(github: responses.RequestsMock, kind: str, owner: str, number: int, *tokens: str) -> None:
    if kind == "users":
        github.get(f"{API}/orgs/{owner}/installation", status=404, json={"message": "Not Found"})
    github.get(f"{API}/{kind}/{owner}/installation", json={"id": number, "app_id": 7})
    for token in tokens:
        made = {"token": token, "expires_at": "2026-11-26T13:00:00Z"}
        github.post(f"{API}/app/installations/{number}/access_tokens", status=201, json=made)


def test_a_token_is_made_for_each_owner_and_anew_before_its_hour_is_over(
    github: responses.RequestsMock, key: str
) -> None:
    installed(github, "orgs", "acme", 11, "ghs_first", "ghs_second")
    installed(github, "users", "wendy", 12, "ghs_of_wendy")
    now = [0.0]
    tokens = AppTokens("7", key, API, monotonic=lambda: now[0])
    assert [tokens("acme"), tokens("acme"), tokens("wendy")] == ["ghs_first", "ghs_first", "ghs_of_wendy"]
    now[0] = 49 * 60.0
    assert tokens("acme") == "ghs_first"
    now[0] = 51 * 60.0
    assert tokens("acme") == "ghs_second"
    assert "PRIVATE" not in repr(tokens)


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (404, UsageError, "the GitHub App 7 is not installed at acme"),
        (401, UsageError, "belong together"),
        (502, Unavailable, "GitHub gave no token for the App 7"),
    ],
)
def test_what_stands_in_the_way_is_said_and_the_key_never_is(
    github: responses.RequestsMock, key: str, status: int, error: type[Exception], says: str
) -> None:
    for kind in ("orgs", "users"):
        github.get(f"{API}/{kind}/acme/installation", status=status, json={"message": "no"})
    with pytest.raises(error, match=says) as raised:
        AppTokens("7", key, API)("acme")
    assert key[40:80] not in str(raised.value)


@pytest.mark.parametrize(
    ("app", "pem"), [("seven", "PRIVATE KEY"), ("7", ""), ("", "-----BEGIN PRIVATE KEY-----")]
)
def test_what_cannot_be_an_app_is_told_at_once(app: str, pem: str) -> None:
    with pytest.raises(UsageError, match="ORCHESTRATOR_APP_ID"):
        AppTokens(app, pem, API)


def test_a_damaged_key_is_told(github: responses.RequestsMock) -> None:
    damaged = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"
    with pytest.raises(UsageError, match="ORCHESTRATOR_APP_PRIVATE_KEY"):
        AppTokens("7", damaged, API)("acme")
