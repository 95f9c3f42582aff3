"""``python -m benchmarks.warm FOLDER WORDS…``: a bot's process that has started, and waits for a signal.

On GitHub each run starts on processors of its own; here they share this machine's, so that starting many
at once would be most of what is measured. Ready is a file in FOLDER; the signal is FOLDER/go.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import bot.adapters.git.store
import bot.adapters.github.forge
import bot.adapters.health
import bot.adapters.publisher
import bot.app.work
import bot.decide  # noqa: F401  (all of these are imported to be there when it goes on)
from bot.cli import main


def wait(folder: Path) -> None:
    """Say that this process is ready, and wait for the signal."""
    (folder / f"ready-{os.getpid()}").touch()
    while not (folder / "go").exists():
        time.sleep(0.005)


if __name__ == "__main__":
    wait(Path(sys.argv[1]))
    sys.argv = ["orchestrator", *sys.argv[2:]]
    main()
