"""What a subscriber is told: events and payloads as GitHub's webhooks have them."""

from __future__ import annotations

from githubkit_schemas.v2026_03_10 import models
from pydantic import BaseModel

from bot.hub.data.records import HubEvent
from tests.hub.driver import APP, BOT, MAIN, Hub


def test_a_comment_is_told_with_issue_repository_and_sender(hub: Hub) -> None:
    hub.issue("ada", "An idea", body="Body")
    events = hub.told()
    comment = hub.call("rita", "POST", f"{MAIN}/issues/1/comments", {"body": "/help"}).json()
    (event,) = events
    assert (event.name, event.action, event.repository, event.actor) == (
        "issue_comment",
        "created",
        "acme/factory",
        "rita",
    )
    assert set(event.payload) == {"action", "issue", "comment", "repository", "sender"}
    assert event.payload["comment"] == comment
    assert event.payload["issue"]["comments"] == 1
    assert event.payload["issue"]["title"] == "An idea"
    assert event.payload["repository"]["full_name"] == "acme/factory"
    assert event.payload["sender"]["login"] == "rita"


def test_changes_of_an_issue_are_told_one_by_one(hub: Hub) -> None:
    events = hub.told()
    hub.issue("tim", labels=["idea"])
    hub.call("tim", "PUT", f"{MAIN}/issues/1/labels", {"labels": ["priority:high"]})
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "closed"})
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "closed"})
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "open"})
    assert [(event.action, event.payload.get("label", {}).get("name")) for event in events] == [
        ("opened", None),
        ("labeled", "idea"),
        ("unlabeled", "idea"),
        ("labeled", "priority:high"),
        ("closed", None),
        ("reopened", None),
    ]
    assert {event.name for event in events} == {"issues"}
    assert events[-2].payload["issue"]["state"] == "closed"


def test_the_bots_own_doing_is_told_to_nobody_but_dispatches(hub: Hub) -> None:
    events = hub.told()
    hub.issue(BOT)
    hub.call(BOT, "POST", f"{MAIN}/issues/1/comments", {"body": "done"})
    hub.call(BOT, "POST", f"{MAIN}/issues/1/labels", {"labels": ["stage:genesis"]})
    hub.call(BOT, "PATCH", f"{MAIN}/issues/1", {"state": "closed"})
    assert events == []
    body = {"ref": "main", "inputs": {"assignment": "a-1"}}
    hub.call(BOT, "POST", f"{MAIN}/actions/workflows/worker.yml/dispatches", body)
    (event,) = events
    assert event.name == "workflow_dispatch"
    assert event.payload["inputs"] == {"assignment": "a-1"}
    assert event.payload["ref"] == "refs/heads/main"
    assert event.payload["workflow"] == ".github/workflows/worker.yml"
    assert event.payload["sender"]["type"] == "Bot"
    assert event.run_id is not None
    assert hub.world.runs.by_id(event.run_id).title == "a-1"


def test_another_app_is_told_about_as_a_bot(hub: Hub) -> None:
    hub.issue()
    events = hub.told()
    hub.call(APP, "POST", f"{MAIN}/issues/1/comments", {"body": "hello"})
    assert [event.payload["comment"]["user"]["type"] for event in events] == ["Bot"]


def test_what_is_refused_is_not_told(hub: Hub) -> None:
    hub.issue()
    events = hub.told()
    hub.call("rita", "POST", f"{MAIN}/issues/1/labels", {"labels": ["x"]})
    hub.call("tim", "POST", f"{MAIN}/issues/1/labels", {"labels": ["x", "y" * 51]})
    assert events == []
    assert hub.call("ada", "GET", f"{MAIN}/issues/1").json()["labels"] == []


def test_one_subscribers_defect_stops_nobody_else(hub: Hub) -> None:
    def broken(event: HubEvent) -> None:
        raise RuntimeError(event.action)

    hub.world.subscribe(broken)
    events = hub.told()
    assert hub.issue()["number"] == 1
    assert [event.action for event in events] == ["opened"]


def test_a_subscription_ends(hub: Hub) -> None:
    events: list[HubEvent] = []
    end = hub.world.subscribe(events.append)
    hub.issue()
    end()
    end()
    hub.issue()
    assert len(events) == 1


def test_payloads_have_every_field_that_github_describes(hub: Hub) -> None:
    events = hub.told()
    hub.issue("ada", body="b", labels=["x"])
    hub.call("ada", "POST", f"{MAIN}/issues/1/comments", {"body": "c"})
    hub.call("ada", "DELETE", f"{MAIN}/issues/1/labels/x")
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "closed"})
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "open"})
    hub.call("ada", "POST", f"{MAIN}/actions/workflows/worker.yml/dispatches", {"ref": "main"})
    described: dict[str, type[BaseModel]] = {
        "issues.opened": models.WebhookIssuesOpened,
        "issues.labeled": models.WebhookIssuesLabeled,
        "issues.unlabeled": models.WebhookIssuesUnlabeled,
        "issues.closed": models.WebhookIssuesClosed,
        "issues.reopened": models.WebhookIssuesReopened,
        "issue_comment.created": models.WebhookIssueCommentCreated,
        "workflow_dispatch.": models.WebhookWorkflowDispatch,
    }
    assert {f"{event.name}.{event.action}" for event in events} == set(described)
    for event in events:
        described[f"{event.name}.{event.action}"].model_validate(event.payload)
