"""A workflow that has become slow: the alert, one worker more, and work moved away from a slow worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.decide import decide
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.models import Task
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.records import Alert, Completion, Recent
from bot.domain.scaling import Scaling
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.guards.degradation import settle_degradation
from bot.policies.guards.slowness import slow_workers
from tests.commands.fleet import Days
from tests.core.worlds import BY_HAND, START, assignments, begun

NOW = START + timedelta(hours=10)
FEW = Pools(
    genesis=Pool(
        roster=tuple(Worker(id=f"genesis-0{number}") for number in (1, 2, 3)),
        minimum=1,
        maximum=4,
        expected_minutes=15,
    )
)


def done(ago: float, took: float, worker: str = "genesis-01", specialty: str = "standard") -> Completion:
    """An attempt that ended so many minutes ago and took so many."""
    ended = NOW - timedelta(minutes=ago)
    begins = ended - timedelta(minutes=took)
    return Completion(
        task=f"idea-{ago:g}.genesis",
        workflow=Workflow.GENESIS,
        specialty=specialty,
        worker=worker,
        queued_at=begins,
        assigned_at=begins,
        finished_at=ended,
        ok=True,
    )


def recorded(
    completions: Iterable[Completion], config: Config | None = None, scaling: Scaling = BY_HAND
) -> State:
    kept = sorted(completions, key=lambda one: one.finished_at)
    return replace(begun(config, scaling=scaling), recent=Recent(completions=tuple(kept)))


def before(count: int = 10, took: float = 10) -> list[Completion]:
    return [done(61 + number, took) for number in range(count)]


def lately(count: int = 5, took: float = 16, worker: str = "genesis-01") -> list[Completion]:
    return [done(number, took, worker) for number in range(count)]


def alert(state: State) -> Alert | None:
    return next((one for one in state.alerts.items if one.id == "slow-genesis" and one.until is None), None)


def at(state: State, now: datetime = NOW) -> State:
    return decide(state, (), now).state


def test_the_alert_names_the_medians_the_specialty_and_the_worker() -> None:
    completions = [*before(), *lately(3, 18, "genesis-02"), *lately(3, 30, "genesis-01")]
    found = alert(at(recorded(completions)))
    assert found is not None
    assert found.cause == snapshot(
        "genesis has become slow: half of its latest 6 tasks took more than 24 min, usual are 10 min "
        "(2.4 times). Slowest specialty: standard, 24 min against 10 min. "
        "Slowest worker: genesis-01, 30 min against 18 min"
    )
    assert found.advice == snapshot(
        "/health genesis-01 shows that worker; other workers are preferred to one that is much slower "
        "than its peers. /bottlenecks says whether more genesis workers would help."
    )


def test_it_takes_enough_before_and_enough_of_late() -> None:
    assert alert(at(recorded([*before(), *lately()])))
    assert alert(at(recorded([*before(9), *lately()]))) is None
    assert alert(at(recorded([*before(), *lately(4)]))) is None
    assert alert(at(recorded([*before(), *lately(took=15)]))) is None
    failed = [one.model_copy(update={"ok": False}) for one in lately()]
    assert alert(at(recorded([*before(), *failed]))) is None


def test_one_worker_is_added_once_for_an_alert_with_the_reason() -> None:
    state = at(recorded([*before(), *lately()], Config(pools=FEW), Scaling(utilisation_above=None)))
    assert [one for one in state.instances if one.startswith("genesis")] == [
        "genesis-01",
        "genesis-02",
        "genesis-03",
        "genesis-04",
    ]
    scaled = [one.detail for one in state.journal.happenings if one.kind == "scaled"]
    assert scaled[0] == "genesis from 3 to 4, because genesis has become slow: new genesis-04"
    assert all(not one.startswith("genesis") for one in scaled[1:])
    assert decide(state, (), NOW).state is state


def test_it_ends_well_below_where_it_began_or_when_nothing_ended_for_a_window() -> None:
    state = at(recorded([*before(), *lately()]))
    for took, is_open in ((14, True), (12, False)):
        again = replace(state, recent=recorded([*before(), *lately(took=took)]).recent)
        assert (alert(at(again)) is not None) is is_open
    few = replace(state, recent=recorded([*before(), *lately(2)]).recent)
    assert alert(at(few)) is not None
    assert alert(at(state, NOW + timedelta(minutes=60))) is None


@given(st.lists(st.tuples(st.floats(0, 120), st.floats(1, 60), st.sampled_from("abc")), max_size=40))
@settings(deadline=None)
def test_settling_again_changes_nothing(rows: list[tuple[float, float, str]]) -> None:
    state = recorded([done(ago, took, worker) for ago, took, worker in rows])
    for _ in range(2):
        draft = Draft(state, NOW)
        settle_degradation(draft)
        once, state = state, draft.freeze(())
    draft = Draft(state, NOW)
    settle_degradation(draft)
    assert not draft.differs()
    assert once.recent is state.recent


# slow workers


def slow_one() -> list[Completion]:
    """genesis-01 took twice as long as the others at standard work."""
    return [
        *(done(number, 20, "genesis-01") for number in range(3)),
        *(done(number, 10, "genesis-02") for number in range(3)),
    ]


def test_a_worker_is_slow_at_a_specialty_against_its_peers_of_late() -> None:
    def slow(completions: list[Completion]) -> dict[str, frozenset[str]]:
        return dict(slow_workers(Draft(recorded(completions), NOW), Workflow.GENESIS))

    assert slow(slow_one()) == {"standard": frozenset({"genesis-01"})}
    assert slow(slow_one()[1:]) == {}
    assert slow([one.model_copy(update={"specialty": one.worker}) for one in slow_one()]) == {}
    assert slow([one for one in slow_one() if one.worker == "genesis-01"]) == {}
    assert slow(before()) == {}


def days() -> Days:
    world = Days(Config(pools=FEW))
    world.state = replace(world.state, recent=recorded(slow_one()).recent)
    world.now = NOW
    return world


def task_of(world: Days, number: int) -> Task:
    task = world.state.projects[f"idea-{number}-{number}"].task(f"idea-{number}-{number}.genesis")
    assert task is not None
    return task


def test_a_slow_worker_comes_after_the_others_and_why_says_so() -> None:
    world = days()
    for number in (1, 2, 3):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
    assert [task_of(world, number).worker for number in (1, 2, 3)] == [
        "genesis-02",
        "genesis-03",
        "genesis-01",
    ]
    choice = task_of(world, 2).choice
    assert choice is not None
    assert choice.rule == "it is not slow at standard of late"
    assert [one.slow for one in choice.candidates] == [False, True]


def test_work_that_a_rebalancing_kept_for_it_is_released_and_a_person_s_wish_stands() -> None:
    world = days()
    for number in range(1, 6):
        world.say(f"/dispatch-genesis Idea {number}", issue=number)
    for number in (4, 5):
        world.say(f"/assign genesis idea-{number}-{number} genesis-01 --force", issue=number)
    (kept,) = (task.reserved for task in [task_of(world, 5)] if task.reserved)
    by_rule = task_of(world, 5).model_copy(update={"reserved": kept.model_copy(update={"why": "it is idle"})})
    draft = Draft(world.state, world.now)
    draft.put_task("idea-5-5", by_rule)
    world.state = draft.freeze(())
    world.settle()
    assert task_of(world, 5).reserved is None
    assert task_of(world, 4).reserved is not None
    assert all(task_of(world, number).status is TaskStatus.QUEUED for number in (4, 5))
    (note,) = (one for one in world.state.journal.happenings if "no longer kept" in one.detail)
    assert note.detail == "no longer kept for genesis-01, which is slow of late"
    assert len(assignments(world.state)) == 3
