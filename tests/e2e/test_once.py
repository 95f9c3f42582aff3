"""The same event more than once, one after the other and all at once: it is settled once."""

from __future__ import annotations

import pytest

from tests.e2e.repository import INBOX, assert_linear_and_replayable, settled_in
from tests.e2e.stage import GRACE, Json, Stage

AT_ONCE = 16


@pytest.fixture(scope="module", autouse=True)
def _room(stage: Stage) -> None:
    stage.make_room()


def _assert_settled_once(stage: Stage, payload: Json) -> None:
    stage.assert_done_once(payload)
    assert len(settled_in(stage.bare)[f"comment-{payload['comment']['id']}"]) == 1
    assert len(stage.comments(payload["issue"]["number"])) == 2


def test_an_event_handled_again_changes_nothing(stage: Stage) -> None:
    payload = stage.say(stage.issue(), "/dispatch-genesis A list of birds")
    head, mark = stage.bare.head(), stage.mark()
    assert stage.handle(payload).code == 0
    assert stage.bare.head() == head
    traffic = stage.since(mark)
    assert (traffic.api, traffic.pushes) == ([], [])
    _assert_settled_once(stage, payload)


def test_an_event_handled_again_after_a_tick_changes_nothing(stage: Stage) -> None:
    payload = stage.say(stage.issue(), "/dispatch-genesis A list of trees")
    stage.forward(GRACE)
    stage.tick()
    head = stage.bare.head()
    assert stage.handle(payload).code == 0
    assert stage.bare.head() == head
    _assert_settled_once(stage, payload)


def test_sixteen_processes_settle_one_event_once(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A list of rivers")
    processes = [stage.start_handle(payload) for _ in range(AT_ONCE)]
    ended = [process.done() for process in processes]
    assert {done.code for done in ended} == {0}, [done.log for done in ended if done.code]
    _assert_settled_once(stage, payload)
    stage.forward(GRACE)
    stage.tick()
    _assert_settled_once(stage, payload)
    assert_linear_and_replayable(stage.bare)
    stage.verify()


def test_a_handle_and_a_tick_at_once_settle_an_event_once(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A list of hills")
    processes = [
        *(stage.start_handle(payload) for _ in range(2)),
        *(stage.start("tick", event="schedule", payload={}) for _ in range(2)),
    ]
    ended = [process.done() for process in processes]
    assert {done.code for done in ended} == {0}, [done.log for done in ended if done.code]
    _assert_settled_once(stage, payload)
    assert_linear_and_replayable(stage.bare)


def test_the_same_claim_again_is_granted_and_another_runs_is_not(stage: Stage) -> None:
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A list of lakes")
    (project,) = stage.projects_of(issue)
    assignment = stage.assignment(project)
    places = [stage.folder / f"claims-{number}" for number in range(4)]
    granted = [
        "granted<<" in (done := stage.work("claim", place, assignment, run)).outputs
        and "\ntrue\n" in done.outputs
        for place, run in zip(places, (71, 71, 72, 71), strict=True)
    ]
    assert granted == [True, True, False, True]
    assert [(place / "assignment.json").exists() for place in places] == granted


@pytest.mark.parametrize("rounds", [4])
def test_one_claim_by_many_processes_at_once_is_settled_once(stage: Stage, rounds: int) -> None:
    """A run whose step is started again while the first is still under way is the same claimant."""
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A list of seas")
    (project,) = stage.projects_of(issue)
    assignment = stage.assignment(project)
    processes = [
        stage.start(
            *("work", "claim", "--assignment", assignment),
            *("--workspace", str(stage.folder / f"claim-at-once-{number}")),
            event="workflow_dispatch",
            payload={"inputs": {"assignment": assignment}},
            GITHUB_RUN_ID="81",
        )
        for number in range(rounds)
    ]
    ended = [process.done() for process in processes]
    assert {done.code for done in ended} == {0}, [done.log for done in ended if done.code]
    assert all("\ntrue\n" in done.outputs for done in ended)
    lease = assignment.rpartition("@")[2]
    assert len(settled_in(stage.bare)[f"claim-{lease}-81-1"]) == 1
    assert stage.bare.refs(INBOX) == []


def test_a_claim_left_in_the_inbox_by_a_killed_run_is_granted_to_the_same_run(stage: Stage) -> None:
    """The run published its claim and died; started again, it has another time in the same event."""
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A list of bays")
    (project,) = stage.projects_of(issue)
    task, _, lease = stage.assignment(project).rpartition("@")
    event = (
        f'{{"kind":"claimed","task":"{task}","lease":{lease},"run_id":91,"run_attempt":1,'
        '"at":"2026-01-01T00:00:00Z"}'
    )
    tree = stage.bare.text("mktree")
    commit = stage.bare.text("commit-tree", "-m", event, tree)
    stage.bare.git("update-ref", f"{INBOX}claim-{lease}-91-1", commit)

    done = stage.work("claim", stage.folder / "again", f"{task}@{lease}", 91)

    assert done.code == 0, done.log
    assert "\ntrue\n" in done.outputs
    assert stage.bare.refs(INBOX) == []


def test_a_report_under_an_old_lease_changes_nothing(stage: Stage) -> None:
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A list of woods")
    (project,) = stage.projects_of(issue)
    task, _, lease = stage.assignment(project).rpartition("@")
    before = stage.state().projects[project]
    done = stage.work("report", stage.folder / "stale", f"{task}@{int(lease) - 1_000}", 99)
    assert done.code == 0, done.log
    assert "lease is lost" in done.log
    assert stage.state().projects[project] == before
