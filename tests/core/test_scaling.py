"""How many workers there are: within the limits, in a fixed order, and back again after an emergency."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.events.observed import Observed
from bot.domain.instances import Instance
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.state import State
from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.fleet.scaling import end_emergencies, limits
from bot.render.text import LIMIT
from tests.commands.fleet import Days
from tests.core.worlds import assignments, begun, reply_to

LEAVING = ("stopped", "draining")


def of(state: State, workflow: str) -> dict[str, Instance]:
    found = sorted(state.instances.values(), key=lambda worker: worker.id)
    return {worker.id: worker for worker in found if worker.workflow == workflow}


def states(state: State, workflow: str = "genesis") -> dict[str, str]:
    return {id_: worker.status.value for id_, worker in of(state, workflow).items()}


def size(state: State, workflow: str) -> int:
    return sum(status not in LEAVING for status in states(state, workflow).values())


def dispatched(days: Days, count: int, flags: str = "") -> None:
    for number in range(count):
        days.say(f"/dispatch-genesis Idea {number} {flags}", issue=100 + number)


def genesis(**changes: Any) -> Config:
    pool = Pools().genesis.model_copy(update=changes)
    return Config(pools=Pools(genesis=Pool.model_validate(pool.model_dump())))


def test_new_workers_go_on_with_the_rosters_numbers() -> None:
    days = Days()
    days.say("/emergency-scale-up all", issue=1)
    assert list(of(days.state, "genesis"))[3:] == ["genesis-04", "genesis-05", "genesis-06"]
    assert list(of(days.state, "development"))[5:] == ["dev-06", "dev-07", "dev-08", "dev-09", "dev-10"]


@pytest.mark.parametrize(
    ("roster", "expected"),
    [
        (("scaffolder-1",), "scaffolder-2"),
        (("a", "b"), "genesis-01"),
        (("g009", "g2"), "g010"),
        ((), "genesis-01"),
        (("dev-05",), "dev-06"),
        (("x" * 39 + "9",), "x" * 38 + "10"),
    ],
)
def test_numbering_follows_whatever_the_roster_does(roster: tuple[str, ...], expected: str) -> None:
    config = genesis(roster=tuple(Worker(id=id_) for id_ in roster), minimum=0)
    names = {"dev-05": "builder-01"}
    others = Pools().development
    renamed = tuple(one.model_copy(update={"id": names.get(one.id, one.id)}) for one in others.roster)
    config = config.model_copy(
        update={
            "pools": config.pools.model_copy(
                update={"development": others.model_copy(update={"roster": renamed})}
            )
        }
    )
    days = Days(config)
    days.say("/scale-up genesis", issue=1)
    assert set(of(days.state, "genesis")) == {*roster, expected}


def test_a_new_worker_has_the_specialty_that_the_backlog_lacks_most() -> None:
    days = Days()
    dispatched(days, 3)
    for number in range(3):
        days.say(f"/dispatch-genesis Small {number} --size quick", issue=200 + number)
    days.say("/dispatch-genesis Huge --size large\n/dispatch-genesis Vast --size large", issue=300)
    days.say("/emergency-scale-up genesis", issue=1)
    assert Counter(one.specialties for one in list(of(days.state, "genesis").values())[3:]) == {
        ("quick",): 2,
        ("large",): 1,
    }


def test_stopped_workers_are_started_again_before_new_ones_are_made() -> None:
    days = Days()
    days.say("/scale-down genesis", issue=1)
    assert states(days.state) == {"genesis-01": "idle", "genesis-02": "idle", "genesis-03": "stopped"}
    days.say("/emergency-scale-up genesis --for 1h", issue=1)
    assert set(states(days.state).values()) == {"idle"}
    assert len(states(days.state)) == 6


def test_a_worker_whose_specialty_is_wanted_stays() -> None:
    days = Days()
    days.say("/dispatch-genesis Small --size quick", issue=1)
    days.fail("small-1.genesis")  # waits for its backoff, and wants a worker like genesis-03
    days.say("/scale-down genesis", issue=1)
    assert states(days.state) == {"genesis-01": "idle", "genesis-02": "stopped", "genesis-03": "idle"}


def test_an_offline_worker_counts_for_nobody() -> None:
    days = Days()
    ill = days.state.instances["genesis-01"].model_copy(update={"status": WorkerStatus.OFFLINE})
    days.state = replace(days.state, instances={**days.state.instances, ill.id: ill})
    days.say("/scale-down genesis", issue=1)
    assert "stopped" not in states(days.state).values(), "two are well, the least that there are to be"
    days.say("/scale-up genesis", issue=1)
    assert states(days.state)["genesis-04"] == "idle", "three may take work"


def test_draining_workers_go_on_before_anybody_else_is_started() -> None:
    days = Days()
    dispatched(days, 3)
    days.say("/scale-down genesis --drain", issue=1)
    assert Counter(states(days.state).values()) == {"busy": 2, "draining": 1}
    days.say("/scale-up genesis", issue=1)
    assert Counter(states(days.state).values()) == {"busy": 3}


def test_a_drained_worker_finishes_its_task_and_stops() -> None:
    days = Days()
    dispatched(days, 4)
    days.say("/scale-down genesis --drain", issue=1)
    (leaving,) = [worker for worker in of(days.state, "genesis").values() if worker.status == "draining"]
    assert leaving.assignment is not None
    days.do(leaving.assignment.task)
    stopped = days.state.instances[leaving.id]
    assert (stopped.status, stopped.assignment, stopped.completed) == (WorkerStatus.STOPPED, None, 1)
    assert days.state.queues["genesis"].items  # type: ignore[index]


def test_the_end_of_an_emergency_restores_the_roster() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis --for 30m", issue=1)
    dispatched(days, 5)
    days.wait(minutes=29)
    assert size(days.state, "genesis") == 6
    days.wait(minutes=1)
    after = states(days.state)
    assert [after[f"genesis-0{number}"] in LEAVING for number in range(1, 7)] == [False] * 3 + [True] * 3
    assert Counter(after.values())["stopped"] == 1
    assert days.state.controls.emergency == ()
    happened = [one.detail for one in days.state.journal.happenings if one.kind == "scaled"]
    assert happened[-1].startswith("genesis from 6 to 3, because its emergency is over: stopped genesis-0")
    for held in assignments(days.state):
        days.do(held.task, minutes=1)
    assert Counter(states(days.state).values()) == {"idle": 3, "stopped": 3}


def test_at_the_end_of_an_emergency_idle_workers_of_the_roster_stay() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis --for 30m", issue=1)
    dispatched(days, 6)
    held = days.state.instances["genesis-01"].assignment
    assert held is not None
    days.do(held.task, minutes=1)
    days.wait(minutes=29)
    assert list(states(days.state).values()) == ["idle", "busy", "busy", "draining", "draining", "draining"]


def test_an_emergency_that_is_over_raises_no_limit_even_before_it_is_cleared_away() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis --for 1h", issue=1)
    assert limits(Draft(days.state, days.now), Workflow.GENESIS).maximum == 6
    over = limits(Draft(days.state, days.now + timedelta(hours=1)), Workflow.GENESIS)
    assert (over.maximum, over.until) == (3, None)


def test_the_end_of_an_emergency_takes_no_more_than_the_surplus() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis --for 1h", issue=1)
    days.say("/scale-down genesis 4", issue=1)
    assert size(days.state, "genesis") == 2
    before = days.state.instances
    days.wait(hours=2)
    assert {id_: one.status for id_, one in days.state.instances.items()} == {
        id_: one.status for id_, one in before.items()
    }


def test_ending_emergencies_twice_changes_nothing_more() -> None:
    days = Days()
    days.say("/emergency-scale-up all --for 1h", issue=1)
    draft = Draft(days.state, days.now + timedelta(hours=1))
    end_emergencies(draft)
    once = (dict(draft.instances), draft.controls, draft.happenings)
    end_emergencies(draft)
    assert (dict(draft.instances), draft.controls, draft.happenings) == once


def test_an_emergency_begins_anew_after_its_end() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis --for 1h", issue=1)
    days.now += timedelta(hours=2)  # no tick came by in between
    days.say("/emergency-scale-up genesis --for 1h", issue=1)
    emergency = days.state.controls.emergency_of(Workflow.GENESIS)
    assert emergency is not None
    assert (emergency.since, emergency.until) == (days.now, days.now + timedelta(hours=1))


def test_a_changed_roster_is_taken_in_beside_scaled_workers() -> None:
    days = Days()
    days.say("/emergency-scale-up genesis", issue=1)
    roster = (*Pools().genesis.roster, Worker(id="genesis-09", specialties=("large",), region="eu"))
    before = days.state.instances
    days.settle(Observed(observer="a-tick", at=days.now, config=genesis(roster=roster)))
    assert {id_: one for id_, one in days.state.instances.items() if id_ in before} == before
    assert days.state.instances.keys() - before.keys() == {"genesis-09"}


def test_replies_about_very_many_workers_are_cut_by_rows() -> None:
    roster = tuple(Worker(id=f"genesis-{number}", region="r" * 30) for number in range(2_000))
    config = genesis(roster=roster, minimum=0, maximum=2_000, emergency=4_000)
    state = begun(config)
    for typed in ("/instances", "/health-check all"):
        reply = reply_to(state, typed)
        assert len(reply) <= LIMIT
        assert re.search(r"… and \d+ more that do not fit", reply)
    reply = reply_to(state, "/emergency-scale-up genesis")
    assert "2000 → 4000" in reply
    assert "and 1990 more" in reply


COMMANDS = st.lists(
    st.one_of(
        st.builds(
            "/{} {} {}{}".format,
            st.sampled_from(["scale-up", "scale-down"]),
            st.sampled_from(list(Workflow)),
            st.integers(1, 6),
            st.sampled_from(["", " --drain"]),
        ),
        st.builds(
            "/emergency-scale-up {} --for {}".format,
            st.sampled_from(["all", *Workflow]),
            st.sampled_from(["20m", "1h"]),
        ),
        st.builds(
            "/restart {}".format, st.sampled_from(["genesis-01", "genesis-03", "dev-05", "genesis-04"])
        ),
        st.sampled_from(["/dispatch-genesis A page", "/dispatch-genesis B --size large", "wait", "work"]),
    ),
    max_size=25,
)


@given(COMMANDS)
@settings(max_examples=60, deadline=None)
def test_no_command_leaves_the_limits_in_force_or_gives_work_to_who_is_leaving(commands: list[str]) -> None:
    days = Days()
    for number, typed in enumerate(commands, 1):
        before = days.state
        leaving = {
            id_: one.assignment for id_, one in before.instances.items() if one.status.value in LEAVING
        }
        if typed == "wait":
            days.wait(minutes=15)
        elif typed == "work" and (held := assignments(before)):
            days.do(held[0].task, minutes=1)
        elif typed != "work":
            days.say(typed, issue=number)
        for workflow in Workflow:
            limits_hold(before, days, workflow, command=typed.startswith(("/scale", "/emerg", "/restart")))
        for id_, assignment in leaving.items():
            now = days.state.instances[id_]
            if now.status.value in LEAVING:
                assert now.assignment in (None, assignment)


def limits_hold(before: State, days: Days, workflow: Workflow, *, command: bool) -> None:
    """A command moves the number of workers that take work only towards the limits, or within them."""
    pool = days.state.config.pools.of(workflow)
    emergency = days.state.controls.emergency_of(workflow)
    most = pool.ceiling if emergency and emergency.until > days.now else pool.maximum
    old, new = size(before, workflow), size(days.state, workflow)
    assert min(old, pool.minimum) <= new <= max(old, most)
    assert command or new <= old
    if not emergency:
        assert new <= pool.maximum
