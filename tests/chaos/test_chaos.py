"""A short chaos run; ``make chaos`` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.run import Plan, chaos

KINDS = ("kill", "stop", "fault", "doubled", "requests that met")


def test_a_fleet_survives_a_short_chaos(tmp_path: Path) -> None:
    told = chaos(Plan(seed=7, tasks=30, workers=8, patience=600), tmp_path)
    print(told)  # noqa: T201 - for -rP
    assert told.figures["tasks done"] >= 25
    met = {
        what: sum(count for name, count in told.troubles.items() if name.startswith(what)) for what in KINDS
    }
    assert all(met.values()), met
