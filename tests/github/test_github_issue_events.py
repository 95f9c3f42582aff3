"""Issue events, newest first over many pages: read just as far back as is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses

from bot.adapters.github.forge import GitHub

HOME = "https://api.github.com/repos/acme/site/issues/events"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
Connect = Callable[..., GitHub]


def event(number: int, **changes: Any) -> dict[str, Any]:
    """An event; each happens a minute after the one with the id before it."""
    at = NOON + timedelta(minutes=number)
    row = {
        "id": number,
        "event": "labeled",
        "actor": {"login": "wendy", "type": "User"},
        "label": {"name": "priority:high", "color": "d4a72c"},
        "created_at": at.isoformat().replace("+00:00", "Z"),
        "issue": {"number": 3, "title": "An idea", "user": {"login": "rita"}},
    }
    return {**row, **changes}


def pages(api: responses.RequestsMock, *numbers: range) -> None:
    """A page for each range, linked to the one after it."""
    for page, part in enumerate(numbers, 1):
        following = f"https://api.github.com/repos/acme/site/issues/events?page={page + 1}"
        address = HOME if page == 1 else f"{HOME}?page={page}"
        link = {"Link": f'<{following}>; rel="next"'} if page < len(numbers) else {}
        api.get(address, json=[event(number) for number in part], headers=link)


def test_reading_ends_at_the_watermark(connect: Connect) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        pages(mock, range(9, 6, -1), range(6, 3, -1), range(3, 0, -1))
        forge = connect()
        assert [found.id for found in forge.issue_events(5, NOON)] == [6, 7, 8, 9]
        assert forge.requests == 2


def test_reading_ends_where_the_bots_time_begins(connect: Connect) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        pages(mock, range(9, 6, -1), range(6, 3, -1), range(3, 0, -1))
        forge = connect()
        found = forge.issue_events(0, NOON + timedelta(minutes=5))
        assert [one.id for one in found] == [5, 6, 7, 8, 9]
        assert forge.requests == 2


def test_without_a_bound_in_sight_everything_is_read(api: responses.RequestsMock, connect: Connect) -> None:
    # The second page begins with one of the first again: something happened while they were read.
    pages(api, range(9, 6, -1), range(7, 4, -1))
    assert [found.id for found in connect().issue_events(0, NOON)] == [5, 6, 7, 8, 9]


def test_what_a_page_ends_with_decides_not_a_stray_among_it(
    api: responses.RequestsMock, connect: Connect
) -> None:
    api.get(
        HOME,
        json=[event(9), event(4), event(8)],
        headers={"Link": '<https://api.github.com/repos/acme/site/issues/events?page=2>; rel="next"'},
    )
    api.get(f"{HOME}?page=2", json=[event(7), event(5)])
    assert [found.id for found in connect().issue_events(5, NOON)] == [7, 8, 9]


def test_a_deleted_account_and_a_missing_label_are_no_obstacle(
    api: responses.RequestsMock, connect: Connect
) -> None:
    bare = {"event": "closed", "actor": None, "label": None}
    api.get(HOME, json=[event(2, event="labeled", label={"name": None}), event(1, **bare)])
    closed, labeled = connect().issue_events(0, NOON)
    assert (closed.actor, closed.actor_is_bot, closed.label) == ("ghost", False, "")
    assert labeled.label == ""


def test_an_issue_that_is_gone_is_left_out(api: responses.RequestsMock, connect: Connect) -> None:
    api.get(HOME, json=[event(2, issue=None), event(1)])
    assert [found.id for found in connect().issue_events(0, NOON)] == [1]


@pytest.mark.parametrize(
    "actor",
    [{"login": "robot[bot]", "type": "Bot"}, {"login": "robot[bot]", "type": "User"}],
)
def test_a_program_is_told_from_a_person(
    api: responses.RequestsMock, connect: Connect, actor: dict[str, str]
) -> None:
    api.get(HOME, json=[event(1, actor=actor)])
    (found,) = connect().issue_events(0, NOON)
    assert found.actor_is_bot
