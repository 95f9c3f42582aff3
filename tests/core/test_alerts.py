"""Alerts never flap: the table of rules, patience at both ends, issues and what is told outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.parser import Call, parse
from bot.commands.table import TABLE
from bot.decide import decide
from bot.domain.alert_rules import CROWDED, QUOTA, RACES, RULES, UNANSWERED, Rule, rule_of
from bot.domain.alerting import Alerting, Severity
from bot.domain.config import Commands, Config, Queueing
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue, Notify, Reply, ShowAlert
from bot.domain.events.asked import IssueChanged
from bot.domain.events.observed import IssueFiled, Notified, Observed
from bot.domain.ledger import Backlog
from bot.domain.quota import Quota
from bot.domain.records import Alert
from bot.domain.state import State
from bot.domain.watch import Mode
from bot.policies.alerting.alert_issues import settle_alert_issues
from bot.policies.alerting.alerts import KEPT, end_alert, raise_alert, settle_news
from tests.core.worlds import START, begun, comment, settled

MINUTE = timedelta(minutes=1)
QUIET = timedelta(minutes=Alerting().quiet_minutes)


class Watched:
    """One state that time passes over."""

    def __init__(self, **alerts: Any) -> None:
        self.state = begun(Config(administrators=("ada",), alerts=Alerting(**alerts)))
        self.now = START
        self.effects: list[Any] = []
        self._events = 0

    def look(self, minutes: float = 0, **seen: Any) -> State:
        self.now += timedelta(minutes=minutes)
        self._events += 1
        look = Observed(observer=f"t{self._events}", at=self.now, **seen)
        return self._settle([look])

    def wait(self, minutes: float) -> State:
        self.now += timedelta(minutes=minutes)
        return self._settle([])

    def settle(self, *events: Any) -> State:
        return self._settle(list(events))

    def _settle(self, events: list[Any]) -> State:
        decision = settled(self.state, *events, at=self.now)
        self.effects += [entry.effect for entry in decision.effects]
        self.state = decision.state
        assert decide(self.state, [], self.now).state is self.state
        return self.state

    def use(self, used: int, minutes: float = 0, limit: int = 1_000) -> State:
        """So many of the hour's requests are used."""
        quota = Quota(limit=limit, used=used, resets_at=START + timedelta(hours=9))
        return self.look(minutes, quota=quota)

    def alert(self, id_: str = QUOTA.id) -> Alert:
        return next(one for one in self.state.alerts.items if one.id == id_)

    def known(self, id_: str = QUOTA.id, issue: int = 70) -> None:
        """The alert's issue was seen."""
        self.look(filed=(IssueFiled(about=self.alert(id_).about, issue=issue),))

    def deliver(self) -> None:
        """What is pending was seen done."""
        done = tuple(entry.id for entry in self.state.outbox.entries)
        self.look(delivered=done)

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.effects if isinstance(one, kind)]


# the table


def test_every_rule_is_complete_and_every_alert_has_one_rule() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule_of(rule.named("dev-01")) is rule
        assert rule.condition
        assert rule.ends
        assert set(rule.severities) <= set(rule.causes)
        assert set(rule.commands) <= set(rule.advice)
    assert rule_of("of-an-older-program") is None


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return {"way": "/approve budget", "command": "orchestrator worker --id dev-07"}.get(
            key, "development"
        )


def test_every_command_that_an_alert_names_is_one() -> None:
    for rule in RULES:
        for typed in (one for case in rule.commands.values() for one in case):
            line = typed.format_map(_Anything())
            if line.startswith("/"):
                (parsed,) = parse(line, TABLE, Commands())
                assert isinstance(parsed, Call), line


# hysteresis

STATES = [rule for rule in RULES if rule.lasts is None and not rule.own_issue]


def judged(state: State, rule: Rule, now: datetime, *, holds: bool) -> State:
    """One decision about one condition."""
    draft = Draft(state, now)
    what = "x" if rule.of else ""
    case, advice = next(iter(rule.causes)), next(iter(rule.advice))
    if holds:
        words = dict.fromkeys(_names(rule.causes[case] + rule.advice[advice]), 1)
        for command in rule.commands.get(advice, ()):
            words |= dict.fromkeys(_names(command), 1)
        raise_alert(draft, rule, what, case=case, advice=advice, **words)
    else:
        end_alert(draft, rule, what)
    settle_news(draft)
    settle_alert_issues(draft)
    return draft.freeze(())


