"""Faults on purpose: their specifications, and what a client sees of each."""

from __future__ import annotations

import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from bot.hub.faults import FaultInvalid, parse
from tests.hub.driver import MAIN, Hub, clone, commit, git

COMMENTS = f"{MAIN}/issues/1/comments"


def post(hub: Hub) -> httpx.Response:
    return hub.call("ada", "POST", COMMENTS, {"body": "x"})


def stored(hub: Hub) -> int:
    count: int = hub.call("ada", "GET", f"{MAIN}/issues/1").json()["comments"]
    return count


def test_a_status_strikes_so_often_and_nothing_happens(hub: Hub) -> None:
    hub.issue()
    hub.fault("POST */issues/*/comments status=502 times=2")
    assert [post(hub).status_code for _ in range(3)] == [502, 502, 201]
    assert stored(hub) == 1
    assert hub.control("GET", "/faults").json()["faults"] == [
        {"fault": "POST */issues/*/comments status=502 times=2", "seen": 3, "met": 2}
    ]


def test_the_first_ones_are_left_alone(hub: Hub) -> None:
    hub.issue()
    hub.fault("POST */comments status=500 skip=1 times=1")
    assert [post(hub).status_code for _ in range(3)] == [201, 500, 201]


def test_headers_and_html(hub: Hub) -> None:
    hub.fault("GET * status=403 header=retry-after:1 'header=x-note: a b' times=1")
    limited = hub.call("ada", "GET", MAIN)
    assert (limited.status_code, limited.headers["retry-after"]) == (403, "1")
    assert limited.headers["x-note"] == " a b".strip()
    assert limited.json()["message"] == "Forbidden"
    hub.fault("GET * body=html times=1")
    page = hub.call("ada", "GET", MAIN)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!DOCTYPE html>")
    assert hub.call("ada", "GET", MAIN).status_code == 200


def test_a_made_up_answer_tells_the_hub_s_time_like_any_other(hub: Hub) -> None:
    hub.fault("GET * status=502 times=1")
    hub.control("POST", "/clock", {"forward": 86_400})
    dates = [parsedate_to_datetime(hub.call("ada", "GET", MAIN).headers["date"]) for _ in range(2)]
    assert dates[1] - dates[0] < timedelta(hours=1)


def test_a_status_after_acting_hides_what_was_done(hub: Hub) -> None:
    hub.issue()
    hub.fault("POST */comments status=502 acts=yes times=1")
    assert post(hub).status_code == 502
    assert stored(hub) == 1


@pytest.mark.parametrize(("drop", "count"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_before_and_after_acting(hub: Hub, drop: str, count: int) -> None:
    hub.issue()
    hub.fault(f"POST */comments drop={drop} times=1")
    with pytest.raises(httpx.TransportError):
        post(hub)
    assert stored(hub) == count
    entry = next(each for each in hub.server.log.since() if each["fault"])
    assert (entry["status"], entry["path"]) == (0, f"/api/v3{COMMENTS}")


@pytest.mark.parametrize(("drop", "landed"), [("before", False), ("after", True)])
def test_a_push_whose_answer_is_lost(hub: Hub, tmp_path: Path, drop: str, landed: bool) -> None:
    work = clone(hub, tmp_path / "work")
    pushed = commit(work, "a.txt", "x")
    hub.fault(f"POST */git-receive-pack drop={drop} times=2")
    assert git(work, "push", "origin", "main").returncode != 0
    sha = hub.call("ada", "GET", f"{MAIN}/git/ref/heads/main").json()["object"]["sha"]
    assert (sha == pushed) is landed


def test_a_delay_only_delays(hub: Hub) -> None:
    hub.fault("* * delay=150ms times=1")
    hub.fault("GET * status=500 times=1")
    began = time.perf_counter()
    assert hub.call("ada", "GET", MAIN).status_code == 500
    assert time.perf_counter() - began >= 0.15


def test_a_query_can_be_part_of_the_pattern(hub: Hub, tmp_path: Path) -> None:
    hub.fault("GET */info/refs?service=git-receive-pack status=503")
    work = clone(hub, tmp_path / "work")
    commit(work, "a.txt", "x")
    assert "503" in git(work, "push", "origin", "main").stderr


def test_faults_are_cleared_and_spare_control_and_pages(hub: Hub) -> None:
    hub.fault("* * status=500")
    assert hub.control("GET", "/clock").status_code == 200
    assert hub.client().get(f"{hub.info.url}/acme/factory/issues").status_code == 200
    assert hub.call("ada", "GET", MAIN).status_code == 500
    assert hub.control("DELETE", "/faults").status_code == 204
    assert hub.call("ada", "GET", MAIN).status_code == 200


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "expected METHOD, PATH and at least one option"),
        ("GET *", "at least one option"),
        ("FETCH * status=500", "method 'FETCH' is none of *, GET"),
        ("GET * status=abc", "expected an HTTP status from 200 to 599"),
        ("GET * status=99", "expected an HTTP status from 200 to 599"),
        ("GET * statu=500", "unknown option 'statu=500'; expected one of status, body"),
        ("GET * drop=sometimes", "expected 'before' or 'after'"),
        ("GET * delay=50", "expected a time such as 50ms or 2s"),
        ("GET * delay=601s", "expected at most 600s"),
        ("GET * body=xml", "expected 'html'"),
        ("GET * status=500 times=0", "expected a number from 1"),
        ("GET * status=500 header=oops", "expected NAME:TEXT"),
        ("GET * times=3", "nothing goes wrong"),
        ("GET * 'status=500", "quotes must be closed"),
    ],
)
def test_a_bad_specification_says_what_was_expected(hub: Hub, text: str, part: str) -> None:
    with pytest.raises(FaultInvalid) as caught:
        parse(text)
    assert part in str(caught.value)
    assert repr(text) in str(caught.value)
    refused = hub.control("POST", "/faults", {"fault": text})
    assert (refused.status_code, refused.json()["message"]) == (422, str(caught.value))


def test_an_answer_that_ends_in_the_middle_was_acted_on(hub: Hub) -> None:
    hub.issue()
    hub.fault("POST */comments body=cut times=1")
    with pytest.raises(httpx.RemoteProtocolError):
        post(hub)
    assert stored(hub) == 1
    assert post(hub).status_code == 201


def test_a_stale_read_shows_what_was_there_before(hub: Hub) -> None:
    hub.issue()
    hub.fault("GET */issues/1/comments stale=yes times=3")
    shown = []
    for _ in range(4):
        shown.append(len(hub.call("ada", "GET", COMMENTS).json()))
        post(hub)
    assert shown == [0, 0, 0, 3]
    hub.control("DELETE", "/faults")
    hub.fault("GET */issues/1/comments stale=yes")
    assert len(hub.call("ada", "GET", COMMENTS).json()) == 4


def test_an_error_says_what_it_is_told_to(hub: Hub) -> None:
    hub.fault("GET * status=403 'message=The issue is locked.' times=1")
    assert hub.call("ada", "GET", MAIN).json()["message"] == "The issue is locked."
