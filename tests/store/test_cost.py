"""What one cycle costs: processes and requests are counted, since each is time for every command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.domain.errors import Conflict
from tests.store.conftest import OpenStore, Place
from tests.store.http_git import GitServer
from tests.store.repositories import minutes


def test_a_cycle_is_four_processes(http: Place, open_store: OpenStore, tmp_path: Path) -> None:
    git = subprocess.run(
        ["sh", "-c", "command -v git"], capture_output=True, text=True, check=True
    ).stdout.strip()
    shim, log = tmp_path / "bin" / "git", tmp_path / "log"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$2" >> "{log}"\nexec "{git}" "$@"\n')
    shim.chmod(0o755)
    first = open_store(http)
    first.save(first.load(), {"a": b"0"}, "Begin", at=minutes(0))
    store = open_store(http, environment={"PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}"})
    look = store.save(store.load(), {"a": b"1"}, "Change", at=minutes(1))
    assert sorted(log.read_text().split()) == ["cat-file", "fast-import", "fetch", "push"]
    store.save(look, {"a": b"2"}, "Change", at=minutes(2))
    assert log.read_text().split()[4:] == ["fast-import", "push"]


def test_a_cycle_is_five_requests(http: Place, server: GitServer, open_store: OpenStore) -> None:
    first = open_store(http)
    first.save(first.load(), {"a": b"0"}, "Begin", at=minutes(0))
    store = open_store(http)
    server.requests.clear()
    base = store.load()
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]
    store.save(base, {"a": os.urandom(3_000_000)}, "Change", at=minutes(1))
    assert [request.method for request in server.requests[3:]] == ["GET", "POST"]


def test_a_lost_race_is_one_request(http: Place, server: GitServer, open_store: OpenStore) -> None:
    slow, quick = open_store(http), open_store(http)
    base = slow.save(slow.load(), {"a": b"0"}, "Begin", at=minutes(0))
    quick.save(quick.load(), {"a": b"1"}, "Quick", at=minutes(1))
    server.requests.clear()
    with pytest.raises(Conflict):
        slow.save(base, {"a": b"2"}, "Slow", at=minutes(1))
    assert len(server.requests) == 1


def test_a_load_fetches_no_history(http: Place, open_store: OpenStore, tmp_path: Path) -> None:
    writer = open_store(http)
    look = writer.load()
    for number in range(5):
        look = writer.save(look, {"a": os.urandom(50_000)}, "Change", at=minutes(number))
    home = tmp_path / "home"
    home.mkdir()
    open_store(http, directory=home).load()
    assert sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) < 2 * 50_000
