"""What a comment's run imports, for the action to compile beforehand (``requirements/compiled.txt``).

Found by importing it in an interpreter of its own, which is not let near anything that the lock of commands
does not install. ``tests/e2e/test_lean.py`` holds the list against real runs.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

LATE = (
    "bot.adapters.git.sessions",
    "bot.adapters.github.forge",
    "bot.adapters.payloads",
    "bot.app.handle",
    "bot.app.sieve",
    "bot.bootstrap.session",
    "bot.bootstrap.settling",
    "bot.cli",
)
"""With what they import these are all of a run: some are imported when it has come so far."""

_PROGRAM = """
import importlib, json, sys
class Elsewhere:
    def find_spec(name, path=None, target=None):
        if name[0] != "_" and name.partition(".")[0] not in allowed:
            raise ModuleNotFoundError(name)
names, allowed = sys.argv[1].split(), {*sys.argv[2].split(), *sys.stdlib_module_names}
sys.meta_path.insert(0, Elsewhere)
for name in names:
    importlib.import_module(name)
print(json.dumps([one.__file__ for one in sys.modules.values() if getattr(one, "__file__", None)]))
"""


def compiled(root: Path) -> bytes:
    """The files' paths, below the action or below where wheels are unpacked; one a line."""
    site = Path(sysconfig.get_path("purelib"))
    allowed = ("bot", *_installed_by((root / "requirements/command.txt").read_text("utf-8")))
    command = [sys.executable, "-P", "-c", _PROGRAM, " ".join(LATE), " ".join(allowed)]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True)
    files = [Path(name) for name in json.loads(done.stdout)]
    names = {path.relative_to(site) for path in files if path.is_relative_to(site)}
    names |= {path.relative_to(root) for path in files if path.is_relative_to(root / "bot")}
    mine = sorted(name for name in names if name.suffix == ".py" and name.parts[0].split(".")[0] in allowed)
    return "".join(f"{name.as_posix()}\n" for name in mine).encode()


def _installed_by(lock: str) -> list[str]:
    """The packages that a lock brings."""
    locked = {name.lower().replace("_", "-") for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", lock)}
    owners = metadata.packages_distributions()
    return [
        package
        for package, names in owners.items()
        if locked & {name.lower().replace("_", "-") for name in names}
    ]
