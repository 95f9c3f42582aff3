"""A sequence of changes through git is a sequence of changes to a dictionary."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.git.store import GitStore
from tests.store.repositories import Bare, minutes

NAMES = st.sampled_from(["a", "b", "a.json", "-", "ü", 'q"\\', " "])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
CHANGES = st.dictionaries(PATHS, st.none() | st.binary(max_size=40), max_size=6)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """One repository for all examples; each has a branch of its own."""
    return Bare.create(tmp_path_factory.mktemp("model") / "fleet.git")


def _is_possible(files: Mapping[str, bytes]) -> bool:
    return not any(f"{other}/".startswith(f"{path}/") for path, other in itertools.permutations(files, 2))


BRANCHES = itertools.count()


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(CHANGES, min_size=1, max_size=5), reload=st.booleans())
def test_changes_equal_a_dictionary(shared: Bare, steps: list[dict[str, bytes | None]], reload: bool) -> None:
    branch = f"example-{next(BRANCHES)}"
    model: dict[str, bytes] = {}
    with GitStore(str(shared.path), branch, nonce=branch) as store:
        look = store.load()
        for number, changes in enumerate(steps):
            wanted = {path: content for path, content in {**model, **changes}.items() if content is not None}
            if not _is_possible(wanted):
                with pytest.raises(ValueError, match="file and a folder"):
                    store.save(look, changes, "Step", at=minutes(number))
                continue
            look, model = store.save(look, changes, "Step", at=minutes(number)), wanted
            assert dict(look.files) == model
            if reload:
                assert store.load() == look
        if look.version is not None:
            assert shared.files(look.version) == model
    with GitStore(str(shared.path), branch, nonce="fresh") as fresh:
        assert fresh.load() == look
