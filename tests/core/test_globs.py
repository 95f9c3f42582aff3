"""Patterns of paths, compared with each other and with the standard library's."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.globs import any_overlap, matches, overlap


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("src/app.py", "src/app.py", True),
        ("src/app.py", "src/other.py", False),
        ("src", "src/deep/app.py", True),
        ("src/", "./src/app.py", True),
        ("src/*.py", "src/app.py", True),
        ("src/*.py", "src/deep/app.py", False),
        ("src/**/app.py", "src/a/b/app.py", True),
        ("**", "anything/at/all", True),
        ("**/*.css", "site/**", True),
        ("site/a*c", "site/*b", False),
        ("site/a?", "site/?b", True),
        ("src", "srcs", False),
        ("", "anything", True),
    ],
)
def test_two_patterns_overlap_where_a_path_can_be_meant_by_both(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is both
    assert overlap(other, one) is both
    assert any_overlap(["nothing.txt", one], [other]) is both


NAME = st.text("ab*?", min_size=1, max_size=3).map(lambda name: re.sub(r"\*+", "*", name))
PATTERN = st.lists(NAME | st.just("**"), min_size=1, max_size=4).map("/".join)
PATH = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


def _expected(pattern: str, path: str) -> bool:
    """By the standard library's matching of names, tried in every way."""
    return _names(pattern.split("/"), path.split("/"))


def _names(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return True  # it names a folder, and this is below
    if pattern[0] == "**":
        return any(_names(pattern[1:], path[cut:]) for cut in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _names(pattern[1:], path[1:])


@given(PATTERN, PATH)
def test_a_pattern_matches_as_the_standard_library_says(pattern: str, path: str) -> None:
    assert matches(pattern, path) is _expected(pattern, path)


@given(PATTERN, PATTERN, PATH)
def test_patterns_that_match_the_same_path_always_overlap(one: str, other: str, path: str) -> None:
    if _expected(one, path) and _expected(other, path):
        assert overlap(one, other)


def test_a_path_with_a_star_is_a_path() -> None:
    assert matches("a/*", "a/*")
    assert not matches("a/b", "a/*")
