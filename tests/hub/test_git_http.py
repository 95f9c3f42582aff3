"""Git over HTTP with the real git: who may, atomic and concurrent pushes, protocol versions, streams."""

from __future__ import annotations

import gzip
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hub.driver import APP, BOT, MAIN, Hub, clone, commit, git


def head(hub: Hub, branch: str = "main") -> str:
    found: str = hub.call("ada", "GET", f"{MAIN}/git/ref/heads/{branch}").json()["object"]["sha"]
    return found


def test_anybody_clones_what_is_public(hub: Hub, tmp_path: Path) -> None:
    done = git(tmp_path, "clone", "-q", hub.info.state_remote, "work")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "work" / "README.md").read_text().startswith("# factory")


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_all_protocol_versions_fetch_and_push(hub: Hub, tmp_path: Path, version: str) -> None:
    work = clone(hub, tmp_path / "work")
    git(work, "config", "protocol.version", version)
    pushed = commit(work, "a.txt", version)
    assert git(work, "push", "-q", "origin", "main").returncode == 0
    assert head(hub) == pushed
    other = clone(hub, tmp_path / "other")
    git(other, "config", "protocol.version", version)
    newer = commit(work, "a.txt", version + "!")
    git(work, "push", "-q", "origin", "main")
    assert git(other, "fetch", "-q").returncode == 0
    assert git(other, "rev-parse", "origin/main").stdout.strip() == newer


def test_a_push_counts_as_pushed_now(hub: Hub, tmp_path: Path) -> None:
    hub.world.forward(3600)
    before = hub.call("ada", "GET", MAIN).json()["pushed_at"]
    work = clone(hub, tmp_path / "work")
    commit(work, "a.txt", "x")
    git(work, "push", "-q", "origin", "main")
    assert hub.call("ada", "GET", MAIN).json()["pushed_at"] > before


@pytest.mark.parametrize(("login", "allowed"), [("rita", False), ("tim", False), ("max", True), (BOT, True)])
def test_pushing_takes_write(hub: Hub, tmp_path: Path, login: str, allowed: bool) -> None:
    work = clone(hub, tmp_path / "work", login)
    pushed = commit(work, "a.txt", "x")
    done = git(work, "push", "origin", "main")
    assert (done.returncode == 0, head(hub) == pushed) == (allowed, allowed)
    if not allowed:
        assert f"Permission to acme/factory.git denied to {login}." in done.stderr


