"""The record of each hour: it adds up to what was done, whatever the order, the splitting and the gaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain import files, invariants
from bot.domain.config import Config
from bot.domain.events.batch import Event
from bot.domain.events.observed import Observed
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.failures import Cause, FailureKind, cause_of
from bot.domain.hours import BOUNDS, HOURS_LIMIT, FlowHour, Histogram, Hour, Hours, hour_of
from bot.domain.models import Task
from bot.domain.quota import Quota
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from tests.commands.fleet import PATIENT, Days, features, finish_development, result
from tests.core.effort import calls
from tests.core.worlds import START, assignments, begun, comment

HOUR = timedelta(hours=1)


class Fleet:
    """A fleet that is driven by steps; every commit is counted."""

    def __init__(self, config: Config | None = None) -> None:
        self.state = begun(config)
        self.now = START
        self.commits = 1
        self.asked = 0

    def settle(self, *events: Event) -> None:
        decided = decide(self.state, events, self.now).state
        self.commits += decided is not self.state
        self.state = decided

    def step(self, seconds: int, what: str) -> None:
        self.now += timedelta(seconds=seconds)
        before = self.state
        self.settle(*self.events(what))
        assert self.state is before or replayed(before, self.state) == files.dump(self.state.hours)

    def events(self, what: str) -> list[Event]:
        """What happens: several things of a kind at once where there is more than one."""
        held = assignments(self.state)
        match what:
            case "ask":
                self.asked += 1
                return [comment(self.asked, "/dispatch-genesis Idea", issue=self.asked, at=self.now)]
            case "claim":
                return [
                    WorkClaimed(task=one.task, lease=one.lease, run_id=7, run_attempt=1, at=self.now)
                    for one in held
                    if one.claimed_at is None
                ]
            case "done" | "failed":
                return [self.report(one.task, one.lease, ok=what == "done") for one in self.running()]
            case "published":
                return [
                    WorkPublished(
                        task=one.task, lease=one.lease, at=self.now, genesis=features(one.project, 1)
                    )
                    for one in held
                    if self.task(one.task).status is TaskStatus.PUBLISHING
                ]
        return []

    def running(self) -> list[Any]:
        return [one for one in assignments(self.state) if self.task(one.task).status is TaskStatus.RUNNING]

    def task(self, id_: str) -> Task:
        return next(task for one in self.state.projects.values() for task in one.tasks if task.id == id_)

    def report(self, task: str, lease: int, *, ok: bool) -> WorkReported:
        says = result(self.task(task)) if ok else {"exit_code": 1, "summary": "its tests failed"}
        return WorkReported(
            task=task, lease=lease, run_id=7, run_attempt=1, at=self.now, ok=ok, spend=0.25, **says
        )


def replayed(before: State, after: State) -> bytes:
    """The record's file as deciding the commit's own events over the parent's files gives it."""
    assert after.events is not None
    known = replace(before, hours=Hours.model_validate_json(files.dump(before.hours)))
    return files.dump(decide(known, after.events.events, after.events.now).state.hours)


def total(hours: Hours, workflow: Workflow) -> FlowHour:
    found = FlowHour()
    for one in hours.filled():
        found = found.plus(one.flow(workflow))
    return found


steps = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 900), st.sampled_from([3_600, 7_200, 90_000, 260_000])),
        st.sampled_from(["ask", "claim", "claim", "done", "done", "published", "failed", "nothing"]),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=50)
