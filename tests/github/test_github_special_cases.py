"""Answers that need a second look: what is as good as success, what must not be sent, who may do what."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import responses

from bot.adapters.github.forge import GitHub
from bot.domain.errors import NotFound, Rejected
from bot.ports.facts import RepositoryFacts

API = "https://api.github.com"
HOME = f"{API}/repos/acme/site"
Connect = Callable[..., GitHub]

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


def _sent(call: responses.Call) -> Any:
    """The JSON that a request carried, None where it carried nothing."""
    body = call.request.body
    return json.loads(body) if body else None


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        ({"permission": "admin", "role_name": "admin"}, "admin"),
        ({"permission": "read", "role_name": "triage"}, "triage"),
        ({"permission": "write"}, "write"),
        ({"permission": "none", "role_name": "none", "user": None}, "none"),
        (
            {
                "permission": "write",
                "role_name": "release-captain",
                "user": {"permissions": {"pull": True, "triage": True, "push": True, "maintain": True}},
            },
            "maintain",
        ),
        ({"permission": "read", "role_name": "auditor"}, "read"),
    ],
)
def test_roles(answer: object, role: str, api: responses.RequestsMock, connect: Connect) -> None:
    api.get(f"{HOME}/collaborators/mona/permission", json=answer)
    assert connect().role("mona") == role


def test_an_unknown_user_has_no_role(api: responses.RequestsMock, connect: Connect) -> None:
    api.get(f"{HOME}/collaborators/nobody/permission", json={"message": "nobody is not a user"}, status=404)
    assert connect().role("nobody") == "none"


def test_nothing_is_asked_where_nothing_changes(connect: Connect) -> None:
    forge = connect()
    forge.edit_issue(12)
    forge.add_labels(12, [])
    assert forge.requests == 0


def test_a_label_that_is_not_on_the_issue_is_fine(api: responses.RequestsMock, connect: Connect) -> None:
    api.delete(f"{HOME}/issues/12/labels/a", json={"message": "Label does not exist"}, status=404)
    forge = connect()
    forge.remove_label(12, "a")
    assert forge.requests == 1


def test_a_label_on_a_missing_issue_is_not_fine(api: responses.RequestsMock, connect: Connect) -> None:
    api.delete(f"{HOME}/issues/99/labels/a", json={"message": "Not Found"}, status=404)
    with pytest.raises(NotFound, match="#99"):
        connect().remove_label(99, "a")


def test_a_label_that_exists_is_fine_but_a_wrong_one_is_not(
    api: responses.RequestsMock, connect: Connect
) -> None:
    errors = [{"resource": "Label", "code": "already_exists", "field": "name"}]
    api.post(f"{HOME}/labels", json={"message": "Validation Failed", "errors": errors}, status=422)
    connect().create_label("a", "ff0000", "")
    errors = [{"resource": "Label", "code": "invalid", "field": "color"}]
    api.post(f"{HOME}/labels", json={"message": "Validation Failed", "errors": errors}, status=422)
    with pytest.raises(Rejected, match="color: invalid"):
        connect().create_label("a", "red", "")


def test_cancelling_a_run_that_has_ended_is_fine(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(f"{HOME}/actions/runs/1/cancel", json={"message": "Cannot cancel a completed run."}, status=409)
    forge = connect()
    forge.cancel_run(1)
    assert forge.requests == 1


DISPATCHES = f"{HOME}/actions/workflows/worker.yml/dispatches"


def test_a_dispatch_that_tells_no_run(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(DISPATCHES, status=204)
    assert connect(default_branch="main").dispatch("worker.yml", {}) is None


def test_a_dispatch_to_a_server_that_knows_no_run_details(
    api: responses.RequestsMock, connect: Connect
) -> None:
    unknown = {"message": 'Invalid request.\n\n"return_run_details" is not a permitted key.'}
    api.post(DISPATCHES, json=unknown, status=422)
    api.post(DISPATCHES, status=204)
    forge = connect(default_branch="main")
    assert [forge.dispatch("worker.yml", {}), forge.dispatch("worker.yml", {})] == [None, None]
    asked = ["return_run_details" in _sent(call) for call in api.calls]
    assert asked == [True, False, False]


def test_a_dispatch_that_is_refused_for_its_inputs(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(DISPATCHES, json={"message": 'Unexpected inputs provided: ["x"]'}, status=422)
    forge = connect(default_branch="main")
    with pytest.raises(Rejected, match="Unexpected inputs"):
        forge.dispatch("worker.yml", {"x": "1"})
    assert forge.requests == 1


def test_the_default_branch_is_asked_for_once(api: responses.RequestsMock, connect: Connect) -> None:
    api.get(HOME, json=REPOSITORY)
    api.post(DISPATCHES, status=204)
    forge = connect()
    forge.dispatch("worker.yml", {})
    forge.dispatch("worker.yml", {})
    assert _sent(api.calls[1])["ref"] == "trunk"
    assert forge.requests == 3


def test_a_persons_repository(api: responses.RequestsMock, connect: Connect) -> None:
    api.post(f"{API}/graphql", json={"data": {"viewer": {"login": "Acme"}}})
    api.post(f"{API}/orgs/acme/repos", json={"message": "Not Found"}, status=404)
    api.post(f"{API}/user/repos", json=REPOSITORY, status=201)
    forge = connect()
    forge.whoami()
    assert forge.create_repository("A site", private=True) == REPOSITORY_FACTS
    assert forge.requests == 3
    assert _sent(api.calls[2])["private"] is True


def test_no_repository_is_made_under_someone_elses_name(
    api: responses.RequestsMock, connect: Connect
) -> None:
    api.post(f"{API}/orgs/acme/repos", json={"message": "Not Found"}, status=404)
    api.post(f"{API}/graphql", json={"data": {"viewer": {"login": "mona"}}})
    with pytest.raises(NotFound, match="acme/site"):
        connect().create_repository("A site")


def test_a_repository_that_exists(api: responses.RequestsMock, connect: Connect) -> None:
    errors = [{"resource": "Repository", "field": "name", "message": "name already exists on this account"}]
    api.post(
        f"{API}/orgs/acme/repos",
        json={"message": "Repository creation failed.", "errors": errors},
        status=422,
    )
    with pytest.raises(Rejected, match="name already exists"):
        connect().create_repository("A site")


def _file(content: bytes, **changes: Any) -> dict[str, Any]:
    encoded = base64.encodebytes(content).decode()
    return {"type": "file", "size": len(content), "encoding": "base64", "content": encoded, **changes}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([_file(b"")], "is a directory"),
        (_file(b"\xff\xfe\x00"), "not a text file"),
        (_file(b"a\x00b"), "not a text file"),
        (_file(b"", size=1_500_000, encoding="none"), "1,500,000 bytes"),
        (_file(b"", size=900_000, encoding="none"), "900,000 bytes"),
        ({"type": "submodule", "size": 0}, "is a submodule"),
    ],
)
def test_what_is_no_text_file(
    answer: object, said: str, api: responses.RequestsMock, connect: Connect
) -> None:
    api.get(f"{HOME}/contents/docs/plan", json=answer)
    with pytest.raises(Rejected, match=said):
        connect().file_text("docs/plan")


def test_a_file_beyond_what_github_sends(api: responses.RequestsMock, connect: Connect) -> None:
    refusal = {"message": "This API returns blobs up to 100 MB", "errors": [{"code": "too_large"}]}
    api.get(f"{HOME}/contents/big", json=refusal, status=403)
    with pytest.raises(Rejected, match="smaller than 1 MB"):
        connect().file_text("big")


@pytest.mark.parametrize("path", ["../../other/secrets", "a/../b", "/etc/passwd", "", "a//b", "./a"])
def test_paths_that_lead_out_are_never_sent(path: str, connect: Connect) -> None:
    forge = connect()
    with pytest.raises(Rejected):
        forge.file_text(path)
    assert forge.requests == 0


def test_a_login_cannot_lead_out(connect: Connect) -> None:
    with pytest.raises(Rejected):
        connect().role("..")
