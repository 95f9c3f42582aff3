"""A workflow that has become slow (specification: "Performance Degradation Response")."""

from __future__ import annotations

from bot.domain.alert_rules import SLOW
from bot.domain.draft import Draft
from bot.domain.vocabulary import Workflow
from bot.policies.alerting.alerts import end_alert, open_alert, raise_alert
from bot.policies.guards.slowness import Compared, Pace, pace


def settle_degradation(draft: Draft) -> None:
    """Open an alert for each workflow that is slow; end it well below.

    Scaling adds one worker for it, once. Work is moved away from a slow worker by the rules of assigning,
    with or without an alert.
    """
    completions = draft.completions
    for workflow in Workflow:
        alert = open_alert(draft, SLOW.named(workflow))
        known = alert is not None and alert.gone_at is None
        found = pace(draft, completions, workflow)
        if found is None or not _slow(draft, found, known=known):
            end_alert(draft, SLOW, workflow)
        elif not known:  # reworded by every attempt, it would make a commit of each look
            _tell(draft, workflow, found)


def _slow(draft: Draft, found: Pace, *, known: bool) -> bool:
    """Open above the factor with enough to go by; open until it is under the lower one."""
    settings, times = draft.config.degradation, found.median.times
    if known and found.window < settings.completions:
        return True
    enough = found.window >= settings.completions and found.baseline >= settings.baseline
    return enough and (times > settings.factor or (known and times >= settings.clear))


def _tell(draft: Draft, workflow: Workflow, found: Pace) -> None:
    raise_alert(
        draft,
        SLOW,
        workflow,
        workflow=workflow,
        window=found.window,
        now=_minutes(found.median.now),
        usual=_minutes(found.median.usual),
        times=found.median.times,
        specialty=_compared(found.specialty),
        worker=_compared(found.worker),
        slowest=found.worker.name,
    )


def _compared(one: Compared) -> str:
    return f"{one.name}, {_minutes(one.now)} against {_minutes(one.usual)}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