@given(steps)
def test_sums_over_the_hours_are_what_was_done(given_: list[tuple[int, str]]) -> None:
    fleet = Fleet()
    for seconds, what in given_:
        fleet.step(seconds, what)
    state, hours = fleet.state, fleet.state.hours
    assert [one.hour for one in hours.items] == sorted({one.hour for one in hours.items})
    tasks = [task for one in state.projects.values() for task in one.tasks]
    ended = state.recent.completions
    held = assignments(state)
    until = hours.until or START
    for workflow in Workflow:
        found = total(hours, workflow)
        mine = [one for one in ended if one.workflow is workflow]
        assert found.arrived == sum(
            task.workflow is workflow and task.queued_at is not None for task in tasks
        )
        assert (found.done, found.failed) == (sum(one.ok for one in mine), sum(not one.ok for one in mine))
        assert found.service.count == len(mine)
        took = (one.finished_at - one.assigned_at for one in mine)
        assert found.service.seconds == sum(took, timedelta(0)).total_seconds()
        assert found.depth == len(state.queues[workflow.value].items)  # type: ignore[index]
        pool = [one for one in state.instances.values() if one.workflow is workflow]
        open_ = [one.assignment for one in pool if one.assignment]
        busy = sum(one.busy_seconds for one in pool)
        busy += sum(int((until - one.assigned_at).total_seconds()) for one in open_)
        assert found.busy == busy
        assert found.up == len(pool) * int((until - START).total_seconds())
        assert found.busy <= found.up
        assert found.open * len(pool) >= found.busy
    started = state.ledger.next_lease - int(START.timestamp())
    assert sum(total(hours, one).waits.count for one in Workflow) == started
    assert sum(one.commits for one in hours.items) == fleet.commits
    assert sum(one.commands for one in hours.items) == fleet.asked
    causes = Counter[str]()
    for one in hours.items:
        causes.update(one.causes)
    assert causes == Counter(one.cause.value for one in ended if one.cause is not None)
    assert causes.total() == sum(not one.ok for one in ended)
    assert sum(one.dollars for one in hours.items) == pytest.approx(
        sum(one.spend for one in state.projects.values())
    )
    assert len(held) == sum(hours.items[-1].flow(one).holding for one in Workflow)


at_once = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["ask", "ask", "claim", "done", "published", "failed"])),
    max_size=25,
)
"""So close together that nothing is due by time, which whoever commits first would find."""


@settings(deadline=None, max_examples=50)
@given(at_once)
def test_one_commit_for_each_event_and_one_for_all_give_the_same_sums(given_: list[tuple[int, str]]) -> None:
    fleet = Fleet(Config(health=PATIENT))
    for seconds, what in given_:
        fleet.now += timedelta(seconds=seconds)
        events = fleet.events(what)
        together = decide(fleet.state, events, fleet.now).state
        state = fleet.state
        for event in events:
            state = decide(state, [event], fleet.now).state
        if not events:
            state = together
        for workflow in Workflow:
            one, other = total(together.hours, workflow), total(state.hours, workflow)
            same = ("arrived", "done", "failed", "service", "busy", "up", "open")
            assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
            assert one.waits.count == other.waits.count
        assert [one.causes for one in together.hours.items] == [one.causes for one in state.hours.items]
        fleet.state = together


def test_the_record_never_grows_beyond_its_bound() -> None:
    fleet = Fleet()
    fleet.step(60, "ask")
    for number in range(HOURS_LIMIT + 30):
        fleet.now += HOUR
        fleet.settle(Observed(observer=f"look-{number}", at=fleet.now))
    hours = fleet.state.hours
    assert len(hours.items) == HOURS_LIMIT
    assert hours.items[-1].hour == hour_of(fleet.now)
    assert hours.items[0].hour == hour_of(fleet.now) - HOURS_LIMIT + 1
    assert len(files.dump(hours)) < 200_000


def test_workers_time_is_split_at_the_hours_border_and_over_gaps_of_days() -> None:
    """Asked for at 12:50; the next commit, three days later, finds the attempt's lease over."""
    fleet = Fleet()
    fleet.step(3_000, "ask")
    fleet.step(0, "claim")
    fleet.step(3 * 86_400 + 1_200, "nothing")  # 13:10, three days later
    hours = fleet.state.hours
    first, last = hour_of(START), hour_of(START) + 73
    assert [one.hour for one in hours.items] == [first, last]
    by_hour = {one.hour: one.flow(Workflow.GENESIS) for one in hours.filled()}
    assert (by_hour[first].busy, by_hour[first].up, by_hour[first].open) == (600, 3 * 3_600, 600)
    assert {(one.busy, one.up, one.open) for hour, one in by_hour.items() if first < hour < last} == {
        (3_600, 3 * 3_600, 3_600)
    }
    assert (by_hour[last].busy, by_hour[last].up) == (600, 1_800)
    assert hours.items[-1].causes == {Cause.TIME: 1}


