"""An alert's issue in other hands: closed by who may or may not, opened again, deleted, moved, filed late."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alert_rules import LOST
from bot.domain.alerting import Severity
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue, Notify, Reply, ShowAlert
from bot.domain.events.asked import IssueChanged
from bot.domain.events.observed import IssueFiled
from bot.domain.records import Alert
from bot.policies.alerting.alert_places import MOST_REFUSED
from bot.policies.alerting.alerts import raise_alert
from tests.core.test_alerts import Watched
from tests.core.worlds import START, comment

PEOPLE = ("tim", "tom", "ted", "tara", "tess")


class Thread(Watched):
    """An alert that is open, and people at its issue."""

    def __init__(self, **alerts: Any) -> None:
        super().__init__(**alerts)
        self._changes = 0
        self.use(800)
        self.wait(1)
        self.known()
        self.deliver()

    def change(self, action: str, actor: str, role: str, issue: int = 70) -> None:
        self._changes += 1
        facts = {"number": self._changes, "issue": issue, "action": action, "actor": actor, "role": role}
        self.settle(IssueChanged.model_validate(facts | {"at": self.now}))

    def close(self, actor: str = "tim", role: str = "triage", issue: int = 70) -> None:
        self.change("closed", actor, role, issue)

    def pending(self) -> list[ShowAlert]:
        found = [one.effect for one in self.state.outbox.entries]
        return [one for one in found if isinstance(one, ShowAlert)]


# closed by somebody who may not take it on


def test_who_may_not_take_it_on_has_it_opened_again_and_is_told_why() -> None:
    world = Thread()
    world.close("tim", "triage")
    assert world.of(ShowAlert)[-1] == ShowAlert(alert="rate-limit", issue=70, closed=False)
    (told,) = world.of(Reply)
    assert told.body == (
        "`rate-limit` still lasts, so this issue is open again. Closing it would take it on, like `/ack`, "
        "which needs the role **write**, and `tim` has **triage**. If `tim` closes it once more it stays "
        "closed, and `/alerts` goes on showing the alert."
    )
    alert = world.alert()
    assert (alert.until, alert.taken_by, alert.closed_by) == (None, "", "")


def test_who_insists_is_left_alone_until_it_becomes_worse() -> None:
    world = Thread()
    world.close("tim")
    world.deliver()
    world.close("tim")
    assert (world.pending(), len(world.of(Reply))) == ([], 1)
    assert (world.alert().until, world.alert().closed_by) == (None, "tim")
    world.wait(60)
    assert {one.closed for one in world.pending()} <= {None}
    world.use(1_000, minutes=1)
    assert world.of(ShowAlert)[-1].closed is False


def test_what_another_program_has_closed_is_open_again_when_it_becomes_worse() -> None:
    world = Thread()
    world.use(1_000, minutes=1)
    assert world.of(ShowAlert)[-1].closed is False


def test_a_person_who_may_has_the_last_word_also_while_it_is_being_opened_again() -> None:
    world = Thread()
    world.close("tim", "triage")
    world.close("max", "write")
    assert [one.closed for one in world.pending()] == [None]
    assert (world.alert().closed_by, world.alert().taken_by) == ("max", "max")


acts = st.tuples(
    st.sampled_from(["closed", "reopened"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(["none", "triage", "write"]),
)


@given(st.lists(acts, min_size=8, max_size=25), st.booleans())
def test_whatever_people_do_the_alert_is_not_lost_and_nobody_is_fought(
    given_acts: list[tuple[str, str, str]], delivers: bool
) -> None:
    world = Thread()
    for action, actor, role in given_acts:
        before = len(world.of(Reply))
        world.change(action, actor, role)
        if action == "closed" and role == "write":
            assert all(one.closed is None for one in world.pending()), "that one stays closed"
        if action == "reopened":
            assert all(one.closed is not True for one in world.pending())
            assert len(world.of(Reply)) == before
        if delivers:
            world.deliver()
    assert world.alert().until is None
    assert sum(one.closed is False for one in world.of(ShowAlert)) <= MOST_REFUSED
    refusals = [one for one in world.of(Reply) if "so this issue is open again" in one.body]
    assert len(refusals) <= MOST_REFUSED


def test_a_call_is_ended_only_by_somebody_who_might_take_it_on() -> None:
    world = Watched()
    world.settle(comment(1, "/alert-administrators disk-full", at=world.now))
    world.known("admin-disk-full", issue=71)
    act = {"issue": 71, "action": "closed", "at": world.now}
    world.settle(IssueChanged(number=1, actor="tim", role="triage", **act))
    assert world.alert("admin-disk-full").until is None
    assert world.of(ShowAlert) == [ShowAlert(alert="admin-disk-full", issue=71, closed=False)]
    assert "Closing it would end it, which needs the role **write**" in world.of(Reply)[-1].body
    world.settle(IssueChanged(number=2, actor="max", role="write", **act))
    assert world.alert("admin-disk-full").until == world.now


def test_an_issue_that_somebody_opens_again_after_the_end_is_not_closed_once_more() -> None:
    world = Thread()
    world.use(100, minutes=1)
    world.wait(10)
    assert [one.closed for one in world.pending()] == [True]
    world.change("reopened", "tim", "triage")
    assert [one.closed for one in world.pending()] == [None]


def test_who_opens_it_again_in_the_quiet_time_is_told_of_the_end_there() -> None:
    world = Thread()
    world.close("max", "write")
    world.deliver()
    world.use(100, minutes=1)
    world.change("reopened", "max", "write")
    world.wait(10)
    assert world.pending()[-1].closed is True
    assert "**Over** since" in world.of(Reply)[-1].body


# two ids are two issues

ids = st.from_regex(r"[a-z][a-z0-9./@_-]{0,70}", fullmatch=True)


@given(ids, ids)
def test_no_two_alerts_share_an_issue(one: str, other: str) -> None:
    facts = {"severity": Severity.WARNING, "since": START, "cause": "c", "advice": "a"}
    abouts = [Alert(id=id_, **facts).about for id_ in (one, other)]
    assert (abouts[0] == abouts[1]) is (one == other)
    for about in abouts:
        assert re.fullmatch(r"alert/[a-z0-9-]{1,80}", about)


def test_alerts_whose_ids_look_alike_have_an_issue_each() -> None:
    world = Watched()
    names = ("labels-lamp.2", "labels-lamp-2")
    draft = Draft(world.state, world.now)
    for name in names:
        raise_alert(draft, LOST, name, kind="labels", effect=name, attempts=6)
    world.state = draft.freeze(())
    world.wait(1)
    filed = world.of(FileIssue)
    assert len({one.about for one in filed}) == len(filed) == 2
    seen = tuple(IssueFiled(about=one.about, issue=80 + at) for at, one in enumerate(filed))
    world.look(filed=seen)
    assert {world.alert(LOST.named(name)).issue for name in names} == {80, 81}


# nobody looked when its end was to be told


def test_what_is_back_before_its_end_was_told_is_the_same_alert_with_its_issue() -> None:
    world = Thread(notify_severity="warning")
    since = world.alert().since
    world.use(100, minutes=1)
    world.use(800, minutes=60)
    alert = world.alert()
    assert (alert.since, alert.issue, alert.until) == (since, 70, None)
    assert [one.title for one in world.of(Notify)] == ["orchestrator: warning: rate-limit"]
    world.use(100, minutes=1)
    world.wait(11)
    world.wait(11)
    assert world.pending()[-1] == ShowAlert(alert="rate-limit", issue=70, closed=True)


def test_what_is_back_while_its_issue_is_still_being_filed_is_the_same_alert() -> None:
    world = Watched()
    world.use(1_000)
    first = world.alert()
    world.use(100, minutes=1)
    world.use(1_000, minutes=60)
    assert world.alert().since == first.since
    world.known()
    assert world.alert().issue == 70


def test_the_issue_of_an_earlier_alert_is_closed_whatever_has_come_since() -> None:
    world = Thread()
    world.use(100, minutes=1)
    world.wait(10)
    assert world.pending() == [ShowAlert(alert="rate-limit", issue=70, closed=True)]
    world.use(1_000, minutes=1)
    world.known(issue=90)
    world.use(1_000, minutes=30)
    assert world.alert().issue == 90
    assert ShowAlert(alert="rate-limit", issue=70, closed=True) in world.pending()


def test_an_end_that_was_told_is_told_again_for_what_comes_next_though_the_quiet_time_was_raised() -> None:
    world = Thread(notify_severity="warning")
    world.use(100, minutes=1)
    world.wait(10)
    longer = world.state.config.alerts.model_copy(update={"quiet_minutes": 120})
    world.look(1, config=world.state.config.model_copy(update={"alerts": longer}))
    world.use(800, minutes=1)
    assert world.alert().since == world.now
    assert (world.alert().told_over, world.alert().notified_over) == (False, False)


def test_what_comes_and_goes_all_the_time_is_told_all_the_same() -> None:
    world = Watched()
    for _ in range(20):
        world.use(800, minutes=0.1)
        world.wait(0.5)
        world.use(100, minutes=0.1)
    assert len(world.of(FileIssue)) == 1


# gone, or never there


def gone(world: Watched, *issues: int) -> None:
    world.look(1, issues_gone=issues)


def test_a_deleted_issue_is_left_at_that_until_the_alert_becomes_worse() -> None:
    world = Thread()
    world.use(910, minutes=6)
    assert world.pending()
    gone(world, 70)
    assert world.pending() == []
    assert (world.alert().until, world.alert().issue) == (None, None)
    world.wait(120)
    assert len(world.of(FileIssue)) == 1
    world.use(1_000, minutes=1)
    assert len(world.of(FileIssue)) == 2
    world.known(issue=71)
    world.use(100, minutes=1)
    world.wait(11)
    assert world.pending()[-1] == ShowAlert(alert="rate-limit", issue=71, closed=True)


def test_a_comment_for_a_deleted_issue_is_not_tried_again() -> None:
    world = Thread()
    world.use(1_000, minutes=1)
    assert any(isinstance(one.effect, Reply) for one in world.state.outbox.entries)
    gone(world, 70)
    left = [one.effect for one in world.state.outbox.entries]
    assert [one for one in left if isinstance(one, Reply | ShowAlert)] == []


def test_a_call_is_over_with_its_issue() -> None:
    world = Watched()
    world.settle(comment(1, "/alert-administrators disk-full", at=world.now))
    world.known("admin-disk-full", issue=71)
    gone(world, 71)
    assert world.alert("admin-disk-full").until == world.now


def test_an_issue_that_is_seen_after_its_alert_was_forgotten_is_closed() -> None:
    world = Thread()
    world.look(1, filed=(IssueFiled(about="alert/of-yesterday-1", issue=99),))
    assert world.of(ShowAlert)[-1] == ShowAlert(alert="", issue=99, closed=True)


def lose(world: Watched, kind: type) -> None:
    """Whatever is tried, GitHub refuses it for good."""
    for attempt in range(6):
        pending = [one.id for one in world.state.outbox.entries if isinstance(one.effect, kind)]
        world.look(2.1 * 2**attempt, looked_for=tuple(pending))


def test_an_issue_that_cannot_be_filed_is_tried_again_only_when_the_alert_becomes_worse() -> None:
    world = Watched()
    world.use(800)
    world.wait(1)
    lose(world, FileIssue)
    (alert,) = (one for one in world.state.alerts.items if one.id.startswith("undeliverable-"))
    assert "could not be delivered in 6 attempts" in alert.cause
    asked = len(world.of(FileIssue))
    world.wait(120)
    assert len(world.of(FileIssue)) == asked, "neither for the one nor for the other"
    world.use(1_000, minutes=1)
    assert len(world.of(FileIssue)) == asked + 1


def test_an_issue_that_takes_no_text_is_one_alert_however_often_it_is_tried() -> None:
    world = Thread()
    for used in (910, 820, 930):
        world.use(used, minutes=6)
        lose(world, ShowAlert)
    lost = [one for one in world.state.alerts.items if one.id.startswith("undeliverable-")]
    assert [one.id for one in lost] == ["undeliverable-alert-show-rate-limit"]
    assert lost[0].issue is None
    assert lost[0].asked_at is None, "its issue would fare the same"


def test_a_locked_issue_is_closed_without_its_last_comment_and_that_is_one_alert_without_an_issue() -> None:
    world = Thread()
    world.use(100, minutes=1)
    world.wait(10)
    lose(world, Reply)
    assert world.pending() == [ShowAlert(alert="rate-limit", issue=70, closed=True)]
    (lost,) = (one for one in world.state.alerts.items if one.id.startswith("undeliverable-"))
    world.wait(10)
    assert world.alert(lost.id).asked_at is None
    assert len(world.of(FileIssue)) == 1, "the first one's"


@pytest.mark.parametrize("minutes", [9.9, 10, 10.1])
def test_the_quiet_time_ends_in_the_same_moment_for_what_returns_and_for_what_is_told(minutes: float) -> None:
    world = Thread()
    world.use(100, minutes=1)
    world.wait(minutes)
    told = world.alert().told_over
    world.use(800)
    assert (world.alert().issue == 70) is not told
    assert told is (minutes >= 10)
