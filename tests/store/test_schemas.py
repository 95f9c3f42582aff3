"""Every schema of the state that was ever published stays here as a whole tree, and has to load for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain import files, invariants
from bot.domain.base import SCHEMA
from bot.domain.errors import SchemaTooNew
from tests.core.worlds import comment, settled

FOLDER = Path(__file__).parent / "schemas"
PUBLISHED = sorted(FOLDER.iterdir(), key=lambda path: int(path.name))


def tree(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_there_is_a_tree_for_each_schema_up_to_this_programs() -> None:
    assert [path.name for path in PUBLISHED] == [str(number) for number in range(1, SCHEMA + 1)]


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda path: path.name)
def test_a_published_tree_loads_holds_together_and_goes_on(folder: Path) -> None:
    """What a version of before has written, this one reads, decides on and writes."""
    state = files.load(tree(folder))
    assert list(invariants.problems(state)) == []
    assert (len(state.projects), len(state.instances) > 5, bool(state.outbox.entries)) == (1, True, True)
    assert state.recent.completions
    (project,) = state.projects.values()
    assert project.tasks
    assert state.genesis
    decision = settled(state, comment(990, "/status"))
    assert files.load(files.tree(decision.state)) == decision.state


@pytest.mark.parametrize(
    "path", sorted(tree(PUBLISHED[-1])), ids=lambda path: path.rpartition("shared-state/")[2]
)
def test_a_newer_schema_is_refused_whichever_file_has_it(path: str) -> None:
    present = tree(PUBLISHED[-1])
    newer = present[path].replace(b'"schema": %d' % SCHEMA, b'"schema": %d' % (SCHEMA + 1))
    assert newer != present[path]
    with pytest.raises(SchemaTooNew, match="Use the version of orchestrator that wrote the state"):
        files.load({**present, path: newer})
