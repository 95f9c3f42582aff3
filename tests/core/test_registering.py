"""Worker processes on machines of their own: registered by their first beat, fenced by their session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from bot.domain.beats import Dropped, Phase, Progress
from bot.domain.config import Config
from bot.domain.effects import Cancel, Dispatch
from bot.domain.errors import UsageError
from bot.domain.events.worked import WorkerBeat
from bot.domain.pools import Worker
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, WorkerStatus, Workflow
from bot.worker_command import worker
from tests.core.processes import alert_ids, alone, beat, claim, look, publication, report
from tests.core.worlds import assignments, begun, claimed, comment, later, settled

IDEA = comment(1, "/dispatch-genesis A page")


def at_work(**changes: Any) -> State:
    """A process with two slots, alone in Genesis; its first slot has claimed the one task."""
    state = settled(begun(alone()), beat(slots=2, **changes)).state
    state = settled(state, IDEA).state
    (held,) = assignments(state)
    return settled(state, claim(held, changes.get("session", 1))).state


def task_of(state: State) -> Any:
    return state.projects["a-page-1"].tasks[0]


def statuses(state: State, workflow: Workflow = Workflow.GENESIS) -> dict[str, str]:
    return {one.id: one.status.value for one in state.instances.values() if one.workflow is workflow}


def test_the_first_beat_registers_a_worker_for_each_slot() -> None:
    asked = beat(slots=3, specialties=("large",), region="eu", session=7)
    state = settled(begun(alone()), asked).state
    assert statuses(state) == {"far-01": "idle", "far-01-2": "idle", "far-01-3": "idle"}
    third = state.instances["far-01-3"]
    assert (third.kind, third.process, third.session) == ("external", "far-01", 7)
    assert (third.specialties, third.region, third.last_heartbeat) == (("large",), "eu", later(0))


def test_work_reaches_a_process_through_the_state_alone() -> None:
    state = settled(begun(alone()), beat(session=42)).state
    decision = settled(state, IDEA)
    (held,) = assignments(decision.state)
    assert not [entry for entry in decision.effects if isinstance(entry.effect, Dispatch)]
    assert settled(decision.state, claimed(held)).state.projects == decision.state.projects, (
        "a stranger's run"
    )
    state = settled(decision.state, claim(held, 42)).state
    assert task_of(state).status is TaskStatus.RUNNING
    state = settled(settled(state, report(held, 42)).state, publication(held)).state
    assert task_of(state).status is TaskStatus.DONE
    assert state.instances["far-01"].last_heartbeat == later(30)


def test_whatever_one_slot_says_shows_that_all_live() -> None:
    state = at_work()
    assert {one.last_heartbeat for one in state.instances.values() if one.process} == {later(10)}
    state = settled(state, beat(number=2, seconds=90)).state
    assert {one.last_heartbeat for one in state.instances.values() if one.process} == {later(90)}


def test_a_worker_of_the_roster_is_taken_over_and_its_run_is_cancelled() -> None:
    state = settled(begun(), IDEA).state
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    decision = settled(state, beat(state.projects["a-page-1"].tasks[0].worker, seconds=20))
    (again,) = assignments(decision.state)
    assert [e.effect.lease for e in decision.effects if isinstance(e.effect, Cancel)] == [held.lease]
    assert (again.lease > held.lease, task_of(decision.state).attempt) == (True, 1)
    taken = decision.state.instances["genesis-02"]
    assert (taken.kind, taken.specialties) == ("external", ("standard",)), "the roster's, as it named none"


@pytest.mark.parametrize(
    "asked",
    [
        beat("dev-01"),
        beat("other", workflow=Workflow.DEVELOPMENT, session=2, seconds=1),
        beat("other-2", seconds=1),
        beat("far", slots=2, workflow=Workflow.CONTENT, seconds=1),
    ],
)
def test_an_id_of_somebody_else_is_refused_with_an_alert(asked: WorkerBeat) -> None:
    state = settled(begun(), beat("other", slots=2), beat("far-2", workflow=Workflow.GENESIS)).state
    found = settled(state, asked).state
    assert found.instances == state.instances
    assert alert_ids(found) == {f"worker-refused-{asked.worker}"}
    later_beat = asked.model_copy(update={"number": 2, "at": later(2)})
    assert settled(found, later_beat).state.instances == state.instances


def test_the_refusal_is_over_once_it_joins() -> None:
    state = settled(begun(), beat("far-01", workflow=Workflow.CONTENT), beat("dev-01")).state
    (alert,) = [one for one in state.alerts.items if one.until is None]
    assert alert.cause == (
        "A worker process asked to join as dev-01 for genesis, but dev-01 is a worker of development"
    )
    joined = beat("dev-01", workflow=Workflow.DEVELOPMENT, session=2, seconds=5)
    assert alert_ids(settled(state, joined).state) == set()


def test_a_new_start_takes_back_what_the_old_one_held_without_counting() -> None:
    state = at_work()
    (held,) = assignments(state)
    decision = settled(state, beat(session=2, slots=2, seconds=60))
    (again,) = assignments(decision.state)
    assert (again.lease > held.lease, task_of(decision.state).attempt) == (True, 1)
    assert not [e for e in decision.effects if isinstance(e.effect, Cancel)], "there is no run to cancel"
    late = settled(decision.state, report(held, seconds=61)).state
    assert (late.projects, late.instances) == (decision.state.projects, decision.state.instances)
    old = beat(number=5, session=1, seconds=62, phase=Phase.GONE)
    assert settled(decision.state, old).state is decision.state


def test_fewer_slots_give_back_what_the_others_held() -> None:
    state = settled(begun(alone()), beat(slots=3)).state
    ideas = [comment(n, f"/dispatch-genesis Page {n}", issue=n) for n in (1, 2, 3)]
    state = settled(state, *ideas).state
    assert len(assignments(state)) == 3
    state = settled(state, beat(session=2, seconds=60)).state
    assert statuses(state) == {"far-01": "busy"}
    assert len(state.queues["genesis"].items) == 2  # type: ignore[index]


def test_progress_goes_forward_only_and_belongs_to_the_open_lease() -> None:
    state = at_work()
    (held,) = assignments(state)

    def told(number: int, at: float, lease: int) -> WorkerBeat:
        progress = Progress(task=held.task, lease=lease, at=later(at))
        return beat(number=number, seconds=100 + number, progress=(progress,))

    seen = []
    for number, (at, lease) in enumerate(
        [(50, held.lease), (40, held.lease), (60, held.lease + 1), (70, held.lease), (900, held.lease)], 2
    ):
        state = settled(state, told(number, at, lease)).state
        seen.append(assignments(state)[0].progress_at)
    assert seen == [later(50), later(50), later(50), later(70), later(106)]


def test_a_draining_process_finishes_what_it_holds_and_leaves() -> None:
    state = at_work()
    (held,) = assignments(state)
    state = settled(state, beat(number=2, seconds=30, phase=Phase.DRAINING)).state
    assert statuses(state) == {"far-01": "draining", "far-01-2": "stopped"}
    state = settled(state, comment(40, "/dispatch-genesis Another", issue=2)).state
    assert len(assignments(state)) == 1, "it takes nothing more"
    state = settled(state, report(held, seconds=50), publication(held, seconds=51)).state
    assert statuses(state)["far-01"] == "stopped"
    state = settled(state, beat(number=3, seconds=60, phase=Phase.GONE)).state
    assert statuses(state) == {"far-01": "stopped", "far-01-2": "stopped"}
    assert state.instances["far-01"].kind == "external"


def test_one_that_ends_gives_back_what_it_holds_and_the_attempt_does_not_count() -> None:
    state = at_work()
    found = settled(state, beat(number=2, seconds=60, phase=Phase.GONE)).state
    assert (task_of(found).status, task_of(found).attempt, task_of(found).front) == (
        TaskStatus.QUEUED,
        0,
        True,
    )
    assert statuses(found) == {"far-01": "stopped", "far-01-2": "stopped"}


def test_a_worker_of_the_roster_is_a_place_for_runs_again_when_its_process_ends() -> None:
    registered = beat("genesis-02", specialties=("quick",), region="eu")
    state = settled(begun(), registered).state
    found = settled(state, beat("genesis-02", 2, 60, phase=Phase.GONE)).state
    before = begun().instances["genesis-02"]
    assert found.instances["genesis-02"] == before.model_copy(update={"idle_since": later(60)})


def test_what_is_dropped_is_given_back() -> None:
    state = at_work()
    (held,) = assignments(state)
    dropped = Dropped(task=held.task, lease=held.lease, why="no disk left")
    found = settled(state, beat(number=2, seconds=60, dropped=(dropped,))).state
    (again,) = assignments(found)
    assert (again.lease > held.lease, task_of(found).attempt) == (True, 1)
    stale = dropped.model_copy(update={"lease": held.lease - 1})
    kept = settled(state, beat(number=2, seconds=60, dropped=(stale,))).state
    assert assignments(kept) == assignments(state)


def test_what_a_process_does_not_come_for_goes_to_somebody_else_first() -> None:
    config = alone(Config())
    state = settled(begun(config), beat("far-01")).state
    state = settled(state, IDEA, beat("far-02", seconds=2)).state
    assert state.instances["far-01"].status is WorkerStatus.BUSY
    beats = [beat("far-01", 2, 899), beat("far-02", 2, 899)]
    state = settled(state, *beats, at=later(2) + timedelta(minutes=15)).state
    assert (state.instances["far-01"].unstarted, state.instances["far-02"].status) == (1, WorkerStatus.BUSY)
    assert task_of(state).attempt == 1


@pytest.mark.parametrize("named", [("a b",), ("$(id)",), ("x" * 41,), ("",), tuple("abcdefghijklmnopqrstu")])
def test_specialties_are_few_plain_words(named: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="specialties"):
        beat(specialties=named)


@pytest.mark.parametrize("words", [["--specialty", "a b"], [f"--specialty=s{n}" for n in range(21)]])
def test_a_process_with_other_specialties_does_not_start(words: list[str]) -> None:
    done = CliRunner().invoke(worker, ["--id", "dev-02", "--workflow", "development", *words])
    assert isinstance(done.exception, UsageError)
    assert str(done.exception).startswith("--specialty")


def test_a_place_that_a_lost_process_leaves_gets_work_in_the_same_commit() -> None:
    """The roster's worker was taken over by a process that died; a week later it is one for runs again."""
    pool = Config().pools.genesis.model_copy(update={"roster": (Worker(id="genesis-01"),), "minimum": 0})
    only = Config().model_copy(update={"pools": Config().pools.model_copy(update={"genesis": pool})})
    state = settled(begun(only), beat("genesis-01")).state
    state = settled(state, IDEA).state
    day = 86_400
    for at in (later(1_000), later(2_000), later(6 * day), later(6 * day + 400)):
        state = settled(state, look(at), at=at).state
    assert statuses(state) == {"genesis-01": "offline"}
    assert assignments(state) == []
    at = later(8 * day)
    after = settled(state, look(at), at=at).state
    assert [one.task for one in assignments(after)] == ["a-page-1.genesis"]
    assert settled(after, at=at).state is after


COMMANDS = (
    "/restart far-01",
    "/restart far-01-2",
    "/health far-01-2",
    "/health-check all",
    "/scale-down genesis 1 --drain",
    "/scale-down genesis 2",
    "/assign genesis a-page-1 far-01-2 --force",
    "/why far-01-2",
    "/instances",
    "/rebalance",
    "/restart-failed-instances",
)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("first", ["the command", "the beat"])
def test_a_worker_that_leaves_in_the_commit_of_a_command_about_it(command: str, first: str) -> None:
    """The answer is rendered after everything is settled: what the command was about may be gone by then."""
    seconds = 59 if first == "the beat" else 61
    said = comment(50, command, at=later(60))
    for left in (
        beat(number=2, seconds=seconds, phase=Phase.GONE),
        beat(number=2, seconds=seconds, slots=1),
        beat(number=1, seconds=seconds, session=2, slots=1),
        beat(number=1, seconds=seconds, session=2, workflow=Workflow.CONTENT),
    ):
        decision = settled(at_work(), said, left, at=later(62))
        assert len([entry for entry in decision.effects if entry.effect.kind == "reply"]) == 1
