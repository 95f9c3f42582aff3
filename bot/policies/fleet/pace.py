"""How often a worker process says that it lives, and how long it may be silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from bot.domain.config import Config
from bot.domain.instances import Instance
from bot.domain.vocabulary import WorkerStatus

PATIENCE = 1.5
"""Intervals between beats: a worker is silent for at least so many before it counts as failed."""
_AWAY = (WorkerStatus.STOPPED, WorkerStatus.OFFLINE)


def live_processes(instances: Mapping[str, Instance]) -> frozenset[str]:
    """The processes on machines of their own that are to be heard of."""
    return frozenset(
        one.process for one in instances.values() if one.kind == "external" and one.status not in _AWAY
    )


def beat_seconds(config: Config, instances: Mapping[str, Instance]) -> int:
    """How often a process beats, in whole seconds: slower when there are more than the pushes suffice for."""
    settings = config.external
    shared = 60 * len(live_processes(instances)) / settings.pushes_per_minute
    return ceil(max(settings.beat_seconds, shared))


def allowed_silence(config: Config, seconds: int) -> timedelta:
    """How long a process may be silent that is to beat every ``seconds``."""
    return max(timedelta(minutes=config.health.heartbeat_minutes), timedelta(seconds=PATIENCE * seconds))


def allowed_to(worker: Instance, config: Config, seconds: int) -> timedelta:
    """How long ``worker`` may be silent where processes beat every ``seconds`` now.

    What held when it was last heard of counts too: when many processes leave at once, the pace of the
    others is theirs to change at their next beat, and until then their silence is no sign of anything.
    """
    return allowed_silence(config, max(seconds, worker.beat_seconds))
