"""``python -m benchmarks.store``: the store's cold cycle over HTTP beside the same git commands bare.

The bare side is a shell script of ``git fetch``, ``git fast-import`` and ``git push`` that makes the same
commits in the same run, once with the store's git settings and once with git's defaults.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Series, paired_ratio, surroundings, table, take_turns
from benchmarks.store_cycle import NOON, changes
from bot.adapters.git.formats import NewCommit, import_stream
from bot.adapters.git.repository import CONFIG
from bot.adapters.git.store import GitStore
from tests.store.http_git import serving

SCRIPT = """\
set -e
export GIT_DIR={work} GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C
git fetch --quiet --no-tags --prune --no-write-fetch-head --no-auto-maintenance --depth=1 {url} \
  +refs/heads/state:refs/seen/head '+refs/orchestrator/inbox/*:refs/inbox/*'
read -r base < {work}/refs/seen/head
new=$(git fast-import --quiet --force --done < {work}/stream)
git push --quiet --porcelain --atomic --no-verify --force-with-lease=refs/heads/state:$base \
  {url} $new:refs/heads/state > /dev/null
"""
PLAIN = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


def _begin(url: str, projects: int) -> None:
    names = (f"shared-state/projects/project-{number}/status.json" for number in range(projects))
    files = {name: os.urandom(600).hex().encode("ascii") for name in names}
    with GitStore(url, nonce="begin") as store:
        store.save(store.load(), files, "Begin", at=NOON)


def _compiled(cache: Path) -> dict[str, str]:
    """An environment in which modules are compiled once, as in an installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(cache)}


def _store(
    url: str, numbers: Iterator[int], parts: list[list[float]], cache: Path, *, whole: bool
) -> Callable[[], float]:
    environment = _compiled(cache)

    def cycle() -> float:
        command = [sys.executable, "-m", "benchmarks.store_cycle", url, str(next(numbers))]
        started = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        elapsed = time.perf_counter() - started
        parts.append([float(value) for value in done.stdout.split()])
        return elapsed if whole else parts[-1][0]

    return cycle


def _bare(url: str, numbers: Iterator[int], config: str) -> Callable[[], float]:
    def cycle() -> float:
        number = next(numbers)
        new = NewCommit(
            f"Cycle {number}", "orchestrator", NOON, "refs/seen/head", tuple(changes(number).items())
        )
        with tempfile.TemporaryDirectory() as name:  # made and removed outside the measured time
            work = Path(name)
            for folder in ("objects", "refs"):
                (work / folder).mkdir()
            (work / "HEAD").write_text("ref: refs/heads/none\n")
            (work / "config").write_text(config)
            (work / "stream").write_bytes(import_stream(new, "refs/mine/state"))
            started = time.perf_counter()
            subprocess.run(["sh", "-c", SCRIPT.format(url=url, work=work)], check=True, capture_output=True)
            return time.perf_counter() - started

    return cycle


def _report(series: list[Series], parts: list[list[float]]) -> str:
    store, process, bare, plain = series
    names = ("imports before it", "its load", "its save")
    split = [Series(name, tuple(part[index] for part in parts)) for index, name in enumerate(names, start=1)]
    return "\n".join(
        [
            table([*series, *split]),
            f"store / bare git: {paired_ratio(store, bare):.2f}, "
            f"the whole process {paired_ratio(process, bare):.2f}; "
            f"git's defaults / the store's settings: {paired_ratio(plain, bare):.2f}",
        ]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="cycles of each contender")
    parser.add_argument("--projects", type=int, default=40, help="files in the state")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as server:
        subprocess.run(["git", "init", "--quiet", "--bare", f"{name}/state.git"], check=True)
        url, numbers = f"{server.url}/state.git", itertools.count()
        _begin(url, options.projects)
        parts: list[list[float]] = []
        cache = Path(name) / "compiled"
        contenders = {
            "store: fetch, commit, push": _store(url, numbers, parts, cache, whole=False),
            "store: the whole process": _store(url, numbers, [], cache, whole=True),
            "bare git, the store's settings": _bare(url, numbers, CONFIG),
            "bare git, git's defaults": _bare(url, numbers, PLAIN),
        }
        series = take_turns(contenders, options.rounds)
    print(f"{surroundings()}; {options.projects} files, {options.rounds} rounds")
    print(_report(series, parts[1:]))


if __name__ == "__main__":
    main()
