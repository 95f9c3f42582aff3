"""Merging over REST: methods, conflicts, races, stale heads, protection, and what closes with it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.hub.driver import APP, BOT, MAIN, Hub, branch, clone, commit, git, head_of, pull

PULLS = f"{MAIN}/pulls"
REVIEWS = {"required_approving_review_count": 1}
OPEN = {
    "required_status_checks": None,
    "enforce_admins": True,
    "required_pull_request_reviews": None,
    "restrictions": None,
}


@pytest.fixture
def work(hub: Hub, tmp_path: Path) -> Path:
    folder = clone(hub, tmp_path / "work")
    branch(hub, folder, "topic", {"a.txt": "one\n", "b.txt": "two\n"})
    return folder


def merge(hub: Hub, login: str = "wendy", number: int = 1, **body: object) -> httpx.Response:
    return hub.call(login, "PUT", f"{PULLS}/{number}/merge", body)


def shown(hub: Hub, number: int = 1) -> Any:
    return hub.call("rita", "GET", f"{PULLS}/{number}").json()


def history(hub: Hub, work: Path, *options: str) -> list[str]:
    git(work, "fetch", "-q", "origin")
    return git(work, "log", "--format=%s", *options, "origin/main").stdout.splitlines()


def protect(hub: Hub, **rules: object) -> None:
    answer = hub.call("ada", "PUT", f"{MAIN}/branches/main/protection", {**OPEN, **rules})
    assert answer.status_code == 200, answer.text


def say(hub: Hub, state: str, context: str = "ci", login: str = BOT) -> None:
    body = {"state": state, "context": context, "description": "Checked"}
    answer = hub.call(login, "POST", f"{MAIN}/statuses/{head_of(hub, 'topic')}", body)
    assert answer.status_code == 201


def review(hub: Hub, login: str, event: str) -> int:
    body = {"event": event, "body": "Because."}
    return hub.call(login, "POST", f"{PULLS}/1/reviews", body).status_code


def test_a_merge_commit(hub: Hub, work: Path) -> None:
    made = pull(hub, title="Add files")
    assert hub.call("rita", "GET", f"{PULLS}/1/merge").status_code == 404
    answer = merge(hub)
    sha = head_of(hub)
    assert (answer.status_code, answer.json()) == (
        200,
        {"sha": sha, "merged": True, "message": "Pull Request successfully merged"},
    )
    assert hub.call("rita", "GET", f"{PULLS}/1/merge").status_code == 204
    merged = shown(hub)
    assert (merged["state"], merged["merged"], merged["merged_by"]["login"]) == ("closed", True, "wendy")
    assert (merged["merge_commit_sha"], merged["mergeable"]) == (sha, None)
    assert (merged["commits"], merged["changed_files"]) == (2, 2)  # still what it brought
    one = hub.call("rita", "GET", f"{MAIN}/commits/{sha}").json()
    assert [parent["sha"] for parent in one["parents"]] == [made["base"]["sha"], made["head"]["sha"]]
    assert one["commit"]["message"] == "Merge pull request #1 from acme/topic\n\nAdd files"
    assert one["commit"]["author"]["name"] == "Wendy"
    assert hub.call("rita", "GET", f"{MAIN}/contents/a.txt").status_code == 200
    events = hub.call("rita", "GET", f"{MAIN}/issues/1/events").json()
    assert [(event["event"], event["commit_id"]) for event in events] == [("merged", sha), ("closed", None)]
    assert hub.call("rita", "GET", f"{MAIN}/issues/1").json()["pull_request"]["merged_at"] is not None


def test_a_squash_is_one_commit(hub: Hub, work: Path) -> None:
    pull(hub, title="Add files")
    assert merge(hub, merge_method="squash").status_code == 200
    assert history(hub, work) == ["Add files (#1)", "Initial commit"]
    body = git(work, "log", "-1", "--format=%b", "origin/main").stdout.strip()
    assert body == "* Write a.txt\n\n* Write b.txt"
    assert shown(hub)["merged"]


def test_a_squash_with_words_of_its_own(hub: Hub, work: Path) -> None:
    pull(hub)
    answer = merge(hub, merge_method="squash", commit_title="Title", commit_message="Text")
    assert answer.status_code == 200
    assert git(work, "fetch", "-q", "origin").returncode == 0
    assert git(work, "log", "-1", "--format=%B", "origin/main").stdout.strip() == "Title\n\nText"


def test_a_rebase_keeps_the_commits_and_their_authors(hub: Hub, work: Path) -> None:
    pull(hub)
    branch(hub, work, "main", {"c.txt": "three\n"})
    git(work, "checkout", "-q", "topic")
    assert merge(hub, "max", merge_method="rebase").status_code == 200
    assert history(hub, work) == ["Write b.txt", "Write a.txt", "Write c.txt", "Initial commit"]
    people = git(work, "log", "-1", "--format=%ae %cn", "origin/main").stdout.strip()
    assert people == "tester@example.org Max"
    files = git(work, "ls-tree", "--name-only", "origin/main").stdout.split()
    assert files == ["README.md", "a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_conflict_is_405_and_changes_nothing(hub: Hub, work: Path, method: str) -> None:
    pull(hub)
    before = branch(hub, work, "main", {"a.txt": "other\n"})
    assert (shown(hub)["mergeable"], shown(hub)["mergeable_state"]) == (False, "dirty")
    answer = merge(hub, merge_method=method)
    assert (answer.status_code, answer.json()["message"]) == (405, "Pull Request is not mergeable")
    assert head_of(hub) == before
    update = hub.call("wendy", "PUT", f"{PULLS}/1/update-branch", {})
    assert (update.status_code, update.json()["message"]) == (422, "merge conflict between base and head")


def test_a_stale_sha_is_409(hub: Hub, work: Path) -> None:
    old = pull(hub)["head"]["sha"]
    commit(work, "c.txt", "three\n")
    git(work, "push", "-q", "origin", "topic")
    answer = merge(hub, sha=old)
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        "Head branch was modified. Review and try the merge again.",
    )
    assert merge(hub, sha=head_of(hub, "topic")).status_code == 200


def test_of_two_merges_at_once_one_wins(hub: Hub, work: Path) -> None:
    pull(hub)
    together = threading.Barrier(2)

    def go(login: str) -> int:
        client = httpx.Client(headers={"Authorization": f"Bearer {hub.token(login)}"})
        with client:
            together.wait()
            return client.put(f"{hub.info.api_url}{PULLS}/1/merge", json={}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, ("wendy", "max"))) == [200, 405]
    assert history(hub, work, "--merges") == ["Merge pull request #1 from acme/topic"]
    events = hub.call("rita", "GET", f"{MAIN}/issues/1/events").json()
    assert [event["event"] for event in events] == ["merged", "closed"]


def test_merges_of_different_ones_at_once_all_land(hub: Hub, work: Path) -> None:
    names = ("topic", "two", "three", "four")
    for name in names[1:]:
        branch(hub, work, name, {f"{name}.txt": "x\n"})
    for name in names:
        pull(hub, head=name)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: merge(hub, number=number).status_code, range(1, 5)))
    assert answers == [200] * 4
    assert len(history(hub, work, "--merges")) == 4
    assert all(shown(hub, number)["merged"] for number in range(1, 5))


@pytest.mark.parametrize(("login", "status"), [("", 401), ("tim", 403), (APP, 403), (BOT, 200)])
def test_merging_takes_write(hub: Hub, work: Path, login: str, status: int) -> None:
    pull(hub)
    assert merge(hub, login).status_code == status


def test_drafts_closed_and_odd_ones_are_refused(hub: Hub, work: Path) -> None:
    pull(hub, draft=True)
    assert shown(hub)["mergeable_state"] == "draft"
    assert merge(hub).json()["message"] == "Pull Request is still a draft"
    assert merge(hub, merge_method="octopus").status_code == 422
    assert merge(hub, merge_method=7).status_code == 400
    hub.call("wendy", "PATCH", f"{PULLS}/1", {"state": "closed"})
    assert merge(hub).json()["message"] == "Pull Request is not mergeable"
    assert merge(hub, number=9).status_code == 404


def test_merging_closes_what_text_and_commits_name(hub: Hub, work: Path) -> None:
    for title in ("One", "Two", "Three", "Four", "Five"):
        hub.issue(title=title)
    git(work, "commit", "-q", "--allow-empty", "-m", "Resolves acme/factory#4")
    git(work, "push", "-q", "origin", "topic")
    body = "Closes #1, fixes: #2\n\nSee #3; `closes #3`; closes other/repo#3\n\n<!-- fixes #5 -->"
    number = pull(hub, body=body)["number"]
    sha = merge(hub, number=number).json()["sha"]
    states = [hub.call("rita", "GET", f"{MAIN}/issues/{n}").json() for n in range(1, 6)]
    assert [each["state"] for each in states] == ["closed", "closed", "open", "closed", "open"]
    assert [each["closed_by"]["login"] for each in states[:2]] == ["wendy", "wendy"]
    (closed,) = hub.call("rita", "GET", f"{MAIN}/issues/1/events").json()
    assert (closed["event"], closed["commit_id"], closed["actor"]["login"]) == ("closed", sha, "wendy")


def test_only_the_default_branch_closes_issues(hub: Hub, work: Path) -> None:
    hub.issue()
    branch(hub, work, "next", {"n.txt": "x"})
    pull(hub, base="next", body="Closes #1")
    assert merge(hub, number=2).status_code == 200
    assert hub.call("rita", "GET", f"{MAIN}/issues/1").json()["state"] == "open"


def test_a_pushed_commit_closes_an_issue(hub: Hub, work: Path) -> None:
    hub.issue()
    git(work, "checkout", "-q", "main")
    git(work, "commit", "-q", "--allow-empty", "-m", "Tidy up\n\nFixes #1")
    git(work, "push", "-q", hub.remote("max"), "main")
    issue = hub.call("rita", "GET", f"{MAIN}/issues/1").json()
    assert (issue["state"], issue["closed_by"]["login"]) == ("closed", "max")


def test_a_branch_is_brought_up_to_date(hub: Hub, work: Path) -> None:
    pull(hub)
    path, old = f"{PULLS}/1/update-branch", head_of(hub, "topic")
    early = hub.call("wendy", "PUT", path, {})
    assert (early.status_code, early.json()["message"]) == (
        422,
        "There are no new commits on the base branch.",
    )
    branch(hub, work, "main", {"c.txt": "three\n"})
    stale = hub.call("wendy", "PUT", path, {"expected_head_sha": "1" * 40})
    assert stale.json()["message"] == "expected head sha didn’t match current head ref."
    answer = hub.call("wendy", "PUT", path, {"expected_head_sha": old})
    assert (answer.status_code, answer.json()["message"]) == (202, "Updating pull request branch.")
    new = head_of(hub, "topic")
    assert (shown(hub)["head"]["sha"], shown(hub)["commits"]) == (new, 3)
    compared = hub.call("rita", "GET", f"{MAIN}/compare/main...topic").json()
    assert (compared["status"], compared["behind_by"]) == ("ahead", 0)


def test_required_checks_hold_a_merge_up(hub: Hub, work: Path) -> None:
    pull(hub)
    protect(hub, required_status_checks={"strict": True, "contexts": ["ci"]})
    for state, words in ((None, "expected"), ("pending", "pending"), ("failure", "failing")):
        if state:
            say(hub, state)
        answer = merge(hub, "ada")
        assert (answer.status_code, answer.json()["message"]) == (
            405,
            f'Required status check "ci" is {words}.',
        )
        assert shown(hub)["mergeable_state"] == "blocked"
    say(hub, "success")
    branch(hub, work, "main", {"c.txt": "x"})
    assert shown(hub)["mergeable_state"] == "behind"
    assert merge(hub).status_code == 405
    hub.call("wendy", "PUT", f"{PULLS}/1/update-branch", {})
    say(hub, "success")
    assert shown(hub)["mergeable_state"] == "clean"
    assert merge(hub).status_code == 200


def test_several_required_checks_are_counted(hub: Hub, work: Path) -> None:
    pull(hub)
    checks = [{"context": name, "app_id": None} for name in ("ci", "lint", "docs")]
    protect(hub, required_status_checks={"strict": False, "checks": checks})
    say(hub, "success")
    say(hub, "error", "lint")
    assert merge(hub).json()["message"] == (
        "2 of 3 required status checks have not succeeded: 1 expected and 1 failing."
    )


def test_required_reviews_hold_a_merge_up(hub: Hub, work: Path) -> None:
    pull(hub)
    protect(hub, required_pull_request_reviews={**REVIEWS, "dismiss_stale_reviews": True})
    words = "At least 1 approving review is required by reviewers with write access."
    assert merge(hub).json()["message"] == words
    assert review(hub, "rita", "APPROVE") == 200  # shown, but who may not write does not count
    assert merge(hub).json()["message"] == words
    assert review(hub, "max", "REQUEST_CHANGES") == 200
    assert merge(hub).json()["message"] == "Changes have been requested."
    assert review(hub, "max", "APPROVE") == 200
    assert shown(hub)["mergeable_state"] == "clean"
    commit(work, "c.txt", "x")
    git(work, "push", "-q", "origin", "topic")
    assert merge(hub).json()["message"] == words  # the approval was for what was there before
    assert review(hub, "max", "APPROVE") == 200
    assert merge(hub).status_code == 200


def test_an_admin_passes_the_rules_unless_they_say_so(hub: Hub, work: Path) -> None:
    pull(hub)
    protect(hub, enforce_admins=None, required_pull_request_reviews=REVIEWS)
    assert merge(hub, "wendy").status_code == 405
    assert merge(hub, "ada").status_code == 200


def test_failing_checks_that_nobody_requires_are_unstable(hub: Hub, work: Path) -> None:
    pull(hub)
    say(hub, "failure")
    assert shown(hub)["mergeable_state"] == "unstable"
    assert merge(hub).status_code == 200


def test_protection_is_shown_kept_and_taken_away(hub: Hub, work: Path) -> None:
    path = f"{MAIN}/branches/main/protection"
    missing = hub.call("ada", "GET", path)
    assert (missing.status_code, missing.json()["message"]) == (404, "Branch not protected")
    assert hub.call("max", "PUT", path, OPEN).status_code == 403
    assert hub.call("ada", "PUT", path, {"enforce_admins": True}).status_code == 422
    assert hub.call("ada", "PUT", path, {**OPEN, "required_status_checks": 1}).status_code == 422
    protect(hub, required_pull_request_reviews=REVIEWS)
    kept = hub.call("ada", "GET", path).json()
    assert kept["required_pull_request_reviews"]["required_approving_review_count"] == 1
    assert "required_status_checks" not in kept
    assert hub.call("rita", "GET", f"{MAIN}/branches/main").json()["protected"] is True
    assert hub.call("ada", "DELETE", path).status_code == 204
    assert hub.call("rita", "GET", f"{MAIN}/branches/main").json()["protected"] is False
    assert hub.call("ada", "GET", f"{MAIN}/branches/nothing/protection").json()["message"] == (
        "Branch not found"
    )


def test_a_merge_whose_answer_is_lost_has_landed(hub: Hub, work: Path) -> None:
    pull(hub)
    hub.fault("PUT */pulls/*/merge drop=after times=1")
    with pytest.raises(httpx.TransportError):
        merge(hub)
    assert shown(hub)["merged"]
    assert merge(hub).status_code == 405
