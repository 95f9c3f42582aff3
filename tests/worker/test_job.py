"""An assignment's way through its phases: whatever becomes of the children, there is a result to report."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.app.worker.job import Job, Step
from bot.app.workspace import Claimant, Workspace
from bot.ports.executor import Finished


@dataclass
class Phase:
    """A child that ends when the test says so."""

    code: int | None = None
    killed: bool = False

    def ended(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.killed = True


@dataclass
class Desk:
    """A machine whose phases do nothing by themselves."""

    output: str = ""
    refuses: bool = False
    started: list[tuple[str, Phase]] = field(default_factory=list)
    asked: bool = False

    def wait(self, seconds: float) -> None:
        raise AssertionError("a job does not wait")

    def start(self, phase: str, workspace: Path) -> Phase:
        if self.refuses:
            raise OSError(11, "Resource temporarily unavailable")
        self.started.append((phase, Phase()))
        return self.started[-1][1]

    def changed_at(self, workspace: Path) -> float | None:
        return None

    def said(self, workspace: Path) -> str:
        return self.output

    def clear(self, folder: Path) -> None:
        raise AssertionError("a job does not clean up by itself")

    def others(self, folder: Path) -> list[Path]:
        return []


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(Claimant("a-page-1.genesis@7", 1, 1, ""), Workspace(tmp_path), began=0, deadline=60)


def _over(desk: Desk, job: Job, phase: str, finished: Finished | None, code: int = 0) -> None:
    if finished is not None:
        job.workspace.note(phase, finished)
    desk.started[-1][1].code = code
    job.advance(desk, 10)


def test_run_then_check_then_report(job: Job) -> None:
    desk = Desk()
    job.start(desk)
    job.advance(desk, 59)
    assert job.step is Step.RUN
    _over(desk, job, "run", Finished(True, "Scaffolded"))
    assert (job.step, job.summary) == (Step.CHECK, "Scaffolded")
    _over(desk, job, "checked", Finished(True, "It holds"))
    assert (job.step, job.child, job.summary) == (Step.REPORT, None, "It holds")
    assert [(phase, child.killed) for phase, child in desk.started] == [("run", True), ("check", True)]


def test_what_was_not_done_is_not_checked(job: Job) -> None:
    desk = Desk()
    job.start(desk)
    _over(desk, job, "run", Finished(False, "No agent", retry=False))
    assert (job.step, len(desk.started)) == (Step.REPORT, 1)
    assert job.workspace.read("run.json")["retry"] is False


@pytest.mark.parametrize("phase", ["run", "check"])
def test_the_time_limit_stops_a_phase_and_is_reported(job: Job, phase: str) -> None:
    desk = Desk(output="thinking\nstill thinking, with token=s3cret\n")
    job.start(desk)
    if phase == "check":
        _over(desk, job, "run", Finished(True, "Scaffolded"))
    job.advance(desk, 60)
    assert desk.started[-1][1].killed
    assert job.step is Step.REPORT
    done = job.workspace.read("run.json")
    assert done["ok"] is False
    assert done["summary"] == (
        f"`work {phase}` was stopped at the time limit, after 1.0 min (still thinking, with token=***)"
    )
    assert job.workspace.text("log.txt") == "thinking\nstill thinking, with token=***\n"


@pytest.mark.parametrize(
    ("code", "how"),
    [(2, "ended with exit code 2"), (-9, "was ended by signal 9"), (0, "ended with exit code 0")],
)
def test_a_phase_without_a_result_is_a_failure_that_says_how_it_ended(job: Job, code: int, how: str) -> None:
    desk = Desk(output="orchestrator: there is no executor 'x'\n")
    job.start(desk)
    _over(desk, job, "run", None, code)
    assert job.step is Step.REPORT
    assert job.summary == f"`work run` {how} and left no result (orchestrator: there is no executor 'x')"


def test_a_phase_that_cannot_be_started_is_a_failure(job: Job) -> None:
    job.start(Desk(refuses=True))
    assert job.step is Step.REPORT
    assert "could not be started" in job.summary
    assert job.workspace.read("run.json")["ok"] is False


def test_the_output_that_an_executor_left_is_not_overwritten(job: Job) -> None:
    desk = Desk(output="of the phases")
    job.workspace.note("checked", Finished(True, "of an earlier attempt"))
    (job.workspace.result / "log.txt").write_text("of the executor")
    job.start(desk)
    _over(desk, job, "run", None, 1)
    assert job.workspace.text("log.txt") == "of the executor"
