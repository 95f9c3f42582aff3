"""State branches with a past, in real repositories, and the dashboards that are made from them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.adapters.git.snapshots import GitSnapshots
from bot.dashboard.past import read
from bot.dashboard.site import write
from bot.dashboard.source import Source, source
from bot.domain import files
from bot.domain.dashboards import Dashboard
from bot.domain.state import State

Moment = tuple[datetime, State]
HOME = "https://github.example/acme/factory"
ENVIRONMENT = {"PATH": os.environ["PATH"]}


def branch(folder: Path, moments: Sequence[Moment]) -> Path:
    """A bare repository whose branch ``state`` has one commit for each moment."""
    bare = folder / "factory.git"
    _git("init", "--bare", "--quiet", str(bare))
    _git(f"--git-dir={bare}", "fast-import", "--quiet", "--done", given=b"".join(_stream(moments)))
    return bare


def _git(*words: str, given: bytes = b"") -> None:
    subprocess.run(["git", *words], input=given, check=True, env=ENVIRONMENT)


def _stream(moments: Sequence[Moment]) -> Iterator[bytes]:
    """Each state as a whole tree, in the input format of ``git fast-import``."""
    for at, state in moments:
        who = f"orchestrator <orchestrator@example.org> {int(at.timestamp())} +0000"
        yield f"commit refs/heads/state\ncommitter {who}\ndata 5\nstate\ndeleteall\n".encode()
        for path, content in files.tree(state).items():
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
    yield b"done\n"


def facts(bare: Path | str, now: datetime, *, since: timedelta = timedelta(days=7), **rule: Any) -> Source:
    """What a dashboard of the branch is made from; ``rule`` are keys of the configuration."""
    began = now - since
    with GitSnapshots(str(bare), "state", None, ENVIRONMENT) as past:
        history, tree = read(past, began)
    return source(files.load(tree), history, Dashboard(**rule), began, now, HOME)


def site(folder: Path, moments: Sequence[Moment], now: datetime | None = None, **rule: Any) -> Path:
    """A dashboard as it is written."""
    bare = branch(folder, moments)
    write(facts(bare, now or moments[-1][0], **rule), folder / "site")
    return folder / "site"
