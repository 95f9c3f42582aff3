"""Load balancing: the rules one by one, the total order, reservations, moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import invariants
from bot.domain.config import Config
from bot.domain.controls import Controls, Pause, Triage
from bot.domain.draft import Draft
from bot.domain.instances import Instance, Tally
from bot.domain.models import Task
from bot.domain.outlook import Hold
from bot.domain.outputs import Priority, Size
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, TaskStatus, WorkerStatus, Workflow
from bot.policies.assigning.bench import SHOWN, Bench
from bot.policies.assigning.candidates import Distances, Wanted, candidate, fit, order
from bot.policies.assigning.rebalancing import better_placing
from bot.policies.assigning.scheduling import expected_starts
from tests.commands.fleet import Days
from tests.core.worlds import START, begun, comment, later, replies, settled

FAR = {"eu": {"us": 90, "asia": 180}}


def worker(id_: str, **changes: Any) -> Instance:
    return Instance(id=id_, workflow=Workflow.DEVELOPMENT, **({"idle_since": START} | changes))


def best(want: Wanted, *workers: Instance, avoid: tuple[str, ...] = (), **loads: float) -> tuple[str, str]:
    """(who gets it, by which rule); the same whatever order the workers come in."""
    found = {
        (chosen.id, choice.rule)
        for line in (workers, workers[::-1])
        for chosen, choice in [Bench(line, Distances(FAR), loads).take(want, avoid)]
    }
    (only,) = found
    return only


TESTS = Wanted("tests", Size.STANDARD, "")
LARGE = Wanted("tests", Size.LARGE, "")
IN_US = Wanted("tests", Size.STANDARD, "US")


# the rules, in their order


def test_a_worker_that_failed_the_task_is_last() -> None:
    special = worker("a", specialties=("tests",))
    assert best(TESTS, special, worker("b", specialties=("review",)), avoid=("a",)) == (
        "b",
        "it has not failed this task before",
    )
    assert best(TESTS, special, avoid=("a",)) == ("a", "no other worker was idle")


def test_specialists_come_first_then_those_for_anything() -> None:
    special, any_, other = (
        worker("c", specialties=("tests",)),
        worker("b"),
        worker("a", specialties=("review",)),
    )
    assert best(TESTS, other, any_, special) == ("c", "its specialty is tests")
    assert best(TESTS, other, any_) == ("b", "it takes any specialty")


def test_the_size_counts_within_the_specialty() -> None:
    meant, any_, other = (
        worker("c", sizes=(Size.LARGE,)),
        worker("b"),
        worker("a", sizes=(Size.QUICK,)),
    )
    assert best(LARGE, other, any_, meant) == ("c", "it is meant for large work")
    assert best(LARGE, other, any_) == ("b", "it takes work of any size")
    named_as_specialty = worker("z", specialties=("large",))
    unnamed = worker("a", specialties=("standard",))
    assert best(LARGE, named_as_specialty, unnamed)[0] == "z"


def test_experience_with_large_work_counts_and_one_success_does_not_beat_much_of_it() -> None:
    lucky, old = worker("a", large=Tally(done=1)), worker("b", large=Tally(done=30, failed=10))
    assert best(LARGE, lucky, old) == ("b", "it has the best record on large tasks")
    assert best(LARGE, lucky, worker("b", large=Tally(failed=3)))[0] == "a"
    assert best(TESTS, lucky, old)[1] == "it comes first by name among equals", "only for large tasks"


def test_the_nearest_region_is_looked_up_both_ways_and_unknown_is_last() -> None:
    there, near, far, nowhere = (
        worker("d", region="us"),
        worker("c", region="eu"),
        worker("b", region="asia"),
        worker("a"),
    )
    assert best(IN_US, nowhere, far, near, there) == ("d", "it is in US")
    assert best(IN_US, nowhere, far, near) == ("c", "it is nearest to the region US")
    assert best(TESTS, there, near, far, nowhere)[0] == "a", "without a wish no region counts"
    from_asia = Wanted("tests", Size.STANDARD, "asia")
    assert best(from_asia, nowhere, near)[0] == "c", "asia to eu is known from eu to asia"


def test_the_least_load_then_the_longest_idle_then_the_id() -> None:
    one, other = worker("a", idle_since=START), worker("b", idle_since=later(60))
    assert best(TESTS, one, other, a=30.0) == ("b", "it has the least work ahead of it")
    assert best(TESTS, one, other) == ("a", "it has been idle the longest")
    assert best(TESTS, other, worker("c", idle_since=START))[0] == "c"
    assert best(TESTS, worker("b"), worker("a")) == ("a", "it comes first by name among equals")


names = st.sampled_from(["tests", "review", "large", "quick"])
workers = st.builds(
    worker,
    st.text("abc", min_size=1, max_size=3),
    specialties=st.lists(names, max_size=2).map(tuple),
    sizes=st.lists(st.sampled_from(Size), max_size=1).map(tuple),
    region=st.sampled_from(["", "eu", "us", "asia"]),
    large=st.builds(Tally, done=st.integers(0, 3), failed=st.integers(0, 3)),
    idle_since=st.integers(0, 3).map(later),
)
wants = st.builds(Wanted, names, st.sampled_from(Size), st.sampled_from(["", "eu", "us", "mars"]))
tasks = st.tuples(wants, st.lists(st.text("abc", min_size=1, max_size=3), max_size=2).map(tuple))


@given(st.lists(workers, min_size=1, max_size=7, unique_by=lambda one: one.id), st.lists(tasks, max_size=7))
def test_the_bench_takes_exactly_by_the_table_of_rules(pool: list[Instance], queue: list[Any]) -> None:
    """The lines that make it quick change nothing: each choice is the least of all by ``order``."""
    distances, loads = Distances(FAR), {"a": 5.0, "b": 5.0, "ab": 9.0}
    bench, left = Bench(pool, distances, loads), list(pool)
    for want, avoid in queue[: len(pool)]:
        judged = sorted(
            (
                candidate(one, fit(one, want, distances), loads.get(one.id, 0.0), failed=one.id in avoid)
                for one in left
            ),
            key=order,
        )
        chosen, choice = bench.take(want, avoid)
        assert choice.candidates == tuple(judged[:SHOWN])
        assert (choice.considered, chosen.id) == (len(judged), judged[0].worker)
        left.remove(chosen)


# what is held


def fleet_with(**changes: Any) -> State:
    """Five projects for three Genesis workers: two wait."""
    state = begun()
    for number in range(1, 6):
        state = settled(state, comment(number, f"/dispatch-genesis Idea {number}", issue=number)).state
    return replace(state, **changes)


PAUSED = Controls(paused=(Pause(workflow=Workflow.GENESIS, since=START, by="ada"),))
TRIAGE = Controls(triage=Triage(level=Priority.HIGH, since=START, by="ada"))


def statuses(state: State) -> list[TaskStatus]:
    return [project.tasks[0].status for project in state.projects.values()]


def test_a_paused_workflow_assigns_nothing_until_it_goes_on() -> None:
    state = settled(replace(begun(), controls=PAUSED), comment(1, "/dispatch-genesis A page")).state
    assert statuses(state) == [TaskStatus.QUEUED]
    assert statuses(settled(replace(state, controls=Controls())).state) == [TaskStatus.ASSIGNED]


def test_triage_lets_only_its_level_and_above_start() -> None:
    lines = "\n".join(f"/dispatch-genesis {level} --priority {level}" for level in ("low", "high", "urgent"))
    state = settled(replace(begun(), controls=TRIAGE), comment(1, lines)).state
    assert statuses(state) == [TaskStatus.QUEUED, TaskStatus.ASSIGNED, TaskStatus.ASSIGNED]
    assert statuses(settled(replace(state, controls=Controls())).state)[0] is TaskStatus.ASSIGNED


def test_a_held_task_does_not_hold_others_back() -> None:
    days = Days()
    days.say("/dispatch-genesis One --size quick --priority urgent", issue=1)
    days.fail("one-1.genesis", minutes=1)
    days.say("/dispatch-genesis Two\n/dispatch-genesis Three\n/dispatch-genesis Four", issue=2)
    waiting = [item.project for item in days.state.queues[QueueName.GENESIS].items]
    assert waiting == ["one-1"], "the failed one waits for its backoff, though it is urgent"


# reservations


def reserving(state: State, *lines: str, at: float = 100) -> State:
    decision = settled(state, comment(int(at), "\n".join(lines)), at=later(at))
    assert "Not assigned" not in replies(decision)[0], replies(decision)[0]
    return decision.state


def task(state: State, id_: str) -> Task:
    found = state.projects[id_.partition(".")[0]].task(id_)
    assert found is not None
    return found


def freed(state: State, id_: str) -> State:
    """That worker's task is over, and everything that follows."""
    held = state.instances[id_].assignment
    assert held is not None
    overdue = settled(state, at=held.expires_at).state
    return settled(overdue, at=held.expires_at + timedelta(hours=1)).state


