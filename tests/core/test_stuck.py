"""Work that does not get on: a warning, then an end where the worker can tell; time limits end the rest."""

from __future__ import annotations

from typing import Any

import pytest
from inline_snapshot import snapshot

from bot.decide import Decision, decide
from bot.domain import invariants
from bot.domain.beats import Progress
from bot.domain.config import Attempts, Config, Health
from bot.domain.effects import Cancel
from bot.domain.models import Task
from bot.domain.records import Alert
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, WorkerStatus
from tests.core.processes import alert_ids, alone, beat, claim, report
from tests.core.worlds import assignments, begun, claimed, comment, later, replies, reported, settled

IDEA = comment(1, "/dispatch-genesis A page")
HALF = 1_810
"""Half of the time limit after the claim, in seconds."""


def task_of(state: State) -> Task:
    return state.projects["a-page-1"].tasks[0]


def open_alert(state: State) -> Alert:
    (alert,) = [one for one in state.alerts.items if one.until is None]
    return alert


def at(state: State, seconds: float, *events: Any) -> Decision:
    decision = decide(state, events, later(seconds))
    invariants.check(decision.state)
    assert decide(decision.state, [], later(seconds)).state is decision.state
    return decision


class Far:
    """``far-01``, alone, at work since 10 s after the beginning; it beats as long as it is asked to."""

    def __init__(self, config: Config | None = None) -> None:
        state = settled(settled(begun(alone(config)), beat()).state, IDEA).state
        self.held = assignments(state)[0]
        self.state = settled(state, claim(self.held)).state
        self.number = 1

    def until(self, end: float, since: float, progress: float | None = None) -> State:
        """A beat every two minutes; with ``progress``, that is when it last got on."""
        seconds = since
        while seconds <= end:
            self.number += 1
            told = Progress(task=self.held.task, lease=self.held.lease, at=later(progress or 0))
            say = beat(number=self.number, seconds=seconds, progress=(told,) if progress else ())
            self.state = at(self.state, seconds, say).state
            seconds += 120
        return self.state


def test_what_shows_no_progress_is_warned_of_and_then_stopped() -> None:
    far = Far()
    state = far.until(1_800, 120)
    assert at(state, HALF - 1).state is state
    state = at(state, HALF).state
    assert (open_alert(state).id, open_alert(state).cause, open_alert(state).advice) == snapshot(
        (
            "stuck-far-01",
            "far-01 has shown no progress on a-page-1.genesis since 2026-11-23T12:00:10Z; 30 min are allowed in genesis",
            "Unless it gets on it is stopped at 2026-11-23T12:40:10Z: that attempt counts as failed, and the task is tried again. `/restart far-01` ends it now, without counting the attempt.",
        )
    )
    assert task_of(state).status is TaskStatus.RUNNING
    state = at(state, HALF + 599, beat(number=99, seconds=HALF + 599)).state
    assert task_of(state).status is TaskStatus.RUNNING, "ten minutes to show some"
    state = at(state, HALF + 600).state
    assert (task_of(state).status, task_of(state).attempt) == (TaskStatus.QUEUED, 1)
    assert task_of(state).not_before is not None
    assert (state.instances["far-01"].status, alert_ids(state)) == (WorkerStatus.IDLE, set())
    error = task_of(state).error
    assert error is not None
    assert error.summary == snapshot(
        "far-01 showed no progress on this since 2026-11-23T12:00:10Z, and none after a warning either: it was stopped; see the log of its process far-01"
    )


def test_progress_ends_the_warning() -> None:
    far = Far()
    state = at(far.until(1_800, 120), HALF).state
    assert alert_ids(state) == {"stuck-far-01"}
    far.state, far.number = state, 100
    state = far.until(1_900, 1_900, progress=1_890)
    assert alert_ids(state) == set()
    state = far.until(1_890 + 1_799, 2_020, progress=1_890)
    assert (alert_ids(state), task_of(state).status) == (set(), TaskStatus.RUNNING)


