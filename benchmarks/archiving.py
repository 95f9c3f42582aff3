"""What finished projects cost: bytes fetched, the state read, a look decided; before and after archiving."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.measure import surroundings
from benchmarks.worlds import NOON, fleet
from bot.adapters.git.store import GitStore
from bot.decide import Decision, decide
from bot.domain import archiving, files
from bot.domain.events.observed import Observed
from bot.domain.models import Project
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus
from bot.ports.store import Archiving
from tests.store.http_git import serving

PLACE = "https://github.example/acme/fleet/blob/state-archive"


@dataclass(frozen=True)
class Cost:
    """One cold run's cost; times in seconds."""

    files: int
    fetched: int
    load: float
    look: float

    def row(self, name: str) -> str:
        """As a line of the table."""
        size = f"{self.fetched / 1_000:9,.0f} kB"
        return f"{name:28} {self.files:6,} {size} {1_000 * self.load:9.0f} ms {1_000 * self.look:9.0f} ms"


def _finished(count: int) -> State:
    """So many complete projects of a year, each with twenty tasks that are done, and five open ones."""
    made = fleet(count + 5, 20, 10)
    done = dict(list(made.projects.items())[:count])
    over = {id_: _complete(one, number, count) for number, (id_, one) in enumerate(done.items())}
    queues = {
        name: queue.model_copy(
            update={"items": tuple(item for item in queue.items if item.project not in over)}
        )
        for name, queue in made.queues.items()
    }
    return replace(made, projects={**made.projects, **over}, queues=queues)


def _complete(one: Project, number: int, count: int) -> Project:
    end = NOON - timedelta(days=365 * (count - number) / count)
    tasks = tuple(
        task.model_copy(update={"status": TaskStatus.DONE, "finished_at": end}) for task in one.tasks
    )
    over = {"status": ProjectStatus.COMPLETE, "stage": Stage.COMPLETE, "completed_at": end, "updated_at": end}
    return one.model_copy(update={**over, "tasks": tasks, "priority": Priority.NORMAL})


def _cold(url: str, folder: Path, now: datetime) -> Cost:
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        GitStore(url, nonce="cold", directory=Path(name)) as store,
    ):
        began = time.perf_counter()
        look = store.load()
        state = files.load(look.files)
        loaded = time.perf_counter() - began
        fetched = sum(path.stat().st_size for path in Path(name).rglob("*.pack"))
        began = time.perf_counter()
        decide(state, [Observed(observer="cold", at=now)], now)
        return Cost(len(look.files), fetched, loaded, time.perf_counter() - began)


def _best(url: str, folder: Path, now: datetime, rounds: int) -> Cost:
    found = [_cold(url, folder, now) for _ in range(rounds)]
    first = found[0]
    return Cost(first.files, first.fetched, min(one.load for one in found), min(one.look for one in found))


def _archive(url: str, now: datetime) -> tuple[int, float, State]:
    """Look until nothing leaves any more; (pushes, the slowest one's seconds, what is left)."""
    pushes, slowest = 0, 0.0
    with GitStore(url, nonce="archive") as store:
        look = store.load()
        state = files.load(look.files)
        while True:
            decided: Decision = decide(state, [Observed(observer=f"t{pushes}", at=now, archive=PLACE)], now)
            moved = archiving.changes(state, decided.state)
            if not moved:
                return pushes, slowest, state
            began = time.perf_counter()
            changes = files.changes(state, decided.state)
            look = store.save(look, changes, "Archive", at=now, archiving=Archiving(moved, "Archive"))
            slowest, pushes = max(slowest, time.perf_counter() - began), pushes + 1
            state = decided.state


def report(*, quick: bool) -> Iterator[str]:
    """The table."""
    count, rounds = (100, 1) if quick else (1_000, 3)
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as server:
        subprocess.run(["git", "init", "--quiet", "--bare", f"{name}/state.git"], check=True)
        subprocess.run(
            ["git", f"--git-dir={name}/state.git", "config", "uploadpack.allowFilter", "true"], check=True
        )
        url = f"{server.url}/state.git"
        with GitStore(url, nonce="begin") as store:
            store.save(store.load(), files.tree(_finished(count)), "Begin", at=NOON)
        before = _best(url, Path(name), NOON, rounds)
        pushes, slowest, left = _archive(url, NOON)
        after = _best(url, Path(name), NOON, rounds)
    yield f"{surroundings()}; {count:,} finished projects, 5 open ones, best of {rounds}"
    yield f"{'':28} {'files':>6} {'fetched':>12} {'load':>12} {'look':>12}"
    yield before.row("all in the state")
    yield after.row(f"{left.archived.count:,} in the archive")
    yield f"moved in {pushes} pushes, the slowest took {1_000 * slowest:.0f} ms with its fetch of the archive"
