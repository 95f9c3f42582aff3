"""What people do to issues, with real processes: each counts once, whoever dies on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from bot.domain.vocabulary import QueueName
from bot.hub.data.world import APP
from tests.e2e.door import Moment, opened
from tests.e2e.repository import assert_linear_and_replayable, settled_in
from tests.e2e.stage import GRACE, REPOSITORY, Json, Stage, staged

IDEAS = ("bells", "books", "boats", "birds", "beans", "bolts")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage where Genesis is paused: every project waits in the queue."""
    with staged(tmp_path_factory.mktemp("labels")) as stage:
        stage.say(stage.issue(), "/pause genesis")
        yield stage


def _queued(stage: Stage, *ideas: str) -> dict[str, int]:
    """Projects that wait: their ids with their issues, in the queue's order."""
    issues = [stage.issue() for _ in ideas]
    for issue, idea in zip(issues, ideas, strict=True):
        stage.say(issue, f"/dispatch-genesis A list of {idea}")
        stage.forward(2)  # first come, first served, by times of whole seconds
    found = {project: issue for issue in issues for project in stage.projects_of(issue)}
    assert [project for project in _order(stage) if project in found] == list(found)
    return found


def _order(stage: Stage) -> list[str]:
    return [item.project for item in stage.state().queues[QueueName.GENESIS].items]


def _event(stage: Stage, issue: int) -> str:
    """The id, as the bot has it, of the newest thing that a person did to an issue."""
    rows = stage.every(f"/repos/{REPOSITORY}/issues/{issue}/events")
    return f"issue-{max(row['id'] for row in rows if row['actor']['type'] == 'User')}"


def _assert_settled_once(stage: Stage, project: str, level: str) -> None:
    found = stage.state().projects[project]
    assert found.issue is not None
    assert found.priority == level
    assert len(settled_in(stage.bare)[_event(stage, found.issue)]) == 1
    assert {name for name in stage.labels(found.issue) if ":" in name} == {
        f"stage:{found.stage}",
        f"status:{found.status}",
        f"priority:{level}",
    }


def test_a_label_set_by_hand_changes_the_queue_within_one_run(stage: Stage) -> None:
    first, second, third = (projects := _queued(stage, *IDEAS[:3]))
    payload, mark = stage.label(projects[third], "priority:urgent"), stage.mark()
    done = stage.wake(payload)
    assert "saved" in done.summary
    assert len(stage.since(mark).pushes) == 1
    order = _order(stage)
    assert order.index(third) < order.index(first) < order.index(second)
    _assert_settled_once(stage, third, "urgent")


def test_the_newest_of_two_labels_wins(stage: Stage) -> None:
    ((project, issue),) = _queued(stage, IDEAS[3]).items()
    payloads: list[Json] = []
    for level, login in (("urgent", "max"), ("low", "ada"), ("high", "wendy")):
        payloads.append(stage.label(issue, f"priority:{level}", login))
        stage.forward(2)
    for payload in payloads:
        stage.wake(payload)
    _assert_settled_once(stage, project, "high")


def test_a_lost_run_is_healed_by_a_tick(stage: Stage) -> None:
    ((project, issue),) = _queued(stage, IDEAS[4]).items()
    payload = stage.label(issue, "priority:high")
    stage.tick()
    _assert_settled_once(stage, project, "high")
    head = stage.bare.head()
    stage.wake(payload)  # the run was late, not lost
    assert stage.bare.head() == head


def test_runs_and_ticks_at_once_settle_it_once(stage: Stage) -> None:
    ((project, issue),) = _queued(stage, IDEAS[5]).items()
    payload = stage.label(issue, "priority:urgent")
    processes = [
        *(stage.start_woken(payload) for _ in range(3)),
        *(stage.start("tick", event="schedule", payload={}) for _ in range(2)),
    ]
    ended = [process.done() for process in processes]
    assert {done.code for done in ended} == {0}, [done.log for done in ended if done.code]
    _assert_settled_once(stage, project, "urgent")
    assert_linear_and_replayable(stage.bare)
    stage.verify()


@pytest.mark.parametrize("what", ["another action", "the bot's own doing", "a label taken off"])
def test_what_the_payload_alone_tells_costs_nothing(stage: Stage, what: str) -> None:
    issue = stage.issue()
    payload = stage.label(issue, "bug")
    match what:
        case "another action":
            payload = {**payload, "action": "edited"}
        case "the bot's own doing":
            payload = {**payload, "sender": {"login": "github-actions[bot]", "type": "Bot"}}
        case _:
            payload = stage.unlabel(issue, "bug")
    mark = stage.mark()
    done = stage.wake(payload)
    assert "nothing to do" in done.log
    assert stage.since(mark).requests == []


def test_a_label_of_no_meaning_and_a_strange_bot_cost_no_request(stage: Stage) -> None:
    payload = stage.label(stage.issue(), "bug")
    bot = {**payload, "label": {"name": "priority:high"}, "sender": {"login": APP, "type": "Bot"}}
    mark = stage.mark()
    stage.wake(payload)
    stage.wake(bot)
    traffic = stage.since(mark)
    assert (traffic.api, traffic.pushes) == ([], [])


def test_a_payload_that_is_none_is_wrong_usage(stage: Stage) -> None:
    done = stage.start_woken({"action": "closed", "sender": {"login": "wendy"}}).done()
    assert done.code == 2
    assert "issue: Field required" in done.log


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_request(tmp_path: Path, moment: Moment) -> None:
    with staged(tmp_path) as stage, opened(stage.info.url) as door:
        issue = stage.issue()
        stage.say(issue, "/dispatch-genesis A page that counts the days")
        (project,) = stage.projects_of(issue)
        behind = replace(stage, server_url=door.url)
        fallen: list[str] = []
        for point in count(1):
            level = ("urgent", "low")[point % 2]
            payload = stage.label(issue, f"priority:{level}")
            door.lie_in_wait(point, moment)
            process = behind.start_woken(payload)
            door.aim(process.pid)
            done = process.done()
            assert done.code == (-signal.SIGKILL if door.fell else 0), done.log
            if not door.fell:
                break
            fallen.append(door.fell)
            stage.forward(GRACE)
            stage.tick()
            _assert_settled_once(stage, project, level)
        assert any("git-receive-pack" in request for request in fallen)
        assert any(request.startswith("DELETE") for request in fallen), fallen
        stage.verify()
        assert_linear_and_replayable(stage.bare)
        twice = {event: commits for event, commits in settled_in(stage.bare).items() if len(commits) > 1}
        assert twice == {}
