"""Hundreds of comments by people who may give no command: they push nothing and delay nobody."""

from __future__ import annotations

import pytest

from bot.hub.data.world import BOT
from tests.e2e.repository import assert_linear_and_replayable
from tests.e2e.stage import REPOSITORY, Json, Stage

CROWD = 12
"""Strangers; fewer than a run may look up, so that one tick is enough for all of them."""


@pytest.fixture(scope="module")
def crowd(stage: Stage) -> list[str]:
    """Accounts without a role, and the one that may read."""
    for number in range(CROWD - 2):
        stage.world.users.create(f"stranger-{number}")
    return ["rita", "stan", *(f"stranger-{number}" for number in range(CROWD - 2))]


def _shout(stage: Stage, crowd: list[str], times: int) -> list[Json]:
    """Each says commands so often on one issue; the comments."""
    where = f"/repos/{REPOSITORY}/issues/{stage.issue('Come in, everybody')}/comments"
    bodies = ["/dispatch-genesis Free money", "/status", "/no-such-command", "/help"]
    return [
        stage.call(login, "POST", where, {"body": bodies[number % len(bodies)]})
        for number in range(times)
        for login in crowd
    ]


def test_three_hundred_comments_of_strangers_cost_one_tick(stage: Stage, crowd: list[str]) -> None:
    comments = _shout(stage, crowd, 25)
    assert len(comments) == 300
    payloads = [stage.payload(comment) for comment in comments[:5]]
    issue = payloads[0]["issue"]["number"]
    head, mark = stage.bare.head(), stage.mark()
    for payload in payloads:
        assert stage.handle(payload).code == 0
    traffic = stage.since(mark)
    assert traffic.pushes == []
    assert len(traffic.api) == 5  # the role, each time
    assert stage.bare.head() == head

    wanted = stage.comment(issue, "/status")
    mark = stage.mark()
    assert stage.handle(wanted).code == 0
    traffic = stage.since(mark)
    assert len(stage.replies(wanted)) == 1
    assert len(traffic.api) <= 3
    assert len(traffic.pushes) == 1

    mark = stage.mark()
    stage.tick()
    traffic = stage.since(mark)
    # For each part 4 pages of comments and the issues' events; a role and a reaction for each person; the
    # configuration; and the first tick of all looks for a status issue, files it, pins it.
    assert len(traffic.api) <= 2 * CROWD + 4 * 5 + 1 + 5, traffic.api
    assert 1 <= len(traffic.pushes) <= 4
    assert stage.projects_of(issue) == []
    _assert_one_reaction_each(stage.comments(issue), crowd)
    assert_linear_and_replayable(stage.bare)

    head, mark = stage.bare.head(), stage.mark()
    assert stage.handle(payloads[0]).code == 0  # its own run comes late
    stage.tick()
    assert stage.since(mark).pushes == []
    assert stage.bare.head() == head


def _assert_one_reaction_each(comments: list[Json], crowd: list[str]) -> None:
    reacted = dict.fromkeys(crowd, 0)
    for comment in comments:
        if comment["user"]["login"] in reacted:
            assert comment["reactions"]["total_count"] == comment["reactions"]["confused"]
            reacted[comment["user"]["login"]] += comment["reactions"]["confused"]
    assert reacted == dict.fromkeys(crowd, 1)
    assert len([comment for comment in comments if comment["user"]["login"] == BOT]) == 1


def test_a_stranger_gets_no_second_reaction_within_the_hour(stage: Stage, crowd: list[str]) -> None:
    issue = stage.issue()
    stage.forward(3_700)
    first = stage.comment(issue, "/status", "stan")
    stage.tick()
    stage.forward(1_800)
    second = stage.comment(issue, "/status", "stan")
    mark = stage.mark()
    assert stage.handle(second).code == 0
    assert stage.since(mark).api == []  # not even the role is asked again
    stage.tick()
    stage.forward(1_900)
    third = stage.comment(issue, "/status", "stan")
    stage.tick()
    assert [len(stage.reactions(payload)) for payload in (first, second, third)] == [1, 0, 1]


def test_many_strangers_at_once_get_only_so_many_reactions(stage: Stage) -> None:
    issue = stage.issue()
    stage.forward(3_700)
    logins = [f"passer-by-{number}" for number in range(30)]
    for login in logins:
        stage.world.users.create(login)
    payloads = [stage.comment(issue, "/status", login) for login in logins]
    stage.tick()
    stage.tick()
    assert sum(len(stage.reactions(payload)) for payload in payloads) == 20
    settled = stage.bare.head()
    stage.tick()
    assert stage.bare.head() == settled


def test_a_role_that_is_too_low_is_told_so(stage: Stage) -> None:
    payload = stage.say(stage.issue(), "/dispatch-genesis A kite", "tim")
    assert "**write**" in stage.reply(payload)
    assert "**triage**" in stage.reply(payload)
    assert stage.reactions(payload) == [(BOT, "confused")]
    assert stage.projects_of(payload["issue"]["number"]) == []


def test_the_association_in_the_payload_counts_for_nothing(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A raft", "stan")
    payload["comment"]["author_association"] = payload["issue"]["author_association"] = "OWNER"
    assert stage.handle(payload).code == 0
    stage.tick()
    assert stage.projects_of(payload["issue"]["number"]) == []
