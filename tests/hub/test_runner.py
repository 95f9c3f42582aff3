"""The runner with a stand-in for the bot: what starts what, with which environment, and how it ends."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.hub.data import git_data, git_merge
from bot.hub.data.git_data import first_commit
from bot.hub.data.records import Role, Run
from bot.hub.data.runs import RunQuery
from bot.hub.data.world import APP, BOT, World
from bot.hub.runner.runner import HubInfo, Runner

STAND_IN = """
import json, os, signal, socket, subprocess, sys, time
from pathlib import Path

here = Path(__file__).parent
words = [word for word in sys.argv[1:3] if not word.startswith("-")]
phase = " ".join(words)
plan = json.loads((here / "plan.json").read_text()).get(phase, {})
event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text())
call = {"phase": phase, "arguments": sys.argv[1:], "environment": dict(os.environ), "cwd": os.getcwd(),
        "home": os.listdir(os.environ["HOME"]), "event": event, "began": time.monotonic()}

if "output" in plan:
    with open(os.environ["GITHUB_OUTPUT"], "a") as output:
        output.write(plan["output"])
print("out of", phase, flush=True)
print("error of", phase, file=sys.stderr, flush=True)
if "port" in plan:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    held = socket.create_connection(("127.0.0.1", plan["port"]))
    waiting = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.stdin.read()"
    read_end, write_end = os.pipe()  # nobody writes: the child waits for good
    fds = [held.fileno(), write_end]
    child = subprocess.Popen([sys.executable, "-c", waiting], stdin=read_end, pass_fds=fds)
    held.sendall(b"up")
    if plan.get("stays"):
        child.wait()
if plan.get("gate"):
    with socket.create_connection(("127.0.0.1", plan["gate"])) as gate:
        gate.recv(1)
call["ended"] = time.monotonic()
with open(here / "calls.jsonl", "a") as calls:
    calls.write(json.dumps(call) + "\\n")
if plan.get("dies"):
    os.kill(os.getpid(), signal.SIGKILL)
sys.exit(plan.get("exit", 0))
"""
ACTIONS = {
    "CI", "GITHUB_ACTIONS", "GITHUB_ACTOR", "GITHUB_API_URL", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH",
    "GITHUB_GRAPHQL_URL", "GITHUB_OUTPUT", "GITHUB_REPOSITORY", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL", "GITHUB_STEP_SUMMARY", "GITHUB_WORKFLOW", "HOME", "LANG", "PATH", "RUNNER_TEMP",
}  # fmt: skip
PHASES = ["work claim", "work run", "work check", "work report"]


class Bench:
    """A world with one repository, and a runner whose bot is the stand-in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "stand_in.py"
        self.program.write_text(STAND_IN)
        self.plan({})
        self.world = World(folder / "data", base_url="http://127.0.0.1:8321")
        organisation = self.world.users.create("acme", "Organization")
        self.ada = self.world.users.create("ada")
        self.world.users.join("acme", "ada")
        self.repository = self.world.repositories.create(organisation, self.ada, "factory", readme="# F")
        for login in (BOT, APP):
            self.world.users.create(login, "Bot")
            self.world.users.set_role(self.repository, login, Role.WRITE)
        self.issue = self.world.issues.create(self.repository, self.ada, "An idea")
        self.info = HubInfo.of(self.world, "acme/factory")
        self.runners: list[Runner] = []

    def plan(self, phases: Mapping[str, Mapping[str, object]]) -> None:
        """Say how the stand-in behaves in which phase."""
        (self.folder / "plan.json").write_text(json.dumps(phases))

    def run(self, **options: Any) -> Runner:
        options = {"tick_every": 0, "grace": 0.3, "command": (sys.executable, str(self.program)), **options}
        runner = Runner(self.world, self.info, **options)
        runner.start()
        self.runners.append(runner)
        return runner

    def comment(self, body: str = "/system-status") -> None:
        self.world.comments.create(self.issue, self.ada, body)

    def dispatch(self, workflow: str = "worker.yml", assignment: str = "idea-1.scaffold.1") -> Run:
        inputs = {"assignment": assignment} if assignment else {}
        return self.world.runs.dispatch(self.repository, self.ada, workflow, "main", inputs)

    def runs(self, workflow: str = "") -> list[Run]:
        return self.world.runs.search(self.repository, RunQuery(workflow=workflow))

    def finished(self, run: Run) -> Run:
        """The run, once it is completed."""
        wait_for(lambda: self.world.runs.by_id(run.id).status == "completed")
        return self.world.runs.by_id(run.id)

    def all_finished(self, count: int) -> list[Run]:
        """All runs, once there are so many and all are completed."""
        wait_for(lambda: len(self.runs()) == count and all(run.status == "completed" for run in self.runs()))
        return self.runs()

    def calls(self) -> list[dict[str, Any]]:
        """What the stand-in recorded, in the order in which its processes ended."""
        file = self.folder / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def log(self, run: Run) -> str:
        return (self.world.data / "runs" / str(run.id) / "log.txt").read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    for runner in made.runners:
        runner.stop()
    made.world.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Return when the condition holds; it is looked at every 20 ms."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    pytest.fail("what was waited for did not happen")