def test_a_reserved_task_goes_to_its_worker_before_anything_else() -> None:
    state = reserving(fleet_with(), "/priority idea-4-4 urgent", "/assign genesis idea-5-5 genesis-02")
    assert [item.reserved for item in state.queues[QueueName.GENESIS].items] == ["", "genesis-02"]
    held = state.instances["genesis-02"].assignment
    assert held is not None
    after = settled(state, at=held.expires_at).state
    kept = task(after, "idea-5-5.genesis")
    assert (kept.worker, kept.reserved) == ("genesis-02", None)
    assert kept.choice is not None
    assert kept.choice.rule == "wendy asked for it"


def test_nobody_else_gets_a_reserved_task_though_they_are_idle() -> None:
    state = begun()
    state = settled(state, comment(1, "/dispatch-genesis One", issue=1)).state
    lines = "/dispatch-genesis Two\n/assign genesis two-2 genesis-02"
    state = settled(state, comment(2, lines, issue=2)).state
    assert task(state, "two-2.genesis").status is TaskStatus.QUEUED
    assert state.instances["genesis-01"].status is WorkerStatus.IDLE


def test_a_worker_does_other_work_while_its_reserved_task_may_not_start() -> None:
    state = replace(begun(), controls=TRIAGE)
    state = settled(state, comment(1, "/dispatch-genesis Low --priority low", issue=1)).state
    state = settled(state, comment(2, "/assign genesis low-1 genesis-02")).state
    state = settled(state, comment(3, "/dispatch-genesis New --priority high", issue=2)).state
    assert task(state, "low-1.genesis").reserved is not None
    assert task(state, "new-2.genesis").worker == "genesis-02", "its specialty counts before its load"


