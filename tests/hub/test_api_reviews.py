"""Reviews of pull requests and their remarks, and what is said of commits, over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.driver import BOT, MAIN, Hub, branch, clone, head_of, pull

REVIEWS = f"{MAIN}/pulls/1/reviews"
TEXT = "".join(f"line {number}\n" for number in range(1, 31))


@pytest.fixture
def opened(hub: Hub, tmp_path: Path) -> Path:
    """A pull request by wendy that changes line 20 of a file and removes line 22."""
    work = clone(hub, tmp_path / "work")
    branch(hub, work, "main", {"src/a.txt": TEXT})
    branch(hub, work, "topic", {"src/a.txt": TEXT.replace("line 20", "twenty").replace("line 22\n", "")})
    pull(hub)
    return work


def review(hub: Hub, login: str, event: str | None = "COMMENT", **fields: object) -> Any:
    body = {"event": event, "body": "Well.", **fields} if event else fields
    return hub.call(login, "POST", REVIEWS, body)


def test_another_person_reviews_with_a_verdict_and_remarks(hub: Hub, opened: Path) -> None:
    remarks = [
        {"path": "src/a.txt", "line": 20, "body": "Why?"},
        {"path": "src/a.txt", "line": 22, "side": "LEFT", "body": "Keep it."},
    ]
    answer = review(hub, "rita", "REQUEST_CHANGES", body="Not yet.", comments=remarks)
    made = answer.json()
    assert (answer.status_code, made["state"], made["user"]["login"]) == (200, "CHANGES_REQUESTED", "rita")
    assert made["commit_id"] == head_of(hub, "topic")
    assert hub.call("stan", "GET", REVIEWS).json() == [made]
    shown = hub.call("stan", "GET", f"{MAIN}/pulls/1/comments").json()
    assert [(each["path"], each["line"], each["side"], each["body"]) for each in shown] == [
        ("src/a.txt", 20, "RIGHT", "Why?"),
        ("src/a.txt", 22, "LEFT", "Keep it."),
    ]
    assert shown[0]["diff_hunk"].startswith("@@ -17,9 +17,8 @@")
    assert shown[0]["diff_hunk"].endswith("-line 20\n+twenty")
    assert hub.call("stan", "GET", f"{REVIEWS}/{made['id']}/comments").json() == shown
    assert hub.call("stan", "GET", f"{MAIN}/pulls/1").json()["review_comments"] == 2


def test_a_remark_on_an_older_head_has_no_line_any_more(hub: Hub, opened: Path) -> None:
    remark = {"path": "src/a.txt", "position": 5, "body": "By position."}
    assert review(hub, "rita", comments=[remark]).status_code == 200
    (shown,) = hub.call("stan", "GET", f"{MAIN}/pulls/1/comments").json()
    assert (shown["line"], shown["original_line"], shown["position"]) == (20, 20, 5)
    branch(hub, opened, "topic", {"src/a.txt": TEXT.replace("line 20", "XX")})
    (shown,) = hub.call("stan", "GET", f"{MAIN}/pulls/1/comments").json()
    assert (shown["line"], shown["original_line"], shown["position"]) == (None, 20, None)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("APPROVE", "Can not approve your own pull request"),
        ("REQUEST_CHANGES", "Can not request changes on your own pull request"),
    ],
)
def test_nobody_judges_an_own_pull_request(hub: Hub, opened: Path, event: str, words: str) -> None:
    refused = review(hub, "wendy", event)
    assert (refused.status_code, refused.json()["message"]) == (422, "Unprocessable Entity")
    assert refused.json()["errors"] == [words]
    assert review(hub, "wendy", "COMMENT").json()["state"] == "COMMENTED"


@pytest.mark.parametrize(
    ("remark", "words"),
    [
        ({"path": "README.md", "line": 1}, "Path could not be resolved"),
        ({"path": "src/a.txt", "line": 3}, "Line could not be resolved"),
        ({"path": "src/a.txt", "line": 22, "side": "RIGHT", "body": ""}, None),
        ({"path": "src/a.txt"}, "Line could not be resolved"),
        ({"path": "src/a.txt", "position": 99}, "Line could not be resolved"),
        ({"path": "src/a.txt", "line": 20, "side": "LEFT"}, "fits"),
    ],
)
def test_a_remark_outside_the_diff_refuses_the_whole_review(
    hub: Hub, opened: Path, remark: dict[str, object], words: str | None
) -> None:
    good = {"path": "src/a.txt", "line": 20, "body": "Fine."}
    answer = review(hub, "rita", comments=[good, {"body": "Here.", **remark}])
    if words == "fits":
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert words is None or answer.json()["errors"] == [words]
    assert hub.call("rita", "GET", REVIEWS).json() == []
    assert hub.call("rita", "GET", f"{MAIN}/pulls/1/comments").json() == []


@pytest.mark.parametrize("fields", [{"body": ""}, {"event": "SHRUG"}, {"comments": "no"}, {"comments": [1]}])
def test_a_review_that_says_nothing_is_422(hub: Hub, opened: Path, fields: dict[str, object]) -> None:
    assert hub.call("rita", "POST", REVIEWS, {"event": "COMMENT", "body": "x", **fields}).status_code == 422
    assert hub.call("", "POST", REVIEWS, {"event": "COMMENT", "body": "x"}).status_code == 401


def test_a_pending_review_is_seen_by_its_author_until_it_is_submitted(hub: Hub, opened: Path) -> None:
    remark = {"path": "src/a.txt", "line": 20, "body": "Hm."}
    made = review(hub, "rita", None, comments=[remark]).json()
    assert (made["state"], "submitted_at" in made) == ("PENDING", False)
    assert review(hub, "rita", None).json()["errors"] == [
        "User can only have one pending review per pull request"
    ]
    assert hub.call("wendy", "GET", REVIEWS).json() == []
    assert hub.call("wendy", "GET", f"{MAIN}/pulls/1/comments").json() == []
    path = f"{REVIEWS}/{made['id']}/events"
    assert hub.call("wendy", "POST", path, {"event": "APPROVE"}).status_code == 404
    done = hub.call("rita", "POST", path, {"event": "APPROVE", "body": "Good."}).json()
    assert (done["state"], done["body"]) == ("APPROVED", "Good.")
    assert hub.call("rita", "POST", path, {"event": "APPROVE"}).status_code == 422
    assert len(hub.call("wendy", "GET", f"{MAIN}/pulls/1/comments").json()) == 1


def test_a_verdict_is_dismissed_by_who_may_write(hub: Hub, opened: Path) -> None:
    made = review(hub, "max", "REQUEST_CHANGES").json()
    path = f"{REVIEWS}/{made['id']}/dismissals"
    assert hub.call("tim", "PUT", path, {"message": "Settled."}).status_code == 403
    assert hub.call("wendy", "PUT", path, {"message": "Settled."}).json()["state"] == "DISMISSED"
    assert hub.call("wendy", "PUT", path, {"message": "Settled."}).status_code == 422


def test_statuses_of_a_commit_and_what_they_come_to(hub: Hub, opened: Path) -> None:
    sha = head_of(hub, "topic")
    path, combined = f"{MAIN}/statuses/{sha}", f"{MAIN}/commits/{sha}/status"
    empty = hub.call("rita", "GET", combined).json()
    assert (empty["state"], empty["total_count"], empty["statuses"]) == ("pending", 0, [])
    assert hub.call("rita", "POST", path, {"state": "success"}).status_code == 403
    for state, context in (("pending", "ci"), ("success", "lint"), ("success", "ci")):
        body = {"state": state, "context": context, "target_url": "http://127.0.0.1/x", "description": "d"}
        assert hub.call(BOT, "POST", path, body).status_code == 201
    found = hub.call("rita", "GET", combined).json()
    assert (found["state"], found["total_count"]) == ("success", 2)
    assert [(each["context"], each["state"]) for each in found["statuses"]] == [
        ("ci", "success"),
        ("lint", "success"),
    ]
    everything = hub.call("rita", "GET", f"{MAIN}/commits/topic/statuses").json()
    assert [each["state"] for each in everything] == ["success", "success", "pending"]
    assert everything[0]["creator"]["login"] == BOT
    hub.call(BOT, "POST", path, {"state": "error"})
    assert hub.call("rita", "GET", combined).json()["state"] == "failure"
    runs = hub.call("rita", "GET", f"{MAIN}/commits/{sha}/check-runs").json()
    assert runs == {"total_count": 0, "check_runs": []}


@pytest.mark.parametrize(
    ("sha", "body", "message"),
    [
        ("1" * 40, {"state": "success"}, f"No commit found for SHA: {'1' * 40}"),
        ("topic", {"state": "success"}, "No commit found for SHA: topic"),
        ("", {"state": "green"}, "Validation Failed"),
        ("", {"state": "success", "description": "x" * 141}, "Validation Failed"),
    ],
)
def test_a_status_that_cannot_be_is_422(
    hub: Hub, opened: Path, sha: str, body: dict[str, str], message: str
) -> None:
    answer = hub.call(BOT, "POST", f"{MAIN}/statuses/{sha or head_of(hub, 'topic')}", body)
    assert (answer.status_code, answer.json()["message"]) == (422, message)
    assert hub.call("rita", "GET", f"{MAIN}/commits/nothing/status").status_code == 422
