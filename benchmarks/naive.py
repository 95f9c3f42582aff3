"""The comparison for contention: one worker's claim by load, decide, save, and again after a lost race.

``python -m benchmarks.naive TASK@LEASE`` runs with the environment of an Actions run.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from bot.bootstrap.session import session
from bot.decide import decide
from bot.domain import files, invariants
from bot.domain.errors import Conflict
from bot.domain.events.worked import WorkClaimed


def main(assignment: str) -> None:
    """Settle the claim, however often that takes."""
    task, _, lease = assignment.rpartition("@")
    with session(os.environ) as current:
        look, now = current.first_look(), datetime.now(UTC)
        run = current.context.run_id
        event = WorkClaimed(task=task, lease=int(lease), run_id=run, run_attempt=1, at=now)
        while True:
            state = files.load(look.files)
            decision = decide(state, [event], datetime.now(UTC))
            invariants.check(decision.state)
            try:
                current.store.save(look, files.changes(state, decision.state), event.id, at=now)
                return
            except Conflict:
                look = current.store.load()


if __name__ == "__main__":
    main(*sys.argv[1:])