@pytest.mark.parametrize("status", [WorkerStatus.OFFLINE, WorkerStatus.STOPPED, None])
def test_a_reservation_ends_with_its_worker(status: WorkerStatus | None) -> None:
    state = reserving(replace(begun(), controls=PAUSED), "/dispatch-genesis A page")
    state = reserving(state, "/assign genesis a-page-1 genesis-03 --force", at=200)
    gone = dict(state.instances)
    old = gone.pop("genesis-03")
    if status:
        gone[old.id] = old.model_copy(update={"status": status, "idle_since": None})
    after = settled(replace(state, instances=gone), at=later(300)).state
    assert task(after, "a-page-1.genesis").reserved is None
    last = after.journal.happenings[-1]
    assert (last.kind, last.detail) == (
        "moved",
        f"no longer kept for genesis-03, which is {status or 'gone'}",
    )


# moving


def pool(*members: Worker) -> Config:
    """A Genesis pool of these workers."""
    genesis = Pool(roster=members, minimum=0, maximum=9, emergency=9, expected_minutes=15)
    return Config(pools=Pools(genesis=genesis))


def moves(state: State) -> list[tuple[str, str, str]]:
    assert state.events is not None
    found = better_placing(Draft(state, state.events.now), Workflow.GENESIS)
    return [(move.task.partition(".")[0], move.source, move.target) for move in found]


def changed(state: State, id_: str, **changes: Any) -> State:
    worker = state.instances[id_].model_copy(update=changes)
    return replace(state, instances={**state.instances, id_: worker})


def test_two_tasks_change_places_where_one_gains_and_none_loses() -> None:
    large, quick = Worker(id="g-1", specialties=("large",)), Worker(id="g-2", specialties=("quick",))
    state = changed(begun(pool(large, quick)), "g-1", status=WorkerStatus.OFFLINE)
    state = settled(state, comment(1, "/dispatch-genesis Big --size large", issue=1)).state
    state = changed(state, "g-1", status=WorkerStatus.IDLE)
    state = settled(state, comment(2, "/dispatch-genesis Small --size quick", issue=2)).state
    assert moves(state) == [("small-2", "g-1", "g-2"), ("big-1", "g-2", "g-1")]
    decision = settled(state, comment(3, "/rebalance"))
    assert task(decision.state, "big-1.genesis").worker == "g-1"
    assert task(decision.state, "big-1.genesis").attempt == 1, "an attempt that was taken back does not count"
    kinds = [entry.effect.kind for entry in decision.effects]
    assert (kinds.count("cancel"), kinds.count("dispatch")) == (2, 2)
    again = settled(decision.state, comment(4, "/rebalance"))
    assert "Nothing was moved" in replies(again)[0]
    assert [entry.effect.kind for entry in again.effects] == ["reply"]


