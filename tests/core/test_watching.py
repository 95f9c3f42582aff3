"""The record of looks, and the uptime that is measured by it: exact over days that were built for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decide import decide, is_due
from bot.domain.draft import Draft
from bot.domain.events.observed import Observed
from bot.domain.figures import Metric
from bot.domain.state import State
from bot.domain.watch import SLOT_SECONDS, SLOTS_LIMIT, Mode, Slots
from bot.policies.fleet.watching import longest_gap, merged, record_is_due, slot, slots_of
from bot.policies.measuring.figures import metrics
from tests.core.worlds import START, begun, comment, settled

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLOT = timedelta(seconds=SLOT_SECONDS)


def look(
    at: datetime,
    since: datetime | None = None,
    looks: tuple[Slots, ...] | None = None,
    mode: Mode | None = None,
) -> Observed:
    return Observed(observer=f"t-{int(at.timestamp())}", at=at, watching_since=since, looks=looks, mode=mode)


def watched(state: State, *looks: Observed) -> State:
    for one in looks:
        state = settled(state, one, at=one.at).state
    return state


def uptime(state: State, now: datetime, window: timedelta = DAY) -> tuple[int, float | None]:
    found = next(one for one in metrics(Draft(state, now), window).figures if one.metric is Metric.UPTIME)
    assert found.now is not None
    return found.now.count, found.now.value


def trend(state: State, now: datetime, window: timedelta) -> tuple[int, float | None] | None:
    found = next(one for one in metrics(Draft(state, now), window).figures if one.metric is Metric.UPTIME)
    return (found.before.count, found.before.value) if found.before else None


# runs of slots

runs = st.builds(
    lambda first, more: Slots(first=first, last=first + more), st.integers(0, 900), st.integers(0, 9)
)


@given(st.lists(runs, max_size=300))
def test_runs_of_slots_are_merged_into_their_union_in_order_and_bounded(given_runs: list[Slots]) -> None:
    found = merged(given_runs)
    union = {number for one in given_runs for number in range(one.first, one.last + 1)}
    kept = [number for one in found for number in range(one.first, one.last + 1)]
    assert len(found) <= SLOTS_LIMIT
    assert all(before.last + 1 < after.first for before, after in pairwise(found))
    assert kept == sorted(number for number in union if not found or number >= found[0].first)
    assert len(found) == SLOTS_LIMIT or set(kept) == union
    assert merged(found) == found


@given(st.lists(st.integers(0, 2_000), max_size=30), st.randoms())
def test_looks_are_recorded_whatever_their_order(minutes: list[int], chance: object) -> None:
    moments = [START + minute * MINUTE for minute in minutes]
    assert {number for one in slots_of(moments) for number in range(one.first, one.last + 1)} == {
        slot(at) for at in moments
    }
    assert slots_of(reversed(moments)) == slots_of(moments)


def test_of_too_many_runs_the_newest_stay() -> None:
    found = merged(Slots(first=2 * number, last=2 * number) for number in range(SLOTS_LIMIT + 5))
    assert (len(found), found[0].first) == (SLOTS_LIMIT, 10)


# what a look tells


def test_a_loop_fills_the_slots_in_which_it_has_looked() -> None:
    state = watched(begun(), look(START + HOUR, since=START))
    assert state.watch.slots == (Slots(first=slot(START), last=slot(START + HOUR)),)
    assert (state.watch.since, state.watch.until, state.watch.recorded) == (START, START + HOUR, START + HOUR)


def test_a_look_that_remembers_nothing_marks_its_own_slot_and_is_no_record() -> None:
    state = watched(begun(), look(START + HOUR))
    assert [one.first for one in state.watch.slots] == [slot(START), slot(START + HOUR)]
    assert (state.watch.since, state.watch.recorded) == (START + HOUR, None)


def test_a_successor_goes_on_with_the_watch_and_a_gap_ends_it() -> None:
    state = watched(begun(), look(START + HOUR, since=START))
    joined = watched(state, look(START + 3 * HOUR, since=START + HOUR + 4 * MINUTE))
    assert joined.watch.since == START
    broken = watched(state, look(START + 3 * HOUR, since=START + HOUR + 6 * MINUTE))
    assert broken.watch.since == START + HOUR + 6 * MINUTE


def test_the_longest_gap_leaves_no_slot_out() -> None:
    assert longest_gap(1) == MINUTE
    assert longest_gap(5) == longest_gap(60) == SLOT


def test_the_record_is_due_an_hour_after_the_last_one_whatever_was_committed_meanwhile() -> None:
    state = begun()
    assert not record_is_due(state, START + 59 * MINUTE)
    assert record_is_due(state, START + HOUR)
    busy = watched(state, look(START + 59 * MINUTE))
    assert record_is_due(busy, START + HOUR), "the looks between are not on record by that"
    told = watched(state, look(START + 30 * MINUTE, looks=()))
    assert not record_is_due(told, START + HOUR)


def test_looking_at_nothing_is_never_due_and_time_alone_can_be() -> None:
    state = begun()
    assert not is_due(state, look(START + DAY, since=START), START + DAY)
    state = settled(state, comment(1, "/dispatch-genesis A kite")).state
    assert is_due(state, look(START + MINUTE, since=START), START + MINUTE), "a forecast is put on record"
    state = watched(state, look(START + MINUTE, since=START))
    assert not is_due(state, look(START + 10 * MINUTE, since=START), START + 10 * MINUTE)
    assert is_due(state, look(START + 2 * HOUR, since=START), START + 2 * HOUR), "nobody came for the task"


def test_a_mode_is_told_once() -> None:
    state = watched(begun(), look(START + MINUTE, mode=Mode.LOOP), look(START + HOUR, mode=Mode.LOOP))
    assert [(one.mode, one.since) for one in state.watch.modes] == [(Mode.LOOP, START + MINUTE)]


# uptime


def test_the_uptime_of_a_day_with_a_hole_is_exact() -> None:
    """A loop looks for ten hours, nobody does for three, then another loop does until the end."""
    first, second = START + 10 * HOUR, START + 13 * HOUR
    state = watched(begun(), look(first, since=START), look(START + DAY, since=second))
    assert uptime(state, START + DAY) == (288, (288 - 35) / 288)  # the hole touches the slots at its edges
    assert uptime(state, START + DAY, 6 * HOUR) == (72, 1.0)


def test_single_ticks_count_by_the_evidence_of_their_runs() -> None:
    """A schedule that fires every quarter of an hour looks in a third of the slots."""
    ticks = [START + number * 15 * MINUTE for number in range(1, 96)]
    state = watched(begun(), look(START + DAY, looks=slots_of(ticks), mode=Mode.CRON))
    assert uptime(state, START + DAY) == (288, 96 / 288)


def test_by_events_alone_one_look_an_hour_is_due() -> None:
    state = watched(begun(), look(START, mode=Mode.EVENTS))
    ticks = [START + number * HOUR + 17 * MINUTE for number in range(24) if number not in (5, 6)]
    state = watched(state, look(START + DAY, looks=slots_of(ticks)))
    assert uptime(state, START + DAY) == (288, 22 / 24)


def test_a_change_of_the_mode_counts_from_its_time_on() -> None:
    state = watched(begun(), look(START, mode=Mode.EVENTS), look(START + 12 * HOUR, mode=Mode.CRON))
    hourly = [START + number * HOUR + 17 * MINUTE for number in range(24)]
    state = watched(state, look(START + DAY, looks=slots_of(hourly)))
    assert uptime(state, START + DAY) == (288, (144 + 12 + 1) / 288)  # and the look that told the mode


def test_looks_that_may_still_come_on_record_do_not_count_as_missed_until_they_should_have() -> None:
    state = watched(begun(), look(START + 3 * HOUR, since=START))
    assert uptime(state, START + 4 * HOUR) == (36, 1.0)
    assert uptime(state, START + 5 * HOUR) == (36, 1.0)
    assert uptime(state, START + 7 * HOUR) == (60, 37 / 60), "the monitor is dead"


def test_less_than_an_hour_is_too_little_to_say() -> None:
    state = watched(begun(), look(START + 55 * MINUTE, since=START))
    assert uptime(state, START + 56 * MINUTE) == (11, None)
    assert uptime(begun(), START) == (0, None)


def test_the_trend_needs_a_record_of_the_window_before() -> None:
    state = watched(begun(), look(START + 12 * HOUR, since=START + 3 * HOUR))
    assert trend(state, START + 12 * HOUR, 6 * HOUR) == (72, 37 / 72)
    assert trend(state, START + 12 * HOUR, 8 * HOUR) is None


@pytest.mark.parametrize("minutes", [1, 4])
def test_an_uptime_is_a_part_of_one_wherever_the_window_begins(minutes: int) -> None:
    state = watched(begun(), look(START + 30 * HOUR, since=START))
    for window in (DAY, 3 * HOUR, 30 * HOUR, 90 * HOUR):
        count, value = uptime(state, START + 30 * HOUR + minutes * MINUTE, window)
        assert value == 1.0
        assert count <= window / SLOT


def test_an_uptime_of_years_costs_no_more_than_one_of_hours() -> None:
    end = START + 3_000 * DAY
    state = watched(begun(), look(end, since=START))
    assert uptime(state, end, 3_000 * DAY) == (3_000 * 288, 1.0)
    assert decide(state, [], end).state is state
