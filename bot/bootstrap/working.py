"""A worker process over its adapters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.bootstrap.projects import outside
from bot.bootstrap.session import open_session
from bot.domain.errors import ForgeError

if TYPE_CHECKING:
    from bot.app.worker.identity import Identity


def run_worker(
    me: Identity, environ: Mapping[str, str], *, repository: str, folder: Path | None, poll: float
) -> int:
    """Join the fleet as a worker process and work until asked to end; returns the exit code.

    Raises UsageError where something is missing or the fleet refuses it.
    """
    from bot.adapters.by_hand import by_hand, check_genesis_token, workspaces
    from bot.adapters.signals import Signals
    from bot.adapters.worker_machine import WorkerMachine
    from bot.app.worker.loop import Settings, WorkerLoop
    from bot.app.worker.registration import register
    from bot.domain.vocabulary import Workflow

    context = by_hand(environ, repository, needs="write the repository's contents and issues")
    if me.workflow is Workflow.GENESIS:
        check_genesis_token(environ, context)
    home = workspaces(environ, folder, context.repository, me.id)
    with Signals() as signals, open_session(context, environ) as current:
        app, machine = current.app(), WorkerMachine(signals, environ)
        with suppress(ForgeError):  # for GitHub's clock: this machine's may be wrong, and all would follow it
            app.forge.whoami()
        voice, state = register(app, machine, me, current.first_look())
        settings = Settings(home, poll)
        return WorkerLoop(app, machine, outside(current), settings, voice, state).run()
