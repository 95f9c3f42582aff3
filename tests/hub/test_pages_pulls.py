"""The pages about pull requests: what is shown, what the forms do, and what cannot get through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.hub.driver import BOT, MAIN, Hub, branch, clone, commit, git, head_of, pull
from tests.hub.test_pages import XSS, Page

HERE = "/acme/factory/pull/1"


@pytest.fixture
def work(hub: Hub, tmp_path: Path) -> Path:
    folder = clone(hub, tmp_path / "work")
    branch(hub, folder, "topic", {"a.py": "def add(a, b):\n    return a + b\n"})
    return folder


@pytest.fixture
def browser(hub: Hub, work: Path) -> Iterator[httpx.Client]:
    """A client of the pages; redirects are not followed."""
    with httpx.Client(base_url=hub.info.url, timeout=20) as client:
        yield client


def send(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    """Post a form as the hub's own page does."""
    return browser.post(path, data=form, headers={"Origin": str(browser.base_url).rstrip("/")})


def text(browser: httpx.Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    assert Page(answer.text).dangers() == []
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_lists_keep_issues_and_pull_requests_apart(hub: Hub, browser: httpx.Client) -> None:
    pull(hub, title="Add the sum", draft=True)
    hub.issue(title="An idea")
    assert "Add the sum" in text(browser, "/acme/factory/pulls")
    assert "An idea" not in text(browser, "/acme/factory/pulls")
    assert "Add the sum" not in text(browser, "/acme/factory/issues")
    assert "Issues 1 Pull requests 1" in text(browser, "/acme/factory")
    assert "Nothing was merged" in text(browser, "/acme/factory/pulls?state=closed")
    assert browser.get("/acme/factory/issues/1").headers["location"] == HERE
    assert browser.get("/acme/factory/pull/2").headers["location"] == "/acme/factory/issues/2"
    assert browser.get("/acme/factory/pull/3").status_code == 404
    assert browser.get("/acme/factory/pull/2/files").status_code == 404


def test_the_conversation_shows_reviews_remarks_and_statuses(hub: Hub, browser: httpx.Client) -> None:
    pull(hub, title="Add the sum", body="Closes #9")
    remark = {"path": "a.py", "line": 2, "body": "No *types*?"}
    body = {"event": "REQUEST_CHANGES", "body": "Nearly.", "comments": [remark]}
    hub.call("max", "POST", f"{MAIN}/pulls/1/reviews", body)
    status = {"state": "failure", "context": "ci/test", "description": "1 failed"}
    hub.call(BOT, "POST", f"{MAIN}/statuses/{head_of(hub, 'topic')}", status)
    shown = text(browser, HERE)
    for words in (
        "Add the sum #1",
        "wendy wants to merge 1 commit into main from topic",
        "max maintain asked for changes",
        "Nearly.",
        "a.py line 2",
        "No types ?",
        "ci/test failure 1 failed",
        "not all checks were successful",
    ):
        assert words in shown, words
    fragment = browser.get(f"{HERE}/fragment")
    again = browser.get(f"{HERE}/fragment", headers={"If-None-Match": fragment.headers["etag"]})
    assert (fragment.status_code, again.status_code) == (200, 304)


def test_files_commits_and_texts(hub: Hub, browser: httpx.Client, work: Path) -> None:
    (work / "b.bin").write_bytes(b"\x00")
    git(work, "add", "b.bin")
    git(work, "commit", "-q", "-m", "Binary")
    git(work, "push", "-q", "origin", "topic")
    pull(hub)
    remark = {"path": "a.py", "line": 2, "body": "Here."}
    hub.call("max", "POST", f"{MAIN}/pulls/1/reviews", {"event": "COMMENT", "comments": [remark]})
    files = browser.get(f"{HERE}/files").text
    assert '<span class="k">def</span>' in files
    assert text(browser, f"{HERE}/files").count("Here.") == 1
    assert "it is no text" in files
    assert "Write a.py" in text(browser, f"{HERE}/commits")
    assert browser.get(f"{HERE}.diff").text.startswith("diff --git a/a.py b/a.py")
    assert browser.get(f"{HERE}.patch").text.startswith("From ")


def test_a_person_merges_what_was_looked_at(hub: Hub, browser: httpx.Client, work: Path) -> None:
    pull(hub)
    seen = head_of(hub, "topic")
    commit(work, "c.py", "x = 1\n")
    git(work, "push", "-q", "origin", "topic")
    stale = send(browser, f"{HERE}/merge", sha=seen, by="wendy", method="merge")
    assert stale.status_code == 409
    assert "Head branch was modified." in stale.text
    refused = send(browser, f"{HERE}/merge", sha=head_of(hub, "topic"), by="rita", method="merge")
    assert refused.status_code == 403
    assert "rita has the role read here" in refused.text
    done = send(browser, f"{HERE}/merge", sha=head_of(hub, "topic"), by="wendy", method="squash")
    assert (done.status_code, done.headers["location"]) == (303, HERE)
    shown = text(browser, HERE)
    assert "wendy merged 2 commits into main from topic" in shown
    assert "Merged as" in shown
    assert "A change" in text(browser, "/acme/factory/pulls?state=closed")


def test_a_person_judges_comments_closes_and_reopens(hub: Hub, browser: httpx.Client) -> None:
    pull(hub)
    path = f"{HERE}/comments"
    own = send(browser, path, **{"as": "wendy", "act": "APPROVE", "body": ""})
    assert (own.status_code, "Can not approve your own pull request" in own.text) == (422, True)
    silent = send(browser, path, **{"as": "max", "act": "REQUEST_CHANGES", "body": " "})
    assert (silent.status_code, "has to say which" in silent.text) == (422, True)
    assert send(browser, path, **{"as": "max", "act": "APPROVE", "body": "Good."}).status_code == 303
    assert send(browser, path, **{"as": "rita", "act": "comment", "body": "Hello"}).status_code == 303
    assert send(browser, path, **{"as": "rita", "act": "comment", "body": ""}).status_code == 422
    assert send(browser, path, **{"as": "rita", "act": "closed", "body": ""}).status_code == 403
    assert send(browser, path, **{"as": "wendy", "act": "closed", "body": "Later."}).status_code == 303
    shown = text(browser, HERE)
    assert "max maintain approved these changes" in shown
    assert "Closed without merging." in shown
    assert send(browser, path, **{"as": "wendy", "act": "open", "body": ""}).status_code == 303
    assert hub.call("rita", "GET", f"{MAIN}/pulls/1").json()["state"] == "open"


def test_a_person_brings_a_branch_up_to_date(hub: Hub, browser: httpx.Client, work: Path) -> None:
    pull(hub)
    branch(hub, work, "main", {"later.txt": "x"})
    assert "1 commit of main is not in it." in text(browser, HERE)
    done = send(browser, f"{HERE}/update", sha=head_of(hub, "topic"), by="max")
    assert done.status_code == 303
    assert "is not in it" not in text(browser, HERE)


def test_a_form_from_elsewhere_changes_nothing(hub: Hub, browser: httpx.Client) -> None:
    pull(hub)
    for origin in ("https://evil.test", "null"):
        answer = browser.post(f"{HERE}/merge", data={"by": "ada"}, headers={"Origin": origin})
        assert answer.status_code == 403
    assert hub.call("rita", "GET", f"{MAIN}/pulls/1").json()["merged"] is False


@pytest.mark.parametrize("evil", XSS)
def test_nothing_hostile_gets_through(hub: Hub, browser: httpx.Client, work: Path, evil: str) -> None:
    name = evil.replace("/", "∕")[:80]
    branch(hub, work, "topic", {"a.html": f"{evil}\n", f"{name}.py": f"{evil}\n"})
    pull(hub, title=evil[:200], body=evil)
    remark = {"path": "a.html", "line": 1, "body": evil}
    review = {"event": "COMMENT", "body": evil, "comments": [remark]}
    assert hub.call("max", "POST", f"{MAIN}/pulls/1/reviews", review).status_code == 200
    texts = {"context": evil[:100], "description": evil, "target_url": "javascript:alert(1)"}
    status = {"state": "success", **texts}
    said = hub.call(BOT, "POST", f"{MAIN}/statuses/{head_of(hub, 'topic')}", status)
    assert said.status_code == 201
    for path in ("/acme/factory/pulls", HERE, f"{HERE}/files", f"{HERE}/commits", f"{HERE}/fragment"):
        text(browser, path)
    assert "sandbox" in browser.get(f"{HERE}.diff").headers["content-security-policy"]


def test_the_address_of_the_site_is_on_the_repository_s_page(hub: Hub, browser: httpx.Client) -> None:
    hub.call("ada", "POST", f"{MAIN}/pages", {"source": {"branch": "topic", "path": "/"}})
    assert f'href="{hub.info.url}/pages/acme/factory/"' in browser.get("/acme/factory").text
