"""The pinned issue over real HTTP: filed once, written when something changed, at most once a minute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.alert_rules import LOST
from tests.commands.desk import Desk
from tests.e2e.people import REPOSITORY
from tests.showing.outside import MINUTE, edits, page, pin, pinned, settle_down, status_issues


@pytest.fixture
def shown(desk: Desk) -> int:
    """The number of the pinned issue, on a hub where nothing is due."""
    settle_down(desk)
    status = desk.state().showing.status
    assert status is not None
    return status.number


def test_the_first_tick_files_and_pins_it(desk: Desk) -> None:
    assert status_issues(desk) == []
    mark = desk.mark()
    desk.tick()
    made = [one for one in desk.since(mark).api if not one.startswith("GET")]
    assert [one for one in made if "graphql" not in one] == [f"POST /api/v3/repos/{REPOSITORY}/issues"]
    (only,) = status_issues(desk)
    assert (only["title"], pinned(desk)) == ("Orchestrator status", [only["number"]])
    assert only["body"].startswith("<!-- orchestrator:status orchestrator -->\n")
    desk.tick()
    status = desk.state().showing.status
    assert status is not None
    assert (status.number, status.pinned) == (only["number"], True)
    settle_down(desk)
    assert desk.state().outbox.entries == ()
    assert len(status_issues(desk)) == 1
    assert "not pinned" not in page(desk)


def test_two_looks_at_once_file_one(desk: Desk) -> None:
    desk.two_ticks()
    settle_down(desk)
    assert len(status_issues(desk)) == 1


def test_one_that_was_filed_by_a_run_that_then_died_is_found_again(desk: Desk) -> None:
    with desk.faults("POST */graphql status=502 header=retry-after:3600"):
        desk.tick()
    assert pinned(desk) == []
    settle_down(desk)
    (only,) = status_issues(desk)
    assert pinned(desk) == [only["number"]]
    assert desk.state().outbox.entries == ()


def test_a_command_brings_no_issue(desk: Desk) -> None:
    desk.say("/status")
    assert status_issues(desk) == [], "its run only answers"


def test_nothing_changes_nothing_is_asked(desk: Desk, shown: int) -> None:
    commits = desk.commits()
    for hours in range(5):
        desk.wait(hours=hours)
        mark = desk.mark()
        desk.tick()
        assert edits(desk.since(mark).api) == []
    assert desk.commits() == commits


def test_a_change_is_written_with_its_own_commit_and_the_next_one_a_minute_later(
    desk: Desk, shown: int
) -> None:
    commits, mark = desk.commits(), desk.mark()
    desk.say("/pause content")
    assert edits(desk.since(mark).api) == [f"PATCH /api/v3/repos/{REPOSITORY}/issues/{shown}"]
    assert desk.commits() == commits + 1
    assert "**Content is paused** since" in page(desk)
    assert "/unpause content\n```" in page(desk)

    desk.wait(seconds=20)
    mark = desk.mark()
    desk.say("/unpause content")
    desk.tick()
    assert edits(desk.since(mark).api) == [], "within the minute"
    assert "**Content is paused**" in page(desk)

    desk.wait(seconds=MINUTE - 20)
    mark = desk.mark()
    desk.tick()
    assert edits(desk.since(mark).api) == [f"PATCH /api/v3/repos/{REPOSITORY}/issues/{shown}"]
    assert "is paused" not in page(desk)
    settle_down(desk)
    commits, mark = desk.commits(), desk.mark()
    settle_down(desk)
    assert (edits(desk.since(mark).api), desk.commits()) == ([], commits)


def test_the_reply_comes_before_the_page(desk: Desk, shown: int) -> None:
    mark = desk.mark()
    desk.say("/pause content")
    requests = desk.since(mark).api
    reply = next(place for place, one in enumerate(requests) if one.endswith("/comments"))
    assert reply < requests.index(f"PATCH /api/v3/repos/{REPOSITORY}/issues/{shown}")


def test_a_write_that_failed_is_done_by_a_tick(desk: Desk, shown: int) -> None:
    with desk.faults("PATCH */issues/* status=502 header=retry-after:3600"):
        desk.say("/pause content")
    assert "is paused" not in page(desk)
    desk.wait(seconds=130)
    mark = desk.mark()
    desk.tick()
    assert edits(desk.since(mark).api) == [f"PATCH /api/v3/repos/{REPOSITORY}/issues/{shown}"]
    assert "is paused" in page(desk)
    settle_down(desk)
    assert desk.state().outbox.entries == ()


def test_one_that_a_person_closes_is_left_alone_until_it_is_opened_again(desk: Desk, shown: int) -> None:
    desk.wake(desk.close_issue(shown, "ada"))
    said = desk.said(shown)
    assert len(said) == 1
    assert "Reopen it" in said[0]
    settle_down(desk)
    mark = desk.mark()
    desk.say("/pause content")
    settle_down(desk)
    assert edits(desk.since(mark).api) == []
    assert len(status_issues(desk)) == 1
    desk.wake(desk.reopen_issue(shown, "ada"))
    settle_down(desk)
    assert "is paused" in page(desk)
    assert len(desk.said(shown)) == 1


def test_one_that_is_gone_is_filed_anew(desk: Desk, shown: int) -> None:
    desk.world.db.execute(f"DELETE FROM issues WHERE number = {shown}")
    desk.say("/pause content")
    settle_down(desk)
    (only,) = status_issues(desk)
    status = desk.state().showing.status
    assert status is not None
    assert only["number"] == status.number
    assert "is paused" in page(desk)
    assert desk.state().outbox.entries == ()
    assert [one.id for one in desk.state().alerts.items if one.id.startswith(LOST.id)] == []


def test_without_room_for_a_pin_it_says_so_and_does_not_insist(desk: Desk) -> None:
    for title in ("One", "Two", "Three"):
        pin(desk, desk.issue(title))
    desk.tick()
    settle_down(desk)
    settle_down(desk)
    assert "This issue is not pinned" in page(desk)
    (only,) = status_issues(desk)
    assert only["number"] not in pinned(desk)
    mark = desk.mark()
    desk.say("/pause content")
    settle_down(desk)
    assert [one for one in desk.since(mark).api if "pinIssue" in one or "graphql" in one] == []
    desk.world.db.execute("UPDATE issues SET pinned_at = NULL")
    pin(desk, only["number"])
    settle_down(desk)
    assert "This issue is not pinned" not in page(desk)


def test_commands_on_it_work_and_a_project_asked_for_there_gets_an_issue_of_its_own(
    desk: Desk, shown: int
) -> None:
    assert "All well" in desk.say("/status", issue=shown)
    desk.say("/dispatch-genesis A kettle that sings", issue=shown)
    settle_down(desk)
    (project,) = desk.state().projects.values()
    assert project.issue not in (None, shown)
    assert not any(name.startswith("stage:") for name in desk.labels(shown))


def test_it_can_be_switched_off(desk: Desk) -> None:
    state = desk.state()
    off = state.config.status_issue.model_copy(update={"enabled": False})
    desk.put(replace(state, config=state.config.model_copy(update={"status_issue": off})))
    settle_down(desk)
    assert status_issues(desk) == []


def test_between_its_deliveries_what_cannot_be_written_costs_no_commit(desk: Desk, shown: int) -> None:
    with desk.faults(f"PATCH */issues/{shown} status=422"):
        desk.say("/pause content")
        desk.wait(seconds=130)
        desk.tick()
        (entry,) = desk.state().outbox.entries
        assert entry.attempt == 2
        commits = desk.commits()
        for _ in range(3):
            desk.wait(seconds=30)
            desk.tick()
        desk.wait(seconds=35)
        desk.tick()
        assert desk.commits() == commits, "twice the grace time is not over"
        desk.wait(seconds=120)
        desk.tick()
        (entry,) = desk.state().outbox.entries
        assert entry.attempt == 3


def test_one_that_is_gone_is_missed_in_a_busy_fleet_too(desk: Desk, shown: int) -> None:
    desk.world.db.execute(f"DELETE FROM issues WHERE number = {shown}")
    for round_ in range(11):
        desk.say("/unpause content" if round_ % 2 else "/pause content")
        desk.wait(seconds=MINUTE)
        desk.tick()
    assert len(status_issues(desk)) == 1
