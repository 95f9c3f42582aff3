"""What is done about an overflow by itself: workers, triage once, the administrators once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain.config import Attempts, Config, Queueing
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue
from bot.domain.events.asked import IssueChanged
from bot.domain.events.observed import IssueFiled, Observed
from bot.domain.guards import Breaker
from bot.domain.order import RANK
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.records import Alert
from bot.domain.scaling import Scaling
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, WorkerStatus, Workflow
from bot.policies.assigning.holding import Holding
from tests.commands.fleet import Days
from tests.core.worlds import assignments

MARK = 3
UP_ALONE = Scaling(utilisation_below=0, utilisation_above=None)


def config(maximum: int = 1, **changes: Any) -> Config:
    """One Genesis worker, up to ``maximum``; more than three waiting is an overflow."""
    genesis = Pool(roster=(Worker(id="genesis-01"),), minimum=1, maximum=maximum, expected_minutes=15)
    values: dict[str, Any] = {
        "pools": Pools(genesis=genesis),
        "queueing": Queueing(overflow=MARK),
        "attempts": Attempts(limit=1),
        "administrators": ("ada", "acme/ops"),
        "breaker": Breaker(worker_failures=None, workflow_failures=None),
    }
    return Config(**(values | changes))


def ask(world: Days, *levels: str, first: int | None = None) -> None:
    number = len(world.state.projects) + 1 if first is None else first
    for place, level in enumerate(levels, number):
        world.say(f"/dispatch-genesis Idea {place} --priority {level}", issue=place)


def overflowing(*levels: str, maximum: int = 1) -> Days:
    """One task runs, four wait."""
    world = Days(config(maximum), scaling=UP_ALONE)
    ask(world, "low", *(levels or ("normal",) * 4))
    return world


def alert(world: Days) -> Alert:
    (found,) = (
        one for one in world.state.alerts.items if one.id == "queue-overflow-genesis" and one.until is None
    )
    return found


def filed(state: State) -> list[FileIssue]:
    return [entry.effect for entry in state.outbox.entries if isinstance(entry.effect, FileIssue)]


def depth(state: State) -> int:
    return len(state.queues[QueueName.GENESIS].items)


# more workers


def test_workers_are_added_as_the_limits_allow_with_the_reason() -> None:
    world = overflowing(maximum=3)
    assert depth(world.state) == 2
    (scaled,) = (one for one in world.state.journal.happenings if one.kind == "scaled")
    assert scaled.detail == (
        "genesis from 1 to 3, because 4 tasks wait, more than 3: new genesis-02, genesis-03"
    )
    assert world.state.controls.overflows == ()
    ask(world, "normal", "normal")
    assert (depth(world.state), len(filed(world.state))) == (4, 1)


# the administrators


def test_the_administrators_are_told_once_for_each_overflow() -> None:
    world = overflowing()
    (issue,) = filed(world.state)
    assert issue.about == alert(world).about
    world.settle(Observed(observer="a", at=world.now, filed=(IssueFiled(about=issue.about, issue=70),)))
    assert (alert(world).issue, filed(world.state)) == (70, [])
    ask(world, "normal", "normal")
    world.wait(minutes=30)
    assert filed(world.state) == []
    world.settle(IssueChanged(number=1, issue=70, action="closed", actor="ada", role="admin", at=world.now))
    assert alert(world).issue == 70
    assert filed(world.state) == []


def test_the_next_overflow_is_told_anew() -> None:
    world = overflowing()
    first = alert(world).about
    world.settle(Observed(observer="a", at=world.now, filed=(IssueFiled(about=first, issue=70),)))
    while depth(world.state):
        (held,) = assignments(world.state)
        world.fail(held.task, minutes=1)
    assert world.state.controls.overflows == ()
    world.wait(minutes=10)
    ask(world, *("normal",) * 5)
    (issue,) = (one for one in filed(world.state) if "queue-overflow-genesis" in one.about)
    assert issue.about == alert(world).about != first


def test_the_review_queue_has_no_figures_of_workers() -> None:
    world = Days(config())
    for number in range(1, 6):
        ask(world, "normal", first=number)
        world.fail(f"idea-{number}-{number}.genesis", minutes=1)
    (review,) = (one for one in world.state.alerts.items if one.id == "queue-overflow-review")
    assert (review.details, world.state.controls.overflows) == ("", ())


# triage


def grown(*more: str) -> Days:
    """An overflow of four that has grown by what is given, five minutes ago to the second."""
    world = overflowing()
    ask(world, *more)
    return world


def test_triage_is_begun_by_the_rule_at_the_exact_moment() -> None:
    world = grown("urgent", "high")
    due = world.now + timedelta(minutes=5)
    held = world.state
    assert decide(held, (), due - timedelta(seconds=1)).state is held
    triage = decide(held, (), due).state.controls.triage
    assert triage is not None
    assert (triage.level, triage.by, triage.workflow, triage.since) == ("urgent", "", Workflow.GENESIS, due)


def test_no_triage_while_the_queue_has_not_grown_or_a_worker_may_be_added() -> None:
    world = overflowing("normal", "normal", "urgent", "low")
    world.wait(minutes=5)
    assert world.state.controls.triage is None
    ask(world, "low")
    assert world.state.controls.triage is not None
    roomy = Days(config(maximum=2))
    ask(roomy, "low", "low", *("normal",) * 5, "urgent")
    roomy.say("/scale-down genesis --drain", issue=1)
    roomy.wait(minutes=5)
    assert roomy.state.controls.triage is None


def test_where_triage_would_stop_everything_the_alert_says_so_instead() -> None:
    world = grown("normal")
    assert "Add workers with /scale-up" in alert(world).advice
    world.wait(minutes=5)
    assert world.state.controls.triage is None
    assert "Triage was not begun: it would hold back all or nothing" in alert(world).advice
    assert decide(world.state, (), world.now).state is world.state


def test_triage_of_the_rule_holds_nothing_of_other_workflows() -> None:
    world = grown("urgent")
    world.wait(minutes=5)
    triage = world.state.controls.triage
    assert triage is not None
    assert triage.holds(triage.level.LOW, Workflow.GENESIS)
    assert not triage.holds(triage.level.LOW, Workflow.CONTENT)


def test_it_ends_when_a_worker_would_be_idle_beside_held_work_and_is_not_begun_again() -> None:
    world = grown("urgent")
    world.wait(minutes=5)
    assert world.state.controls.triage is not None
    for _ in range(2):
        (held,) = assignments(world.state)
        world.fail(held.task, minutes=1)
    assert world.state.controls.triage is None
    assert len(assignments(world.state)) == 1
    ask(world, "urgent", "urgent", "normal", "normal")
    world.wait(minutes=30)
    assert depth(world.state) > 5
    assert world.state.controls.triage is None


def test_it_ends_at_the_mark() -> None:
    world = grown("urgent", "urgent", "urgent")
    world.wait(minutes=5)
    for _ in range(3):
        assert world.state.controls.triage is not None
        world.say("/discard idea-2-2\n/discard idea-3-3\n/discard idea-4-4\n/discard idea-5-5", issue=1)
        (held,) = assignments(world.state)
        world.fail(held.task, minutes=1)
        if depth(world.state) <= MARK:
            break
    assert world.state.controls.triage is None


def test_what_a_person_switched_on_stays_a_person_s() -> None:
    world = grown("urgent", "high")
    world.say("/priority-triage high", issue=1)
    world.wait(minutes=5)
    triage = world.state.controls.triage
    assert triage is not None
    assert (triage.by, triage.level) == ("wendy", "high")


# never


class Watched(Days):
    """No commit leaves a worker idle beside what triage of the rule holds."""

    begun = 0

    def settle(self, *events: Any) -> State:
        before = self.state.controls.triage
        after = super().settle(*events)
        triage = after.controls.triage
        if triage is not None and not triage.by:
            if before is None or before.by or before.since != triage.since:
                self.begun += 1
            self.nobody_is_idle(after)
            assert len(after.queues[QueueName.GENESIS].items) > MARK
        assert decide(after, (), self.now).state is after
        return after

    def nobody_is_idle(self, state: State) -> None:
        draft = Draft(state, self.now)
        without = Holding(draft, triage=False)
        idle = [
            one
            for one in state.instances.values()
            if one.workflow is Workflow.GENESIS and one.status is WorkerStatus.IDLE
        ]
        for item in state.queues[QueueName.GENESIS].items:
            task = state.projects[item.project].task(item.task)
            assert task is not None
            assert not idle or without.of(item, task) is not None or item.reserved


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(list(RANK))),
        st.tuples(st.just("ask"), st.sampled_from(list(RANK))),
        st.tuples(st.just("fail"), st.just(0)),
        st.tuples(st.just("wait"), st.sampled_from([1, 5, 30])),
        st.tuples(st.just("pause"), st.just(0)),
        st.tuples(st.just("unpause"), st.just(0)),
    ),
    min_size=6,
    max_size=24,
)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_triage_of_the_rule_never_leaves_a_worker_idle_beside_held_work(moves: list[tuple[str, Any]]) -> None:
    world = Watched(config(maximum=2, queueing=Queueing(overflow=MARK, growth_minutes=1)))
    ask(world, *("normal",) * 7)
    for move, value in moves:
        held = [one for one in assignments(world.state) if one.claimed_at is None]
        if move == "ask":
            ask(world, value)
        elif move == "wait":
            world.wait(minutes=value)
        elif move in ("pause", "unpause"):
            world.say(f"/{move} genesis", issue=1)
        elif held:
            world.fail(held[0].task, minutes=1)
    overflows = sum(one.id == "queue-overflow-genesis" for one in world.state.alerts.items)
    opened = sum(
        one.kind == "alert" and one.detail.startswith("queue-overflow-genesis")
        for one in world.state.journal.happenings
    )
    assert world.begun <= max(opened, overflows)
