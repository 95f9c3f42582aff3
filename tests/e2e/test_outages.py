"""GitHub fails while ``handle`` runs: the exit code says how, the state is unharmed, a tick heals it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.repository import INBOX, assert_linear_and_replayable, settled_in
from tests.e2e.stage import GRACE, Stage, staged

COMMAND = "/dispatch-genesis A lamp that follows the sun"
LONG = "header=retry-after:3600"
"""Longer than any run waits: the outage outlasts it."""

REQUESTS = {
    "role": "GET */collaborators/*/permission",
    "reply": "POST */issues/*/comments",
    "reaction": "POST */reactions",
    "dispatch": "POST */dispatches",
    "labels": "POST */labels",
}
FAILURES = {
    "502": f"status=502 {LONG}",
    "503 in HTML": f"status=503 body=html {LONG}",
    "secondary limit, 403": f"status=403 {LONG}",
    "secondary limit, 429": f"status=429 {LONG}",
    "primary limit": (
        "status=403 header=x-ratelimit-remaining:0 header=x-ratelimit-reset:99999999999 "
        "header='date:Mon, 23 Nov 2026 12:00:00 GMT'"
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _room(stage: Stage) -> None:
    stage.make_room()


@pytest.fixture(scope="module", autouse=True)
def _whole(stage: Stage) -> Iterator[None]:
    """Whatever failed: nothing waits in the inbox, and no event was settled twice."""
    yield
    assert stage.bare.refs(INBOX) == []
    assert [event for event, commits in settled_in(stage.bare).items() if len(commits) > 1] == []
    assert_linear_and_replayable(stage.bare)


@pytest.mark.parametrize(
    ("request_", "failure"),
    [
        ("role", "502"),
        ("reply", "502"),
        ("reaction", "secondary limit, 429"),
        ("dispatch", "502"),
        ("dispatch", "secondary limit, 429"),
        ("labels", "502"),
    ],
)
def test_an_outage_of_the_api_is_healed_by_a_tick(stage: Stage, request_: str, failure: str) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    with stage.faults(f"{REQUESTS[request_]} {FAILURES[failure]}"):
        done = stage.handle(payload)
    assert done.code == 75, done.log
    assert "Traceback" not in done.log
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


@pytest.mark.parametrize("failure", ["503 in HTML", "secondary limit, 403", "primary limit"])
def test_every_form_of_an_outage_means_later(stage: Stage, failure: str) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    head = stage.bare.head()
    with stage.faults(f"{REQUESTS['role']} {FAILURES[failure]}"):
        done = stage.handle(payload)
    assert done.code == 75, done.log
    assert stage.bare.head() == head
    stage.tick()
    stage.assert_done_once(payload)


@pytest.mark.parametrize(
    ("request_", "drop"),
    [
        ("role", "drop=before"),
        ("reaction", "drop=after"),
        ("reply", "drop=before"),
        ("reply", "drop=after"),
        ("dispatch", "drop=before"),
        ("dispatch", "drop=after"),
        ("labels", "drop=after"),
    ],
)
def test_a_lost_connection_doubles_nothing(stage: Stage, request_: str, drop: str) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    with stage.faults(f"{REQUESTS[request_]} {drop} times=1"):
        done = stage.handle(payload)
    assert done.code in (0, 75), done.log
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


def test_an_answer_in_html_after_the_comment_was_posted_doubles_nothing(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    with stage.faults(f"{REQUESTS['reply']} body=html acts=yes times=1"):
        assert stage.handle(payload).code in (0, 75)
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


@pytest.mark.parametrize(
    "fault",
    [
        "GET */info/refs status=502",
        "POST */git-upload-pack status=503",
        "POST */git-receive-pack status=502",
        "POST */git-receive-pack drop=before",
    ],
)
def test_an_outage_of_git_is_healed_by_a_tick(stage: Stage, fault: str) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    head = stage.bare.head()
    with stage.faults(fault):
        done = stage.handle(payload)
    assert done.code == 75, done.log
    assert stage.bare.head() == head
    assert stage.replies(payload) == []
    stage.tick()
    stage.assert_done_once(payload)


@pytest.mark.parametrize("fault", ["drop=after", "status=502 acts=yes"])
def test_a_push_whose_answer_was_lost_is_recognised(stage: Stage, fault: str) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    with stage.faults(f"POST */git-receive-pack {fault} times=1"):
        done = stage.handle(payload)
    assert done.code == 0, done.log
    stage.assert_done_once(payload)


@pytest.mark.parametrize("fault", ["GET */collaborators/*", "GET */info/refs"])
def test_a_refused_token_is_a_mistake_in_the_set_up(stage: Stage, fault: str) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    head = stage.bare.head()
    with stage.faults(f"{fault} status=401"):
        done = stage.handle(payload)
    assert done.code == 2, done.log
    assert "token" in done.log
    assert stage.bare.head() == head
    stage.tick()
    stage.assert_done_once(payload)


def test_a_wrong_token_is_a_mistake_in_the_set_up(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    done = stage.handle(payload, GITHUB_TOKEN="ghs_" + "0" * 36)
    assert done.code == 2, done.log
    assert "Traceback" not in done.log
    assert "ghs_" not in done.log
    stage.tick()
    stage.assert_done_once(payload)


# the branch


def test_a_missing_branch_is_created_by_the_first_handle(tmp_path: Path) -> None:
    with staged(tmp_path, prepared=False) as stage:
        assert stage.bare.head() == ""
        payload = stage.say(stage.issue(), COMMAND)
        stage.assert_done_once(payload)
        assert len(stage.bare.history()) == 1
        assert "schemas/ledger.schema.json" in stage.bare.files("state")
        assert_linear_and_replayable(stage.bare)
        stage.verify()


def test_racing_creators_end_in_one_branch(tmp_path: Path) -> None:
    with staged(tmp_path, prepared=False) as stage:
        payloads = [stage.comment(stage.issue(), COMMAND) for _ in range(2)]
        processes = [
            *(stage.start_handle(payload) for payload in payloads),
            stage.start("tick", event="schedule", payload={}),
        ]
        ended = [process.done() for process in processes]
        assert {done.code for done in ended} == {0}, [done.log for done in ended]
        for payload in payloads:
            stage.assert_done_once(payload)
        assert len(settled_in(stage.bare)["initialised"]) == 1
        assert_linear_and_replayable(stage.bare)


@pytest.mark.parametrize("woken", ["handle", "tick"])
def test_a_branch_that_was_deleted_is_not_begun_anew(tmp_path: Path, woken: str) -> None:
    with staged(tmp_path) as stage:
        stage.say(stage.issue(), COMMAND)
        stage.bare.git("update-ref", "-d", "refs/heads/state")
        payload = stage.comment(stage.issue(), COMMAND)
        done = stage.handle(payload) if woken == "handle" else stage.try_tick()
        assert done.code == 2, done.log
        assert "state import" in done.log
        assert stage.bare.head() == ""
        assert stage.replies(payload) == []


@pytest.mark.parametrize(
    ("woken", "name", "change", "names"),
    [
        ("handle", "ledger.json", {"next_lease": "many"}, ["ledger.json", "next_lease"]),
        ("handle", "outbox.json", {"entries": [{}]}, ["outbox.json", "entries.0"]),
        ("tick", "config.json", {"surprise": True}, ["config.json", "surprise"]),
        ("handle", "ledger.json", {"schema": 99}, ["ledger.json", "schema", "99"]),
        ("tick", "metrics/recent.json", {"schema": 2}, ["metrics/recent.json", "schema", "2"]),
    ],
)
def test_a_state_that_cannot_be_read_is_refused_by_file_and_key(
    stage: Stage, woken: str, name: str, change: dict[str, object], names: list[str]
) -> None:
    payload = stage.comment(stage.issue(), "/help")
    good, path = stage.bare.head(), f"shared-state/{name}"
    content = json.loads(stage.bare.files("state")[path])
    stage.bare.commit_file("state", path, json.dumps({**content, **change}))
    bad, mark = stage.bare.head(), stage.mark()
    try:
        done = stage.handle(payload) if woken == "handle" else stage.try_tick()
        assert done.code == 2, done.log
        assert [word for word in names if word not in done.log] == []
        assert stage.since(mark).pushes == []
        assert stage.bare.head() == bad
    finally:
        stage.bare.git("update-ref", "refs/heads/state", good)


def test_a_state_that_contradicts_itself_is_told_by_verify(stage: Stage) -> None:
    good = stage.bare.head()
    path = "shared-state/queues/genesis-queue/items.json"
    item = {
        "task": "nobody-1.genesis", "project": "nobody-1", "priority": "normal", "attempt": 0,
        "enqueued_at": "2026-01-01T00:00:00Z", "specialty": "standard",
    }  # fmt: skip
    stage.bare.commit_file("state", path, json.dumps({"schema": 1, "items": [item]}))
    try:
        done = stage.start("verify", event="schedule", payload={}).done()
        assert done.code == 1
        assert "nobody-1.genesis" in done.log
    finally:
        stage.bare.git("update-ref", "refs/heads/state", good)


def test_a_reply_to_an_issue_that_is_gone_is_given_up(tmp_path: Path) -> None:
    """A locked or deleted issue takes no reply: six attempts, then an alert, never a crash."""
    with staged(tmp_path) as stage:
        payload = stage.comment(stage.issue(), "/help")
        with stage.faults("POST */issues/*/comments status=404"):
            assert stage.handle(payload).code == 0
            for attempt in range(6):
                stage.forward(GRACE * 2**attempt)
                stage.tick()
        state = stage.state()
        id_ = f"comment-{payload['comment']['id']}/0"
        assert id_ not in {entry.id for entry in state.outbox.entries}
        (alert,) = [alert for alert in state.alerts.items if alert.id == f"undeliverable-{id_}"]
        assert alert.until is None
        assert stage.replies(payload) == []
