"""Secrets, variables, Actions' settings, runners, rulesets, trees and files over REST."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from githubkit import GitHub, TokenAuthStrategy
from nacl.public import PublicKey, SealedBox

from bot.hub.data.refusals import Invalid, Missing
from tests.hub.driver import APP, BOT, MAIN, Hub, branch, clone, git, head_of

ACTIONS = f"{MAIN}/actions"
KEPT: list[object] = []
"""Clients that are in use: githubkit's parts hold them by weak references alone."""
OWN = {"owner": "acme", "repo": "factory"}


def kit(hub: Hub, login: str = "ada") -> Any:
    """githubkit as a client, whose models hold the answers to GitHub's API description."""
    auth = TokenAuthStrategy(hub.token(login))
    client = GitHub(auth, base_url=f"{hub.info.api_url}/", http_cache=False, auto_retry=False)
    KEPT.append(client)
    return client.rest


def test_a_secret_is_sealed_kept_and_never_shown(hub: Hub) -> None:
    rest = kit(hub, "wendy")
    key = rest.actions.get_repo_public_key(**OWN).parsed_data
    sealed = SealedBox(PublicKey(base64.b64decode(key.key))).encrypt(b"grey heron")
    given = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key.key_id}
    assert hub.call("wendy", "PUT", f"{ACTIONS}/secrets/my_key", given).status_code == 201
    assert hub.call("wendy", "PUT", f"{ACTIONS}/secrets/MY_KEY", given).status_code == 204
    listed = rest.actions.list_repo_secrets(**OWN).parsed_data
    assert [one.name for one in listed.secrets] == ["MY_KEY"]
    assert "heron" not in hub.call("ada", "GET", f"{ACTIONS}/secrets").text
    assert hub.world.secrets.value(hub.repository, "MY_KEY") == "grey heron"
    assert hub.call("wendy", "DELETE", f"{ACTIONS}/secrets/MY_KEY").status_code == 204
    assert hub.call("wendy", "DELETE", f"{ACTIONS}/secrets/MY_KEY").status_code == 404
    assert rest.actions.list_repo_organization_secrets(**OWN).parsed_data.total_count == 0


@pytest.mark.parametrize("given", [{}, {"encrypted_value": "AAAA", "key_id": "wrong"}, {"key_id": 1}])
def test_a_secret_that_the_key_does_not_open_is_422(hub: Hub, given: dict[str, object]) -> None:
    assert hub.call("wendy", "PUT", f"{ACTIONS}/secrets/X", given).status_code == 422
    key = hub.call("wendy", "GET", f"{ACTIONS}/secrets/public-key").json()["key_id"]
    body = {"encrypted_value": "AAAA", "key_id": key}
    assert hub.call("wendy", "PUT", f"{ACTIONS}/secrets/X", body).status_code == 422
    assert hub.call("wendy", "PUT", f"{ACTIONS}/secrets/GITHUB_X", body).status_code == 422


@pytest.mark.parametrize("login", ["tim", "rita", "stan", BOT])
def test_secrets_and_variables_are_for_those_who_may_write(hub: Hub, login: str) -> None:
    for path in ("secrets", "secrets/public-key", "variables"):
        assert hub.call(login, "GET", f"{ACTIONS}/{path}").status_code == 403
    body = {"name": "A", "value": "b"}
    assert hub.call(login, "POST", f"{ACTIONS}/variables", body).status_code == 403


def test_variables(hub: Hub) -> None:
    rest = kit(hub, "wendy")
    body = {"name": "mode", "value": "loop"}
    assert hub.call("wendy", "POST", f"{ACTIONS}/variables", body).status_code == 201
    assert hub.call("wendy", "POST", f"{ACTIONS}/variables", body).status_code == 409
    assert rest.actions.get_repo_variable(**OWN, name="MODE").parsed_data.value == "loop"
    assert hub.call("wendy", "PATCH", f"{ACTIONS}/variables/MODE", {"value": "cron"}).status_code == 204
    found = rest.actions.list_repo_variables(**OWN).parsed_data
    assert [(one.name, one.value) for one in found.variables] == [("MODE", "cron")]
    assert hub.call("wendy", "PATCH", f"{ACTIONS}/variables/OTHER", {"value": "x"}).status_code == 404
    assert hub.call("wendy", "POST", f"{ACTIONS}/variables", {"name": "a b", "value": ""}).status_code == 422
    assert hub.call("wendy", "DELETE", f"{ACTIONS}/variables/MODE").status_code == 204
    assert rest.actions.list_repo_organization_variables(**OWN).parsed_data.total_count == 0


