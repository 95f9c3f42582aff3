"""What was used is kept, no single report stops the fleet, and people can let more be spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.decide import decide
from bot.domain.budgets import day_limit
from bot.domain.config import Attempts, Config
from bot.domain.draft import Draft
from bot.domain.events.worked import WorkReported
from bot.domain.guards import Breaker, Budgets
from bot.domain.models import Task
from bot.domain.state import State
from bot.domain.usage import Used, together
from bot.domain.vocabulary import TaskStatus
from tests.commands.fleet import Days
from tests.core.test_gates import approve, configured
from tests.core.worlds import START, assignments

PATIENT = Breaker(worker_failures=None, workflow_failures=None)
FIRST = "idea-1-1.genesis"


def rules(*, attempts: int = 3, executors: Any = None, **budgets: Any) -> Config:
    return Config(
        budgets=Budgets(**budgets),
        attempts=Attempts(limit=attempts, backoff_seconds=0),
        breaker=PATIENT,
        executors=executors or {},
    )


def asked(config: Config, count: int = 2) -> Days:
    world = Days(config)
    for number in range(1, count + 1):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
    return world


def broke(world: Days, task: str = FIRST, minutes: float = 4, **told: Any) -> None:
    world.claim(task)
    world.wait(minutes=minutes)
    world.report(task, ok=False, summary="it broke", **told)


def task_of(world: Days, id_: str = FIRST) -> Task:
    found = world.state.projects[id_.partition(".")[0]].task(id_)
    assert found is not None
    return found


def dear_project() -> Days:
    """A project that has cost more than it may."""
    world = asked(rules(spend_per_project=2))
    broke(world, spend=2.25, turns=12, tokens=34_567)
    return world


def dear_task() -> Days:
    """A task in review because of what its attempts have cost."""
    world = asked(rules(spend_per_task=4))
    broke(world, spend=4.5)
    return world


def dear_today() -> Days:
    """A day whose budget is gone."""
    world = asked(rules(spend_per_day=5, spend_per_task=None))
    broke(world, spend=5.5)
    return world


def alerts(state: State) -> list[str]:
    return sorted(one.id for one in state.alerts.items if one.until is None)


def starts(world: Days) -> set[str]:
    world.wait(seconds=1)
    return {one.task for one in assignments(world.state)}


# what was used


def test_turns_tokens_and_seconds_are_kept_with_attempt_task_project_and_day() -> None:
    world = asked(rules())
    broke(world, spend=1.5, turns=10, tokens=2_000)
    broke(world, minutes=2, spend=0.5, tokens=500)
    both = Used(turns=10, tokens=2_500, seconds=360)
    assert task_of(world).used == world.state.projects["idea-1-1"].used == both
    assert [(one.used, one.spend) for one in world.state.recent.completions] == [
        (Used(turns=10, tokens=2_000, seconds=240), 1.5),
        (Used(tokens=500, seconds=120), 0.5),
    ]
    today = world.state.usage.today(world.now)
    assert (today.used, today.dollars) == (both, 2.0)


known = st.one_of(st.none(), st.builds(
    Used,
    turns=st.one_of(st.none(), st.integers(0, 99)),
    tokens=st.one_of(st.none(), st.integers(0, 99)),
    seconds=st.one_of(st.none(), st.integers(0, 99)),
))  # fmt: skip


@given(st.lists(known, max_size=5))
def test_a_sum_is_unknown_only_where_nobody_has_told(many: list[Used | None]) -> None:
    found = together(*many)
    for name in ("turns", "tokens", "seconds"):
        told = [value for one in many if one and (value := getattr(one, name)) is not None]
        assert (getattr(found, name) if found else None) == (sum(told) if told else None)


@pytest.mark.parametrize(
    "told", [{"turns": 0}, {"turns": -1}, {"tokens": 10**13}, {"spend": float("inf")}, {"spend": -0.1}]
)
def test_a_report_holds_no_figure_that_makes_no_sense(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WorkReported(task="a.genesis", lease=1, run_id=1, run_attempt=1, at=START, ok=False, **told)


# one report


def test_one_report_books_no_more_than_the_ceiling_and_its_worker_is_named() -> None:
    world = asked(rules(spend_per_day=100, spend_per_task=None, spend_per_project=None, most_per_report=20))
    worker = task_of(world).worker
    broke(world, spend=900_000)
    assert world.state.usage.spent(world.now) == task_of(world).spend == 20
    assert alerts(world.state) == [f"dear-report-{worker}"]
    (told,) = (one for one in world.state.alerts.items if one.until is None)
    assert told.cause == (
        f"{worker} told that one attempt at idea-1-1.genesis cost $900,000.00, more than one report may "
        "book: $20.00 were booked"
    )
    assert FIRST in starts(world)
    world.wait(days=1, minutes=1)
    assert f"dear-report-{worker}" not in alerts(world.state)


def test_an_executor_s_own_limit_decides_where_the_configuration_names_one() -> None:
    executors = {"template": {"limits": {"dollars": 40}}}
    world = asked(rules(executors=executors, spend_per_task=None, spend_per_project=None))
    broke(world, spend=75)
    assert (task_of(world).spend, alerts(world.state)) == (75, [])
    broke(world, spend=81)
    assert task_of(world).spend == 155


# more money


def test_a_project_goes_on_by_as_much_again_as_its_budget_is() -> None:
    world = dear_project()
    assert FIRST not in starts(world)
    approve(world, "idea-1-1")
    assert FIRST in starts(world)
    (given,) = world.state.projects["idea-1-1"].allowances
    assert (given.budget, given.dollars, given.by, given.role) == ("project", 2.25, "ada", "maintain")
    broke(world, spend=1.9)
    assert FIRST in starts(world)
    broke(world, spend=0.1)
    assert FIRST not in starts(world)
    assert "waits for nobody's approval" in approve(world, "idea-2-2")


def test_a_task_goes_on_by_as_much_again_and_may_be_held_again() -> None:
    world = dear_task()
    assert task_of(world).status is TaskStatus.REVIEW
    approve(world, "idea-1-1")
    assert FIRST in starts(world)
    broke(world, spend=3.9)
    assert FIRST in starts(world)
    broke(world, spend=0.1)
    assert task_of(world).status is TaskStatus.REVIEW


def test_the_day_goes_on_until_midnight() -> None:
    world = dear_today()
    assert FIRST not in starts(world)
    approve(world, "budget")
    assert FIRST in starts(world)
    broke(world, spend=5)
    assert FIRST not in starts(world)
    approve(world, "budget")
    assert FIRST in starts(world)
    assert world.state.usage.today(world.now).allowances[-1].dollars == 5.0
    assert day_limit(Draft(world.state, world.now)) == 15.5
    assert day_limit(Draft(world.state, world.now + timedelta(hours=12))) == 5


@pytest.mark.parametrize("make", [dear_project, dear_today])
def test_a_raised_limit_in_the_configuration_lets_it_go_on(make: Any) -> None:
    world = make()
    assert FIRST not in starts(world)
    configured(world, rules(spend_per_project=10, spend_per_day=10))
    assert FIRST in starts(world)


def test_a_role_below_the_needed_one_allows_nothing() -> None:
    for world, what in ((dear_project(), "idea-1-1"), (dear_today(), "budget")):
        assert "needs the role **maintain**" in approve(world, what, role="write")
        assert FIRST not in starts(world)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("fail"), st.sampled_from([0.0, 0.7, 3.0, 50.0])),
        st.tuples(st.just("approve"), st.sampled_from(["idea-1-1", "idea-2-2", "budget"])),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 700.0])),
    ),
    min_size=4,
    max_size=16,
)


@settings(max_examples=40, deadline=None)
@given(MOVES)
def test_nothing_starts_beyond_what_the_configuration_and_people_allow(moves: list[tuple[str, Any]]) -> None:
    world = asked(rules(attempts=20, spend_per_task=4, spend_per_project=6, spend_per_day=8))
    for kind, what in moves:
        before = world.state
        if kind == "wait":
            world.wait(minutes=what)
        elif kind == "approve":
            world.say(f"/approve {what}", issue=1, actor="ada", role="maintain")
        elif held := assignments(world.state):
            broke(world, held[0].task, minutes=1, spend=what)
        begun = {one.id for one in assignments(world.state)} - {one.id for one in assignments(before)}
        today = world.state.usage.today(world.now)
        for id_ in begun:
            project = world.state.projects[id_.partition(".")[0]]
            more = sum(one.dollars for one in project.allowances if one.budget == "project")
            assert project.spend < 6 + more
            assert today.dollars < 8 + sum(one.dollars for one in today.allowances)
        assert decide(world.state, [], world.now).state is world.state


def test_an_approval_of_money_is_on_the_record_and_replayed() -> None:
    world = dear_today()
    before = world.state
    approve(world, "budget")
    assert world.state.events is not None
    assert decide(before, world.state.events.events, world.now).state == world.state
    (line,) = (one for one in world.state.journal.happenings if one.kind == "allowed")
    assert (line.by, line.detail) == ("ada", "$5.50 more today")


def test_a_complete_project_needs_no_more_money() -> None:
    world = asked(rules(spend_per_project=2, spend_per_task=None), 1)
    world.do(FIRST)
    while held := assignments(world.state):
        world.do(held[0].task, minutes=1)
    project = world.state.projects["idea-1-1"]
    assert project.status == "complete"
    spent = project.model_copy(update={"spend": 3.0})
    world.state = replace(world.state, projects={**world.state.projects, spent.id: spent})
    assert "waits for nobody's approval" in approve(world, "idea-1-1")
    assert world.state.projects["idea-1-1"].allowances == ()