def _names(template: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(template) if name)


def changes(states: Sequence[tuple[datetime, State]], rule: Rule) -> tuple[list[datetime], list[datetime]]:
    """When an alert was opened (anew, or again) and when it ended."""
    opened, ended, was = [], [], False
    for now, state in states:
        is_open = any(one.until is None and rule.covers(one.id) for one in state.alerts.items)
        if is_open != was:
            (opened if is_open else ended).append(now)
        was = is_open
    return opened, ended


@given(
    st.sampled_from(STATES),
    st.lists(st.tuples(st.booleans(), st.integers(1, 900)), min_size=1, max_size=60),
)
def test_whatever_a_condition_does_its_alert_never_flaps(rule: Rule, steps: list[tuple[bool, int]]) -> None:
    state, now, seen = begun(), START, []
    begins: list[datetime] = []
    for holds, seconds in steps:
        now += timedelta(seconds=seconds)
        state = judged(state, rule, now, holds=holds)
        seen.append((now, state))
        alert = next((one for one in state.alerts.items if rule.covers(one.id)), None)
        if alert is not None and alert.since not in begins:
            begins.append(alert.since)
    opened, ended = changes(seen, rule)
    returns = [at for at in opened if at not in begins]
    for moments in (begins, ended, returns):
        assert all(later - earlier >= QUIET for earlier, later in pairwise(moments))


@given(st.sampled_from(STATES), st.lists(st.tuples(st.booleans(), st.integers(1, 900)), max_size=20))
def test_an_alert_opens_and_ends_in_the_end(rule: Rule, steps: list[tuple[bool, int]]) -> None:
    state, now = begun(), START
    for holds, seconds in steps:
        now += timedelta(seconds=seconds)
        state = judged(state, rule, now, holds=holds)
    for holds in (True, False):
        for _ in range(int((rule.holds + rule.gone + QUIET) / MINUTE) + 2):
            now += MINUTE
            state = judged(state, rule, now, holds=holds)
        is_open = any(one.until is None and rule.covers(one.id) for one in state.alerts.items)
        assert is_open is holds


def test_what_comes_back_soon_is_the_same_alert_and_later_a_new_one() -> None:
    world = Watched()
    world.use(800)
    first = world.alert()
    world.use(500, minutes=5)
    assert world.alert().until == world.now
    world.use(800, minutes=9)
    assert (world.alert().since, world.alert().returned_at) == (first.since, world.now)
    world.use(500, minutes=1)
    assert world.alert().until is None  # it has come back once: now it has to be gone for as long
    world.wait(10)
    assert world.alert().until == world.now
    world.use(800, minutes=9)
    assert world.alert().since == first.since
    world.use(500, minutes=1)
    world.wait(10)
    world.use(800, minutes=10)
    assert world.alert().since == world.now


# the bot's own health


@pytest.mark.parametrize(
    ("used", "severity"), [(799, None), (800, "warning"), (999, "warning"), (1_000, "critical")]
)
def test_used_up_requests_are_an_alert(used: int, severity: str | None) -> None:
    state = Watched().use(used)
    found = [one.severity for one in state.alerts.items if one.id == QUOTA.id]
    assert found == ([Severity(severity)] if severity else [])


def test_requests_count_until_well_below_and_no_longer_than_their_hour() -> None:
    world = Watched()
    world.use(850)
    world.use(700, minutes=1)
    assert world.alert().until is None
    world.use(600, minutes=1)
    assert world.alert().until is not None
    other = Watched()
    other.use(1_000)
    other.wait(9 * 60)
    assert other.alert().until == other.now