def test_settings_of_actions_are_for_administrators(hub: Hub) -> None:
    rest, path = kit(hub), f"{ACTIONS}/permissions"
    shown = rest.actions.get_github_actions_permissions_repository(**OWN).parsed_data
    assert (shown.enabled, shown.allowed_actions) == (True, "all")
    assert hub.call("ada", "GET", f"{path}/selected-actions").status_code == 409
    change = {"enabled": True, "allowed_actions": "selected"}
    assert hub.call("ada", "PUT", path, change).status_code == 204
    patterns = {"patterns_allowed": ["else/*"], "github_owned_allowed": False}
    assert hub.call("ada", "PUT", f"{path}/selected-actions", patterns).status_code == 204
    selected = rest.actions.get_allowed_actions_repository(**OWN).parsed_data
    assert (selected.patterns_allowed, selected.github_owned_allowed) == (["else/*"], False)
    assert hub.call("ada", "PUT", path, {"enabled": "yes"}).status_code == 422
    workflow = {"can_approve_pull_request_reviews": True}
    assert hub.call("ada", "PUT", f"{path}/workflow", workflow).status_code == 204
    kept = rest.actions.get_github_actions_default_workflow_permissions_repository(**OWN).parsed_data
    assert (kept.default_workflow_permissions, kept.can_approve_pull_request_reviews) == ("read", True)
    for login in ("max", "wendy", BOT):
        assert hub.call(login, "GET", path).status_code == 403


def test_the_workflows_are_the_files_of_the_default_branch(hub: Hub, tmp_path: Path) -> None:
    rest = kit(hub, "rita")
    assert rest.actions.list_repo_workflows(**OWN).parsed_data.total_count == 0
    work = clone(hub, tmp_path / "work")
    branch(hub, work, "main", {".github/workflows/a.yml": "x\n", ".github/workflows/readme.md": "x\n"})
    (only,) = rest.actions.list_repo_workflows(**OWN).parsed_data.workflows
    assert (only.path, only.state) == (".github/workflows/a.yml", "active")
    assert hub.call("rita", "PUT", f"{ACTIONS}/workflows/a.yml/disable").status_code == 403
    assert hub.call("wendy", "PUT", f"{ACTIONS}/workflows/a.yml/disable").status_code == 204
    assert hub.call("rita", "GET", f"{ACTIONS}/workflows/{only.id}").json()["state"] == "disabled_manually"
    assert hub.call("wendy", "PUT", f"{ACTIONS}/workflows/{only.id}/enable").status_code == 204
    assert hub.call("wendy", "PUT", f"{ACTIONS}/workflows/b.yml/enable").status_code == 404


def test_runners_are_listed_for_administrators(hub: Hub) -> None:
    hub.world.settings.add_runner(hub.repository, "box", "offline", ["self-hosted", "gpu"])
    (only,) = kit(hub).actions.list_self_hosted_runners_for_repo(**OWN).parsed_data.runners
    assert (only.name, only.status) == ("box", "offline")
    assert [label.name for label in only.labels] == ["self-hosted", "gpu"]
    assert hub.call("wendy", "GET", f"{ACTIONS}/runners").status_code == 403


@pytest.mark.parametrize(
    ("include", "exclude", "enforcement", "holds"),
    [
        (["refs/heads/state"], [], "active", True),
        (["refs/heads/st*"], [], "active", True),
        (["~ALL"], [], "active", True),
        (["~ALL"], ["refs/heads/state"], "active", False),
        (["~DEFAULT_BRANCH"], [], "active", False),
        (["~ALL"], [], "evaluate", False),
    ],
)
def test_the_rules_of_a_branch(
    hub: Hub, include: list[str], exclude: list[str], enforcement: str, *, holds: bool
) -> None:
    ruleset = {
        "name": "strict",
        "enforcement": enforcement,
        "conditions": {"ref_name": {"include": include, "exclude": exclude}},
        "rules": [{"type": "required_signatures"}],
    }
    assert hub.call("wendy", "POST", f"{MAIN}/rulesets", ruleset).status_code == 403
    assert hub.call("ada", "POST", f"{MAIN}/rulesets", ruleset).status_code == 201
    rules = kit(hub, "rita").repos.get_branch_rules(**OWN, branch="state").parsed_data
    assert [rule.type for rule in rules] == (["required_signatures"] if holds else [])


