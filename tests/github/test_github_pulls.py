"""How pull requests stand, by answers of GitHub that are not whole or not what was hoped for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import responses

from bot.adapters.github.forge import GitHub
from bot.domain.errors import Forbidden, Rejected

API = "https://api.github.com"
GRAPHQL = f"{API}/graphql"
Connect = Callable[..., GitHub]


def pull(number: int, *reviews: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": number,
        "url": f"https://github.com/acme/site/pull/{number}",
        "state": "OPEN",
        "headRefOid": "a" * 40,
        "headRefName": "orchestrator/page",
        "mergeable": "MERGEABLE",
        "mergeStateStatus": "CLEAN",
        "commits": {"nodes": [{"commit": {"parents": {"nodes": []}, "statusCheckRollup": None}}]},
        "latestOpinionatedReviews": {"nodes": list(reviews)},
    }


def review(login: str | None, id_: str | None, **changes: Any) -> dict[str, Any]:
    author = {"__typename": "User", "login": login} if login else None
    values = {"fullDatabaseId": id_, "state": "CHANGES_REQUESTED", "body": "no", "author": author}
    return {**values, "comments": {"nodes": []}, **changes}


def answer(api: responses.RequestsMock, *pulls: dict[str, Any] | None, errors: Any = None) -> None:
    data = {f"r{place}": {"pullRequest": one} if one else None for place, one in enumerate(pulls)}
    api.post(GRAPHQL, json={"data": data, **({"errors": errors} if errors else {})})


@pytest.mark.parametrize("kind", ["NOT_FOUND", "FORBIDDEN"])
def test_one_that_may_not_be_seen_hides_no_other_and_costs_no_request_of_its_own(
    kind: str, api: responses.RequestsMock, connect: Connect
) -> None:
    answer(api, pull(7), None, errors=[{"type": kind, "path": ["r1"], "message": "no"}])
    found = connect().pulls_of({"acme/site": [7], "acme/gone": [1]})
    assert list(found) == [("acme/site", 7)]
    assert len(api.calls) == 1


def test_one_whose_checks_may_not_be_seen_is_not_taken_for_one_without_checks(
    api: responses.RequestsMock, connect: Connect
) -> None:
    path = ["r0", "pullRequest", "commits", "nodes", 0, "commit", "statusCheckRollup"]
    answer(api, pull(7), pull(8), errors=[{"type": "FORBIDDEN", "path": path, "message": "no"}])
    assert list(connect().pulls([7, 8])) == [8]


def test_a_refusal_of_the_whole_question_is_one(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(GRAPHQL, json={"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]})
    with pytest.raises(Forbidden, match="pull requests: read"):
        connect().pulls([7])


def test_ids_beyond_32_bits_and_many_people_who_ask_for_changes(
    api: responses.RequestsMock, connect: Connect
) -> None:
    asked = [review(f"person-{number:02}", str(3_000_000_000 + number)) for number in range(30)]
    answer(api, pull(7, *asked))
    found = connect().pulls([7])[7].requested
    assert (len(found), found[-1].id) == (30, 3_000_000_029)


def test_only_people_ask_for_changes(api: responses.RequestsMock, connect: Connect) -> None:
    own = review("the-bot", "1", body="<!-- orchestrator:review a-page-1/page/abc/changes -->\nNo.")
    bot = review("x", "2", author={"__typename": "Bot", "login": "x"})
    answer(api, pull(7, own, bot, review("wendy", "3", state="APPROVED"), review(None, "4")))
    assert [(one.author, one.id) for one in connect().pulls([7])[7].requested] == [("ghost", 4)]
    query = json.loads(api.calls[0].request.body or "")["query"]
    assert "latestOpinionatedReviews(first: 30, writersOnly: true)" in query


def test_an_answer_that_makes_no_sense_is_left_out_alone(
    api: responses.RequestsMock, connect: Connect
) -> None:
    answer(api, pull(7, review("wendy", None)), pull(8), {**pull(9), "headRefOid": "a" * 65})
    assert list(connect().pulls([7, 8, 9])) == [8]


def test_a_merge_that_is_refused_where_the_pull_request_is_gone(
    api: responses.RequestsMock, connect: Connect
) -> None:
    api.put(f"{API}/repos/acme/site/pulls/7/merge", json={"message": "not mergeable"}, status=405)
    answer(api, None, errors=[{"type": "NOT_FOUND", "path": ["r0"], "message": "no"}])
    with pytest.raises(Rejected, match="not mergeable"):
        connect().merge_pull(7, "a" * 40, "squash", "Title")
