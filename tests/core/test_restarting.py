"""A restart ends what a worker does, and neither loses, doubles nor counts a task."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.draft import Draft
from bot.domain.events.worked import WorkClaimed, WorkReported
from bot.domain.models import Task
from bot.domain.outputs import Size
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, TaskStatus, WorkerStatus
from bot.policies.fleet.restarting import restart
from tests.commands.fleet import Days
from tests.core.worlds import assignments, output


def working(count: int = 1) -> Days:
    """So many projects at Genesis, the first ones with a worker whose run has claimed the task."""
    days = Days()
    for number in range(1, count + 1):
        days.say(f"/dispatch-genesis Idea {number}", issue=number)
    for held in assignments(days.state):
        days.claim(held.task)
    return days


def holder(state: State, task: str) -> str:
    return next(one.id for one in state.instances.values() if one.assignment and one.assignment.task == task)


def task_of(state: State, id_: str) -> Task:
    return next(task for project in state.projects.values() for task in project.tasks if task.id == id_)


TASK = "idea-1-1.genesis"


def test_a_restart_cancels_takes_back_and_assigns_anew() -> None:
    days = working()
    held = days.held(TASK)
    days.wait(minutes=3)
    days.say(f"/restart {holder(days.state, TASK)}", issue=1)
    again = days.held(TASK)
    assert again.lease > held.lease
    assert task_of(days.state, TASK).attempt == 1
    cancels = [one.effect for one in days.state.outbox.entries if one.effect.kind == "cancel"]
    assert [(one.lease, one.run_id) for one in cancels] == [(held.lease, held.lease % 10_000)]
    assert [one.effect.lease for one in days.state.outbox.entries if one.effect.kind == "dispatch"] == [
        again.lease
    ]
    assert not days.state.recent.completions


def test_a_task_that_was_taken_back_is_first_in_its_queue() -> None:
    days = working(6)
    before = [item.task for item in days.state.queues[QueueName.GENESIS].items]
    draft = Draft(days.state, days.now)
    restart(draft, draft.instances["genesis-02"], "comment-1", "wendy")
    order = [item.task for item in draft.ordered(QueueName.GENESIS)]
    held = days.state.instances["genesis-02"].assignment
    assert held is not None
    assert order == [held.task, *before]


def test_the_old_runs_claim_and_report_change_nothing() -> None:
    days = working()
    held = days.held(TASK)
    days.say(f"/restart {holder(days.state, TASK)}", issue=1)
    before = days.state
    late = {"task": TASK, "lease": held.lease, "run_id": held.lease % 10_000, "at": days.now}
    days.settle(WorkClaimed(run_attempt=2, **late))
    days.settle(WorkReported(run_attempt=1, ok=True, genesis=output(), **late))
    after = days.state
    assert (after.projects, after.instances, after.queues) == (
        before.projects,
        before.instances,
        before.queues,
    )
    assert after.genesis == before.genesis


def test_the_next_attempt_succeeds_and_counts_as_the_first() -> None:
    days = working()
    days.say(f"/restart {holder(days.state, TASK)}", issue=1)
    days.do(TASK)
    done = task_of(days.state, TASK)
    assert (done.status, done.attempt) == (TaskStatus.DONE, 1)


def test_a_worker_that_was_draining_goes_on_where_there_is_room() -> None:
    days = working(3)
    days.say("/scale-down genesis --drain", issue=1)
    (leaving,) = [one.id for one in days.state.instances.values() if one.status is WorkerStatus.DRAINING]
    days.say(f"/restart {leaving}", issue=1)
    assert days.state.instances[leaving].status is WorkerStatus.BUSY


def test_a_worker_that_was_draining_stops_where_there_is_none() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis --for 30m", issue=1)
    for number in range(1, 7):
        days.say(f"/dispatch-genesis Idea {number}", issue=number)
    days.wait(minutes=30)
    leaving = next(one for one in days.state.instances.values() if one.status is WorkerStatus.DRAINING)
    days.say(f"/restart {leaving.id}", issue=1)
    assert days.state.instances[leaving.id].status is WorkerStatus.STOPPED


def test_a_silent_worker_elsewhere_stays_offline() -> None:
    days = Days()
    there = days.state.instances["genesis-01"].model_copy(
        update={"kind": "external", "last_heartbeat": days.now}
    )
    draft = Draft(days.state, days.now + timedelta(minutes=6))
    assert restart(draft, there, "comment-1", "wendy").status is WorkerStatus.IDLE, "nobody had looked"
    draft = Draft(days.state, days.now + timedelta(minutes=6))
    draft.watching_since = days.now
    assert restart(draft, there, "comment-1", "wendy").status is WorkerStatus.OFFLINE
    draft = Draft(days.state, days.now + timedelta(minutes=4))
    assert restart(draft, there, "comment-1", "wendy").status is WorkerStatus.IDLE


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["restart", "restart", "claim", "do", "fail", "dispatch", "down", "wait"]),
        st.integers(0, 5),
    ),
    max_size=20,
)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_a_restart_never_loses_doubles_or_counts_a_task(moves: list[tuple[str, int]]) -> None:
    days = Days()
    for number, (move, which) in enumerate(moves, 1):
        held = assignments(days.state)
        unclaimed = [one for one in held if one.claimed_at is None]
        match move:
            case "dispatch":
                size = list(Size)[which % 3]
                days.say(f"/dispatch-genesis Idea {number} --size {size}", issue=number)
            case "claim" if unclaimed:
                days.claim(unclaimed[which % len(unclaimed)].task)
            case "do" if unclaimed:
                days.do(unclaimed[which % len(unclaimed)].task, minutes=1)
            case "fail" if unclaimed:
                days.fail(unclaimed[which % len(unclaimed)].task, minutes=1)
            case "down":
                days.say("/scale-down genesis --drain", issue=number)
            case "wait":
                days.wait(minutes=5)
            case "restart":
                restarted(days, sorted(days.state.instances)[which])


def restarted(days: Days, id_: str) -> None:
    """Restart a worker, before and after assigning, and compare every task."""
    before = days.state
    held = before.instances[id_].assignment
    draft = Draft(before, days.now)
    restart(draft, draft.instances[id_], "comment-1", "wendy")
    for project in before.projects.values():
        for task in project.tasks:
            after = draft.projects[project.id].task(task.id)
            assert after is not None
            if held is None or task.id != held.task:
                assert after == task
            else:
                assert (after.status, after.attempt, after.front) == (
                    TaskStatus.QUEUED,
                    task.attempt - 1,
                    True,
                )
                assert after.failed_on == task.failed_on
    days.say(f"/restart {id_}", issue=1)  # the invariants hold: each task is in one place
    assert {task.id for one in days.state.projects.values() for task in one.tasks} == {
        task.id for one in before.projects.values() for task in one.tasks
    }
    if held is not None:
        was, now = task_of(before, held.task), task_of(days.state, held.task)
        assert now.attempt == was.attempt - (now.status is TaskStatus.QUEUED)
        assert before.recent == days.state.recent
