"""What a worker process has to do: the difference between the state and what it works on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.worker.identity import next_session
from bot.app.worker.plan import RESERVE, Plan, plan, work_seconds
from bot.domain.beats import Dropped, Phase
from bot.domain.state import State
from tests.core.processes import alone, beat, claim, publication, report
from tests.core.worlds import assignments, begun, comment, settled


def given_work(session: int = 1) -> State:
    """A process of two slots, one of which has been given a task."""
    joined = settled(begun(alone()), beat(slots=2, session=session)).state
    return settled(joined, comment(1, "/dispatch-genesis A page")).state


def test_nothing_to_do() -> None:
    state = settled(begun(alone()), beat()).state
    assert plan(state, "far-01", 1, []) == Plan()


def test_what_it_was_given_waits_to_be_claimed_and_then_is_begun_once() -> None:
    state = given_work()
    (held,) = assignments(state)
    assert plan(state, "far-01", 1, []).waiting == (held,)
    state = settled(state, claim(held)).state
    due = plan(state, "far-01", 1, [])
    assert (due.waiting, [one.id for one in due.begin], due.lost) == ((), [held.id], ())
    assert plan(state, "far-01", 1, [held.id]) == Plan()


def test_what_was_reported_is_its_own_until_it_is_published() -> None:
    state = given_work()
    (held,) = assignments(state)
    state = settled(settled(state, claim(held)).state, report(held)).state
    assert plan(state, "far-01", 1, [held.id]) == Plan()
    assert plan(state, "far-01", 1, []) == Plan(), "an earlier report must not be worked on again"
    state = settled(state, publication(held)).state
    assert plan(state, "far-01", 1, [held.id]).lost == (held.id,)


@pytest.mark.parametrize("command", ["/emergency-stop a-page-1", "/restart far-01"])
def test_a_lease_that_was_taken_back_is_lost(command: str) -> None:
    state = given_work()
    (held,) = assignments(state)
    state = settled(state, claim(held)).state
    state = settled(state, comment(60, command)).state
    assert plan(state, "far-01", 1, [held.id]).lost == (held.id,)


@pytest.mark.parametrize("begun_", [True, False])
def test_a_stop_hears_of_what_it_took_once_nothing_works_on_it(begun_: bool) -> None:
    state = given_work()
    (held,) = assignments(state)
    if begun_:
        state = settled(state, claim(held)).state
    state = settled(state, comment(60, "/emergency-stop a-page-1")).state
    assert plan(state, "far-01", 1, [held.id]).stopped == ()
    (run,) = plan(state, "far-01", 1, []).stopped
    assert (run.task, run.lease) == (held.task, held.lease)
    told = beat(number=2, seconds=70, slots=2, dropped=(Dropped(task=run.task, lease=run.lease),))
    state = settled(state, told).state
    assert plan(state, "far-01", 1, []) == Plan()
    stop = state.projects["a-page-1"].stop
    assert stop is not None
    assert stop.proven_at is not None


def test_another_start_of_the_id_takes_everything() -> None:
    state = given_work()
    (held,) = assignments(state)
    state = settled(settled(state, claim(held)).state, beat(session=2, seconds=20, slots=2)).state
    due = plan(state, "far-01", 1, [held.id])
    assert (due.replaced, due.lost, due.waiting) == (True, (held.id,), ())
    assert not plan(state, "far-01", 2, []).replaced


def test_a_start_is_numbered_above_those_before_it_whatever_the_clock_says() -> None:
    state = settled(begun(alone()), beat(session=5_000_000_000_000)).state
    state = settled(state, beat(session=5_000_000_000_000, number=2, phase=Phase.GONE, seconds=5)).state
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert next_session(state, "far-01", now) == 5_000_000_000_001
    assert next_session(state, "far-02", now) == 1_795_651_200_000


@given(limit=st.integers(60, 432_000), left=st.floats(0, 432_000))
def test_work_always_ends_before_its_lease(limit: int, left: float) -> None:
    seconds = work_seconds(limit, left)
    assert 0 <= seconds <= limit
    assert seconds == 0 or left - seconds >= min(RESERVE, limit / 20) - 1e-6  # floats
