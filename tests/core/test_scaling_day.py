"""Autoscaling over a simulated day with bursts: no flapping, limits kept, long queues answered."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from random import Random

from bot.decide import decide
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.moves import Move
from bot.domain.pools import Pool, Pools
from bot.domain.scaling import Offset, Peak, Scaling
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.policies.fleet.autoscaling import demand
from bot.policies.fleet.scaling import limits
from tests.core.simulated import Simulation
from tests.core.test_scaling import size
from tests.core.worlds import START

WINDOW = timedelta(minutes=5)
BURSTS = ((0.2, 14), (2.1, 3), (4, 15), (4.2, 4), (7, 1))
"""(hours after the beginning, ideas)."""


def roomy(scaling: Scaling = Scaling()) -> Config:  # noqa: B008 - frozen
    """The specification's pools with more room upwards, so that a long queue finds some."""
    genesis = Pools().genesis.model_copy(update={"maximum": 12})
    development = Pools().development.model_copy(update={"maximum": 9})
    pools = Pools(
        genesis=Pool.model_validate(genesis.model_dump()),
        development=Pool.model_validate(development.model_dump()),
    )
    return Config(pools=pools, scaling=scaling)


def seen(fleet: Simulation, before: State, moves: list[Move]) -> None:
    """Take down the moves of a look, and count."""
    known = set(before.scaling.moves)
    for move in fleet.state.scaling.moves:
        if move not in known and move.at == fleet.now:
            moves.append(move)
            fleet.counts["up" if move.up else "down"] += 1


def within_limits(fleet: Simulation) -> None:
    draft = Draft(fleet.state, fleet.now)
    for workflow in Workflow:
        found = limits(draft, workflow)
        assert found.minimum <= size(fleet.state, workflow) <= found.maximum, (fleet.now, dict(fleet.counts))


def answered(fleet: Simulation, moves: list[Move]) -> None:
    """A queue over the mark was answered by this look, or lately, or may not be: full, or just gone down."""
    draft = Draft(fleet.state, fleet.now)
    for workflow in Workflow:
        if demand(draft, workflow).ready <= fleet.state.config.scaling.queue_above:
            continue
        full = size(fleet.state, workflow) == limits(draft, workflow).maximum
        lately = [one for one in moves if one.workflow is workflow and fleet.now - one.at < WINDOW]
        fleet.counts["long queues"] += 1
        fleet.counts["at the maximum"] += full
        fleet.counts["held by the window"] += not full and not any(one.up for one in lately)
        assert full or lately, (workflow, fleet.now, dict(fleet.counts))


def no_flapping(moves: list[Move], counts: Counter[str]) -> None:
    for workflow in Workflow:
        mine = [one for one in moves if one.workflow is workflow]
        for earlier, later in pairwise(mine):
            counts["reversals"] += earlier.up != later.up
            assert earlier.up == later.up or later.at - earlier.at >= WINDOW, (earlier, later, dict(counts))
            assert later.up or later.at - earlier.at >= WINDOW, (earlier, later, dict(counts))
        assert all(one.up or one.before - one.after == 1 for one in mine)


def test_a_day_with_bursts() -> None:
    fleet = Simulation(1, roomy())
    for hour, ideas in BURSTS:
        fleet.burst(START + timedelta(hours=hour), ideas)
    moves: list[Move] = []
    while fleet.now < START + timedelta(hours=9):
        before = fleet.look()
        if fleet.state is before:
            continue
        seen(fleet, before, moves)
        within_limits(fleet)
        answered(fleet, moves)
        assert decide(fleet.state, [], fleet.now).state is fleet.state, dict(fleet.counts)
    counts = fleet.counts
    no_flapping(moves, counts)
    assert {project.stage for project in fleet.state.projects.values()} == {"complete"}, dict(counts)
    assert counts["up"] >= 5, dict(counts)
    assert counts["down"] >= 5, dict(counts)
    assert counts["long queues"] >= 10, dict(counts)
    assert counts["long queues"] > counts["at the maximum"], dict(counts)
    assert counts["commits"] < counts["looks"], dict(counts)
    print(dict(counts))  # noqa: T201 - shown with -rP


def test_the_days_bursts_are_worked_off_sooner_than_without_scaling() -> None:
    ends = []
    for rule in (Scaling(), Scaling(enabled=False)):
        config = roomy(rule)
        small = config.pools.development.model_copy(update={"roster": config.pools.development.roster[:3]})
        pools = config.pools.model_copy(update={"development": small})
        fleet = Simulation(3, config.model_copy(update={"pools": pools}))
        fleet.burst(START, 12)
        while fleet.state.projects == {} or any(
            one.stage != "complete" for one in fleet.state.projects.values()
        ):
            fleet.look()
        ends.append(fleet.now - START)
    assert ends[0] < ends[1], ends


def test_peak_hours_hold_their_minimum_all_through_a_day() -> None:
    zone = (Offset(since=START - timedelta(days=1), minutes=60),)
    peak = Peak(
        name="lunch",
        begins="14:00",
        ends="16:00",
        zone="Europe/Berlin",
        lead_minutes=20,
        minimum={Workflow.CONTENT: 3, Workflow.DEVELOPMENT: 99},
    )
    fleet = Simulation(4, roomy(Scaling(peaks=(peak,), zones={"Europe/Berlin": zone})))
    moves: list[Move] = []
    sizes = {}
    chance = Random(5)
    for hour in range(2):
        fleet.burst(START + timedelta(hours=hour), chance.randrange(3))
    while fleet.now < START + timedelta(hours=4):
        before = fleet.look()
        seen(fleet, before, moves)
        within_limits(fleet)
        sizes[fleet.now] = (size(fleet.state, "content"), size(fleet.state, "development"))
    assert all(
        found == (3, 9)
        for at, found in sizes.items()
        if START + timedelta(minutes=40) <= at < START + timedelta(hours=3)
    ), dict(fleet.counts)
    reasons = {one.reason for one in moves if one.up and one.workflow is Workflow.DEVELOPMENT}
    assert "peak hours (lunch) ask for at least 9" in reasons
    assert sizes[fleet.now] == (2, 3), dict(fleet.counts)
