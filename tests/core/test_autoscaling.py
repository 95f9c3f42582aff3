"""The scaling policy against a table of situations, each brought about through ``decide``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from bot.decide import decide
from bot.domain.config import Config, Health, Queueing
from bot.domain.moves import MOVES_LIMIT, Move
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.scaling import Scaling
from bot.domain.vocabulary import WorkerStatus, Workflow
from tests.commands.fleet import Days
from tests.core.test_scaling import size, states
from tests.core.worlds import assignments, comment

ROOMY: dict[str, Any] = {"maximum": 8}
QUEUE_ALONE: dict[str, Any] = {"wait_above_minutes": None, "utilisation_above": None}


def days(pool: dict[str, Any] | None = None, **rule: Any) -> Days:
    genesis = Pools().genesis.model_copy(update={**ROOMY, **(pool or {})})
    pools = Pools(genesis=Pool.model_validate(genesis.model_dump()))
    config = Config(pools=pools, queueing=Queueing(overflow=1_000))  # an overflow adds workers, too
    return Days(config, scaling=Scaling(**{**QUEUE_ALONE, **rule}))


def dispatch(fleet: Days, count: int, flags: str = "") -> None:
    """So many ideas in the same second, with one commit."""
    first = 1_000 + len(fleet.state.projects)
    lines = [f"/dispatch-genesis Idea {first + number} {flags}" for number in range(count)]
    for start in range(0, count, 10):
        fleet.say("\n".join(lines[start : start + 10]), issue=first + start)


def moves(fleet: Days, workflow: str = "genesis") -> list[tuple[int, int]]:
    return [(one.before, one.after) for one in fleet.state.scaling.moves if one.workflow == workflow]


def latest(fleet: Days, workflow: Workflow = Workflow.GENESIS) -> Move:
    found = fleet.state.scaling.latest(workflow)
    assert found is not None
    return found


def working(fleet: Days, minutes: float) -> None:
    """Time passes, with a look every 30 seconds."""
    for _ in range(int(minutes * 2)):
        fleet.wait(seconds=30)


# up


@pytest.mark.parametrize(
    ("count", "pool", "rule", "expected"),
    [
        pytest.param(13, {}, {}, [], id="ten wait: not more than ten"),
        pytest.param(14, {}, {}, [(3, 6)], id="eleven at 15 min are worked off by six in 30 min"),
        pytest.param(14, {"maximum": 5}, {}, [(3, 5)], id="never above the maximum"),
        pytest.param(14, {"expected_minutes": 1}, {}, [(3, 4)], id="never less than one more"),
        pytest.param(14, {"maximum": 3}, {}, [], id="nothing where the pool is full"),
        pytest.param(14, {}, {"drain_minutes": 60}, [(3, 4)], id="half as many for twice the time"),
        pytest.param(6, {}, {"queue_above": 2}, [(3, 4)], id="the mark is configured"),
        pytest.param(14, {}, {"enabled": False}, [], id="switched off"),
    ],
)
def test_a_long_queue_is_answered_in_its_own_commit(
    count: int, pool: dict[str, Any], rule: dict[str, Any], expected: list[tuple[int, int]]
) -> None:
    fleet = days(pool, **rule)
    fleet.now += timedelta(hours=1)  # nobody looked: idle workers are still there
    dispatch(fleet, min(count, 10))
    dispatch(fleet, max(0, count - 10))
    assert moves(fleet) == expected
    if expected:
        assert len(assignments(fleet.state)) == expected[-1][1]


def test_the_one_more_comes_once_in_a_window_and_the_backlogs_need_at_once() -> None:
    fleet = days({"expected_minutes": 1})
    dispatch(fleet, 15)
    assert moves(fleet) == [(3, 4)]
    working(fleet, 4.5)
    assert moves(fleet) == [(3, 4)]
    working(fleet, 0.5)
    assert moves(fleet) == [(3, 4), (4, 5)]
    dispatch(fleet, 200)
    assert moves(fleet)[2:] == [(5, 6), (6, 7)]  # about 205 tasks of a minute take seven half an hour


@pytest.mark.parametrize(("allowed", "expected"), [(30, [(3, 4)]), (None, []), (0, [])])
def test_the_oldest_waits_for_too_long(allowed: float | None, expected: list[tuple[int, int]]) -> None:
    fleet = days({"time_limit_minutes": 600}, wait_above_minutes=allowed)
    dispatch(fleet, 4)
    working(fleet, 30)
    assert moves(fleet) == []
    working(fleet, 0.5)
    assert moves(fleet) == expected
    if expected:
        assert latest(fleet).reason == "the oldest task has waited for 30 min, allowed are 30"


@pytest.mark.parametrize(("allowed", "expected"), [(0.8, [(3, 4)]), (None, []), (0, [])])
def test_workers_are_busy_for_most_of_the_window(
    allowed: float | None, expected: list[tuple[int, int]]
) -> None:
    fleet = days({"time_limit_minutes": 600}, utilisation_above=allowed)
    dispatch(fleet, 3)
    working(fleet, 4)
    assert moves(fleet) == []
    working(fleet, 0.5)
    assert moves(fleet) == expected
    if expected:
        assert latest(fleet).reason == "its workers were busy for 90% of 5 min, more than 80%"


# what more workers would not start


@pytest.mark.parametrize("switch", ["/pause genesis", "/priority-triage high", "/emergency-stop all"])
def test_nobody_is_started_for_work_that_may_not_start(switch: str) -> None:
    fleet = days({"time_limit_minutes": 600}, wait_above_minutes=1, utilisation_above=0.8)
    fleet.say(switch, issue=1, role="admin")
    dispatch(fleet, 16, "--priority low")
    working(fleet, 20)
    assert not any(after > before for before, after in moves(fleet))


def test_what_triage_lets_through_counts() -> None:
    fleet = days()
    fleet.say("/priority-triage high", issue=1)
    dispatch(fleet, 10, "--priority low")
    dispatch(fleet, 13, "--priority high")
    assert moves(fleet) == []
    dispatch(fleet, 1, "--priority high")
    assert moves(fleet) == [(3, 6)]


def test_a_task_in_its_backoff_is_no_backlog() -> None:
    fleet = days({"maximum": 8}, queue_above=1)
    dispatch(fleet, 3)
    for held in assignments(fleet.state):
        fleet.claim(held.task)
    for held in assignments(fleet.state):
        fleet.report(held.task, ok=False, summary="no")
    assert len(fleet.state.queues[Workflow.GENESIS].items) == 3  # type: ignore[index]
    assert moves(fleet) == []


# down


def test_an_idle_fleet_shrinks_by_one_in_a_window_down_to_its_minimum() -> None:
    fleet = days()
    working(fleet, 4.5)
    assert moves(fleet, "development") == []
    working(fleet, 0.5)
    assert moves(fleet, "development") == [(5, 4)]
    working(fleet, 4.5)
    assert moves(fleet, "development") == [(5, 4)]
    working(fleet, 60)
    assert {workflow: size(fleet.state, workflow) for workflow in Workflow} == {
        "genesis": 2,
        "development": 3,
        "content": 2,
    }


def test_work_within_the_window_keeps_the_workers() -> None:
    fleet = days({"minimum": 1, "maximum": 3})
    working(fleet, 4)
    dispatch(fleet, 1)
    held = assignments(fleet.state)[0]
    fleet.claim(held.task)
    fleet.wait(seconds=30)
    fleet.report(held.task, ok=False, retry=False, summary="no")
    working(fleet, 4.5)
    assert moves(fleet) == []
    working(fleet, 0.5)
    assert moves(fleet) == [(3, 2)]


def test_a_task_that_was_taken_back_counts_as_work() -> None:
    fleet = days({"minimum": 1})
    working(fleet, 4)
    dispatch(fleet, 1)
    project = assignments(fleet.state)[0].project
    fleet.say(f"/emergency-stop {project}", issue=1)
    working(fleet, 4.5)
    assert moves(fleet) == []
    working(fleet, 0.5)
    assert moves(fleet) == [(3, 2)]


def test_three_that_wait_keep_the_workers_and_two_do_not() -> None:
    fleet = days()
    fleet.say("/pause genesis", issue=1)
    dispatch(fleet, 3)
    working(fleet, 20)
    assert moves(fleet) == []
    fleet.say(f"/emergency-stop {min(fleet.state.projects)}", issue=1)
    working(fleet, 0.5)
    assert moves(fleet) == [(3, 2)]


def test_the_rule_leaves_one_worker() -> None:
    fleet = days({"minimum": 0})
    working(fleet, 60)
    assert size(fleet.state, "genesis") == 1


def test_where_nobody_takes_work_one_task_starts_a_worker() -> None:
    fleet = days({"minimum": 0})
    fleet.say("/scale-down genesis 3", issue=1)
    working(fleet, 5)
    assert size(fleet.state, "genesis") == 0
    dispatch(fleet, 1)
    assert moves(fleet) == [(3, 0), (0, 1)]
    assert len(assignments(fleet.state)) == 1


# the window


def test_nothing_opposite_within_the_window_after_people_moved() -> None:
    fleet = days()
    working(fleet, 4.5)
    fleet.say("/scale-up genesis", issue=1)
    working(fleet, 4.5)
    assert moves(fleet) == [(3, 4)]
    working(fleet, 0.5)
    assert moves(fleet) == [(3, 4), (4, 3)]
    dispatch(fleet, 20)
    assert moves(fleet)[2:] == []
    working(fleet, 4.5)
    assert moves(fleet)[2:] == []
    working(fleet, 0.5)
    assert moves(fleet)[2:] == [(3, 8)]


def test_an_emergency_holds_until_its_end() -> None:
    fleet = days({"maximum": 3})
    fleet.say("/emergency-scale-up genesis --for 1h", issue=1)
    working(fleet, 59.5)
    assert moves(fleet) == [(3, 6)]
    working(fleet, 0.5)
    assert moves(fleet) == [(3, 6), (6, 3)]
    working(fleet, 5)
    assert moves(fleet)[2:] == [(3, 2)]


def test_an_emergency_raises_the_rules_maximum_too() -> None:
    fleet = days({"maximum": 3, "emergency": 12})
    fleet.say("/emergency-scale-up genesis --for 1h\n/scale-down genesis 9", issue=1)
    working(fleet, 5)
    dispatch(fleet, 14)
    assert latest(fleet).after == 6


# limits


def test_a_raised_minimum_is_filled_up_at_once() -> None:
    fleet = days({"minimum": 5, "roster": (Worker(id="g-1"),)})
    assert moves(fleet) == [(1, 5)]
    assert latest(fleet).reason == "the minimum is 5"
    assert list(states(fleet.state)) == ["g-1", "g-2", "g-3", "g-4", "g-5"]


# workers on machines of their own


def external(fleet: Days, *ids: str, status: WorkerStatus = WorkerStatus.IDLE) -> None:
    changed = {
        id_: fleet.state.instances[id_].model_copy(
            update={"kind": "external", "process": id_, "session": 1, "status": status}
        )
        for id_ in ids
    }
    silent = Health(start_minutes=1_440, heartbeat_minutes=1_440)
    config = fleet.state.config.model_copy(update={"health": silent})
    fleet.state = replace(fleet.state, config=config, instances={**fleet.state.instances, **changed})


def test_external_workers_are_never_stopped_by_the_rule() -> None:
    fleet = days({"minimum": 1})
    external(fleet, "genesis-02", "genesis-03")
    working(fleet, 60)
    assert moves(fleet) == [(3, 2)]
    assert states(fleet.state) == {"genesis-01": "stopped", "genesis-02": "idle", "genesis-03": "idle"}


def test_external_workers_cannot_be_started_by_the_rule() -> None:
    fleet = days()
    external(fleet, "genesis-03", status=WorkerStatus.STOPPED)
    dispatch(fleet, 13)
    assert latest(fleet).before == 2
    assert states(fleet.state)["genesis-03"] == "stopped"
    assert "genesis-04" in states(fleet.state)


# new workers


def test_a_specialty_that_only_the_backlog_names_gets_a_worker() -> None:
    fleet = days({"roster": (Worker(id="g-1", specialties=("quick",)),), "minimum": 1}, queue_above=3)
    dispatch(fleet, 8, "--size large")
    made = [one.specialties for one in fleet.state.instances.values() if one.id in ("g-2", "g-3")]
    assert made == [("large",), ("large",)]


# memory and idempotence


def test_the_reason_stands_in_the_journal() -> None:
    fleet = days()
    dispatch(fleet, 10)
    dispatch(fleet, 4)
    told = [one.detail for one in fleet.state.journal.happenings if one.kind == "scaled"]
    assert told == snapshot(
        ["genesis from 3 to 6, because 11 tasks wait, more than 10: new genesis-04, genesis-05, genesis-06"]
    )


def test_a_tick_without_a_move_commits_nothing_and_one_with_a_move_does() -> None:
    fleet = days()
    before = fleet.state
    quiet = decide(before, [], fleet.now + timedelta(minutes=4, seconds=59))
    assert quiet.state is before
    due = decide(before, [], fleet.now + timedelta(minutes=5))
    assert {one.workflow: (one.before, one.after) for one in due.state.scaling.moves} == {
        "genesis": (3, 2),
        "development": (5, 4),
        "content": (3, 2),
    }
    assert decide(due.state, [], fleet.now + timedelta(minutes=5)).state is due.state


def test_the_memory_is_bounded() -> None:
    fleet = Days()
    for _ in range(MOVES_LIMIT):
        fleet.say("/scale-down genesis\n/scale-up genesis", issue=1)
    assert len(fleet.state.scaling.moves) == MOVES_LIMIT
    assert {one.by for one in fleet.state.scaling.moves} == {"wendy"}


# told


def told(change: Callable[[Days], None], typed: str = "/why genesis", **rule: Any) -> str:
    fleet = days({"maximum": 4}, **rule)
    change(fleet)
    (reply,) = [
        entry.effect.body
        for entry in decide(fleet.state, [comment(9_999, typed, at=fleet.now)], fleet.now).effects
        if entry.effect.kind == "reply"
    ]
    return reply


def test_why_an_idle_workflow_will_shrink() -> None:
    assert told(lambda fleet: working(fleet, 2)) == snapshot("""\