def test_lost_races_are_counted_by_the_commits_that_landed() -> None:
    state = begun()
    for number in range(1, 11):
        at = START + number * MINUTE
        state = decide(state, [comment(number, "/help", at=at)], at, races=6).state
        assert state.events is not None
        assert state.events.races == 6
    (alert,) = (one for one in state.alerts.items if one.id == RACES.id)
    assert alert.cause == "saves have lost the race for the state branch 60 times within an hour"
    later = START + timedelta(hours=3)
    look = Observed(observer="t", at=later)
    state = decide(state, [look], later).state
    state = decide(state, [], later + timedelta(minutes=10)).state
    assert [one.until for one in state.alerts.items if one.id == RACES.id] == [later + timedelta(minutes=10)]


def test_a_race_that_changes_nothing_is_no_commit() -> None:
    state = begun()
    assert decide(state, [], START + MINUTE, races=9).state is state


@pytest.mark.parametrize(("mode", "minutes", "late"), [("cron", 30, False), ("cron", 45, True)])
def test_a_gap_in_the_monitor_s_looks_is_an_alert(mode: str, minutes: int, *, late: bool) -> None:
    world = Watched()
    world.look(5, mode=Mode(mode), looks=())
    world.look(minutes, mode=Mode(mode), looks=())
    world.look(5, mode=Mode(mode), looks=())
    found = [one.cause for one in world.state.alerts.items if one.id == "schedule-drift"]
    assert bool(found) is late
    if late:
        assert found[0].startswith("the monitor did not look for 45 min, and every 5 min is promised")
        for _ in range(50):
            world.look(5, mode=Mode(mode), looks=())
        assert world.alert("schedule-drift").until is not None


def test_commands_without_an_answer_are_an_alert_and_answered_ones_end_it() -> None:
    world = Watched()
    world.look(backlog=Backlog(commands=2, oldest=START))
    assert not world.wait(15).alerts.items
    world.wait(1)
    assert world.alert(UNANSWERED.id).severity is Severity.CRITICAL
    assert "2 commands are without an answer" in world.alert(UNANSWERED.id).cause
    world.look(1, backlog=Backlog())
    world.wait(2)
    assert world.alert(UNANSWERED.id).until == world.now


def test_a_reply_that_nobody_has_looked_for_is_not_unanswered() -> None:
    """Where nobody looks for an hour, what was said is seen an hour later."""
    world = Watched()
    world.settle(comment(1, "/help"))
    assert not world.wait(60).alerts.items


# issues


def test_an_alert_gets_one_issue_that_mentions_the_administrators() -> None:
    world = Watched()
    world.use(800)
    assert world.of(FileIssue) == []
    world.wait(1)
    world.wait(1)
    (issue,) = world.of(FileIssue)
    assert (issue.about, issue.labels) == (world.alert().about, ("alert",))
    assert issue.title == (
        "Alert: more than 800 of the 1,000 API requests of this hour are used; the next hour begins at "
        "21:00 UTC"
    )
    assert "@ada: **more than 800 of the 1,000 API requests" in issue.body
    for part in (
        "- Severity: 🟠 warning",
        "- Since: 2026-11-23 12:00 UTC",
        "### What to do",
        "/ack rate-limit",
    ):
        assert part in issue.body


def test_what_is_over_before_anybody_was_told_makes_no_issue() -> None:
    world = Watched()
    world.use(800)
    world.use(100, minutes=0.5)
    world.wait(30)
    assert world.of(FileIssue) == world.of(Reply) == world.of(ShowAlert) == []


def test_an_issue_that_could_not_be_filed_in_time_is_not_filed_afterwards() -> None:
    world = Watched()
    world.use(1_000)
    (entry,) = world.state.outbox.entries
    world.use(100, minutes=3)
    world.look(1, looked_for=(entry.id,))
    world.wait(30)
    assert world.state.outbox.entries == ()


def test_an_issue_is_rewritten_now_and_then_and_closed_with_a_comment_once_it_is_over() -> None:
    world = Watched()
    world.use(800)
    world.wait(1)
    world.known()
    world.use(910, minutes=1)
    assert world.of(ShowAlert) == []
    world.wait(4)
    assert world.of(ShowAlert) == [ShowAlert(alert="rate-limit", issue=70)]
    world.deliver()
    world.use(100, minutes=1)
    world.wait(9)
    assert world.of(Reply) == []
    world.wait(1)
    (over,) = world.of(Reply)
    assert over.issue == 70
    assert "**Over** since 2026-11-23 12:07 UTC, after 7 min" in over.body
    assert world.of(ShowAlert)[-1] == ShowAlert(alert="rate-limit", issue=70, closed=True)
    world.deliver()
    count = len(world.effects)
    world.wait(600)
    assert len(world.effects) == count


