"""Votes on finished projects, and what GitHub says of the requests: told along, never for themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.app.votes import MOST_UNKNOWN
from bot.domain.effects import Outbox
from bot.domain.hours import hour_of
from bot.domain.showing import CompletionComment
from bot.domain.state import State
from bot.policies.measuring.voting import MISSED
from tests.commands.desk import Desk
from tests.commands.fleet import Days, finish_development
from tests.e2e.people import REPOSITORY

COMMENTS = f"/repos/{REPOSITORY}/issues/comments"


def delivered(desk: Desk, count: int = 2) -> tuple[State, list[int]]:
    """So many complete projects whose deliveries are known, on the desk; with their comments' ids."""
    days = Days()
    for number in range(1, count + 1):
        days.say("/dispatch-genesis Idea --size quick", issue=number)
        days.do(f"idea-{number}.genesis", minutes=5)
        finish_development(days, f"idea-{number}")
        for kind in ("documentation", "marketing", "social"):
            days.do(f"idea-{number}.{kind}", minutes=2)
    comments: list[int] = []
    projects = dict(days.state.projects)
    for number in range(1, count + 1):
        issue = desk.issue(f"Idea {number}")
        comments.append(desk.comment(issue, "**Complete:** …", "wendy")["comment"]["id"])
        known = projects[f"idea-{number}"]
        changes = {"issue": issue, "delivery": CompletionComment(comment=comments[-1])}
        projects[known.id] = known.model_copy(update=changes)
    state = replace(days.state, projects=projects, outbox=Outbox())
    desk.put(state)
    return state, comments


def vote(desk: Desk, login: str, comment: int, content: str) -> None:
    desk.call(login, "POST", f"{COMMENTS}/{comment}/reactions", {"content": content})


def votes(desk: Desk) -> list[tuple[int, int]]:
    found = [one.delivery for one in desk.state().projects.values() if one.delivery]
    return [(one.up, one.down) for one in found]


def ups(desk: Desk) -> dict[str, int]:
    return {one.id: one.delivery.up for one in desk.state().projects.values() if one.delivery}


def test_votes_are_taken_along_with_what_is_told_anyway_and_once_an_hour_at_most(desk: Desk) -> None:
    _, (first, second) = delivered(desk)
    desk.tick()
    for login, comment, content in (
        ("ada", first, "+1"),
        ("rita", first, "+1"),
        ("ada", second, "-1"),
        ("github-actions[bot]", second, "+1"),
    ):
        vote(desk, login, comment, content)
    desk.wait(hours=1, minutes=1)
    assert votes(desk) == [(0, 0), (0, 0)]
    desk.say("/status", "tim", 1)
    desk.tick()  # sees the reply: that is told, and the votes along with it
    assert votes(desk) == [(2, 0), (0, 1)]
    assert desk.state().showing.counted_at is not None
    assert all(one.delivery.node for one in desk.state().projects.values() if one.delivery)
    vote(desk, "max", second, "+1")
    desk.wait(minutes=30)
    desk.say("/status", "tim", 1)
    desk.tick()
    assert votes(desk) == [(2, 0), (0, 1)]
    desk.wait(minutes=31)
    desk.say("/status", "tim", 1)
    desk.tick()
    assert votes(desk) == [(2, 0), (1, 1)]


def test_deleted_deliveries_do_not_keep_votes_on_older_ones_from_being_seen(desk: Desk) -> None:
    """As many as one look asks for singly, and none of them is there any more."""
    state, (old,) = delivered(desk, 1)
    first = state.projects["idea-1"]
    projects = {"idea-1": first}
    for number in range(2, MOST_UNKNOWN + 2):
        comment = desk.comment(1, f"**Complete:** {number}", "wendy")["comment"]["id"]
        desk.call("wendy", "DELETE", f"{COMMENTS}/{comment}")
        assert first.completed_at is not None
        projects[f"gone-{number}"] = first.model_copy(
            update={
                "id": f"gone-{number}",
                "issue": desk.issue(f"Gone {number}"),
                "tasks": (),
                "completed_at": first.completed_at + timedelta(minutes=number),
                "delivery": CompletionComment(comment=comment, up=number == 2),
            }
        )
    desk.put(replace(state, projects=projects))
    vote(desk, "ada", old, "+1")
    for _ in range(MISSED):
        assert ups(desk)["idea-1"] == 0
        desk.wait(hours=1, minutes=1)
        desk.say("/status", "tim", 1)
        desk.tick()
    desk.wait(hours=1, minutes=1)
    desk.say("/status", "tim", 1)
    desk.tick()
    assert (ups(desk)["idea-1"], ups(desk)["gone-2"]) == (1, 1), "what a deleted one had counts on"
    assert {one.delivery.missed for one in desk.state().projects.values() if one.delivery} == {0, MISSED}


def test_no_vote_makes_a_commit(desk: Desk) -> None:
    _, (first,) = delivered(desk, 1)
    for _ in range(10):
        desk.wait(minutes=61)
        if not desk.tick().committed:
            break
    vote(desk, "ada", first, "+1")
    commits, known = desk.commits(), votes(desk)
    desk.wait(minutes=61)
    desk.tick()
    assert (desk.commits(), votes(desk)) == (commits, known)


def test_old_projects_are_not_looked_at(desk: Desk) -> None:
    state, (first,) = delivered(desk, 1)
    long_ago = desk.moment.now - timedelta(days=31)
    project = state.projects["idea-1"].model_copy(update={"completed_at": long_ago})
    project = project.model_copy(update={"delivery": CompletionComment(comment=first)})
    desk.put(replace(state, projects={"idea-1": project}))
    vote(desk, "ada", first, "+1")
    desk.say("/status", "tim", 1)
    desk.tick()
    assert votes(desk) == [(0, 0)]
    assert desk.state().showing.counted_at is None


def test_the_requests_of_the_token_are_put_on_record(desk: Desk) -> None:
    desk.say("/status", "tim", 1)
    desk.tick()
    state = desk.state()
    assert state.hours.quota is not None
    found = next(one for one in state.hours.items if one.hour == hour_of(desk.moment.now))
    assert found.requests == state.hours.quota.used > 0
    desk.say("/status", "tim", 1)
    desk.tick()
    later = desk.state()
    assert later.hours.quota is not None
    assert later.hours.items[-1].requests == later.hours.quota.used > state.hours.quota.used