**genesis** has 3 workers (limits 2 to 4). It stays so. If nothing more is begun, it may go down in 3 min (2026-11-23 12:05 UTC) at the earliest.

| direction | condition | found | met |
| --- | --- | --- | --- |
| up | fewer than 2 workers | 3 | no |
| up | more than 10 tasks may start | 0 of 0 | no |
| up | more than 1000: all that the limits allow | 0 | no |
| up | it has become slow, and no worker was added since | – | no |
| down | utilisation under 30% all through 5 min, fewer than 3 tasks wait | 3 of 3 not idle at some moment, 0 busy now; 0 tasks waiting | no |

What would change it:

- `/scale-up genesis` and `/scale-down genesis` change it at once, within the limits

Up: at once, by as many as work the backlog off in 30 min. Down: one worker at a time. Within 5 min of a move there is none in the other direction. The keys are under `scaling` in `.github/orchestrator.yml`.\
""")


def test_why_an_idle_workflow_shrinks_no_further() -> None:
    text = told(lambda fleet: working(fleet, 30))
    assert "less than 30%, but the minimum is 2." in text
    assert "a lower `pools.genesis.minimum` allows fewer" in text


def full(fleet: Days) -> None:
    dispatch(fleet, 20)
    working(fleet, 1)


def test_why_a_workflow_is_at_its_maximum() -> None:
    assert told(full) == snapshot("""\
