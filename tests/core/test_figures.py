"""Figures from the record: what counts, what is too little to say, how far it reaches; bottlenecks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.config import Config, Targets
from bot.domain.controls import Controls, Pause, Triage
from bot.domain.draft import Draft
from bot.domain.figures import Figure, Limit, Load, Metric
from bot.domain.instances import Assignment
from bot.domain.models import Project, Task
from bot.domain.outputs import ContentOutput, ContentPiece, Priority
from bot.domain.records import RECENT_LIMIT, Completion
from bot.domain.showing import CompletionComment
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, WorkerStatus, Workflow
from bot.policies.measuring.accounting import account
from bot.policies.measuring.figures import covered, lately, metrics, record
from bot.policies.projects.overview import overview
from tests.core.worlds import START, begun

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = START + 3 * DAY


def ended(at: datetime, **changes: Any) -> Completion:
    """An attempt that waited 10 minutes, took 10, and ended at that time."""
    values: dict[str, Any] = {
        "task": "x",
        "workflow": Workflow.GENESIS,
        "specialty": "standard",
        "worker": "genesis-01",
        "queued_at": at - 20 * MINUTE,
        "assigned_at": at - 10 * MINUTE,
        "finished_at": at,
        "ok": True,
    }
    return Completion(**(values | changes))


def recorded(*completions: Completion, now: datetime = NOW, config: Config | None = None) -> Draft:
    """So many attempts; each that went well has ended a task of a project of its own."""
    draft = Draft(begun(config), now)
    for number, one in enumerate(completions):
        draft.record(one)
        if one.ok:
            done = task(
                f"d-{number}.x",
                workflow=one.workflow,
                specialty=one.specialty,
                status=TaskStatus.DONE,
                finished_at=one.finished_at,
            )
            draft.projects[f"d-{number}"] = project(number, done, id=f"d-{number}")
            piece = ContentPiece(kind="post", specialty=one.specialty, file="x.md", words=9)
            draft.content[f"d-{number}"] = ContentOutput(pieces=(piece,))
    return draft


def project(number: int, *tasks: Task, **changes: Any) -> Project:
    values: dict[str, Any] = {
        "id": f"p-{number}",
        "title": "P",
        "idea": "",
        "asked_on": 1,
        "requester": "wendy",
        "tasks": tasks,
        "created_at": START,
        "updated_at": START,
    }
    return Project(**(values | changes))


def task(id_: str, **changes: Any) -> Task:
    values: dict[str, Any] = {
        "id": id_,
        "workflow": Workflow.DEVELOPMENT,
        "specialty": "feature",
        "created_at": START,
        "queued_at": START,
        "status": TaskStatus.QUEUED,
    }
    return Task(**(values | changes))


def figure(draft: Draft, metric: Metric, window: timedelta = HOUR) -> Figure:
    return next(one for one in metrics(draft, window).figures if one.metric is metric)


def now_of(draft: Draft, metric: Metric, window: timedelta = HOUR) -> tuple[int, float | None]:
    found = figure(draft, metric, window).now
    assert found is not None
    return found.count, None if found.value is None else round(found.value, 3)


# rates an hour


def test_rates_count_the_hours_with_work_only() -> None:
    """Three projects within 40 minutes of work, in a day in which nothing else was asked for."""
    late = NOW - 5 * MINUTE
    draft = recorded(*(ended(late - 10 * number * MINUTE) for number in (2, 1, 0)))
    assert now_of(draft, Metric.GENESIS, DAY) == (3, 4.5)
    assert figure(draft, Metric.GENESIS, DAY).met is False


def test_the_time_with_work_is_cut_at_the_windows_beginning() -> None:
    """Each attempt took 20 minutes from its queue to its end, of which the first lies half before."""
    ends = (NOW - 50 * MINUTE, NOW - 30 * MINUTE, NOW - 10 * MINUTE)
    assert now_of(recorded(*map(ended, ends)), Metric.GENESIS) == (3, round(3 / (50 / 60), 3))


def test_features_are_counted_by_their_review_and_for_each_worker_that_had_work() -> None:
    work: dict[str, Any] = {"workflow": Workflow.DEVELOPMENT}
    reviews = [
        ended(NOW - 10 * number * MINUTE, **work, specialty="review", worker=f"dev-0{number % 2 + 1}")
        for number in (3, 2, 1, 0)
    ]
    draft = recorded(ended(NOW - 30 * MINUTE, **work, specialty="tests", worker="dev-01"), *reviews)
    assert now_of(draft, Metric.DEVELOPMENT) == (4, round(4 / (50 / 60) / 2, 3))
    held = Assignment(task="p-1.x", project="p-1", lease=1, assigned_at=NOW - MINUTE, expires_at=NOW + HOUR)
    draft.instances["dev-05"] = draft.instances["dev-05"].model_copy(update={"assignment": held})
    assert now_of(draft, Metric.DEVELOPMENT) == (4, round(4 / (50 / 60) / 3, 3))


def test_open_work_counts_as_time_with_work() -> None:
    piece: dict[str, Any] = {"workflow": Workflow.CONTENT, "specialty": "social"}
    draft = recorded(*(ended(NOW - 40 * MINUTE, **piece) for _ in range(3)))
    assert now_of(draft, Metric.CONTENT) == (3, 9.0)
    draft.projects["p-1"] = project(
        1, task("p-1.a", workflow=Workflow.CONTENT, queued_at=NOW - 40 * MINUTE, status=TaskStatus.RUNNING)
    )
    assert now_of(draft, Metric.CONTENT) == (3, 3.0)


def test_what_failed_is_no_throughput() -> None:
    draft = recorded(*(ended(NOW, ok=number > 0) for number in range(3)))
    assert now_of(draft, Metric.GENESIS) == (2, None)


# parts and medians


def test_parts_of_all_attempts() -> None:
    failed = [ended(NOW, ok=False, rework=number == 0) for number in range(2)]
    draft = recorded(*(ended(NOW) for _ in range(18)), *failed)
    assert now_of(draft, Metric.ERRORS) == (20, 0.1)
    assert now_of(draft, Metric.REWORK) == (20, 0.05)
    assert (figure(draft, Metric.ERRORS).met, figure(draft, Metric.REWORK).met) == (False, True)


def test_a_bound_that_is_only_just_reached_is_missed() -> None:
    """Specification: "Error Rate: < 5%", and "8+ projects" where more is better."""
    draft = recorded(*(ended(NOW, ok=number > 0) for number in range(20)))
    assert now_of(draft, Metric.ERRORS) == (20, 0.05)
    assert figure(draft, Metric.ERRORS).met is False
    exact = Config(targets=Targets(genesis_per_hour=9))
    assert figure(recorded(*(ended(NOW) for _ in range(3)), config=exact), Metric.GENESIS).met is True


def test_end_to_end_is_the_median_of_the_projects_completed_in_the_window() -> None:
    draft = recorded()
    for number, (hours, ago) in enumerate([(2, 0), (3, 1), (30, 2), (5, 60)]):
        done = draft.now - ago * MINUTE
        draft.projects[f"p-{number}"] = project(
            number, created_at=done - hours * HOUR, completed_at=done, status=ProjectStatus.COMPLETE
        )
    assert now_of(draft, Metric.END_TO_END) == (3, 3.0)
    assert figure(draft, Metric.END_TO_END).met is True
    assert now_of(draft, Metric.END_TO_END, 2 * HOUR) == (4, 4.0)


@pytest.mark.parametrize("metric", [Metric.GENESIS, Metric.ERRORS, Metric.REWORK])
def test_two_are_too_few_to_say(metric: Metric) -> None:
    draft = recorded(ended(NOW), ended(NOW))
    assert now_of(draft, metric) == (2, None)
    assert figure(draft, metric).met is None


def voted(number: int, ago: timedelta, up: int, down: int) -> Project:
    done = NOW - ago
    delivery = CompletionComment(comment=number, up=up, down=down)
    return project(number, completed_at=done, status=ProjectStatus.COMPLETE, delivery=delivery)


def test_satisfaction_is_the_part_of_thumbs_up_on_the_windows_projects() -> None:
    draft = recorded(*(ended(NOW) for _ in range(5)))
    for one in (voted(1, HOUR / 2, 2, 0), voted(2, HOUR / 3, 1, 1), voted(3, 2 * HOUR, 0, 9)):
        draft.projects[one.id] = one
    assert now_of(draft, Metric.SATISFACTION) == (4, 0.75)
    assert figure(draft, Metric.SATISFACTION).met is False
    assert now_of(draft, Metric.SATISFACTION, 3 * HOUR) == (13, round(3 / 13, 3))


def test_two_votes_are_too_few_to_say() -> None:
    draft = recorded()
    assert now_of(draft, Metric.SATISFACTION) == (0, None)
    draft.projects["p-1"] = voted(1, HOUR / 2, 2, 0)
    assert now_of(draft, Metric.SATISFACTION) == (2, None)
    assert figure(draft, Metric.SATISFACTION).met is None


def test_targets_are_the_configurations() -> None:
    targets = Targets(
        end_to_end_hours=1,
        genesis_per_hour=2,
        features_per_hour=3.5,
        pieces_per_hour=4,
        error_rate=0.5,
        rework_rate=0.6,
        satisfaction=0.7,
        uptime=0.8,
    )
    found = metrics(recorded(config=Config(targets=targets)), HOUR).figures
    assert [one.target for one in found] == [1, 2, 3.5, 4, 0.5, 0.6, 0.7, 0.8]


# windows


def test_a_window_is_open_at_its_beginning_and_closed_at_its_end() -> None:
    edge = NOW - HOUR
    at = [edge - HOUR, edge - MINUTE, edge, edge + timedelta(seconds=1), NOW]
    found = metrics(recorded(*map(ended, at)), HOUR)
    assert found.attempts == 2
    errors = next(one for one in found.figures if one.metric is Metric.ERRORS)
    assert errors.before is not None
    assert errors.before.count == 2


def test_the_window_before_is_given_where_the_record_covers_it() -> None:
    earlier = [ended(NOW - 90 * MINUTE, ok=number > 0) for number in range(4)]
    draft = recorded(*earlier, *(ended(NOW) for _ in range(4)))
    found = figure(draft, Metric.ERRORS)
    assert found.now is not None
    assert found.before is not None
    assert (found.before.value, found.now.value) == (0.25, 0)
    assert figure(draft, Metric.ERRORS, 36 * HOUR).before is not None
    assert figure(draft, Metric.ERRORS, 37 * HOUR).before is None


def test_the_record_begins_with_the_system() -> None:
    draft = recorded(ended(START + HOUR), now=START + 2 * HOUR)
    found = metrics(draft, DAY)
    assert (found.record.begins, found.record.full, found.attempts) == (START, False, 1)


def test_a_full_record_begins_with_its_oldest_attempt() -> None:
    """That one itself is left out: another that ended in the same second may have been dropped."""
    draft = recorded(*(ended(START + number * MINUTE) for number in range(RECENT_LIMIT + 40)))
    found = metrics(draft, 7 * DAY)
    assert (found.record.begins, found.record.full) == (START + 40 * MINUTE, True)
    assert record(recorded(*(ended(NOW) for _ in range(RECENT_LIMIT - 1)))).full is False


def test_projects_are_remembered_for_longer_than_attempts() -> None:
    """The record of attempts is full and short; the window before still has its projects."""
    draft = recorded(*(ended(NOW) for _ in range(RECENT_LIMIT)))
    for number in range(6):
        done = NOW - (90 if number < 3 else 30) * MINUTE
        draft.projects[f"p-{number}"] = project(
            number, created_at=done - 2 * HOUR, completed_at=done, status=ProjectStatus.COMPLETE
        )
    found = figure(draft, Metric.END_TO_END)
    assert found.before is not None
    assert found.before.value == 2
    assert record(draft).begins == NOW


def test_what_the_attempts_do_not_reach_is_counted_by_whole_hours() -> None:
    """600 attempts in ten hours, the first 300 of which failed; the record keeps the latest 500."""
    state = begun()
    for number in range(600):
        draft = Draft(state, START + timedelta(minutes=number))
        draft.record(ended(draft.now, ok=number >= 300))
        account(draft)
        state = draft.freeze([])
    draft = Draft(state, START + 10 * HOUR)
    assert record(draft).begins == START + 100 * MINUTE
    assert now_of(draft, Metric.ERRORS, 12 * HOUR) == (600, 0.5)
    assert metrics(draft, 12 * HOUR).attempts == 600
    exact, whole = metrics(draft, 4 * HOUR), metrics(draft, 9 * HOUR)
    assert (exact.by_hours, whole.by_hours) == (False, True)
    assert now_of(draft, Metric.ERRORS, 4 * HOUR) == (239, 0)  # open at its beginning
    before = figure(draft, Metric.ERRORS, 5 * HOUR).before  # in the record only from 13:40 on
    assert before is not None
    assert (before.count, before.value) == (300, 1)
    assert now_of(draft, Metric.ERRORS, 9 * HOUR) == (540, round(240 / 540, 3))
    assert whole.hourly.since == START + HOUR


def test_what_ended_lately() -> None:
    draft = recorded(
        ended(NOW - DAY), ended(NOW - DAY + MINUTE), ended(NOW, ok=False), ended(NOW, ok=False, rework=True)
    )
    draft.projects["p-1"] = project(1, completed_at=NOW - HOUR, status=ProjectStatus.COMPLETE)
    draft.projects["p-2"] = project(2, completed_at=NOW - DAY, status=ProjectStatus.COMPLETE)
    found = lately(draft, DAY)
    assert (found.projects, found.attempts, found.done, found.errors, found.rework) == (1, 3, 1, 2, 1)
    assert found.since == NOW - DAY


def test_lately_is_less_where_the_record_is_full() -> None:
    draft = recorded(*(ended(NOW - HOUR + number * timedelta(seconds=1)) for number in range(RECENT_LIMIT)))
    assert lately(draft, DAY).since == NOW - HOUR


spans = st.lists(st.tuples(st.integers(-50, 150), st.integers(0, 60)), max_size=12)


@given(spans)
def test_covered_time_is_the_union_of_the_spans_inside_the_window(given_: list[tuple[int, int]]) -> None:
    made = [(START + begin * MINUTE, START + (begin + length) * MINUTE) for begin, length in given_]
    inside = {at for at in range(100) if any(begin <= at < begin + length for begin, length in given_)}
    assert covered(made, START, START + 100 * MINUTE) == len(inside) * MINUTE


attempts = st.builds(
    lambda ago, took, ok, rework, workflow, specialty: ended(
        NOW - ago * MINUTE,
        assigned_at=NOW - (ago + took) * MINUTE,
        queued_at=NOW - (ago + took) * MINUTE,
        ok=ok,
        rework=rework and not ok,
        workflow=workflow,
        specialty=specialty,
    ),
    st.integers(0, 300),
    st.integers(0, 120),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Workflow),
    st.sampled_from(["review", "tests"]),
)


@given(st.lists(attempts, max_size=30), st.integers(1, 400))
def test_figures_are_always_possible_and_never_from_too_few(found: list[Completion], minutes: int) -> None:
    found.sort(key=lambda one: one.finished_at)
    for one in metrics(recorded(*found), minutes * MINUTE).figures:
        for measured in (one.now, one.before):
            if measured is None or measured.value is None:
                continue
            assert measured.count >= 3
            assert measured.value >= 0
            assert one.metric not in (Metric.ERRORS, Metric.REWORK) or measured.value <= 1
    errors, rework = (
        figure(recorded(*found), one, minutes * MINUTE).now for one in (Metric.ERRORS, Metric.REWORK)
    )
    assert errors is not None
    assert rework is not None
    assert (rework.value or 0) <= (errors.value or 0)


# what limits the flow


def queued(*counts: tuple[Workflow, int], controls: Controls | None = None, up: int = 9) -> Draft:
    """So many queued tasks of normal priority, and so many workers of each workflow that take work."""
    draft = recorded(now=START)
    draft.controls = controls or Controls()
    for worker in list(draft.instances.values()):
        if int(worker.id[-2:]) > up:
            gone = worker.model_copy(update={"status": WorkerStatus.STOPPED})
            draft.instances[worker.id] = gone
    for number, (workflow, count) in enumerate(counts):
        tasks = [task(f"p-{number}.{at}", workflow=workflow) for at in range(count)]
        draft.projects[f"p-{number}"] = one = project(number, *tasks)
        for each in tasks:
            draft.enqueue(QueueName(workflow.value), one, each)
    return draft


def limiting(draft: Draft) -> Load:
    found = overview(draft).bottleneck
    assert found is not None
    return found


def test_nothing_limits_where_nothing_waits() -> None:
    assert overview(queued()).bottleneck is None


def test_the_queue_that_needs_longest_limits() -> None:
    """Twelve content tasks on three workers: the last starts after 3 × 20 min; genesis: after 2 × 15."""
    found = limiting(queued((Workflow.GENESIS, 9), (Workflow.CONTENT, 12)))
    assert (found.workflow, found.limit, found.held, found.up) == (Workflow.CONTENT, Limit.BUSY, 12, 3)
    assert found.last_start == START + 60 * MINUTE


def test_a_longer_queue_with_more_workers_need_not_limit() -> None:
    found = limiting(queued((Workflow.GENESIS, 13), (Workflow.DEVELOPMENT, 10)))
    assert found.workflow is Workflow.GENESIS


def test_a_queue_without_workers_limits_whatever_others_need() -> None:
    draft = queued((Workflow.CONTENT, 1), (Workflow.GENESIS, 40))
    for id_ in ("content-01", "content-02", "content-03"):
        offline = draft.instances[id_].model_copy(update={"status": WorkerStatus.OFFLINE})
        draft.instances[id_] = offline
    found = limiting(draft)
    assert (found.workflow, found.limit, found.up) == (Workflow.CONTENT, Limit.NO_WORKER, 0)


@pytest.mark.parametrize(
    ("controls", "limit"),
    [
        (Controls(paused=(Pause(workflow=Workflow.CONTENT, since=START, by="ada"),)), Limit.PAUSED),
        (Controls(triage=Triage(level=Priority.HIGH, since=START, by="ada")), Limit.TRIAGE),
    ],
)
def test_switches_limit(controls: Controls, limit: Limit) -> None:
    found = limiting(queued((Workflow.CONTENT, 4), controls=controls))
    assert (found.limit, found.held) == (limit, 4)


def test_running_tasks_end_after_their_usual_time_and_twice_that_is_slow() -> None:
    draft = recorded(now=START + 61 * MINUTE)
    for id_, ago in (("dev-01", 61), ("dev-02", 60), ("dev-03", 5)):
        began = draft.now - ago * MINUTE
        held = Assignment(
            task=f"p-1.{id_}", project="p-1", lease=1, assigned_at=began, expires_at=began + 2 * HOUR
        )
        busy = {"assignment": held, "status": WorkerStatus.BUSY}
        draft.instances[id_] = draft.instances[id_].model_copy(update=busy)
    draft.projects["p-1"] = project(
        1, *(task(f"p-1.dev-0{at}", status=TaskStatus.RUNNING) for at in (1, 2, 3))
    )
    found = overview(draft)
    assert found.ends["p-1.dev-03"] == draft.now + 25 * MINUTE
    assert found.slow == 1
