"""Where projects live: told apart in a shared repository, told of in the thread, and closed when done."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.commands.naming import project_id
from bot.domain.models import Project, Task
from bot.domain.outputs import Deployment
from bot.domain.repositories import Repositories, branch_for
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.policies.working.branches import branch_of
from bot.render.notices import genesis_done
from tests.core.test_stages import issue
from tests.core.worlds import (
    START,
    assignments,
    begun,
    claimed,
    comment,
    output,
    published,
    reported,
    settled,
)

HERE = {
    "repository": "acme/factory",
    "repository_url": "http://hub/acme/factory",
    "branch": "projects/a-page-1",
    "default_branch": "projects/a-page-1",
}
ids = st.builds(lambda words, number: project_id(words, number, {}), st.text(max_size=60), st.integers(1, 99))
keys = st.from_regex(r"\A[a-z0-9-]{1,40}\Z")


def one(project: str, key: str) -> tuple[Project, Task]:
    common: dict[str, Any] = {"created_at": START, "updated_at": START, "shared": True}
    made = Project(id=project, title="A", idea="A", asked_on=1, requester="wendy", **common)
    named = {"id": f"{project}.{key}.feature", "item": key, "created_at": START}
    return made, Task(workflow=Workflow.DEVELOPMENT, specialty="feature", **named)


@given(ids, keys, ids, keys)
def test_two_projects_of_a_repository_never_share_a_branch(a: str, key: str, b: str, other: str) -> None:
    first, second = branch_of(*one(a, key)), branch_of(*one(b, other))
    assert (first == second) == ((a, key) == (b, other))
    # git keeps a branch as a file: none may be a folder of another
    taken = {first, second, branch_for(a), branch_for(b)}
    assert not any(name.startswith(f"{above}/") for name in taken for above in taken)


def test_the_thread_is_told_where_it_went_and_what_is_missing() -> None:
    made = output(**HERE, left_out=(".github/workflows/ci.yml",), issues=(), files=("README.md",))
    assert genesis_done(made, Repositories(owner="acme-projects")) == snapshot("""\
**Scaffolded:** branch [`projects/a-page-1`](http://hub/acme/factory/tree/projects/a-page-1) of `acme/factory` (1 file, 1 test run and passed, stack `web`, by `template`).

0 issues filed for Development:


**Not in a repository of its own:** there is no token that may make one. So the project is at the root of that branch, its pull requests go there, and its issues are in this repository. Left out: `.github/workflows/ci.yml`, because workflows there would run with this repository's secrets; so nothing but the workers runs its tests.

For the projects to come, keep as the secret `ORCHESTRATOR_GENESIS_TOKEN` a token that may make repositories under `acme-projects`: of a GitHub App that is installed on all of its repositories, or of a person, with write access to administration, contents, issues, pull requests, pages, actions and workflows (a classic token: the scopes `repo` and `workflow`).\
""")


def test_nothing_is_missing_in_a_repository_of_its_own() -> None:
    made = output(repository="acme/a-page-1", repository_url="http://hub/acme/a-page-1", protected=True)
    assert "ORCHESTRATOR_GENESIS_TOKEN" not in genesis_done(made, Repositories())
    assert "protected" not in genesis_done(made, Repositories())
    bare = made.model_copy(update={"protected": False})
    assert "The branch `main` could not be protected" in genesis_done(bare, Repositories())


def deployed(numbered: int | None) -> State:
    """A project whose only task of Development, its deployment, has just been published."""
    plan = issue("put-it-up", specialty="deployment").model_copy(update={"number": numbered})
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    made = output(repository="acme/a-page-1", repository_url="http://hub/acme/a-page-1", issues=(plan,))
    state = settled(state, claimed(held)).state
    state = settled(state, reported(held, genesis=made)).state
    state = settled(state, published(held).model_copy(update={"genesis": made})).state
    (held,) = assignments(state)
    state = settled(state, claimed(held, seconds=40)).state
    deployment = Deployment(url="http://site/", health="200 OK")
    done = settled(state, reported(held, seconds=50, deployment=deployment))
    again = settled(done.state, reported(held, seconds=50, deployment=deployment))
    assert again.state.outbox == done.state.outbox, "a report that is repeated asks for nothing more"
    return done.state


@pytest.mark.parametrize("number", [7, None])
def test_a_deployment_closes_its_issue_where_there_is_one(number: int | None) -> None:
    closing = [one.effect for one in deployed(number).outbox.entries if one.effect.kind == "close-issue"]
    expected = [("acme/a-page-1", "put-it-up", 7)] if number else []
    assert [(each.repository, each.key, each.number) for each in closing] == expected
