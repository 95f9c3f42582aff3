"""Who is slow among those who did the same kind of work: worked out quickly, and as it is defined."""

from __future__ import annotations

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from bot.policies.guards.slowness import slow_among
from bot.policies.working.estimating import ENOUGH

attempts = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from([1.0, 2.0, 3.0, 4.5, 60.0, 90.0, 91.0])), max_size=40
)


def slow(times: list[tuple[str, float]], factor: float) -> set[str]:
    """By the definition: the median of one's own attempts against that of everybody else's."""
    found = set()
    for worker in {name for name, _ in times}:
        mine = [seconds for name, seconds in times if name == worker]
        others = [seconds for name, seconds in times if name != worker]
        if min(len(mine), len(others)) >= ENOUGH and median(mine) / median(others) > factor:
            found.add(worker)
    return found


@given(attempts, st.sampled_from([1.01, 1.5, 2.0, 30.0]))
def test_who_is_slow_takes_so_many_times_as_long_as_the_others(
    times: list[tuple[str, float]], factor: float
) -> None:
    assert slow_among(times, factor) == slow(times, factor)
