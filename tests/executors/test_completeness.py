"""The gate of completeness: a set is whole when every owed kind is a piece, and a file, of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.orders import order_of
from bot.domain.config import Config
from bot.domain.writing import Writing
from bot.executors.gates import set_problems
from bot.executors.writing.pieces import KINDS
from tests.commands.fleet import at_work

OWED = tuple(kind for kinds in Writing().pieces.values() for kind in kinds)


@given(
    st.lists(st.sampled_from(OWED), unique=True), st.lists(st.sampled_from(["notes", "essay"]), max_size=3)
)
def test_a_set_passes_exactly_where_every_owed_kind_is_there(written: list[str], more: list[str]) -> None:
    pieces = [(kind, f"{number}.md") for number, kind in enumerate([*more, *written])]
    (problem,) = [*set_problems(OWED, pieces)] or [""]
    missing = [kind for kind in OWED if kind not in written]
    assert bool(problem) == bool(missing)
    said = problem.partition(" missing;")[0]
    assert all((kind in said) == (kind in missing) for kind in OWED)


@pytest.mark.parametrize(
    ("owed", "pieces", "whole"),
    [
        ((), [], True),
        (("FAQ",), [("Frequently asked questions", "a.md")], True),
        (("user guide", "FAQ"), [("user guide", "a.md"), ("FAQ", "a.md")], False),
        (("user guide", "tutorial"), [("user guide", "a.md")], False),
        (("user guide", "tutorial"), [("guide", "a.md"), ("tutorial", "b.md")], True),
        (("Poem",), [("poem", "a.md")], True),
        (("Poem",), [("ballad", "a.md")], False),
    ],
)
def test_what_is_a_piece_of_its_kind(
    owed: tuple[str, ...], pieces: list[tuple[str, str]], whole: bool
) -> None:
    assert bool([*set_problems(owed, pieces)]) is not whole


def test_the_templates_write_every_set_whole() -> None:
    for specialty, owed in Writing().pieces.items():
        assert not [*set_problems(owed, [(one.kind, one.file) for one in KINDS[specialty]])]


def test_an_order_says_what_its_task_owes() -> None:
    own = Config(content=Writing(pieces={"marketing": ("poem",)}))
    for config, owed in ((None, Writing().pieces["marketing"]), (own, ("poem",))):
        state = at_work(config)
        project = state.projects["recipe-book-2"]
        for task in project.tasks:
            order = order_of(state, project, task, f"{task.id}@1")
            assert order.pieces == (owed if task.specialty == "marketing" else order.pieces)
            assert task.workflow == "content" or not order.pieces
