"""Each method sends just the requests that its docstring counts, and reads GitHub's answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from bot.adapters.github.forge import GitHub
from bot.domain.errors import NotFound
from bot.ports.facts import CommentFacts, IssueEventFacts, IssueFacts, RepositoryFacts, RunFacts
from bot.ports.forge import Forge

API = "https://api.github.com"
HOME = f"{API}/repos/acme/site"
SINCE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
Connect = Callable[..., GitHub]

COMMENT = {
    "id": 501,
    "body": None,
    "user": {"login": "github-actions[bot]", "type": "Bot", "id": 7},
    "created_at": "2026-11-23T07:21:42Z",
    "updated_at": "2026-11-23T07:21:43Z",
    "html_url": "https://github.com/acme/site/issues/12#issuecomment-501",
    "issue_url": "https://api.github.com/repos/acme/site/issues/12",
}
COMMENT_FACTS = CommentFacts(
    id=501,
    issue=12,
    author="github-actions[bot]",
    author_is_bot=True,
    body="",
    created_at=datetime(2026, 11, 23, 7, 21, 42, tzinfo=UTC),
    updated_at=datetime(2026, 11, 23, 7, 21, 43, tzinfo=UTC),
    url="https://github.com/acme/site/issues/12#issuecomment-501",
)
ISSUE = {
    "number": 12,
    "title": "An idea",
    "body": None,
    "user": None,
    "labels": [{"name": "stage:genesis"}, "priority:high"],
    "state": "closed",
    "html_url": "https://github.com/acme/site/issues/12",
    "node_id": "I_12",
}
ISSUE_FACTS = IssueFacts(
    number=12,
    title="An idea",
    body="",
    author="ghost",
    labels=frozenset({"stage:genesis", "priority:high"}),
    closed=True,
    url="https://github.com/acme/site/issues/12",
    node_id="I_12",
)
ISSUE_EVENT = {
    "id": 7001,
    "event": "labeled",
    "actor": {"login": "wendy", "type": "User", "id": 8},
    "label": {"name": "priority:high", "color": "d4a72c"},
    "created_at": "2026-11-23T07:25:00Z",
    "performed_via_github_app": None,
    "issue": ISSUE,
}
ISSUE_EVENT_FACTS = IssueEventFacts(
    id=7001,
    issue=12,
    event="labeled",
    label="priority:high",
    actor="wendy",
    actor_is_bot=False,
    created_at=datetime(2026, 11, 23, 7, 25, tzinfo=UTC),
    subject=ISSUE_FACTS,
)
RUN = {
    "id": 9001,
    "name": "worker",
    "display_title": "task-1/2",
    "status": "completed",
    "conclusion": "success",
    "html_url": "https://github.com/acme/site/actions/runs/9001",
    "created_at": "2026-11-23T07:30:00Z",
}
RUN_FACTS = RunFacts(
    id=9001,
    name="task-1/2",
    status="completed",
    conclusion="success",
    url="https://github.com/acme/site/actions/runs/9001",
    created_at=datetime(2026, 11, 23, 7, 30, tzinfo=UTC),
)
REPOSITORY = {
    "full_name": "acme/site",
    "html_url": "https://github.com/acme/site",
    "clone_url": "https://github.com/acme/site.git",
    "default_branch": "trunk",
    "description": None,
}
REPOSITORY_FACTS = RepositoryFacts(
    full_name="acme/site",
    url="https://github.com/acme/site",
    clone_url="https://github.com/acme/site.git",
    default_branch="trunk",
    description="",
)
PINNED = {
    "id": "I_12",
    "number": 12,
    "title": "Status",
    "body": "b",
    "closed": False,
    "url": "https://github.com/acme/site/issues/12",
    "author": {"__typename": "Bot", "login": "github-actions"},
    "labels": {"nodes": [{"name": "fleet"}]},
}
PINNED_FACTS = IssueFacts(
    number=12,
    title="Status",
    body="b",
    author="github-actions[bot]",
    labels=frozenset({"fleet"}),
    closed=False,
    url="https://github.com/acme/site/issues/12",
    node_id="I_12",
)
PAGE = {"per_page": "100"}


class Case(NamedTuple):
    """One method: the call, the request that it must make, GitHub's answer, and what comes back."""

    call: Callable[[Forge], object]
    verb: str
    url: str
    answer: object
    result: object = None
    query: Mapping[str, str] = MappingProxyType({})
    body: object = None
    status: int = 200


