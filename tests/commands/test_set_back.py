"""Somebody pushes an older commit to the state branch: what it forgot is done again, told, and fenced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.base import stamp
from bot.domain.state import State
from tests.commands.desk import Desk, opened
from tests.core.worlds import START, assignments


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("set-back")) as desk:
        yield desk


def raised(state: State) -> list[str]:
    return [one.cause for one in state.alerts.items if one.id == "state-set-back" and one.until is None]


def test_an_older_commit_runs_again_what_it_forgot_and_says_so(alone: Desk) -> None:
    desk = alone
    issue = desk.issue("A page")
    old = desk.bare.head()
    desk.wait(minutes=2)
    payload = desk.post("/dispatch-genesis A page", issue=issue)
    (lost,) = assignments(desk.state())
    answered = desk.moment.now
    desk.wait(minutes=7)
    desk.tick()
    assert raised(desk.state()) == []
    desk.bare.git("update-ref", "refs/heads/state", old)

    desk.tick()

    state = desk.state()
    (held,) = assignments(state)
    assert (held.task, held.lease > lost.lease) == (lost.task, True), "no lease is given out twice"
    (told,) = raised(state)
    assert stamp(answered) in told
    assert len(desk.answers(payload)) == 2
    for _ in range(3):
        desk.wait(minutes=7)
        desk.tick()
    assert len(desk.answers(payload)) == 2
    assert len(assignments(desk.state())) == 1


def test_a_comment_that_came_with_a_transferred_issue_moves_no_watermark(alone: Desk) -> None:
    """Its id is above all others, though it was written long before them."""
    desk = alone
    desk.tick()
    desk.wait(minutes=7)
    last = desk.comment(1, "thanks", "wendy")["comment"]["id"]
    moved = desk.comment(1, "an old remark", "stan")["comment"]["id"]
    before = stamp(START)
    desk.world.db.execute(
        f"UPDATE comments SET id = {moved + 1_000}, created_at = '{before}' WHERE id = {moved}"
    )
    desk.wait(minutes=3)
    desk.tick()
    assert desk.state().ledger.comments.watermark == last
