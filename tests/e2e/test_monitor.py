"""The loop: cheap when nothing happens, steady whatever single ticks come to, and never alone responsible."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.monitor import Plan
from bot.domain.watch import Mode, Slots
from bot.hub.data.records import Role
from bot.hub.data.world import BOT
from bot.policies.fleet.watching import slot
from tests.e2e.door import opened
from tests.e2e.repository import assert_linear_and_replayable, settled_in
from tests.e2e.stage import GRACE, Json, Stage
from tests.e2e.test_tick import looked_at
from tests.e2e.watch import Simulation, timeless

WORKFLOW = "acme/factory/.github/workflows/monitor.yml@refs/heads/main"
NAMED = {"GITHUB_WORKFLOW_REF": WORKFLOW}
DISPATCH = "POST /api/v3/repos/acme/factory/actions/workflows/monitor.yml/dispatches"
WRITE_PAGE = "PATCH /api/v3/repos/acme/factory/issues/1"
COMMAND = "/dispatch-genesis A page that counts the days to the next holiday"
ALONE: dict[str, str] = {"GITHUB_ACTIONS": ""}
"""Outside of Actions nobody is to follow."""


BY_HAND = "scaling:\n  enabled: false\n"
"""An idle fleet grows smaller by itself, which is worth commits of its own."""


def _quiet(stage: Stage) -> None:
    """Until a tick finds nothing to do."""
    for _ in range(3):
        stage.forward(GRACE)
        stage.tick()


def _at_work(stage: Stage, folder: Path) -> None:
    """A worker's run that lasts: its list is the third request of every tick."""
    stage.configure(f"{BY_HAND}pools:\n  genesis:\n    time_limit_minutes: 1000\n")
    stage.tick()
    payload = stage.say(stage.issue(), COMMAND)
    (project,) = stage.projects_of(payload["issue"]["number"])
    name = stage.assignment(project)
    (run,) = [row["id"] for row in _runs(stage) if row["display_title"] == name]
    stage.world.runs.start(run)
    assert stage.work("claim", folder / "workspace", name, run).code == 0


def _runs(stage: Stage) -> list[Json]:
    return stage.every("/repos/acme/factory/actions/workflows/worker.yml/runs")


def _ticks(stage: Stage, marks: list[int]) -> list[list[tuple[str, int]]]:
    """(request, status) of the API's requests between marks."""
    requests = stage.since(marks[0]).requests
    bounds = zip(marks, [*marks[1:], 10**9], strict=True)
    return [
        [
            (f"{one['method']} {one['path']}", one["status"])
            for one in requests
            if begin < one["id"] <= end and one["kind"] == "api"
        ]
        for begin, end in bounds
    ]


def test_an_idle_loop_of_hours_commits_its_record_once_an_hour_and_costs_three_requests_a_tick(
    tmp_path: Path,
) -> None:
    with timeless(tmp_path) as stage:
        _at_work(stage, tmp_path)
        _quiet(stage)
        before, marks = len(stage.bare.history()), [stage.mark()]
        simulation = Simulation(stage, lambda number: marks.append(stage.mark()))
        code, counts = simulation.run(Plan(20_000, 240, 60), **NAMED)

        assert (code, counts.failed, counts.ticks) == (0, 0, 84)
        assert simulation.starts == [240.0 * number for number in range(84)]
        commits = stage.bare.history()[before:]
        assert len(commits) == 1 + 5 * 2 + 1, "the mode, each hour a record and its page's receipt, the end"
        asked = _ticks(stage, marks)
        unchanged = [number for number, tick in enumerate(asked) if {status for _, status in tick} == {304}]
        assert len(looked_at([request for request, _ in asked[0]])) == 3
        (handed_over,) = [number for number, tick in enumerate(asked) if DISPATCH in dict(tick)]
        written = [number for number, tick in enumerate(asked) if WRITE_PAGE in dict(tick)]
        seen = [number + 1 for number in written]
        assert len(written) == 5, "the status page, with each hour's record"
        assert {len(asked[number]) for number in (*written, *seen)} == {3 + 1}
        others = [number for number in range(1, 84) if number not in {handed_over, *written, *seen}]
        assert all(len(asked[number]) == 3 for number in others)
        assert unchanged == others
        assert 20_000 - 600 - 240 <= simulation.starts[handed_over] < 20_000
        state = stage.state()
        assert state.watch.mode is Mode.LOOP
        assert state.watch.until is not None
        assert state.watch.since is not None
        assert state.watch.until - state.watch.since >= timedelta(seconds=83 * 240)
        assert len(state.watch.slots) == 1, "no slot was left out"
        assert_linear_and_replayable(stage.bare)


