"""Pull requests that somebody closes and opens again, and how long those of what is over are looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outputs import Deployment
from bot.domain.vocabulary import QueueName, Stage, TaskStatus
from bot.policies.working.pulls import AFTERWARDS, awaited
from tests.core.test_pulls import HEAD, ID, Pulls, approved, facts, implemented

DAY = timedelta(days=1)


def looked_at(days: Pulls, after: timedelta = timedelta()) -> list[str]:
    return [pull.key for pull in awaited(days.project, days.now + after)]


def in_review(days: Pulls) -> list[str]:
    return [item.task for item in days.state.queues[QueueName.REVIEW].items]


def test_one_that_is_opened_again_goes_on_as_if_it_had_never_been_closed() -> None:
    days = approved()
    days.look(facts(state="closed"))
    assert in_review(days) == [f"{ID}.foundation.feature"]
    assert looked_at(days) == ["foundation"]
    days.look(facts(checks="passed"))
    assert in_review(days) == []
    assert days.task("foundation.feature").status is TaskStatus.DONE
    assert days.task("foundation.review").status is TaskStatus.DONE, "of that very head"
    assert days.merges() == [(7, HEAD, False)]
    days.look(facts(state="merged"))
    assert days.task("deployment").status is TaskStatus.ASSIGNED


def test_one_that_was_not_approved_is_reviewed_when_it_is_opened_again() -> None:
    days = implemented()
    days.look(facts(state="closed"))
    days.look(facts())
    assert days.task("foundation.feature").status is TaskStatus.DONE
    assert days.task("foundation.review").status in (TaskStatus.QUEUED, TaskStatus.ASSIGNED)
    assert days.merges() == []


def test_one_that_is_opened_and_merged_between_two_looks_is_merged() -> None:
    days = approved(merge="person")
    days.look(facts(state="closed"))
    days.look(facts(state="merged"))
    assert in_review(days) == []
    assert days.task("deployment").status is TaskStatus.ASSIGNED


def test_what_a_person_has_decided_meanwhile_stands() -> None:
    days = approved()
    days.look(facts(state="closed"))
    days.say(f"/retry {ID}.foundation.feature", issue=1)
    assert looked_at(days) == [], "its work is made anew, and published there"
    days.look(facts())
    assert days.task("foundation.feature").status in (TaskStatus.QUEUED, TaskStatus.ASSIGNED)
    other = approved()
    other.look(facts(state="closed"))
    other.say(f"/discard {ID}.foundation.feature", issue=1)
    other.look(facts())
    assert other.task("foundation.feature").discarded


def test_a_look_from_before_it_was_merged_opens_nothing_again() -> None:
    days = approved()
    days.look(facts(state="merged"))
    for state in ("open", "closed"):
        days.look(facts(state=state))
        assert days.pull().facts.state == "merged"


@given(st.lists(st.sampled_from(["open", "closed", "merged"]), max_size=8), st.booleans())
def test_whatever_is_seen_ends_where_the_last_look_says(seen: list[Any], is_approved: bool) -> None:
    days = approved(merge="person") if is_approved else implemented()
    for state in seen:
        days.look(facts(state=state))
        pull = days.pull()
        waits = days.task("foundation.feature").status is TaskStatus.REVIEW
        assert waits is (pull.facts.state == "closed")
        assert bool(looked_at(days)) is (pull.facts.state != "merged")
    if seen:
        assert days.pull().facts.state == ("merged" if "merged" in seen else seen[-1])


def complete() -> Pulls:
    """A project that is over, but for the pull request of work that was dropped."""
    days = approved(merge="person")
    days.look(facts(state="merged"))
    answered = Deployment(kind="pages", url="http://hub/pages/acme/a-page-1/", health="200 OK", commit=HEAD)
    days.publish("deployment", deployment=answered)
    for number, kind in enumerate(("documentation", "marketing", "social"), 11):
        state = "open" if kind == "social" else "merged"
        days.publish(kind, facts(number, branch=f"orchestrator/{kind}", state=state))
    days.look(facts(13, branch="orchestrator/social", checks="failed"), key="social")
    days.say(f"/discard {ID}.social", issue=1)
    assert days.project.stage is Stage.COMPLETE
    return days


def test_what_a_complete_project_has_left_open_is_looked_at_for_a_week() -> None:
    days = complete()
    assert looked_at(days) == ["social"]
    assert looked_at(days, AFTERWARDS - DAY) == ["social"]
    assert looked_at(days, AFTERWARDS) == []
