"""The hub by other people's measures: GitHub's API description (githubkit) and PyGithub as a client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import github
import pytest
from githubkit_schemas.v2026_03_10 import models
from pydantic import BaseModel, TypeAdapter

from tests.hub.driver import APP, BOT, MAIN, Hub, branch, clone, commit, git, head_of, pull, serving

TABLE: tuple[tuple[str, type[BaseModel]], ...] = (
    ("/user", models.PrivateUser),
    ("/users/ada", models.PublicUser),
    ("/users/github-actions%5Bbot%5D", models.PublicUser),
    ("/orgs/acme", models.OrganizationFull),
    ("/meta", models.ApiOverview),
    ("/rate_limit", models.RateLimitOverview),
    (MAIN, models.FullRepository),
    (f"{MAIN}/collaborators/max/permission", models.RepositoryCollaboratorPermission),
    (f"{MAIN}/issues/1", models.Issue),
    (f"{MAIN}/labels/idea", models.Label),
    (f"{MAIN}/milestones/1", models.Milestone),
    (f"{MAIN}/branches/main", models.BranchWithProtection),
    (f"{MAIN}/git/ref/heads/main", models.GitRef),
    (f"{MAIN}/contents/README.md", models.ContentFile),
    (f"{MAIN}/actions/workflows/worker.yml", models.Workflow),
    (f"{MAIN}/pulls/2", models.PullRequest),
    (f"{MAIN}/pulls/3", models.PullRequest),
    (f"{MAIN}/issues/2", models.Issue),
    (f"{MAIN}/commits/topic", models.Commit),
    (f"{MAIN}/commits/topic/status", models.CombinedCommitStatus),
    (f"{MAIN}/compare/main...topic", models.CommitComparison),
    (f"{MAIN}/branches/main/protection", models.BranchProtection),
    (f"{MAIN}/pages", models.Page),
    (f"{MAIN}/pages/builds/latest", models.PageBuild),
)
LISTS: tuple[tuple[str, type[BaseModel]], ...] = (
    (f"{MAIN}/issues", models.Issue),
    (f"{MAIN}/issues/comments", models.IssueComment),
    (f"{MAIN}/issues/1/comments", models.IssueComment),
    (f"{MAIN}/issues/1/reactions", models.Reaction),
    (f"{MAIN}/issues/1/labels", models.Label),
    (f"{MAIN}/issues/events", models.IssueEvent),
    (f"{MAIN}/issues/1/events", models.IssueEvent),
    (f"{MAIN}/labels", models.Label),
    (f"{MAIN}/milestones", models.Milestone),
    (f"{MAIN}/branches", models.ShortBranch),
    (f"{MAIN}/commits", models.Commit),
    (f"{MAIN}/contents", models.ContentDirectoryItems),
    (f"{MAIN}/pulls", models.PullRequestSimple),
    (f"{MAIN}/pulls/2/files", models.DiffEntry),
    (f"{MAIN}/pulls/2/commits", models.Commit),
    (f"{MAIN}/pulls/2/reviews", models.PullRequestReview),
    (f"{MAIN}/pulls/2/comments", models.PullRequestReviewComment),
    (f"{MAIN}/issues/3/events", models.IssueEvent),
    (f"{MAIN}/commits/topic/statuses", models.Status),
)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that has one of everything, for tests that only look."""
    folder = tmp_path_factory.mktemp("busy")
    with serving(folder / "hub") as hub:
        fill(hub)
        fill_pulls(hub, clone(hub, folder / "work"))
        yield hub


def fill(hub: Hub) -> None:
    hub.call("ada", "POST", f"{MAIN}/milestones", {"title": "MVP"})
    hub.issue("ada", body="Body", labels=["idea"], milestone=1, assignees=["wendy"])
    hub.call("rita", "POST", f"{MAIN}/issues/1/comments", {"body": "x"})
    hub.call("rita", "POST", f"{MAIN}/issues/1/reactions", {"content": "eyes"})
    for state in ("closed", "open"):
        hub.call("ada", "PATCH", f"{MAIN}/issues/1", {"state": state, "title": f"Now {state}"})
    hub.call(BOT, "POST", f"{MAIN}/actions/workflows/worker.yml/dispatches", {"ref": "main"})


