"""The control surface: the clock, the log of requests, playing runs, and who may use it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.hub.driver import BOT, MAIN, Hub


def test_the_clock_goes_forward_for_everything(hub: Hub) -> None:
    before = hub.issue()["created_at"]
    moved = hub.control("POST", "/clock", {"forward": 86_400}).json()
    assert moved["offset"] == 86_400
    after = hub.issue()["created_at"]
    passed = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    assert 86_400 <= passed.total_seconds() <= 86_430
    assert hub.control("GET", "/clock").json()["now"] >= after


@pytest.mark.parametrize(
    "body", [{"forward": -1}, {"forward": "1"}, {"forward": True}, {}, [1], {"forward": 1e12}]
)
def test_the_clock_never_goes_back(hub: Hub, body: object) -> None:
    refused = hub.control("POST", "/clock", body)
    assert refused.status_code == 422
    assert "expected" in refused.json()["message"] or "JSON object" in refused.json()["message"]
    assert hub.world.clock.offset == 0


def test_requests_are_logged_with_their_login(hub: Hub) -> None:
    hub.call("ada", "GET", MAIN, params={"x": "1"})
    hub.call("", "GET", f"{MAIN}/issues/9")
    first, second = hub.control("GET", "/requests").json()["requests"]
    assert (first["method"], first["path"], first["query"]) == ("GET", f"/api/v3{MAIN}", "x=1")
    assert (first["login"], first["status"], first["kind"]) == ("ada", 200, "api")
    assert (second["login"], second["status"]) == (None, 404)
    later = hub.control("GET", "/requests", params={"since": first["id"]}).json()["requests"]
    assert later == [second]
    assert hub.control("DELETE", "/requests").status_code == 204
    assert hub.control("GET", "/requests").json() == {"requests": []}
    assert hub.control("GET", "/requests", params={"since": "x"}).status_code == 422


def test_a_run_is_played_where_nobody_runs_it(hub: Hub) -> None:
    body = {"ref": "main", "return_run_details": True}
    dispatches = f"{MAIN}/actions/workflows/worker.yml/dispatches"
    run = hub.call(BOT, "POST", dispatches, body).json()["workflow_run_id"]
    assert hub.control("POST", f"/runs/{run}", {"status": "in_progress"}).json()["status"] == "in_progress"
    ended = hub.control("POST", f"/runs/{run}", {"status": "completed", "conclusion": "failure"}).json()
    assert (ended["status"], ended["conclusion"]) == ("completed", "failure")
    assert (
        hub.control("POST", f"/runs/{run}", {"status": "completed", "conclusion": "fine"}).status_code == 422
    )
    assert hub.control("POST", "/runs/1", {"status": "in_progress"}).status_code == 404


def test_a_web_page_cannot_use_it(hub: Hub) -> None:
    headers = {"Origin": "https://evil.example"}
    assert hub.control("POST", "/clock", {"forward": 1}, headers=headers).status_code == 403
    assert hub.world.clock.offset == 0


def test_it_says_what_it_is(hub: Hub) -> None:
    about = hub.control("GET", "/").json()
    assert (about["url"], about["repositories"]) == (hub.info.url, ["acme/factory"])
