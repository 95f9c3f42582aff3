"""Workers' runs as GitHub shows them: which of those that a stop has cancelled are over."""

from __future__ import annotations

from datetime import timedelta

from bot.app.facts import CLOCKS_APART, run_seen
from bot.app.process import App
from bot.domain.events import RunSeen
from bot.domain.state import State
from bot.domain.stops import StoppedRun

NEVER = "never started"
"""What is recorded of a run that was asked for and never came to be."""


def ended_runs(app: App, state: State) -> tuple[RunSeen, ...]:
    """Runs of stopped projects that have ended (1 request a page, only while such a stop is unproven)."""
    waited = [
        (stop, run)
        for project in state.projects.values()
        if (stop := project.stop) is not None
        for run in stop.runs
        if not run.ended
    ]
    if not waited:
        return ()
    since = min(run.assigned_at for _, run in waited) - CLOCKS_APART
    shown: dict[str, list[RunSeen]] = {}
    for run in app.forge.runs(state.config.worker_workflow, since):
        shown.setdefault(run.name, []).append(run_seen(run))
    grace = timedelta(seconds=state.config.delivery.grace_seconds)
    found = (_ended(shown, run, late=app.now() - stop.settled_at >= grace) for stop, run in waited)
    return tuple(seen for seen in found if seen is not None)


def _ended(shown: dict[str, list[RunSeen]], run: StoppedRun, *, late: bool) -> RunSeen | None:
    """The proof of one run's end; a run that GitHub does not show after the grace time never was."""
    name = f"{run.task}@{run.lease}"
    runs = shown.get(name, [])
    if not runs:
        return RunSeen(assignment=name, run_id=run.run_id or 0, status=NEVER) if late else None
    return runs[-1] if all(one.status == "completed" for one in runs) else None