def fill_pulls(hub: Hub, work: Path) -> None:
    """An open pull request with a review and a status, a merged one, protection, and a site."""
    for name in ("topic", "merged"):
        branch(hub, work, name, {f"{name}.txt": "x\n"})
        pull(hub, head=name)
    remark = {"path": "topic.txt", "line": 1, "body": "Why?"}
    review = {"event": "REQUEST_CHANGES", "body": "No.", "comments": [remark]}
    hub.call("max", "POST", f"{MAIN}/pulls/2/reviews", review)
    hub.call(BOT, "POST", f"{MAIN}/statuses/{head_of(hub, 'topic')}", {"state": "failure", "context": "ci"})
    assert hub.call("max", "PUT", f"{MAIN}/pulls/3/merge", {}).status_code == 200
    rules = {
        "required_status_checks": {"strict": True, "contexts": ["ci"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 2},
        "restrictions": None,
    }
    hub.call("ada", "PUT", f"{MAIN}/branches/main/protection", rules)
    hub.call("ada", "POST", f"{MAIN}/pages", {"source": {"branch": "main", "path": "/"}})


@pytest.mark.parametrize(("path", "model"), TABLE)
def test_an_answer_has_every_field_that_github_describes(
    busy: Hub, path: str, model: type[BaseModel]
) -> None:
    answer = busy.call("ada", "GET", path)
    assert answer.status_code == 200
    model.model_validate(answer.json())


@pytest.mark.parametrize(("path", "model"), LISTS)
def test_a_list_has_every_field_that_github_describes(busy: Hub, path: str, model: Any) -> None:
    answer = busy.call("ada", "GET", path)
    assert answer.json() != []
    TypeAdapter(list[model]).validate_python(answer.json())


def test_runs_dispatches_and_new_things_too(busy: Hub) -> None:
    runs = busy.call("ada", "GET", f"{MAIN}/actions/runs").json()["workflow_runs"]
    assert [models.WorkflowRun.model_validate(run).display_title for run in runs] == ["worker"]
    models.WorkflowRun.model_validate(busy.call("ada", "GET", f"{MAIN}/actions/runs/{runs[0]['id']}").json())
    created = busy.call(APP, "POST", "/orgs/acme/repos", {"name": "hello"}).json()
    models.FullRepository.model_validate(created)


@pytest.fixture
def ada(hub: Hub) -> Any:
    return client(hub, "ada").get_repo("acme/factory")


def client(hub: Hub, login: str) -> github.Github:
    return github.Github(
        auth=github.Auth.Token(hub.token(login)),
        base_url=hub.info.api_url,
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def test_pygithub_works_on_issues(hub: Hub, ada: Any) -> None:
    issue = ada.create_issue("An idea", "Body", labels=["idea"])
    comment = issue.create_comment("/dispatch-genesis A page")
    comment.create_reaction("rocket")
    assert [each.content for each in comment.get_reactions()] == ["rocket"]
    comment.edit("edited")
    assert [each.body for each in issue.get_comments()] == ["edited"]
    issue.add_to_labels("priority:high", "status:queued")
    issue.remove_from_labels("idea")
    issue.set_labels("priority:low")
    assert [each.name for each in issue.get_labels()] == ["priority:low"]
    issue.edit(state="closed", state_reason="not_planned")
    assert [each.event for each in issue.get_events()].count("labeled") == 4
    assert [each.number for each in ada.get_issues(state="closed", labels=["priority:low"])] == [1]
    assert ada.get_issues(state="open").totalCount == 0
    assert [each.id for each in ada.get_issues_comments(sort="updated", direction="asc")] == [comment.id]
    assert ada.get_issues_events()[0].event == "closed"


def test_pygithub_works_on_definitions_and_roles(hub: Hub, ada: Any) -> None:
    ada.create_label("stage:genesis", "1d76db", "Stage").edit("stage:development", "1d76db")
    milestone = ada.create_milestone("MVP", description="First")
    assert ada.create_issue("x", milestone=milestone).milestone.title == "MVP"
    assert [each.name for each in ada.get_labels()] == ["stage:development"]
    assert ada.get_collaborator_role_name("tim") == "triage"
    assert ada.get_collaborator_permission("tim") == "read"
    with pytest.raises(github.UnknownObjectException):
        ada.get_collaborator_role_name("nobody")


def test_pygithub_works_on_code_and_runs(hub: Hub, ada: Any, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    pushed = commit(work, "docs/a.md", "hello\n")
    git(work, "push", "-q", "origin", "main")
    assert ada.get_contents("docs/a.md").decoded_content == b"hello\n"
    assert [each.path for each in ada.get_contents("")] == ["README.md", "docs"]
    assert ada.get_branch("main").commit.sha == pushed
    assert ada.get_commits()[0].sha == pushed
    workflow = ada.get_workflow("worker.yml")
    assert workflow.create_dispatch("main", {"assignment": "a-1"})
    (run,) = workflow.get_runs()
    assert run.display_title == "a-1"
    assert run.cancel()
    assert ada.get_workflow_runs(status="cancelled").totalCount == 1


def test_pygithub_works_on_pull_requests(hub: Hub, ada: Any, tmp_path: Path) -> None:
    branch(hub, clone(hub, tmp_path / "work"), "topic", {"a.txt": "one\n"})
    ada.create_issue("To do")
    made = ada.create_pull(base="main", head="topic", title="A change", body="Closes #1", draft=False)
    assert (made.number, made.mergeable, made.mergeable_state) == (2, True, "clean")
    assert [each.number for each in ada.get_pulls(state="open", head="acme:topic", base="main")] == [2]
    assert [each.filename for each in made.get_files()] == ["a.txt"]
    assert [each.commit.message for each in made.get_commits()] == ["Write a.txt"]
    with pytest.raises(github.GithubException) as caught:
        ada.create_pull(base="main", head="topic", title="Again")
    assert (caught.value.status, caught.value.data["errors"][0]["code"]) == (422, "custom")
    made.create_issue_comment("Hello")
    made.add_to_labels("size:small")
    made.edit(title="Better")
    last = ada.get_commit(made.head.sha)
    last.create_status("success", "http://127.0.0.1/1", "All passed", "ci")
    assert (last.get_combined_status().state, last.get_statuses()[0].context) == ("success", "ci")
    assert last.get_check_runs().totalCount == 0
    with pytest.raises(github.GithubException) as caught:
        made.create_review(event="APPROVE")
    assert caught.value.data["errors"] == ["Can not approve your own pull request"]
    other = client(hub, "max").get_repo("acme/factory").get_pull(2)
    remark = {"path": "a.txt", "line": 1, "body": "Why?"}
    review = other.create_review(body="Well.", event="COMMENT", comments=[remark])
    assert (review.state, other.get_review(review.id).body) == ("COMMENTED", "Well.")
    assert [each.body for each in other.get_single_review_comments(review.id)] == ["Why?"]
    assert [(each.path, each.line) for each in other.get_review_comments()] == [("a.txt", 1)]
    other.create_review(event="APPROVE").dismiss("Too early.")
    assert [each.state for each in made.get_reviews()] == ["COMMENTED", "DISMISSED"]
    with pytest.raises(github.GithubException) as caught:
        made.merge(sha="1" * 40)
    assert caught.value.status == 409
    done = made.merge(commit_title="Title", merge_method="squash", sha=made.head.sha)
    assert (done.merged, made.is_merged(), ada.get_issue(1).state) == (True, True, "closed")
    assert (made.as_issue().pull_request.merged_at, made.update()) != (None, False)
    assert (made.merged_by.login, made.merge_commit_sha) == ("ada", done.sha)


def test_pygithub_works_on_branches_and_protection(hub: Hub, ada: Any, tmp_path: Path) -> None:
    branch(hub, clone(hub, tmp_path / "work"), "topic", {"a.txt": "one\n"})
    main = ada.get_branch("main")
    main.edit_protection(strict=True, contexts=["ci"], required_approving_review_count=1)
    protection = main.get_protection()
    assert protection.required_status_checks.contexts == ["ci"]
    assert protection.required_pull_request_reviews.required_approving_review_count == 1
    main.remove_protection()
    assert ada.compare("main", "topic").ahead_by == 1
    made = ada.create_git_ref("refs/heads/more", main.commit.sha)
    made.edit(ada.get_branch("topic").commit.sha)
    assert ada.get_git_ref("heads/more").object.sha == ada.get_branch("topic").commit.sha
    made.delete()
    pull_request = ada.create_pull(base="main", head="topic", title="A change")
    ada.create_git_ref("refs/heads/base", main.commit.sha)
    assert pull_request.head.repo.full_name == "acme/factory"
    assert pull_request.update_branch() is False  # there is nothing new on the base


def test_pygithub_creates_repositories_and_asks_graphql(hub: Hub) -> None:
    app = client(hub, APP)
    made = app.get_organization("acme").create_repo("hello", description="A page")
    assert made.full_name == "acme/hello"
    assert made.permissions.admin
    made.edit(description="Another")
    made.delete()
    with pytest.raises(github.UnknownObjectException):
        app.get_repo("acme/hello")
    bot = client(hub, BOT)
    _, answer = bot.requester.graphql_query("query { viewer { login } }", {})
    assert answer["data"]["viewer"]["login"] == BOT
    with pytest.raises(github.GithubException) as caught:
        bot.get_organization("acme").create_repo("no")
    assert caught.value.status == 403
