"""What holds for every REST answer: tokens, headers, limits, ETags, pages, errors, unknown routes."""

from __future__ import annotations

import base64
from email.utils import parsedate_to_datetime

import pytest

from tests.hub.driver import BOT, MAIN, Hub


@pytest.mark.parametrize("scheme", ["token", "Bearer", "bearer"])
def test_a_token_is_taken_in_both_of_githubs_schemes(hub: Hub, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {hub.token('rita')}"}
    assert hub.call("", "GET", "/user", headers=headers).json()["login"] == "rita"


def test_basic_authentication_takes_the_token_as_password(hub: Hub) -> None:
    secret = base64.b64encode(f"x-access-token:{hub.token('tim')}".encode()).decode()
    assert hub.call("", "GET", "/user", headers={"Authorization": f"Basic {secret}"}).json()["login"] == "tim"


@pytest.mark.parametrize("value", ["Bearer wrong", "Basic !!!", "Digest x", "Bearer"])
def test_bad_credentials_are_401(hub: Hub, value: str) -> None:
    answer = hub.call("", "GET", MAIN, headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.json() == {
        "message": "Bad credentials",
        "documentation_url": "https://docs.github.com/rest",
        "status": "401",
    }


def test_anonymous_may_read_what_is_public_and_write_nothing(hub: Hub) -> None:
    assert hub.call("", "GET", MAIN).status_code == 200
    refused = hub.call("", "POST", f"{MAIN}/issues", {"title": "x"})
    assert (refused.status_code, refused.json()["message"]) == (401, "Requires authentication")
    assert hub.call("", "GET", "/user").status_code == 401


def test_standard_headers(hub: Hub) -> None:
    answer = hub.call("ada", "GET", MAIN)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-github-request-id"]
    assert answer.headers.get_list("date") == [answer.headers["date"]]
    seen = parsedate_to_datetime(answer.headers["date"])
    assert abs((seen - hub.world.clock.now()).total_seconds()) <= 2


def test_rate_limit_headers_count_each_token_for_itself(hub: Hub) -> None:
    first, second = (hub.call("ada", "GET", MAIN).headers for _ in range(2))
    assert first["x-ratelimit-limit"] == "5000"
    assert first["x-ratelimit-resource"] == "core"
    assert int(second["x-ratelimit-used"]) == int(first["x-ratelimit-used"]) + 1
    assert int(second["x-ratelimit-remaining"]) == 5000 - int(second["x-ratelimit-used"])
    assert hub.call(BOT, "GET", MAIN).headers["x-ratelimit-limit"] == "1000"
    assert hub.call(BOT, "GET", MAIN).headers["x-ratelimit-used"] == "2"


def test_asking_for_the_rate_limit_is_free(hub: Hub) -> None:
    hub.call("ada", "GET", MAIN)
    shown = [hub.call("ada", "GET", "/rate_limit").json()["resources"]["core"]["used"] for _ in range(3)]
    assert shown == [1, 1, 1]


def test_a_used_up_limit_is_403_until_the_hour_is_over(hub: Hub) -> None:
    for _ in range(1000):
        hub.server.limits.spend(hub.world.users.find(BOT), "core")
    refused = hub.call(BOT, "GET", MAIN)
    assert refused.status_code == 403
    assert refused.json()["message"].startswith("API rate limit exceeded for user ID")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    reset = int(refused.headers["x-ratelimit-reset"])
    wait = reset - hub.world.clock.now().timestamp()
    assert 3590 <= wait <= 3600
    assert hub.control("POST", "/clock", {"forward": wait + 1}).status_code == 200
    again = hub.call(BOT, "GET", MAIN)
    assert (again.status_code, again.headers["x-ratelimit-used"]) == (200, "1")


def test_an_etag_that_still_holds_is_304_and_free(hub: Hub) -> None:
    hub.issue()
    first = hub.call("ada", "GET", f"{MAIN}/issues")
    used = first.headers["x-ratelimit-used"]
    etag = first.headers["etag"]
    again = hub.call("ada", "GET", f"{MAIN}/issues", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-used"] == used
    hub.issue(title="Another")
    changed = hub.call("ada", "GET", f"{MAIN}/issues", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
    assert hub.call("max", "GET", f"{MAIN}/issues").headers["etag"] != changed.headers["etag"]


def _links(header: str) -> dict[str, str]:
    parts = (part.split(";") for part in header.split(", "))
    return {rel.split('"')[1]: url.strip("<>") for url, rel in parts}


def test_pages_are_linked_as_githubs_are(hub: Hub) -> None:
    for number in range(5):
        hub.world.issues.create(hub.repository, hub.world.users.find("ada"), f"Idea {number + 1}")
    first = hub.call("ada", "GET", f"{MAIN}/issues", params={"per_page": 2, "state": "all"})
    assert [issue["title"] for issue in first.json()] == ["Idea 5", "Idea 4"]
    links = _links(first.headers["link"])
    assert list(links) == ["next", "last"]
    second = hub.call("ada", "GET", links["next"])
    assert [issue["title"] for issue in second.json()] == ["Idea 3", "Idea 2"]
    assert list(_links(second.headers["link"])) == ["prev", "next", "last", "first"]
    last = hub.call("ada", "GET", links["last"])
    assert [issue["title"] for issue in last.json()] == ["Idea 1"]
    assert list(_links(last.headers["link"])) == ["prev", "first"]
    assert "link" not in hub.call("ada", "GET", f"{MAIN}/issues").headers


def test_a_page_holds_30_unless_asked_and_100_at_most(hub: Hub) -> None:
    ada = hub.world.users.find("ada")
    with hub.world.db.transaction():
        for number in range(105):
            hub.world.labels.create(hub.repository, ada, f"label-{number}")
    assert len(hub.call("ada", "GET", f"{MAIN}/labels").json()) == 30
    assert len(hub.call("ada", "GET", f"{MAIN}/labels", params={"per_page": 500}).json()) == 100
    assert len(hub.call("ada", "GET", f"{MAIN}/labels", params={"per_page": "zero"}).json()) == 30
    assert len(hub.call("ada", "GET", f"{MAIN}/labels", params={"per_page": 100, "page": 2}).json()) == 5


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nowhere"), ("PUT", "/user"), ("GET", f"{MAIN}/forks")]
)
def test_an_unknown_route_is_404_in_githubs_form_and_counted(hub: Hub, method: str, path: str) -> None:
    answer = hub.call("ada", method, path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "Not Found"
    assert hub.control("GET", "/unknown").json() == {"unknown": {f"{method} /api/v3{path}": 1}}


def test_a_missing_thing_is_404_and_no_unknown_route(hub: Hub) -> None:
    assert hub.call("ada", "GET", f"{MAIN}/issues/99").status_code == 404
    assert hub.call("ada", "GET", "/repos/acme/nothing/issues").status_code == 404
    assert hub.control("GET", "/unknown").json() == {"unknown": {}}


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[1]", b'"text"'])
def test_a_body_that_is_no_object_is_400(hub: Hub, content: bytes) -> None:
    answer = hub.client("ada").post(f"{MAIN}/issues", content=content)
    assert answer.status_code == 400
    assert answer.json()["status"] == "400"


def test_a_broken_rule_is_422_and_names_the_field(hub: Hub) -> None:
    answer = hub.call("ada", "POST", f"{MAIN}/issues", {"body": "no title"})
    assert answer.status_code == 422
    assert answer.json()["message"] == "Validation Failed"
    assert answer.json()["errors"] == [{"resource": "Issue", "field": "title", "code": "missing_field"}]


def test_a_foreign_host_name_is_refused(hub: Hub) -> None:
    assert hub.call("ada", "GET", MAIN, headers={"Host": "evil.example"}).status_code == 400
