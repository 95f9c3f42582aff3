"""Stops, resumes, retries, discards: nothing starts, nothing is lost, nothing is counted."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain import invariants
from bot.domain.events.asked import CommentCreated
from bot.domain.events.looked_up import RunSeen
from bot.domain.events.observed import Observed
from bot.domain.events.worked import WorkPublished, WorkReported
from bot.domain.models import Project
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, TaskStatus
from bot.policies.projects.adopting import open_for_more
from tests.commands.fleet import Days, at_work, features
from tests.core.worlds import assignments, output, replies

FLEET = at_work()


def say(state: State, body: str, number: int = 9_000, issue: int = 8, ago: float = 0) -> State:
    assert state.events is not None
    now = state.events.now + timedelta(seconds=1)
    event = CommentCreated(
        comment=number, issue=issue, actor="wendy", role="write", body=body, at=now - timedelta(seconds=ago)
    )
    after = decide(state, [event], now).state
    invariants.check(after)
    return after


def open_tasks(state: State) -> dict[str, tuple[int, bool]]:
    """Of everything that is not done: attempts that were counted, an open assignment not among them."""
    return {
        task.id: (task.attempt - (1 if task.status.held else 0), task.discarded)
        for project in state.projects.values()
        for task in project.tasks
        if task.status is not TaskStatus.DONE
    }


def moving(project: Project) -> list[str]:
    return [task.id for task in project.tasks if task.status.held or task.status is TaskStatus.QUEUED]


def test_a_stopped_project_holds_nothing_and_gets_nothing_until_it_is_resumed() -> None:
    state = say(FLEET, "/emergency-stop photo-sorter-1")
    for minutes in (1, 30, 600):
        assert state.events is not None
        state = decide(state, [], state.events.now + timedelta(minutes=minutes)).state
        assert moving(state.projects["photo-sorter-1"]) == []
    assert moving(say(state, "/resume photo-sorter-1", 9_001).projects["photo-sorter-1"])


def test_stop_and_resume_lose_no_task_and_count_no_attempt() -> None:
    stopped = say(FLEET, "/emergency-stop all")
    again = say(stopped, "/resume all", 9_001)
    assert open_tasks(again) == open_tasks(FLEET)


def test_what_was_queued_keeps_its_place_behind_what_was_taken_back() -> None:
    before = [item.task for item in FLEET.queues[QueueName.DEVELOPMENT].items]
    again = say(say(FLEET, "/emergency-stop photo-sorter-1"), "/resume photo-sorter-1", 9_001)
    assert [item.task for item in again.queues[QueueName.DEVELOPMENT].items] == before


def test_a_project_asked_for_while_everything_is_stopped_is_held() -> None:
    state = say(say(FLEET, "/emergency-stop all"), "/dispatch-genesis Late idea", 9_001)
    late = state.projects["late-idea-8"]
    assert (late.status, moving(late)) == ("stopped", [])
    assert moving(say(state, "/resume all", 9_002).projects["late-idea-8"])


def test_what_took_effect_between_the_comment_and_its_settling_is_in_the_report() -> None:
    days = Days()
    days.say("/dispatch-genesis Late stop", issue=1)
    asked_at = days.now
    days.wait(seconds=40)
    days.claim("late-stop-1.genesis")
    days.wait(seconds=5)
    event = CommentCreated(
        comment=77, issue=1, actor="wendy", role="write", body="/emergency-stop", at=asked_at
    )
    decision = decide(days.state, [event], days.now)
    stop = decision.state.projects["late-stop-1"].stop
    assert stop is not None
    assert [(one.kind, one.worker) for one in stop.landed] == [
        ("assigned", "genesis-02"),
        ("claimed", "genesis-02"),
    ]
    assert "was started by `genesis-02`" in replies(decision)[0]


def test_the_proof_comes_when_every_run_was_seen_ended_and_names_what_came_late() -> None:
    days = Days()
    days.say("/dispatch-genesis Proof", issue=1)
    held = days.claim("proof-1.genesis")
    days.say("/emergency-stop", issue=1)
    days.wait(seconds=20)
    late = WorkReported(
        task=held.task,
        lease=held.lease,
        run_id=held.lease % 10_000,
        run_attempt=1,
        at=days.now,
        ok=True,
        genesis=output(),
    )
    days.settle(late)
    days.settle(WorkPublished(task=held.task, lease=held.lease, at=days.now, genesis=features("proof-1", 1)))
    stop = days.state.projects["proof-1"].stop
    assert stop is not None
    assert [one.kind for one in stop.landed if one.kind.startswith("late")] == [
        "late-report",
        "late-publication",
    ]
    assert stop.proven_at is None
    assert days.state.projects["proof-1"].repository == ""
    seen = RunSeen(assignment=held.id, run_id=1, status="completed", conclusion="cancelled")
    decision = decide(days.state, [Observed(observer="t-1", at=days.now, ended=(seen,))], days.now)
    stop = decision.state.projects["proof-1"].stop
    assert stop is not None
    assert stop.proven_at == days.now
    (notice,) = replies(decision)
    assert "**Stands still**" in notice
    assert "its repository and issues exist" in notice


def test_the_same_run_seen_ended_again_says_nothing_again() -> None:
    days = Days()
    days.say("/dispatch-genesis Twice", issue=1)
    held = days.claim("twice-1.genesis")
    days.say("/emergency-stop", issue=1)
    seen = RunSeen(assignment=held.id, run_id=1, status="completed", conclusion="cancelled")
    days.settle(Observed(observer="t-1", at=days.now, ended=(seen,)))
    again = decide(days.state, [Observed(observer="t-2", at=days.now, ended=(seen,))], days.now)
    assert replies(again) == []


def test_two_stops_in_one_second_have_a_proof_each() -> None:
    days = Days()
    days.say("/dispatch-genesis Twice", issue=1)
    begun, told = days.now, set[str]()
    for look in ("t-1", "t-2"):
        held = days.claim("twice-1.genesis")
        days.say("/emergency-stop twice-1", issue=1)
        seen = RunSeen(assignment=held.id, run_id=1, status="completed", conclusion="cancelled")
        days.settle(Observed(observer=look, at=days.now, ended=(seen,)))
        told |= {entry.id for entry in days.state.outbox.entries if entry.id.startswith("halt-")}
        days.say("/resume twice-1", issue=1)
    assert (len(told), days.now) == (2, begun)


def test_retry_starts_the_attempts_anew_and_gives_the_task_to_somebody_who_did_not_fail_it() -> None:
    days = Days()
    days.say("/dispatch-genesis Again", issue=1)
    for _ in range(3):
        days.fail("again-1.genesis")
        days.wait(minutes=5)
    days.say("/retry", issue=1)
    task = days.state.projects["again-1"].tasks[0]
    assert (task.attempt, task.status) == (1, TaskStatus.ASSIGNED)
    assert days.state.queues[QueueName.REVIEW].items == ()
    assert task.error is not None


def test_what_waited_for_a_dropped_feature_goes_on_without_it() -> None:
    state = FLEET
    for number in range(1, 8):
        state = say(state, f"/discard photo-sorter-1.part-{number}.tests", 9_000 + number)
    project = state.projects["photo-sorter-1"]
    deployment = project.task("photo-sorter-1.deployment")
    assert deployment is not None
    assert deployment.status in (TaskStatus.QUEUED, TaskStatus.ASSIGNED)
    assert all(task.discarded for task in project.tasks if task.id.count(".") == 2)


def test_a_dropped_project_is_over_and_comes_back_whole() -> None:
    dropped = say(FLEET, "/discard photo-sorter-1")
    assert dropped.projects["photo-sorter-1"].status == "failed"
    assert moving(dropped.projects["photo-sorter-1"]) == []
    back = say(dropped, "/retry photo-sorter-1", 9_001)
    assert {id_ for id_, (_, gone) in open_tasks(back).items() if not gone} == set(open_tasks(FLEET))


def finished_without_social() -> State:
    """``recipe-book-2`` is complete, because what was left of it was dropped."""
    return say(say(FLEET, "/discard recipe-book-2.marketing", 9_001), "/discard recipe-book-2.social", 9_002)


def test_what_comes_back_of_a_complete_project_makes_it_open_again_until_it_is_done() -> None:
    state = finished_without_social()
    assert state.projects["recipe-book-2"].stage == "complete"
    state = say(state, "/retry recipe-book-2.social", 9_003)
    again = state.projects["recipe-book-2"]
    assert (again.stage, again.status, again.completed_at) == ("content", "active", None)
    assert say(state, "/emergency-stop recipe-book-2", 9_004).projects["recipe-book-2"].stop is not None
    done = say(state, "/discard recipe-book-2.social", 9_005)
    assert done.projects["recipe-book-2"].stage == "complete"
    told = [entry for entry in done.outbox.entries if "Complete:" in getattr(entry.effect, "body", "")]
    assert len({entry.id for entry in told}) == 2


def test_a_dropped_project_gets_no_content_and_no_further_issues() -> None:
    dropped = say(FLEET, "/discard photo-sorter-1")
    after = say(dropped, "/trigger-content photo-sorter-1 --force", 9_001)
    assert after.projects["photo-sorter-1"] == dropped.projects["photo-sorter-1"]
    assert not open_for_more(dropped.projects["photo-sorter-1"])
    assert open_for_more(FLEET.projects["photo-sorter-1"])


def test_dropping_a_large_project_is_one_line_of_the_journal() -> None:
    dropped = say(FLEET, "/discard photo-sorter-1")
    news = dropped.journal.happenings[len(FLEET.journal.happenings) :]
    assert [(one.kind, one.detail) for one in news if one.project == "photo-sorter-1"] == [
        ("discarded", "with 22 open tasks")
    ]


COMMANDS = st.sampled_from(
    [
        "/emergency-stop photo-sorter-1",
        "/emergency-stop tide-table-4",
        "/emergency-stop all",
        "/resume photo-sorter-1",
        "/resume all",
        "/retry chess-clock-3",
        "/retry photo-sorter-1",
        "/discard photo-sorter-1.part-2.tests",
        "/discard tide-table-4",
        "/retry tide-table-4",
        "/retry photo-sorter-1.part-2.tests",
        "/discard recipe-book-2.marketing",
        "/discard recipe-book-2.social",
        "/retry recipe-book-2.social",
        "/trigger-content photo-sorter-1 --force",
        "/dispatch-genesis Another",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COMMANDS, st.integers(0, 900)), max_size=12))
def test_whatever_people_type_no_task_is_lost_or_in_two_places(lines: list[tuple[str, int]]) -> None:
    state = FLEET
    for number, (line, seconds) in enumerate(lines):
        assert state.events is not None
        state = decide(state, [], state.events.now + timedelta(seconds=seconds)).state
        before = state
        state = say(state, line, 9_100 + number)
        for id_, project in before.projects.items():
            assert {task.id for task in project.tasks} <= {task.id for task in state.projects[id_].tasks}
        for project in state.projects.values():
            assert project.going or moving(project) == []
            assert project.status != "failed" or all(task.over for task in project.tasks)
        held = [one.task for one in assignments(state)]
        queued = [item.task for queue in state.queues.values() for item in queue.items]
        assert len({*held, *queued}) == len(held) + len(queued)
