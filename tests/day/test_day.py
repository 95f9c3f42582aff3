"""A scripted day on the hub; the specification's rules are read off the state branch's history alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain import files, invariants
from bot.domain.models import Project, QueueItem, Task
from bot.domain.order import place
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, Stage, TaskStatus, WorkerStatus, Workflow
from tests.commands.desk import Desk, opened
from tests.day.script import ALWAYS_FAILS, ASKED, FAILS_ONCE, Day
from tests.e2e.repository import assert_linear_and_replayable

HELD = (TaskStatus.ASSIGNED, TaskStatus.RUNNING, TaskStatus.PUBLISHING)


@dataclass(frozen=True)
class Played:
    """The day when it is over: the desk, what people said, and every commit's state."""

    desk: Desk
    day: Day
    states: list[State]

    @property
    def end(self) -> State:
        return self.states[-1]

    def steps(self) -> Iterator[tuple[State, State]]:
        """(before, after) of every commit."""
        yield from pairwise(self.states)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with opened(tmp_path_factory.mktemp("day")) as desk:
        day = Day(desk)
        day.play()
        states = [files.load(tree) for _, tree in desk.bare.trees()]
        yield Played(desk, day, states)


def tasks(state: State) -> dict[str, Task]:
    return {task.id: task for project in state.projects.values() for task in project.tasks}


def newly(before: State, after: State, status: tuple[TaskStatus, ...]) -> list[Task]:
    """Tasks that came into one of these statuses with this commit, under a lease that is new."""
    old = tasks(before)
    return [
        task
        for task in tasks(after).values()
        if task.status in status and (task.id not in old or old[task.id].lease != task.lease)
    ]


def test_every_project_is_complete_within_the_specifications_six_hours(played: Played) -> None:
    assert len(played.end.projects) == len(ASKED)
    assert {project.stage for project in played.end.projects.values()} == {Stage.COMPLETE}
    took = {
        project.id: project.completed_at - project.created_at
        for project in played.end.projects.values()
        if project.completed_at
    }
    assert len(took) == len(ASKED)
    assert max(took.values()) < timedelta(hours=6)


def test_every_stage_handed_on_what_the_next_one_takes(played: Played) -> None:
    for project in played.end.projects.values():
        assert played.end.genesis[project.id].issues
        assert [milestone.name for milestone in played.end.development[project.id].milestones] == ["deployed"]
        kinds = {piece.specialty for piece in played.end.content[project.id].pieces}
        assert kinds == {"documentation", "marketing", "social"}


def test_the_next_stage_is_queued_in_the_commit_that_ended_the_one_before(played: Played) -> None:
    seen: Counter[str] = Counter()
    for before, after in played.steps():
        for id_, project in after.projects.items():
            old = before.projects.get(id_)
            if old is None or old.stage is project.stage:
                continue
            seen[project.stage] += 1
            if project.stage is not Stage.COMPLETE:
                new = {task.id for task in project.tasks} - {task.id for task in old.tasks}
                assert new
                assert all(task.workflow.value == project.stage for task in project.tasks if task.id in new)
            assert _earned(project)
    assert seen == {"development": len(ASKED), "content": len(ASKED), "complete": len(ASKED)}


def _earned(project: Project) -> bool:
    """Whether a project may be in its stage."""
    if project.stage is Stage.CONTENT:
        return bool(project.deployment_url)
    over = [
        task for task in project.tasks if task.workflow is Workflow.GENESIS or project.stage == "complete"
    ]
    return all(task.status is TaskStatus.DONE for task in over)


def test_no_worker_ever_holds_two_tasks_and_no_task_has_two_workers(played: Played) -> None:
    for state in played.states:
        assert list(invariants.problems(state)) == []
        held = [worker.assignment.task for worker in state.instances.values() if worker.assignment]
        assert len(held) == len(set(held))


def test_every_task_was_done_exactly_once_and_every_lease_given_once(played: Played) -> None:
    leases: list[int] = []
    done: Counter[str] = Counter()
    for before, after in played.steps():
        old = tasks(before)
        leases += sorted(task.lease or 0 for task in newly(before, after, HELD))
        for task in tasks(after).values():
            was = old.get(task.id)
            if task.status is TaskStatus.DONE and (was is None or was.status is not TaskStatus.DONE):
                done[task.id] += 1
    assert leases == sorted(set(leases))
    assert done == dict.fromkeys(tasks(played.end), 1)


def test_no_task_started_before_what_it_depends_on_was_done(played: Played) -> None:
    for before, after in played.steps():
        known = tasks(after)
        for task in newly(before, after, HELD):
            assert all(known[id_].status is TaskStatus.DONE for id_ in task.depends_on), task.id


def test_nobody_was_overtaken_by_a_task_behind_it(played: Played) -> None:
    for before, after in played.steps():
        settings = after.config.queueing
        for workflow in Workflow:
            waits = [
                item for item in after.queues[QueueName(workflow.value)].items if _could_start(after, item)
            ]
            given = [task for task in newly(before, after, HELD) if task.workflow is workflow]
            for item in waits:
                for task in given:
                    assert place(_as_item(after, task), settings) < place(item, settings), (
                        task.id,
                        item.task,
                    )


def _as_item(state: State, task: Task) -> QueueItem:
    project = next(one for one in state.projects.values() if one.task(task.id))
    assert task.queued_at is not None
    return QueueItem(
        task=task.id,
        project=project.id,
        priority=project.priority,
        enqueued_at=task.queued_at,
        attempt=task.attempt,
        specialty=task.specialty,
    )


def _could_start(state: State, item: QueueItem) -> bool:
    task = tasks(state)[item.task]
    assert state.events is not None
    return task.not_before is None or task.not_before <= state.events.now


def test_nobody_was_idle_while_something_could_start(played: Played) -> None:
    for state in played.states:
        for workflow in Workflow:
            idle = [
                worker
                for worker in state.instances.values()
                if worker.workflow is workflow and worker.status is WorkerStatus.IDLE
            ]
            waits = [
                item for item in state.queues[QueueName(workflow.value)].items if _could_start(state, item)
            ]
            assert not (idle and waits)


def test_a_failed_task_came_again_on_another_worker(played: Played) -> None:
    for slug in FAILS_ONCE:
        project = next(one for one in played.end.projects.values() if one.id.startswith(slug))
        (failed,) = [task for task in project.tasks if task.failed_on]
        assert failed.attempt == 2
        assert failed.worker not in failed.failed_on


def test_what_used_up_its_attempts_was_in_review_with_its_error_until_a_person_helped(played: Played) -> None:
    seen = [
        item
        for state in played.states
        for item in state.queues[QueueName.REVIEW].items
        if item.project.startswith(ALWAYS_FAILS)
    ]
    assert seen
    assert {item.attempt for item in seen} == {3}
    assert all(
        item.error and item.error.command == "make test" and item.error.exit_code == 2 for item in seen
    )
    assert played.end.queues[QueueName.REVIEW].items == ()


def test_every_command_was_answered_once(played: Played) -> None:
    assert all(len(played.desk.answers(payload)) == 1 for payload in played.day.comments)


def test_the_history_is_linear_and_follows_from_its_events(played: Played) -> None:
    assert_linear_and_replayable(played.desk.bare)
