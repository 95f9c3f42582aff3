"""One cold process that gives waiting tasks to idle workers, as any run does; prints count and seconds.

``python -m benchmarks.assigning_cycle`` with the environment of an Actions run.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from itertools import pairwise

from bot.bootstrap.session import session
from bot.decide import decide
from bot.domain import files, invariants


def main() -> None:
    """Fetch, read, decide, check, write, save."""
    marks = [time.perf_counter()]
    with session(os.environ) as current:
        look = current.first_look()
        marks.append(time.perf_counter())
        state = files.load(look.files)
        marks.append(time.perf_counter())
        decision = decide(state, [], datetime.now(UTC))
        marks.append(time.perf_counter())
        invariants.check(decision.state)
        marks.append(time.perf_counter())
        changes = files.changes(state, decision.state)
        marks.append(time.perf_counter())
        current.store.save(look, changes, "what was due", at=datetime.now(UTC))
        marks.append(time.perf_counter())
    given = sum(worker.assignment is not None for worker in decision.state.instances.values())
    print(given, *(later - earlier for earlier, later in pairwise(marks)))


if __name__ == "__main__":
    main()
