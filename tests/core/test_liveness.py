"""Work that nobody does any more, through ``decide``: runs that ended without a report, or never began."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decide import Decision, decide
from bot.domain import invariants
from bot.domain.alert_rules import RUNS
from bot.domain.config import Attempts, Config, Health
from bot.domain.effects import Cancel, Dispatch
from bot.domain.events.looked_up import RunSeen
from bot.domain.events.observed import Observed
from bot.domain.instances import Assignment, Instance
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus
from tests.core.worlds import (
    assignments,
    begun,
    claimed,
    comment,
    later,
    published,
    replies,
    reported,
    settled,
)

URL = "https://github.example/acme/factory/actions/runs/7"
LIMIT = timedelta(minutes=Health().start_minutes)


def at_work(config: Config | None = None) -> tuple[State, Assignment]:
    """One project, whose Genesis run has claimed its assignment as run 7."""
    state = settled(begun(config), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    return settled(state, claimed(held)).state, held


def seen(held: Assignment, run: int = 7, status: str = "completed", conclusion: str = "failure") -> RunSeen:
    return RunSeen(assignment=held.id, run_id=run, status=status, conclusion=conclusion, url=URL)


def look(*runs: RunSeen, at: datetime) -> Observed:
    return Observed(observer=f"look-{int(at.timestamp())}", at=at, ended=runs)


def after(state: State, *events: Any, at: datetime) -> Decision:
    decision = decide(state, events, at)
    invariants.check(decision.state)
    return decision


def task_of(state: State) -> Any:
    return state.projects["a-page-1"].tasks[0]


def test_a_run_that_ended_without_a_report_fails_its_task_at_once_with_conclusion_and_link() -> None:
    state, held = at_work()
    found = after(state, look(seen(held, conclusion="timed_out"), at=later(60)), at=later(60)).state
    assert (task_of(found).status, task_of(found).attempt) == (TaskStatus.QUEUED, 1)
    assert task_of(found).error.run_url == URL
    assert task_of(found).error.summary == (
        "genesis-02 did not report before its run ended (timed_out); see the run's log"
    )
    assert assignments(found) == []
    assert after(found, look(seen(held), at=later(61)), at=later(61)).state.projects == found.projects


def test_the_last_attempt_goes_to_review_with_the_link() -> None:
    state, held = at_work(Config(attempts=Attempts(limit=1)))
    decision = after(state, look(seen(held), at=later(60)), at=later(60))
    assert task_of(decision.state).status is TaskStatus.REVIEW
    (told,) = replies(decision)
    assert f"[The worker's run]({URL})" in told
    assert "`/retry a-page-1.genesis`" in told


@pytest.mark.parametrize(
    "run", [{"run": 8}, {"status": "in_progress", "conclusion": ""}, {"status": "never started"}]
)
def test_any_other_run_changes_nothing(run: dict[str, Any]) -> None:
    state, held = at_work()
    found = after(state, look(seen(held, **run), at=later(60)), at=later(60)).state
    assert (found.projects, found.instances) == (state.projects, state.instances)


def test_a_run_that_ended_before_it_claimed_is_a_failed_attempt() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    found = after(state, look(seen(held, conclusion="startup_failure"), at=later(60)), at=later(60)).state
    assert task_of(found).error.summary == (
        "genesis-02 never started before its run ended (startup_failure); see the run's log"
    )


@pytest.mark.parametrize("report_at", [5, 60, 90])
def test_a_report_of_the_same_batch_counts_whatever_the_clocks_say(report_at: float) -> None:
    state, held = at_work()
    events = [
        look(seen(held), at=later(60)),
        reported(held, seconds=report_at),
        published(held, report_at + 1),
    ]
    found = after(state, *events, at=later(91)).state
    assert task_of(found).status is TaskStatus.DONE


def test_what_nobody_claims_is_cancelled_and_asked_for_again_without_counting() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    early = after(state, at=held.assigned_at + LIMIT - timedelta(seconds=1))
    assert early.state is state
    decision = after(state, at=held.assigned_at + LIMIT)
    (again,) = assignments(decision.state)
    assert (again.lease > held.lease, task_of(decision.state).attempt) == (True, 1)
    effects = [entry.effect for entry in decision.effects]
    assert [one.lease for one in effects if isinstance(one, Cancel)] == [held.lease]
    assert [one.lease for one in effects if isinstance(one, Dispatch)] == [again.lease]
    assert after(decision.state, claimed(held), at=decision.state.events.now).state.projects == (
        decision.state.projects
    ), "the old run comes too late"


def test_runs_that_never_begin_raise_one_alert_until_one_does() -> None:
    config = Config()
    one_worker = config.pools.genesis.model_copy(
        update={"roster": config.pools.genesis.roster[:1], "minimum": 1}
    )
    config = config.model_copy(update={"pools": config.pools.model_copy(update={"genesis": one_worker})})
    state = settled(begun(config), comment(1, "/dispatch-genesis A page")).state
    opened: list[bool] = []
    for _ in range(4):
        (held,) = assignments(state)
        state = after(state, at=held.assigned_at + LIMIT).state
        opened.append(any(alert.id == RUNS.id and alert.until is None for alert in state.alerts.items))
    assert opened == [False, True, True, True]
    (held,) = assignments(state)
    now = held.assigned_at + timedelta(seconds=30)
    state = after(state, claimed(held).model_copy(update={"at": now}), at=now).state
    assert [alert.until for alert in state.alerts.items if alert.id == RUNS.id] == [now]


@given(st.lists(st.sampled_from(["claim", "report", "end", "other", "wait", "late"]), max_size=12))
def test_whatever_comes_in_whatever_order_an_attempt_ends_once(moves: list[str]) -> None:
    """No move under an old lease changes anything, and each lease is closed by one failure at most."""
    state, held = at_work()
    now = later(20)
    for move in moves:
        now += timedelta(minutes=16 if move == "wait" else 1)
        current = next(iter(assignments(state)), held)
        event = {
            "claim": claimed(current).model_copy(update={"at": now}),
            "report": reported(current, ok=False, genesis=None, summary="broken").model_copy(
                update={"at": now}
            ),
            "end": look(seen(current), at=now),
            "other": look(seen(current, run=99), at=now),
            "late": reported(held).model_copy(update={"at": now}),
        }.get(move)
        state = after(state, *([event] if event else []), at=now).state
        assert decide(state, [], now).state is state
        worker: Instance = state.instances["genesis-02"]
        failures = [done for done in state.recent.completions if not done.ok]
        assert len({done.assigned_at for done in failures}) == len(failures)
        assert worker.failed <= len(failures)
