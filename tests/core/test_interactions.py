"""Where two rules meet: what each of them does must not undo, or be taken for, what the other one means."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bot.app.process import read_event
from bot.decide import decide
from bot.domain.beats import Dropped
from bot.domain.config import Config
from bot.domain.pools import Pools, Worker
from bot.domain.scaling import Scaling
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, WorkerStatus, Workflow
from tests.commands.fleet import Days
from tests.core.processes import beat, look
from tests.core.worlds import (
    assignments,
    begun,
    claimed,
    comment,
    later,
    output,
    reported,
    settled,
)


def genesis(**changes: Any) -> Config:
    pool = Pools().genesis.model_copy(update=changes)
    return Config(pools=Pools(genesis=pool))


def tripped(state: State, *ids: str) -> State:
    """These workers were taken out for failing, for a long time."""
    out = {
        id_: state.instances[id_].model_copy(update={"probe_at": later(9_999_999), "probes": 1})
        for id_ in ids
    }
    return replace(state, instances={**state.instances, **out})


def statuses(state: State, beginning: str) -> dict[str, str]:
    return {id_: one.status.value for id_, one in state.instances.items() if id_.startswith(beginning)}


def test_what_was_dropped_and_comes_back_is_waited_for_again() -> None:
    world = Days()
    world.say("/dispatch-genesis X", issue=1)
    world.do("x-1.genesis")
    for part in ("part-1", "part-2"):
        world.say(f"/discard x-1.{part}.review", issue=1)
    project = world.state.projects["x-1"]
    begun_now = [task.id for task in project.tasks if task.status.held]
    assert "x-1.deployment" in begun_now
    world.say("/retry x-1.part-1.review", issue=1)  # the state must hold together
    again = world.state.projects["x-1"].task("x-1.deployment")
    assert again is not None
    assert (again.status, again.worker, again.attempt) == (TaskStatus.WAITING, None, 0)


def test_an_hour_without_runners_is_nobody_s_failure_however_late_it_is_noticed() -> None:
    state = settled(
        begun(), comment(1, "/dispatch-genesis X\n/dispatch-genesis Y\n/dispatch-genesis Z")
    ).state
    assert len(assignments(state)) == 3
    for hours in (1, 2, 3):
        late = later(3_700 * hours)
        state = decide(state, [look(late)], late).state
    assert state.recent.completions == ()
    assert not any(one.faults for one in state.instances.values())
    assert sum(one.unstarted for one in state.instances.values()) == 9


def test_workers_that_were_taken_out_go_before_those_that_are_well() -> None:
    state = tripped(begun(scaling=Scaling()), "dev-01", "dev-02", "dev-03")
    for minutes in range(6, 30, 6):
        state = decide(state, [look(later(60 * minutes))], later(60 * minutes)).state
    assert statuses(state, "dev")["dev-04"] == statuses(state, "dev")["dev-05"] == "idle"
    assert list(statuses(state, "dev").values()).count("stopped") == 2


def test_nobody_goes_while_work_waits_for_workers_that_were_taken_out() -> None:
    state = tripped(begun(scaling=Scaling()), "genesis-01", "genesis-02", "genesis-03")
    state = settled(state, comment(1, "/dispatch-genesis X")).state
    assert len(assignments(state)) == 0
    for minutes in range(6, 30, 6):
        state = decide(state, [look(later(60 * minutes))], later(60 * minutes)).state
    assert "stopped" not in statuses(state, "genesis").values()


def test_a_new_worker_takes_what_those_that_were_taken_out_cannot() -> None:
    roomy = genesis(maximum=4)
    state = tripped(begun(roomy, scaling=Scaling()), "genesis-01", "genesis-02", "genesis-03")
    state = settled(state, comment(1, "/dispatch-genesis X")).state
    assert [one.task for one in assignments(state)] == ["x-1.genesis"]
    assert statuses(state, "genesis")["genesis-04"] == "busy"


def test_one_dead_machine_is_no_failing_workflow() -> None:
    one = genesis(minimum=0, roster=(Worker(id="genesis-01"),))
    state = settled(begun(one), beat("far-01", slots=6)).state
    ideas = "\n".join(f"/dispatch-genesis Idea {number}" for number in range(7))
    state = settled(state, comment(5, ideas)).state
    far = {id_ for id_, worker in state.instances.items() if worker.process == "far-01"}
    claims = [
        claimed(held, run=1, seconds=20)
        for id_, worker in state.instances.items()
        if (held := worker.assignment) and id_ in far
    ]
    state = decide(state, claims, later(20)).state
    dead = decide(state, [look(later(400), later(20))], later(400)).state
    assert {dead.instances[id_].status for id_ in far} == {WorkerStatus.OFFLINE}
    assert dead.controls.pause(Workflow.GENESIS) is None
    assert sum(not done.ok for done in dead.recent.completions) == len(claims)


def test_the_end_of_an_emergency_leaves_the_roster_beside_other_machines() -> None:
    state = settled(begun(genesis(minimum=2, maximum=3)), *(beat(f"far-0{n}") for n in (1, 2, 3))).state
    state = settled(state, comment(5, "/emergency-scale-up genesis --for 1m", role="admin")).state
    over = decide(state, [look(later(120))], later(120)).state
    assert over.controls.emergency == ()
    assert statuses(over, "genesis-0") == {"genesis-01": "idle", "genesis-02": "idle", "genesis-03": "idle"}


def test_a_process_proves_only_the_end_of_its_own_work() -> None:
    state = settled(begun(), beat("far-01")).state
    state = settled(state, comment(5, "/dispatch-genesis X\n/dispatch-genesis Y")).state
    here = next(one for one in state.instances.values() if one.assignment and one.kind == "actions")
    assert here.assignment is not None
    state = settled(state, claimed(here.assignment)).state
    state = settled(state, comment(20, "/emergency-stop all", role="admin")).state
    forged = beat("far-01", 2, 30, dropped=(Dropped(task=here.assignment.task, lease=here.assignment.lease),))
    stop = settled(state, forged).state.projects[here.assignment.project].stop
    assert stop is not None
    assert stop.proven_at is None


def test_a_beat_of_a_session_that_never_registered_means_nothing() -> None:
    state = settled(begun(), beat("far-01", 2, 5, session=10**15)).state
    state = settled(state, beat("far-01", 1, 10, session=2)).state
    assert state.instances["far-01"].session == 2


def test_a_time_beyond_the_calendar_is_no_event() -> None:
    told = json.loads(beat("far-01").model_dump_json()) | {"at": "0001-01-01T00:00:00+14:00"}
    assert read_event(json.dumps(told)) is None


def test_a_fleet_without_workers_is_told_of_in_words() -> None:
    nobody = {
        name: getattr(Pools(), name).model_copy(update={"roster": (), "minimum": 0})
        for name in ("genesis", "development", "content")
    }
    state = begun(Config(pools=Pools(**nobody)))
    for number, line in enumerate(("/restart-failed-instances", "/health-check all", "/instances"), 1):
        decision = settled(state, comment(number, line, role="admin"))
        assert [entry.effect.kind for entry in decision.effects] == ["reply"], line


def test_an_accepted_report_that_waits_for_github_is_not_stuck() -> None:
    config = genesis(stuck_minutes=10)
    state = settled(begun(config), beat("far-01", specialties=("standard",))).state
    state = settled(state, comment(5, "/dispatch-genesis X")).state
    worker = next(one for one in state.instances.values() if one.assignment)
    assert worker.assignment is not None
    run = 1 if worker.kind == "external" else 7
    state = settled(state, claimed(worker.assignment, run=run)).state
    state = settled(state, reported(worker.assignment, run=run, genesis=output())).state
    task = state.projects["x-1"].tasks[0]
    assert task.status is TaskStatus.PUBLISHING
    for minutes in range(4, 40, 4):
        state = decide(state, [beat("far-01", 1 + minutes, 60 * minutes)], later(60 * minutes)).state
    assert state.projects["x-1"].tasks[0].status is TaskStatus.PUBLISHING
