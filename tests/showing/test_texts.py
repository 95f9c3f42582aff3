"""What is shown is whole Markdown, whatever people call their projects, and never too long."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import cmarkgfm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.showing import status_text
from bot.domain.draft import Draft
from bot.domain.state import State
from bot.policies.forecast.expecting import Expectations
from bot.render import progress
from bot.render.diagrams import label
from bot.render.shown import digest_in, digest_of, shown
from tests.showing.states import HOSTILE, drafts, many, titled

LIMIT = 60_000
SIGNS = st.sampled_from([*"|`<>[](){}#@!*_~\\\"'&:;,%-=/ \n", "<details>", "```", "section ", "%%{init"])
TITLES = st.one_of(
    st.sampled_from(HOSTILE), st.text(min_size=1, max_size=80), st.lists(SIGNS, min_size=1).map("".join)
)


class Structure(HTMLParser):
    """Cells of each row, and whether what was opened is closed in order."""

    def __init__(self, markdown: str) -> None:
        """Render as GitHub does, and read that."""
        super().__init__()
        self.rows: list[list[int]] = []
        self.stack: list[str] = []
        self.found: dict[str, int] = {}
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=1 << 17))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] = self.found.get(tag, 0) + 1
        if tag in ("details", "table", "summary", "tr"):
            self.stack.append(tag)
        if tag == "table":
            self.rows.append([])
        if tag == "tr":
            self.rows[-1].append(0)
        if tag in ("td", "th"):
            self.rows[-1][-1] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("details", "table", "summary", "tr"):
            assert self.stack.pop() == tag


def assert_whole(markdown: str, details: int | None = None) -> Structure:
    """Tables are even, sections are closed, nothing of a title became an element."""
    seen = Structure(markdown)
    assert seen.stack == []
    tables = _tables(markdown)
    assert sum(map(len, seen.rows)) == sum(map(len, tables)) - len(tables), "all are tables"
    for table in tables:
        assert len(set(table)) == 1, "a row has more cells than its head"
    assert not {"script", "img", "iframe"} & seen.found.keys()
    if details is not None:
        assert seen.found.get("details", 0) == details
    return seen


def _tables(markdown: str) -> list[list[int]]:
    """The cells of each line of each table as they are written: a renderer cuts off those beyond the head."""
    tables: list[list[int]] = []
    inside = False
    for line in markdown.split("\n"):
        row = line.startswith("| ")
        if row and not inside:
            tables.append([])
        if row:
            tables[-1].append(re.sub(r"\\.", "", line).count("|"))
        inside = row
    return tables


def _progress(draft: Draft) -> list[str]:
    expected = Expectations(draft)
    return [progress.body(draft, one, expected.of(one.id)) for one in draft.projects.values()]


@pytest.mark.parametrize(("name", "draft"), list(drafts()), ids=lambda value: str(value)[:8])
def test_every_text_is_whole(name: str, draft: Draft) -> None:
    page = status_text(draft)
    assert_whole(page)
    assert len(page) <= LIMIT
    for text in _progress(draft):
        assert_whole(text)
        assert len(text) <= progress.MOST
        assert "ago" not in text


def _about(text: str) -> dict[str, Any]:
    seen = assert_whole(text)
    return {"tables": [len(table) for table in seen.rows], "details": seen.found.get("details", 0)}


@settings(max_examples=60, deadline=None)
@given(TITLES)
def test_a_title_never_changes_the_structure(title: str) -> None:
    plain, state = titled("Plain"), titled("Plain")
    (one,) = state.projects.values()
    named = replace(state, projects={one.id: one.model_copy(update={"title": title})})
    for before, after in zip(_texts(plain), _texts(named), strict=True):
        assert _about(before) == _about(after)
        assert not re.search(r"(?<![\w`])@[A-Za-z]", after), "mentions nobody"


def _texts(state: State) -> list[str]:
    assert state.events is not None
    draft = Draft(state, state.events.now)
    return [status_text(draft), *_progress(draft)]


@given(TITLES)
def test_a_label_holds_nothing_that_is_syntax(title: str) -> None:
    assert re.fullmatch(r"[^\n:;#%\"'`|<>{}\[\]()&,=\\]*", label(title))
    assert len(label(title)) <= 32


def test_a_thousand_projects_fit_and_the_controls_stay() -> None:
    state = many(1_000)
    assert state.events is not None
    page = status_text(Draft(state, state.events.now))
    assert len(page) <= LIMIT
    assert page.startswith("**0 commands unanswered.**")
    assert "**1,000 open projects**" in page
    assert "more that do not fit" in page
    assert "`/emergency-stop all`" in page
    assert_whole(page)


def test_the_same_state_gives_the_same_text() -> None:
    state = many(20)
    assert _texts(state) == _texts(state)


def test_a_digest_is_found_again_and_a_foreign_text_has_none() -> None:
    text = "**A page**"
    body = shown("effect", "comment-1/0", digest_of(text), text)
    assert digest_in(body) == digest_of(text)
    assert digest_in(body.replace("\n", "\r\n")) == digest_of(text)
    assert digest_in(f"a quote\n{body}") == ""
