"""Lists that are asked for again: conditional requests, what a 304 leaves out, and that it is counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import responses
from responses import matchers

from bot.adapters.github.answers import MOST
from bot.adapters.github.forge import GitHub

Connect = Callable[..., GitHub]
Api = responses.RequestsMock

HOME = "https://api.github.com/repos/acme/site"
LABELS = f"{HOME}/labels"
SECOND = f"{LABELS}?per_page=100&page=2"
NEXT = {"Link": f'<{SECOND}>; rel="next"'}


def asked_for(etag: str) -> Any:
    return matchers.header_matcher({"If-None-Match": etag})


def page(number: int) -> Any:
    return matchers.query_param_matcher({"per_page": "100", **({"page": str(number)} if number > 1 else {})})


def test_what_has_not_changed_is_told_by_304_with_all_its_pages(api: Api, connect: Connect) -> None:
    api.get(LABELS, json=[{"name": "a"}], headers={"ETag": 'W/"1"', **NEXT}, match=[page(1)])
    api.get(LABELS, json=[{"name": "b"}], headers={"ETag": 'W/"2"'}, match=[page(2)])
    forge = connect()
    assert forge.label_names() == {"a", "b"}
    api.get(LABELS, status=304, match=[page(1), asked_for('W/"1"')])
    api.get(LABELS, status=304, match=[page(2), asked_for('W/"2"')])
    assert forge.label_names() == {"a", "b"}
    assert (forge.requests, forge.unchanged) == (4, 2)


def test_what_has_changed_takes_the_place_of_what_was_known(api: Api, connect: Connect) -> None:
    api.get(LABELS, json=[{"name": "a"}], headers={"ETag": '"1"'})
    api.get(LABELS, json=[{"name": "c"}], headers={"ETag": '"2"'}, match=[asked_for('"1"')])
    api.get(LABELS, status=304, match=[asked_for('"2"')])
    forge = connect()
    assert [forge.label_names() for _ in range(3)] == [{"a"}, {"c"}, {"c"}]
    assert (forge.requests, forge.unchanged) == (3, 1)


def test_a_list_that_grew_a_page_is_read_to_its_end(api: Api, connect: Connect) -> None:
    api.get(LABELS, json=[{"name": "a"}], headers={"ETag": '"1"'}, match=[page(1)])
    api.get(LABELS, json=[{"name": "a"}], headers={"ETag": '"2"', **NEXT}, match=[page(1)])
    api.get(LABELS, json=[{"name": "b"}], match=[page(2)])
    forge = connect()
    assert [forge.label_names() for _ in range(2)] == [{"a"}, {"a", "b"}]


def test_another_query_is_another_list(api: Api, connect: Connect) -> None:
    began = datetime(2026, 11, 23, 7, tzinfo=UTC)
    for _ in range(2):
        api.get(
            f"{HOME}/issues/comments",
            json=[],
            headers={"ETag": '"1"'},
            match=[matchers.header_matcher({}, strict_match=False)],
        )
    forge = connect()
    forge.comments_since(began)
    forge.comments_since(began + timedelta(minutes=1))
    assert all("If-None-Match" not in call.request.headers for call in api.calls)


def test_a_single_thing_is_never_asked_for_conditionally(api: Api, connect: Connect) -> None:
    api.get(f"{HOME}/issues/12", json={"number": 12}, headers={"ETag": '"1"'})
    forge = connect()
    forge.issue(12)
    forge.issue(12)
    assert all("If-None-Match" not in call.request.headers for call in api.calls)


def test_only_so_many_pages_are_kept(api: Api, connect: Connect) -> None:
    for issue in range(MOST + 1):
        api.get(f"{HOME}/issues/{issue}/events", json=[], headers={"ETag": f'"{issue}"'})
    forge = connect()
    for issue in [*range(MOST + 1), MOST, 0]:
        forge.issue_events_of(issue)
    again = [call.request.headers.get("If-None-Match") for call in api.calls][-2:]
    assert again == [f'"{MOST}"', None], "the oldest one has gone"