def test_work_that_has_begun_moves_only_for_a_better_worker() -> None:
    state = begun(pool(Worker(id="g-1"), Worker(id="g-2")))
    state = settled(state, comment(1, "/dispatch-genesis One")).state
    assert moves(state) == [], "the other one is just as good"
    better = changed(state, "g-2", specialties=("standard",))
    assert moves(better) == [("one-1", "g-1", "g-2")]
    running = task(better, "one-1.genesis").model_copy(update={"status": TaskStatus.RUNNING})
    one = better.projects["one-1"].with_task(running)
    assert moves(replace(better, projects={"one-1": one})) == [], "running work stays"


def test_reservations_are_spread_over_whoever_has_less_ahead() -> None:
    state = begun(pool(Worker(id="g-1"), Worker(id="g-2")))
    lines = [f"/dispatch-genesis {name}" for name in ("One", "Two", "Three", "Four", "Five")]
    state = settled(state, comment(1, "\n".join(lines))).state
    waiting = [item.project for item in state.queues[QueueName.GENESIS].items]
    state = reserving(state, *(f"/assign genesis {project} g-1" for project in waiting))
    assert {item.reserved for item in state.queues[QueueName.GENESIS].items} == {"g-1"}
    after = settled(state, comment(300, "/rebalance genesis")).state
    kept = [item.reserved for item in after.queues[QueueName.GENESIS].items]
    assert sorted(kept) in (["g-1", "g-1", "g-2"], ["g-1", "g-2", "g-2"])


def test_a_reserved_task_goes_to_an_idle_worker_rather_than_wait_for_a_busy_one() -> None:
    state = begun(pool(Worker(id="g-1"), Worker(id="g-2")))
    state = settled(state, comment(1, "/dispatch-genesis One", issue=1)).state
    lines = "/dispatch-genesis Two\n/assign genesis two-2 g-1"
    state = settled(state, comment(2, lines, issue=2)).state
    decision = settled(state, comment(3, "/rebalance"))
    assert task(decision.state, "two-2.genesis").worker == "g-2"
    assert "it is idle, and g-1 is not; starts now" in replies(decision)[0].replace("\\", "")


# expected starts


def starts(state: State) -> dict[str, Any]:
    assert state.events is not None
    draft = Draft(state, state.events.now)
    return {id_.partition(".")[0]: start for id_, start in expected_starts(draft, Workflow.GENESIS).items()}


def test_a_start_is_expected_when_a_worker_should_be_done() -> None:
    found = starts(fleet_with())
    assert [found[id_].at for id_ in ("idea-4-4", "idea-5-5")] == [
        later(1) + timedelta(minutes=15),
        later(2) + timedelta(minutes=15),
    ]


def test_a_reserved_task_is_expected_after_its_workers_own() -> None:
    found = starts(reserving(fleet_with(), "/assign genesis idea-5-5 genesis-03 --force"))
    busy_since = 3
    assert found["idea-5-5"].at == later(busy_since) + timedelta(minutes=15)
    assert found["idea-5-5"].reserved == "genesis-03"


def test_a_hold_is_named_and_without_workers_nothing_is_claimed() -> None:
    assert {start.hold for start in starts(fleet_with(controls=PAUSED)).values()} == {Hold.PAUSED}
    assert {start.hold for start in starts(fleet_with(controls=TRIAGE)).values()} == {Hold.TRIAGE}
    nobody = starts(fleet_with(instances={}))
    assert {start.at for start in nobody.values()} == {None}


def test_choices_stand_in_the_state_and_hold_together() -> None:
    state = fleet_with()
    invariants.check(state)
    choice = task(state, "idea-1-1.genesis").choice
    assert choice is not None
    assert choice.rule == "its specialty is standard"
    assert [one.worker for one in choice.candidates] == ["genesis-02", "genesis-01", "genesis-03"]
    assert choice.considered == 3
