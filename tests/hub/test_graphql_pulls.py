"""Pull requests over GraphQL: one query for all that decides about merging, several at once by aliases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.driver import APP, BOT, MAIN, Hub, branch, clone, head_of, pull

FIELDS = """
fragment facts on PullRequest {
  number title state merged mergedAt mergeable mergeStateStatus reviewDecision headRefOid headRefName
  baseRefName url isDraft author { __typename login } mergeCommit { oid }
  closingIssuesReferences(first: 10) { nodes { number state } totalCount }
  commits(last: 1) { nodes { commit { oid statusCheckRollup { state contexts(first: 20) { nodes {
    __typename
    ... on StatusContext { context state description targetUrl }
    ... on CheckRun { name conclusion status detailsUrl title summary }
  } } } } } }
  reviews(last: 10) { nodes { author { login } authorAssociation state body submittedAt url
    comments(first: 20) { nodes { path line body } } } }
}
"""
ONE = (
    FIELDS
    + """
query ($number: Int!) {
  repository(owner: "acme", name: "factory") { pullRequest(number: $number) { ...facts } }
}
"""
)


@pytest.fixture
def work(hub: Hub, tmp_path: Path) -> Path:
    folder = clone(hub, tmp_path / "work")
    branch(hub, folder, "topic", {"a.txt": "one\n", "b.txt": "two\n"})
    return folder


def facts(hub: Hub, number: int = 1) -> Any:
    answer = hub.graphql("rita", ONE, number=number)
    assert "errors" not in answer, answer
    return answer["data"]["repository"]["pullRequest"]


def test_an_open_pull_request(hub: Hub, work: Path) -> None:
    hub.issue()
    pull(hub, BOT, body="Closes #1")
    shown = facts(hub, 2)
    assert (shown["state"], shown["merged"], shown["mergeable"]) == ("OPEN", False, "MERGEABLE")
    assert (shown["mergeStateStatus"], shown["reviewDecision"]) == ("CLEAN", None)
    assert shown["author"] == {"__typename": "Bot", "login": "github-actions"}
    assert shown["headRefOid"] == head_of(hub, "topic")
    assert shown["closingIssuesReferences"] == {"nodes": [{"number": 1, "state": "OPEN"}], "totalCount": 1}
    (last,) = shown["commits"]["nodes"]
    assert last["commit"] == {"oid": head_of(hub, "topic"), "statusCheckRollup": None}


def test_statuses_reviews_and_the_decision(hub: Hub, work: Path) -> None:
    pull(hub)
    rules = {
        "required_status_checks": {"strict": False, "contexts": ["ci"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    hub.call("ada", "PUT", f"{MAIN}/branches/main/protection", rules)
    assert (facts(hub)["mergeStateStatus"], facts(hub)["reviewDecision"]) == ("BLOCKED", "REVIEW_REQUIRED")
    status = {"state": "failure", "context": "ci", "description": "2 failed", "target_url": "http://x/1"}
    hub.call(BOT, "POST", f"{MAIN}/statuses/{head_of(hub, 'topic')}", status)
    remark = {"path": "a.txt", "line": 1, "body": "Hm."}
    review = {"event": "REQUEST_CHANGES", "body": "No.", "comments": [remark]}
    hub.call("max", "POST", f"{MAIN}/pulls/1/reviews", review)
    shown = facts(hub)
    assert shown["reviewDecision"] == "CHANGES_REQUESTED"
    rollup = shown["commits"]["nodes"][0]["commit"]["statusCheckRollup"]
    assert rollup == {
        "state": "FAILURE",
        "contexts": {
            "nodes": [
                {
                    "__typename": "StatusContext",
                    "context": "ci",
                    "state": "FAILURE",
                    "description": "2 failed",
                    "targetUrl": "http://x/1",
                }
            ]
        },
    }
    (given,) = shown["reviews"]["nodes"]
    assert (given["author"]["login"], given["state"], given["body"]) == ("max", "CHANGES_REQUESTED", "No.")
    assert given["comments"]["nodes"] == [{"path": "a.txt", "line": 1, "body": "Hm."}]
    status["state"] = "success"
    hub.call(BOT, "POST", f"{MAIN}/statuses/{head_of(hub, 'topic')}", status)
    hub.call("max", "POST", f"{MAIN}/pulls/1/reviews", {"event": "APPROVE"})
    assert (facts(hub)["mergeStateStatus"], facts(hub)["reviewDecision"]) == ("CLEAN", "APPROVED")


def test_a_conflict_and_a_merge(hub: Hub, work: Path) -> None:
    branch(hub, work, "other", {"a.txt": "other\n"})
    pull(hub)
    pull(hub, head="other")
    sha = hub.call("wendy", "PUT", f"{MAIN}/pulls/1/merge", {}).json()["sha"]
    merged, conflicting = facts(hub, 1), facts(hub, 2)
    assert (merged["state"], merged["merged"], merged["mergeCommit"]) == ("MERGED", True, {"oid": sha})
    assert merged["mergedAt"] is not None
    assert (conflicting["mergeable"], conflicting["mergeStateStatus"]) == ("CONFLICTING", "DIRTY")


def test_several_repositories_and_numbers_in_one_query(hub: Hub, work: Path) -> None:
    hub.call(APP, "POST", "/orgs/acme/repos", {"name": "hello", "auto_init": True})
    hub.issue()
    pull(hub)
    query = (
        FIELDS
        + """
    query {
      a: repository(owner: "acme", name: "factory") {
        two: pullRequest(number: 2) { ...facts }
        one: pullRequest(number: 1) { number }
        issue(number: 2) { number }
        pullRequests(first: 5, states: [OPEN], headRefName: "topic") { nodes { number } totalCount }
      }
      b: repository(owner: "acme", name: "hello") { pullRequests(first: 5) { totalCount } }
    }
    """
    )
    answer = hub.graphql("rita", query)
    a = answer["data"]["a"]
    assert (a["two"]["number"], a["one"], a["issue"]) == (2, None, None)
    assert a["pullRequests"] == {"nodes": [{"number": 2}], "totalCount": 1}
    assert answer["data"]["b"] == {"pullRequests": {"totalCount": 0}}
    assert [(error["type"], error["path"][-1]) for error in answer["errors"]] == [
        ("NOT_FOUND", "one"),
        ("NOT_FOUND", "issue"),
    ]
    assert answer["errors"][0]["message"] == "Could not resolve to a PullRequest with the number of 1."


def test_the_last_nodes_are_the_newest(hub: Hub, work: Path) -> None:
    pull(hub)
    for number in range(3):
        hub.call("max", "POST", f"{MAIN}/pulls/1/reviews", {"event": "COMMENT", "body": str(number)})
    query = """query { repository(owner: "acme", name: "factory") { pullRequest(number: 1) {
      reviews(last: 2) { nodes { body } pageInfo { hasPreviousPage startCursor } } } } }"""
    page = hub.graphql("rita", query)["data"]["repository"]["pullRequest"]["reviews"]
    assert [node["body"] for node in page["nodes"]] == ["1", "2"]
    assert page["pageInfo"] == {"hasPreviousPage": True, "startCursor": "2"}


def test_reactions_of_comments_are_found_by_their_ids(hub: Hub) -> None:
    issue = hub.call("wendy", "POST", f"{MAIN}/issues", {"title": "x"}).json()["number"]
    made = hub.call("wendy", "POST", f"{MAIN}/issues/{issue}/comments", {"body": "done"}).json()
    for login in ("ada", "rita"):
        path = f"{MAIN}/issues/comments/{made['id']}/reactions"
        assert hub.call(login, "POST", path, {"content": "+1"}).status_code == 201
    query = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment {
        id fullDatabaseId reactionGroups { content viewerHasReacted reactors { totalCount } } } } }"""
    answer = hub.graphql("rita", query, ids=[made["node_id"], "IC_999999"])
    found, missing = answer["data"]["nodes"]
    assert (found["id"], found["fullDatabaseId"]) == (made["node_id"], str(made["id"]))
    groups = {
        one["content"]: (one["reactors"]["totalCount"], one["viewerHasReacted"])
        for one in found["reactionGroups"]
    }
    assert groups["THUMBS_UP"] == (2, True)
    assert groups["THUMBS_DOWN"] == (0, False)
    assert len(groups) == 8
    assert missing is None
    assert [(one["type"], one["path"]) for one in answer["errors"]] == [("NOT_FOUND", ["nodes", 1])]
    shown = hub.call("rita", "GET", f"{MAIN}/issues/comments/{made['id']}").json()["reactions"]
    assert (shown["+1"], shown["-1"], shown["total_count"]) == (2, 0, 2)
