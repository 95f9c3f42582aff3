"""Requests as a resource: what waits while few are left, what never does, and what is put on record."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.app.exporting.formats import as_csv, as_json, periods
from bot.app.exporting.openmetrics import as_openmetrics
from bot.decide import decide, is_due
from bot.domain import files
from bot.domain.effects import Dispatch, OutboxEntry, Progress, React, Reply, Status
from bot.domain.events.observed import IssueFiled, Observed, Posted
from bot.domain.hours import Hour
from bot.domain.quota import Meter, Purpose, Quota, RequestRule
from bot.domain.showing import StatusRule
from bot.domain.state import State
from bot.policies.outside.requesting import planned, shed
from bot.render.requests import saving
from tests.core.worlds import START, begun, comment, later, replies, settled

MAY_WAIT = {Purpose.STATUS, Purpose.VOTES, Purpose.PROGRESS}
LIMIT = 1_000
RESETS = START + timedelta(hours=1)
rules = st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)).map(
    lambda two: RequestRule(dashboard_left=max(two), progress_left=min(two))
)


def quota(used: int, limit: int = LIMIT, resets: timedelta = timedelta(hours=1)) -> Quota:
    return Quota(limit=limit, used=used, resets_at=START + resets)


@given(st.integers(0, 2_000), st.integers(0, 2_000), rules, st.integers(0, 7_200))
def test_the_dashboard_waits_first_then_progress_and_nothing_else_ever(
    used: int, limit: int, rule: RequestRule, seconds: int
) -> None:
    found = shed(quota(used, limit), rule, later(seconds))
    assert found <= MAY_WAIT
    assert Purpose.PROGRESS not in found or Purpose.STATUS in found
    assert (Purpose.STATUS in found) == (Purpose.VOTES in found)
    assert found <= shed(quota(used + 1, limit), rule, later(seconds)), "less left lets more wait"
    if seconds >= 3_600:
        assert found == frozenset()
    elif rule.dashboard_left and used >= limit > 0:
        assert Purpose.STATUS in found


def test_without_a_word_of_github_nothing_waits() -> None:
    assert shed(None, RequestRule(), START) == frozenset()


def test_the_order_cannot_be_configured_away() -> None:
    with pytest.raises(ValidationError, match="progress_left is above dashboard_left"):
        RequestRule(dashboard_left=0.1, progress_left=0.2)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, LIMIT), st.booleans()), min_size=1, max_size=6))
def test_a_command_is_answered_and_its_work_begins_whatever_is_left(
    steps: list[tuple[int, bool]],
) -> None:
    state, number = begun(status_issue=StatusRule()), 0
    for step, (used, asks) in enumerate(steps, 1):
        at = later(step * 100)
        look = Observed(observer=f"o-{step}", at=at, quota=quota(used))
        number += asks
        events = [look, *([comment(number, f"/dispatch-genesis Idea {number}", at=at)] if asks else [])]
        decision = settled(state, *events, at=at)
        state = decision.state
        assert len(replies(decision)) == asks
        asked = [entry.effect for entry in decision.effects]
        assert not asks or number > 3 or any(isinstance(one, Dispatch) for one in asked)
        known = state.showing.shed
        assert (known is None) == (used <= LIMIT * 0.75)
        if known is not None and Purpose.PROGRESS in known.purposes:
            assert not any(isinstance(one, Progress) for one in asked)


def _shown(seconds: float = 10) -> State:
    """A state whose pinned issue is filed and written, and one project with a progress comment."""
    state = settled(begun(status_issue=StatusRule()), comment(1, "/dispatch-genesis A lamp")).state
    state = settled(state, Observed(observer="a", at=later(seconds))).state
    (reply,) = [one for one in state.outbox.entries if isinstance(one.effect, Reply)]
    there = Observed(
        observer="b",
        at=later(seconds + 100),
        posted=(Posted(effect=reply.id, comment=77),),
        filed=(IssueFiled(about="status/orchestrator", issue=9, digest="a", pinned=True),),
    )
    return _seen(settled(state, there).state, seconds + 110)


def _seen(state: State, seconds: float) -> State:
    ids = tuple(entry.id for entry in state.outbox.entries)
    return settled(state, Observed(observer=f"s-{int(seconds)}", at=later(seconds), delivered=ids)).state


def _of(entries: tuple[OutboxEntry, ...]) -> list[str]:
    return sorted(one.effect.kind for one in entries if isinstance(one.effect, Progress | Status))


def test_the_pinned_issue_says_that_it_waits_and_follows_when_the_hour_is_over() -> None:
    state = _seen(_seen(_shown(), 300), 400)
    low = Observed(observer="low", at=later(420), quota=quota(800))
    decision = settled(state, low)
    assert _of(decision.effects) == ["status"], "one last text, although the last one is not a minute old"
    shown = decision.state.showing.shed
    assert shown is not None
    assert shown.until == RESETS
    assert "the pinned issue and the look at votes wait until 2026-11-23 13:00 UTC" in saving(shown)
    state = _seen(decision.state, 430)

    decision = settled(state, comment(500, "/emergency-stop a-lamp-1"))
    assert _of(decision.effects) == ["progress"]
    state = _seen(decision.state, 600)
    lower = Observed(observer="lower", at=later(700), quota=quota(900))
    state = _seen(settled(state, lower).state, 710)
    decision = settled(state, comment(720, "/resume a-lamp-1"))
    assert _of(decision.effects) == []
    state = _seen(decision.state, 730)
    project = state.projects["a-lamp-1"]
    assert state.showing.status is not None
    assert state.showing.status.stale
    assert project.progress is not None
    assert project.progress.stale

    early = settled(state, Observed(observer="c", at=later(3_599)))
    assert _of(early.effects) == []
    assert is_due(state, Observed(observer="c", at=later(3_600)), later(3_600))
    decision = settled(state, Observed(observer="c", at=later(3_600)))
    assert _of(decision.effects) == ["progress", "status"]
    assert decision.state.showing.shed is None


def test_an_issue_that_is_not_filed_yet_is_filed_when_there_are_requests() -> None:
    state = settled(
        begun(status_issue=StatusRule()), Observed(observer="a", at=START, quota=quota(900))
    ).state
    assert state.outbox.entries == ()
    state = settled(state, Observed(observer="b", at=RESETS)).state
    assert _of(state.outbox.entries) == ["status"]


# the record


def test_what_a_run_tells_and_what_it_will_deliver_is_put_on_record_and_replays() -> None:
    state = begun()
    at = later(60)
    told = {Purpose.COMMANDS: 3, Purpose.EVIDENCE: 2}
    decision = decide(state, [comment(1, "/dispatch-genesis A lamp", at=at)], at, 0, told)
    last: Hour = decision.state.hours.items[-1]
    assert last.purposes == {
        Purpose.COMMANDS: 3,
        Purpose.EVIDENCE: 2,
        Purpose.REPLY: 2,
        Purpose.DISPATCH: 1,
        Purpose.LABELS: 1,
    }
    record = decision.state.events
    assert record is not None
    again = files.load(files.tree(decision.state)).events
    assert again is not None
    replayed = decide(state, again.events, again.now, again.races, again.requests).state
    assert files.tree(replayed) == files.tree(decision.state)


def test_requests_alone_are_no_commit() -> None:
    state = begun()
    assert decide(state, [], later(60), 0, {Purpose.COMMANDS: 9}).state is state


def test_the_next_hour_begins_anew() -> None:
    state = decide(begun(), [comment(1, "/help", at=START)], START, 0, {Purpose.OTHER: 5}).state
    at = later(3_700)
    state = decide(state, [comment(2, "/help", at=at)], at, 0, {Purpose.OTHER: 1}).state
    assert [one.purposes.get(Purpose.OTHER) for one in state.hours.items] == [5, 1]


def test_a_process_that_commits_again_tells_only_what_differs_from_the_plan() -> None:
    meter = Meter()
    with meter.on(Purpose.COMMANDS):
        meter.count()
        with meter.on(Purpose.REPLY):
            meter.count()
        meter.count()
    told = meter.untold()
    assert told == {Purpose.COMMANDS: 2, Purpose.REPLY: 1}
    meter.tell(told, {Purpose.LABELS: 2})
    assert meter.untold() == {}
    with meter.on(Purpose.LABELS):
        for _ in range(3):
            meter.count()
    assert meter.untold() == {Purpose.LABELS: 1}


def test_a_plan_counts_each_way_once() -> None:
    at = START
    effects = (
        Reply(issue=1, body="x", comment=3, reaction="rocket"),
        Reply(issue=1, body="x"),
        React(comment=3, reaction="confused"),
        Status(),
    )
    entries = (OutboxEntry(id=one.kind, effect=one, asked_at=at, claimed_at=at) for one in effects)
    assert planned(entries) == {Purpose.REPLY: 4, Purpose.STATUS: 1}


def test_every_form_of_the_export_has_them() -> None:
    hour = Hour(hour=494_000, purposes={Purpose.REPLY: 4, Purpose.COMMANDS: 9})
    found = periods([hour, Hour(hour=494_001, purposes={Purpose.REPLY: 1})], "hour")
    assert as_csv(found).splitlines()[4].endswith("commands=9 reply=4")
    assert json.loads(as_json(found, "hour"))["periods"][0]["purposes"] == {"commands": 9, "reply": 4}
    text = as_openmetrics(found, later(0) + timedelta(days=36_500))
    assert 'orchestrator_requests_made_total{purpose="reply"} 5.0 ' in text
    assert 'orchestrator_requests_made_total{purpose="commands"} 9.0 ' in text
