"""A machine as a new user may have it: an empty home, a fresh clone, and few programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.workflows.checkout import copied
from tests.workflows.runner.machine import reach

NEEDED = ("git", "make", "bash", "sh")
"""What the README asks for, Python aside, and the shells that make's rules name."""
COREUTILS = tuple(
    "awk basename cat chmod cp cut date dirname env expr false find grep head id ln ls mkdir mktemp mv nice "
    "readlink rm rmdir sed seq sleep sort tail tar tee test touch tr true uname uniq wc xargs".split()
)
"""What any system has that make and a shell are on."""


@dataclass(frozen=True)
class Newcomer:
    """The clone and its environment."""

    clone: Path
    environment: dict[str, str]

    def run(self, *command: str, limit: float) -> subprocess.CompletedProcess[str]:
        """One command in the clone, ended after ``limit`` seconds."""
        return subprocess.run(
            list(command),
            cwd=self.clone,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )


def newcomer(folder: Path) -> Newcomer:
    """A clone of the repository as it is now, and nothing else."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "python3").symlink_to(Path(sys.base_prefix) / f"bin/python3.{sys.version_info.minor}")
    for name in (*NEEDED, *COREUTILS):
        found = shutil.which(name)
        assert found or name not in NEEDED, f"the README asks for {name}"
        if found:
            (programs / name).symlink_to(found)
    (folder / "home").mkdir()
    environment = {**reach(), "HOME": str(folder / "home"), "PATH": str(programs)}
    origin = copied(folder / "origin")
    clone = folder / "orchestrator"
    subprocess.run(["git", "clone", "--quiet", str(origin), str(clone)], env=environment, check=True)
    return Newcomer(clone, environment)