def test_a_push_without_or_with_a_wrong_token_is_refused(hub: Hub, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    commit(work, "a.txt", "x")
    anonymous = git(work, "push", hub.info.state_remote, "main")
    assert "could not read Username" in anonymous.stderr
    wrong = hub.info.state_remote.replace("://", "://x-access-token:wrong@")
    assert "Authentication failed" in git(work, "push", wrong, "main").stderr


def test_a_private_or_missing_repository_is_not_found(hub: Hub, tmp_path: Path) -> None:
    hub.call("ada", "PATCH", MAIN, {"private": True})
    for name in ("acme/factory", "acme/nothing"):
        done = git(tmp_path, "ls-remote", hub.remote("stan", name))
        assert "not found" in done.stderr
    assert git(tmp_path, "ls-remote", hub.remote("rita")).returncode == 0


def test_an_extra_header_carries_the_token_in_one_round(hub: Hub, tmp_path: Path) -> None:
    hub.control("DELETE", "/requests")
    assert git(tmp_path, "ls-remote", hub.info.state_remote, hub=hub, login=BOT).returncode == 0
    seen = hub.control("GET", "/requests").json()["requests"]
    assert [(each["path"].rpartition("/")[2], each["status"], each["login"]) for each in seen] == [
        ("refs", 200, BOT),
        ("git-upload-pack", 200, BOT),
    ]


def test_an_atomic_push_lands_whole_or_not_at_all(hub: Hub, tmp_path: Path) -> None:
    work, rival = clone(hub, tmp_path / "work"), clone(hub, tmp_path / "rival")
    winner = commit(rival, "b.txt", "rival")
    assert git(rival, "push", "-q", "origin", "main").returncode == 0
    commit(work, "a.txt", "x")
    lost = git(work, "push", "--atomic", "origin", "HEAD:refs/heads/main", "HEAD:refs/orchestrator/inbox/e1")
    assert lost.returncode != 0
    assert head(hub) == winner
    assert hub.call("ada", "GET", f"{MAIN}/git/matching-refs/orchestrator/").json() == []
    git(work, "pull", "-q", "--rebase", "origin", "main")
    refs = ("HEAD:refs/heads/main", "HEAD:refs/orchestrator/inbox/e1")
    assert git(work, "push", "--atomic", "origin", *refs).returncode == 0
    settled = ("HEAD:refs/heads/other", ":refs/orchestrator/inbox/e1")
    assert git(work, "push", "--atomic", "origin", *settled).returncode == 0
    assert hub.call("ada", "GET", f"{MAIN}/git/matching-refs/orchestrator/").json() == []


def test_a_lease_on_an_old_head_is_refused(hub: Hub, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    old = head(hub)
    commit(work, "a.txt", "x")
    lease = f"--force-with-lease=refs/heads/main:{old}"
    assert git(work, "push", "-q", lease, "origin", "HEAD:refs/heads/main").returncode == 0
    commit(work, "a.txt", "y")
    refused = git(work, "push", lease, "origin", "HEAD:refs/heads/main")
    assert "stale info" in refused.stderr


def test_of_concurrent_pushes_to_one_branch_exactly_one_wins(hub: Hub, tmp_path: Path) -> None:
    works = [clone(hub, tmp_path / f"work{number}") for number in range(8)]
    ids = [commit(work, "a.txt", work.name) for work in works]
    with ThreadPoolExecutor(len(works)) as pool:
        done = list(pool.map(lambda work: git(work, "push", "-q", "origin", "main"), works))
    won = [number for number, each in enumerate(done) if each.returncode == 0]
    assert len(won) == 1
    assert head(hub) == ids[won[0]]


def test_concurrent_pushes_to_different_branches_all_land(hub: Hub, tmp_path: Path) -> None:
    works = [clone(hub, tmp_path / f"work{number}") for number in range(8)]
    ids = {work.name: commit(work, "a.txt", work.name) for work in works}
    with ThreadPoolExecutor(len(works)) as pool:
        done = list(pool.map(lambda work: git(work, "push", "origin", f"HEAD:refs/heads/{work.name}"), works))
    assert [each.stderr for each in done if each.returncode] == []
    assert {name: head(hub, name) for name in ids} == ids


def test_a_large_push_is_streamed_in_chunks_and_comes_back(hub: Hub, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    noise = "".join(f"{number * 2654435761 % 2**32:08x}" for number in range(600_000))
    commit(work, "large.txt", noise)
    assert git(work, "-c", "http.postBuffer=65536", "push", "-q", "origin", "main").returncode == 0
    assert (clone(hub, tmp_path / "again") / "large.txt").read_text() == noise


def test_shallow_and_partial_fetches(hub: Hub, tmp_path: Path) -> None:
    work = clone(hub, tmp_path / "work")
    ids = [commit(work, "a.txt", str(number)) for number in range(5)]
    git(work, "push", "-q", "origin", "main")
    assert git(tmp_path, "clone", "-q", "--depth=1", hub.remote(BOT), "shallow").returncode == 0
    assert git(tmp_path / "shallow", "rev-list", "--count", "HEAD").stdout.strip() == "1"
    assert git(tmp_path / "shallow", "fetch", "-q", "origin", ids[1]).returncode == 0
    partial = git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", hub.remote(BOT), "partial")
    assert partial.returncode == 0
    assert "filter" not in partial.stderr


def test_a_zipped_request_is_unzipped(hub: Hub) -> None:
    lines = [b"command=ls-refs\n", b"object-format=sha1"]
    body = b"".join(b"%04x%b" % (len(line) + 4, line) for line in lines) + b"0001" + b"0000"
    headers = {
        "Content-Type": "application/x-git-upload-pack-request",
        "Content-Encoding": "gzip",
        "Git-Protocol": "version=2",
    }
    address = f"{hub.info.state_remote}/git-upload-pack"
    answer = hub.client().post(address, content=gzip.compress(body), headers=headers)
    assert answer.status_code == 200
    assert b"refs/heads/main" in answer.content
    bad = hub.client().post(address, content=b"no gzip", headers=headers)
    assert b"refs/heads/main" not in bad.content


def test_a_streamed_answer_does_not_wait_for_an_acknowledgement(hub: Hub, tmp_path: Path) -> None:
    """Linux delays acknowledgements by 40 ms; whoever sends in parts without TCP_NODELAY pays them."""
    work = clone(hub, tmp_path / "work")
    took = []
    for _ in range(8):
        began = time.perf_counter()
        assert git(work, "ls-remote", "-q", "origin").returncode == 0
        took.append(time.perf_counter() - began)
    alone = []
    for _ in range(8):
        began = time.perf_counter()
        git(work, "ls-remote", "-q", "http://127.0.0.1:1/")
        alone.append(time.perf_counter() - began)
    assert min(took) - min(alone) < 0.035


def test_many_haves_are_negotiated(hub: Hub, tmp_path: Path) -> None:
    """Long negotiations are what git zips by itself."""
    ours = clone(hub, tmp_path / "ours")
    theirs = clone(hub, tmp_path / "theirs")
    for number in range(3):
        commit(theirs, "b.txt", str(number))
    git(theirs, "push", "-q", "origin", "HEAD:refs/heads/theirs")
    stream = "".join(
        f"commit refs/heads/local\ncommitter t <t@example.org> {number} +0000\ndata 1\nx\n"
        for number in range(1, 200)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=ours, input=stream.encode(), check=True)
    assert git(ours, "fetch", "-q", "origin", "theirs").returncode == 0


def test_dumb_and_wrong_requests_are_refused(hub: Hub) -> None:
    remote, client = hub.info.state_remote, hub.client("wendy")
    assert client.get(f"{remote}/info/refs").status_code == 403
    assert client.get(f"{remote}/info/refs", params={"service": "git-evil"}).status_code == 403
    assert client.post(f"{remote}/git-upload-pack", content=b"0000").status_code == 415


def test_a_repository_made_over_rest_is_pushed_to(hub: Hub, tmp_path: Path) -> None:
    assert hub.call(APP, "POST", "/orgs/acme/repos", {"name": "hello"}).status_code == 201
    git(tmp_path, "init", "-q", "-b", "main", "new")
    pushed = commit(tmp_path / "new", "a.txt", "x")
    assert git(tmp_path / "new", "push", hub.remote(BOT, "acme/hello"), "main").returncode != 0
    done = git(tmp_path / "new", "push", "-q", hub.remote(APP, "acme/hello"), "main")
    assert done.returncode == 0, done.stderr
    commits = hub.call("stan", "GET", "/repos/acme/hello/commits").json()
    assert [each["sha"] for each in commits] == [pushed]


def test_the_address_without_git_works_too(hub: Hub, tmp_path: Path) -> None:
    assert git(tmp_path, "ls-remote", hub.remote("rita").removesuffix(".git")).returncode == 0
