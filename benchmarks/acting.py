"""What a person waits for on a runner: the steps of action.yml as they stand, on a clean machine each time.

The workflow is the one that ``init`` writes, the runner the one of the tests (``tests/workflows/runner``),
the comment ``/status``. Counted is the time of the steps' own scripts until the hub has the reply; what the
runner and the stand-ins for setup-python and cache take is not in it, and on GitHub comes on top.

cold       nothing is there: the wheels come from a package index on this machine, so without a network's time
warm       the wheels are there, as the cache action restores them
pip        the same wheels installed by pip into a venv, which the action did before: a floor for installing
bare       an interpreter's start, then the state's fetch, commit and push by git alone: the floor for a reply

Nothing of the action is compiled before its first step: GitHub unpacks it anew for each job.
"""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.measure import Series, paired_ratio, surroundings, table, take_turns
from benchmarks.store_bare import bare
from bot.hub.exchanges import LISTENERS, Exchange
from tests.e2e.stage import REPOSITORY
from tests.setup.shop import ACTION, Shop, open_shop
from tests.workflows.checkout import copied, pushed
from tests.workflows.documents import ROOT
from tests.workflows.github_actions import GitHubActions, find
from tests.workflows.runner.machine import reach
from tests.workflows.runner.runner import Runner, listening

LOCK = ROOT / "requirements/command.txt"
HASHED = ("--require-hashes", "--no-deps", "--only-binary=:all:", "--requirement", str(LOCK))
MEGABYTE = 1_000_000


@dataclass
class Action:
    """A contender: one comment, handled by the action on a machine of its own."""

    shop: Shop
    runner: Runner
    is_cold: bool
    processor: list[float] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)
    venv: Path | None = None

    def __call__(self) -> float:
        """Seconds of the steps' scripts until the reply."""
        if self.is_cold:
            shutil.rmtree(self.runner.caches)
            self.runner.caches.mkdir()
        replied: list[float] = []

        def hear(exchange: Exchange) -> None:
            if exchange.method == "POST" and exchange.path.endswith("/comments") and exchange.status == 201:
                replied.append(time.monotonic())

        self.runner.waiting.clear()  # what the other contender has asked
        self.shop.comment(self.shop.issue(), "/status")
        self.runner.waiting = [one for one in self.runner.waiting if one.name == "issue_comment"]
        LISTENERS.append(hear)
        (run,) = self.runner.next()
        LISTENERS.remove(hear)
        job = run.jobs["handle"]
        if job.result != "success" or not replied or job.folder is None:
            raise RuntimeError(f"the comment was not answered ({len(replied)} comments): {run}")
        self.venv = job.folder / "temp/orchestrator-venv"
        *before, bot = [step for step in job.steps if step.seconds]
        self.parts.append({step.name.rpartition("/ ")[2]: step.seconds for step in (*before, bot)})
        self.processor.append(sum(step.processor for step in (*before, bot)))
        return sum(step.seconds for step in before) + replied[0] - bot.began


def report(*, quick: bool) -> Iterator[str]:
    """Measure cold, warm and the floors, taking turns."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as ending:
        folder = Path(name)
        wheels = _downloaded(folder / "wheels")
        ending.enter_context(_near(_index(wheels, folder / "index")))
        shop = ending.enter_context(open_shop(folder))
        pushed(copied(folder / "orchestrator"), shop.repository(ACTION).path)
        shop.settled()
        actions = ending.enter_context(find(folder))
        cold, warm = (
            Action(shop, _runner(shop, actions, folder, kind), kind == "cold") for kind in ("cold", "warm")
        )
        for one in (cold, warm):
            ending.enter_context(listening(one.runner))
        yield _measured(cold, warm, folder, wheels, rounds=2 if quick else 7)


def _runner(shop: Shop, actions: GitHubActions, folder: Path, kind: str) -> Runner:
    caches = folder / f"caches-{kind}"
    caches.mkdir()
    return Runner(shop.world, shop.info, actions, folder / f"jobs-{kind}", REPOSITORY, caches)


def _measured(cold: Action, warm: Action, folder: Path, wheels: Path, rounds: int) -> str:
    contenders: dict[str, Callable[[], float]] = {
        "cold: until the reply": cold,
        "warm: until the reply": warm,
        "floor: pip installs the wheels": partial(_by_pip, folder / "by-pip", wheels),
        "floor: python -c pass, bare git": lambda: _floor(cold.shop),
    }
    series = take_turns(contenders, rounds)
    assert warm.venv is not None
    lines = [f"{surroundings()}; {rounds} runs", table(series)]
    lines += [_told(kind, one, rounds) for kind, one in (("cold", cold), ("warm", warm))]
    lines.append(
        f"Ratios: warm to pip's installing {paired_ratio(series[1], series[2]):.2f}, "
        f"warm to an interpreter's start and bare git {paired_ratio(series[1], series[3]):.1f}"
    )
    plain = _size(warm.venv)
    compileall.compile_dir(warm.venv, quiet=2)
    compiled = _size(warm.venv)
    bot = _size(ROOT / "bot")
    lines.append(
        f"Installed: {plain / MEGABYTE:.1f} MB, with what is compiled of it beforehand, and "
        f"{compiled / MEGABYTE:.1f} MB if all of it were; the action's own package is {bot / MEGABYTE:.1f} "
        "MB, compiled or not as it is here"
    )
    return "\n".join(lines)


def _told(kind: str, action: Action, rounds: int) -> str:
    parts = action.parts[-rounds:]
    shown = ", ".join(f"{name} {statistics.median(one[name] for one in parts):.2f} s" for name in parts[0])
    spent = Series(kind, tuple(action.processor[-rounds:]))
    return (
        f"{kind}: processor time of all steps {spent.median:.2f} s (middle half "
        f"{spent.quartiles[0]:.2f}-{spent.quartiles[1]:.2f}), with the hub's git; steps: {shown}"
    )


def _downloaded(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "--quiet", "download", "--dest", str(folder), *HASHED]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return folder


def _index(wheels: Path, folder: Path) -> Path:
    """A package index as files: a page for each project (PEP 503)."""
    for wheel in wheels.glob("*.whl"):
        page = folder / wheel.name.split("-")[0].replace("_", "-").lower() / "index.html"
        page.parent.mkdir(parents=True)
        shutil.copy(wheel, page.parent)
        page.write_text(f'<a href="{wheel.name}">{wheel.name}</a>', encoding="utf-8")
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def _near(index: Path) -> Iterator[None]:
    """That index on this machine, and pip of the jobs told to ask it and nobody else."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(index)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = {name: os.environ.pop(name) for name in reach() if name in os.environ}
    os.environ |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"http://127.0.0.1:{server.server_port}/"}
    try:
        yield
    finally:
        for name in ("PIP_CONFIG_FILE", "PIP_INDEX_URL"):
            del os.environ[name]
        os.environ |= before
        server.shutdown()
        server.server_close()


def _by_pip(venv: Path, wheels: Path) -> float:
    python = str(venv / "bin/python")
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", python, "install", "--no-compile", *HASHED]
    return _timed([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)]) + _timed(
        [*pip, "--no-index", "--find-links", str(wheels)]
    )


def _floor(shop: Shop) -> float:
    """An interpreter's start, and a commit on the state branch that changes nothing."""
    interpreter = _timed([sys.executable, "-I", "-c", "pass"])
    return interpreter + bare(shop.info.state_remote, shop.info.bot_token, shop.world.clock.now(), {})


def _timed(command: list[str]) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
