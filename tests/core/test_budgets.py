"""Hard budgets: nothing starts beyond one, what runs goes on, and each says so once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain.config import Attempts, Config
from bot.domain.draft import Draft
from bot.domain.guards import Breaker, Budgets
from bot.domain.models import Task
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.forecast.forecasting import forecast
from tests.commands.fleet import Days, result
from tests.core.worlds import assignments

PATIENT = Breaker(worker_failures=None, workflow_failures=None)


def days(*, attempts: int = 3, **budgets: Any) -> Days:
    config = Config(
        budgets=Budgets(**budgets), attempts=Attempts(limit=attempts, backoff_seconds=0), breaker=PATIENT
    )
    return Days(config)


def ask(world: Days, count: int, first: int = 1) -> None:
    for number in range(first, first + count):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)


def task_of(world: Days, number: int) -> Task:
    task = world.state.projects[f"idea-{number}-{number}"].task(f"idea-{number}-{number}.genesis")
    assert task is not None
    return task


def ends(world: Days, number: int, *, ok: bool, spend: float) -> None:
    task = f"idea-{number}-{number}.genesis"
    world.claim(task)
    if ok:
        world.report(task, spend=spend, **result(task_of(world, number)))
    else:
        world.report(task, ok=False, summary="it broke", spend=spend)


def alerts(state: State) -> list[str]:
    return sorted(one.id for one in state.alerts.items if one.until is None)


# counts


def test_the_running_tasks_are_limited_over_all_workflows() -> None:
    world = days(running=2)
    ask(world, 4)
    assert len(assignments(world.state)) == 2
    assert alerts(world.state) == ["budget-running"]
    world.fail("idea-1-1.genesis")
    assert len(assignments(world.state)) == 2
    assert alerts(world.state) == ["budget-running"]
    (kept,) = (one for one in world.state.alerts.items if one.id == "budget-running")
    assert kept.cause == "2 tasks are running, as many as the budget allows"


def test_an_hour_s_starts_are_limited_and_free_at_an_exact_moment() -> None:
    world = days(tasks_per_hour=2, attempts=1)
    ask(world, 4)
    begun = world.now
    for number in (1, 2):
        world.fail(f"idea-{number}-{number}.genesis", minutes=1)
    assert assignments(world.state) == []
    assert alerts(world.state) == ["budget-tasks-per-hour"]
    frees = begun + timedelta(minutes=61)
    held = world.state
    assert decide(held, (), frees - timedelta(seconds=1)).state is held
    freed = decide(held, (), frees).state
    assert len(assignments(freed)) == 2
    assert decide(freed, (), frees).state is freed


def test_a_lease_that_was_taken_back_was_started_all_the_same_where_its_run_had_begun() -> None:
    world = days(tasks_per_hour=1)
    ask(world, 1)
    world.say("/restart genesis-02", issue=1)
    assert task_of(world, 1).status is TaskStatus.ASSIGNED, "nobody had begun: nothing was used up"
    world.claim(task_of(world, 1).id)
    world.say(f"/restart {task_of(world, 1).worker}", issue=1)
    assert assignments(world.state) == []
    assert task_of(world, 1).status is TaskStatus.QUEUED


# money


def test_what_an_attempt_costs_is_on_its_task_its_project_the_day_and_the_record() -> None:
    world = days()
    ask(world, 1)
    ends(world, 1, ok=False, spend=1.1)
    ends(world, 1, ok=False, spend=2.2)
    project = world.state.projects["idea-1-1"]
    assert (project.spend, task_of(world, 1).spend, world.state.usage.spent(world.now)) == (3.3, 3.3, 3.3)
    assert [one.spend for one in world.state.recent.completions] == [1.1, 2.2]


def test_a_day_without_money_starts_nothing_until_midnight() -> None:
    world = days(spend_per_day=5, attempts=1)
    ask(world, 4)
    ends(world, 1, ok=False, spend=5)
    running = {held.project for held in assignments(world.state)}
    assert running == {"idea-2-2", "idea-3-3"}
    assert alerts(world.state) == ["budget-spend-per-day"]
    ends(world, 2, ok=True, spend=1)
    assert task_of(world, 2).status is TaskStatus.PUBLISHING
    midnight = world.now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    held = world.state
    before = decide(held, (), midnight - timedelta(seconds=1)).state
    assert "idea-4-4" not in {one.project for one in assignments(before)}
    after = decide(before, (), midnight).state
    assert "idea-4-4" in {one.project for one in assignments(after)}
    assert "budget-spend-per-day" not in alerts(after)
    assert after.usage.spent(midnight) == 0


def test_a_project_that_has_cost_too_much_waits_and_others_go_on() -> None:
    world = days(spend_per_project=3, spend_per_task=None)
    ask(world, 1)
    ends(world, 1, ok=False, spend=3)
    world.wait(minutes=5)
    ask(world, 1, first=2)
    assert {one.project for one in assignments(world.state)} == {"idea-2-2"}
    assert alerts(world.state) == ["budget-spend-per-project"]
    found = {one.project: one for one in forecast(Draft(world.state, world.now)).projects}
    assert found["idea-1-1"].blocked == "budget"
    assert found["idea-2-2"].when is not None
    raised = world.state.config.model_copy(update={"budgets": Budgets(spend_per_project=4)})
    draft = Draft(world.state, world.now)
    draft.config = raised
    world.state = draft.freeze(())
    world.settle()
    assert alerts(world.state) == []
    assert {one.project for one in assignments(world.state)} == {"idea-1-1", "idea-2-2"}


def test_a_dear_task_goes_to_review_instead_of_another_attempt() -> None:
    world = days(spend_per_task=4)
    ask(world, 1)
    ends(world, 1, ok=False, spend=3)
    assert task_of(world, 1).status is TaskStatus.ASSIGNED
    ends(world, 1, ok=False, spend=1)
    task = task_of(world, 1)
    assert task.status is TaskStatus.REVIEW
    assert task.error is not None
    assert task.error.summary == (
        "it broke. It is not tried again: its attempts have cost $4.00, and the budget for a task "
        "(`budgets.spend_per_task`) is $4.00; `/approve idea-1-1` lets it cost as much again."
    )
    world.say("/retry idea-1-1.genesis", issue=1)
    assert task_of(world, 1).status is TaskStatus.ASSIGNED


def test_a_day_s_spend_outlives_the_record_of_attempts() -> None:
    world = days(spend_per_day=10_000, attempts=1)
    draft = Draft(world.state, world.now)
    for day in range(100):
        draft.usage = draft.usage.with_attempt(world.now + timedelta(days=day), 1.5, None)
    assert len(draft.usage.days) == 35
    assert draft.usage.spent(world.now + timedelta(days=99)) == 1.5


# never


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(1, 3)),
        st.tuples(st.just("fail"), st.sampled_from([0.0, 0.5, 2.0])),
        st.tuples(st.just("done"), st.sampled_from([0.0, 0.5, 2.0])),
        st.tuples(st.just("restart"), st.sampled_from(["genesis-01", "genesis-02"])),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 61, 600])),
    ),
    min_size=4,
    max_size=20,
)


class Watched(Days):
    """Each commit is held against the budgets."""

    def settle(self, *events: Any) -> State:
        before = self.state
        after = super().settle(*events)
        budgets, new = after.config.budgets, before.ledger.next_lease
        started = [one for one in assignments(after) if one.lease >= new]
        if started:
            # What this commit reported was booked before anything started.
            assert after.usage.spent(self.now) < (budgets.spend_per_day or 0)
            assert len(assignments(after)) <= (budgets.running or 0)
            assert all(
                after.projects[one.project].spend < (budgets.spend_per_project or 0) for one in started
            )
        hour = self.now - timedelta(hours=1)
        unbegun = {one.lease for one in assignments(before) if one.claimed_at is None}
        failed = {task.error.lease for one in after.projects.values() for task in one.tasks if task.error}
        back = unbegun - failed - {one.lease for one in assignments(after)}
        known = getattr(self, "starts", [])
        self.starts = [one for one in known if one[0] > hour and one[1] not in back]
        self.starts += [(self.now, lease) for lease in range(new, after.ledger.next_lease)]
        assert len(self.starts) <= (budgets.tasks_per_hour or 0) or not after.ledger.initialised_at
        assert decide(after, (), self.now).state is after
        return after


@given(MOVES, st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_no_start_ever_exceeds_a_budget(moves: list[tuple[str, Any]], running: int, an_hour: int) -> None:
    budgets = Budgets(running=running, tasks_per_hour=an_hour, spend_per_project=3, spend_per_day=4)
    world = Watched(Config(budgets=budgets, attempts=Attempts(backoff_seconds=0), breaker=PATIENT))
    asked = 0
    for move, value in moves:
        held = [one for one in assignments(world.state) if one.claimed_at is None]
        if move == "ask":
            ask(world, value, first=asked + 1)
            asked += value
        elif move == "wait":
            world.wait(minutes=value)
        elif move == "restart":
            world.say(f"/restart {value}", issue=1)
        elif held:
            ends(world, int(held[0].project.rpartition("-")[2]), ok=move == "done", spend=value)
    assert all(one.workflow is Workflow.GENESIS for p in world.state.projects.values() for one in p.tasks)
