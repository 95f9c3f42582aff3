"""Repositories, roles, branches, commits and files over REST."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.hub.driver import APP, BOT, MAIN, Hub, clone, commit, git


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [
        ("ada", "admin", "admin"),
        ("max", "write", "maintain"),
        ("wendy", "write", "write"),
        ("tim", "read", "triage"),
        ("rita", "read", "read"),
        ("stan", "none", "none"),
    ],
)
def test_roles_and_the_older_permission_word(hub: Hub, login: str, permission: str, role: str) -> None:
    shown = hub.call(BOT, "GET", f"{MAIN}/collaborators/{login}/permission").json()
    assert (shown["permission"], shown["role_name"]) == (permission, role)
    assert hub.info.users[login].role == role


def test_the_permission_of_somebody_unknown_is_404(hub: Hub) -> None:
    assert hub.call(BOT, "GET", f"{MAIN}/collaborators/nobody/permission").status_code == 404
    assert hub.call("", "GET", f"{MAIN}/collaborators/ada/permission").status_code == 401


def test_the_app_creates_repositories_and_the_bot_does_not(hub: Hub) -> None:
    body = {"name": "hello world", "description": "A page", "homepage": "https://example.org"}
    refused = hub.call(BOT, "POST", "/orgs/acme/repos", body)
    assert refused.status_code == 403
    created = hub.call(APP, "POST", "/orgs/acme/repos", body)
    assert created.status_code == 201
    assert created.json()["full_name"] == "acme/hello-world"
    assert created.json()["permissions"]["admin"] is True
    again = hub.call(APP, "POST", "/orgs/acme/repos", body)
    assert again.status_code == 422
    assert again.json()["errors"][0]["message"] == "name already exists on this account"
    assert hub.call(APP, "POST", "/repos/acme/hello-world/labels", {"name": "l"}).status_code == 201
    assert hub.call(BOT, "POST", "/repos/acme/hello-world/labels", {"name": "m"}).status_code == 403
    assert hub.call(APP, "POST", "/orgs/nobody/repos", body).status_code == 404


def test_people_create_repositories_of_their_own(hub: Hub) -> None:
    created = hub.call("rita", "POST", "/user/repos", {"name": "notes", "auto_init": True, "private": True})
    assert (created.status_code, created.json()["full_name"]) == (201, "rita/notes")
    assert hub.call("ada", "GET", "/repos/rita/notes").status_code == 404
    assert hub.call("rita", "GET", "/repos/rita/notes/contents/README.md").status_code == 200
    assert hub.call(APP, "POST", "/user/repos", {"name": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["", "..", "a.git", None, "x" * 101, 7])
def test_a_name_that_cannot_be_used_is_422(hub: Hub, name: object) -> None:
    assert hub.call("ada", "POST", "/user/repos", {"name": name}).status_code == 422


def test_a_repository_is_edited_and_deleted_by_admins(hub: Hub) -> None:
    assert hub.call("max", "PATCH", MAIN, {"description": "x"}).status_code == 403
    assert hub.call("ada", "PATCH", MAIN, {"description": "x"}).json()["description"] == "x"
    assert hub.call("ada", "PATCH", MAIN, {"default_branch": "absent"}).status_code == 422
    hub.issue()
    assert hub.call("max", "DELETE", MAIN).status_code == 403
    assert hub.call("ada", "DELETE", MAIN).status_code == 204
    assert hub.call("ada", "GET", MAIN).status_code == 404


def test_files_and_directories(hub: Hub, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    commit(work, "docs/größe und mehr.md", "Grüße\n")
    commit(work, "data.bin", "\x00\x01")
    assert git(work, "push", "-q", "origin", "HEAD:refs/heads/topic/one").returncode == 0
    query = {"ref": "topic/one"}
    file = hub.call("rita", "GET", f"{MAIN}/contents/docs/größe und mehr.md", params=query).json()
    assert base64.b64decode(file["content"]).decode() == "Grüße\n"
    assert (file["type"], file["encoding"], file["size"]) == ("file", "base64", 8)
    top = hub.call("rita", "GET", f"{MAIN}/contents", params=query).json()
    assert [(each["name"], each["type"]) for each in top] == [
        ("README.md", "file"),
        ("data.bin", "file"),
        ("docs", "dir"),
    ]
    inner = hub.call("rita", "GET", f"{MAIN}/contents/docs/", params=query).json()
    assert [each["path"] for each in inner] == ["docs/größe und mehr.md"]
    for missing in ("data.bin", "nothing.txt", "../config", "docs/../README.md"):
        assert (
            hub.call("rita", "GET", f"{MAIN}/contents/{missing.replace('..', '%2E%2E')}").status_code == 404
        )
    assert hub.call("rita", "GET", f"{MAIN}/contents/README.md", params={"ref": "no"}).status_code == 404


def test_branches_refs_and_commits(hub: Hub, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    ids = [commit(work, "a.txt", f"{number}\n") for number in range(3)]
    git(work, "push", "-q", "origin", "HEAD:refs/heads/topic/one")
    git(work, "push", "-q", "origin", "HEAD:refs/orchestrator/inbox/e1")
    names = [each["name"] for each in hub.call("rita", "GET", f"{MAIN}/branches").json()]
    assert names == ["main", "topic/one"]
    assert hub.call("rita", "GET", f"{MAIN}/branches/topic/one").json()["commit"]["sha"] == ids[-1]
    assert hub.call("rita", "GET", f"{MAIN}/branches/topic").status_code == 404
    ref = hub.call("rita", "GET", f"{MAIN}/git/ref/heads/topic/one").json()
    assert (ref["ref"], ref["object"]["sha"]) == ("refs/heads/topic/one", ids[-1])
    assert hub.call("rita", "GET", f"{MAIN}/git/ref/heads/top").status_code == 404
    inbox = hub.call("rita", "GET", f"{MAIN}/git/matching-refs/orchestrator/inbox/").json()
    assert [each["ref"] for each in inbox] == ["refs/orchestrator/inbox/e1"]
    query = {"sha": "topic/one", "per_page": "2"}
    page = hub.call("rita", "GET", f"{MAIN}/commits", params=query)
    assert [each["sha"] for each in page.json()] == ids[:0:-1]
    assert 'page=2>; rel="last"' in page.headers["link"]
    of_file = hub.call("rita", "GET", f"{MAIN}/commits", params={**query, "path": "README.md"}).json()
    assert [each["commit"]["message"] for each in of_file] == ["Initial commit"]
    assert hub.call("rita", "GET", f"{MAIN}/commits", params={"sha": "nothing"}).status_code == 404


@pytest.mark.parametrize("ref", ["--help", "main^0", "main~0", ":/Init", "@{-1}", "main..main"])
def test_a_ref_is_a_name_and_no_expression(hub: Hub, ref: str) -> None:
    assert hub.call("rita", "GET", f"{MAIN}/contents/README.md", params={"ref": ref}).status_code == 404
    assert hub.call("rita", "GET", f"{MAIN}/commits", params={"sha": ref}).status_code == 404
