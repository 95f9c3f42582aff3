"""What becomes of failures: which exception with which words, what is repeated, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
import responses

from bot.adapters.github.forge import GitHub
from bot.domain.errors import (
    Forbidden,
    ForgeError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UsageError,
)

API = "https://api.github.com"
HOME = f"{API}/repos/acme/site"
ISSUE = f"{HOME}/issues/12"
COMMENTS = f"{ISSUE}/comments"
GRAPHQL = f"{API}/graphql"
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DATE = {"Date": format_datetime(NOW, usegmt=True)}
Connect = Callable[..., GitHub]
Api = responses.RequestsMock


def limited(seconds: float) -> dict[str, str]:
    """The headers of a spent primary limit that is reset so many seconds from now."""
    reset = int((NOW + timedelta(seconds=seconds)).timestamp())
    return {**DATE, "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (301, NotFound, "It has moved"),
        (307, NotFound, "It has moved to https://api.github.com/repositories/1"),
        (400, Rejected, "Problems"),
        (401, Forbidden, "wrong, expired or revoked"),
        (403, Forbidden, "permission issues: read"),
        (404, NotFound, "does not exist, or the token may not see it"),
        (405, Rejected, "Problems"),
        (409, Rejected, "Problems"),
        (410, NotFound, "Problems"),
        (422, Rejected, "Problems"),
        (451, Rejected, "Problems"),
    ],
)
def test_refusals_are_raised_at_once(
    status: int, error: type[ForgeError], says: str, api: Api, connect: Connect
) -> None:
    moved = {"Location": "https://api.github.com/repositories/1"} if status == 307 else {}
    api.get(ISSUE, json={"message": "Problems"}, status=status, headers=moved)
    forge = connect()
    with pytest.raises(error) as raised:
        forge.issue(12)
    assert says in str(raised.value)
    assert str(raised.value).startswith(f"GitHub refused to read issue #12 of acme/site: {status}")
    assert forge.requests == 1


def test_a_refusal_repeats_githubs_words_about_single_fields(api: Api, connect: Connect) -> None:
    errors: list[Any] = [
        {"resource": "Issue", "field": "title", "code": "missing_field"},
        {"message": "body is too long (maximum is 65536 characters)"},
        "and a plain text",
    ]
    api.post(f"{HOME}/issues", json={"message": "Validation Failed", "errors": errors}, status=422)
    with pytest.raises(Rejected) as raised:
        connect().create_issue("", "")
    assert (
        '"Validation Failed; title: missing_field; body is too long (maximum is 65536 characters); '
        'and a plain text"' in str(raised.value)
    )


def test_the_permission_that_github_names_is_preferred(api: Api, connect: Connect) -> None:
    accepted = {"X-Accepted-GitHub-Permissions": "issues=write; pull_requests=write"}
    api.post(
        COMMENTS, json={"message": "Resource not accessible by integration"}, status=403, headers=accepted
    )
    with pytest.raises(Forbidden) as raised:
        connect().comment(12, "x")
    assert "issues: write; pull_requests: write" in str(raised.value)
    assert "Resource not accessible by integration" in str(raised.value)


@pytest.mark.parametrize("body", ["<html>nothing here</html>", "", "[]", "null", '{"message": 3}'])
def test_a_refusal_in_another_form(body: str, api: Api, connect: Connect) -> None:
    api.get(ISSUE, body=body, status=404)
    with pytest.raises(NotFound, match="#12"):
        connect().issue(12)


# Rate limits


@pytest.mark.parametrize("status", [403, 429])
def test_a_primary_limit_that_is_reset_soon_is_waited_for(
    status: int, api: Api, connect: Connect, clock: Any
) -> None:
    api.post(COMMENTS, json={"message": "API rate limit exceeded"}, status=status, headers=limited(20))
    api.post(COMMENTS, json=_comment(), status=201)
    forge = connect()
    assert forge.comment(12, "x").id == 501
    assert clock.pauses == [21]
    assert forge.requests == 2


def test_a_primary_limit_that_is_reset_late_says_when(api: Api, connect: Connect, clock: Any) -> None:
    api.get(ISSUE, json={"message": "API rate limit exceeded"}, status=403, headers=limited(1800))
    forge = connect()
    with pytest.raises(RateLimited, match="2026-11-23T07:30:00Z"):
        forge.issue(12)
    assert (clock.pauses, forge.requests) == ([], 1)


def test_retry_after_is_honoured(api: Api, connect: Connect, clock: Any) -> None:
    slow = {**limited(1800), "Retry-After": "7"}
    api.get(ISSUE, json={"message": "You have exceeded a secondary rate limit."}, status=403, headers=slow)
    api.get(ISSUE, json={"number": 12})
    assert connect().issue(12).number == 12
    assert clock.pauses == [7]


def test_a_long_retry_after_says_when(api: Api, connect: Connect, clock: Any) -> None:
    api.get(ISSUE, json={}, status=429, headers={**DATE, "Retry-After": "600"})
    with pytest.raises(RateLimited, match=r"in 600 s \(2026-11-23T07:10:00Z\)"):
        connect().issue(12)
    assert clock.pauses == []


def test_a_secondary_limit_without_a_time_waits_a_minute_then_two(
    api: Api, connect: Connect, clock: Any
) -> None:
    for _ in range(3):
        api.get(ISSUE, json={"message": "You have exceeded a secondary rate limit."}, status=403)
    forge = connect(retry_within=180)
    with pytest.raises(RateLimited, match="in 60 s"):
        forge.issue(12)
    assert clock.pauses == [60, 120]
    assert forge.requests == 3


def test_graphql_tells_its_limit_in_a_200(api: Api, connect: Connect, clock: Any) -> None:
    spent = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    api.post(GRAPHQL, json=spent, headers=limited(5))
    api.post(GRAPHQL, json={"data": {"viewer": {"login": "mona"}}})
    assert connect().whoami() == "mona"
    assert clock.pauses == [6]


# Outages


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500, "json": {"message": "Server Error"}},
        {"status": 502, "body": "<html>Unicorn!</html>"},
        {"status": 503, "body": ""},
        {"status": 504, "json": []},
        {"status": 408, "body": ""},
        {"status": 200, "body": "<html>sign in to the guest network</html>"},
        {"body": requests.exceptions.ReadTimeout("Read timed out.")},
        {"body": requests.exceptions.ChunkedEncodingError("broken")},
    ],
)
def test_reads_outlive_a_short_outage(
    failure: dict[str, Any], api: Api, connect: Connect, clock: Any
) -> None:
    api.get(ISSUE, **failure)
    api.get(ISSUE, **failure)
    api.get(ISSUE, json={"number": 12})
    forge = connect()
    assert forge.issue(12).number == 12
    assert forge.requests == 3
    first, second = clock.pauses
    assert 0.25 <= first < 0.5 <= second < 1


def test_a_long_outage_ends_within_the_bound(api: Api, connect: Connect, clock: Any) -> None:
    api.get(ISSUE, status=502, body="<html>Unicorn!</html>")
    with pytest.raises(Unavailable, match=r"did not read issue #12 of acme/site: it answered 502"):
        connect(retry_within=30).issue(12)
    assert 15 < sum(clock.pauses) <= 30


def test_waits_are_the_same_when_repeated_and_differ_between_runs(
    api: Api, connect: Connect, clock: Any
) -> None:
    api.get(ISSUE, status=502)
    waits = []
    for seed in ("1", "1", "2"):
        clock.pauses.clear()
        with pytest.raises(Unavailable):
            connect(retry_within=5, jitter_seed=seed).issue(12)
        waits.append(list(clock.pauses))
    assert waits[0] == waits[1] != waits[2]


def test_a_5xx_that_names_a_time_is_asked_again_then(api: Api, connect: Connect, clock: Any) -> None:
    api.get(ISSUE, status=503, headers={"Retry-After": "9"})
    api.get(ISSUE, json={"number": 12})
    assert connect().issue(12).number == 12
    assert clock.pauses == [9]


Act = Callable[[GitHub], object]
LOST = [{"status": 502}, {"status": 200, "body": "<html>"}, {"body": requests.ConnectionError("gone")}]


@pytest.mark.parametrize("failure", LOST)
@pytest.mark.parametrize(
    ("url", "act"),
    [
        (COMMENTS, lambda forge: forge.comment(12, "x")),
        (f"{HOME}/issues", lambda forge: forge.create_issue("t", "b")),
        (f"{HOME}/milestones", lambda forge: forge.create_milestone("t", "")),
        (f"{HOME}/actions/workflows/w.yml/dispatches", lambda forge: forge.dispatch("w.yml", {})),
        (f"{API}/orgs/acme/repos", lambda forge: forge.create_repository("d")),
        (GRAPHQL, lambda forge: forge.pin_issue("I_12")),
    ],
)
def test_a_single_write_whose_answer_was_lost_is_not_repeated(
    url: str, act: Act, failure: dict[str, Any], api: Api, connect: Connect
) -> None:
    api.post(url, **failure)
    forge = connect(default_branch="main")
    with pytest.raises(Unavailable, match="Whether it was done is unknown"):
        act(forge)
    assert forge.requests == 1


@pytest.mark.parametrize("failure", LOST)
@pytest.mark.parametrize(
    ("verb", "url", "act"),
    [
        ("PATCH", ISSUE, lambda forge: forge.edit_issue(12, body="x")),
        ("PATCH", f"{HOME}/issues/comments/5", lambda forge: forge.edit_comment(5, "x")),
        ("POST", f"{HOME}/issues/comments/5/reactions", lambda forge: forge.react(5, "eyes")),
        ("POST", f"{ISSUE}/labels", lambda forge: forge.add_labels(12, ["a"])),
        ("DELETE", f"{ISSUE}/labels/a", lambda forge: forge.remove_label(12, "a")),
        ("POST", f"{HOME}/labels", lambda forge: forge.create_label("a", "ff0000", "")),
        ("POST", f"{HOME}/actions/runs/1/cancel", lambda forge: forge.cancel_run(1)),
    ],
)
def test_a_write_that_may_happen_twice_is_repeated(
    verb: str, url: str, act: Act, failure: dict[str, Any], api: Api, connect: Connect
) -> None:
    api.add(verb, url, **failure)
    api.add(verb, url, json={})
    forge = connect()
    act(forge)
    assert forge.requests == 2


# GraphQL


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ({"type": "NOT_FOUND", "message": "Could not resolve to a node"}, NotFound),
        ({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}, Forbidden),
        ({"type": "INSUFFICIENT_SCOPES", "message": "needs repo"}, Forbidden),
        ({"type": "UNPROCESSABLE", "message": "You may only pin 3 issues"}, Rejected),
        ({"message": 'Parse error on "}"'}, Rejected),
        ({"message": "Something went wrong while executing your query."}, Unavailable),
    ],
)
def test_graphql_errors_come_in_a_200(
    entry: dict[str, str], error: type[ForgeError], api: Api, connect: Connect
) -> None:
    api.post(GRAPHQL, json={"data": {"pinIssue": None}, "errors": [entry]})
    with pytest.raises(error) as raised:
        connect().pin_issue("I_12")
    assert entry["message"].rstrip(".") in str(raised.value)


@pytest.mark.parametrize("answer", [{"data": None}, {"data": {"viewer": None}}, [], {}, {"data": [1]}])
def test_graphql_answers_without_what_was_asked_for(answer: object, api: Api, connect: Connect) -> None:
    api.post(GRAPHQL, json=answer)
    with pytest.raises(Unavailable, match="documented form"):
        connect().whoami()


@pytest.mark.parametrize("answer", [{}, [], None, {"id": "x"}, {"id": 1, "created_at": "yesterday"}])
def test_rest_answers_without_what_was_asked_for(answer: object, api: Api, connect: Connect) -> None:
    api.post(COMMENTS, json=answer, status=201)
    with pytest.raises(Unavailable, match="documented form"):
        connect().comment(12, "x")


def test_a_page_that_is_no_list(api: Api, connect: Connect) -> None:
    api.get(f"{HOME}/labels", json={"labels": []})
    with pytest.raises(Unavailable, match="a list was expected"):
        connect().label_names()


# The clock, the spacing of writes


def test_now_is_githubs_clock_of_the_first_answer_plus_elapsed_time(
    api: Api, connect: Connect, clock: Any
) -> None:
    api.get(ISSUE, json={"number": 12}, headers=DATE)
    api.get(ISSUE, json={"number": 12}, headers={"Date": "Mon, 23 Nov 2026 09:00:00 GMT"})
    forge = connect()
    assert forge.now() is None
    forge.issue(12)
    clock.sleep(90)
    forge.issue(12)
    assert forge.now() == NOW + timedelta(seconds=90)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026 09:00:00 GMT"])
def test_an_unusable_date_is_no_clock(date: str, api: Api, connect: Connect) -> None:
    api.get(ISSUE, json={"number": 12}, headers={"Date": date})
    forge = connect()
    forge.issue(12)
    assert forge.now() is None


def test_a_refusal_tells_the_time_too(api: Api, connect: Connect) -> None:
    api.get(f"{HOME}/collaborators/mona/permission", json={}, status=404, headers=DATE)
    forge = connect()
    forge.role("mona")
    assert forge.now() == NOW


def test_writes_are_spaced_only_when_there_are_many(api: Api, connect: Connect, clock: Any) -> None:
    api.post(f"{ISSUE}/labels", json=[])
    api.get(ISSUE, json={"number": 12})
    forge = connect()
    for _ in range(30):
        forge.add_labels(12, ["a"])
    assert clock.pauses == []
    forge.add_labels(12, ["a"])
    forge.issue(12)
    assert clock.pauses == [1]
    clock.sleep(0.75)
    forge.add_labels(12, ["a"])
    assert clock.pauses == [1, 0.75, 0.25]


# The token and the other arguments


def test_the_token_is_in_no_message(api: Api, connect: Connect, token: str) -> None:
    leak = {"message": f"bad token {token}", "errors": [{"message": token}]}
    raised: list[BaseException] = []
    for status in (401, 422, 502, 429):
        api.upsert(responses.POST, COMMENTS, json=leak, status=status, headers={"Retry-After": "99"})
        with pytest.raises(ForgeError) as info:
            connect().comment(12, "x")
        raised.append(info.value)
    api.upsert(responses.POST, COMMENTS, body=requests.ConnectionError(f"cannot send {token}"))
    with pytest.raises(ForgeError) as info:
        connect().comment(12, "x")
    raised.append(info.value)
    for error in raised:
        assert token not in f"{error}{error!r}{error.__cause__!r}{vars(error)}"
    assert "bad token ***" in str(raised[0])
    assert token not in repr(connect())


def test_the_token_is_in_no_log(server: Any, connect: Connect, token: str, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    server.script = [server.answer(200, {"number": 12, "title": "A title"})]
    connect(api_url=server.url).issue(12)
    assert "/issues/12" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("token", ["", " ", "ghs_a\n", "ghs a", "ghs_ü"])
def test_unusable_tokens(token: str, connect: Connect) -> None:
    with pytest.raises(UsageError, match="GITHUB_TOKEN") as raised:
        connect(token=token)
    assert not token.strip() or token.strip() not in str(raised.value)


@pytest.mark.parametrize("name", ["", "site", "acme/", "/site", "a/b/c", "acme/..", "./site", "acme/s ite"])
def test_unusable_repositories(name: str, connect: Connect) -> None:
    with pytest.raises(UsageError, match="owner/name"):
        connect(name)


@pytest.mark.parametrize("url", ["", "api.github.com", "ftp://x", "https://", "https://a:b@x", "http://x:y"])
def test_unusable_addresses(url: str, connect: Connect) -> None:
    with pytest.raises(UsageError, match="GITHUB_API_URL") as raised:
        connect(api_url=url)
    assert "a:b" not in str(raised.value)


def test_a_word_given_as_token_does_not_garble_the_message(api: Api, connect: Connect) -> None:
    api.get(ISSUE, json={"message": "Bad credentials"}, status=401)
    with pytest.raises(Forbidden, match="The token is wrong, expired or revoked"):
        connect(token="wrong").issue(12)


def _comment() -> dict[str, Any]:
    return {
        "id": 501,
        "created_at": "2026-11-23T07:21:42Z",
        "updated_at": "2026-11-23T07:21:42Z",
        "issue_url": ISSUE,
    }


def test_who_looks_again_and_again_takes_a_later_clock_and_never_an_earlier_one(
    api: Api, connect: Connect, clock: Any
) -> None:
    api.get(ISSUE, json={"number": 12}, headers=DATE)
    api.get(ISSUE, json={"number": 12}, headers={"Date": "Mon, 23 Nov 2026 09:00:00 GMT"})
    api.get(ISSUE, json={"number": 12}, headers=DATE)
    forge = connect()
    forge.issue(12)
    forge.set_clock_anew()
    forge.issue(12)
    assert forge.now() == NOW + timedelta(hours=2)
    forge.set_clock_anew()
    clock.sleep(30)
    forge.issue(12)
    assert forge.now() == NOW + timedelta(hours=2, seconds=30)
