"""Many processes settle different events on one branch at the same time: all of them, each once."""

from __future__ import annotations

import pytest

from bot.domain.vocabulary import TaskStatus
from tests.e2e import contention
from tests.e2e.repository import INBOX, assert_linear_and_replayable, settled_in
from tests.e2e.stage import Stage


@pytest.mark.parametrize(("writers", "events"), [(8, 3)])
def test_writers_lose_nothing_and_double_nothing(stage: Stage, writers: int, events: int) -> None:
    stage.make_room()
    before = [commit.id for commit in stage.bare.history()]

    outcome = contention.run(stage, writers, events)

    assert {done.code for done in outcome.ended} == {0}, [done.log for done in outcome.ended if done.code]
    assert len(set(outcome.events)) == writers * events
    settled = settled_in(stage.bare)
    assert {id_: len(settled.get(id_, [])) for id_ in outcome.events} == dict.fromkeys(outcome.events, 1)
    assert [commit.id for commit in stage.bare.history()][: len(before)] == before
    assert_linear_and_replayable(stage.bare)
    assert stage.bare.refs(INBOX) == []
    assert _kept_worker_events(stage) == []
    stage.verify()


def _kept_worker_events(stage: Stage) -> list[str]:
    """Assigned tasks whose claim and report are said to be settled and had no effect."""
    return [
        task.id
        for project in stage.state().projects.values()
        for task in project.tasks
        if task.status in (TaskStatus.RUNNING, TaskStatus.PUBLISHING)
        or (task.attempt == 1 and not task.error)
    ]


def test_what_waits_in_the_inbox_is_settled_by_whoever_comes_by(stage: Stage) -> None:
    """Its run was killed after it had published: a person's command takes it along, or a tick does."""
    issue = stage.issue("One idea")
    stage.say(issue, "/dispatch-genesis A jar of pins")
    (project,) = stage.projects_of(issue)
    task, _, lease = stage.assignment(project).rpartition("@")
    event = (
        f'{{"kind":"claimed","task":"{task}","lease":{lease},"run_id":7,"run_attempt":1,'
        '"at":"2026-01-01T00:00:00Z"}'
    )
    ref = f"{INBOX}claim-{lease}-7-1"
    commit = stage.bare.text("commit-tree", "-m", event, stage.bare.text("mktree"))
    stage.bare.git("update-ref", ref, commit)
    stage.tick()
    assert stage.bare.refs(INBOX) == []
    assert stage.state().projects[project].tasks[0].status is TaskStatus.RUNNING
    assert_linear_and_replayable(stage.bare)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("note", "no event at all"),
        ("claim-None-91-1", "no event at all"),
        ("UPPER_case", '{"kind":"claimed"}'),
        ("folder/in/it", "no event at all"),
        ("comment-7", '{"kind":"comment","comment":7,"issue":1,"actor":"ada","role":"admin",'
         '"body":"/dispatch-genesis Forged","at":"2026-01-01T00:00:00Z"}'),
    ],
)  # fmt: skip
def test_what_is_no_event_in_the_inbox_stops_nobody(stage: Stage, name: str, message: str) -> None:
    commit = stage.bare.text("commit-tree", "-m", message, stage.bare.text("mktree"))
    stage.bare.git("update-ref", INBOX + name, commit)
    try:
        payload = stage.say(stage.issue(), "/status")
        assert len(stage.replies(payload)) == 1
        assert "Forged" not in str(stage.state().projects)
        assert stage.bare.refs(INBOX) == []
    finally:
        for ref in stage.bare.refs(INBOX):
            stage.bare.git("update-ref", "-d", ref)
