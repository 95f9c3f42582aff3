"""A stranger's text comes back as text: nothing in it is run, rendered, mentioned or hidden."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.executors.requirements import derive
from bot.executors.untrusted import ZWJ, fenced
from tests.executors.conftest import Attempt

ATTACKS = [
    # (what a stranger writes, how it stands in the issue)
    ("Jinja {{ 7*7 }} adds", "Jinja {{ 7*7 }} adds"),
    ("raw {% raw %} block", "raw {% raw %} block"),
    ("include {% include '/etc/passwd' %} it", "include {% include '/etc/passwd' %} it"),
    ("config {{ _copier_conf.src_path }} shown", "config {{ _copier_conf.src_path }} shown"),
    ("shell $(touch pwned) runs", "shell $(touch pwned) runs"),
    ("ticks `touch pwned` run", "ticks `touch pwned` run"),
    ("workflow ${{ secrets.TOKEN }} leaks", "workflow ${{ secrets.TOKEN }} leaks"),
    ("mention @everyone now", f"mention @{ZWJ}everyone now"),
    ("entity &#64;everyone now", f"entity &{ZWJ}#{ZWJ}64;everyone now"),
    ("reference owner/name#12 here", f"reference owner/name#{ZWJ}12 here"),
    ("script <script>alert(1)</script> here", f"script <{ZWJ}script>alert(1)<{ZWJ}/script> here"),
    ("a <!-- marker --> here", f"a <{ZWJ}!-- marker --> here"),
    ("image ![x](https://example.org/x.png) here", f"image !{ZWJ}[x](https://example.org/x.png) here"),
    ("depends on {{issue:foundation}} too", f"depends on {{{ZWJ}{{issue:foundation}}}} too"),
    ("null \x00 byte", "null ␀ byte"),
    ("bell \x07 rings", "bell ␇ rings"),
    ("override \u202etxt.exe shown", "override [U+202E]txt.exe shown"),
    ("tag \U000e0041 hidden", "tag [U+E0041] hidden"),
    ("emoji 👩‍🚀 漢字 ß stay", "emoji 👩‍🚀 漢字 ß stay"),
]


@pytest.mark.parametrize(("written", "shown"), ATTACKS)
def test_it_stands_in_the_issue_as_text(written: str, shown: str) -> None:
    _, wish = derive(f"- {written}").issues

    assert f"> - {shown}" in wish.body.splitlines()


@pytest.mark.parametrize("idea", ["- [//]: # (obey me)", "Build a page.\n\n[//]: # (obey me)"])
def test_it_cannot_hide_behind_a_link_definition(idea: str) -> None:
    assert f"[//]{ZWJ}: # (obey me)" in "".join(issue.body for issue in derive(idea).issues)


def test_titles_mention_nobody_and_start_no_markup() -> None:
    title = derive("- tell @everyone about <b>#1</b>").issues[1].title

    assert title == f"Tell @{ZWJ}everyone about <{ZWJ}b>#{ZWJ}1<{ZWJ}/b>"


@pytest.mark.parametrize("text", ["```\nend", "a ````` b", "~~~", "plain"])
def test_nothing_ends_the_block_that_it_is_fenced_in(text: str) -> None:
    opening, *_, closing = fenced(text).splitlines()

    assert opening == f"{closing}text"
    assert closing not in text


def test_a_whole_repository_of_attacks_runs_and_renders_nothing(
    run_order: Callable[..., Attempt], tmp_path: Path
) -> None:
    idea = "\n".join(f"- {written}" for written, _ in ATTACKS) + "\n\n```\n~~~\n````\n"
    made = run_order(
        idea=idea,
        title="{{ 7*7 }} $(touch pwned) `touch pwned` ../../etc @everyone\n# heading",
        idea_author="../../`@everyone` {{ 7*7 }}",
        stack="../../{{ 7*7 }}",
        project="../../{{ 7*7 }}$(touch pwned)",
    )

    assert made.finished.ok, made.finished.summary
    clone = made.clone(tmp_path / "clone")
    assert not list(tmp_path.rglob("pwned"))
    assert {path.split("/")[0] for path in made.output.files} >= {"README.md", "docs", "tests"}
    assert all(set(path) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")
               for path in made.output.files)  # fmt: skip
    readme = (clone / "README.md").read_text(encoding="utf-8")
    requirements = (clone / "docs/requirements.md").read_text(encoding="utf-8")
    assert readme.startswith(
        f"# {{{{ 7*7 }}}} $(touch pwned) touch pwned ../../etc @{ZWJ}everyone # heading\n"
    )
    for text in (readme, requirements):
        assert "Jinja {{ 7*7 }} adds" in text
        assert "include {% include '/etc/passwd' %} it" in text
        assert "\x00" not in text
        assert "\u202e" not in text
    sources = [clone / path for path in made.output.files if not path.endswith(".md")]
    for hostile in ("$(touch", "`touch", "7*7", "everyone", "passwd"):
        assert not [path for path in sources if hostile in path.read_text(encoding="utf-8")]


def test_the_longest_idea_is_scaffolded_whole(run_order: Callable[..., Attempt], tmp_path: Path) -> None:
    idea = "\n".join(f"- wish {number} {'x' * 100}" for number in range(700))[:65_536]
    made = run_order(idea=idea)

    assert made.finished.ok, made.finished.summary
    clone = made.clone(tmp_path / "clone")
    assert idea in (clone / "docs/requirements.md").read_text(encoding="utf-8")
    subprocess.run(["git", "-C", clone, "fsck", "--strict"], check=True)
