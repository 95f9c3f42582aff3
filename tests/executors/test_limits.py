"""Where a run of an agent ends whether it wants to or not, and that nothing of it is left."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from bot.domain.failures import FailureKind
from bot.executors import keeper
from tests.executors.agents import GENESIS, KEY, Agent, alive

LINUX = pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux has subreapers and /proc")
CHILDREN = """
import signal, subprocess, time
kept = {record!r}

def outlive(how):
    if os.fork():
        return
    if "setsid" in how:
        os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if "twice" in how and os.fork():
        os._exit(0)
    if "quiet" in how:
        for number in range(3):
            os.close(number)
    with open(kept, "a") as file:
        file.write(str(os.getpid()) + "\\n")
    while True:
        time.sleep(60)

for how in ("plain", "setsid", "twice", "setsid twice", "setsid twice quiet", "quiet"):
    outlive(how)
subprocess.Popen(["sh", "-c", "echo $$ >> " + kept + "; nohup sleep 300 & echo $! >> " + kept + "; wait"],
                 start_new_session=True)
while len(open(kept).read().split() if os.path.exists(kept) else ()) < 8:
    time.sleep(0.01)
"""
"""Processes that try to outlive the agent: in their own session, orphaned, deaf to signals, without pipes."""


def pids(tmp_path: Path) -> list[int]:
    return [int(word) for word in (tmp_path / "pids").read_text().split()]


def children(tmp_path: Path) -> str:
    return CHILDREN.format(record=str(tmp_path / "pids"))


@LINUX
@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot", "command"])
def test_children_that_try_to_outlive_an_agent_are_gone(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name)
    agent.install("success", GENESIS + children(tmp_path))

    finished = agent.run()

    assert finished.ok, finished.summary
    assert len(pids(tmp_path)) == 8
    assert alive(pids(tmp_path)) == []


@LINUX
@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot", "command"])
def test_an_agent_that_hangs_is_killed_with_all_its_children(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name)
    agent.install("success", GENESIS + children(tmp_path) + "time.sleep(600)")

    finished = agent.run(time_limit=6)

    assert (finished.ok, finished.failure, finished.retry) == (False, FailureKind.TIME, True)
    assert "stopped when its part of the" in finished.summary
    assert alive(pids(tmp_path)) == []


@LINUX
def test_everything_ends_when_whoever_watches_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "agent.py"
    script.write_text(f"import os\n{children(tmp_path)}\nprint('up', flush=True)\ntime.sleep(600)\n")
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-I", "-S", keeper.__file__, str(read), sys.executable, str(script)],
        pass_fds=(read,), stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        os.close(read)
        os.close(write)  # what the system does when the process at the other end dies
        process.wait(30)
    assert alive(pids(tmp_path)) == []


def test_who_holds_an_agents_output_from_outside_holds_up_nothing(tmp_path: Path) -> None:
    # As a daemon does on a system without subreapers: a process beyond reach has the pipe's other end.
    agent = Agent(tmp_path, "command")
    address = os.path.relpath(tmp_path / "s")  # the names of such sockets have to be short
    act = f"import socket; c = socket.socket(socket.AF_UNIX); c.connect({str(tmp_path / 's')!r})\n"
    agent.install("success", GENESIS + act + "socket.send_fds(c, [b'x'], [1, 2])")
    held: list[int] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()

        def hold() -> None:
            with server.accept()[0] as connection:
                held.extend(socket.recv_fds(connection, 1, 2)[1])

        holder = threading.Thread(target=hold)
        holder.start()
        finished = agent.run()
        holder.join()

    assert finished.ok, finished.summary
    assert len(held) == 2
    for number in held:
        os.close(number)


@LINUX
@pytest.mark.skipif(shutil.which("ps") is None, reason="no ps here")
def test_both_ways_of_asking_for_processes_see_the_same() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        mine = [
            {pid for pid, parent in ask() if parent == os.getpid()} for ask in (keeper.by_proc, keeper.by_ps)
        ]
        assert child.pid in mine[0]
        assert mine[0] == mine[1]  # the program that was asked is not among them
        child.communicate()


@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot", "command"])
def test_100_megabytes_of_output_fill_neither_memory_nor_disk(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name)
    flood = "block = ('x' * 99_999 + chr(10))\nfor _ in range(1_000): sys.stdout.write(block)\n"
    agent.install("success", GENESIS + flood)

    tracemalloc.start()
    finished = agent.run()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (finished.ok, finished.failure) == (False, FailureKind.OUTPUT)
    assert "stopped after 50 MB of output" in finished.summary
    assert most < 32_000_000
    assert sum(path.stat().st_size for path in agent.handed.rglob("*") if path.is_file()) < 1_500_000


@pytest.mark.parametrize("ending", ["chr(10)", "''"])
def test_100_megabytes_that_are_allowed_are_read_to_the_answer_at_their_end(
    ending: str, tmp_path: Path
) -> None:
    agent = Agent(tmp_path, "claude-code", {"limits": {"output_megabytes": 200}})
    flood = f"block = 'x' * 99_999 + {ending}\nfor _ in range(1_000): sys.stdout.write(block)\nprint()\n"
    agent.install("success", GENESIS + flood)

    tracemalloc.start()
    finished = agent.run()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert finished.ok, finished.summary
    assert finished.spend == 0.4321
    assert most < 64_000_000  # a line of 100 MB is cut at 4 MB, of which a few copies exist for a moment
    assert (agent.result / "log.txt").stat().st_size < 1_300_000
    assert "left out]" in agent.log or "[… cut here]" in agent.log
    assert '"type": "result"' in agent.log  # the end is what people want to see


def test_a_workspace_that_grows_too_large_ends_the_run(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "command", {"limits": {"disk_megabytes": 20}})
    agent.install(
        "success",
        """