**genesis** has 4 workers (limits 2 to 4). More workers are wanted, because 16 tasks wait, more than 10, but the maximum is 4.

| direction | condition | found | met |
| --- | --- | --- | --- |
| up | fewer than 2 workers | 4 | no |
| up | more than 10 tasks may start | 16 of 16; 8 workers for that, at 15 min each | yes |
| up | more than 1000: all that the limits allow | 16 | no |
| up | it has become slow, and no worker was added since | – | no |
| down | utilisation under 30% all through 5 min, fewer than 3 tasks wait | 4 of 4 not idle at some moment, 4 busy now; 16 tasks waiting | no |

Its latest move: from 3 to 4 workers 1 min ago, because 17 tasks wait, more than 10.

What would change it:

- `/emergency-scale-up genesis` allows 8 for 2 h; for good, raise `pools.genesis.maximum`
- `/scale-up genesis` and `/scale-down genesis` change it at once, within the limits

Up: at once, by as many as work the backlog off in 30 min. Down: one worker at a time. Within 5 min of a move there is none in the other direction. The keys are under `scaling` in `.github/orchestrator.yml`.\
""")


def test_why_a_move_waits_for_the_window() -> None:
    def change(fleet: Days) -> None:
        working(fleet, 5)
        dispatch(fleet, 20)
        working(fleet, 1)

    assert told(change, wait_above_minutes=30, utilisation_above=0.8) == snapshot("""\
