"""The floor of a run that saves: one fetch, one commit and one push of the state, by git alone."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.store import SCRIPT
from bot.adapters.git.formats import NewCommit, import_stream
from bot.adapters.git.process import Credentials
from bot.adapters.git.repository import CONFIG


def bare(url: str, token: str, now: datetime, files: Mapping[str, bytes | None]) -> float:
    """Seconds of a shell script that fetches the branch, commits these files to it and pushes."""
    new = NewCommit("Cycle", "orchestrator", now, "refs/seen/head", tuple(files.items()))
    given = Credentials.of(url, token).environment()
    with tempfile.TemporaryDirectory() as name:  # made and removed outside the measured time
        work = Path(name)
        for folder in ("objects", "refs"):
            (work / folder).mkdir()
        (work / "HEAD").write_text("ref: refs/heads/none\n")
        (work / "config").write_text(CONFIG)
        (work / "stream").write_bytes(import_stream(new, "refs/mine/state"))
        started = time.perf_counter()
        script = SCRIPT.format(url=url, work=work)
        subprocess.run(["sh", "-c", script], check=True, capture_output=True, env={**os.environ, **given})
        return time.perf_counter() - started
