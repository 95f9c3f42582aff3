"""Workers' runs as GitHub shows them: which of those that somebody waits for are over."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.app.facts import CLOCKS_APART, run_seen
from bot.app.process import App
from bot.domain.errors import NotFound
from bot.domain.events.looked_up import RunSeen
from bot.domain.instances import Assignment
from bot.domain.state import State
from bot.domain.stops import Stop, StoppedRun
from bot.policies.fleet.liveness import ENDED, deciding
from bot.ports.facts import RunFacts

log = logging.getLogger("orchestrator")

NEVER = "never started"
"""What is recorded of a run that was asked for and never came to be."""
MOST_SINGLY = 20
"""Runs that one look asks for by themselves; the others follow with the next."""


def ended_runs(app: App, state: State) -> tuple[RunSeen, ...]:
    """Runs that have ended: of open assignments, and of stopped projects until their halt is proven.

    1 request a page for all of them, none where nobody works; and one for each run that has claimed its
    assignment and is not listed.
    """
    held = [one.assignment for one in state.instances.values() if one.assignment and one.kind == "actions"]
    waited = [
        (stop, run)
        for project in state.projects.values()
        if (stop := project.stop) is not None
        for run in stop.runs
        if not run.ended and not run.process
    ]
    if not held and not waited:
        return ()
    since = min([*(one.assigned_at for one in held), *(run.assigned_at for _, run in waited)]) - CLOCKS_APART
    shown: dict[str, list[RunSeen]] = defaultdict(list)
    for run in _listed(app, state, since):
        shown[run.name].append(run_seen(run))
    return (*_of_assignments(app, held, shown), *_of_stops(app, state, waited, shown))


def _listed(app: App, state: State, since: datetime) -> list[RunFacts]:
    """The workers' runs; none where the workflow is not there, which its dispatches tell of."""
    try:
        return app.forge.runs(state.config.worker_workflow, since)
    except NotFound as error:
        log.warning("no worker's run can be seen: %s", " ".join(str(error).split()))
        return []


def _of_assignments(
    app: App, held: Iterable[Assignment], shown: Mapping[str, Sequence[RunSeen]]
) -> Iterator[RunSeen]:
    singly = MOST_SINGLY
    for assignment in sorted(held, key=lambda one: one.lease):
        run = deciding(assignment, shown.get(assignment.id, ()))
        if run is None and assignment.run_id is not None and singly:
            singly -= 1
            run = _looked_up(app, assignment.id, assignment.run_id)
        if run is not None and run.status == ENDED:
            yield run


def _looked_up(app: App, name: str, run_id: int) -> RunSeen:
    """A run that the list leaves out; one that was deleted has ended."""
    try:
        found = run_seen(app.forge.run(run_id))
    except NotFound:
        return RunSeen(assignment=name, run_id=run_id, status=ENDED, conclusion="deleted")
    return found.model_copy(update={"assignment": name})


def _of_stops(
    app: App,
    state: State,
    waited: Iterable[tuple[Stop, StoppedRun]],
    shown: Mapping[str, Sequence[RunSeen]],
) -> Iterator[RunSeen]:
    grace = timedelta(seconds=state.config.delivery.grace_seconds)
    for stop, run in waited:
        seen = _proof(
            shown.get(f"{run.task}@{run.lease}", ()), run, late=app.now() - stop.settled_at >= grace
        )
        if seen is not None:
            yield seen


def _proof(runs: Sequence[RunSeen], run: StoppedRun, *, late: bool) -> RunSeen | None:
    """The proof of one run's end; a run that GitHub does not show after the grace time never was."""
    if not runs:
        name = f"{run.task}@{run.lease}"
        return RunSeen(assignment=name, run_id=run.run_id or 0, status=NEVER) if late else None
    return runs[-1] if all(one.status == ENDED for one in runs) else None