def test_only_what_has_become_worse_is_a_comment() -> None:
    world = Watched()
    world.use(800)
    world.wait(1)
    world.known()
    for used in (1_000, 900, 1_000):
        world.use(used, minutes=6)
    (worse,) = world.of(Reply)
    assert worse.body.startswith("@ada: this is **🔴 critical** now: all 1,000 API requests")


def closed(world: Watched, number: int = 1, role: str = "write", action: str = "closed") -> None:
    world.settle(IssueChanged(number=number, issue=70, action=action, actor="max", role=role, at=world.now))


def test_closing_the_issue_of_what_lasts_takes_it_on() -> None:
    world = Watched()
    world.use(800)
    world.wait(1)
    world.known()
    closed(world)
    alert = world.alert()
    assert (alert.taken_by, alert.closed_by, alert.until) == ("max", "max", None)
    (told,) = world.of(Reply)
    assert "closing its issue took it on, as `/ack` does. **It still lasts:**" in told.body
    world.wait(60)
    assert {one.closed for one in world.of(ShowAlert)} == {None}
    world.use(1_000, minutes=1)
    assert world.of(ShowAlert)[-1].closed is False  # worse: open again
    world.use(0, minutes=1)
    world.wait(10)
    assert world.of(ShowAlert)[-1].closed is True


def test_who_may_not_take_an_alert_on_does_not_by_closing_its_issue() -> None:
    world = Watched()
    world.use(800)
    world.wait(1)
    world.known()
    closed(world, role="triage")
    assert (world.alert().taken_by, world.alert().closed_by) == ("", "")
    assert "needs the role **write**, and `max` has **triage**" in world.of(Reply)[0].body


def test_a_storm_of_alerts_is_one_issue_beyond_the_hour_s_number() -> None:
    world = Watched(issues_per_hour=3)
    draft = Draft(world.state, world.now)
    rule = next(one for one in RULES if one.id == "stuck")
    for number in range(12):
        words = {"worker": f"dev-{number}", "task": "t", "since": "s", "minutes": "m", "limit": "l"}
        raise_alert(draft, rule, f"dev-{number:02}", **words)
    world.now += MINUTE
    draft.now = world.now
    settle_alert_issues(draft)
    state = draft.freeze(())
    told = [told.alert for _, told in draft.notices]  # type: ignore[union-attr]
    assert told == ["stuck-dev-00", "stuck-dev-01", "stuck-dev-02", CROWDED.id]
    (crowded,) = (one for one in state.alerts.items if one.id == CROWDED.id)
    assert crowded.cause.startswith("9 alerts are without an issue of their own, because 3 were filed")


# outside


def test_nothing_is_told_outside_unless_it_is_configured() -> None:
    world = Watched()
    world.use(1_000)
    world.use(0, minutes=5)
    world.wait(60)
    assert world.of(Notify) == []


def test_what_is_open_worse_and_over_is_told_outside_once() -> None:
    world = Watched(notify_severity="warning")
    world.use(800)
    world.wait(1)
    world.use(1_000, minutes=3)
    world.use(0, minutes=3)
    world.wait(20)
    world.wait(600)
    assert [one.title for one in world.of(Notify)] == [
        "orchestrator: warning: rate-limit",
        "orchestrator: critical now: rate-limit",
        "orchestrator: over: rate-limit",
    ]
    assert "What to do: Replies may come late until then" in world.of(Notify)[0].body


def test_evidence_of_a_message_ends_it_however_often_it_comes() -> None:
    world = Watched(notify_severity="warning")
    world.use(1_000)
    (entry,) = (one for one in world.state.outbox.entries if isinstance(one.effect, Notify))
    told = Notified(effect=entry.id, alert="rate-limit", at=world.now, failed=("slack (address 2)",))
    world.settle(told)
    assert not any(isinstance(one.effect, Notify) for one in world.state.outbox.entries)
    assert "told to some addresses, but not to slack (address 2)" in world.alert("notifications").cause
    before = world.state
    assert decide(before, [told], world.now).state is before


