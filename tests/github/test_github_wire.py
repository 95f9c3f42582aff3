"""The adapter against a real server that misbehaves on the wire."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from bot.adapters.github.forge import GitHub
from bot.domain.errors import Unavailable

Connect = Callable[..., GitHub]
ISSUE = {"number": 12, "title": "Grüße"}
COMMENT = {
    "id": 501,
    "created_at": "2026-11-23T07:21:42Z",
    "updated_at": "2026-11-23T07:21:42Z",
    "issue_url": "http://127.0.0.1/api/v3/repos/acme/site/issues/12",
}


def test_a_whole_answer(server: Any, connect: Connect) -> None:
    server.script = [server.answer(200, ISSUE)]
    forge = connect(api_url=server.url)
    assert forge.issue(12).title == "Grüße"
    assert server.seen == [("GET", "/api/v3/repos/acme/site/issues/12", b"")]
    assert forge.now() is not None


@pytest.mark.parametrize("trouble", ["drop", "cut", "hang"])
def test_a_read_is_repeated(trouble: str, server: Any, connect: Connect) -> None:
    server.script = [getattr(server, trouble), server.answer(200, ISSUE)]
    forge = connect(api_url=server.url, timeout=1)
    assert forge.issue(12).number == 12
    assert forge.requests == len(server.seen) == 2


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        ("drop", "the connection was lost"),
        ("cut", "the connection was lost"),
        ("hang", "it did not answer in time"),
    ],
)
def test_a_comment_is_sent_once(trouble: str, says: str, server: Any, connect: Connect) -> None:
    server.script = [getattr(server, trouble), server.answer(201, COMMENT)]
    forge = connect(api_url=server.url, timeout=1)
    with pytest.raises(Unavailable, match=says):
        forge.comment(12, "x")
    assert forge.requests == len(server.seen) == 1


def test_a_connection_that_broke_serves_the_next_request_anew(server: Any, connect: Connect) -> None:
    server.script = [server.answer(200, ISSUE), server.drop, server.answer(201, COMMENT)]
    forge = connect(api_url=server.url)
    forge.issue(12)
    with pytest.raises(Unavailable):
        forge.comment(12, "x")
    assert forge.comment(12, "x").id == 501


def test_a_comment_that_was_never_sent_is_repeated(connect: Connect, clock: Any) -> None:
    with socket.socket() as unheard:  # bound but not listening: connections are refused
        unheard.bind(("127.0.0.1", 0))
        forge = connect(api_url=f"http://127.0.0.1:{unheard.getsockname()[1]}/api/v3", retry_within=5)
        with pytest.raises(Unavailable, match="the connection could not be made"):
            forge.comment(12, "x")
    assert forge.requests == len(clock.pauses) + 1 > 3


def test_connections_are_kept(server: Any, connect: Connect) -> None:
    ports: list[int] = []

    def noting(handler: Any) -> None:
        ports.append(handler.client_address[1])
        server.answer(200, ISSUE)(handler)

    server.script = [noting, noting]
    forge = connect(api_url=server.url)
    forge.issue(12)
    forge.issue(12)
    assert len(set(ports)) == 1