def test_a_series_has_every_hour_and_carries_the_queue_forward() -> None:
    fleet = Fleet()
    for _ in range(5):
        fleet.step(60, "ask")
    later = START + 3 * HOUR + timedelta(minutes=30)
    found = fleet.state.hours.series(later, 6)
    assert [one.hour for one in found] == [hour_of(START) + at for at in range(-2, 4)]
    flows = [one.flow(Workflow.GENESIS) for one in found]
    assert [one.depth for one in flows] == [0, 0, 2, 2, 2, 2]
    assert [one.deepest for one in flows] == [0, 0, 2, 2, 2, 2]
    assert [one.arrived for one in flows] == [0, 0, 5, 0, 0, 0]
    busy = 3 * (3_600 - 180) + 60 + 2 * 60  # three workers from 12:03 on, the first two earlier
    assert [one.busy for one in flows] == [0, 0, busy, 3 * 3_600, 3 * 3_600, 3 * 1_800]
    assert [one.commits for one in found] == [0, 0, 6, 0, 0, 0]


def test_work_that_is_sent_back_is_rework_and_a_failed_gate_is_both() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea", issue=1)
    days.claim("idea-1.genesis")
    days.report("idea-1.genesis", ok=False, rework=True, summary="it does not build", exit_code=2)
    days.wait(minutes=5)
    days.do("idea-1.genesis")
    days.do("idea-1.part-1.tests")
    days.do("idea-1.part-1.feature")
    held = days.claim("idea-1.part-1.review")
    found = days.state.projects["idea-1"].task(held.task)
    assert found is not None
    changes = result(found)["feature"].model_copy(update={"verdict": "changes", "review": "no"})
    days.report(held.task, feature=changes)
    hours = days.state.hours
    genesis, development = total(hours, Workflow.GENESIS), total(hours, Workflow.DEVELOPMENT)
    assert (genesis.failed, genesis.reworked, genesis.done) == (1, 1, 1)
    assert (development.failed, development.reworked, development.done) == (0, 1, 3)


def test_a_project_counts_when_it_is_complete() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea --size quick", issue=1)
    days.do("idea-1.genesis")
    finish_development(days, "idea-1")
    for kind in ("documentation", "marketing", "social"):
        assert sum(one.projects for one in days.state.hours.items) == 0
        days.do(f"idea-1.{kind}")
    assert sum(one.projects for one in days.state.hours.items) == 1


# requests


def told(state: State, seconds: int, used: int, resets: int) -> State:
    now = START + timedelta(seconds=seconds)
    quota = Quota(limit=1_000, used=used, resets_at=START + timedelta(seconds=resets))
    return decide(state, [Observed(observer=f"o-{seconds}", at=now, quota=quota)], now).state


def test_requests_are_what_was_used_since_github_last_told() -> None:
    state = begun()
    assert state.hours.items[-1].requests is None
    state = told(state, 60, 40, 3_000)
    state = told(state, 120, 55, 3_001)  # the same window, rounded otherwise
    assert state.hours.items[-1].requests == 55
    state = told(state, 3_500, 20, 6_600)  # a new one
    assert state.hours.items[-1].requests == 75
    state = told(state, 3_700, 26, 6_600)
    assert [one.requests for one in state.hours.items] == [75, 6]
    state = told(state, 3_800, 25, 6_600)  # an answer 304 was given back meanwhile
    assert [one.requests for one in state.hours.items] == [75, 6]


def test_what_github_tells_is_no_reason_for_a_commit() -> None:
    quota = Quota(limit=1_000, used=4, resets_at=START + HOUR)
    state = begun()
    draft = decide(state, [Observed(observer="o", at=START)], START).state
    with_it = decide(state, [Observed(observer="o", at=START, quota=quota)], START).state
    names = [
        name
        for name in State.__slots__
        if name not in ("events", "hours") and getattr(draft, name) != getattr(with_it, name)
    ]
    assert names == []