def port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def connected(listener: socket.socket) -> socket.socket:
    """The connection that a stand-in and its child hold open; it ends when the last of them is gone."""
    connection, _ = listener.accept()
    connection.settimeout(30)
    assert connection.recv(2) == b"up"
    return connection


# What starts what


def test_a_comment_with_a_slash_starts_handle_with_the_events_payload(bench: Bench) -> None:
    bench.run()
    bench.comment("no command here")
    bench.comment("/system-status now")
    (run,) = bench.all_finished(1)
    (call,) = bench.calls()
    assert (run.workflow, run.event, run.conclusion, run.title) == (
        "commands.yml", "issue_comment", "success", "An idea",
    )  # fmt: skip
    assert call["arguments"] == ["handle"]
    assert call["event"]["comment"]["body"] == "/system-status now"
    assert call["event"]["action"] == "created"


def test_a_comment_on_a_pull_request_starts_handle_as_well(bench: Bench) -> None:
    path = bench.world.repositories.path(bench.repository)
    first_commit(path, "a.txt", "x", "2026-11-26T00:00:00Z", branch="orphan")
    tree = git_data.commits(path, "orphan", limit=1)[0]
    (main,) = git_data.commits(path, "main")
    topic = git_merge.write_commit(path, tree.tree, [main.sha], tree.author, tree.committer, "Topic")
    assert git_merge.move_ref(path, "refs/heads/topic", topic, git_merge.ABSENT)
    pull = bench.world.pulls.create(bench.repository, bench.ada, "A change", head="topic", base="main")
    bench.run()
    bench.world.issues.edit(bench.repository, bench.ada, pull.number, {"labels": ["priority:high"]})
    bench.world.comments.create(pull.issue, bench.ada, "/status")
    (run,) = bench.all_finished(1)
    (call,) = bench.calls()
    assert call["event"]["issue"]["number"] == pull.number
    assert "pull_request" in call["event"]["issue"]
    assert (run.workflow, run.title) == ("commands.yml", "A change")


def test_edited_comments_bots_and_other_repositories_start_nothing(bench: Bench) -> None:
    other = bench.world.repositories.create(bench.ada, bench.ada, "other")
    foreign = bench.world.issues.create(other, bench.ada, "Elsewhere")
    comment = bench.world.comments.create(bench.issue, bench.ada, "/first")
    bench.run()
    bench.world.comments.edit(bench.repository, bench.ada, comment.id, "/second")
    bench.world.comments.create(bench.issue, bench.world.users.find(APP), "/third")
    bench.world.comments.create(foreign, bench.ada, "/fourth")
    bench.comment("/last")
    bench.all_finished(1)
    assert [call["event"]["comment"]["body"] for call in bench.calls()] == ["/last"]


def test_what_people_do_to_our_issues_starts_handle(bench: Bench) -> None:
    bench.run()
    names = ["priority:high", "stage:genesis", "new-project"]
    bench.world.issues.add_labels(bench.repository, bench.ada, bench.issue.number, names)
    bench.world.issues.remove_label(bench.repository, bench.ada, bench.issue.number, "priority:high")
    bench.world.issues.edit(bench.repository, bench.ada, bench.issue.number, {"state": "closed"})
    runs = bench.all_finished(5)
    assert {(run.workflow, run.event, run.conclusion) for run in runs} == {
        ("labels.yml", "issues", "success")
    }
    told = [(call["event"]["action"], call["event"].get("label", {}).get("name")) for call in bench.calls()]
    assert sorted(told, key=str) == sorted(
        [*(("labeled", name) for name in names), ("unlabeled", "priority:high"), ("closed", None)], key=str
    )


