"""A workflow that has become slow (specification: "Performance Degradation Response")."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.vocabulary import Workflow
from bot.policies.alerts import end_alert, open_alert, raise_alert
from bot.policies.slowness import Compared, Pace, pace

SLOW_ALERT = "slow"


def settle_degradation(draft: Draft) -> None:
    """Open an alert for each workflow that is slow; end it well below.

    Scaling adds one worker for it, once. Work is moved away from a slow worker by the rules of assigning,
    with or without an alert.
    """
    completions = draft.completions
    for workflow in Workflow:
        id_ = f"{SLOW_ALERT}-{workflow}"
        known = open_alert(draft, id_) is not None
        found = pace(draft, completions, workflow)
        if found is None or not _slow(draft, found, known=known):
            if known:
                end_alert(draft, id_)
        elif not known:  # reworded by every attempt, it would make a commit of each look
            raise_alert(draft, id_, _cause(workflow, found), _advice(workflow, found))


def _slow(draft: Draft, found: Pace, *, known: bool) -> bool:
    """Open above the factor with enough to go by; open until it is under the lower one."""
    settings, times = draft.config.degradation, found.median.times
    if known and found.window < settings.completions:
        return True
    enough = found.window >= settings.completions and found.baseline >= settings.baseline
    return enough and (times > settings.factor or (known and times >= settings.clear))


def _cause(workflow: Workflow, found: Pace) -> str:
    return (
        f"{workflow} has become slow: half of its latest {found.window} tasks took more than "
        f"{_minutes(found.median.now)}, usual are {_minutes(found.median.usual)} "
        f"({found.median.times:.1f} times). Slowest specialty: {_compared(found.specialty)}. "
        f"Slowest worker: {_compared(found.worker)}"
    )


def _compared(one: Compared) -> str:
    return f"{one.name}, {_minutes(one.now)} against {_minutes(one.usual)}"


def _advice(workflow: Workflow, found: Pace) -> str:
    return (
        f"/health {found.worker.name} shows that worker; other workers are preferred to one that is much "
        f"slower than its peers. /bottlenecks says whether more {workflow} workers would help."
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