def test_a_loop_settles_what_comes_and_takes_a_pushed_configuration_in(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        said: list[Json] = []

        def happen(number: int) -> None:
            if number == 2:
                said.append(stage.comment(stage.issue(), COMMAND))
            if number == 3:
                stage.configure("commands:\n  reading: read\n")
            if number == 4:
                assert stage.state().config.commands.reading == "read", "one tick after the push"
                said.append(stage.comment(stage.issue(), "/status"))

        code, counts = Simulation(stage, happen).run(Plan(200, 30, 60), **ALONE)
        assert (code, counts.failed) == (0, 0)
        stage.assert_done_once(said[0])
        assert "0 of 2 unanswered" in stage.reply(said[1])
        assert_linear_and_replayable(stage.bare)


def test_a_loop_reads_its_checkout_only_while_that_is_the_newest(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        checkout = tmp_path / "checkout"
        (checkout / ".git").mkdir(parents=True)
        (checkout / ".github").mkdir()
        (checkout / ".github/orchestrator.yml").write_text("commands:\n  reading: admin\n")
        here = {**ALONE, "GITHUB_WORKSPACE": str(checkout), "GITHUB_SHA": stage.bare.head("main")}
        mark = stage.mark()
        Simulation(stage).run(Plan(60, 30, 60), **here)
        assert stage.state().config.commands.reading == "admin"
        assert len(looked_at(stage.since(mark).api)) == len(stage.since(mark).api), "no request for it"

        stage.configure("commands:\n  reading: write\n")
        Simulation(stage).run(Plan(60, 30, 60), **here)
        assert stage.state().config.commands.reading == "write", "the checkout is behind"


def test_a_role_that_was_taken_away_counts_no_more_though_the_loop_goes_on(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        said: list[Json] = []

        def happen(number: int) -> None:
            if number == 3:
                factory = stage.world.repositories.find("acme", "factory")
                stage.world.users.set_role(factory, "wendy", Role.NONE)
            said.append(stage.comment(issue, COMMAND))

        issue = stage.issue()
        Simulation(stage, happen).run(Plan(150, 30, 60), **ALONE)
        assert "**write**" not in stage.reply(said[0])
        assert stage.replies(said[-1]) == [], "a stranger by now"


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        ("GET */issues/comments status=502 header=retry-after:3600", (1, 2)),
        ("GET */info/refs status=502", (1, 2)),
        ("GET */issues/events body=html", (0,)),  # costs that look and nothing else
    ],
)
def test_an_outage_fails_ticks_and_not_the_loop(tmp_path: Path, fault: str, failed: tuple[int, ...]) -> None:
    with timeless(tmp_path) as stage:
        said: list[Json] = []

        def happen(number: int) -> None:
            if number == 1:
                stage.control("POST", "/faults", {"fault": fault})
                said.append(stage.comment(stage.issue(), COMMAND))
            if number == 3:
                stage.control("DELETE", "/faults")

        code, counts = Simulation(stage, happen).run(Plan(400, 60, 60), **ALONE)
        assert code == 0, "the last tick went well"
        assert counts.failed in failed
        stage.assert_done_once(said[0])


def test_no_request_is_made_before_github_takes_them_again(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        marks: dict[float, int] = {}
        limited = "GET */issues/comments status=429 header=retry-after:200 times=1"

        def happen(number: int) -> None:
            if number == 1:
                stage.control("POST", "/faults", {"fault": limited})
            marks[simulation.elapsed] = stage.mark()

        simulation = Simulation(stage, happen)
        code, counts = simulation.run(Plan(400, 30, 60), **ALONE)
        assert (code, counts.failed) == (0, 1)
        quiet = stage.since(marks[60.0]).requests
        assert [one["id"] for one in quiet if one["id"] <= marks[210.0]] == []
        assert [one["id"] for one in quiet if marks[240.0] < one["id"]] != []


def test_a_tick_that_takes_long_moves_no_later_one_and_what_it_has_missed_is_skipped(tmp_path: Path) -> None:
    with (
        timeless(tmp_path) as stage,
        stage.faults("GET */issues/comments status=502 header=retry-after:50 times=1"),
    ):
        simulation = Simulation(stage)
        code, counts = simulation.run(Plan(150, 30, 60), **ALONE)
        assert (code, counts.failed) == (0, 0)
        assert simulation.starts == [0.0, 60.0, 90.0, 120.0]


def test_a_wrong_set_up_ends_the_loop_with_a_red_run(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage, stage.faults("GET */info/refs status=401"):
        code, counts = Simulation(stage).run(Plan(4_000, 30, 60), **NAMED)
        assert (code, counts.ticks, counts.failed) == (2, 10, 10)


def test_a_successor_that_cannot_be_started_is_tried_again_and_told_by_the_exit_code(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        with stage.faults("POST */dispatches status=502 times=2"):
            assert Simulation(stage).run(Plan(600, 60, 60), **NAMED)[0] == 0
        assert len(stage.every("/repos/acme/factory/actions/workflows/monitor.yml/runs")) == 1
        with stage.faults("POST */dispatches status=502"):
            assert Simulation(stage).run(Plan(600, 60, 60), **NAMED)[0] == 75
        assert len(stage.every("/repos/acme/factory/actions/workflows/monitor.yml/runs")) == 1


def test_a_gap_begins_the_watch_anew(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        _quiet(stage)
        # Nobody can look from the third to the ninth minute.
        steps: dict[int, Callable[[], Any]] = {
            2: lambda: stage.control("POST", "/faults", {"fault": "GET */issues/comments status=502"}),
            9: lambda: stage.control("DELETE", "/faults"),
        }
        Simulation(stage, lambda number: steps.get(number, lambda: None)()).run(Plan(900, 60, 60), **ALONE)
        watch = stage.state().watch
        assert watch.since is not None
        assert watch.until is not None
        assert timedelta(minutes=4) < watch.until - watch.since < timedelta(minutes=7)


def test_two_monitors_at_once_do_no_harm(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        stage.make_room()
        said = [stage.comment(stage.issue(), COMMAND) for _ in range(3)]
        words = ("tick", "--loop", "3", "--every", "1", "--mode", "loop")
        both = [stage.start(*words, event="schedule", payload={}, **ALONE) for _ in range(2)]
        for done in [process.done() for process in both]:
            assert done.code == 0, done.log
        for payload in said:
            stage.assert_done_once(payload)
        twice = {event: commits for event, commits in settled_in(stage.bare).items() if len(commits) > 1}
        assert twice == {}
        assert_linear_and_replayable(stage.bare)


@pytest.mark.parametrize("at", [2, 5, 7, 9])
def test_a_monitor_that_is_killed_in_the_middle_of_a_tick_is_healed_by_the_next(
    tmp_path: Path, at: int
) -> None:
    with timeless(tmp_path) as stage, opened(stage.info.url) as door:
        payload = stage.comment(stage.issue(), COMMAND)
        stage.server_url = door.url
        door.lie_in_wait(at, "after")
        process = stage.start("tick", "--loop", "60", "--every", "1", event="schedule", payload={}, **ALONE)
        door.aim(process.pid)
        assert process.done().code == -signal.SIGKILL
        stage.server_url = ""
        stage.forward(GRACE)
        stage.tick()
        stage.assert_done_once(payload)
        assert_linear_and_replayable(stage.bare)


@pytest.mark.parametrize("what", ["GET */issues/events", "POST */git-upload-pack", "GET */info/refs"])
def test_a_tick_that_hangs_is_broken_off_and_the_next_one_settles_what_waits(
    tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    with timeless(tmp_path) as stage:
        payload = stage.comment(stage.issue(), COMMAND)
        with stage.faults(f"{what} delay=60s times=1"):
            code, counts = Simulation(stage).run(Plan(60, 30, deadline=6), **ALONE)
        assert (code, counts.ticks, counts.failed) == (0, 2, 1)
        told = [record.getMessage() for record in caplog.records if "broken off" in record.getMessage()]
        assert told == ["broken off after 6 s; the next tick goes on"]
        stage.assert_done_once(payload)


def test_sigterm_in_the_middle_of_a_tick_lets_it_end_and_puts_the_looks_on_record(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        payload, mark = stage.comment(stage.issue(), COMMAND), stage.mark()
        with stage.faults("GET */issues/events delay=2s times=1"):
            words = ("tick", "--loop", "900", "--every", "300")
            process = stage.start(*words, event="schedule", payload={}, **ALONE)
            while not any("/issues/events" in request for request in stage.since(mark).api):
                assert process.popen.poll() is None
            process.popen.send_signal(signal.SIGTERM)
            done = process.done()
        assert done.code == 0, done.log
        assert "1 ticks, 1 saved, 0 failed" in done.log
        stage.assert_done_once(payload)
        assert stage.state().watch.recorded is not None


def test_sigterm_in_a_pause_ends_it(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        _quiet(stage)

        def happen(number: int) -> None:
            if number == 3:
                os.kill(os.getpid(), signal.SIGTERM)

        code, counts = Simulation(stage, happen).run(Plan(20_000, 30, 60), **NAMED)
        assert (code, counts.ticks) == (0, 3)
        assert stage.state().watch.recorded is not None
        assert not [request for request in stage.since(0).api if request == DISPATCH]


def test_with_the_monitor_dead_nothing_but_time_outs_waits(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        payload = stage.say(stage.issue(), COMMAND)
        (project,) = stage.projects_of(payload["issue"]["number"])
        stage.wake(stage.label(payload["issue"]["number"], "priority:urgent"))
        for done in stage.work_through(stage.assignment(project)):
            assert done.code == 0, done.log

        state = stage.state()
        assert state.projects[project].priority == "urgent"
        assert state.projects[project].stage == "development"
        held = [worker.assignment for worker in state.instances.values() if worker.assignment]
        assert held, "the next stage's work is given out"
        assert {f"{one.task}@{one.lease}" for one in held} <= set(stage.runs()), "and started"
        assert "stage:development" in stage.labels(payload["issue"]["number"])

        stage.forward(3 * 3_600)  # past every lease, and nobody looks
        assert stage.state() == state
        stage.say(stage.issue(), "/status")
        assert all(worker.assignment not in held for worker in stage.state().instances.values())


def test_single_ticks_put_their_looks_on_record_by_the_runs_of_their_workflow(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage:
        factory = stage.world.repositories.find("acme", "factory")
        bot = stage.world.users.find(BOT)
        stage.configure(BY_HAND)
        began = stage.state().watch.until
        for number in range(15):
            run = stage.world.runs.create(factory, "monitor.yml", "schedule", bot)
            stage.world.runs.start(run.id)
            conclusion = "success"
            if number == 4:  # the run of this one fails before it has looked
                conclusion = "failure"
            else:
                words = ("tick", "--mode", "cron")
                done = stage.start(*words, event="schedule", payload={}, **NAMED).done()
                assert done.code == 0, done.log
            stage.world.runs.finish(run.id, conclusion)
            stage.forward(300)
        state = stage.state()
        assert began is not None
        assert state.watch.mode is Mode.CRON
        first = slot(began)
        assert state.watch.slots == (
            Slots(first=first, last=first + 3),
            Slots(first=first + 5, last=first + 12),
        )
        assert len(stage.bare.history()) == 4, "its beginning, the mode, its page, a record in the hour"
        assert_linear_and_replayable(stage.bare)
