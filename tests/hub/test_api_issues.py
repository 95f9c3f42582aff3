"""Issues, comments, reactions, labels and milestones over REST, with who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.hub.data.records import to_text
from tests.hub.driver import BOT, MAIN, Hub

Json = dict[str, Any]


def test_an_issue_is_filed_read_and_edited(hub: Hub) -> None:
    issue = hub.issue("wendy", "An idea", body="Make it **so**.", labels=["idea"])
    assert issue["number"] == 1
    assert issue["user"]["login"] == "wendy"
    assert [label["color"] for label in issue["labels"]] == ["ededed"]
    edited = hub.call("wendy", "PATCH", f"{MAIN}/issues/1", {"title": "A plan", "state": "closed"}).json()
    assert (edited["title"], edited["state"], edited["state_reason"]) == ("A plan", "closed", "completed")
    assert edited["closed_by"]["login"] == "wendy"
    assert edited["body"] == "Make it **so**."
    reopened = hub.call("wendy", "PATCH", f"{MAIN}/issues/1", {"state": "open"}).json()
    assert (reopened["state"], reopened["state_reason"], reopened["closed_at"]) == ("open", "reopened", None)


def test_ids_grow_over_the_whole_hub(hub: Hub) -> None:
    first = hub.issue()
    comment = hub.call("ada", "POST", f"{MAIN}/issues/1/comments", {"body": "x"}).json()
    label = hub.call("ada", "POST", f"{MAIN}/labels", {"name": "l", "color": "ff0000"}).json()
    second = hub.issue()
    ids = [first["id"], comment["id"], label["id"], second["id"]]
    assert ids == sorted(set(ids))


def test_who_may_not_label_files_issues_without_labels(hub: Hub) -> None:
    assert hub.issue("rita", labels=["idea"], assignees=["ada"])["labels"] == []
    assert hub.issue("tim", labels=["idea"])["labels"][0]["name"] == "idea"


@pytest.mark.parametrize(("login", "status"), [("stan", 403), ("rita", 403), ("tim", 200), (BOT, 200)])
def test_labelling_and_closing_take_triage(hub: Hub, login: str, status: int) -> None:
    hub.issue("ada")
    assert hub.call(login, "POST", f"{MAIN}/issues/1/labels", {"labels": ["a"]}).status_code == status
    assert hub.call(login, "PATCH", f"{MAIN}/issues/1", {"state": "closed"}).status_code == status


@pytest.mark.parametrize(("login", "status"), [("tim", 403), ("wendy", 201), (BOT, 201)])
def test_defining_a_label_takes_write(hub: Hub, login: str, status: int) -> None:
    body = {"name": "stage:genesis", "color": "1d76db", "description": "Stage"}
    assert hub.call(login, "POST", f"{MAIN}/labels", body).status_code == status


@pytest.mark.parametrize("login", ["stan", "rita", "ada"])
def test_anybody_may_comment_and_close_an_own_issue(hub: Hub, login: str) -> None:
    hub.issue(login)
    assert hub.call(login, "POST", f"{MAIN}/issues/1/comments", {"body": "hello"}).status_code == 201
    assert hub.call(login, "PATCH", f"{MAIN}/issues/1", {"state": "closed"}).json()["state"] == "closed"


def test_labels_of_an_issue_are_added_replaced_and_removed(hub: Hub) -> None:
    hub.issue()
    path = f"{MAIN}/issues/1/labels"

    def names(answer: Any) -> list[str]:
        return [label["name"] for label in answer.json()]

    assert names(hub.call("ada", "POST", path, {"labels": ["b", "a/c"]})) == ["a/c", "b"]
    assert names(hub.call("ada", "POST", path, ["b", "B"])) == ["a/c", "b"]
    assert names(hub.call("ada", "DELETE", f"{path}/a%2Fc")) == ["b"]
    assert hub.call("ada", "DELETE", f"{path}/a%2Fc").json()["message"] == "Label does not exist"
    assert names(hub.call("ada", "PUT", path, {"labels": ["x", "y"]})) == ["x", "y"]
    assert hub.call("ada", "DELETE", path).status_code == 204
    assert names(hub.call("ada", "GET", path)) == []


def test_limits_of_texts_and_labels(hub: Hub) -> None:
    hub.issue()
    comments = f"{MAIN}/issues/1/comments"
    assert hub.call("ada", "POST", comments, {"body": "x" * 65_536}).status_code == 201
    assert hub.call("ada", "POST", comments, {"body": "x" * 65_537}).status_code == 422
    assert hub.call("ada", "POST", comments, {"body": " "}).status_code == 422
    assert hub.call("ada", "POST", f"{MAIN}/labels", {"name": "n" * 51}).status_code == 422
    assert hub.call("ada", "POST", f"{MAIN}/labels", {"name": "n" * 50}).status_code == 201
    many = [f"l{number}" for number in range(101)]
    assert hub.call("ada", "POST", f"{MAIN}/issues/1/labels", {"labels": many}).status_code == 422
    assert hub.call("ada", "GET", f"{MAIN}/issues/1/labels").json() == []
    assert hub.call("ada", "POST", f"{MAIN}/issues/1/labels", {"labels": many[:100]}).status_code == 200


def test_lists_of_issues_are_filtered_and_sorted(hub: Hub) -> None:
    hub.issue("ada", "one", labels=["idea", "big"])
    hub.issue("rita", "two")
    hub.issue("ada", "three", labels=["idea"])
    hub.call("ada", "PATCH", f"{MAIN}/issues/3", {"state": "closed"})

    def titles(**query: str) -> list[str]:
        answer = hub.call("rita", "GET", f"{MAIN}/issues", params=query)
        assert answer.status_code == 200, answer.text
        return [issue["title"] for issue in answer.json()]

    assert titles() == ["two", "one"]
    assert titles(state="all", direction="asc") == ["one", "two", "three"]
    assert titles(state="closed") == ["three"]
    assert titles(state="all", labels="idea") == ["three", "one"]
    assert titles(labels="idea,big") == ["one"]
    assert titles(creator="rita") == ["two"]
    hub.world.forward(60)
    hub.call("ada", "POST", f"{MAIN}/issues/1/comments", {"body": "x"})
    assert titles(sort="updated") == ["one", "two"]
    recently = to_text(hub.world.clock.now() - timedelta(seconds=30))
    assert titles(since=recently) == ["one"]
    assert hub.call("ada", "GET", f"{MAIN}/issues", params={"state": "shut"}).status_code == 422


def test_comments_are_listed_by_time_of_change(hub: Hub) -> None:
    hub.issue()
    ids = []
    for text in ("first", "second", "third"):
        ids.append(hub.call("rita", "POST", f"{MAIN}/issues/1/comments", {"body": text}).json()["id"])
        hub.world.forward(10)
    changed = hub.call("rita", "PATCH", f"{MAIN}/issues/comments/{ids[0]}", {"body": "first!"}).json()
    assert changed["updated_at"] > changed["created_at"]

    def bodies(**query: str) -> list[str]:
        return [
            each["body"] for each in hub.call("ada", "GET", f"{MAIN}/issues/comments", params=query).json()
        ]

    assert bodies() == ["first!", "second", "third"]
    assert bodies(sort="updated", direction="asc") == ["second", "third", "first!"]
    assert bodies(sort="updated", direction="desc", since=changed["updated_at"]) == ["first!"]
    on_issue = hub.call("ada", "GET", f"{MAIN}/issues/1/comments", params={"per_page": 2})
    assert [each["body"] for each in on_issue.json()] == ["first!", "second"]


def test_others_comments_are_edited_and_deleted_with_write_only(hub: Hub) -> None:
    hub.issue()
    comment = hub.call("rita", "POST", f"{MAIN}/issues/1/comments", {"body": "mine"}).json()
    path = f"{MAIN}/issues/comments/{comment['id']}"
    assert hub.call("tim", "PATCH", path, {"body": "yours"}).status_code == 403
    assert hub.call("wendy", "PATCH", path, {"body": "ours"}).json()["body"] == "ours"
    assert hub.call("tim", "DELETE", path).status_code == 403
    assert hub.call("rita", "DELETE", path).status_code == 204
    assert hub.call("rita", "GET", path).status_code == 404


def test_a_reaction_counts_once_and_can_be_taken_back(hub: Hub) -> None:
    hub.issue()
    comment = hub.call("ada", "POST", f"{MAIN}/issues/1/comments", {"body": "x"}).json()
    for path in (f"{MAIN}/issues/1/reactions", f"{MAIN}/issues/comments/{comment['id']}/reactions"):
        first = hub.call("stan", "POST", path, {"content": "rocket"})
        again = hub.call("stan", "POST", path, {"content": "rocket"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert hub.call("stan", "POST", path, {"content": "tada"}).status_code == 422
        assert len(hub.call("ada", "GET", path).json()) == 1
        assert hub.call("ada", "DELETE", f"{path}/{first.json()['id']}").status_code == 404
        assert hub.call("stan", "DELETE", f"{path}/{first.json()['id']}").status_code == 204
        assert hub.call("ada", "GET", path).json() == []


def test_label_definitions(hub: Hub) -> None:
    hub.issue(labels=["old"])
    created = hub.call(
        "wendy", "POST", f"{MAIN}/labels", {"name": "new", "color": "FF0000", "description": "d"}
    )
    assert created.json()["color"] == "ff0000"
    twice = hub.call("wendy", "POST", f"{MAIN}/labels", {"name": "NEW", "color": "00ff00"})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "already_exists")
    assert hub.call("wendy", "POST", f"{MAIN}/labels", {"name": "x", "color": "red"}).status_code == 422
    renamed = hub.call("wendy", "PATCH", f"{MAIN}/labels/old", {"new_name": "older", "color": "00ff00"})
    assert renamed.json()["name"] == "older"
    assert hub.call("rita", "GET", f"{MAIN}/issues/1").json()["labels"][0]["name"] == "older"
    assert hub.call("wendy", "DELETE", f"{MAIN}/labels/older").status_code == 204
    assert hub.call("rita", "GET", f"{MAIN}/issues/1").json()["labels"] == []
    assert [each["name"] for each in hub.call("rita", "GET", f"{MAIN}/labels").json()] == ["new"]


def test_milestones(hub: Hub) -> None:
    body = {"title": "MVP", "description": "First", "due_on": "2027-01-01T00:00:00Z"}
    assert hub.call("rita", "POST", f"{MAIN}/milestones", body).status_code == 403
    created = hub.call("tim", "POST", f"{MAIN}/milestones", body).json()
    assert (created["number"], created["due_on"]) == (1, "2027-01-01T00:00:00Z")
    assert hub.call("tim", "POST", f"{MAIN}/milestones", body).status_code == 422
    issue = hub.issue(milestone=1)
    assert issue["milestone"]["title"] == "MVP"
    assert hub.call("tim", "GET", f"{MAIN}/milestones/1").json()["open_issues"] == 1
    closed = hub.call("tim", "PATCH", f"{MAIN}/milestones/1", {"state": "closed"}).json()
    assert closed["closed_at"]
    assert hub.call("tim", "GET", f"{MAIN}/milestones").json() == []
    assert len(hub.call("tim", "GET", f"{MAIN}/milestones", params={"state": "all"}).json()) == 1
    assert hub.call("tim", "PATCH", f"{MAIN}/issues/1", {"milestone": 9}).status_code == 422
    assert hub.call("tim", "PATCH", f"{MAIN}/issues/1", {"milestone": None}).json()["milestone"] is None


def test_issue_events_tell_who_did_what_with_stable_ids(hub: Hub) -> None:
    hub.issue("rita")
    hub.call("tim", "POST", f"{MAIN}/issues/1/labels", {"labels": ["priority:high"]})
    hub.call("tim", "DELETE", f"{MAIN}/issues/1/labels/priority:high")
    hub.call("wendy", "PATCH", f"{MAIN}/issues/1", {"state": "closed", "state_reason": "not_planned"})
    hub.call("rita", "PATCH", f"{MAIN}/issues/1", {"state": "open"})
    listed: list[Json] = hub.call("ada", "GET", f"{MAIN}/issues/1/events").json()
    assert [(event["event"], event["actor"]["login"]) for event in listed] == [
        ("labeled", "tim"),
        ("unlabeled", "tim"),
        ("closed", "wendy"),
        ("reopened", "rita"),
    ]
    assert listed[0]["label"] == {"name": "priority:high", "color": "ededed"}
    of_repository: list[Json] = hub.call("ada", "GET", f"{MAIN}/issues/events").json()
    assert [event["id"] for event in of_repository] == [event["id"] for event in reversed(listed)]
    assert of_repository[0]["issue"]["number"] == 1
    one = hub.call("ada", "GET", f"{MAIN}/issues/events/{listed[2]['id']}").json()
    assert one["event"] == "closed"
    hub.call("tim", "POST", f"{MAIN}/issues/1/labels", {"labels": ["x"]})
    hub.call("tim", "POST", f"{MAIN}/issues/1/labels", {"labels": ["x"]})
    assert len(hub.call("ada", "GET", f"{MAIN}/issues/1/events").json()) == 5


def test_a_private_repository_is_404_for_strangers(hub: Hub) -> None:
    hub.issue("ada")
    assert hub.call("ada", "PATCH", MAIN, {"private": True}).json()["private"] is True
    for path in (MAIN, f"{MAIN}/issues/1", f"{MAIN}/contents/README.md"):
        assert hub.call("stan", "GET", path).status_code == 404
        assert hub.call("", "GET", path).status_code == 404
        assert hub.call("rita", "GET", path).status_code == 200
    assert hub.call("stan", "POST", f"{MAIN}/issues/1/comments", {"body": "x"}).status_code == 404