def test_an_issue_that_the_bot_has_filed_counts_without_a_label(bench: Bench) -> None:
    body = "<!-- orchestrator:alert disk-1 -->\nThe disk is full."
    filed = bench.world.issues.create(bench.repository, bench.ada, "Alert", body)
    bench.run()
    bench.world.issues.edit(bench.repository, bench.ada, filed.number, {"state": "closed"})
    bench.all_finished(1)
    assert [call["event"]["action"] for call in bench.calls()] == ["closed"]


def test_foreign_labels_issues_and_bots_start_nothing(bench: Bench) -> None:
    bench.run()
    number, app = bench.issue.number, bench.world.users.find(APP)
    bench.world.issues.add_labels(bench.repository, bench.ada, number, ["bug", "new-project-idea"])
    bench.world.issues.edit(bench.repository, bench.ada, number, {"state": "closed", "title": "Done"})
    bench.world.issues.add_labels(bench.repository, app, number, ["priority:high"])
    bench.comment("/last")
    bench.all_finished(1)
    assert [call["event"]["action"] for call in bench.calls()] == ["created"]


def test_a_dispatched_worker_goes_through_its_phases_in_one_workspace(bench: Bench) -> None:
    bench.plan({"work claim": {"output": "granted=true\n"}})
    bench.run()
    run = bench.finished(bench.dispatch())
    calls = bench.calls()
    assert run.conclusion == "success"
    assert run.title == "idea-1.scaffold.1"
    assert [call["phase"] for call in calls] == PHASES
    assert calls[0]["arguments"][2:4] == ["--assignment", "idea-1.scaffold.1"]
    workspaces = {call["arguments"][-1] for call in calls}
    assert workspaces == {str(bench.world.data / "runs" / str(run.id) / "workspace")}
    assert all(call["arguments"][-2] == "--workspace" for call in calls)


@pytest.mark.parametrize(
    ("plan", "phases", "conclusion"),
    [
        ({"work claim": {"output": "granted=false\n"}}, PHASES[:1], "success"),
        ({}, PHASES[:1], "success"),
        ({"work claim": {"output": "granted<<END\ntrue\nEND\n"}}, PHASES, "success"),
        ({"work claim": {"output": "note<<END\ngranted=true\nEND\n"}}, PHASES[:1], "success"),
        ({"work claim": {"output": "granted=true\n", "exit": 1}}, PHASES[:1], "failure"),
        ({"work claim": {"output": "granted=true\n"}, "work run": {"exit": 3}},
         ["work claim", "work run", "work report"], "failure"),
        ({"work claim": {"output": "granted=true\n"}, "work check": {"exit": 1}}, PHASES, "failure"),
        ({"work claim": {"output": "granted=true\n"}, "work report": {"exit": 75}}, PHASES, "failure"),
    ],
    ids=[
        "refused",
        "says-nothing",
        "granted-in-a-block",
        "quoted-in-a-block",
        "claim-fails",
        "run-fails",
        "check-fails",
        "report-fails",
    ],
)  # fmt: skip
def test_what_follows_what(
    bench: Bench, plan: dict[str, dict[str, object]], phases: list[str], conclusion: str
) -> None:
    bench.plan(plan)
    bench.run()
    run = bench.finished(bench.dispatch())
    assert [call["phase"] for call in bench.calls()] == phases
    assert run.conclusion == conclusion


def test_the_schedule_runs_one_monitor_after_another_and_zero_switches_it_off(bench: Bench) -> None:
    quiet = bench.run()
    bench.comment()
    bench.all_finished(1)
    quiet.stop()
    assert bench.runs("monitor.yml") == []
    ticking = bench.run(tick_every=0.01)
    wait_for(lambda: sum(run.conclusion == "success" for run in bench.runs("monitor.yml")) >= 3)
    ticking.stop()
    ticks = [call for call in bench.calls() if call["phase"].startswith("tick")]
    assert len(ticks) >= 3
    loop = ["tick", "--loop", "20000", "--mode", "loop", "--every", "0.01"]
    assert all(call["arguments"] == loop for call in ticks)
    assert all(call["environment"]["GITHUB_EVENT_NAME"] == "schedule" for call in ticks)
    assert all(before["ended"] <= after["began"] for before, after in pairwise(ticks))


