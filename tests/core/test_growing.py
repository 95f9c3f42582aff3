"""The number of workers while the work is played, and ``decide``, held to the same history."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.config import Config, Queueing
from bot.domain.guards import Breaker, Budgets, Degradation
from bot.domain.outputs import Priority, Size
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.scaling import Peak, Scaling
from bot.domain.vocabulary import Workflow
from tests.core.driven import Driven
from tests.core.simulating import a_day, played, script

STEADY = Degradation(completions=500, baseline=500)
"""No workflow ever counts as slow: that one becomes slow meanwhile is not played."""


def rush(begins: str, ends: str, lead: int, minimum: dict[Workflow, int]) -> Peak:
    return Peak(name="rush", begins=begins, ends=ends, lead_minutes=lead, minimum=minimum)


peaks = st.lists(
    st.builds(
        rush,
        st.sampled_from(["11:00", "12:25", "12:58", "14:00"]),
        st.sampled_from(["12:40", "13:30", "15:00"]),
        st.sampled_from([0, 7, 15]),
        st.dictionaries(st.sampled_from(Workflow), st.integers(1, 5), min_size=1),
    ),
    max_size=2,
)
rules = st.builds(
    Scaling,
    queue_above=st.sampled_from([1, 3, 10]),
    wait_above_minutes=st.sampled_from([None, 4, 12]),
    utilisation_above=st.sampled_from([None, 0.8]),
    utilisation_below=st.sampled_from([0.2, 0.35]),
    queue_below=st.sampled_from([1, 3]),
    window_minutes=st.sampled_from([3, 5, 12]),
    drain_minutes=st.sampled_from([10, 30]),
    peaks=peaks.map(tuple),
)
ideas = st.lists(
    st.tuples(
        st.sampled_from(Size),
        st.sampled_from(Priority),
        st.sampled_from(["", "eu"]),
        st.sampled_from([0, 0, 9]),
    ),
    min_size=3,
    max_size=9,
)
orders = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(Workflow).map(lambda one: f"/scale-up {one}")),
        st.tuples(st.just("say"), st.sampled_from(Workflow).map(lambda one: f"/scale-down {one} --drain")),
        st.tuples(
            st.just("say"), st.sampled_from(Workflow).map(lambda one: f"/emergency-scale-up {one} --for 40m")
        ),
        st.tuples(st.just("say"), st.sampled_from(Workflow).map(lambda one: f"/pause {one}")),
        st.tuples(st.just("say"), st.just("/rebalance")),
    ),
    max_size=4,
)


def fleet(rule: Scaling, sizes: tuple[int, int, int], room: int, overflow: int, **more: object) -> Config:
    names = {Workflow.GENESIS: "quick", Workflow.DEVELOPMENT: "tests", Workflow.CONTENT: "social"}
    pools = {
        workflow.value: Pool(
            roster=tuple(
                Worker(
                    id=f"{workflow.value[:3]}-{number}", specialties=(names[workflow],) if number == 2 else ()
                )
                for number in range(1, size + 1)
            ),
            minimum=1,
            maximum=size + room,
            expected_minutes=10,
        )
        for workflow, size in zip(Workflow, sizes, strict=True)
    }
    changes = {"breaker": Breaker(workflow_failures=4, probe_minutes=7), "budgets": Budgets(), **more}
    queueing = Queueing(ageing_minutes=20, overflow=overflow, growth_minutes=6)
    return Config(pools=Pools(**pools), scaling=rule, queueing=queueing, degradation=STEADY, **changes)


def held_to_the_same_history(day: Driven) -> None:
    log, ends = played(day)
    day.log.clear()
    day.looks = day.busy_at = day.now
    day.run()
    assert sorted(log) == sorted(day.log)
    assert ends == {id_: day.state.projects[id_].completed_at for id_ in ends}


@settings(max_examples=40, deadline=None)
@given(
    rule=rules,
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)),
    room=st.integers(0, 4),
    wishes=ideas,
    said=orders,
    steps=st.integers(0, 20),
    seed=st.integers(0, 10_000),
    failures=st.sampled_from([0, 20, 60]),
    overflow=st.sampled_from([1, 3, 20]),
)
def test_a_play_scales_as_deciding_does(
    rule: Scaling,
    sizes: tuple[int, int, int],
    room: int,
    wishes: list[tuple[Size, Priority, str, int]],
    said: list[tuple],
    steps: int,
    seed: int,
    failures: int,
    overflow: int,
) -> None:
    config = fleet(rule, sizes, room, overflow)
    held_to_the_same_history(a_day(config, script(seed, failures), wishes, steps, said))
