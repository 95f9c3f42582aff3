"""The health check: what it asks, what it sees, and what it never sends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.health import MOST_READ, ask
from bot.domain.deploying import HealthCheck
from bot.ports.outside import Seen
from tests.executors.sites import Site, site

SOON = 0.02
"""Seconds between two questions of a test."""


def once(url: str, **wanted: object) -> Seen:
    return ask(url, HealthCheck.model_validate({"seconds": 1} | wanted), interval=SOON)


def untimed(seen: Seen) -> str:
    return re.sub(r" after \d+ s$", "", seen.says)


def test_an_answer_as_wanted_is_told_in_one_line() -> None:
    with site(home=(200, b"Hello World"), health=(204, b"")) as up:
        assert once(up.url) == Seen(True, "200 OK")
        assert once(f"{up.url}/", contains="Hello") == Seen(True, "200 OK")
        assert once(up.url, path="health", status=204) == Seen(True, "204 No Content")
        assert once(up.url, path="/health", status=204).ok
        assert [request.path for request in up.asked] == ["/", "/", "/health", "/health"]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"path": "none"}, "404 Not Found"),
        ({"contains": "something else"}, "200 OK, without the expected text"),
        ({"status": 201}, "200 OK, expected 201"),
        ({"path": "round"}, "no answer: more than 5 redirects"),
        ({"path": "file"}, "no answer: a redirect leads to no http or https address"),
    ],
)
def test_another_answer_is_asked_for_until_the_time_is_over(wanted: dict[str, object], says: str) -> None:
    with site(home=(200, b"Hi"), round=(302, b"/round"), file=(302, b"file:///etc/passwd")) as up:
        seen = once(up.url, **wanted)
        assert (seen.ok, untimed(seen)) == (False, says)
        assert seen.says != says  # it tells how long
        assert len(up.asked) > 3


def test_it_is_asked_until_it_answers_rightly() -> None:
    def begin(up: Site) -> None:
        if len(up.asked) == 3:
            up.answers["/"] = (200, b"deployed")

    with site(home=(503, b"")) as up:
        up.on_asked = begin
        assert once(up.url, contains="deployed") == Seen(True, "200 OK")
        assert len(up.asked) == 4


def test_a_redirect_is_followed() -> None:
    with site(home=(200, b"here")) as there, site(home=(301, f"{there.url}/".encode())) as here:
        assert once(here.url, contains="here").ok


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:9/", "no answer: connection refused"),
        ("http://name:word@127.0.0.1:9/", "not asked: the address holds credentials; give one without"),
        ("file:///etc/passwd", "not asked: that is no http or https address"),
        ("http://", "not asked: that is no http or https address"),
        ("http://[::1/", "not asked: that is no http or https address"),
    ],
)
def test_what_cannot_be_asked_is_said(url: str, says: str) -> None:
    seen = once(url)
    assert (seen.ok, untimed(seen)) == (False, says)


def test_only_the_beginning_of_an_answer_is_read() -> None:
    with site(home=(200, b"x" * MOST_READ + b"the end")) as up:
        assert once(up.url, contains="xxx").ok
        assert not once(up.url, contains="the end").ok


def test_no_credentials_are_ever_sent(tmp_path: Path) -> None:
    """Not even those that the user's .netrc has for that machine, before a redirect or behind it."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n" * 2, "utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    with site(home=(302, b"/there"), there=(200, b"ok")) as up:
        program = (
            "import sys; from bot.adapters.health import ask; from bot.domain.deploying import HealthCheck; "
            "seen = ask(sys.argv[1], HealthCheck(seconds=1)); sys.exit(not seen.ok)"
        )
        environment = {**os.environ, "HOME": str(tmp_path), "http_proxy": "http://127.0.0.1:9"}
        subprocess.run([sys.executable, "-c", program, up.url], env=environment, check=True)
        assert len(up.asked) == 2
        for request in up.asked:
            assert not {"authorization", "cookie", "proxy-authorization"} & {
                name.casefold() for name in request.headers
            }
