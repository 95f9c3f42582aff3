"""What stays of a history that is shortened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.compacting import COMPACTED_BY, Past, counted, shortened, title

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def past(hours: list[int]) -> list[Past]:
    return [Past(f"{n}", BEGIN + timedelta(hours=hour)) for n, hour in enumerate(sorted(hours))]


histories = st.lists(st.integers(0, 400), min_size=1, max_size=60).map(past)
moments = st.integers(-10, 420).map(lambda hour: BEGIN + timedelta(hours=hour))


@given(histories, moments)
def test_what_is_younger_stays_as_it_is_and_of_each_older_day_the_last_commit(
    history: list[Past], before: datetime
) -> None:
    kept = shortened(history, before)
    old = [one for one in history if one.at < before]
    days = {one.at.date(): one.version for one in old}
    if not kept:
        assert len(days) == len(old), "nothing is left out"
        return
    assert [one.version for one in kept if one.stands_for] == list(days.values())
    assert [one.version for one in kept if not one.stands_for] == [one.version for one in history[len(old) :]]
    assert sum(one.stands_for for one in kept) == len(old)


@given(histories, moments)
def test_the_newest_commit_always_stays(history: list[Past], before: datetime) -> None:
    kept = shortened(history, before)
    assert not kept or kept[-1].version == history[-1].version


@given(histories, moments)
def test_shortening_again_changes_nothing(history: list[Past], before: datetime) -> None:
    at = {one.version: one.at for one in history}
    kept = shortened(history, before)
    assert shortened([Past(one.version, at[one.version]) for one in kept], before) == ()


def again(history: list[Past], before: datetime) -> list[Past]:
    """A history after it was shortened, as its messages tell it."""
    at = {one.version: one.at for one in history}
    told = [
        Past(one.version, at[one.version], counted(message(at[one.version], one.stands_for)))
        for one in shortened(history, before)
    ]
    return told or history


def message(at: datetime, stands_for: int) -> str:
    return f"{title(at.date(), stands_for)}\n\nWas: 1\n{COMPACTED_BY} 1.0\n" if stands_for else "a decision"


@given(histories, st.lists(moments, max_size=4).map(sorted))
def test_however_often_it_is_shortened_no_commit_is_counted_twice_or_lost(
    history: list[Past], befores: list[datetime]
) -> None:
    """Also where the border has once lain within a day."""
    now = history
    for before in befores:
        now = again(now, before)
    assert sum(one.stands_for for one in now) == len(history)
    for one in now:
        mine = [old for old in history if old.at.date() == one.at.date()]
        rest = [other for other in now if other.at.date() == one.at.date()]
        assert sum(other.stands_for for other in rest) == len(mine)


def test_a_message_that_only_looks_like_it_stands_for_itself() -> None:
    assert counted("The state at the end of 2026-11-01 (UTC), for 7 commits\n\nsaid by somebody") == 1
    assert counted(message(BEGIN, 7)) == 7
    assert counted(message(BEGIN, 1)) == 1