def test_a_dispatched_monitor_ticks(bench: Bench) -> None:
    bench.run()
    assert bench.finished(bench.dispatch("monitor.yml")).conclusion == "success"
    assert [call["arguments"] for call in bench.calls()] == [["tick"]]


def test_a_workflow_that_is_not_there_fails_and_says_so(bench: Bench) -> None:
    bench.run()
    unknown = bench.finished(bench.dispatch("deploy.yml"))
    assert unknown.conclusion == "failure"
    assert "no workflow deploy.yml in acme/factory" in bench.log(unknown)
    nameless = bench.finished(bench.dispatch("worker.yml", assignment=""))
    assert nameless.conclusion == "failure"
    assert "needs the input 'assignment'" in bench.log(nameless)
    assert bench.calls() == []


# What a process may see


def test_every_process_has_the_environment_of_actions_and_nothing_else(bench: Bench) -> None:
    bench.plan({"work claim": {"output": "granted=true\n"}})
    bench.run(agent_environment={"AGENT_KEY": "k"})
    bench.comment()
    bench.finished(bench.dispatch())
    bench.finished(bench.dispatch("monitor.yml"))
    bench.all_finished(3)
    extra = {call["phase"]: set(call["environment"]) - ACTIONS for call in bench.calls()}
    assert extra == {
        "handle": {"GITHUB_TOKEN"},
        "tick": {"GITHUB_TOKEN", "ORCHESTRATOR_GENESIS_TOKEN"},
        "work claim": {"GITHUB_TOKEN", "ORCHESTRATOR_GENESIS_TOKEN"},
        "work run": {"AGENT_KEY"},
        "work check": set(),
        "work report": {"GITHUB_TOKEN", "ORCHESTRATOR_GENESIS_TOKEN"},
    }
    for call in bench.calls():
        assert set(call["environment"]) >= ACTIONS
        assert call["home"] == []
        values = list(call["environment"].values())
        assert (bench.info.bot_token in values) == ("GITHUB_TOKEN" in call["environment"])
        assert (bench.info.app_token in values) == ("ORCHESTRATOR_GENESIS_TOKEN" in call["environment"])


def test_the_variables_say_what_actions_would(bench: Bench) -> None:
    bench.run()
    bench.comment()
    (run,) = bench.all_finished(1)
    (call,) = bench.calls()
    environment, folder = call["environment"], bench.world.data / "runs" / str(run.id)
    assert {name: environment[name] for name in sorted(ACTIONS) if "PATH" not in name} == {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "ada",
        "GITHUB_API_URL": "http://127.0.0.1:8321/api/v3",
        "GITHUB_EVENT_NAME": "issue_comment",
        "GITHUB_GRAPHQL_URL": "http://127.0.0.1:8321/api/graphql",
        "GITHUB_OUTPUT": str(folder / "temp" / "output-1.txt"),
        "GITHUB_REPOSITORY": "acme/factory",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": str(run.id),
        "GITHUB_SERVER_URL": "http://127.0.0.1:8321",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_WORKFLOW": "commands",
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "RUNNER_TEMP": str(folder / "temp"),
    }
    assert Path(call["cwd"]) == folder / "work"


# How it ends


def test_the_log_holds_the_output_and_the_exit_codes(bench: Bench) -> None:
    bench.plan({"handle": {"exit": 75}})
    bench.run()
    bench.comment()
    (run,) = bench.all_finished(1)
    log = bench.log(run)
    assert run.conclusion == "failure"
    for line in ("$ orchestrator handle", "out of handle", "error of handle", "exit code 75"):
        assert line in log
    assert run.started_at is not None


def test_cancelling_kills_the_whole_tree_even_if_it_ignores_sigterm(
    bench: Bench, listener: socket.socket
) -> None:
    bench.plan(
        {"work claim": {"output": "granted=true\n"}, "work run": {"port": port(listener), "stays": True}}
    )
    bench.run()
    run = bench.dispatch()
    with connected(listener) as held:
        bench.world.runs.cancel(bench.repository, bench.ada, run.id)
        assert held.recv(1) == b""  # parent and child are gone
    assert bench.finished(run).conclusion == "cancelled"
    assert "Cancelled." in bench.log(run)
    assert [call["phase"] for call in bench.calls()] == ["work claim"]


