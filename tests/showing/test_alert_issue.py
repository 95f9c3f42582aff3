"""The issue of an alert over real HTTP: what looking for it costs."""

from __future__ import annotations

from tests.commands.desk import Desk
from tests.e2e.people import REPOSITORY
from tests.showing.outside import settle_down


def _lists(requests: list[str]) -> int:
    """How many lists of issues were read."""
    return requests.count(f"GET /api/v3/repos/{REPOSITORY}/issues")


def test_one_that_could_not_be_filed_is_not_looked_for_among_all_issues_at_every_look(desk: Desk) -> None:
    settle_down(desk)
    with desk.faults("POST */issues status=403"):
        desk.say("/alert-administrators disk-full")
    desk.wait(seconds=30)
    mark = desk.mark()
    desk.tick()
    assert _lists(desk.since(mark).api) == 1, "of those with the label"
    desk.wait(seconds=130)
    mark = desk.mark()
    desk.tick()
    assert _lists(desk.since(mark).api) == 2, "before it is filed anew"
    assert len(desk.every(f"/repos/{REPOSITORY}/issues", labels="alert")) == 1
