"""What stays of a history that is shortened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.compacting import Past, shortened

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
