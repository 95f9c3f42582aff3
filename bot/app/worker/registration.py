"""A worker process joins the fleet by its first beat, or learns why it cannot."""

from __future__ import annotations

import logging

from bot.app.process import App
from bot.app.worker.identity import Identity, next_session
from bot.app.worker.machine import Machine
from bot.app.worker.plan import slots
from bot.app.worker.voice import Voice
from bot.domain.alert_rules import REFUSED
from bot.domain.errors import UsageError
from bot.domain.state import State
from bot.ports.store import Look

log = logging.getLogger("orchestrator")


class Refused(UsageError):
    """The fleet does not take this process, or no longer."""


def register(app: App, machine: Machine, me: Identity, look: Look) -> tuple[Voice, State]:
    """Send the first beat and see what became of it: the process's voice, and the saved state.

    Raises Refused where the saved state does not know its workers.
    """
    if look.version is None:
        raise UsageError("there is no state branch yet; the first command or tick creates it")
    session = next_session(app.load(look), me.id, app.clocks.wall())
    voice = Voice(app, machine, me, session)
    state = app.process([voice.beat()], look).state
    mine = slots(state, me.id, session)
    if len(mine) != me.slots or any(one.workflow is not me.workflow for one in mine):
        raise Refused(_why(state, me.id))
    names = ", ".join(sorted((one.id for one in mine), key=lambda id_: (len(id_), id_)))
    log.info("registered for %s: %s; session %s", me.workflow, names, session)
    return voice, state


def _why(state: State, id_: str) -> str:
    about = REFUSED.named(id_)
    told = [alert for alert in state.alerts.items if alert.id == about and alert.until is None]
    if told:
        return f"not registered: {told[-1].cause}; start it with another --id"
    return (
        f"not registered: another process has registered as {id_} at the same time; "
        "give each process an --id of its own"
    )
