"""The demonstration as a newcomer runs it: exits 0 only where everything is really there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest


def demo(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "demo", "--out", str(out), *arguments]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(command, capture_output=True, text=True, timeout=170, env=kept, check=False)


def git(repository: str, *arguments: str) -> str:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_ones_own_idea_from_a_file(tmp_path: Path) -> None:
    idea = tmp_path / "idea.md"
    idea.write_text("# Photo sorter\n\n- It must rename photos by date\n- It should $(touch pwned) `undo`\n")
    done = demo(tmp_path / "out", "--idea-file", str(idea))
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["project_id"].startswith("photo-sorter-")
    titles = " ".join(issue["title"] for issue in summary["issues"])
    assert "photos by date" in titles
    assert summary["counts"]["issues"] == len(summary["issues"]) >= 2
    status = git(
        summary["state_path"], "show", f"state:shared-state/projects/{summary['project_id']}/status.json"
    )
    assert json.loads(status)["stage"] == "development"
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", summary["repository_path"], str(checkout)], check=True)
    tested = subprocess.run(["make", "test"], cwd=checkout, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "Scaffolded:" in done.stdout
    assert list(tmp_path.rglob("pwned")) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--idea", "  "), "the idea is empty"),
        (("--idea", "a", "--idea-file", __file__), "not both"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    done = demo(tmp_path / "out", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_demonstration_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "out" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    done = demo(precious.parent, "--idea", "A page")
    assert done.returncode == 2
    assert precious.read_text() == "mine"


def test_asked_to_end_it_ends_its_hub_and_the_runs_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "demo", "--out", str(tmp_path / "out"), "--idea", "A page"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "asked in" in process.stdout.readline()
        started = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    assert started
    _, left = psutil.wait_procs(started, timeout=30)
    assert left == []
