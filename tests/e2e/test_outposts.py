"""Worker processes on machines of their own: they join, work, beat, drain, and are survived."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.domain.vocabulary import TaskStatus, WorkerStatus
from tests.e2e.outposts import Fleet, Outpost, assert_gone, fleet, without_runs
from tests.e2e.repository import INBOX, assert_linear_and_replayable
from tests.e2e.stage import GRACE, Stage, staged


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("stage")) as stage:
        without_runs(stage)
        yield stage
        stage.verify()
        assert stage.bare.refs(INBOX) == []
        assert_linear_and_replayable(stage.bare)


@pytest.fixture
def outposts(stage: Stage, tmp_path: Path) -> Iterator[Fleet]:
    with fleet(stage, tmp_path) as made:
        yield made


def _status(fleet: Fleet, project: str) -> TaskStatus:
    return fleet.stage.state().projects[project].tasks[0].status


def _at_work(fleet: Fleet, outpost: Outpost, project: str) -> list[psutil.Process]:
    """Wait until a project's Genesis is under way; the processes that are at it."""
    outpost.until(rf"took {project}\.genesis")
    return fleet.executor.arrival()


def test_a_worker_joins_works_and_leaves(outposts: Fleet) -> None:
    worker = outposts.start("--specialty", "quick", "--region", "eu")
    worker.until("registered for genesis: outpost;")
    joined = outposts.stage.state().instances["outpost"]
    assert (joined.kind, joined.specialties, joined.region) == ("external", ("quick",), "eu")

    project = outposts.ask_for_a_project()
    worker.until(rf"took {project}\.genesis, attempt 1, at most 59 min")
    worker.until(rf"{project}\.genesis: done in \d+ s: The scaffold agrees")
    state = outposts.stage.state()
    assert state.projects[project].stage == "development"
    assert state.projects[project].repository == f"acme/{project}"
    assert outposts.stage.repository(f"acme/{project}").head("main")
    assert worker.workspaces == []

    worker.ask()
    worker.until("draining: takes nothing more, finishes 0")
    assert worker.end() == 0, worker.log
    assert outposts.stage.state().instances["outpost"].status is WorkerStatus.STOPPED
    assert list(worker.home.glob("work/*/*/*")) == []


