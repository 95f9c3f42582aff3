"""The dashboard of a large fleet: how long the build takes, and how long until a page's charts are drawn."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from selenium import webdriver

from benchmarks.measure import Series, surroundings, table
from benchmarks.worlds import NOON, fleet
from bot.domain import files
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus

HOURS, TASKS, WORKERS = 168, 10, 100
TARGET = 2.0
"""Seconds from the navigation to the last chart."""
_DRAWN = "return (performance.getEntriesByName('charts-drawn')[0] || {}).startTime || 0"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def report(*, quick: bool) -> Iterator[str]:
    """Build once for each round, then open pages in headless Chromium."""
    projects, rounds = (100, 2) if quick else (1_000, 5)
    with tempfile.TemporaryDirectory(prefix="dashboards-") as folder:
        bare, out = Path(folder) / "state.git", Path(folder) / "site"
        _branch(bare, projects)
        built = Series("build, process and all", tuple(_build(bare, out) for _ in range(rounds)))
        pages = sum(1 for _ in out.rglob("*.html"))
        size = (out / "index.html").stat().st_size / 1_000
        of = f"{projects} projects with {TASKS} tasks each, {WORKERS} workers, {HOURS} hours"
        yield (f"{surroundings()}\n{of}; {pages} pages, the overview has {size:.0f} kB\n{table([built])}")
        yield _opened(out, Path(folder) / "profile", 2 * rounds)


def _opened(site: Path, profile: Path, rounds: int) -> str:
    if not any(map(shutil.which, _CHROMIUM)) or shutil.which("chromedriver") is None:
        return "no Chromium with its chromedriver on this machine: pages were not opened"
    names = ("index.html", "queues.html", "workers.html", "projects.html", "projects/project-00007.html")
    with _browser(profile) as load:
        load(f"file://{site}/{names[0]}")  # the program's own start
        series = [Series(name, tuple(load(f"file://{site}/{name}") for _ in range(rounds))) for name in names]
    worst = statistics.median(series[0].seconds)
    verdict = "within" if worst < TARGET else "over"
    return (
        f"from the navigation to the charts drawn, {rounds} loads each:\n{table(series)}\n"
        f"the overview is {verdict} {TARGET:g} s"
    )


@contextmanager
def _browser(profile: Path) -> Iterator[Loader]:
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, _CHROMIUM))) or ""
    for word in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(word)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver") or "")
    opened = webdriver.Chrome(options=options, service=service)
    try:
        yield Loader(opened)
    finally:
        opened.quit()


class Loader:
    """Opens an address; returns the seconds until its charts were drawn, by the browser's own clock."""

    def __init__(self, opened: webdriver.Chrome) -> None:
        self._opened = opened

    def __call__(self, url: str) -> float:
        """From the navigation's start; 60 s at most."""
        self._opened.get("about:blank")
        self._opened.get(url)
        ends = time.monotonic() + 60
        while not (drawn := float(self._opened.execute_script(_DRAWN))) and time.monotonic() < ends:
            time.sleep(0.02)
        return drawn / 1_000


def _build(bare: Path, out: Path) -> float:
    command = [sys.executable, "-m", "bot", "dashboard", "build", "--out", str(out), "--since", "31d"]
    began = time.monotonic()
    environment = {"PATH": os.environ["PATH"], "ORCHESTRATOR_STATE_REMOTE": str(bare)}
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def _branch(bare: Path, projects: int) -> None:
    """One commit an hour, up to now, in each of which a few projects are completed."""
    subprocess.run(["git", "init", "--bare", "--quiet", str(bare)], check=True)
    command = ["git", f"--git-dir={bare}", "fast-import", "--quiet", "--done"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        state = State(queues={})
        for number in range(HOURS):
            at = datetime.now(NOON.tzinfo) - timedelta(hours=HOURS - 1 - number)
            before = state
            state = _next(state, projects, number, at) if number else fleet(projects, TASKS, WORKERS, NOON)
            who = f"orchestrator <orchestrator@example.org> {int(at.timestamp())} +0000"
            process.stdin.write(f"commit refs/heads/state\ncommitter {who}\ndata 5\nstate\n".encode())
            for path, content in files.changes(before, state).items():
                if content is not None:
                    process.stdin.write(
                        b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
                    )
        process.stdin.write(b"done\n")
    if process.returncode:
        raise RuntimeError("git fast-import failed")


def _next(state: State, projects: int, number: int, at: datetime) -> State:
    """An hour later: some more projects are complete, and their tasks are out of the queue."""
    done = {}
    each = max(1, projects // (2 * HOURS))
    for id_ in list(state.projects)[number * each : (number + 1) * each]:
        project = state.projects[id_]
        ended = {"status": TaskStatus.DONE, "assigned_at": at - timedelta(minutes=40), "finished_at": at}
        tasks = tuple(task.model_copy(update=ended) for task in project.tasks)
        over = {"status": ProjectStatus.COMPLETE, "stage": Stage.COMPLETE, "completed_at": at, "tasks": tasks}
        done[id_] = project.model_copy(update=over)
    queue = state.queues[QueueName.DEVELOPMENT]
    kept = tuple(item for item in queue.items if item.project not in done)
    queues = {**state.queues, QueueName.DEVELOPMENT: queue.model_copy(update={"items": kept})}
    return replace(state, projects={**state.projects, **done}, queues=queues)
