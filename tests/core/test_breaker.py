"""The circuit breaker: failing workers are taken out and tried again; failing workflows are paused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain.config import Attempts, Config
from bot.domain.draft import Draft
from bot.domain.guards import Breaker
from bot.domain.instances import Instance
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.records import Alert
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.assigning.scheduling import expected_starts
from bot.policies.fleet.scaling import size
from tests.commands.fleet import Days, result
from tests.core.worlds import assignments

ALONE = Pools(genesis=Pool(roster=(Worker(id="genesis-01"),), minimum=1, maximum=1, expected_minutes=15))
"""One Genesis worker, so that every Genesis task is its own."""
ATTEMPTS = Attempts(limit=20, backoff_seconds=0)


def alone(**breaker: Any) -> Days:
    settings_ = Breaker(**({"workflow_failures": None} | breaker))
    return Days(Config(pools=ALONE, attempts=ATTEMPTS, breaker=settings_))


def worker(state: State, id_: str = "genesis-01") -> Instance:
    return state.instances[id_]


def open_alerts(state: State) -> dict[str, Alert]:
    return {one.id: one for one in state.alerts.items if one.until is None}


def failing(world: Days, times: int, task: str = "idea-1.genesis") -> None:
    for _ in range(times):
        world.fail(task, minutes=1)


def begun(world: Days | None = None) -> Days:
    world = world or alone()
    world.say("/dispatch-genesis Idea", issue=1)
    return world


def test_the_third_failure_in_a_row_takes_a_worker_out() -> None:
    world = begun()
    failing(world, 2)
    assert worker(world.state).probe_at is None
    failing(world, 1)
    out = worker(world.state)
    assert out.probe_at == world.now + timedelta(minutes=10)
    assert out.assignment is None
    assert len(world.state.queues[QueueName.GENESIS].items) == 1
    alert = open_alerts(world.state)["breaker-genesis-01"]
    assert alert.severity == "critical"
    assert "its queue waits, nothing is lost" in alert.cause
    assert alert.details.count("idea-1.genesis: the scaffold's own test failed: 1 of 1 (https://") == 3


def test_it_is_tried_at_an_exact_moment_and_a_success_closes_it() -> None:
    world = begun()
    failing(world, 3)
    at = worker(world.state).probe_at
    assert at is not None
    held = world.state
    assert decide(held, (), at - timedelta(seconds=1)).state is held
    assert expected_starts(Draft(held, world.now), Workflow.GENESIS)["idea-1.genesis"].at == at
    world.now = at
    world.settle()
    assert [one.task for one in assignments(world.state)] == ["idea-1.genesis"]
    world.do("idea-1.genesis")
    closed = worker(world.state)
    assert (closed.probe_at, closed.faults, closed.probes) == (None, (), 0)
    assert "breaker-genesis-01" not in open_alerts(world.state)


def test_each_failed_trial_doubles_the_wait_up_to_a_limit() -> None:
    world = begun(alone(probe_minutes=10, probe_most_minutes=30))
    failing(world, 3)
    waits = []
    for _ in range(4):
        at = worker(world.state).probe_at
        assert at is not None
        waits.append((at - world.now) / timedelta(minutes=1))
        world.now = at
        world.settle()
        failing(world, 1)
    assert waits == [10, 20, 30, 30]


def test_a_success_ends_the_row() -> None:
    world = begun()
    failing(world, 2)
    world.do("idea-1.genesis")
    world.say("/dispatch-genesis Other", issue=2)
    failing(world, 2, "other-2.genesis")
    assert worker(world.state).probe_at is None


def test_a_lease_that_is_taken_back_does_not_count() -> None:
    world = begun()
    failing(world, 2)
    world.say("/emergency-stop idea-1", issue=1)
    world.say("/resume idea-1", issue=1)
    assert len(worker(world.state).faults) == 2
    failing(world, 1)
    assert worker(world.state).probe_at is not None


def test_what_no_attempt_could_change_is_not_the_worker_s_failure() -> None:
    world = alone()
    for number in range(1, 6):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
        task = f"idea-{number}-{number}.genesis"
        world.claim(task)
        world.report(task, ok=False, summary="no agent is configured", retry=False)
    assert worker(world.state).faults == ()


def test_a_worker_that_is_out_counts_for_the_pool_s_size_and_a_restart_lets_it_work() -> None:
    world = begun()
    failing(world, 3)
    assert size(Draft(world.state, world.now), Workflow.GENESIS) == 1
    world.say("/restart genesis-01", issue=1)
    assert [one.worker for one in tasks(world.state)] == ["genesis-01"]
    assert worker(world.state).faults == ()


def tasks(state: State) -> list[Any]:
    return [task for project in state.projects.values() for task in project.tasks if task.status.held]


def test_what_was_reserved_for_it_is_anybody_s_again() -> None:
    world = Days(Config(attempts=ATTEMPTS, breaker=Breaker(worker_failures=1)))
    for number in range(1, 5):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
    world.say("/assign genesis idea-4-4 genesis-01 --force", issue=4)
    (held,) = (one for one in assignments(world.state) if worker(world.state).assignment == one)
    world.fail(held.task)
    assert all(not item.reserved for item in world.state.queues[QueueName.GENESIS].items)


# workflows


def five_fail(world: Days, first: int = 1) -> None:
    for number in range(first, first + 5):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
        world.fail(f"idea-{number}-{number}.genesis", minutes=1)


def test_a_workflow_whose_last_five_tasks_failed_is_paused_by_the_rule() -> None:
    config = Config(attempts=Attempts(limit=1), breaker=Breaker(worker_failures=None))
    world = Days(config)
    five_fail(world)
    pause = world.state.controls.pause(Workflow.GENESIS)
    assert pause is not None
    assert pause.by == ""
    alert = open_alerts(world.state)["failing-genesis"]
    assert alert.cause.startswith("genesis was paused: its last 5 tasks all failed, the latest because: ")
    assert "/unpause genesis" in alert.advice
    world.say("/unpause genesis", issue=1)
    assert open_alerts(world.state) == {}
    world.wait(minutes=1)
    world.say("/dispatch-genesis Idea 6", issue=6)
    world.fail("idea-6-6.genesis", minutes=1)
    assert world.state.controls.pause(Workflow.GENESIS) is None
    for number in range(7, 11):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
        world.fail(f"idea-{number}-{number}.genesis", minutes=1)
    assert world.state.controls.pause(Workflow.GENESIS) is not None


def test_one_task_that_fails_again_and_again_is_no_failing_workflow() -> None:
    attempts = Attempts(limit=20, backoff_seconds=0)
    world = Days(Config(attempts=attempts, breaker=Breaker(worker_failures=None)))
    world.say("/dispatch-genesis Idea 1", issue=1)
    for _ in range(8):
        world.fail("idea-1-1.genesis", minutes=1)
    assert world.state.controls.pause(Workflow.GENESIS) is None


def test_one_success_among_the_last_five_is_enough() -> None:
    world = Days(Config(attempts=Attempts(limit=1), breaker=Breaker(worker_failures=None)))
    for number in range(1, 8):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
        if number == 3:
            world.do(f"idea-{number}-{number}.genesis")
        else:
            world.fail(f"idea-{number}-{number}.genesis", minutes=1)
    assert world.state.controls.pause(Workflow.GENESIS) is None


# never


class Watched(Days):
    """Each commit is held against the rule."""

    def settle(self, *events: Any) -> State:
        before = self.state
        after = super().settle(*events)
        for one in assignments(after):
            if one.lease >= before.ledger.next_lease:
                (holder,) = (w for w in after.instances.values() if w.assignment == one)
                assert not holder.tripped(self.now)
                if holder.probe_at is not None:
                    self.on_trial(holder, holder.probe_at)
        assert decide(after, (), self.now).state is after
        return after

    def on_trial(self, holder: Instance, since: datetime) -> None:
        """Nothing that it got since then has ended: the end of one decides, well or badly."""
        assert self.now >= since
        ended = [one for one in self.state.recent.completions if one.worker == holder.id]
        assert not any(one.assigned_at >= since for one in ended)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.just(1)),
        st.tuples(st.just("fail"), st.integers(0, 5)),
        st.tuples(st.just("fail"), st.integers(0, 5)),
        st.tuples(st.just("done"), st.integers(0, 5)),
        st.tuples(st.just("restart"), st.integers(1, 3)),
        st.tuples(st.just("rebalance"), st.just(0)),
        st.tuples(st.just("wait"), st.sampled_from([1, 5, 10, 30])),
    ),
    min_size=6,
    max_size=30,
)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_a_worker_that_is_out_never_gets_a_task_before_its_trial(moves: list[tuple[str, int]]) -> None:
    config = Config(attempts=ATTEMPTS, breaker=Breaker(worker_failures=2, workflow_failures=None))
    world, asked = Watched(config), 0
    for move, value in moves:
        held = [one for one in assignments(world.state) if one.claimed_at is None]
        if move == "ask":
            asked += 1
            world.say(f"/dispatch-genesis Idea {asked}", issue=asked)
        elif move == "wait":
            world.wait(minutes=value)
        elif move in ("restart", "rebalance"):
            world.say("/rebalance" if move == "rebalance" else f"/restart genesis-0{value}", issue=1)
        elif held:
            chosen = held[value % len(held)]
            if move == "fail":
                world.fail(chosen.task, minutes=1)
            else:
                world.claim(chosen.task)
                found = world.state.projects[chosen.project].task(chosen.task)
                assert found is not None
                world.report(chosen.task, **result(found))