def test_no_token_reaches_the_work(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    _at_work(outposts, worker, project)
    seen = outposts.executor.environment
    assert [name for name in seen if "TOKEN" in name or name.startswith("GITHUB")] == []
    assert seen["ANTHROPIC_API_KEY"] == "a-key-of-the-agent"
    assert set(seen) <= {"PATH", "HOME", "LANG", "TMPDIR", "ORCHESTRATOR_WORKSPACE", "ANTHROPIC_API_KEY"}


def test_beats_tell_of_progress(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    _at_work(outposts, worker, outposts.ask_for_a_project())
    worker.until(r"saved beat-outpost\.\d+\.2")
    state = outposts.stage.state()
    held = state.instances["outpost"].assignment
    assert held is not None
    assert held.progress_at is not None
    assert state.events is not None
    assert held.assigned_at <= held.progress_at <= state.events.now


def test_what_cannot_be_published_yet_is_tried_again(outposts: Fleet) -> None:
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    with outposts.stage.faults("POST */repos status=502 header=retry-after:3600"):
        worker.until(rf"{project}\.genesis@\d+ cannot be delivered yet, tried again")
        assert _status(outposts, project) is TaskStatus.PUBLISHING
    worker.until("done in")
    assert _status(outposts, project) is TaskStatus.DONE


def test_slots_work_at_the_same_time(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start("--slots", "2")
    worker.until("registered for genesis: outpost, outpost-2;")
    projects = [outposts.ask_for_a_project(f"An idea, the {count}") for count in ("first", "second")]
    at_it = [outposts.executor.arrival() for _ in projects]
    assert len({phase.pid for _, phase in at_it}) == 2
    outposts.executor.open()
    for _ in projects:
        worker.until("done in")
    assert {_status(outposts, project) for project in projects} == {TaskStatus.DONE}


def test_asked_to_end_it_finishes_what_it_holds(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start("--slots", "2")
    project = outposts.ask_for_a_project()
    _at_work(outposts, worker, project)
    worker.ask()
    worker.until("draining: takes nothing more, finishes 1")
    worker.until("saved beat-outpost")
    waits = outposts.ask_for_a_project("Comes too late")
    assert _status(outposts, waits) is TaskStatus.QUEUED
    outposts.executor.open()
    assert worker.end() == 0, worker.log
    assert _status(outposts, project) is TaskStatus.DONE
    assert _status(outposts, waits) is TaskStatus.QUEUED
    assert f"took {waits}" not in worker.log


def test_asked_twice_it_stops_and_gives_its_work_back(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    at_it = _at_work(outposts, worker, project)
    worker.ask(signal.SIGINT)
    worker.until("draining")
    worker.ask(signal.SIGINT)
    assert worker.end() == 130, worker.log
    assert_gone(at_it)
    (task,) = outposts.stage.state().projects[project].tasks
    assert (task.status, task.attempt) == (TaskStatus.QUEUED, 0)
    assert worker.workspaces == []


def test_killed_it_takes_its_children_along_and_another_one_goes_on(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    at_it = _at_work(outposts, worker, project)
    worker.ask(signal.SIGKILL)
    assert worker.end() == -signal.SIGKILL
    assert_gone(at_it)
    outposts.executor.open()
    again = outposts.start()
    again.until("registered")
    again.until(rf"took {project}\.genesis, attempt 1")
    again.until("done in")
    assert _status(outposts, project) is TaskStatus.DONE


def test_what_a_silent_worker_held_goes_to_another_one(outposts: Fleet) -> None:
    stage = outposts.stage
    outposts.executor.close()
    worker = outposts.start(id_="silent")
    project = outposts.ask_for_a_project()
    at_it = _at_work(outposts, worker, project)
    worker.ask(signal.SIGSTOP)
    outposts.executor.open()
    for _ in range(8):
        stage.forward(200)  # often enough to be looks without a gap
        stage.tick()
        if stage.state().instances["silent"].status is WorkerStatus.OFFLINE:
            break
    other = outposts.start(id_="other")
    other.until(rf"took {project}\.genesis, attempt 2")
    other.until("done in")

    worker.ask(signal.SIGCONT)
    worker.until("the lease is lost")
    assert_gone(at_it)
    worker.until("saved beat-silent")
    state = stage.state()
    assert state.instances["silent"].status is WorkerStatus.IDLE
    task = state.projects[project].tasks[0]
    assert (task.status, task.worker, task.failed_on) == (TaskStatus.DONE, "other", ("silent",))


def test_a_new_start_cleans_up_what_a_killed_one_left(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start(home="shared")
    at_it = _at_work(outposts, worker, outposts.ask_for_a_project())
    worker.ask(signal.SIGSTOP)  # its children live on, because it does
    (left,) = worker.workspaces
    again = outposts.start(home="shared")
    again.until(f"cleaned up after an earlier start: {left.parent.name}")
    assert not left.exists()
    assert_gone(at_it)
    worker.ask(signal.SIGCONT)
    assert worker.end() == 2, worker.log


def test_a_lost_lease_stops_the_work(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    at_it = _at_work(outposts, worker, project)
    outposts.stage.say(outposts.stage.issue(), f"/emergency-stop {project}", "ada")
    worker.until(rf"{project}\.genesis@\d+: the lease is lost; its work is stopped and cleaned up")
    assert_gone(at_it)
    worker.until("saved beat-outpost")
    stop = outposts.stage.state().projects[project].stop
    assert stop is not None
    assert stop.proven_at is not None, "the halt rests on what the process said"
    assert worker.workspaces == []
    outposts.executor.open()
    worker.until(rf"took {outposts.ask_for_a_project('Something else')}")
    worker.until("done in")
    assert _status(outposts, project) is TaskStatus.STOPPED


def test_a_report_outlives_the_network(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    _at_work(outposts, worker, project)
    with outposts.stage.faults("* *.git/* status=502"):
        worker.until("cannot reach the fleet, work goes on meanwhile")
        outposts.executor.open()
        worker.until(rf"{project}.genesis: the work is over, its report waits for the network")
        assert _status(outposts, project) is TaskStatus.RUNNING
    worker.until(r"done in \d+ s(.|\n)*the fleet is reached again, after \d+ s")
    assert worker.log.count("cannot reach the fleet") == 1
    assert _status(outposts, project) is TaskStatus.DONE


def test_a_report_whose_lease_was_lost_meanwhile_changes_nothing(outposts: Fleet) -> None:
    outposts.executor.close()
    worker = outposts.start()
    project = outposts.ask_for_a_project()
    _at_work(outposts, worker, project)
    issue = outposts.stage.issue()
    with outposts.stage.faults("* *.git/* status=502"):
        worker.until("cannot reach the fleet")
        payload = outposts.stage.comment(issue, f"/emergency-stop {project}", "ada")
        done = outposts.stage.handle(payload, ORCHESTRATOR_STATE_REMOTE=str(outposts.stage.bare.path))
        assert done.code == 0, done.log
        outposts.executor.open()
    worker.until("the lease is lost")
    assert _status(outposts, project) is TaskStatus.STOPPED
    assert outposts.stage.state().projects[project].repository == ""


def test_a_second_process_of_the_same_id_takes_over(outposts: Fleet) -> None:
    outposts.executor.close()
    first = outposts.start()
    project = outposts.ask_for_a_project()
    at_it = _at_work(outposts, first, project)
    second = outposts.start()
    second.until("registered")
    assert first.end() == 2
    assert "outpost is no longer this process's" in first.log
    assert_gone(at_it)
    second.until(rf"took {project}\.genesis, attempt 1")


def test_without_a_token_it_asks_the_api_nothing_and_a_tick_delivers(outposts: Fleet) -> None:
    stage = outposts.stage
    outposts.start().until("registered")
    project = outposts.ask_for_a_project()
    outposts.started[0].until("done in")

    mark = stage.mark()
    alone = {"GH_TOKEN": "", "ORCHESTRATOR_GENESIS_TOKEN": ""}
    remote = {"ORCHESTRATOR_STATE_REMOTE": str(stage.bare.path)}
    worker = outposts.start("--workflow", "development", id_="dev-elsewhere", **alone, **remote)
    worker.until("registered for development")
    task = worker.until(rf"took ({project}\.[a-z0-9-]+\.?[a-z0-9-]*), attempt 1")[1]
    worker.until("done in .* needs a coding agent")
    worker.ask()
    assert worker.end() == 0, worker.log
    assert [one for one in stage.since(mark).api if "dev-elsewhere" in one] == []
    assert stage.since(mark).api == []

    issue = stage.state().projects[project].issue or 0
    told = [comment for comment in stage.comments(issue) if task in comment["body"]]
    assert told == []
    stage.forward(GRACE)
    stage.tick()
    assert any(task in comment["body"] for comment in stage.comments(issue))


def test_genesis_without_a_token_that_makes_repositories_is_not_begun(outposts: Fleet) -> None:
    remote = str(outposts.stage.bare.path)
    worker = outposts.start(GH_TOKEN="", ORCHESTRATOR_GENESIS_TOKEN="", ORCHESTRATOR_STATE_REMOTE=remote)
    assert worker.end() == 2
    assert "set ORCHESTRATOR_GENESIS_TOKEN" in worker.log


def test_an_id_of_another_workflow_is_refused(outposts: Fleet) -> None:
    worker = outposts.start(id_="dev-01")
    assert worker.end() == 2
    assert "not registered: A worker process asked to join as dev-01 for genesis" in worker.log
    assert outposts.stage.state().instances["dev-01"].kind == "actions"


@pytest.mark.parametrize(
    ("options", "variables", "named"),
    [
        (["--repository", ""], {}, "GITHUB_REPOSITORY"),
        (["--repository", "nowhere"], {}, "'nowhere' is no repository"),
        ([], {"GH_TOKEN": ""}, "set GITHUB_TOKEN or GH_TOKEN"),
        (["--id", "Dev 2"], {}, "--id 'Dev 2'"),
        ([], {"GITHUB_SERVER_URL": "nowhere"}, "GITHUB_SERVER_URL"),
        ([], {"GH_TOKEN": "two words"}, "the token has a space"),
    ],
)
def test_what_is_missing_is_told_in_one_line(
    outposts: Fleet, options: list[str], variables: dict[str, str], named: str
) -> None:
    worker = outposts.start(*options, **variables)
    assert worker.end() == 2
    assert named in worker.log
    assert len(worker.log.splitlines()) == 1