CASES = {
    "role": Case(
        lambda forge: forge.role("dependabot[bot]"),
        "GET",
        f"{HOME}/collaborators/dependabot%5Bbot%5D/permission",
        {"permission": "write", "role_name": "maintain"},
        "maintain",
    ),
    "comment": Case(
        lambda forge: forge.comment(12, "héllo\n"),
        "POST",
        f"{HOME}/issues/12/comments",
        COMMENT,
        COMMENT_FACTS,
        body={"body": "héllo\n"},
        status=201,
    ),
    "edit_comment": Case(
        lambda forge: forge.edit_comment(501, "new"),
        "PATCH",
        f"{HOME}/issues/comments/501",
        COMMENT,
        body={"body": "new"},
    ),
    "read_comment": Case(
        lambda forge: forge.read_comment(501),
        "GET",
        f"{HOME}/issues/comments/501",
        COMMENT,
        COMMENT_FACTS,
    ),
    "react": Case(
        lambda forge: forge.react(501, "rocket"),
        "POST",
        f"{HOME}/issues/comments/501/reactions",
        {"id": 1},
        body={"content": "rocket"},
        status=201,
    ),
    "issue": Case(lambda forge: forge.issue(12), "GET", f"{HOME}/issues/12", ISSUE, ISSUE_FACTS),
    "issues": Case(
        lambda forge: forge.issues(["dev-ready", "priority:high"], creator="mona"),
        "GET",
        f"{HOME}/issues",
        [ISSUE, {**ISSUE, "number": 13, "pull_request": {}}],
        [ISSUE_FACTS],
        query={
            **PAGE,
            "state": "all",
            "sort": "created",
            "direction": "asc",
            "labels": "dev-ready,priority:high",
            "creator": "mona",
        },
    ),
    "create_issue": Case(
        lambda forge: forge.create_issue("An idea", "text", ["dev-ready"], milestone=3),
        "POST",
        f"{HOME}/issues",
        ISSUE,
        ISSUE_FACTS,
        body={"title": "An idea", "body": "text", "labels": ["dev-ready"], "milestone": 3},
        status=201,
    ),
    "edit_issue": Case(
        lambda forge: forge.edit_issue(12, body="", closed=False),
        "PATCH",
        f"{HOME}/issues/12",
        ISSUE,
        body={"body": "", "state": "open"},
    ),
    "close": Case(
        lambda forge: forge.edit_issue(12, closed=True),
        "PATCH",
        f"{HOME}/issues/12",
        ISSUE,
        body={"state": "closed"},
    ),
    "add_labels": Case(
        lambda forge: forge.add_labels(12, ["a", "b"]),
        "POST",
        f"{HOME}/issues/12/labels",
        [],
        body={"labels": ["a", "b"]},
    ),
    "remove_label": Case(
        lambda forge: forge.remove_label(12, "priority:high/now ü"),
        "DELETE",
        f"{HOME}/issues/12/labels/priority%3Ahigh%2Fnow%20%C3%BC",
        [],
    ),
    "label_names": Case(
        lambda forge: forge.label_names(),
        "GET",
        f"{HOME}/labels",
        [{"name": "a"}, {"name": "b"}],
        frozenset({"a", "b"}),
        query=PAGE,
    ),
    "create_label": Case(
        lambda forge: forge.create_label("a", "ff0000", "An a"),
        "POST",
        f"{HOME}/labels",
        {"name": "a"},
        body={"name": "a", "color": "ff0000", "description": "An a"},
        status=201,
    ),
    "milestones": Case(
        lambda forge: forge.milestones(),
        "GET",
        f"{HOME}/milestones",
        [{"title": "MVP", "number": 1}],
        {"MVP": 1},
        query={**PAGE, "state": "all"},
    ),
    "create_milestone": Case(
        lambda forge: forge.create_milestone("V1", "First"),
        "POST",
        f"{HOME}/milestones",
        {"title": "V1", "number": 2},
        2,
        body={"title": "V1", "description": "First"},
        status=201,
    ),
    "comments_since": Case(
        lambda forge: forge.comments_since(SINCE),
        "GET",
        f"{HOME}/issues/comments",
        [COMMENT],
        [COMMENT_FACTS],
        query={**PAGE, "since": "2026-11-23T07:00:00Z", "sort": "created", "direction": "asc"},
    ),
    "issue_events": Case(
        lambda forge: forge.issue_events(7000, SINCE),
        "GET",
        f"{HOME}/issues/events",
        [ISSUE_EVENT],
        [ISSUE_EVENT_FACTS],
        query=PAGE,
    ),
    "issue_events_of": Case(
        lambda forge: forge.issue_events_of(12),
        "GET",
        f"{HOME}/issues/12/events",
        [{key: value for key, value in ISSUE_EVENT.items() if key != "issue"}],
        [replace(ISSUE_EVENT_FACTS, subject=None)],
        query=PAGE,
    ),
    "comments_of": Case(
        lambda forge: forge.comments_of(12),
        "GET",
        f"{HOME}/issues/12/comments",
        [COMMENT],
        [COMMENT_FACTS],
        query=PAGE,
    ),
    "file_text": Case(
        lambda forge: forge.file_text("docs/what is it?.md"),
        "GET",
        f"{HOME}/contents/docs/what%20is%20it%3F.md",
        {"type": "file", "size": 4, "encoding": "base64", "content": "w7xi\nCg==\n"},
        "üb\n",
    ),
    "dispatch": Case(
        lambda forge: forge.dispatch("worker.yml", {"task": "t"}),
        "POST",
        f"{HOME}/actions/workflows/worker.yml/dispatches",
        {"workflow_run_id": 9001},
        9001,
        body={"ref": "main", "inputs": {"task": "t"}, "return_run_details": True},
    ),
    "runs": Case(
        lambda forge: forge.runs("worker.yml", SINCE),
        "GET",
        f"{HOME}/actions/workflows/worker.yml/runs",
        {"total_count": 1, "workflow_runs": [RUN]},
        [RUN_FACTS],
        query={**PAGE, "created": ">=2026-11-23T07:00:00Z"},
    ),
    "run": Case(lambda forge: forge.run(9001), "GET", f"{HOME}/actions/runs/9001", RUN, RUN_FACTS),
    "cancel_run": Case(
        lambda forge: forge.cancel_run(9001), "POST", f"{HOME}/actions/runs/9001/cancel", {}, status=202
    ),
    "repository": Case(lambda forge: forge.repository(), "GET", HOME, REPOSITORY, REPOSITORY_FACTS),
    "create_repository": Case(
        lambda forge: forge.create_repository("A site"),
        "POST",
        f"{API}/orgs/acme/repos",
        REPOSITORY,
        REPOSITORY_FACTS,
        body={
            "name": "site",
            "description": "A site",
            "private": False,
            "auto_init": False,
            "delete_branch_on_merge": True,
        },
        status=201,
    ),
    "whoami": Case(
        lambda forge: forge.whoami(),
        "POST",
        f"{API}/graphql",
        {"data": {"viewer": {"login": "mona"}}},
        "mona",
        body={"query": "{ viewer { login } }", "variables": {}},
    ),
}


