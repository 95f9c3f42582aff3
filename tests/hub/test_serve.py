"""The hub as a process of its own: one line of JSON, the files that it leaves, restarts, errors."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.errors import UsageError
from bot.hub.serve import running, serve
from bot.hub.setup import HubInfo
from tests.hub.driver import APP, BOT, MAIN, git

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from bot.hub.serve import serve
sys.exit(serve(Path(sys.argv[1]), json_line=True, runner=False, faults=sys.argv[2:]))
"""


ENDED = threading.Event()
ENDED.set()


@contextmanager
def process(data: Path, *faults: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-c", PROGRAM, str(data), *faults]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert started.stdout is not None
    try:
        yield started, json.loads(started.stdout.readline())
    finally:
        started.kill()
        started.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_of_json_and_exit_0_when_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path / "data") as (hub, line):
        assert set(line) == {"url", "api_url", "graphql_url", "repository", "data", "state_remote", "users"}
        assert line["repository"] == "acme/factory"
        assert {login: user["role"] for login, user in line["users"].items()} == {
            "ada": "admin",
            "max": "maintain",
            "wendy": "write",
            "tim": "triage",
            "rita": "read",
            "stan": "none",
        }
        headers = {"Authorization": f"token {line['users']['rita']['token']}"}
        assert httpx.get(f"{line['api_url']}/user", headers=headers).json()["login"] == "rita"
        assert httpx.get(f"{line['api_url']}/nothing").status_code == 404
        hub.send_signal(number)
        out, err = hub.communicate(timeout=20)
        assert hub.returncode == 0
        assert out == ""
        assert "no such route: GET /api/v3/nothing (asked for 1 times)" in err


def test_hub_json_holds_the_bots_tokens_and_is_private(tmp_path: Path) -> None:
    with running(tmp_path / "data") as (_, _, info):
        path = tmp_path / "data" / "hub.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        written = json.loads(path.read_text())
        assert {name: written[name] for name in info.public()} == info.public()
        assert set(written["bots"]) == {BOT, APP}
        assert not {info.bot_token, info.app_token} & set(json.dumps(info.public()).split('"'))
        assert info.bot_token not in repr(info)


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with running(tmp_path / "data") as (world, _, first):
        ada = httpx.Client(
            base_url=first.api_url, headers={"Authorization": f"token {first.users['ada'].token}"}
        )
        issue = ada.post(f"{MAIN}/issues", json={"title": "An idea", "labels": ["x"]}).json()
        ada.post(f"{MAIN}/issues/1/comments", json={"body": "hello"})
        run = world.runs.create(
            world.repositories.find("acme", "factory"), "w.yml", "schedule", world.users.find("ada")
        )
        world.runs.start(run.id)
        world.forward(1000)
        ada.close()
    with running(tmp_path / "data") as (world, _, second):
        assert second.users == first.users
        assert second.bots == first.bots
        assert world.clock.offset == 1000
        again = httpx.get(f"{second.api_url}{MAIN}/issues/1").json()
        assert (again["id"], again["labels"][0]["name"], again["comments"]) == (issue["id"], "x", 1)
        assert again["url"].startswith(second.url)
        assert world.runs.by_id(run.id).conclusion == "failure"
        assert world.db.next_id() > run.id
        assert "refs/heads/main" in git(tmp_path, "ls-remote", second.state_remote).stdout


def test_on_ready_is_called_when_the_hub_answers_and_before_it_is_announced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop, seen = threading.Event(), list[tuple[int, str]]()

    def on_ready(info: HubInfo) -> None:
        done = git(tmp_path, "ls-remote", info.state_remote)
        seen.append((httpx.get(f"{info.api_url}/meta").status_code, capsys.readouterr().out + done.stderr))
        stop.set()

    assert serve(tmp_path / "data", json_line=True, runner=False, on_ready=on_ready, stop=stop) == 0
    assert seen == [(200, "")]
    assert json.loads(capsys.readouterr().out)["repository"] == "acme/factory"


def test_the_runner_is_started_and_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    before = set(threading.enumerate())
    stop.set()
    assert serve(tmp_path / "data", runner=True, tick_every=0, stop=stop) == 0
    assert "Ctrl-C ends it" in capsys.readouterr().out
    assert {thread for thread in set(threading.enumerate()) - before if not thread.daemon} == set()


def test_faults_come_from_the_command_line(tmp_path: Path) -> None:
    with process(tmp_path / "data", "GET */user status=502") as (_, line):
        assert httpx.get(f"{line['api_url']}/user").status_code == 502


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            UsageError, match=rf"port {port} on 127\.0\.0\.1 cannot be used.*or 0 for any free one"
        ):
            serve(tmp_path / "data", port, runner=False, stop=ENDED)


def test_a_directory_that_another_hub_uses(tmp_path: Path) -> None:
    with running(tmp_path / "data"), pytest.raises(UsageError, match=r"another hub uses .*data"):
        serve(tmp_path / "data", runner=False, stop=ENDED)


def test_bad_options_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing goes wrong"):
        serve(tmp_path / "a", runner=False, stop=ENDED, faults=["GET * times=1"])
    with pytest.raises(UsageError, match="expected OWNER/NAME"):
        serve(tmp_path / "b", runner=False, stop=ENDED, repository="factory")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot hold a hub's data"):
        serve(tmp_path / "file", runner=False, stop=ENDED)