# histograms


@given(st.lists(st.integers(0, 200_000), max_size=60), st.lists(st.integers(0, 200_000), max_size=60))
def test_histograms_add_up(ones: list[int], others: list[int]) -> None:
    def of(values: list[int]) -> Histogram:
        found = Histogram()
        for value in values:
            found = found.with_one(value)
        return found

    assert of(ones).plus(of(others)) == of([*ones, *others])
    assert of(ones).count == len(ones)
    assert len(of(ones).counts) <= len(BOUNDS) + 1


@given(st.lists(st.integers(1, 86_400), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(values: list[int], part: float) -> None:
    found = Histogram()
    for value in values:
        found = found.with_one(value)
    rank = next(at for at in range(1, len(values) + 1) if at >= part * len(values))
    true = sorted(values)[rank - 1]
    about = found.quantile(part)
    assert about is not None
    bounds = (0, *BOUNDS)
    lower = max(bound for bound in bounds if bound < true)
    upper = min(bound for bound in bounds if bound >= true)
    assert lower <= about <= upper


def test_quantiles_of_nothing_and_of_what_is_longer_than_a_day() -> None:
    assert Histogram().quantile(0.5) is None
    assert Histogram().with_one(10**6).quantile(0.9) == 86_400


# causes


@pytest.mark.parametrize(
    ("kind", "exit_code", "rework", "cause"),
    [
        (FailureKind.TURNS, None, False, Cause.AGENT),
        (FailureKind.BUDGET, None, False, Cause.BUDGET),
        (FailureKind.RATE_LIMIT, None, False, Cause.PROVIDER),
        (FailureKind.INVALID, 1, True, Cause.TESTS),
        (FailureKind.INVALID, None, True, Cause.GATE),
        (FailureKind.INVALID, None, False, Cause.OUTPUT),
        (FailureKind.SETUP, None, False, Cause.SETUP),
        (None, 2, False, Cause.TESTS),
        (None, 0, True, Cause.GATE),
        (None, None, False, Cause.OTHER),
    ],
)
def test_the_cause_of_a_reported_failure(
    kind: FailureKind | None, exit_code: int | None, rework: bool, cause: Cause
) -> None:
    assert cause_of(kind, exit_code=exit_code, rework=rework) is cause


@given(st.sampled_from([None, *FailureKind]), st.sampled_from([None, 0, 1]), st.booleans())
def test_every_failure_has_a_cause(kind: FailureKind | None, exit_code: int | None, rework: bool) -> None:
    assert cause_of(kind, exit_code=exit_code, rework=rework) in Cause


def test_an_hour_without_a_workflow_has_nothing_of_it() -> None:
    assert Hour(hour=1).flow(Workflow.CONTENT) == FlowHour()


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ([3, 2], "metrics/hours.json is out of order, or holds an hour twice"),
        ([2, 2], "metrics/hours.json is out of order, or holds an hour twice"),
        (list(range(HOURS_LIMIT + 1)), f"metrics/hours.json holds more than {HOURS_LIMIT} hours"),
    ],
)
def test_a_record_that_cannot_be_is_named(hours: list[int], says: str) -> None:
    record = Hours(until=START, items=tuple(Hour(hour=one) for one in hours))
    assert list(invariants.problems(replace(begun(), hours=record))) == [says]


def test_years_without_a_commit_cost_next_to_nothing() -> None:
    first = Hour(hour=hour_of(START), flows={flow: FlowHour(depth=1, holding=2) for flow in Workflow})
    hours = Hours(until=START, items=(first,)).at(START + timedelta(days=10 * 365))
    found: list[Hour] = []
    assert calls(lambda: found.extend(hours.filled())) < 100 * 10 * 365 * 24
    assert [one.hour for one in found] == list(range(first.hour, first.hour + 10 * 365 * 24 + 1))
    assert {(one.flow(flow).busy, one.flow(flow).open) for one in found[1:-1] for flow in Workflow} == {
        (7_200, 3_600)
    }
