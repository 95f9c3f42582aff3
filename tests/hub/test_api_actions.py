"""Workflow dispatches and runs over REST, and GraphQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.hub.data.records import to_text
from tests.hub.driver import BOT, MAIN, Hub

WORKER = f"{MAIN}/actions/workflows/worker.yml"


def dispatch(hub: Hub, login: str = BOT, **inputs: str) -> int:
    body = {"ref": "main", "inputs": inputs, "return_run_details": True}
    answer = hub.call(login, "POST", f"{WORKER}/dispatches", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["run_url"].endswith(f"/actions/runs/{answer.json()['workflow_run_id']}")
    return int(answer.json()["workflow_run_id"])


def test_a_dispatch_makes_a_queued_run_named_after_its_assignment(hub: Hub) -> None:
    run = hub.call("rita", "GET", f"{MAIN}/actions/runs/{dispatch(hub, assignment='a-1')}").json()
    assert (run["display_title"], run["status"], run["conclusion"]) == ("a-1", "queued", None)
    assert (run["event"], run["actor"]["login"], run["path"]) == (
        "workflow_dispatch",
        BOT,
        ".github/workflows/worker.yml",
    )
    unnamed = hub.call("rita", "GET", f"{MAIN}/actions/runs/{dispatch(hub)}").json()
    assert (unnamed["display_title"], unnamed["run_number"]) == ("worker", 2)


def test_without_the_wish_for_details_a_dispatch_is_204(hub: Hub) -> None:
    answer = hub.call(BOT, "POST", f"{WORKER}/dispatches", {"ref": "main"})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(("login", "status"), [("", 401), ("stan", 403), ("tim", 403), ("wendy", 204)])
def test_dispatching_takes_write(hub: Hub, login: str, status: int) -> None:
    assert hub.call(login, "POST", f"{WORKER}/dispatches", {"ref": "main"}).status_code == status


@pytest.mark.parametrize(
    "inputs",
    [{f"i{number}": "x" for number in range(26)}, {"big": "x" * 65_536}, {"nested": {"a": 1}}, ["list"]],
)
def test_inputs_have_githubs_limits(hub: Hub, inputs: object) -> None:
    assert hub.call(BOT, "POST", f"{WORKER}/dispatches", {"ref": "main", "inputs": inputs}).status_code == 422
    fits = {f"i{number}": "x" for number in range(25)}
    assert hub.call(BOT, "POST", f"{WORKER}/dispatches", {"ref": "main", "inputs": fits}).status_code == 204


def test_a_ref_or_file_that_is_not_there(hub: Hub) -> None:
    gone = hub.call(BOT, "POST", f"{WORKER}/dispatches", {"ref": "gone"})
    assert (gone.status_code, gone.json()["message"]) == (422, "No ref found for: gone")
    other = f"{MAIN}/actions/workflows/..%2Fetc/dispatches"
    assert hub.call(BOT, "POST", other, {"ref": "main"}).status_code == 404


def test_runs_are_filtered(hub: Hub) -> None:
    first = dispatch(hub, assignment="a-1")
    hub.world.forward(3600)
    second = dispatch(hub, "wendy", assignment="a-2")
    monitor = f"{MAIN}/actions/workflows/monitor.yml"
    hub.call(BOT, "POST", f"{monitor}/dispatches", {"ref": "main"})
    hub.world.runs.start(second)
    hub.world.runs.finish(second, "success")

    def titles(path: str = f"{MAIN}/actions/runs", **query: str) -> list[str]:
        shown = hub.call("rita", "GET", path, params=query).json()
        assert shown["total_count"] == len(shown["workflow_runs"])
        return [run["display_title"] for run in shown["workflow_runs"]]

    assert titles() == ["monitor", "a-2", "a-1"]
    assert titles(f"{WORKER}/runs") == ["a-2", "a-1"]
    workflow = hub.call("rita", "GET", WORKER).json()
    assert titles(f"{MAIN}/actions/workflows/{workflow['id']}/runs") == ["a-2", "a-1"]
    assert titles(status="queued") == ["monitor", "a-1"]
    assert titles(status="success") == ["a-2"]
    assert titles(actor="wendy") == ["a-2"]
    assert titles(event="schedule") == []
    limit = to_text(hub.world.clock.now() - timedelta(minutes=30))
    assert titles(created=f">={limit}") == ["monitor", "a-2"]
    assert titles(created=f"<{limit}") == ["a-1"]
    assert titles(created=f"*..{limit}") == ["a-1"]
    assert titles(created=f"{limit}..*") == ["monitor", "a-2"]
    assert hub.call("rita", "GET", f"{MAIN}/actions/runs", params={"created": "soon"}).status_code == 422
    assert first < second


def test_cancelling(hub: Hub) -> None:
    queued, running = dispatch(hub), dispatch(hub)
    hub.world.runs.start(running)
    events = hub.told()
    for run in (queued, running):
        assert hub.call("tim", "POST", f"{MAIN}/actions/runs/{run}/cancel").status_code == 403
        assert hub.call(BOT, "POST", f"{MAIN}/actions/runs/{run}/cancel").status_code == 202
    assert [(event.name, event.action, event.run_id) for event in events] == [
        ("workflow_run", "cancel", queued),
        ("workflow_run", "cancel", running),
    ]
    assert hub.world.runs.by_id(queued).conclusion == "cancelled"
    assert hub.world.runs.by_id(running).status == "in_progress"
    hub.world.runs.finish(running, "cancelled")
    assert hub.call(BOT, "POST", f"{MAIN}/actions/runs/{running}/cancel").status_code == 409


def test_the_viewer_is_who_the_token_acts_as(hub: Hub) -> None:
    assert hub.graphql(BOT, "{ viewer { login } }") == {"data": {"viewer": {"login": BOT}}}
    refused = hub.call("", "POST", hub.info.graphql_url, {"query": "{ viewer { login } }"})
    assert refused.status_code == 401


PINNED = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
    pinnedIssues(first: 3) { totalCount nodes { issue { number title } } } } }"""