def _sent(call: responses.Call) -> Any:
    """The JSON that a request carried, None where it carried nothing."""
    body = call.request.body
    return json.loads(body) if body else None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_request_each(case: Case, api: responses.RequestsMock, connect: Connect, token: str) -> None:
    api.add(case.verb, case.url, json=case.answer, status=case.status)
    forge = connect(default_branch="main")
    assert case.call(forge) == case.result
    assert forge.requests == len(api.calls) == 1
    sent = api.calls[0].request
    assert {key: values[0] for key, values in parse_qs(urlsplit(str(sent.url)).query).items()} == case.query
    assert _sent(api.calls[0]) == case.body
    assert sent.headers["Authorization"] == f"token {token}"
    assert sent.headers["X-GitHub-Api-Version"] == "2022-11-28"


def test_the_table_has_every_method_of_the_port() -> None:
    methods = {name for name in vars(Forge) if callable(getattr(Forge, name)) and not name.startswith("_")}
    assert methods - CASES.keys() == {
        "now",
        "set_clock_anew",
        "pinned_issues",
        "pin_issue",
        "thumbs",
    }


def test_whoami_is_remembered(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(f"{API}/graphql", json={"data": {"viewer": {"login": "mona"}}})
    forge = connect()
    assert [forge.whoami(), forge.whoami()] == ["mona", "mona"]
    assert forge.requests == 1


def test_pinned_issues_name_their_author_as_rest_does(api: responses.RequestsMock, connect: Connect) -> None:
    board = {"repository": {"pinnedIssues": {"nodes": [{"issue": PINNED}]}}}
    api.post(f"{API}/graphql", json={"data": board})
    forge = connect()
    assert forge.pinned_issues() == [PINNED_FACTS]
    assert forge.requests == 1
    assert _sent(api.calls[0])["variables"] == {"owner": "acme", "name": "site"}


def test_pin_issue(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(f"{API}/graphql", json={"data": {"pinIssue": {"issue": {"id": "I_12"}}}})
    forge = connect()
    forge.pin_issue("I_12")
    sent = _sent(api.calls[0])
    assert "pinIssue" in sent["query"]
    assert sent["variables"] == {"id": "I_12"}
    assert forge.requests == 1


@pytest.mark.parametrize(
    ("api_url", "rest", "graphql"),
    [
        ("https://api.github.com/", API, f"{API}/graphql"),
        ("https://git.acme.test/api/v3", "https://git.acme.test/api/v3", "https://git.acme.test/api/graphql"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/api/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
    ],
)  # fmt: skip
def test_cloud_and_enterprise_addresses(
    api_url: str, rest: str, graphql: str, api: responses.RequestsMock, connect: Connect
) -> None:
    api.get(f"{rest}/repos/acme/site/issues/12", json=ISSUE)
    api.post(graphql, json={"data": {"viewer": {"login": "mona"}}})
    forge = connect(api_url=api_url)
    assert forge.issue(12) == ISSUE_FACTS
    assert forge.whoami() == "mona"


def test_all_pages_are_read(api: responses.RequestsMock, connect: Connect) -> None:
    later = {**COMMENT, "id": 502, "created_at": "2026-11-23T07:25:00Z"}
    following = "https://api.github.com/repositories/1/issues/comments?page=2&since=x&per_page=100"
    link = {"Link": f'<{following}>; rel="next", <{following}>; rel="last"'}
    api.get(f"{HOME}/issues/comments", json=[later, COMMENT], headers=link)
    # The first comment again: something before it was deleted while the pages were read.
    api.get(f"{API}/repositories/1/issues/comments?page=2&since=x&per_page=100", json=[later])
    forge = connect()
    assert [comment.id for comment in forge.comments_since(SINCE)] == [501, 502]
    assert forge.requests == 2


def test_the_next_page_cannot_lure_the_token_away(api: responses.RequestsMock, connect: Connect) -> None:
    api.get(f"{HOME}/labels", json=[], headers={"Link": '<https://evil.test/labels?page=2>; rel="next"'})
    api.get(f"{API}/labels?page=2", json=[{"name": "a"}])
    assert connect().label_names() == {"a"}


def test_what_has_moved_within_github_is_read_there(api: responses.RequestsMock, connect: Connect) -> None:
    there = f"{API}/repositories/1/issues/12?page=1"
    api.get(f"{HOME}/issues/12", status=301, headers={"Location": there})
    api.get(there, json=ISSUE)
    assert connect().issue(12) == ISSUE_FACTS


@pytest.mark.parametrize(
    "target", ["https://evil.test/issues/12", "http://api.github.com/issues/12", "{home}"]
)
def test_a_move_cannot_lure_the_token_away_nor_in_circles(
    target: str, api: responses.RequestsMock, connect: Connect
) -> None:
    moved = {"Location": target.format(home=f"{HOME}/issues/12")}
    api.get(f"{HOME}/issues/12", status=301, headers=moved)
    with pytest.raises(NotFound, match="it was redirected to"):
        connect().issue(12)
    assert len(api.calls) == 1


def test_a_write_goes_nowhere_else(api: responses.RequestsMock, connect: Connect) -> None:
    moved = {"Location": f"{API}/repositories/2/issues/1/comments"}
    api.post(f"{HOME}/issues/12/comments", status=301, json={}, headers=moved)
    with pytest.raises(NotFound, match="It has moved"):
        connect().comment(12, "x")
    assert len(api.calls) == 1
