"""The loop of ticks over a session's adapters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.bootstrap.reading import read
from bot.bootstrap.session import Session

if TYPE_CHECKING:
    from bot.app.monitor import Monitor, Plan
    from bot.app.process import App
    from bot.domain.watch import Mode


@contextmanager
def monitor(current: Session, app: App, plan: Plan, mode: Mode | None) -> Iterator[Monitor]:
    """The loop over a session's adapters; in its block SIGTERM and SIGINT end it after the present tick."""
    from bot.adapters.alarms import Ending, time_limit
    from bot.adapters.config_source import ConfigSource
    from bot.adapters.git.head import DefaultBranch
    from bot.app.monitor import Monitor, Surroundings

    context = current.context
    url = f"{context.server_url}/{context.repository}.git"
    with Ending() as ending, DefaultBranch(url, context.token, current.environ) as branch:
        source = ConfigSource(current.environ, app.forge, branch.head, current.monotonic)
        around = Surroundings(
            look=current.first_look,
            config=lambda: read(source),
            limit=time_limit,
            pause=current.pause or ending.pause,
            ending=lambda: ending.wanted,
            start_afresh=current.start_afresh,
        )
        yield Monitor(app, plan, around, current.observer, current.watcher(mode))
