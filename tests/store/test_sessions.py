"""Sessions beside the state branch, in real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.adapters.git.sessions import PREFIX, GitSessions
from bot.domain.errors import OrchestratorError, UsageError
from tests.store.conftest import TOKEN, Place
from tests.store.http_git import GitServer

ONE, TWO = "todo-app-7.page.feature/1795435200", "todo-app-7.page.feature/1795435201"
MOST = 1_000_000


def sessions(place: Place, token: str | None = None) -> GitSessions:
    environ = {"PATH": os.environ["PATH"]}
    return GitSessions(place.url, token or place.token or "", environ, sleep=lambda seconds: None)


def sealed(folder: Path, content: bytes = b"\0sealed\xff" * 1_000) -> Path:
    path = folder / "session.sealed"
    path.write_bytes(content)
    return path


def test_what_is_kept_comes_back_and_is_gone_once_it_is_dropped(place: Place, tmp_path: Path) -> None:
    kept = sessions(place)
    file = sealed(tmp_path)
    kept.keep(ONE, file)
    kept.keep(ONE, file)  # a report that is made again
    kept.keep(TWO, sealed(tmp_path, b"two"))
    assert list(kept.names()) == [ONE, TWO]

    elsewhere = sessions(place)
    assert elsewhere.fetch(ONE, tmp_path / "back", MOST)
    assert (tmp_path / "back").read_bytes() == b"\0sealed\xff" * 1_000
    assert place.bare.refs().keys() == {PREFIX + ONE, PREFIX + TWO}

    elsewhere.drop([ONE, "todo-app-7.page.feature/1"])
    elsewhere.drop([ONE])
    assert list(kept.names()) == [TWO]
    assert not kept.fetch(ONE, tmp_path / "gone", MOST)
    assert not (tmp_path / "gone").exists()


def test_it_has_no_history_and_says_nothing_of_what_is_in_it(place: Place, tmp_path: Path) -> None:
    sessions(place).keep(ONE, sealed(tmp_path))
    commit = place.bare.refs()[PREFIX + ONE]
    assert place.bare.git("cat-file", "commit", commit).count(b"parent ") == 0
    assert place.bare.files(commit).keys() == {"session.sealed"}


def test_nobodys_file_is_written_over(place: Place, tmp_path: Path) -> None:
    sessions(place).keep(ONE, sealed(tmp_path, b"first"))
    with pytest.raises(UsageError, match="exists already with another content"):
        sessions(place).keep(ONE, sealed(tmp_path, b"second"))
    assert sessions(place).fetch(ONE, tmp_path / "back", MOST)
    assert (tmp_path / "back").read_bytes() == b"first"


def test_what_is_larger_than_it_may_be_is_not_taken(place: Place, tmp_path: Path) -> None:
    sessions(place).keep(ONE, sealed(tmp_path))
    assert not sessions(place).fetch(ONE, tmp_path / "back", 100)


def test_a_token_that_may_not_write_is_told(http: Place, server: GitServer, tmp_path: Path) -> None:
    server.read_only = True
    with pytest.raises(OrchestratorError):
        sessions(http).keep(ONE, sealed(tmp_path))
    with pytest.raises(OrchestratorError) as told:
        sessions(http, "wrong").names()
    assert TOKEN not in str(told.value)
