"""Pull requests over REST: opening, listing, editing, and how they follow the branches that are pushed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.hub.driver import APP, BOT, MAIN, Hub, branch, clone, commit, git, head_of, pull

PULLS = f"{MAIN}/pulls"


@pytest.fixture
def work(hub: Hub, tmp_path: Path) -> Path:
    """A clone of the main repository with a pushed branch ``topic`` that adds a file."""
    folder = clone(hub, tmp_path / "work")
    branch(hub, folder, "topic", {"a.txt": "one\n"})
    return folder


def shown(hub: Hub, number: int = 1) -> Any:
    return hub.call("rita", "GET", f"{PULLS}/{number}").json()


def events(hub: Hub, number: int) -> list[tuple[str, str]]:
    found = hub.call("rita", "GET", f"{MAIN}/issues/{number}/events").json()
    return [(event["event"], event["actor"]["login"]) for event in found]


def test_a_pull_request_is_opened_and_shown(hub: Hub, work: Path) -> None:
    made = pull(hub, body="Adds a file.", head="acme:topic")
    assert (made["number"], made["state"], made["merged"], made["draft"]) == (1, "open", False, False)
    assert (made["head"]["label"], made["head"]["ref"], made["base"]["ref"]) == (
        "acme:topic",
        "topic",
        "main",
    )
    assert (made["head"]["sha"], made["base"]["sha"]) == (head_of(hub, "topic"), head_of(hub))
    assert (made["commits"], made["changed_files"], made["additions"], made["deletions"]) == (1, 1, 1, 0)
    assert (made["mergeable"], made["mergeable_state"]) == (True, "clean")
    assert made["html_url"] == f"{hub.info.url}/acme/factory/pull/1"
    assert shown(hub) == made


def test_a_pull_request_is_an_issue_too(hub: Hub, work: Path) -> None:
    hub.issue()
    number = pull(hub, body="Adds a file.")["number"]
    assert number == 2
    issue = hub.call("rita", "GET", f"{MAIN}/issues/2").json()
    assert issue["pull_request"]["url"] == f"{hub.info.api_url}{PULLS}/2"
    assert issue["html_url"] == f"{hub.info.url}/acme/factory/pull/2"
    assert [each["number"] for each in hub.call("rita", "GET", f"{MAIN}/issues").json()] == [2, 1]
    told = hub.told()
    comment = hub.call("stan", "POST", f"{MAIN}/issues/2/comments", {"body": "/status"}).json()
    assert comment["html_url"].startswith(f"{hub.info.url}/acme/factory/pull/2#issuecomment-")
    assert [(event.name, "pull_request" in event.payload["issue"]) for event in told] == [
        ("issue_comment", True)
    ]
    hub.call("tim", "POST", f"{MAIN}/issues/2/labels", {"labels": ["size:small"]})
    assert [label["name"] for label in shown(hub, 2)["labels"]] == ["size:small"]
    assert hub.call("tim", "GET", f"{PULLS}/1").status_code == 404
    assert len(told) == 1  # a labelled pull request is no event about issues


@pytest.mark.parametrize(
    ("fields", "field", "code", "message"),
    [
        ({"head": "nothing"}, "head", "invalid", None),
        ({"head": "stranger:topic"}, "head", "invalid", None),
        ({"base": "nothing"}, "base", "invalid", None),
        ({"head": "main"}, None, "custom", "No commits between main and main"),
        ({"title": ""}, "title", "missing_field", None),
    ],
)
def test_what_cannot_be_opened_is_422(
    hub: Hub, work: Path, fields: dict[str, str], field: str | None, code: str, message: str | None
) -> None:
    body = {"title": "x", "head": "topic", "base": "main", **fields}
    answer = hub.call("wendy", "POST", PULLS, body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert (error["resource"], error.get("field"), error["code"]) == ("PullRequest", field, code)
    assert error.get("message") == message


def test_a_second_one_for_the_same_branches_is_422(hub: Hub, work: Path) -> None:
    pull(hub)
    answer = hub.call("ada", "POST", PULLS, {"title": "x", "head": "topic", "base": "main"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "A pull request already exists for acme:topic."
    missing = hub.call("ada", "POST", PULLS, {"title": "x", "head": "topic"})
    assert missing.json()["message"] == 'Invalid request.\n\n"base" wasn\'t supplied.'


@pytest.mark.parametrize(
    ("login", "status"), [("", 401), ("stan", 422), ("tim", 422), (APP, 403), ("wendy", 201), (BOT, 201)]
)
def test_opening_takes_write(hub: Hub, work: Path, login: str, status: int) -> None:
    body = {"title": "x", "head": "topic", "base": "main"}
    assert hub.call(login, "POST", PULLS, body).status_code == status


def test_lists_by_state_branches_and_pages(hub: Hub, work: Path) -> None:
    for name in ("two", "three"):
        branch(hub, work, name, {f"{name}.txt": name})
    for name in ("topic", "two", "three"):
        pull(hub, head=name)
    hub.call("wendy", "PATCH", f"{PULLS}/1", {"state": "closed"})

    def numbers(**query: str) -> list[int]:
        return [each["number"] for each in hub.call("rita", "GET", PULLS, params=query).json()]

    assert numbers() == [3, 2]
    assert numbers(state="all", direction="asc") == [1, 2, 3]
    assert numbers(state="closed") == [1]
    assert numbers(head="acme:two") == [2]
    assert numbers(head="somebody:two") == []
    assert numbers(base="elsewhere") == []
    assert numbers(state="all", sort="updated", direction="desc")[0] in (1, 3)
    page = hub.call("rita", "GET", PULLS, params={"per_page": "1"})
    assert 'page=2>; rel="last"' in page.headers["link"]
    assert hub.call("rita", "GET", PULLS, params={"state": "odd"}).status_code == 422


def test_files_and_commits(hub: Hub, work: Path) -> None:
    base = head_of(hub)
    git(work, "mv", "README.md", "docs.md")
    git(work, "commit", "-q", "-m", "Move")
    (work / "data.bin").write_bytes(b"\x00\x01")
    git(work, "add", "data.bin")
    git(work, "commit", "-q", "-m", "Binary")
    git(work, "push", "-q", "origin", "topic")
    pull(hub)
    branch(hub, work, "main", {"later.txt": "x\n"})  # what the base gets meanwhile is no change of this
    files = hub.call("rita", "GET", f"{PULLS}/1/files").json()
    assert [(each["filename"], each["status"], each["additions"], "patch" in each) for each in files] == [
        ("a.txt", "added", 1, True),
        ("data.bin", "added", 0, False),
        ("docs.md", "renamed", 0, False),
    ]
    assert (files[0]["patch"], files[2]["previous_filename"]) == ("@@ -0,0 +1 @@\n+one", "README.md")
    commits = hub.call("rita", "GET", f"{PULLS}/1/commits").json()
    assert [each["commit"]["message"] for each in commits] == ["Write a.txt", "Move", "Binary"]
    second = hub.call("rita", "GET", f"{PULLS}/1/commits", params={"per_page": "1", "page": "2"}).json()
    assert second == commits[1:2]
    compared = hub.call("rita", "GET", f"{MAIN}/compare/main...topic").json()
    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 3, 1)
    assert compared["merge_base_commit"]["sha"] == base
    assert [each["filename"] for each in compared["files"]] == ["a.txt", "data.bin", "docs.md"]
    same = hub.call("rita", "GET", f"{MAIN}/compare/main...main").json()
    assert (same["status"], same["files"], same["commits"]) == ("identical", [], [])
    assert hub.call("rita", "GET", f"{MAIN}/compare/main...nothing").status_code == 404
    one = hub.call("rita", "GET", f"{MAIN}/commits/topic").json()
    assert [each["filename"] for each in one["files"]] == ["data.bin"]


def test_text_base_and_state_are_edited(hub: Hub, work: Path) -> None:
    branch(hub, work, "next", {"b.txt": "x"})
    pull(hub)
    edited = hub.call("wendy", "PATCH", f"{PULLS}/1", {"title": "Better", "body": "Why", "base": "next"})
    assert (edited.json()["title"], edited.json()["body"]) == ("Better", "Why")
    assert (edited.json()["base"]["ref"], edited.json()["base"]["sha"]) == ("next", head_of(hub, "next"))
    assert hub.call("rita", "PATCH", f"{PULLS}/1", {"title": "Mine"}).status_code == 403
    assert hub.call("wendy", "PATCH", f"{PULLS}/1", {"base": "nothing"}).status_code == 422
    closed = hub.call("wendy", "PATCH", f"{PULLS}/1", {"state": "closed"}).json()
    assert (closed["state"], closed["merged"], closed["mergeable"]) == ("closed", False, None)
    refused = hub.call("wendy", "PATCH", f"{PULLS}/1", {"base": "main"})
    assert refused.json()["errors"][0]["message"] == (
        "Cannot change the base branch of a closed pull request."
    )
    reopened = hub.call("wendy", "PATCH", f"{MAIN}/issues/1", {"state": "open"}).json()
    assert (reopened["state"], reopened["state_reason"]) == ("open", None)
    names = [name for name, _ in events(hub, 1)]
    assert names == ["base_ref_changed", "renamed", "closed", "reopened"]


def test_a_push_moves_the_head_and_the_pull_keeps_its_commits(hub: Hub, work: Path) -> None:
    pull(hub)
    pushed = commit(work, "b.txt", "two\n")
    git(work, "push", "-q", "origin", "topic")
    assert (shown(hub)["head"]["sha"], shown(hub)["commits"]) == (pushed, 2)
    forced = branch(hub, work, "topic", {"c.txt": "three\n"})
    assert (shown(hub)["head"]["sha"], shown(hub)["commits"]) == (forced, 1)
    assert events(hub, 1) == [("head_ref_force_pushed", "wendy")]
    git(work, "push", "-q", "origin", "--delete", "topic")
    gone = shown(hub)
    assert (gone["state"], gone["merged"], gone["head"]["sha"]) == ("closed", False, forced)
    assert events(hub, 1)[1:] == [("head_ref_deleted", "wendy"), ("closed", "wendy")]
    assert git(work, "fetch", "-q", "origin", "refs/pull/1/head").returncode == 0
    assert git(work, "rev-parse", "FETCH_HEAD").stdout.strip() == forced
    refused = hub.call("wendy", "PATCH", f"{PULLS}/1", {"state": "open"})
    assert refused.json()["errors"][0]["message"] == (
        "state cannot be changed. The topic branch has been deleted."
    )
    branch(hub, work, "topic", {"d.txt": "four\n"})
    refused = hub.call("wendy", "PATCH", f"{PULLS}/1", {"state": "open"})
    assert "was force-pushed or recreated" in refused.json()["errors"][0]["message"]


def test_nobody_pushes_to_the_refs_of_pull_requests(hub: Hub, work: Path) -> None:
    pull(hub)
    done = git(work, "push", "origin", "main:refs/pull/1/head")
    assert done.returncode != 0
    assert shown(hub)["head"]["sha"] == head_of(hub, "topic")


def test_a_push_to_the_base_that_has_it_all_merges_it(hub: Hub, work: Path) -> None:
    hub.issue(title="To do")
    pull(hub, body="Fixes #1")
    git(work, "checkout", "-q", "main")
    git(work, "merge", "-q", "--no-ff", "-m", "By hand", "topic")
    assert git(work, "push", "-q", hub.remote("max"), "main").returncode == 0
    merged = shown(hub, 2)
    assert (merged["state"], merged["merged"], merged["merged_by"]["login"]) == ("closed", True, "max")
    assert merged["merge_commit_sha"] == head_of(hub)
    assert events(hub, 2) == [("merged", "max"), ("closed", "max")]
    assert events(hub, 1) == [("closed", "max")]
    refused = hub.call("wendy", "PATCH", f"{PULLS}/2", {"state": "open"}).json()
    assert refused["errors"][0]["message"].endswith("The pull request cannot be reopened.")


def test_a_head_that_is_set_back_to_the_base_closes_it_unmerged(hub: Hub, work: Path) -> None:
    pull(hub)
    git(work, "push", "-q", "--force", "origin", "origin/main:refs/heads/topic")
    assert (shown(hub)["state"], shown(hub)["merged"]) == ("closed", False)


def test_refs_are_made_moved_and_deleted_over_rest(hub: Hub, work: Path) -> None:
    main, topic = head_of(hub), head_of(hub, "topic")
    made = hub.call("wendy", "POST", f"{MAIN}/git/refs", {"ref": "refs/heads/more", "sha": topic})
    assert (made.status_code, made.json()["object"]["sha"]) == (201, topic)
    pull(hub, head="more")
    refused = hub.call("wendy", "PATCH", f"{MAIN}/git/refs/heads/more", {"sha": main})
    assert refused.json()["message"] == "Update is not a fast forward"
    for login, status in (("tim", 403), ("wendy", 204), ("wendy", 422)):
        assert hub.call(login, "DELETE", f"{MAIN}/git/refs/heads/more").status_code == status
    assert shown(hub)["state"] == "closed"
    assert hub.call("ada", "DELETE", f"{MAIN}/git/refs/heads/main").status_code == 422
    assert hub.call("ada", "DELETE", f"{MAIN}/git/refs/pull/1/head").status_code == 422
    for bad in ({"ref": "heads/x", "sha": topic}, {"ref": "refs/heads/x", "sha": "0" * 40}, {}):
        assert hub.call("ada", "POST", f"{MAIN}/git/refs", bad).status_code == 422