**genesis** has 2 workers (limits 2 to 4). It is to go up, because 18 tasks wait, more than 10; 5 min after its latest move, so in 4 min (2026-11-23 12:10 UTC) at the earliest.

| direction | condition | found | met |
| --- | --- | --- | --- |
| up | fewer than 2 workers | 2 | no |
| up | more than 10 tasks may start | 18 of 18; 9 workers for that, at 15 min each | yes |
| up | more than 1000: all that the limits allow | 18 | no |
| up | it has become slow, and no worker was added since | – | no |
| up | the oldest waits for more than 30 min | 1 min | no |
| up | utilisation over 80% | 20% of the last 5 min | no |
| down | utilisation under 30% all through 5 min, fewer than 3 tasks wait | 2 of 2 not idle at some moment, 2 busy now; 18 tasks waiting | no |

Its latest move: from 3 to 2 workers 1 min ago, because at most 0 of 3 were busy in 5 min, less than 30%.

What would change it:

- `/scale-up genesis` and `/scale-down genesis` change it at once, within the limits

Up: at once, by as many as work the backlog off in 30 min. Down: one worker at a time. Within 5 min of a move there is none in the other direction. The keys are under `scaling` in `.github/orchestrator.yml`.\
""")


def test_why_nothing_moves_while_it_is_off() -> None:
    assert told(lambda fleet: None, enabled=False) == snapshot("""\
