"""Payloads of webhooks: GitHub's examples mean to the bot what they should, the hub's are as described."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.actions import ActionsContext
from bot.app.process import Result
from bot.bootstrap.session import open_session
from bot.bootstrap.settling import settles
from tests.contracts.exceptions import excused
from tests.contracts.judging import Judge, differences
from tests.contracts.published import document
from tests.e2e.stage import Stage, staged
from tests.hub.driver import MAIN, Hub, serving

Payload = dict[str, Any]
PUBLISHED: Mapping[str, list[Payload]] = document("examples.json")
ALL = [(name, number) for name, examples in PUBLISHED.items() for number in range(len(examples))]
COMMENTS = range(len(PUBLISHED["issue_comment"]))
LABELS = [n for n, each in enumerate(PUBLISHED["issues"]) if each["action"] in ("labeled", "unlabeled")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as stage:
        stage.make_room()
        yield stage


def settled(stage: Stage, event: str, payload: Payload) -> Result | None:
    """``handle`` in this process: None where it saw from the payload alone that nothing is to be done."""
    environ = stage.environment(event)
    Path(environ["GITHUB_EVENT_PATH"]).write_text(json.dumps(payload), encoding="utf-8")
    context = ActionsContext.from_environ(environ)
    settle = settles(context)
    if settle is None:
        return None
    with open_session(context, environ) as current:
        return settle(current, current.app(connected=True))


@pytest.mark.parametrize(("event", "number"), ALL, ids=lambda value: str(value))
def test_a_published_payload_of_others_changes_nothing(stage: Stage, event: str, number: int) -> None:
    head = stage.bare.head()
    result = settled(stage, event, PUBLISHED[event][number])
    assert result is None or not (result.committed or result.undelivered)
    assert stage.bare.head() == head


@pytest.mark.parametrize("number", COMMENTS)
def test_a_command_counts_in_a_created_comment_alone(stage: Stage, number: int) -> None:
    payload = _at_home(stage, PUBLISHED["issue_comment"][number], stage.comment(stage.issue(), "/help"))
    result = settled(stage, "issue_comment", payload)
    is_created = payload["action"] == "created"
    assert (result is not None) == is_created
    assert len(stage.replies(payload)) == is_created


@pytest.mark.parametrize("number", LABELS)
def test_the_label_that_asks_for_a_project_counts_when_it_is_put_on(stage: Stage, number: int) -> None:
    issue = stage.issue()
    told = stage.label(issue, "new-project")
    if (action := PUBLISHED["issues"][number]["action"]) == "unlabeled":
        told = stage.unlabel(issue, "new-project")
    payload = _at_home(stage, PUBLISHED["issues"][number], told)
    assert payload["action"] == action
    settled(stage, "issues", payload)
    assert len(stage.projects_of(issue)) == (action == "labeled")


def _at_home(stage: Stage, published: Payload, told: Payload) -> Payload:
    """A published payload with the ids, names and times of something that the hub really has."""
    payload = copy.deepcopy(published)
    for part, fields in {
        "comment": ("id", "body", "created_at", "updated_at", "html_url"),
        "issue": ("number", "title", "body", "updated_at", "labels"),
        "label": ("name",),
    }.items():
        if part in told:
            payload[part] |= {name: told[part][name] for name in fields}
    payload["sender"]["login"] = told["sender"]["login"]
    if "comment" in told:
        payload["comment"]["user"]["login"] = told["comment"]["user"]["login"]
    return payload


def test_what_the_hub_tells_is_as_github_describes_it(tmp_path: Path) -> None:
    described = document("webhooks.json")
    judge = Judge(described["schemas"])
    with serving(tmp_path / "hub") as hub:
        events = hub.told()
        _everything(hub)
    found = {
        f"{event.name} {event.action}: {each}"
        for event in events
        for each in differences(
            judge.validator(described["payloads"][f"{event.name} {event.action}".strip()]), event.payload
        )
        if not excused(f"webhook {event.name}", "200", each)
    }
    assert {event.name for event in events} == {"issue_comment", "issues", "workflow_dispatch"}
    assert not found, "\n".join(sorted(found))


def _everything(hub: Hub) -> None:
    hub.issue("ada", body="b", labels=["x"], assignees=["tim"])
    comment = hub.call("ada", "POST", f"{MAIN}/issues/1/comments", {"body": "c"}).json()
    where = f"{MAIN}/issues/comments/{comment['id']}"
    hub.call("ada", "PATCH", where, {"body": "d"})
    hub.call("ada", "DELETE", where)
    hub.call("ada", "DELETE", f"{MAIN}/issues/1/labels/x")
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "closed", "title": "Another"})
    hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": "open"})
    hub.call("ada", "POST", f"{MAIN}/actions/workflows/worker.yml/dispatches", {"ref": "main"})
