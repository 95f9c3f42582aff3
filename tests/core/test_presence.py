"""Worker processes that fall silent: noticed once somebody looked for long enough, and never before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from bot.decide import Decision, decide
from bot.domain import invariants
from bot.domain.beats import Dropped, Phase
from bot.domain.config import Attempts, Config
from bot.domain.effects import StartProcess
from bot.domain.external import External
from bot.domain.models import Task
from bot.domain.state import State
from bot.domain.stops import Stop
from bot.domain.vocabulary import TaskStatus, WorkerStatus
from bot.policies.fleet.pace import allowed_silence, beat_seconds
from tests.core.processes import alert_ids, alone, beat, claim, look, report
from tests.core.worlds import assignments, begun, comment, later, replies, settled

IDEA = comment(1, "/dispatch-genesis A page")


def at_work(config: Config | None = None, slots: int = 1) -> State:
    """``far-01``, alone, has claimed the task 10 s after the beginning; ``far-02`` joins after that."""
    state = settled(begun(alone(config)), beat(slots=slots)).state
    state = settled(state, IDEA).state
    (held,) = assignments(state)
    return settled(state, claim(held), beat("far-02", seconds=10)).state


def task_of(state: State) -> Task:
    return state.projects["a-page-1"].tasks[0]


def at(state: State, seconds: float, *events: Any) -> Decision:
    """Somebody looks; settling again at the same moment must change nothing."""
    decision = decide(state, events, later(seconds))
    invariants.check(decision.state)
    assert decide(decision.state, [], later(seconds)).state is decision.state
    return decision


def watched(state: State, until: int, *, beats: tuple[str, ...] = ("far-02",)) -> State:
    """Somebody is heard of each minute, so that nobody can say that nobody looked."""
    for second in range(60, until, 60):
        state = at(state, second, *(beat(one, 1 + second // 60, second) for one in beats)).state
    return state


def starts(decision: Decision) -> list[str]:
    return [entry.effect.process for entry in decision.effects if isinstance(entry.effect, StartProcess)]


def test_silence_for_longer_than_allowed_moves_the_work_in_the_commit_that_noticed() -> None:
    state = watched(at_work(), 310)
    assert state.instances["far-01"].status is WorkerStatus.BUSY
    assert at(state, 310).state is state, "5 minutes are allowed"
    found = at(state, 311).state
    assert found.instances["far-01"].status is WorkerStatus.OFFLINE
    assert found.instances["far-01"].offline_since == later(311)
    (held,) = assignments(found)
    assert (found.instances["far-02"].assignment, task_of(found).attempt) == (held, 2)
    assert (task_of(found).failed_on, task_of(found).not_before) == (("far-01",), None)
    error = task_of(found).error
    assert error is not None
    assert error.summary == snapshot(
        "far-01 went silent while it had this: last heard of at 2026-11-23T12:00:10Z, longer ago than the 5 min that are allowed; see the log of its process far-01"
    )
    (alert,) = [one for one in found.alerts.items if one.until is None]
    assert (alert.id, alert.cause, alert.advice) == snapshot(
        (
            "worker-offline-far-01",
            "The worker process far-01 has not been heard of since 2026-11-23T12:00:10Z; it held a-page-1.genesis, which far-02 has now",
            "Look at its machine, and start it there: `orchestrator worker --id far-01 --workflow genesis`. The alert ends when it is heard of. If it does not come back, others take its place, and it is forgotten after 7 days.",
        )
    )


def test_one_that_had_not_begun_its_task_costs_no_attempt() -> None:
    state = settled(begun(alone()), beat()).state
    state = settled(settled(state, IDEA).state, beat("far-02", seconds=10)).state
    found = at(watched(state, 310), 311).state
    assert (task_of(found).attempt, task_of(found).failed_on, task_of(found).worker) == (1, (), "far-02")


def test_a_task_that_kills_its_workers_ends_in_review() -> None:
    state = at_work(Config(attempts=Attempts(limit=1)))
    decision = at(watched(state, 310), 311)
    assert task_of(decision.state).status is TaskStatus.REVIEW
    (told,) = replies(decision)
    assert "went silent while it had this" in told
    (alert,) = [one for one in decision.state.alerts.items if one.until is None]
    assert "it held a-page-1.genesis, which is in review now" in alert.cause


def test_all_slots_are_lost_together_under_one_alert() -> None:
    state = at_work(slots=3)
    found = at(watched(state, 310), 311).state
    assert {one.status for one in found.instances.values() if one.process == "far-01"} == {
        WorkerStatus.OFFLINE
    }
    (alert,) = [one for one in found.alerts.items if one.until is None]
    assert alert.id == "worker-offline-far-01"
    assert "`orchestrator worker --id far-01 --workflow genesis --slots 3`" in alert.advice


def test_one_that_comes_back_is_online_and_its_old_lease_is_refused() -> None:
    state = at_work()
    (old,) = assignments(state)
    state = at(watched(state, 310), 311).state
    back = at(state, 320, beat(number=2, seconds=320)).state
    assert (back.instances["far-01"].status, alert_ids(back)) == (WorkerStatus.IDLE, set())
    assert back.instances["far-01"].offline_since is None
    late = at(back, 330, report(old, seconds=330)).state
    assert (late.projects, late.instances) == (back.projects, back.instances)


@pytest.mark.parametrize("phase", [Phase.DRAINING, Phase.GONE])
def test_one_that_comes_back_only_to_leave_is_stopped(phase: Phase) -> None:
    state = at(watched(at_work(), 310), 311).state
    back = at(state, 320, beat(number=2, seconds=320, phase=phase)).state
    assert (back.instances["far-01"].status, alert_ids(back)) == (WorkerStatus.STOPPED, set())


def test_one_that_falls_silent_while_it_drains_has_left() -> None:
    state = at(at_work(), 10, beat(number=2, seconds=10, phase=Phase.DRAINING)).state
    found = at(watched(state, 310), 311).state
    assert (found.instances["far-01"].status, alert_ids(found)) == (WorkerStatus.STOPPED, set())
    assert task_of(found).worker == "far-02"


def test_after_a_gap_each_gets_one_full_interval_from_the_first_look_on() -> None:
    state = at_work()
    first = at(state, 1_000)
    assert first.state is not state, "the look is put on record"
    assert first.state.instances["far-01"].missed_at == later(1_000)
    assert first.state.instances["far-01"].status is WorkerStatus.BUSY
    looks = [1_000 + 30 * n for n in range(1, 11)]
    state = first.state
    for second in looks:
        state = at(state, second).state
        assert state.instances["far-01"].status is WorkerStatus.BUSY
    found = at(state, 1_301).state
    assert {one.status for one in found.instances.values() if one.process} == {WorkerStatus.OFFLINE}
    assert alert_ids(found) == {"worker-offline-far-01", "worker-offline-far-02"}


def test_looks_that_are_far_apart_notice_with_the_second_one() -> None:
    """As with a monitor by cron that is late each time."""
    first = at(at_work(), 1_000).state
    assert first.instances["far-01"].status is WorkerStatus.BUSY
    assert at(first, 1_301).state.instances["far-01"].status is WorkerStatus.OFFLINE
    assert at(first, 9_000).state.instances["far-01"].status is WorkerStatus.OFFLINE


def test_a_beat_between_two_looks_begins_anew() -> None:
    state = at(at_work(), 1_000).state
    state = at(state, 1_200, beat(number=2, seconds=1_200)).state
    assert state.instances["far-01"].missed_at is None
    late = at(state, 2_400).state
    assert late.instances["far-01"].status is WorkerStatus.BUSY, "missed anew, not dead"


def test_a_monitor_that_remembers_its_looks_needs_no_further_interval() -> None:
    state = at_work()
    found = at(state, 3_600, look(later(3_600), later(3_000))).state
    assert found.instances["far-01"].status is WorkerStatus.OFFLINE
    young = at(state, 3_600, look(later(3_600), later(3_400))).state
    assert young.instances["far-01"].status is WorkerStatus.BUSY
    assert at(young, 3_701).state.instances["far-01"].status is WorkerStatus.OFFLINE


def test_a_beat_in_the_batch_of_the_first_look_counts() -> None:
    state = at_work()
    found = at(state, 3_600, look(later(3_600), later(600)), beat(number=2, seconds=100)).state
    assert found.instances["far-01"].status is WorkerStatus.BUSY
    assert found.instances["far-01"].last_heartbeat == later(3_600)


RESTARTED = Config(external=External(restart_workflow="start.yml", restart_minutes=5))


def test_a_restart_is_tried_first_and_an_alert_follows_if_it_fails() -> None:
    decision = at(watched(at_work(RESTARTED), 310), 311)
    assert (starts(decision), alert_ids(decision.state)) == (["far-01"], set())
    state = watched_further(decision.state, 311, 611)
    assert alert_ids(state) == set()
    state = at(state, 611).state
    (alert,) = [one for one in state.alerts.items if one.until is None]
    assert (alert.cause, alert.advice) == snapshot(
        (
            "The worker process far-01 has not been heard of since 2026-11-23T12:00:10Z; it held a-page-1.genesis, which far-02 has now",
            "start.yml was dispatched to start it and did not bring it back: look at its run. Look at its machine, and start it there: `orchestrator worker --id far-01 --workflow genesis`. The alert ends when it is heard of. If it does not come back, others take its place, and it is forgotten after 7 days.",
        )
    )


def watched_further(state: State, since: int, until: int) -> State:
    for second in range(since + 29, until, 60):
        state = at(state, second, beat("far-02", 100 + second // 60, second)).state
    return state


def test_a_restart_that_succeeds_leaves_no_alert_and_is_dispatched_no_more() -> None:
    state = at(watched(at_work(RESTARTED), 310), 311).state
    back = at(state, 400, beat(session=2, seconds=400)).state
    assert back.instances["far-01"].status is WorkerStatus.IDLE
    assert not [entry for entry in back.outbox.entries if isinstance(entry.effect, StartProcess)]
    assert alert_ids(watched_further(back, 400, 690)) == set()


def test_a_restart_is_dispatched_a_few_times_at_most() -> None:
    state = at(watched(at_work(RESTARTED), 310), 311).state
    (entry,) = [one for one in state.outbox.entries if isinstance(one.effect, StartProcess)]
    dispatched = 1
    for second in range(400, 20_000, 500):
        seen = look(later(second)).model_copy(update={"looked_for": (entry.id,)})
        decision = at(state, second, seen)
        dispatched += starts(decision).count("far-01")
        state = decision.state
    assert dispatched == 3
    assert not any(id_.startswith("undeliverable") for id_ in alert_ids(state))


def test_processes_share_the_pushes_and_may_be_silent_accordingly() -> None:
    state = begun(alone())
    assert beat_seconds(state.config, state.instances) == 120
    assert allowed_silence(state.config, 120) == timedelta(minutes=5)
    many = [beat(f"far-{n}", seconds=n / 100) for n in range(30)]
    state = settled(state, *many).state
    assert beat_seconds(state.config, state.instances) == 300
    (alert,) = [one for one in state.alerts.items if one.until is None]
    assert (alert.id, alert.cause, alert.advice) == snapshot(
        (
            "worker-processes",
            "30 worker processes are live, more than 20: their beats share 6 pushes a minute, so each is heard of every 300 s, and one that dies is noticed after 7.5 min",
            "Run fewer processes with more slots each: `orchestrator worker --slots n` beats once for all slots.",
        )
    )
    leaving = [beat(f"far-{n}", 2, 60, phase=Phase.GONE) for n in range(25)]
    state = at(state, 60, *leaving).state
    assert (alert_ids(state), beat_seconds(state.config, state.instances)) == (set(), 120)
    state = at(state, 320, beat("far-25", 2, 320)).state
    assert state.instances["far-29"].status is WorkerStatus.IDLE, "its pace was another when it last beat"
    state = at(state, 451, look(later(451), later(0))).state
    assert state.instances["far-29"].status is WorkerStatus.OFFLINE


def test_who_has_left_is_forgotten_after_a_week_but_for_the_roster() -> None:
    state = settled(begun(), beat(), beat("genesis-02", seconds=1)).state
    state = at(state, 60, beat(number=2, seconds=60, phase=Phase.GONE)).state
    week = 60 + 7 * 86_400
    assert at(state, week - 1).state.instances.keys() == state.instances.keys()
    found = at(state, week).state
    assert "far-01" not in found.instances
    assert "far-01" not in found.ledger.beats
    assert found.instances.keys() == begun().instances.keys()


def test_who_has_died_is_forgotten_after_a_week_too() -> None:
    state = settled(begun(), beat(), beat("genesis-02", seconds=1)).state
    dead = at(state, 311, look(later(311), later(1))).state
    assert alert_ids(dead) == {"worker-offline-far-01", "worker-offline-genesis-02"}
    found = at(dead, 2 + 7 * 86_400).state
    assert found.instances.keys() == begun().instances.keys()
    assert (found.instances["genesis-02"].kind, found.instances["genesis-02"].status) == ("actions", "idle")
    assert (alert_ids(found), "far-01" in found.ledger.beats) == (set(), False)
    assert decide(found, [], later(2 + 7 * 86_400)).state is found


def test_what_no_process_comes_for_again_and_again_is_an_alert() -> None:
    state = settled(begun(alone()), beat()).state
    state = settled(state, IDEA).state
    for number in range(2, 40):
        state = at(state, 60 * number, beat(number=number, seconds=60 * number)).state
    (alert,) = [one for one in state.alerts.items if one.until is None]
    assert (alert.id, alert.cause, alert.advice) == snapshot(
        (
            "work-not-taken",
            "the processes of far-01 do not come for their tasks, 2 times in a row or more",
            "Look at their logs: each is heard of, but takes nothing; start it anew on its machine.",
        )
    )


def test_a_halt_is_proven_by_what_the_process_says_or_by_the_time_limit() -> None:
    state = at_work()
    (held,) = assignments(state)
    stopped = settled(state, comment(20, "/emergency-stop a-page-1")).state
    (run,) = proof_of(stopped).runs
    assert (run.process, run.ended, proof_of(stopped).proven_at) == ("far-01", "", None)
    told = beat(number=2, seconds=30, dropped=(Dropped(task=held.task, lease=held.lease),))
    for seconds, event, how in (
        (30, told, "given back by its process"),
        (30, beat(number=2, seconds=30, phase=Phase.GONE), "its process has ended"),
        (30, beat(session=2, seconds=30), "its process started anew"),
        (3_601, None, "its time limit is over"),
    ):
        found = at(stopped, seconds, *([event] if event else [])).state
        assert (proof_of(found).runs[0].ended, proof_of(found).proven_at) == (how, later(seconds))
    working = at(stopped, 30, beat(number=2, seconds=30)).state
    assert proof_of(working).proven_at is None


def proof_of(state: State) -> Stop:
    stop = state.projects["a-page-1"].stop
    assert stop is not None
    return stop
