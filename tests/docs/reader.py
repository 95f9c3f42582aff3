"""Somebody who follows a page: an empty home, git, the program, and a hub in GitHub's place."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.hub.serve import running
from tests.docs import stand_ins
from tests.docs.pages import ROOT, Block

FLEET = "acme/fleet"
ACTION = "acme/orchestrator"
PATIENCE = 120.0
"""Seconds after which a page that does not end fails."""
_IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
# That something is wrong with a set-up is doctor's answer, with exit code 2: a reader reads it and goes on.
_PROGRAM = """\
#!/bin/sh
PYTHONPATH={folder} {python} -m bot "$@"
code=$?
[ "$1 $code" = "doctor 2" ] || exit $code
"""
# Whoever is asked takes what is offered: that is what an empty line says.
_SCRIPT = """\
set -euo pipefail -m
apart=()
end() {{ for one in "${{apart[@]}}"; do kill -TERM -- "-$one"; wait "$one" || true; done; }}
trap end EXIT
cd {start}
{calls}
"""
_CALL = 'echo "{n}" > {out}/at; {{ source {out}/{n}.sh; }} > {out}/{n}.out 2>&1 < <(yes "")'
_APART = """\
echo "{n}" > {out}/at; mkfifo {out}/{n}.said
( source {out}/{n}.sh ) > {out}/{n}.said 2>&1 < /dev/null &
apart+=($!)
exec {{said}}< {out}/{n}.said; read -r -t 60 first <&$said; echo "$first" > {out}/{n}.out
cat <&$said >> {out}/{n}.out &"""


@dataclass(frozen=True)
class Followed:
    """What became of a page's blocks."""

    code: int
    at: str
    """The block at which it ended, where it failed."""
    said: dict[str, str]
    """What each block printed."""


@dataclass
class Reader:
    """Where a page is followed."""

    home: Path
    start: Path
    environment: dict[str, str]

    def follow(self, blocks: Sequence[Block]) -> Followed:
        """Run the blocks one after the other in one shell, as somebody does who copies each."""
        out = self.home.parent / "out"
        out.mkdir()
        port, calls = _free_port(), []
        for block in blocks:
            text = block.commands.replace("8642", str(port))
            text = re.sub(r"(orchestrator local)\b(?! --port)", rf"\1 --port {port}", text)
            n = f"line-{block.line}"
            (out / f"{n}.sh").write_text(text, "utf-8")
            calls.append((_APART if block.is_apart else _CALL).format(n=n, out=out))
        script = out / "page.sh"
        script.write_text(_SCRIPT.format(start=self.start, calls="\n".join(calls)), "utf-8")
        done = subprocess.run(
            ["bash", str(script)],
            env=self.environment,
            cwd=self.start,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        said = {path.stem: path.read_text("utf-8", "replace") for path in sorted(out.glob("line-*.out"))}
        at = (out / "at").read_text("utf-8").strip() if (out / "at").exists() else ""
        return Followed(done.returncode, at, said)


@contextmanager
def reading(folder: Path, template: Path, clone: Path, *, fleet: bool) -> Iterator[Reader]:
    """A reader whose hub is a copy of the template's; ``fleet``: who begins in a clone of it."""
    shutil.copytree(template, folder / "hub", symlinks=True)
    home = folder / "home"
    home.mkdir()
    stand_ins.install(folder / "bin", ROOT)
    with running(folder / "hub", repository=FLEET, bot_requests_per_hour=1_000_000) as (_, _, hub):
        # What another reader left: `init` takes its default action from a clean clone alone.
        git("-C", str(clone), "clean", "-fdxq", "-e", ".venv", "-e", "__pycache__")
        git("-C", str(clone), "remote", "set-url", "origin", f"{hub.url}/{ACTION}.git")
        environment = {
            "PATH": f"{folder / 'bin'}:{clone / '.venv/bin'}:{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "GITHUB_SERVER_URL": hub.url,
            "READERS_TOKEN": hub.users["ada"].token,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        start = home / "fleet" if fleet else clone
        if fleet:
            address = hub.url.replace("://", f"://x:{hub.users['ada'].token}@")
            git("clone", "--quiet", f"{address}/{FLEET}.git", str(start))
            git("-C", str(start), "remote", "set-url", "origin", f"{hub.url}/{FLEET}.git")
        yield Reader(home, start, environment)


def make_clone(folder: Path) -> Path:
    """A clean clone of this project as its files stand now, with the program installed."""
    listed = git("-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for path in filter(None, listed):
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path, follow_symlinks=False)
    # With the bytecode that is there: each start of the program would else compile what it imports anew.
    for made in (ROOT / "bot").rglob("__pycache__"):
        shutil.copytree(made, folder / made.relative_to(ROOT), dirs_exist_ok=True)
    git("-C", str(folder), "init", "--quiet", "--initial-branch=main")
    git("-C", str(folder), "add", "--all")
    git(*_IDENTITY, "-C", str(folder), "commit", "--quiet", "--message", "The project")
    for tag in ("v0.1.0", "v0.2.0"):
        git("-C", str(folder), "tag", tag)
    git("-C", str(folder), "remote", "add", "origin", "unset")
    program = folder / ".venv/bin/orchestrator"
    program.parent.mkdir(parents=True)
    program.write_text(_PROGRAM.format(folder=folder, python=sys.executable), "utf-8")
    program.chmod(0o755)
    (folder / ".venv/.root").write_text(f"{folder}\n", "utf-8")
    (folder / ".venv/.stamp").touch()
    return folder


def make_hub(folder: Path, clone: Path) -> Path:
    """A hub with an empty fleet and the action's repository."""
    with running(folder, repository=FLEET) as (world, _, _):
        world.repositories.create(world.users.find("acme"), world.users.find("ada"), "orchestrator")
    bare = folder / f"repositories/{ACTION}.git"
    git("-C", str(clone), "push", "--quiet", "--force", str(bare), "main", "--tags")
    return folder


def git(*words: str) -> str:
    """One call of git, its output."""
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True, timeout=60).stdout


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
