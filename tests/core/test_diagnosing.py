"""A worker's health: a verdict for each check, from evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.draft import Draft
from bot.domain.events.looked_up import RunSeen
from bot.domain.events.worked import WorkPublished
from bot.domain.fleet import Check, Diagnosis, Verdict
from bot.domain.vocabulary import WorkerStatus
from bot.policies.fleet.diagnosing import Examination, failed
from tests.commands.fleet import Days, features
from tests.core.worlds import assignments, output

TASK = "idea-1-1.genesis"


def working(count: int = 1) -> Days:
    """So many projects at Genesis, the first ones with a worker whose run has claimed the task."""
    days = Days()
    for number in range(1, count + 1):
        days.say(f"/dispatch-genesis Idea {number}", issue=number)
    for held in assignments(days.state):
        days.claim(held.task)
    return days


def at_work(days: Days, task: str = TASK) -> str:
    """The worker that has a task."""
    held = [(one.assignment, id_) for id_, one in days.state.instances.items()]
    return next(id_ for assignment, id_ in held if assignment and assignment.task == task)


def examined(days: Days, id_: str, *seen: RunSeen, told: bool = True, **since: Any) -> Diagnosis:
    draft = Draft(days.state, days.now + timedelta(**since))
    return Examination(draft, seen if told else None).of(draft.instances[id_])


def run(days: Days, id_: str, status: str = "in_progress", conclusion: str = "", number: int = 0) -> RunSeen:
    held = days.state.instances[id_].assignment
    assert held is not None
    return RunSeen(
        assignment=held.id, run_id=number or held.run_id or 1, status=status, conclusion=conclusion
    )


def verdicts(found: Diagnosis) -> dict[Check, Verdict]:
    return {check: verdict for check, verdict in found.verdicts.items() if verdict is not Verdict.WELL}


W, F = Verdict.WATCH, Verdict.FAILED


@pytest.mark.parametrize(
    ("minutes", "status", "expected"),
    [
        (4, "in_progress", {}),
        (20, "in_progress", {}),
        (25, "queued", {Check.PACE: W}),
        (30, "in_progress", {Check.PACE: W}),
        (31, "in_progress", {Check.PACE: F}),
        (1, "completed", {Check.RUN: F}),
        (6, "completed", {Check.RUN: F, Check.HEARTBEAT: F}),
        (4, "unseen", {Check.RUN: W}),
        (6, "unseen", {Check.RUN: W, Check.HEARTBEAT: W}),
        (4, "untold", {Check.RUN: W}),
        (31, "untold", {Check.RUN: W, Check.HEARTBEAT: W, Check.PACE: F}),
        (60, "in_progress", {Check.PACE: F, Check.LEASE: F}),
    ],
)
def test_a_worker_at_work_is_judged_by_its_evidence(
    minutes: int, status: str, expected: dict[Check, Verdict]
) -> None:
    days = working()
    id_ = at_work(days)
    seen = () if status in ("unseen", "untold") else (run(days, id_, status),)
    found = examined(days, id_, *seen, told=status != "untold", minutes=minutes)
    assert verdicts(found) == expected


@pytest.mark.parametrize("conclusion", ["success", "failure", "cancelled", "timed_out"])
def test_a_run_that_ended_with_its_lease_open_has_failed_however_it_ended(conclusion: str) -> None:
    days = working()
    id_ = at_work(days)
    draft = Draft(days.state, days.now)
    assert [one.worker.id for one in failed(draft, [run(days, id_, "completed", conclusion)])] == [id_]
    assert failed(draft, [run(days, id_)]) == []
    assert failed(draft, None) == []


def test_the_claimants_run_counts_where_several_have_the_name() -> None:
    days = working()
    id_ = at_work(days)
    other = run(days, id_, "completed", "cancelled", number=99_999)
    assert not examined(days, id_, other, run(days, id_)).failed
    assert not examined(days, id_, run(days, id_), other).failed
    ended, another = run(days, id_, "completed", "failure"), run(days, id_, number=99_999)
    assert examined(days, id_, ended, another).failed


def test_a_worker_that_was_just_heard_of_is_not_stuck_however_long_it_takes() -> None:
    days = working()
    id_ = at_work(days)
    draft = Draft(days.state, days.now + timedelta(minutes=50))
    heard = draft.instances[id_].model_copy(update={"last_heartbeat": draft.now - timedelta(minutes=5)})
    assert verdicts(Examination(draft, [run(days, id_)]).of(heard)) == {Check.PACE: W}


def test_a_lease_that_nobody_claims_is_to_be_watched_after_a_while() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea 1", issue=1)
    id_ = at_work(days)
    assert verdicts(examined(days, id_, minutes=5)) == {}
    assert verdicts(examined(days, id_, minutes=6)) == {Check.LEASE: W, Check.RUN: W}


def test_no_heartbeat_is_expected_of_a_worker_on_actions_without_a_run() -> None:
    days = working()
    assert verdicts(examined(days, "genesis-01", hours=48)) == {}


@pytest.mark.parametrize(("minutes", "expected"), [(5, {}), (6, {Check.HEARTBEAT: F})])
def test_a_worker_elsewhere_has_to_be_heard_of(minutes: int, expected: dict[Check, Verdict]) -> None:
    days = Days()
    draft = Draft(days.state, days.now + timedelta(minutes=minutes))
    there = draft.instances["dev-01"].model_copy(update={"kind": "external", "last_heartbeat": days.now})
    assert verdicts(Examination(draft, ()).of(there)) == expected
    stopped = there.model_copy(update={"status": WorkerStatus.STOPPED})
    assert verdicts(Examination(draft, ()).of(stopped)) == {}


def test_errors_are_watched_for_a_day_and_never_a_failure() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea 1", issue=1)
    id_ = at_work(days)
    days.fail(TASK)
    assert verdicts(examined(days, id_)) == {Check.ERRORS: W}
    assert verdicts(examined(days, id_, hours=25)) == {}


def test_what_is_expected_is_measured_where_it_can_be() -> None:
    days = working(4)
    for number in range(1, 4):
        days.wait(minutes=10)
        days.report(f"idea-{number}-{number}.genesis", genesis=output())
        held = days.held(f"idea-{number}-{number}.genesis")
        made = features(held.project, 1)
        days.settle(WorkPublished(task=held.task, lease=held.lease, at=days.now, genesis=made))
    days.claim("idea-4-4.genesis")
    id_ = at_work(days, "idea-4-4.genesis")
    found = examined(days, id_, run(days, id_))
    assert (found.expected, found.measured, found.stuck_after) == (
        timedelta(minutes=20),
        3,
        timedelta(minutes=40),
    )