def test_a_queued_run_that_is_cancelled_never_starts(bench: Bench, listener: socket.socket) -> None:
    bench.plan({"work claim": {"gate": port(listener)}})
    bench.run(workers=1)
    first, second = bench.dispatch(), bench.dispatch(assignment="idea-1.scaffold.2")
    gate, _ = listener.accept()
    bench.world.runs.cancel(bench.repository, bench.ada, second.id)
    gate.close()
    assert bench.finished(first).conclusion == "success"
    assert bench.finished(second).conclusion == "cancelled"
    bench.runners[0].stop()
    assert [call["arguments"][3] for call in bench.calls()] == ["idea-1.scaffold.1"]


def test_what_a_step_leaves_running_ends_with_it(bench: Bench, listener: socket.socket) -> None:
    bench.plan({"handle": {"port": port(listener)}})
    bench.run()
    bench.comment()
    with connected(listener) as held:
        assert held.recv(1) == b""
    (run,) = bench.all_finished(1)
    assert run.conclusion == "success"


def test_stopping_ends_everything_and_leaves_no_child(bench: Bench, listener: socket.socket) -> None:
    bench.plan({"handle": {"port": port(listener), "stays": True}})
    before = threading.active_count()
    runner = bench.run(handlers=1, tick_every=60)
    bench.comment()
    bench.comment()
    with connected(listener) as held:
        runner.stop()
        assert held.recv(1) == b""
    assert [run.conclusion for run in bench.runs()] == ["cancelled", "cancelled"]
    assert threading.active_count() == before
    bench.comment()
    assert len(bench.runs()) == 2  # nobody listens any more


def test_at_most_so_many_run_at_once(bench: Bench, listener: socket.socket) -> None:
    bench.plan({"handle": {"gate": port(listener)}})
    bench.run(handlers=2)
    for _ in range(5):
        bench.comment()
    gates = [listener.accept()[0] for _ in range(2)]
    assert sorted(run.status for run in bench.runs()) == ["in_progress"] * 2 + ["queued"] * 3
    for gate in gates:
        gate.close()
    for _ in range(3):
        listener.accept()[0].close()
    bench.all_finished(5)
    calls = bench.calls()
    together = [sum(one["began"] <= call["began"] < one["ended"] for one in calls) for call in calls]
    assert max(together) == 2


def test_a_program_that_dies_or_cannot_start_does_not_take_the_runner_down(bench: Bench) -> None:
    bench.plan({"handle": {"dies": True}})
    bench.run()
    bench.comment()
    (killed,) = bench.all_finished(1)
    assert killed.conclusion == "failure"
    assert "exit code 137" in bench.log(killed)
    bench.plan({})
    bench.comment()
    assert bench.all_finished(2)[0].conclusion == "success"
    bench.runners[0].stop()
    bench.run(command=(str(bench.folder / "missing"),))
    bench.comment()
    (unstartable, *_) = bench.all_finished(3)
    assert unstartable.conclusion == "failure"
    assert "could not carry out this run" in bench.log(unstartable)


def test_runs_that_an_earlier_process_left_open_are_ended_at_the_start(bench: Bench) -> None:
    running, queued = bench.dispatch(), bench.dispatch(assignment="idea-1.scaffold.2")
    bench.world.runs.start(running.id)
    bench.run()
    assert bench.finished(running).conclusion == "failure"
    assert bench.finished(queued).conclusion == "cancelled"


def test_scratch_is_cleared_away_and_a_failed_workspace_is_kept(bench: Bench) -> None:
    bench.plan({"work claim": {"output": "granted=true\n"}})
    bench.run()
    good = bench.finished(bench.dispatch())
    bench.plan({"work claim": {"output": "granted=true\n"}, "work check": {"exit": 1}})
    bad = bench.finished(bench.dispatch())
    left = {
        run.id: {path.name for path in (bench.world.data / "runs" / str(run.id)).iterdir()}
        for run in (good, bad)
    }
    assert left == {good.id: {"log.txt", "event.json"}, bad.id: {"log.txt", "event.json", "workspace"}}
