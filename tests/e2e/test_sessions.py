"""Two whole attempts at a task on the hub, each on a machine of its own, in one session of the agent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters.git.sessions import PREFIX
from bot.domain.sessions import FILE
from bot.domain.vocabulary import TaskStatus
from tests.e2e.bot_process import Done
from tests.e2e.developers import Development, scaffolded
from tests.e2e.stage import Stage
from tests.executors.agents import KEY, Agent, leave
from tests.executors.stand_in import SESSION

MORE = "executors: {frugal: {like: claude-code}}\nattempts: {backoff_seconds: 0}\n"
DONE = leave("change.json", {"summary": "The page says hello."})
PAGE = "(project / 'page.html').write_text('<h1>Hello</h1>')\n"
BROKEN = "(project / 'tests/test_it.py').write_text('import nothing_here')\n"
CHANGE = PAGE + DONE


@dataclass
class Attempts:
    """The attempts of an agent at the feature of a project."""

    project: Development
    folder: Path

    def attempt(self, number: int, *acts: str, tamper: bool = False) -> tuple[Agent, list[Done]]:
        """All four phases, in a workspace and with programs of their own."""
        stage = self.project.stage
        agent = Agent(self.folder / f"machine-{number}", "frugal", {"like": "claude-code"})
        agent.install("success", *acts)
        before, stage.path = stage.path, f"{agent.folder / 'bin'}:{stage.path}"
        try:
            claimed = self.project.claim("page.feature")
            handed = claimed.workspace / FILE
            if tamper:
                handed.write_bytes(handed.read_bytes()[:-1] + b"x")
            done = [claimed.phase("run", ANTHROPIC_API_KEY=KEY), claimed.phase("check")]
            # As on GitHub, what the claim wrote comes last: nothing rewrites the order.
            done.append(claimed.phase("report"))
        finally:
            stage.path = before
        assert [one.code for one in done] == [0, 0, 0], [one.log for one in done]
        self.workspace = claimed.workspace
        return agent, done

    def run(self) -> dict[str, object]:
        value: dict[str, object] = json.loads((self.workspace / "result/run.json").read_text("utf-8"))
        return value

    def log(self) -> str:
        return (self.workspace / "result/log.txt").read_text("utf-8")

    def refs(self) -> list[str]:
        return sorted(name.removeprefix(PREFIX) for name in self.project.stage.bare.refs(PREFIX))


@pytest.fixture
def work(stage: Stage, tmp_path: Path) -> Iterator[Attempts]:
    project = scaffolded(stage, tmp_path, more=MORE)
    pools = stage.bare.files("main")[".github/orchestrator.yml"].decode()
    assert "development: {executor: command," in pools
    stage.configure(pools.replace("development: {executor: command,", "development: {executor: frugal,"))
    stage.tick()
    yield Attempts(project, tmp_path)
    stage.verify()


def test_rework_goes_on_in_the_same_session_on_another_machine(work: Attempts) -> None:
    work.attempt(1, CHANGE + BROKEN, CHANGE + BROKEN)
    task = work.project.task("page.feature")
    assert task.error is not None
    assert task.session is not None
    assert (task.error.rework, task.session.id, task.session.executor) == (True, SESSION, "frugal")
    assert work.refs() == [f"{task.id}/{task.session.lease}"]

    agent, _ = work.attempt(2, "raise RuntimeError", CHANGE)

    assert work.run()["ok"], work.log()
    assert work.run()["session"] == SESSION
    (call,) = agent.calls
    assert call["argv"][-2:] == ["--resume", SESSION]
    ((place, text),) = call["sessions"].items()
    earlier, *_ = (json.loads(line)["cwd"] for line in text.splitlines())
    assert earlier != call["cwd"]
    assert place.startswith(".claude/projects/")
    assert call["prompt"].startswith("# Go on with this task")
    assert "ended with exit code 1" in call["files"]["failure.json"]
    assert "ended with exit code 1" not in call["prompt"]
    # The new one is kept as long as the pull request is open, and the old one is gone.
    task = work.project.task("page.feature")
    assert task.session is not None
    assert work.refs() == [f"{task.id}/{task.session.lease}"]
    assert task.attempt == 2

    work.project.do("page.review", verdict="approved", review="Fine.")
    assert work.project.task("page.feature").session is None
    assert work.refs() == [], "merged: the task is over"


def test_changes_that_a_review_asks_for_go_to_the_session_and_the_checkout_of_the_first_attempt(
    work: Attempts,
) -> None:
    work.attempt(1, CHANGE)
    work.project.do("page.review", verdict="changes", review="No title.")
    more = "(project / 'page.html').write_text((project / 'page.html').read_text() + '<title>')\n" + DONE

    agent, _ = work.attempt(2, "raise RuntimeError", more)

    assert work.run()["ok"], work.log()
    assert agent.calls[0]["argv"][-2:] == ["--resume", SESSION]
    assert "the review asks for changes: No title." in agent.calls[0]["files"]["failure.json"]
    assert work.project.files("orchestrator/page")["page.html"] == b"<h1>Hello</h1><title>"


def test_a_session_that_was_tampered_with_is_refused_and_the_attempt_goes_on_without(work: Attempts) -> None:
    work.attempt(1, CHANGE + BROKEN, CHANGE + BROKEN)
    agent, _ = work.attempt(2, CHANGE, "raise RuntimeError", tamper=True)

    assert work.run()["ok"], work.log()
    assert "--resume" not in agent.calls[0]["argv"]
    assert "it was changed, or sealed with another key" in work.log()
    assert work.project.task("page.feature").status is TaskStatus.DONE


def test_a_report_that_comes_too_late_leaves_no_session_and_a_tick_sweeps_what_a_killed_one_left(
    work: Attempts,
) -> None:
    stage = work.project.stage
    agent = Agent(work.folder / "slow", "frugal", {"like": "claude-code"})
    agent.install("success", CHANGE + BROKEN, CHANGE + BROKEN)
    before, stage.path = stage.path, f"{agent.folder / 'bin'}:{stage.path}"
    claimed = work.project.claim("page.feature")
    assert claimed.phase("run", ANTHROPIC_API_KEY=KEY).code == 0
    stage.path = before
    assert (claimed.workspace / "result" / FILE).exists()
    task = work.project.task("page.feature")
    stage.say(work.project.project.issue or 1, f"/restart {task.worker}", "ada")

    done = claimed.report()

    assert "the lease is lost" in done.log
    assert work.refs() == []
    head = stage.bare.head()
    stage.bare.git("update-ref", f"{PREFIX}{task.id}/7", head)
    stage.configure(f"{MORE}pools: {{development: {{executor: frugal}}, content: {{executor: frugal}}}}\n")
    stage.tick()
    assert work.refs() == []


def test_a_session_with_a_secret_in_it_leaves_the_machine_nowhere(work: Attempts) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    plant = (
        "home = __import__('pathlib').Path.home()\n"
        f"next(home.rglob('*.jsonl')).write_text({json.dumps({'said': token})!r})\n"
    )
    work.attempt(1, CHANGE + BROKEN + plant, CHANGE + BROKEN + plant)

    assert work.refs() == []
    assert work.project.task("page.feature").session is None
    assert "the session is not kept for another attempt: it holds a GitHub token" in work.log()
    assert all(
        token.encode() not in path.read_bytes() for path in work.workspace.rglob("*") if path.is_file()
    )
    agent, _ = work.attempt(2, CHANGE)
    assert "--resume" not in agent.calls[0]["argv"]
