"""Whatever people write as a title or a feature: it stays words, and no post passes its limit."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands.parser import parse
from bot.commands.table import TABLE
from bot.domain.config import Commands
from bot.domain.work import WorkOrder
from bot.executors.gates import project_of
from bot.executors.gates.lengths import LINKEDIN, posts
from bot.executors.gates.weighing import POST, weight
from bot.executors.writing.pieces import KINDS, write
from bot.executors.writing.posts import fit
from bot.executors.writing.survey import survey
from bot.executors.writing.words import harmless
from tests.executors.conftest import order_content

HOSTILE = (
    "@alice", "#12", "#topic", "$TSLA", "GH-7", "https://evil.test/x", "evil.com", "www.evil.com", "a@evil.com", "[x](y)",
    "![x](y)", "<img src=x onerror=y>", "<!-- orchestrator -->", "`make evil`", "```", "**b**", "__i__", "~~s~~", "&lt;",
    "&#64;x", "# h", "- [ ] x", "1. x", "> q", "---", "===", "| a |", "{{issue:x}}", "{{ x }}", "{% x %}", "${x}", "$x$",
    "/dispatch-genesis x", "/emergency-stop", "\\", "\u202e", "\u200b", "\n", "\r\n", "\x00", "[^1]", "[x]: y", "://",
    "＠alice", "＃tag", "mailto:a@b.c", "file.py", "日本.jp", "字" * 90, "👩‍👩‍👧‍👦", "👍🏽", "e\u0301" * 40, "x" * 300, "…", " ",
    "orchestrator", "word",
)  # fmt: skip
PHRASES = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)), max_size=12).map("".join)
TITLES = (
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)), max_size=12).map(" ".join) | PHRASES
)
_ENABLED = int(Options.CMARK_OPT_UNSAFE)
_ALLOWED = re.compile(r"</?(p|ul|li|h[1-6]|br|hr)\s*/?>")


def commands_in(text: str) -> list[object]:
    """What the bot would run, were the text a comment."""
    return [*parse(text, TABLE, Commands())]


def html(text: str) -> str:
    """As GitHub shows Markdown, its autolinks included."""
    return str(cmarkgfm.github_flavored_markdown_to_html(text, options=_ENABLED))


@settings(max_examples=150, deadline=None)
@given(TITLES)
@example("[x](https://evil.test)")
@example("1. x")
@example("- - x")
@example("a@b.c")
def test_words_never_become_markup_a_link_a_mention_or_a_command(text: str) -> None:
    words = harmless(text, 120)

    assert len(words) <= 120
    assert "\n" not in words
    shown = html(f"Before {words} after") + html(f"- {words}") + html(f"# {words}")
    assert _ALLOWED.sub("", shown).count("<") == 0, shown
    assert shown.count("<li>") <= 1
    assert shown.count("<h") <= 1
    assert not re.search(r"[@＠#＃]\w", words)
    assert not re.search(r"\$[\w{(]|\{[{%]|://", words)
    assert not commands_in(words)
    assert not commands_in(f"x\n{words}")


@settings(max_examples=150, deadline=None)
@given(TITLES)
def test_x_finds_nothing_to_link_in_words(text: str) -> None:
    assert not re.search(r"(?<![^\W_])[A-Za-z0-9-]+\.[A-Za-z]{2,}", harmless(text, 120))


@settings(max_examples=150, deadline=None)
@given(TITLES, st.integers(min_value=30, max_value=POST))
def test_what_is_fitted_fits(text: str, units: int) -> None:
    assert weight(fit(text, units)) <= units


def order(title: str, features: list[str], url: str, finished: int) -> WorkOrder:
    issues = [
        {"key": f"f{number}", "title": said or "x", "acceptance": [said or "x"], "specialty": "feature"}
        for number, said in enumerate(features)
    ]
    rows = [{"key": f"f{number}", "state": "approved"} for number in range(finished)]
    outputs: dict[str, Any] = {
        "genesis": {
            "issues": issues,
            "repository_url": url,
            "stack": "web",
            "commands": {"test": "make test"},
        },
        "development": {"features": rows, "deployment": {"url": url}},
    }
    return WorkOrder.model_validate(order_content(workflow="content", title=title, outputs=outputs))


@settings(max_examples=40, deadline=None)
@given(
    TITLES,
    st.lists(TITLES, max_size=8),
    st.sampled_from(["", "https://x.test/", f"https://{'long-' * 60}.invalid/", "https://日本.jp/"]),
    st.integers(min_value=0, max_value=8),
)
@example("字" * 200, ["Add " + "字" * 200, "👍" * 200, "x" * 300], "https://x.test/", 1)
@example("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r", ["file.py " * 30], f"https://{'long-' * 60}.invalid/", 0)
def test_no_post_is_ever_over_its_limit_whatever_title_and_features(
    title: str, features: list[str], url: str, finished: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Makefile").write_text("test:\n\ttrue\n", encoding="utf-8")
        asked = order(title, features, url, finished)
        read = survey(asked, project_of(asked, Path(folder), ("Makefile",), "main"))
        made = {piece.kind.kind: piece.text for name in KINDS for piece in write(name, read)}

    for post in posts(made["X thread"]):
        assert weight(post) <= POST, post
    assert len(posts(made["X thread"])) >= 2
    assert len(unicodedata.normalize("NFC", made["LinkedIn post"])) <= LINKEDIN
    for kind, text in made.items():
        if kind not in ("X thread", "LinkedIn post"):
            shown = html(text)
            assert not re.search(r"<(img|script|!--|input|table|blockquote|em|strong|del)", shown), shown
            assert all(link.startswith((url or "-", "../", "user-guide", "installation", "reference", "faq"))
                       for link in re.findall(r'<a href="([^"]*)"', shown) if "%" not in link), shown  # fmt: skip
        assert not commands_in(text)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("abc", 3),
        ("äöü", 3),
        ("…", 2),
        ("日本", 4),
        ("👍", 2),
        ("👍🏽", 4),  # X counts 2: never less here
        ("e\u0301", 1),
        ("https://github.com/alice/it", 23),
        ("https://github.com/" + "a" * 300, 23),
        ("http://a.co", 23),
        ("See https://a.co/x. Or", 4 + 23 + 4),
        ("https://a.co/x...", 23 + 3),
        ("evil.com", 23),
        ("a-very-long-host-name-that-is-long.com", 38),
        ("http://127.0.0.1:8000/", 22 + 23),  # X makes no link of it, but a link counts more
        ("https://x.invalid/" + "a" * 50, 18 + 50 + 50 + 1),
    ],
)
def test_weights(text: str, units: int) -> None:
    assert weight(text) == units


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=100), st.text(max_size=100))
def test_a_longer_text_never_weighs_less_than_its_characters_without_links(one: str, two: str) -> None:
    plain = re.sub(r"[.:/]", " ", one + two)

    assert weight(plain) >= len(unicodedata.normalize("NFC", plain))
    assert weight(f"{plain} https://github.com/x") >= weight(plain) + 23
