"""The order of a queue, held by its promises."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.config import Queueing
from bot.domain.models import QueueItem
from bot.domain.order import RANK, place
from bot.domain.outputs import Priority
from tests.core.worlds import later

AGEING = 240
RULES = Queueing(ageing_minutes=AGEING)

minutes = st.integers(0, 10_000)
levels = st.sampled_from(Priority)
lower = st.sampled_from([level for level in Priority if level is not Priority.URGENT])


@st.composite
def items(draw: st.DrawFn, level: st.SearchStrategy[Priority] = levels) -> QueueItem:
    return QueueItem(
        task=draw(st.text("abcdef", min_size=1, max_size=6)),
        project="p-1",
        priority=draw(level),
        enqueued_at=later(60 * draw(minutes)),
        attempt=0,
        specialty="tests",
        front=draw(st.booleans()),
    )


def before(one: QueueItem, other: QueueItem) -> bool:
    return place(one, RULES) < place(other, RULES)


@given(items(), items(lower))
def test_urgent_comes_before_everything_else(one: QueueItem, other: QueueItem) -> None:
    assert before(one.model_copy(update={"priority": Priority.URGENT}), other)


@given(items(), items())
def test_within_a_level_whoever_came_first_is_served_first(one: QueueItem, other: QueueItem) -> None:
    assume(one.enqueued_at < other.enqueued_at)
    same = {"priority": one.priority, "front": one.front}
    assert before(one, other.model_copy(update=same))


@given(items(), items())
def test_what_was_taken_back_is_first_within_urgent_and_within_the_rest(
    one: QueueItem, other: QueueItem
) -> None:
    assume((one.priority is Priority.URGENT) == (other.priority is Priority.URGENT))
    assert before(one.model_copy(update={"front": True}), other.model_copy(update={"front": False}))


@given(items(lower), items(lower))
def test_a_lower_priority_overtakes_only_after_ageing(one: QueueItem, other: QueueItem) -> None:
    one, other = (item.model_copy(update={"front": False}) for item in (one, other))
    one, other = sorted((one, other), key=lambda item: -RANK[item.priority])
    levels_below = RANK[one.priority] - RANK[other.priority]
    if levels_below and before(one, other):
        assert other.enqueued_at - one.enqueued_at >= timedelta(minutes=AGEING * levels_below)


@given(items(lower), st.integers(0, 2))
def test_each_ageing_time_raises_by_one_level(item: QueueItem, levels_up: int) -> None:
    assume(levels_up <= RANK[item.priority] - RANK[Priority.HIGH])
    risen = list(Priority)[RANK[item.priority] - levels_up]
    waited = timedelta(minutes=AGEING * levels_up)
    new = item.model_copy(update={"priority": risen, "task": "zzzzzzz"})
    at_once, a_little_later = (
        new.model_copy(update={"enqueued_at": item.enqueued_at + waited + more})
        for more in (timedelta(seconds=-1), timedelta(seconds=1))
    )
    assert before(at_once, item)
    assert before(item, a_little_later)


@given(items(lower), items(lower))
def test_nothing_that_is_not_urgent_is_overtaken_for_ever(one: QueueItem, other: QueueItem) -> None:
    one, other = (item.model_copy(update={"front": False}) for item in (one, other))
    most = timedelta(minutes=AGEING * (RANK[Priority.LOW] - RANK[Priority.HIGH]))
    later_one = other.model_copy(update={"enqueued_at": one.enqueued_at + most + timedelta(seconds=1)})
    assert before(one, later_one)


@given(st.lists(items(), max_size=8, unique_by=lambda item: item.task), st.randoms())
def test_the_order_is_total_whatever_it_begins_with(found: list[QueueItem], chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    in_order = sorted(found, key=lambda item: place(item, RULES))
    assert sorted(shuffled, key=lambda item: place(item, RULES)) == in_order