import time
for number in range(600):
    (project / f"big-{number}").write_bytes(os.urandom(1_000_000))
    time.sleep(0.02)
time.sleep(600)
""",
    )

    finished = agent.run()

    assert (finished.ok, finished.failure) == (False, FailureKind.DISK)
    assert "stopped with 20 MB in its workspace" in finished.summary


@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot", "command"])
def test_a_secret_in_the_output_is_nowhere_in_what_is_kept(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name, environ={"ANTHROPIC_API_KEY": "unusual*value(0123456789"})
    key = "unusual*value(0123456789" if name == "claude-code" else KEY
    pem = "-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKCAQEA7\\nq83vq83v\\n-----END RSA PRIVATE KEY-----"
    agent.install(
        "success",
        GENESIS + f"print('using {key} now')\nprint({json.dumps({'text': key})!r})\n"
        f"print('{pem}')\nsys.stderr.write('password: hunter2hunter2' + chr(10))\nsys.stdout.flush()",
    )

    finished = agent.run()

    assert finished.ok, finished.summary
    kept = "".join(path.read_text("utf-8", "replace") for path in agent.result.iterdir())
    assert "using *** now" in kept
    for secret in (key, "MIIEowIBAAKCAQEA7", "q83vq83v", "hunter2"):
        assert secret not in kept


def test_work_that_holds_the_agents_key_is_not_handed_on(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "claude-code")
    agent.install("success", GENESIS + f"(project / 'config.py').write_text('KEY = {KEY}')")

    finished = agent.run()

    assert (finished.failure, finished.retry) == (FailureKind.OUTSIDE, False)
    assert "the work holds the agent's own key" in finished.summary
    assert not (agent.result / "repository.bundle").exists()


@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot", "command"])
@pytest.mark.parametrize(
    ("act", "named"),
    [
        ("(project.parent / 'beside.txt').write_text('x')", "beside.txt"),
        ("open({assignment!r}, 'a').write(' ')", "assignment.json"),
        ("open({result!r} + '/genesis-output.json', 'w').write('{{}}')", "genesis-output.json"),
        ("os.symlink('/etc/passwd', {result!r} + '/repository.bundle')", "repository.bundle"),
        ("open({home!r} + '/.gitconfig', 'w').write('[core]')", ".gitconfig"),
        ("os.mkdir({home!r} + '/.ssh'); open({home!r} + '/.ssh/config', 'w').write('')", "config"),
    ],
    ids=["beside", "order", "result", "link", "git", "ssh"],
)
def test_an_attempt_to_write_outside_the_workspace_is_noticed(
    name: str, act: str, named: str, tmp_path: Path
) -> None:
    agent = Agent(tmp_path, name)
    places = {
        "assignment": str(agent.handed / "assignment.json"),
        "result": str(agent.result),
        "home": str(tmp_path / "user"),
    }
    agent.install("success", GENESIS + act.format(**places))

    finished = agent.run()

    assert (finished.ok, finished.failure, finished.retry) == (False, FailureKind.OUTSIDE, False)
    assert "it wrote outside of its workspace" in finished.summary
    assert named in finished.summary


def test_nothing_is_left_of_where_an_agent_worked(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "command")
    locked = (
        "os.mkdir(project / 'locked'); open(project / 'locked/x', 'w').close(); os.chmod('locked', 0o500)"
    )
    agent.install("success", GENESIS + locked)

    assert agent.run().ok

    (call,) = agent.calls
    assert not Path(call["cwd"]).parent.exists()
    assert not Path(call["environment"]["TMPDIR"]).exists()
