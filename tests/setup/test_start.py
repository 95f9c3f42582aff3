"""The commands of setting up cost the others nothing at their start."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "githubkit",
    "httpx",
    "nacl",
    "rich",
    "pydantic",
    "yaml",
    "bot.bootstrap.session",
    "bot.setup.doctor",
}


def test_a_start_imports_nothing_of_them() -> None:
    told = "import bot.cli, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "bot.setup.commands" in loaded
    assert loaded & HEAVY == set()


def test_a_refusal_is_one_line_and_exit_code_2() -> None:
    call = [sys.executable, "-m", "bot", "doctor", "acme/fleet"]
    done = subprocess.run(call, capture_output=True, text=True, env={"PATH": "/usr/bin"}, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("orchestrator: no token: set GH_TOKEN")
    assert len(done.stderr.splitlines()) == 1
