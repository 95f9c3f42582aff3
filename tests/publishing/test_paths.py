"""The rule of paths: no path that any file system could take for ``.git`` ever passes."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.paths import is_git_alias, is_workflow, link_problem, named, path_problem

# What git's utf8.c (next_hfs_char) says that HFS+ leaves out of a name.
HFS = [chr(each) for each in (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)]
NAMES = st.text(st.characters(exclude_characters="/\\", exclude_categories=["Cs"]), min_size=1, max_size=12)
FOLDERS = st.lists(NAMES, max_size=3)


@st.composite
def aliases(draw: st.DrawFn) -> str:
    """A name that macOS or Windows opens as ``.git``."""
    name = draw(st.sampled_from([".git", "git~1", "git~2"]))
    parts = [draw(st.sampled_from([letter, letter.upper()])) for letter in name]
    if draw(st.booleans()):
        return "".join(part + draw(st.sampled_from(["", *HFS])) for part in parts)
    stream = draw(st.sampled_from(["", "::$INDEX_ALLOCATION", ":$I30:$INDEX_ALLOCATION", ":x"]))
    return "".join(parts) + draw(st.text(" .", max_size=4)) + stream


@given(FOLDERS, aliases(), FOLDERS, st.sampled_from("/\\"))
@example([], ".G\u200cIT", ["hooks", "pre-commit"], "/")
def test_no_alias_of_git_ever_passes(before: list[str], alias: str, after: list[str], separator: str) -> None:
    path = separator.join([*before, alias, *after])
    assert path_problem(path)
    assert link_problem("link", path)
    assert link_problem("d/link", f"../{path}")


@given(
    st.lists(st.one_of(NAMES, st.sampled_from(["..", ".", "", ".. ", "...", "a"])), min_size=1, max_size=5)
)
def test_a_path_that_passes_stays_below_where_it_begins(names: list[str]) -> None:
    path = "/".join(names)
    if path_problem(path) == "":
        root = Path("/project")
        there = Path(os.path.normpath(root / path))
        assert there.is_relative_to(root)
        assert there != root
        assert not any(is_git_alias(part) for part in there.parts)
        assert path.isprintable() or all(ord(each) > 31 for each in path)


@given(FOLDERS, st.lists(st.sampled_from(["..", "a", "b", ".", "c d", ""]), min_size=1, max_size=6))
def test_a_link_that_passes_stays_inside_whatever_its_names_are_links_to(
    folders: list[str], target: list[str]
) -> None:
    path, to = "/".join([*folders, "link"]), "/".join(target)
    if path_problem(path) == "" and link_problem(path, to) == "":
        names = [name for name in to.split("/") if name not in ("", ".")]
        up = names.count("..")
        assert names[:up] == [".."] * up  # never after a name, which may itself be a link
        assert up <= len(folders)


@given(st.text(max_size=300))
def test_names_for_people_are_one_short_printable_line(path: str) -> None:
    shown = named(path)
    assert shown.isprintable()
    assert len(shown) <= 260
    assert "`" not in shown


@given(
    st.sampled_from([".github", ".GitHub", ".GITHUB ", ".github."]),
    st.sampled_from(["workflows", "WORKFLOWS."]),
)
def test_workflows_are_known_in_any_case(folder: str, name: str) -> None:
    assert is_workflow(f"{folder}/{name}/ci.yml")
    assert not is_workflow(f"src/{folder}/{name}/ci.yml")
    assert not is_workflow(f"{folder}/ISSUE_TEMPLATE/idea.md")


def test_usual_names_pass() -> None:
    for path in (
        "README.md", ".gitignore", ".gitattributes", "src/.gitkeep", ".github/dependabot.yml",
        "a b/c-d_e+f.txt", "git", "x.git", "..a", "a..", "ünï/日本語.md", "👩\u200d💻.md",
        "[slug]/(group)/@modal/page.tsx", "ab:c",
    ):  # fmt: skip
        assert path_problem(path) == "", path
