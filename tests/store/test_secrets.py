"""The token is nowhere but in the request's header and git's environment."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from bot.domain.errors import OrchestratorError
from tests.store.conftest import TOKEN, OpenStore, Place
from tests.store.http_git import GitServer
from tests.store.repositories import minutes

SECRETS = (TOKEN, base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode())


def _cycle(place: Place, open_store: OpenStore, **options: object) -> None:
    store = open_store(place, **options)
    store.publish("e.1", "event")
    look = store.load()
    look = store.save(look, {"a": b"1"}, "Begin", at=minutes(0), settled=["e.1"])
    store.discard(look, [])
    store.history()
    store.peek()


def test_no_process_shows_the_token(http: Place, server: GitServer, open_store: OpenStore) -> None:
    shown: list[str] = []

    def look_around() -> None:  # while git waits for this server's answer
        shown.append(
            subprocess.run(["ps", "-wwAo", "args"], capture_output=True, text=True, check=True).stdout
        )

    server.on_request = look_around
    _cycle(http, open_store)
    everything = "\n".join(shown)
    for program in ("git-remote-http", "git fetch", "git push", "git ls-remote"):
        assert program.replace("git ", "") in everything
    assert not [secret for secret in SECRETS if secret in everything]


def test_no_file_holds_the_token(
    http: Place, server: GitServer, open_store: OpenStore, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    seen: dict[str, bytes] = {}

    def look_around() -> None:
        for path in home.rglob("*"):
            if path.is_file():
                seen[path.name] = path.read_bytes()

    server.on_request = look_around
    _cycle(http, open_store, directory=home)
    assert {"config", "HEAD"} <= set(seen)
    assert not [name for name, content in seen.items() for secret in SECRETS if secret.encode() in content]


def test_every_request_carries_the_token_in_its_header_only(
    http: Place, server: GitServer, open_store: OpenStore
) -> None:
    _cycle(http, open_store)
    assert {request.authorization for request in server.requests} == {f"Basic {SECRETS[1]}"}
    assert not [request for request in server.requests if TOKEN in request.target]


@pytest.mark.parametrize("echo", SECRETS)
def test_what_the_remote_tells_is_scrubbed(http: Place, open_store: OpenStore, echo: str) -> None:
    http.bare.hook("pre-receive", f"echo 'error: your token {echo} may not' >&2; exit 1")
    store = open_store(http)
    with pytest.raises(OrchestratorError, match=r"your token \*\*\* may not") as refused:
        store.publish("e.1", "event")
    assert not [
        secret for secret in SECRETS if secret in f"{refused.value!r} {store!r} {refused.value.__cause__!r}"
    ]


def test_the_callers_git_settings_take_no_part(
    http: Place, open_store: OpenStore, tmp_path: Path, server: GitServer
) -> None:
    (tmp_path / ".gitconfig").write_text('[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://\n')
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
    place = {name: str(tmp_path) for name in ("HOME", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    redirected = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / ".gitconfig"),
        "GIT_TRACE_CURL": str(tmp_path / "trace"),
    }
    path = subprocess.run(
        ["sh", "-c", "echo $PATH"], capture_output=True, text=True, check=True
    ).stdout.strip()
    _cycle(http, open_store, environment={"PATH": path, **place, **redirected})
    assert len(server.requests) > 5
    assert not (tmp_path / "trace").exists()
