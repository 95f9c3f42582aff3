"""The simulation and ``decide``, held to the same history: who does which task, from when to when."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.config import Attempts, Config, Queueing
from bot.domain.guards import Breaker, Budgets, Degradation
from bot.domain.outputs import Priority, Size
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.scaling import Scaling
from bot.domain.vocabulary import Workflow
from tests.core.simulating import a_day, played, script

SPECIALTIES = {
    Workflow.GENESIS: ("large", "standard", "quick"),
    Workflow.DEVELOPMENT: ("tests", "feature", "review", "deployment"),
    Workflow.CONTENT: ("documentation", "marketing", "social"),
}


def workers(workflow: Workflow) -> st.SearchStrategy[list[dict[str, object]]]:
    one = st.fixed_dictionaries(
        {
            "specialties": st.lists(st.sampled_from(SPECIALTIES[workflow]), max_size=2, unique=True),
            "sizes": st.lists(st.sampled_from(Size), max_size=1),
            "region": st.sampled_from(["", "eu", "us"]),
        }
    )
    return st.lists(one, min_size=1, max_size=3)


rosters = st.fixed_dictionaries({workflow: workers(workflow) for workflow in Workflow})
ideas = st.lists(
    st.tuples(
        st.sampled_from(Size),
        st.sampled_from(Priority),
        st.sampled_from(["", "eu", "us"]),
        st.sampled_from([0, 0, 1, 15]),
    ),
    min_size=3,
    max_size=8,
)
orders = st.lists(
    st.one_of(
        st.tuples(st.just("assign"), st.sampled_from(Workflow), st.integers(0, 5), st.integers(1, 3)),
        st.tuples(st.just("priority"), st.integers(0, 5), st.sampled_from(Priority)),
        st.tuples(st.just("pause"), st.sampled_from(Workflow)),
        st.tuples(st.just("triage"), st.sampled_from(Priority)),
        st.tuples(st.just("rebalance")),
    ),
    min_size=1,
    max_size=6,
)


def fleet(
    roster: dict[Workflow, list[dict[str, object]]],
    limit: int,
    trips: int | None,
    running: int | None,
    hourly: int | None,
    overflow: int,
) -> Config:
    pools = {
        workflow.value: Pool(
            roster=tuple(
                Worker.model_validate({"id": f"{workflow.value[:3]}-{number}", **one})
                for number, one in enumerate(roster[workflow], 1)
            ),
            minimum=1,
            maximum=9,
            expected_minutes=10,
        )
        for workflow in Workflow
    }
    return Config(
        pools=Pools(**pools),
        scaling=Scaling(enabled=False),
        regions={"eu": {"us": 90}},
        attempts=Attempts(limit=limit, backoff_seconds=90),
        queueing=Queueing(ageing_minutes=20, overflow=overflow),
        breaker=Breaker(worker_failures=trips, workflow_failures=4, probe_minutes=7),
        budgets=Budgets(running=running, tasks_per_hour=hourly),
        degradation=Degradation(factor=1.2, clear=1.1, window_minutes=90),
    )


@settings(max_examples=150, deadline=None)
@given(
    roster=rosters,
    wishes=ideas,
    said=orders,
    steps=st.integers(0, 25),
    seed=st.integers(0, 10_000),
    failures=st.sampled_from([0, 20, 60, 120]),
    limit=st.integers(1, 3),
    trips=st.sampled_from([None, 1, 2, 3]),
    running=st.sampled_from([None, None, 2, 4]),
    hourly=st.sampled_from([None, None, 6, 15]),
    overflow=st.sampled_from([1, 3, 20]),
)
def test_a_play_assigns_as_deciding_does(
    roster: dict[Workflow, list[dict[str, object]]],
    wishes: list[tuple[Size, Priority, str, int]],
    said: list[tuple],
    steps: int,
    seed: int,
    failures: int,
    limit: int,
    trips: int | None,
    running: int | None,
    hourly: int | None,
    overflow: int,
) -> None:
    config = fleet(roster, limit, trips, running, hourly, overflow)
    day = a_day(config, script(seed, failures), wishes, steps, said)
    log, ends = played(day)
    day.log.clear()
    day.run()
    assert sorted(log) == sorted(day.log)
    assert ends == {id_: day.state.projects[id_].completed_at for id_ in ends}


ANYBODY: dict[str, object] = {"specialties": [], "sizes": [], "region": ""}


def test_triage_ends_in_a_play_when_the_queues_are_under_the_mark_again() -> None:
    roster = {workflow: [ANYBODY] for workflow in Workflow}
    wishes = [(Size.QUICK, Priority.HIGH, "", 0)] * 3 + [(Size.QUICK, Priority.LOW, "", 0)] * 2
    config = fleet(roster, 3, None, None, None, overflow=3)
    day = a_day(config, script(4, 0), wishes, 0, [("triage", Priority.HIGH)])
    log, ends = played(day)
    assert day.state.controls.triage is not None
    day.log.clear()
    day.run()
    assert day.state.controls.triage is None
    assert sorted(log) == sorted(day.log)
    assert all(ends.values())


@pytest.mark.parametrize("seed", range(3))
def test_a_play_chooses_among_many_idle_workers_as_deciding_does(seed: int) -> None:
    shapes: list[dict[str, object]] = [
        ANYBODY,
        {"specialties": ["feature", "social"], "sizes": ["large"], "region": "eu"},
        {"specialties": ["tests"], "sizes": [], "region": "us"},
    ]
    roster = {workflow: [shapes[number * 7 % 3] for number in range(14)] for workflow in Workflow}
    wishes = [
        (list(Size)[number % 3], Priority.NORMAL, ("", "eu", "us")[number % 3], 0) for number in range(9)
    ]
    day = a_day(fleet(roster, 3, 2, None, None, 20), script(seed, 25), wishes, 0, [])
    log, _ = played(day)
    day.log.clear()
    day.run()
    assert len(log) > 60
    assert sorted(log) == sorted(day.log)