def test_a_message_that_nobody_takes_is_given_up_with_an_alert_that_is_not_told_there() -> None:
    world = Watched(notify_severity="info", issue_severity="none")
    world.use(1_000)
    (entry,) = (one for one in world.state.outbox.entries if isinstance(one.effect, Notify))
    for _ in range(6):
        world.look(65, looked_for=(entry.id,))
    assert not any(isinstance(one.effect, Notify) for one in world.state.outbox.entries)
    assert "was not told outside in 6 attempts" in world.alert("notifications").cause
    world.wait(120)
    assert [one.alert for one in world.of(Notify)][-1] != "notifications"


def test_a_clear_mark_has_to_be_below_the_other() -> None:
    with pytest.raises(ValueError, match="quota_clear is not below quota_used"):
        Alerting(quota_used=0.5, quota_clear=0.5)


def test_queues_tell_what_was_done_by_itself() -> None:
    state = begun(Config(queueing=Queueing(overflow=1)))
    for number in range(1, 12):
        state = settled(state, comment(number, "/dispatch-genesis A", issue=number)).state
    (alert,) = (one for one in state.alerts.items if one.id == "queue-overflow-genesis")
    assert alert.details.startswith("Depth: 2\nGrowth: 2 more than an hour before\nWorkers: ")


def test_a_gap_stays_as_long_as_it_was_until_three_hours_without_one_have_passed() -> None:
    world = Watched()
    world.look(5, mode=Mode.CRON, looks=())
    world.look(120, mode=Mode.CRON, looks=())
    cause = world.alert("schedule-drift").cause
    assert cause.startswith("the monitor did not look for 2 h, and")
    for _ in range(35):
        world.look(5, mode=Mode.CRON, looks=())
        assert world.alert("schedule-drift").cause == cause
        assert world.alert("schedule-drift").until is None
    for _ in range(3):
        world.look(5, mode=Mode.CRON, looks=())
    assert world.alert("schedule-drift").until is not None


def test_a_configuration_that_was_mended_twice_is_over_by_time_alone() -> None:
    world = Watched()
    for problem in ("line 1", "", "line 2", ""):
        world.look(1, config_problem=problem)
    alert = world.alert("configuration")
    assert (alert.gone_at, alert.until) == (world.now, None)
    world.wait(10)
    assert world.alert("configuration").until == world.now


def test_that_an_hour_has_passed_since_an_issue_is_no_commit() -> None:
    world = Watched()
    world.use(1_000)
    world.known()
    world.deliver()
    (filed,) = world.state.alerts.filed
    before = world.state
    assert world.wait(70) is before, filed


def test_two_alerts_with_long_names_have_an_issue_each() -> None:
    at = {"severity": Severity.WARNING, "since": START, "cause": "c", "advice": "a"}
    names = [
        f"undeliverable-labels-a-lamp-that-follows-the-sun-for-berlin-{n}/1795435720" for n in (123, 124)
    ]
    one, other = (Alert(id=name, **at) for name in names)
    assert one.about != other.about
    assert max(len(one.about), len(other.about)) < 100


def test_an_issue_that_is_closed_in_the_quiet_time_counts_as_closed_when_the_alert_comes_back() -> None:
    world = Watched()
    world.use(800)
    world.wait(1)
    world.known()
    world.use(100, minutes=1)
    closed(world)
    world.use(800, minutes=1)
    assert (world.alert().until, world.alert().closed_by) == (None, "max")
    assert world.alert().taken_by == ""
    world.use(1_000, minutes=1)
    assert world.of(ShowAlert)[-1].closed is False  # worse: open again


def test_calls_that_are_over_are_forgotten_as_the_others_are() -> None:
    world = Watched()
    for number in range(KEPT + 10):
        world.now += MINUTE
        world.settle(comment(number + 1, f"/alert-administrators disk-{number}", at=world.now))
        world.known(f"admin-disk-{number}", issue=100 + number)
        act = {"action": "closed", "actor": "max", "role": "write", "at": world.now}
        world.settle(IssueChanged(number=number + 1, issue=100 + number, **act))
    world.look(1)
    assert len(world.state.alerts.items) == KEPT