def test_a_commit_is_made_of_a_tree(hub: Hub, tmp_path: Path) -> None:
    rest, head = kit(hub, "wendy"), head_of(hub)
    base = rest.git.get_commit(**OWN, commit_sha=head).parsed_data.tree.sha
    entries = [
        {"path": "docs/a.md", "mode": "100644", "type": "blob", "content": "Grüße\n"},
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = rest.git.create_tree(**OWN, base_tree=base, tree=entries).parsed_data
    assert [one.path for one in tree.tree] == ["docs"]
    assert rest.git.get_tree(**OWN, tree_sha=tree.sha).parsed_data.sha == tree.sha
    made = rest.git.create_commit(**OWN, message="Both", tree=tree.sha, parents=[head]).parsed_data
    assert (made.message, made.author.name) == ("Both", "Wendy")
    assert (
        rest.git.create_ref(**OWN, ref="refs/heads/topic", sha=made.sha).parsed_data.object_.sha == made.sha
    )
    work = clone(hub, tmp_path / "work")
    assert git(work, "show", "origin/topic:docs/a.md").stdout == "Grüße\n"
    assert git(work, "cat-file", "-e", "origin/topic:README.md").returncode != 0
    for login in ("rita", ""):
        refused = hub.call(login, "POST", f"{MAIN}/git/trees", {"tree": entries}).status_code
        assert refused == (403 if login else 401)


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "", "mode": "100644", "content": ""},
        {"path": "/a", "mode": "100644", "content": ""},
        {"path": "../a", "mode": "100644", "content": ""},
        {"path": "a", "mode": "999999", "content": ""},
        {"path": "a", "mode": "100644", "sha": "0" * 40},
    ],
)
def test_a_tree_that_git_would_not_take_is_422(hub: Hub, entry: dict[str, object]) -> None:
    assert hub.call("wendy", "POST", f"{MAIN}/git/trees", {"tree": [entry]}).status_code == 422


def test_a_file_is_written_over_the_api_also_as_the_first_of_a_repository(hub: Hub) -> None:
    hub.call("ada", "POST", "/orgs/acme/repos", {"name": "empty"})
    path, content = "/repos/acme/empty/contents/README.md", base64.b64encode(b"one\n").decode()
    assert hub.call("ada", "POST", "/repos/acme/empty/git/trees", {"tree": []}).status_code == 409
    first = hub.call("ada", "PUT", path, {"message": "Begin", "content": content})
    assert first.status_code == 201
    sha = first.json()["content"]["sha"]
    again = {"message": "Again", "content": base64.b64encode(b"two\n").decode()}
    assert hub.call("ada", "PUT", path, again).status_code == 422
    assert hub.call("ada", "PUT", path, {**again, "sha": "0" * 40}).status_code == 409
    assert hub.call("ada", "PUT", path, {**again, "sha": sha}).status_code == 200
    assert base64.b64decode(hub.call("ada", "GET", path).json()["content"]) == b"two\n"
    assert hub.call("ada", "PUT", path, {**again, "branch": "absent"}).status_code == 404


def test_a_classic_token_tells_its_scopes_and_no_other_does(hub: Hub) -> None:
    assert "x-oauth-scopes" not in hub.call("wendy", "GET", MAIN).headers
    hub.world.users.limit_token(hub.token("wendy"), "repo", "workflow")
    assert hub.call("wendy", "GET", MAIN).headers["x-oauth-scopes"] == "repo, workflow"
    assert "x-oauth-scopes" not in hub.call("ada", "GET", MAIN).headers


def test_a_repository_is_archived_and_loses_its_issues(hub: Hub) -> None:
    assert hub.call("wendy", "PATCH", MAIN, {"archived": True}).status_code == 403
    shown = hub.call("ada", "PATCH", MAIN, {"archived": True, "has_issues": False}).json()
    assert (shown["archived"], shown["has_issues"]) == (True, False)
    assert hub.call("rita", "GET", MAIN).json()["archived"] is True


def test_a_manifest_is_converted_once(hub: Hub) -> None:
    owner = hub.world.users.find("acme")
    manifest = {"name": "Our App", "url": "https://example.org", "default_permissions": {"issues": "write"}}
    code = hub.world.apps.submit(owner, manifest)
    made = kit(hub).apps.create_from_manifest(code=code).parsed_data
    assert (made.slug, made.pem.splitlines()[0]) == ("our-app", "-----BEGIN RSA PRIVATE KEY-----")
    assert hub.world.users.find("our-app[bot]").id == made.id
    with pytest.raises(Missing):
        hub.world.apps.convert(code)
    for wrong in ({}, {"url": "x", "hook_attributes": {}}, {"url": "x", "default_permissions": {"a": "all"}}):
        with pytest.raises(Invalid):
            hub.world.apps.submit(owner, wrong)
    assert hub.call(APP, "POST", "/app-manifests/none/conversions").status_code == 404
