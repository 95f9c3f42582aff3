"""Real processes: what an executor starts ends with it, whatever group, session or parent it has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.adapters.marked import MARK, kill_marked
from bot.adapters.phase_process import environment
from bot.adapters.signals import Signals
from bot.adapters.worker_machine import WorkerMachine
from tests.executors.conftest import order_content

PATIENCE = 60.0
_HOLDS = """
import os, sys
from bot.adapters import lifeline
lifeline.hold(int(sys.argv[1]))
sys.stdout.write("holds\\n"); sys.stdout.flush()
sys.stdin.read()
"""


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended with the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def _start(mark: Path | None, *command: str, **options: object) -> subprocess.Popen[bytes]:
    marked = {} if mark is None else {MARK: str(mark)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, env={"PATH": os.environ["PATH"], **marked}, **pipes, **options)  # type: ignore[call-overload,no-any-return]


def test_marked_processes_end_and_no_others(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    mine = _start(tmp_path / "7" / "8", "cat", start_new_session=True)
    beside = _start(tmp_path / "77", "cat")
    nobodys = _start(None, "cat")
    started += [mine, beside, nobodys]
    kill_marked(tmp_path / "7")
    assert mine.wait(PATIENCE) == -signal.SIGKILL
    assert (beside.poll(), nobodys.poll()) == (None, None)


def test_a_closed_lifeline_ends_the_process_and_its_descendants(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    theirs, mine = os.pipe()
    holder = _start(
        tmp_path, sys.executable, "-c", _HOLDS, str(theirs), pass_fds=(theirs,), start_new_session=True
    )
    os.close(theirs)
    elsewhere = _start(tmp_path, "cat", start_new_session=True)
    started += [holder, elsewhere]
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"holds\n"
    assert holder.poll() is None
    os.close(mine)
    assert holder.wait(PATIENCE) == -signal.SIGKILL
    assert elsewhere.wait(PATIENCE) == -signal.SIGKILL


def test_a_lifeline_never_ends_a_group_that_it_does_not_lead(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    theirs, mine = os.pipe()
    shell = _start(
        None, "sh", "-c", f"{sys.executable} -c '{_HOLDS}' {theirs}; echo on", pass_fds=(theirs,),
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    started.append(shell)
    assert shell.stdout is not None
    assert shell.stdout.readline() == b"holds\n"
    os.close(mine)
    assert shell.stdout.readline() == b"on\n"


def test_a_phase_sees_no_token_and_only_a_run_sees_an_agents_key(tmp_path: Path) -> None:
    given = {
        "PATH": "/bin", "HOME": "/home/ada", "GITHUB_TOKEN": "t", "GH_TOKEN": "t",
        "ORCHESTRATOR_GENESIS_TOKEN": "t", "ORCHESTRATOR_STATE_REMOTE": "r", "SSH_AUTH_SOCK": "s",
        "ANTHROPIC_API_KEY": "k", "AWS_SECRET_ACCESS_KEY": "a",
    }  # fmt: skip
    own = {"PATH": "/bin", "HOME": "/home/ada", "TMPDIR": str(tmp_path / "tmp"), MARK: str(tmp_path)}
    assert environment(given, "run", tmp_path) == {**own, "ANTHROPIC_API_KEY": "k"}
    assert environment(given, "check", tmp_path) == own


def test_only_a_deployment_by_command_sees_the_keys_that_are_configured_for_it(tmp_path: Path) -> None:
    given = {"PATH": "/bin", "DEPLOY_KEY": "d", "OTHER_KEY": "o", "GITHUB_TOKEN": "t"}
    rule = {"kind": "command", "command": "deploy", "url": "https://x.example", "keys": ["DEPLOY_KEY"]}
    for specialty, kind, phase, seen in (
        ("deployment", "command", "run", True),
        ("deployment", "command", "check", False),
        ("feature", "command", "run", False),
        ("deployment", "agent", "run", False),
    ):
        order = order_content(workflow="development", specialty=specialty, deployment={**rule, "kind": kind})
        (tmp_path / "assignment.json").write_text(json.dumps(order), "utf-8")
        names = environment(given, phase, tmp_path).keys()
        assert ("DEPLOY_KEY" in names) is seen
        assert not names & {"OTHER_KEY", "GITHUB_TOKEN"}


def test_a_phase_that_has_ended_leaves_its_words_and_no_process(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    with Signals() as signals:
        machine = WorkerMachine(signals, os.environ)
        phase = machine.start("run", tmp_path / "7")
        while phase.ended() is None:
            signals.wait(PATIENCE)
        started.append(_start(tmp_path / "7", "cat", start_new_session=True))
        phase.kill()
        phase.kill()
        assert started[0].wait(PATIENCE) == -signal.SIGKILL
        assert phase.ended() == 2
        assert "holds no assignment" in machine.said(tmp_path / "7")
        machine.clear(tmp_path / "7")
    assert list(tmp_path.iterdir()) == []


def test_the_first_signal_is_noted_and_the_second_interrupts() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGTERM)
        signals.wait(PATIENCE)
        assert signals.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before


def test_only_starts_of_a_process_are_taken_for_leftovers(tmp_path: Path) -> None:
    for name in ("1795651200000", "1795651200001", "1795651200002", "thesis", "2026"):
        (tmp_path / name).mkdir()
    outside = tmp_path / "thesis" / "chapter"
    outside.mkdir()
    (tmp_path / "1795651200003").symlink_to(outside)
    with Signals() as signals:
        found = WorkerMachine(signals, {}).others(tmp_path / "1795651200001")
    assert [path.name for path in found] == ["1795651200000", "1795651200002"]


def test_clearing_removes_what_may_not_be_changed_and_follows_no_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o500)
    folder = tmp_path / "workspace"
    (folder / "module").mkdir(parents=True)
    (folder / "module" / "file").touch()
    (folder / "module" / "link").symlink_to(kept)
    (folder / "module").chmod(0o500)
    with Signals() as signals:
        WorkerMachine(signals, {}).clear(folder)
    assert not folder.exists()
    assert kept.stat().st_mode & 0o777 == 0o500


def test_progress_is_the_newest_change_in_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for path, at in (
        (tmp_path / "a" / "b" / "file", 2_000), (tmp_path / "a" / "b", 1_000), (tmp_path / "a", 1_000),
        (tmp_path, 1_000),
    ):  # fmt: skip
        if not path.exists():
            path.touch()
        os.utime(path, (at, at))
    with Signals() as signals:
        machine = WorkerMachine(signals, {})
        assert machine.changed_at(tmp_path) == 2_000
        assert machine.changed_at(tmp_path / "nowhere") is None
