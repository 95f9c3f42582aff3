"""Asking other people's servers: within limits, without credentials, and never inside a private network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.executors.gates.web import MOST_LINKS, REDIRECTS, ask
from tests.executors import projects
from tests.executors.conftest import Attempt


@dataclass
class Site:
    """A server on this machine, and what it was asked."""

    url: str
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            status, _, target = self.path.strip("/").partition("/to/")
            self.send_response(int(status) if status.isdigit() else 200)
            if target:
                self.send_header("Location", target if "://" in target else f"/{target}")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_deployments_own_host_is_asked_wherever_it_is(site: Site) -> None:
    answers = ask([f"{site.url}/", f"{site.url}/404", f"{site.url}/500"], own=f"{site.url}/it/")

    assert [answer.status for answer in answers.values()] == [200, 404, 500]
    assert [answer.resolves for answer in answers.values()] == [True, False, False]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.9", "169.254.169.254", "0.0.0.0",
     "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
     "2130706433", "0x7f000001", "224.0.0.1"],
)  # fmt: skip
def test_nothing_private_is_connected_to(host: str, site: Site) -> None:
    port = site.url.rpartition(":")[2]

    answer = ask([f"http://{host}:{port}/secret"], own="https://elsewhere.invalid/")[
        f"http://{host}:{port}/secret"
    ]

    assert answer.refused == "its host is on a private network, which is not looked into"
    assert site.asked == []


def test_another_port_of_the_deployments_machine_is_not_asked(site: Site) -> None:
    answer = ask([f"{site.url}/x"], own="http://127.0.0.1:1/")[f"{site.url}/x"]

    assert answer.refused
    assert site.asked == []


def test_redirects_are_followed_and_each_is_judged(site: Site) -> None:
    urls = [
        f"{site.url}/302/to/301/to/200",
        f"{site.url}/302/to/http://10.0.0.1/",
        f"{site.url}/302/to/http://127.0.0.1:1/",
        f"{site.url}/302/to/file:///etc/passwd",
        f"{site.url}/302/to/ftp://x.invalid/",
        f"{site.url}/302",
    ]

    answers = list(ask(urls, own=site.url).values())

    assert answers[0].status == 200
    assert [bool(answer.refused) for answer in answers] == [False, True, True, True, True, False]
    assert answers[5].status == 302  # leads nowhere, and answers


def test_a_circle_ends(site: Site) -> None:
    url = f"{site.url}/302/to/" + "302/to/" * (REDIRECTS + 1) + "200"

    assert "redirects more than" in ask([url], own=site.url)[url].error
    assert len(site.asked) == REDIRECTS + 1


def test_no_credentials_are_sent(site: Site) -> None:
    with_password = site.url.replace("http://", "http://alice:secret@") + "/"

    answers = ask([with_password, f"{site.url}/x"], own=site.url)

    assert "are never sent" in answers[with_password].refused
    assert [sorted(headers) for _, headers in site.asked] == [
        ["Accept", "Accept-Encoding", "Connection", "Host", "User-Agent"]
    ]


def test_more_than_the_limit_is_not_asked(site: Site) -> None:
    answers = ask([f"{site.url}/{number + 1000}x" for number in range(MOST_LINKS + 5)], own=site.url)

    assert len(answers) == len(site.asked) == MOST_LINKS
    assert ask([f"{site.url}/y"], own=site.url, seconds=0) == {}


def test_a_server_that_drips_is_cut_off() -> None:
    """Every byte comes within a socket's time-out; the connection as a whole has its own."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            channel, _ = listener.accept()
            with channel:
                try:
                    while not done.wait(0.2):
                        channel.sendall(b"H")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        answer = ask([url], own=url)[url]
        done.set()
        thread.join()

    assert not answer.reached
    assert answer.error


def test_a_deployment_that_answers_is_a_gate_passed_and_one_that_does_not_is_rework(
    site: Site, idea_of: Callable[[str], Attempt], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for path, ok in (("/app/", True), ("/404/", False)):
        made = projects.content(tmp_path_factory.mktemp("deployed"), "web", idea_of("web"))
        made.development["deployment"]["url"] = f"{site.url}{path}"
        finished = made.write("social")
        assert finished.ok is ok, finished.summary
        if ok:
            assert all(piece.gates["external links"] for piece in made.output.pieces)
            assert not any(piece.unchecked for piece in made.output.pieces)
            assert made.check().ok
        else:
            assert "answers 404; correct" in finished.summary
