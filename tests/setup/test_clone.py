"""git in a person's clone: it may run what the clone's configuration names, so it is told no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECRETS = {
    "GITHUB_TOKEN": "planted-token-in-the-environment",
    "ANTHROPIC_API_KEY": "planted-key-in-the-environment",
    "ORCHESTRATOR_NOTIFY_URLS": "json://someone:planted-password@127.0.0.1/",
}
LOOKS = """
from pathlib import Path
from bot.adapters.by_hand import by_hand
from bot.setup.place import head, origin, toplevel
import os
here = Path.cwd()
print(toplevel(here) == here, origin(here), len(head(here)))
print(by_hand(dict(os.environ), "", needs="look", directory=here).repository)
"""


def test_a_program_that_the_clone_names_sees_none_of_the_persons_secrets(tmp_path: Path) -> None:
    clone, seen = tmp_path / "clone", tmp_path / "seen"
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\nenv >> "{seen}"\n')
    spy.chmod(0o755)
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for words in (
        ("init", "--quiet", str(clone)),
        ("-C", str(clone), "remote", "add", "origin", "https://someone:pw@github.com/acme/factory.git"),
        ("-C", str(clone), *who, "commit", "--quiet", "--allow-empty", "--message", "x"),
        ("-C", str(clone), "config", "core.fsmonitor", str(spy)),
    ):
        subprocess.run(["git", *words], env=bare, check=True)
    done = subprocess.run(
        [sys.executable, "-c", LOOKS],
        cwd=clone,
        env={**bare, **SECRETS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True acme/factory 40", "acme/factory"]
    told = seen.read_text("utf-8")
    assert "HOME=" in told, "the clone's program was not run"
    assert [name for name, value in SECRETS.items() if name in told or value in told] == []
    assert "pw" not in done.stdout + done.stderr
