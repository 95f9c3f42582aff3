"""What git tells of the clone that a person works in, without the person's secrets in its environment.

Git runs programs that a clone's configuration names, so it gets only what it needs to find its own settings.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_INHERITED = ("PATH", "HOME", "XDG_CONFIG_HOME", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")


def told(folder: Path, *words: str) -> str:
    """The output of a git command in a folder; empty where it fails or git is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def environment() -> dict[str, str]:
    """What git may see of this process's environment."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}
