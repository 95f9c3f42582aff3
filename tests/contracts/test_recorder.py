"""The recorder finds what it is there for, and a run with several processes cannot pass over it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.hub.exchanges import Exchange
from tests.contracts.published import document, versions
from tests.contracts.recorder import BOT, Recorder

ROOT = Path(__file__).parents[2]
HOME = "/api/v3/repos/acme/site"
LIMITS = {f"x-ratelimit-{name}": "1" for name in ("limit", "remaining", "used", "reset", "resource")}
HEADERS = {**LIMITS, "content-type": "application/json; charset=utf-8", "location": "https://github.test/1"}
REF = {
    "ref": "refs/heads/topic",
    "node_id": "REF_1",
    "url": "https://github.test/api/v3/repos/acme/site/git/refs/heads/topic",
    "object": {
        "type": "commit",
        "sha": "a" * 40,
        "url": "https://github.test/api/v3/repos/acme/site/git/commits/a",
    },
}
GOOD = Exchange(
    method="POST",
    path=f"{HOME}/git/refs",
    query="",
    agent=BOT,
    request=json.dumps({"ref": "refs/heads/topic", "sha": "a" * 40}).encode(),
    fault=None,
    status=201,
    headers=HEADERS,
    answer=json.dumps(REF).encode(),
)
PINNED = 'query($n: Int!) { repository(owner: "a", name: "b") { issue(number: $n) { id } } }'
ASKED = replace(
    GOOD,
    path="/api/graphql",
    request=json.dumps({"query": PINNED, "variables": {"n": 1}}).encode(),
    status=200,
    answer=b'{"data": {"repository": null}}',
)


def _answer(**changes: object) -> Exchange:
    return replace(GOOD, answer=json.dumps({**REF, **changes}).encode())


def _asked(query: str, **variables: object) -> Exchange:
    return replace(ASKED, request=json.dumps({"query": query, "variables": variables}).encode())


@pytest.mark.parametrize("exchange", [GOOD, ASKED], ids=["REST", "GraphQL"])
def test_what_is_as_described_passes(exchange: Exchange) -> None:
    assert Recorder().judge(exchange) == []


WRONG = {
    "an operation that GitHub does not have": (replace(GOOD, path=f"{HOME}/refs"), "make contracts"),
    "a field that is missing from a body": (
        replace(GOOD, request=b'{"ref": "refs/heads/x"}'),
        '"sha" is a required',
    ),
    "a field that GitHub does not read": (
        replace(GOOD, request=json.dumps({"ref": "x", "sha": "a", "forced": True}).encode()),
        "'forced' was unexpected",
    ),
    "a field of another kind": (
        replace(GOOD, request=b'{"ref": 1, "sha": "a"}'),
        'ref: 1 is not of type "string"',
    ),
    "no body": (replace(GOOD, request=b""), "a body is missing"),
    "a parameter that GitHub does not know": (replace(GOOD, query="pages=2"), "parameter pages of the query"),
    "a parameter of another kind": (
        replace(GOOD, method="GET", path=f"{HOME}/issues/seven", request=b"", status=0),
        "parameter issue_number of the path",
    ),
    "a page that is too large": (
        replace(GOOD, method="GET", path=f"{HOME}/issues", query="state=every", request=b"", status=0),
        "parameter state of the query",
    ),
    "an answer that lacks a field": (replace(GOOD, answer=b'{"ref": "x"}'), '"node_id" is a required'),
    "an answer with a field of its own": (_answer(protected=True), "'protected' was unexpected"),
    "an answer with a field of another kind": (_answer(url="not an address"), 'is not a "uri"'),
    "a status that GitHub does not give": (
        replace(GOOD, status=202),
        "does not answer this operation with 202",
    ),
    "an answer without rate limits": (
        replace(GOOD, headers={"content-type": "application/json", "location": "x"}),
        "the header x-ratelimit-remaining is missing",
    ),
    "an answer in HTML": (replace(GOOD, headers={**HEADERS, "content-type": "text/html"}), "text/html"),
    "a creation that tells no place": (
        replace(GOOD, headers={**LIMITS, "content-type": "application/json"}),
        "the header location is missing",
    ),
    "a server's error of the hub's own": (replace(GOOD, status=500, answer=b'{"message": "x"}'), "with 500"),
    "a document that is none": (_asked("query {"), "Syntax Error"),
    "a field that GraphQL does not have": (_asked("{ viewer { loginn } }"), "Cannot query field 'loginn'"),
    "a list of no length": (
        _asked('{ repository(owner: "a", name: "b") { pinnedIssues { totalCount } } }'),
        "pinnedIssues has neither first nor last",
    ),
    "a list that is too long": (
        _asked('{ repository(owner: "a", name: "b") { pinnedIssues(first: 101) { totalCount } } }'),
        "1 to 100 nodes",
    ),
    "a variable of another kind": (_asked(PINNED, n="one"), "$n' has invalid value"),
    "a variable that is missing": (_asked(PINNED), "to be provided"),
    "a variable that nobody declared": (_asked(PINNED, n=1, m=2), "$m is given and not declared"),
    "GraphQL in a form of its own": (replace(ASKED, answer=b'{"result": 1}'), "neither data nor errors"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_differs_is_found(what: str) -> None:
    exchange, told = WRONG[what]
    assert told in " ".join(Recorder().judge(exchange))


def test_what_people_ask_for_is_their_own_affair() -> None:
    found = Recorder().judge(replace(GOOD, agent="curl/8", query="pages=2", request=b"nonsense"))
    assert found == []


def test_an_injected_fault_is_not_held_against_the_hub() -> None:
    asked = replace(GOOD, fault="POST * status=502", status=502, headers={}, answer=b"<html>")
    assert Recorder().judge(asked) == []
    assert Recorder().judge(replace(asked, query="pages=2")) != []


def test_what_cannot_be_judged_is_told() -> None:
    recorder = Recorder()
    recorder.hear(replace(GOOD, answer=b"{"))
    (told,) = recorder.taken()
    assert "could not be judged" in told
    assert recorder.taken() == []


def test_the_like_is_judged_once_and_counted_each_time() -> None:
    recorder = Recorder()
    for _ in range(3):
        recorder.hear(GOOD)
    assert recorder.counts == {"request": 3, "answer": 3, "judged": 2}
    assert recorder.operations == {"POST /repos/{owner}/{repo}/git/refs"}


def test_the_paths_are_those_of_enterprise_servers_too() -> None:
    assert document("rest.json")["enterprise"] == ["ghes-3.17", "ghes-3.18", "ghes-3.19"]
    assert document("rest.json")["version"] == versions()["@octokit/openapi"]


INNER = """
import atexit
import threading
from bot.hub.exchanges import LISTENERS, Exchange

WRONG = Exchange("GET", "/api/v3/repos/acme/site/nowhere", "", "orchestrator", b"", None, 0, {}, b"")

def tell():
    for listen in LISTENERS:
        listen(WRONG)

def test_good():
    assert LISTENERS

def test_wrong():
    thread = threading.Thread(target=tell)  # as a hub's
    thread.start()
    thread.join()
"""


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_in_which_something_differs_fails(tmp_path: Path, processes: str) -> None:
    (tmp_path / "test_inner.py").write_text(INNER, encoding="utf-8")
    plugins = ["-p", "tests.contracts.plugin", "-p", "no:cacheprovider", "-n", processes]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "GET /api/v3/repos/acme/site/nowhere: GitHub describes no such operation" in done.stdout
    assert "contracts: 1 requests of the bot and 0 answers of the hub to 1 operations" in done.stdout
