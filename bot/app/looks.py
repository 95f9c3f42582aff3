"""Who ticks, and which looks of the monitor are still to be put on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.app.process import App
from bot.domain.errors import ForgeError, RateLimited, Unavailable
from bot.domain.state import State
from bot.domain.watch import Mode, Slots
from bot.policies.fleet.watching import record_is_due, slots_of

LOOKED = "success"
"""The conclusion of a run whose tick went well."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """The run of the monitor that a tick is part of."""

    mode: Mode | None = None
    """How the monitor is run; None where nobody has said so."""
    in_actions: bool = False
    """Whether earlier ticks are runs of a workflow, which GitHub lists."""
    workflow: str = ""
    """That workflow's file; empty: the configuration's."""
    since: datetime | None = None
    """Since when this process has looked without a gap; None at its first look."""

    def file(self, state: State) -> str:
        """The file of the monitor's workflow."""
        return self.workflow or state.config.monitor_workflow


def unrecorded(app: App, state: State, watcher: Watcher | None) -> tuple[Slots, ...] | None:
    """The slots in which earlier runs looked without a commit; None where the record is young enough.

    A loop knows of itself when it has looked. A tick that is a process of its own remembers nothing: it
    asks, once an hour, for the runs of its workflow (1 request a page).
    """
    if watcher is None or not record_is_due(state, app.now()):
        return None
    since = state.watch.recorded or state.ledger.initialised_at
    if watcher.since is not None or since is None or not watcher.in_actions:
        return ()
    try:
        runs = app.forge.runs(watcher.file(state), since)
    except (RateLimited, Unavailable):
        raise
    except ForgeError:  # no such workflow, or it may not be read: there is no evidence
        return ()
    return slots_of(run.created_at for run in runs if run.conclusion == LOOKED)
