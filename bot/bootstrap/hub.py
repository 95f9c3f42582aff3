"""The embedded hub over its adapters, and the state branch of a repository that begins."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.actions import ActionsContext
from bot.bootstrap.executors import agents_keys
from bot.bootstrap.session import open_session
from bot.ports.store import Look

if TYPE_CHECKING:
    from bot.hub.setup import HubInfo


def serve_hub(
    data: Path, port: int, *, json_line: bool, runner: bool, faults: Sequence[str], tick_every: float = 30.0
) -> int:
    """Serve the embedded hub, with a state branch and labels from the start; returns the exit code."""
    from bot.hub.serve import serve

    return serve(
        data,
        port,
        json_line=json_line,
        runner=runner,
        faults=faults,
        on_ready=prepare_hub,
        tick_every=tick_every,
        agent_environment=agents_keys(os.environ),
    )


def prepare_hub(hub: HubInfo) -> None:
    """What ``init`` does on GitHub: the state branch and the labels' definitions."""
    from bot.app.initialise import initialise

    context = ActionsContext(
        event_name="local",
        payload={},
        repository=hub.repository,
        api_url=hub.api_url,
        graphql_url=hub.graphql_url,
        server_url=hub.url,
        token=hub.bot_token,
        run_id=1,
        run_attempt=1,
    )
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    with open_session(context, kept) as current:
        current.sleep = lambda seconds: None  # a hub of one's own needs no spacing of writes
        initialise(current.app(), current.first_look())


def begin_repository(context: ActionsContext, environ: Mapping[str, str]) -> None:
    """What the first tick would do: the state branch from its template, the labels' definitions."""
    from bot.app.initialise import initialise

    with open_session(context, environ) as current:
        initialise(current.app(), current.first_look())


@contextmanager
def state_at(context: ActionsContext, environ: Mapping[str, str]) -> Iterator[Look]:
    """The state branch as it is now."""
    with open_session(context, environ) as current:
        yield current.first_look()
