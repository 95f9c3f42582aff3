"""What the hub's pull requests and sites promise always or never: keywords, lines, paths, restarts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.hub.data import diff_places, git_changes, git_data, git_merge
from bot.hub.data.closing import closed_by
from bot.hub.push_commands import PushCommands
from tests.hub.driver import MAIN, Hub, branch, clone, commit, git, head_of, pull, serving

KEYWORDS = ("close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved")
LINES = st.lists(
    st.sampled_from(["a", "b", "c", "@@ -1 +1 @@", "-x", "+y", "diff --git a/x b/x", ""]), max_size=9
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Closes #3", [3]),
        ("FIXES: #3 and resolved #4, closes #3", [3, 4]),
        ("close acme/factory#7 and fix https://github.test/acme/factory/issues/8", [7, 8]),
        ("Closes #3, #4", [3]),
        ("closing #3; it encloses #4; fixes other/repo#5; fixes#6; fixes #x", []),
        ("`fixes #3`\n\n```\nfixes #4\n```\n<!-- fixes #5 -->", []),
        ("Fixes GH-12", [12]),
    ],
)
def test_closing_keywords(text: str, numbers: list[int]) -> None:
    assert closed_by(text, "acme/factory") == numbers


@given(st.sampled_from(KEYWORDS), st.integers(1, 10**8), st.text(max_size=40))
def test_a_keyword_always_closes_unless_it_stands_in_code(word: str, number: int, other: str) -> None:
    noise = "".join(sign for sign in other if sign not in "`~<>\n#/") + "\n"
    assert number in closed_by(f"{noise}{word.upper()} #{number}\n", "acme/factory")
    assert closed_by(f"{noise}```\n{word} #{number}\n```\n", "acme/factory") == []


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bare") / "r.git"
    git_data.create(path, "main")
    return path


def test_a_ref_moves_only_from_where_it_was_seen(bare: Path) -> None:
    for name in ("one", "two", "three"):
        git_data.first_commit(bare, "f.txt", name, "2026-11-26T00:00:00Z", branch=name)
    one, two, three = (git_data.resolve(bare, name) or "" for name in ("one", "two", "three"))
    assert git_merge.move_ref(bare, "refs/heads/moved", one, git_merge.ABSENT)
    assert not git_merge.move_ref(bare, "refs/heads/moved", two, three)
    assert not git_merge.move_ref(bare, "refs/heads/moved", two, git_merge.ABSENT)
    assert git_data.resolve(bare, "moved") == one


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, LINES)
def test_a_place_in_a_diff_always_names_the_line_that_it_shows(
    bare: Path, old: list[str], new: list[str]
) -> None:
    shas = []
    for number, lines in enumerate((old, new)):
        text = "".join(f"{line}\n" for line in ["first", *lines])
        name = f"side{number}"
        git_merge.run(bare, "update-ref", "-d", f"refs/heads/{name}")
        git_data.first_commit(bare, "f.txt", text, f"2026-11-2{number + 1}T00:00:00Z", branch=name)
        shas.append(git_data.resolve(bare, name) or "")
    changes = git_changes.files(bare, *shas)
    assert bool(changes) == (old != new)
    sides = {"left": ["first", *old], "right": ["first", *new]}
    for change in changes:
        shown = list(diff_places.places(change.patch))
        assert sum(place.mark == "+" for place in shown) == change.additions
        assert sum(place.mark == "-" for place in shown) == change.deletions
        for place in shown:
            for side, lines in sides.items():
                line = getattr(place, side)
                assert line is None or lines[line - 1] == place.text
            assert place.hunk.split("\n")[-1] == place.mark + place.text


@given(
    st.lists(
        st.tuples(st.sampled_from("0123456789abcdef"), st.from_regex(r"refs/[a-zé/]{1,20}", fullmatch=True))
    ),
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.binary(max_size=30),
)
def test_a_push_is_understood_however_it_is_cut(
    refs: list[tuple[str, str]], sizes: list[int], pack: bytes
) -> None:
    lines = []
    for at, (digit, ref) in enumerate(refs):
        capabilities = b"\0report-status agent=git/2\n" if at == 0 else b"\n"
        line = f"{'0' * 40} {digit * 40} {ref}".encode() + capabilities
        lines.append(b"%04x%b" % (len(line) + 4, line))
    body = b"".join(lines) + b"0000" + pack
    commands = PushCommands()
    at = 0
    for number in range(len(body)):
        size = sizes[number % len(sizes)]
        commands.feed(body[at : at + size])
        at += size
    assert [(each.new[0], each.ref) for each in commands.updates] == refs


@given(st.binary(max_size=200))
def test_what_is_no_push_is_never_an_error(body: bytes) -> None:
    commands = PushCommands()
    commands.feed(body)
    commands.feed(body)
    assert all(each.ref for each in commands.updates)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub whose factory publishes the folder docs, beside which there is a secret."""
    folder = tmp_path_factory.mktemp("published")
    with serving(folder / "hub") as hub:
        work = clone(hub, folder / "work")
        (work / "docs").mkdir()
        (work / "docs" / "up").symlink_to("..")
        git(work, "add", "-A")
        branch(
            hub, work, "site", {"secret.txt": "secret", "docs/index.html": "public", "docs/a.txt": "public"}
        )
        hub.call("ada", "POST", f"{MAIN}/pages", {"source": {"branch": "site", "path": "/docs"}})
        yield hub


PIECES = (
    "..",
    ".",
    "%2e%2e",
    "..%2f",
    "docs",
    "up",
    "secret.txt",
    "index.html",
    "a.txt",
    "",
    "%00",
    "%5c..",
    "a",
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_a_site_never_gives_anything_but_its_own_files(published: Hub, pieces: list[str]) -> None:
    where = urlsplit(published.info.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        target = f"/pages/acme/factory/{'/'.join(pieces)}"
        head = f"GET {target} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        answer = connection.makefile("rb").read()
    status, _, body = answer.partition(b"\r\n\r\n")
    assert b"secret" not in body
    assert status.split()[1] in (b"301", b"404") or body == b"public"


def test_a_push_that_landed_while_the_hub_ended_is_caught_up_with(tmp_path: Path) -> None:
    with serving(tmp_path / "hub") as hub:
        work = clone(hub, tmp_path / "work")
        for name in ("topic", "gone", "landed"):
            branch(hub, work, name, {f"{name}.txt": "x"})
            pull(hub, head=name)
        path = hub.world.repositories.path(hub.repository)
        pushed = commit(work, "more.txt", "x")
    assert git(work, "push", "-q", str(path), f"{pushed}:refs/heads/landed").returncode == 0
    assert git(work, "push", "-q", str(path), f"{pushed}:refs/heads/main").returncode == 0
    git_merge.run(path, "update-ref", "-d", "refs/heads/gone")
    with serving(tmp_path / "hub") as hub:
        shown = [hub.call("rita", "GET", f"{MAIN}/pulls/{number}").json() for number in (1, 2, 3)]
        assert [(each["state"], each["merged"]) for each in shown] == [
            ("open", False),
            ("closed", False),
            ("closed", True),
        ]
        assert shown[2]["head"]["sha"] == head_of(hub, "landed") == pushed