def test_the_last_attempt_that_is_stuck_goes_to_review() -> None:
    far = Far(Config(attempts=Attempts(limit=1)))
    state = at(far.until(1_800, 120), HALF).state
    decision = at(state, HALF + 600, beat(number=99, seconds=HALF + 600))
    assert task_of(decision.state).status is TaskStatus.REVIEW
    (told,) = replies(decision)
    assert "showed no progress on this since" in told


def test_a_report_under_the_old_lease_is_refused() -> None:
    far = Far()
    state = at(far.until(1_800, 120), HALF).state
    state = at(state, HALF + 600, beat(number=99, seconds=HALF + 600)).state
    late = at(state, HALF + 610, report(far.held, seconds=HALF + 610)).state
    assert late.projects == state.projects


@pytest.mark.parametrize("minutes", [0, 3])
def test_the_grace_is_configured_and_begins_with_the_warning(minutes: float) -> None:
    """However late the warning itself is."""
    config = Config(health=Health(stuck_grace_minutes=minutes))
    state = Far(config).until(1_800, 120)
    state = at(state, 1_860 + 600, beat(number=99, seconds=2_460)).state
    assert (task_of(state).status is TaskStatus.QUEUED) is (minutes == 0)
    state = at(state, 2_460 + 60 * minutes).state
    assert task_of(state).status is TaskStatus.QUEUED


def test_the_limit_is_each_workflows_own() -> None:
    far = Far(alone(stuck_minutes=5))
    assert alert_ids(at(far.until(300, 120), 309).state) == set()
    assert alert_ids(at(far.state, 310).state) == {"stuck-far-01"}


def on_actions() -> State:
    state = settled(begun(), IDEA).state
    return settled(state, claimed(assignments(state)[0])).state


def test_a_run_on_actions_is_warned_of_but_only_its_time_limit_ends_it() -> None:
    state = at(on_actions(), HALF).state
    assert (open_alert(state).id, open_alert(state).cause, open_alert(state).advice) == snapshot(
        (
            "stuck-genesis-02",
            "genesis-02 has been at a-page-1.genesis since 2026-11-23T12:00:10Z, longer than the 30 min after which it counts as stuck",
            "A run on Actions cannot tell how it gets on, so look at its log; at its time limit, 2026-11-23T13:00:01Z, it is cancelled, and the attempt counts as failed. `/restart genesis-02` ends it now, without counting the attempt.",
        )
    )
    state = at(state, 3_600).state
    assert task_of(state).status is TaskStatus.RUNNING
    decision = at(state, 3_601)
    assert (task_of(decision.state).status, alert_ids(decision.state)) == (TaskStatus.QUEUED, set())


def test_what_is_past_its_time_limit_is_cancelled_and_counted() -> None:
    state = on_actions()
    (held,) = assignments(state)
    decision = at(state, 3_601)
    cancelled = [entry.effect for entry in decision.effects if isinstance(entry.effect, Cancel)]
    assert [(one.lease, one.run_id) for one in cancelled] == [(held.lease, 7)]
    task = task_of(decision.state)
    assert (task.attempt, task.failed_on) == (1, ("genesis-02",))
    assert task.error is not None
    assert task.error.summary == snapshot(
        "genesis-02 did not report within its time limit of 60 min and was stopped; see its run's log"
    )
    late = at(decision.state, 3_610, reported(held, seconds=3_610)).state
    assert late.projects == decision.state.projects


def test_a_process_past_its_time_limit_has_no_run_to_cancel() -> None:
    far = Far()
    far.until(3_500, 120, progress=3_000)
    far.until(3_600, 3_540, progress=3_500)
    decision = at(far.state, 3_601)
    assert not [entry for entry in decision.effects if isinstance(entry.effect, Cancel)]
    task = task_of(decision.state)
    assert task.error is not None
    assert task.error.summary == snapshot(
        "far-01 did not report within its time limit of 60 min and was stopped; see its process's log"
    )
