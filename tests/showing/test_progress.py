"""A project's progress over real HTTP: the reply that asked for it is kept up to date in place."""

from __future__ import annotations

from tests.commands.desk import Desk
from tests.core.worlds import assignments, claimed, published, reported
from tests.e2e.people import REPOSITORY
from tests.showing.outside import MINUTE, edits, own_comments, settle_down


def _dispatched(desk: Desk) -> tuple[str, int]:
    """A project, and the comment that shows how far it is."""
    desk.say("/dispatch-genesis A lamp that follows the sun")
    desk.tick()
    (project,) = desk.state().projects.values()
    assert project.progress is not None
    return project.id, project.progress.number


def _comment(desk: Desk, number: int) -> str:
    return str(desk.call("ada", "GET", f"/repos/{REPOSITORY}/issues/comments/{number}")["body"])


def test_the_reply_becomes_the_progress_and_keeps_its_marker(desk: Desk) -> None:
    id_, number = _dispatched(desk)
    (reply,) = [one for one in own_comments(desk, 1) if one["id"] == number]
    mark = reply["body"].splitlines()[0]
    settle_down(desk)
    text = _comment(desk, number)
    assert text.splitlines()[0] == mark
    assert f"(`{id_}`)" in text
    assert "**Expected end:** " in text
    assert desk.state().outbox.entries == ()


def test_it_is_edited_when_the_project_changes_and_at_most_once_a_minute(desk: Desk) -> None:
    id_, number = _dispatched(desk)
    settle_down(desk, 2)
    path = f"PATCH /api/v3/repos/{REPOSITORY}/issues/comments/{number}"
    mark = desk.mark()
    desk.say(f"/emergency-stop {id_}")
    desk.wait(seconds=20)
    desk.say(f"/resume {id_}")
    assert edits(desk.since(mark).api).count(path) == 1
    assert "`/resume" in _comment(desk, number)
    desk.wait(seconds=MINUTE)
    desk.tick()
    assert edits(desk.since(mark).api).count(path) == 2
    assert "`/resume" not in _comment(desk, number)
    settle_down(desk, 2)
    mark = desk.mark()
    settle_down(desk, 1)
    assert edits(desk.since(mark).api) == []


def test_its_tasks_come_with_their_issues(desk: Desk) -> None:
    _, number = _dispatched(desk)
    (held,) = assignments(desk.state())
    desk.settle(claimed(held))
    desk.settle(reported(held))
    desk.settle(published(held))
    settle_down(desk)
    assert "repository [`acme/a-page-1`](<http://hub/acme/a-page-1>)" in _comment(desk, number)


def test_a_comment_that_somebody_deleted_is_written_off(desk: Desk) -> None:
    id_, number = _dispatched(desk)
    settle_down(desk)
    desk.call("ada", "DELETE", f"/repos/{REPOSITORY}/issues/comments/{number}")
    desk.say(f"/emergency-stop {id_}")
    settle_down(desk)
    assert desk.state().projects[id_].progress is None
    assert desk.state().outbox.entries == ()
    mark = desk.mark()
    desk.say(f"/resume {id_}")
    settle_down(desk)
    assert f"PATCH /api/v3/repos/{REPOSITORY}/issues/comments/{number}" not in desk.since(mark).api
    assert [one for one in desk.state().alerts.items if one.until is None] == []


def test_several_projects_of_one_comment_each_have_their_own(desk: Desk) -> None:
    body = "/dispatch-genesis A kettle that sings\n/dispatch-genesis A boat of paper"
    reply = desk.say(body)
    settle_down(desk)
    first, second = sorted(desk.state().projects.values(), key=lambda one: one.issue or 0)
    assert first.issue == 1
    assert reply in "\n".join(desk.said(1)), "the answer to both stays as it is"
    assert first.progress is not None
    assert f"(`{first.id}`)" in _comment(desk, first.progress.number)
    assert second.issue is not None
    own = desk.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{second.issue}")["body"]
    assert own.startswith(f"<!-- orchestrator:project {second.id} -->")
    assert "**Expected end:**" in own
    assert "boat of paper" in own


def test_a_write_that_was_lost_is_done_by_a_tick(desk: Desk) -> None:
    id_, number = _dispatched(desk)
    settle_down(desk)
    with desk.faults("PATCH */issues/comments/* status=502 header=retry-after:3600"):
        desk.say(f"/emergency-stop {id_}")
    assert "`/resume" not in _comment(desk, number)
    settle_down(desk)
    assert "`/resume" in _comment(desk, number)
    assert desk.state().outbox.entries == ()


def test_a_write_that_fails_again_and_again_is_looked_at_once_a_delivery(desk: Desk) -> None:
    id_, number = _dispatched(desk)
    settle_down(desk)
    with desk.faults(f"PATCH */issues/comments/{number} status=403"):
        desk.say(f"/emergency-stop {id_}")
        settle_down(desk, 2)  # the first tick sees the stop proven, which is one more thing to be told
        (entry,) = desk.state().outbox.entries
        assert entry.attempt == 2
        mark = desk.mark()
        for _ in range(5):
            desk.wait(seconds=30)
            desk.tick()
        path = f"GET /api/v3/repos/{REPOSITORY}/issues/comments/{number}"
        assert desk.since(mark).api.count(path) == 0
        desk.wait(seconds=100)
        desk.tick()
        assert desk.since(mark).api.count(path) == 1
    settle_down(desk, 6)
    assert "`/resume" in _comment(desk, number)
    assert desk.state().outbox.entries == ()
