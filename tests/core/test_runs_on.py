"""Where the work runs: labels or a scale set's name, from the configuration to the run's input."""

from __future__ import annotations

import pytest

from bot.adapters.config_file import parse
from bot.domain.effects import Dispatch
from bot.domain.errors import ConfigInvalid
from tests.core.worlds import begun, comment, settled


def labels(text: str, flags: str = "", count: int = 1) -> list[tuple[str, tuple[str, ...]]]:
    """(worker, labels) of what is dispatched for so many ideas."""
    lines = "\n".join(f"/dispatch-genesis Idea {number} {flags}" for number in range(count))
    config = parse(text)
    decision = settled(begun(config, scaling=config.scaling), comment(1, lines))
    found = [entry.effect for entry in decision.effects if isinstance(entry.effect, Dispatch)]
    return [(one.worker, one.runs_on) for one in found]


def pool(more: str) -> str:
    return f"pools:\n  genesis:\n    minimum: 1\n    maximum: 3\n{more}"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ()),
        ("    runs_on: arc-genesis\n", ("arc-genesis",)),
        ("    runs_on: [self-hosted, linux]\n", ("self-hosted", "linux")),
        ("    roster: [{id: g-1, runs_on: gpu}]\n    runs_on: cpu\n", ("gpu",)),
        ("    roster: [{id: g-1}]\n    runs_on: cpu\n", ("cpu",)),
    ],
)
def test_the_workers_own_labels_come_before_its_workflows(more: str, expected: tuple[str, ...]) -> None:
    assert {found for _, found in labels(pool(more))} == {expected}


def test_a_worker_beyond_the_roster_runs_where_the_rosters_of_its_specialty_does() -> None:
    roster = "    roster: [{id: g-1, specialties: [large], runs_on: big}]\n    runs_on: small\n"
    text = pool(roster) + "scaling:\n  queue_above: 1\n"
    assert dict(labels(text, "--size large", count=4)) == dict.fromkeys(["g-1", "g-2"], ("big",))


@pytest.mark.parametrize("value", ["'${{ x }}'", "['', a]", "{group: x}", "7"])
def test_what_is_no_label_is_refused(value: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"pools\.genesis\.runs_on"):
        parse(pool(f"    runs_on: {value}\n"))
