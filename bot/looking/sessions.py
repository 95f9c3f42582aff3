"""Wires what only looks at the state branch, for a person in a clone as for a step of a workflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.adapters.git.store import GitStore
from bot.bootstrap.session import Session, open_session, state_remote
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.adapters.git.branch import StateArchive
    from bot.adapters.state_place import Asked
    from bot.dashboard.glance import Glance
    from bot.dashboard.site import Built


@contextmanager
def reading(environ: Mapping[str, str], repository: str = "") -> Iterator[Session]:
    """A session of a person who looks at the state, here or in a step. Raises UsageError."""
    from bot.adapters.by_hand import by_hand

    context = by_hand(environ, repository, needs="read the repository's contents", directory=Path.cwd())
    with open_session(context, environ) as current:
        yield current


def archive(environ: Mapping[str, str], repository: str = "") -> StateArchive:
    """The state branch as a whole. Raises UsageError."""
    from bot.adapters.by_hand import by_hand
    from bot.adapters.git.branch import StateArchive

    context = by_hand(environ, repository, needs="write the repository's contents", directory=Path.cwd())
    remote, branch = state_remote(context, environ)
    return StateArchive(remote, branch, token=context.token, environ=environ)


def bring_back(current: Session, id_: str) -> str:
    """Bring a project back from the archive branch; what to say of it. Raises UsageError, StateInvalid."""
    from bot.app.restoring import find
    from bot.domain.events.batch import Restored

    app, look = current.app(connected=True), current.first_look()
    record = find(id_, app.load(look), current.store.shelf.files()[1])
    back = Restored(at=app.now(), by=app.facts.whoami(), record=record)
    app.process([back], look)
    return f"{id_} is back in the state as it was when it left it, {record.left_at:%Y-%m-%d %H:%M} UTC"


@contextmanager
def glances(environ: Mapping[str, str], asked: Asked) -> Iterator[Callable[[], Glance]]:
    """What looks at the state and says how the fleet is doing. Raises UsageError."""
    from bot.adapters.state_place import StatePlace
    from bot.dashboard.glance import glance
    from bot.domain import files
    from bot.domain.draft import Draft

    place = StatePlace.of(environ, asked)
    store = GitStore(place.remote, place.branch, nonce=uuid4().hex, token=place.token, environment=environ)

    def look() -> Glance:
        found = store.load()
        if found.version is None:
            raise UsageError("there is no state branch yet; the first command or tick creates it")
        return glance(Draft(files.load(found.files), datetime.now(UTC)), found.version)

    with store:
        yield look


def build_dashboard(
    environ: Mapping[str, str], out: Path, asked: Asked, since: str, wanted: Mapping[str, bool]
) -> Built:
    """Make the site; ``since`` is how far back it looks.

    ``wanted`` is what the command line says over ``dashboard`` in the configuration.
    """
    from bot.adapters.git.snapshots import GitSnapshots
    from bot.adapters.state_place import StatePlace
    from bot.dashboard import site
    from bot.dashboard.past import read
    from bot.dashboard.source import source, window
    from bot.domain import files

    place, now = StatePlace.of(environ, asked), datetime.now(UTC)
    begins = now - window(since)
    with GitSnapshots(place.remote, place.branch, place.token, environ) as past:
        history, tree = read(past, begins)
    if not tree:
        raise UsageError("there is no state branch yet; the first command or tick creates it")
    state = files.load(tree)
    rule = state.config.dashboard.model_copy(update=dict(wanted))
    return site.write(source(state, history, rule, begins, now, place.home), out)
