"""`orchestrator status`: plain text, a line of JSON, and the live view in a real terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.dashboard.glance import unmarked
from tests.dashboard.branches import ENVIRONMENT, Moment, branch
from tests.dashboard.test_site import command


def test_once_it_is_plain_text_without_any_terminals_codes(tmp_path: Path, moments: list[Moment]) -> None:
    done = command("status", "--state-remote", str(branch(tmp_path, moments[-1:])))
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    first, *rest = done.stdout.splitlines()
    assert first.startswith("🔴 Critical alert: wendy called the administrators: capacity.")
    assert "1 open alert" in rest
    assert "5 tasks running" in rest
    assert re.search(r"^  genesis +4 +\S.* 0 of 3 busy$", done.stdout, re.MULTILINE)
    assert re.search(
        r"^  photo-sorter-1 +Photo sorter +development +active +normal +1 of 23$", done.stdout, re.MULTILINE
    )


def test_where_nobody_looks_watching_prints_once(tmp_path: Path, moments: list[Moment]) -> None:
    done = command("status", "--watch", "--state-remote", str(branch(tmp_path, moments[-1:])))
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "6 open projects" in done.stdout


def test_scripts_get_one_line_of_json(tmp_path: Path, moments: list[Moment]) -> None:
    done = command("status", "--json", "--watch", "--state-remote", str(branch(tmp_path, moments[-1:])))
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert {one["name"]: one["waiting"] for one in found["queues"]} == {
        **{"genesis": 4, "development": 2, "content": 0},
        "review": 1,
    }
    assert [one["severity"] for one in found["alerts"]] == ["critical"]
    assert {one["id"] for one in found["projects"]} >= {"photo-sorter-1", "chess-clock-3"}
    assert all(0 <= one["progress"] <= 0.99 for one in found["running"])


def test_without_a_state_it_says_so(tmp_path: Path) -> None:
    done = command("status", "--state-remote", str(branch(tmp_path, [])))
    assert done.returncode == 2
    assert "there is no state branch yet" in done.stderr


def test_words_lose_their_marks_and_nothing_else() -> None:
    assert unmarked("1 waits: [#5](<https://x.example/o/r/pull/5>) (merge it)") == "1 waits: #5 (merge it)"
    assert unmarked(r"**2 \* 3** in `dev-02`: a\_b &lt; c") == "2 * 3 in dev-02: a_b < c"


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self._mine, theirs = pty.openpty()
        environment = {**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "140", "LINES": "80", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            # A terminal's programs listen to Ctrl-C, also where the tests run in a shell's background.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(theirs)
        self.seen = ""

    def until(self, wanted: Callable[[str], bool], seconds: float = 60) -> None:
        """Read until it shows what is wanted."""
        ends = time.monotonic() + seconds
        while not wanted(self.seen):
            ready, _, _ = select.select([self._mine], [], [], max(0.0, ends - time.monotonic()))
            assert ready, f"not shown in time: {self.seen[-2000:]}"
            try:
                self.seen += os.read(self._mine, 65_536).decode("utf-8", "replace")
            except OSError:  # its other end is closed
                assert wanted(self.seen), self.seen[-2000:]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._mine)


def test_the_live_view_follows_the_state_and_ctrl_c_ends_it_cleanly(
    tmp_path: Path, moments: list[Moment]
) -> None:
    bare = branch(tmp_path, moments[:1])
    terminal = Terminal("status", "--watch", "--every", "0.5", "--state-remote", str(bare))
    try:
        terminal.until(lambda text: "recipe-book-2" in text and "Ctrl-C ends." in text)
        assert "photo-sorter-1" not in terminal.seen
        (tmp_path / "later").mkdir()
        later = branch(tmp_path / "later", moments)
        fetch = ["git", f"--git-dir={bare}", "fetch", "--quiet", "--force", str(later), "state:state"]
        subprocess.run(fetch, check=True, env=ENVIRONMENT)
        terminal.until(lambda text: "photo-sorter-1" in text and "█" in text)
        os.killpg(terminal.process.pid, signal.SIGINT)
        # Read on: who writes into a terminal that nobody reads waits, also with its last words.
        terminal.until(lambda text: "\x1b[?1049l" in text)
        assert terminal.process.wait(20) == 0
        assert "Traceback" not in terminal.seen
    finally:
        terminal.close()
