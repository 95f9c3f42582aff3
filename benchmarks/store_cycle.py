"""One cold cycle of the state store, as every command costs it: fetch, commit, push.

``python -m benchmarks.store_cycle URL NUMBER`` prints its seconds: the cycle, before that
the imports (without the interpreter's own start), of the cycle the load and the save.
"""

from __future__ import annotations

import time

STARTED = time.perf_counter()

import sys  # noqa: E402
from datetime import UTC, datetime  # noqa: E402

from bot.adapters.git.store import GitStore  # noqa: E402

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def changes(number: int) -> dict[str, bytes | None]:
    """What a typical command changes: a project, a queue, the ledger, the events."""
    record = (f'{{"number": {number}}}\n' * 40).encode("ascii")
    names = (f"projects/project-{number % 20}/status", "queue", "ledger", "events")
    return {f"shared-state/{name}.json": record for name in names}


def main(url: str, number: str) -> None:
    """Run it and print the seconds."""
    imported = time.perf_counter()
    with GitStore(url, nonce=f"cycle-{number}") as store:
        look = store.load()
        loaded = time.perf_counter()
        store.save(look, changes(int(number)), f"Cycle {number}", at=NOON)
        saved = time.perf_counter()
    ended = time.perf_counter()
    print(ended - imported, imported - STARTED, loaded - imported, saved - loaded)


if __name__ == "__main__":
    main(*sys.argv[1:])
