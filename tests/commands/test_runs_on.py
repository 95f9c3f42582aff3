"""What a run is told about its runner, as the hub shows it."""

from __future__ import annotations

import pytest

from bot.domain.config import Config
from bot.domain.pools import Pool, Pools
from tests.commands.desk import Desk
from tests.core.worlds import begun
from tests.e2e.people import REPOSITORY


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((), {}),
        (("arc-genesis",), {"runner": "arc-genesis"}),
        (("self-hosted", "linux"), {"runner": '["self-hosted", "linux"]'}),
    ],
)
def test_the_labels_are_the_runs_input(desk: Desk, labels: tuple[str, ...], expected: dict[str, str]) -> None:
    genesis = Pools().genesis.model_copy(update={"runs_on": labels})
    desk.put(begun(Config(pools=Pools(genesis=Pool.model_validate(genesis.model_dump())))))
    desk.say("/dispatch-genesis A page")
    runs = desk.world.runs.search(desk.world.repositories.find(*REPOSITORY.split("/")))
    (mine,) = [run for run in runs if run.inputs.get("assignment", "").startswith("a-page-")]
    assert {name: text for name, text in mine.inputs.items() if name != "assignment"} == expected