PIN = "mutation($id: ID!) { pinIssue(input: {issueId: $id}) { issue { number isPinned } } }"
UNPIN = "mutation($id: ID!) { unpinIssue(input: {issueId: $id}) { issue { number isPinned } } }"


def pinned(hub: Hub) -> list[int]:
    found = hub.graphql("rita", PINNED, owner="acme", name="factory")["data"]["repository"]["pinnedIssues"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["issue"]["number"] for node in found["nodes"]]


def test_three_issues_can_be_pinned(hub: Hub) -> None:
    ids = [hub.issue()["node_id"] for _ in range(4)]
    for node in ids[:3]:
        assert hub.graphql(BOT, PIN, id=node)["data"]["pinIssue"]["issue"]["isPinned"] is True
    fourth = hub.graphql(BOT, PIN, id=ids[3])
    assert fourth["data"] == {"pinIssue": None}
    assert fourth["errors"][0]["type"] == "UNPROCESSABLE"
    assert pinned(hub) == [1, 2, 3]
    assert hub.graphql(BOT, UNPIN, id=ids[1])["data"]["unpinIssue"]["issue"]["isPinned"] is False
    assert pinned(hub) == [1, 3]
    events = hub.call("ada", "GET", f"{MAIN}/issues/2/events").json()
    assert [event["event"] for event in events] == ["pinned", "unpinned"]


def test_pinning_takes_write_and_an_issue(hub: Hub) -> None:
    node = hub.issue()["node_id"]
    assert hub.graphql("tim", PIN, id=node)["errors"][0]["type"] == "FORBIDDEN"
    assert hub.graphql(BOT, PIN, id="I_999999")["errors"][0]["type"] == "NOT_FOUND"
    assert pinned(hub) == []


def test_graphql_answers_errors_with_200(hub: Hub) -> None:
    missing = hub.graphql(BOT, PINNED, owner="acme", name="gone")
    assert missing["data"] == {"repository": None}
    assert missing["errors"][0]["type"] == "NOT_FOUND"
    assert missing["errors"][0]["path"] == ["repository"]
    assert "data" not in hub.graphql(BOT, "{ nonsense }")
    assert "Syntax Error" in hub.graphql(BOT, "{")["errors"][0]["message"]
    assert "errors" in hub.graphql(BOT, PINNED, owner="acme")
    number = 'query($n: Int!) { repository(owner: "acme", name: "factory") { issue(number: $n) { id } } }'
    node = hub.issue()["node_id"]
    assert hub.graphql(BOT, number, n=1)["data"]["repository"]["issue"]["id"] == node
    assert hub.graphql(BOT, number, n=2)["errors"][0]["type"] == "NOT_FOUND"


def test_graphql_has_a_rate_limit_of_its_own(hub: Hub) -> None:
    hub.graphql("ada", "{ viewer { login } }")
    shown = hub.call("ada", "GET", "/rate_limit").json()["resources"]
    assert (shown["core"]["used"], shown["graphql"]["used"]) == (0, 1)
