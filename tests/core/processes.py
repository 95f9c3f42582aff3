"""Worker processes on machines of their own, as tests have them speak."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.config import Config
from bot.domain.events.observed import Observed
from bot.domain.events.worked import WorkClaimed, WorkerBeat, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.pools import Pool
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.core.worlds import later, output


def beat(worker: str = "far-01", number: int = 1, seconds: float = 0, **changes: Any) -> WorkerBeat:
    """``number`` 1 registers the process."""
    values: dict[str, Any] = {"session": 1, "workflow": Workflow.GENESIS, "at": later(seconds)} | changes
    return WorkerBeat(worker=worker, number=number, **values)


def claim(held: Assignment, session: int = 1, seconds: float = 10) -> WorkClaimed:
    return WorkClaimed(task=held.task, lease=held.lease, run_id=session, run_attempt=1, at=later(seconds))


def report(held: Assignment, session: int = 1, seconds: float = 20, **changes: Any) -> WorkReported:
    values: dict[str, Any] = {"ok": True, "genesis": output()} | changes
    return WorkReported(
        task=held.task, lease=held.lease, run_id=session, run_attempt=1, at=later(seconds), **values
    )


def publication(held: Assignment, seconds: float = 30) -> WorkPublished:
    made = output(repository="acme/a-page-1", repository_url="http://hub/acme/a-page-1")
    return WorkPublished(task=held.task, lease=held.lease, at=later(seconds), genesis=made)


def look(at: datetime, since: datetime | None = None) -> Observed:
    """Somebody looks, and remembers looking without a gap ``since`` then."""
    return Observed(observer=f"look-{int(at.timestamp())}", at=at, watching_since=since)


def alone(config: Config | None = None, **pool: Any) -> Config:
    """No worker of Genesis but those that register."""
    config = config or Config()
    known = config.pools.genesis.model_dump() | {"roster": (), "minimum": 0} | pool
    pools = config.pools.model_copy(update={"genesis": Pool.model_validate(known)})
    return config.model_copy(update={"pools": pools})


def alert_ids(state: State) -> set[str]:
    """The open alerts."""
    return {alert.id for alert in state.alerts.items if alert.until is None}