**genesis** has 3 workers (limits 2 to 4). Only people change that: autoscaling is off.

| direction | condition | found | met |
| --- | --- | --- | --- |
| up | fewer than 2 workers | 3 | no |
| up | more than 10 tasks may start | 0 of 0 | no |
| up | more than 1000: all that the limits allow | 0 | no |
| up | it has become slow, and no worker was added since | – | no |
| down | utilisation under 30% all through 5 min, fewer than 3 tasks wait | 3 of 3 not idle at some moment, 0 busy now; 0 tasks waiting | no |

What would change it:

- `/scale-up genesis` and `/scale-down genesis` change it at once, within the limits

Autoscaling is off: set `scaling.enabled` in `.github/orchestrator.yml` to true to use it.\
""")


def test_why_scaling_tells_of_every_workflow_and_the_status_of_moves() -> None:
    text = told(lambda fleet: working(fleet, 6), "/why scaling")
    assert [f"**{workflow}** has" in text for workflow in Workflow] == [True] * 3
    status = told(lambda fleet: working(fleet, 5), "/status")
    assert "at its maximum of 4 although 16 tasks wait, more than 10" in told(full, "/status")
    assert next(line for line in status.splitlines() if "**Scaling:**" in line) == snapshot(
        "**Scaling:** genesis from 3 to 2 workers 0 s ago, because at most 0 of 3 were busy in 5 min, less than 30%; development from 5 to 4 workers 0 s ago, because at most 0 of 5 were busy in 5 min, less than 30%; content from 3 to 2 workers 0 s ago, because at most 0 of 3 were busy in 5 min, less than 30%. `/why scaling` says what comes next."
    )
