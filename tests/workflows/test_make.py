"""The Makefile: a person's idea is text, whatever it holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflows.documents import ROOT

IDEAS = [
    "A page that says hello",
    'It\'s "quoted" and `touch pwned` $(touch pwned) $HOME $5 \\n ; touch pwned # not a comment',
    "--help",
    "two\nlines",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The Makefile beside an environment that is up to date and whose program prints its arguments."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements/bootstrap.txt", "requirements/dev.txt", "pyproject.toml", "tools/setup.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/.root").write_text(f"{tmp_path.resolve()}\n", "utf-8")
    (tmp_path / ".venv/.stamp").touch()
    program = tmp_path / ".venv/bin/orchestrator"
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\nprint(sys.argv[1:], 'MAKEFLAGS' in os.environ)\n", "utf-8"
    )
    program.chmod(0o755)
    return tmp_path


def make(project: Path, *arguments: str, **environment: str) -> str:
    """The standard output of one call of make."""
    called = ["make", "--no-print-directory", *arguments]
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        called, cwd=project, env=env, capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


@pytest.mark.parametrize("idea", IDEAS)
def test_an_idea_reaches_the_program_untouched(project: Path, idea: str) -> None:
    expected = f"{['demo', f'--idea={idea}']} False"
    assert make(project, "demo", f"IDEA={idea}") == expected
    assert make(project, "demo", IDEA=idea) == expected
    assert not (project / "pwned").exists()


def test_a_file_with_an_idea_is_named_and_nothing_is_made_up(project: Path) -> None:
    assert make(project, "demo", "IDEA_FILE=my idea.md") == "['demo', '--idea-file=my idea.md'] False"
    assert make(project, "demo") == "['demo'] False"


def test_help_is_what_make_alone_does_and_lists_every_target(project: Path) -> None:
    listed = {line.split()[1] for line in make(project).splitlines()}
    assert listed >= {"setup", "demo", "test", "check", "bench", "lock", "clean", "help"}


def test_setup_is_done_when_nothing_has_changed(project: Path) -> None:
    assert make(project, "setup") == "make: Nothing to be done for 'setup'."


def test_an_environment_that_was_moved_is_made_anew(project: Path) -> None:
    (project / "tools/setup.sh").write_text("echo made anew\n", "utf-8")
    os.utime(project / "tools/setup.sh", (0, 0))
    moved = project.rename(project.with_name("elsewhere"))
    assert make(moved, "setup") == "made anew"


def test_a_missing_python_is_named_with_the_way_out(project: Path) -> None:
    shutil.copy(ROOT / "tools/setup.sh", project / "tools")
    finished = subprocess.run(
        ["bash", "tools/setup.sh"],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PYTHON": "python-of-old"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 2
    assert "needs Python 3.11 or newer, and found none as 'python-of-old'" in finished.stderr
    assert "make setup PYTHON=" in finished.stderr
