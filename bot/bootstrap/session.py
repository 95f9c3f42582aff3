"""One run: what it reads of its environment, its store and its way to GitHub. Reads the environment once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from bot.adapters.actions import ActionsContext
from bot.adapters.git.store import GitStore, PendingLook
from bot.adapters.no_forge import NoForge
from bot.bootstrap.projects import publisher
from bot.bootstrap.reading import read_template
from bot.domain.quota import Meter

if TYPE_CHECKING:
    from bot.adapters.git.sessions import GitSessions
    from bot.adapters.github.forge import GitHub
    from bot.app.looks import Watcher
    from bot.app.process import App
    from bot.domain.history import History
    from bot.domain.quota import Quota
    from bot.domain.watch import Mode
    from bot.ports.forge import Forge
    from bot.ports.outside import Notifier
    from bot.ports.projects import Publisher
    from bot.ports.store import Look


class LateGitHub:
    """GitHub, whose library is imported by the first use: a run that asks nothing is much quicker."""

    def __init__(self, connect: Callable[[], GitHub]) -> None:
        """``connect`` is called at most once."""
        self._connect = connect
        self._github: GitHub | None = None

    @property
    def requests(self) -> int:
        """API requests made so far."""
        return self._github.requests if self._github else 0

    @property
    def unchanged(self) -> int:
        """Of these, lists that were as before."""
        return self._github.unchanged if self._github else 0

    @property
    def quota(self) -> Quota | None:
        """What GitHub said of the token's requests; None before the first answer."""
        return self._github.quota if self._github else None

    def now(self) -> datetime | None:
        """GitHub's clock; None before the first answer."""
        return self._github.now() if self._github else None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any other method of the port
        """Whatever asks GitHub something."""
        if self._github is None:
            self._github = self._connect()
        return getattr(self._github, name)


@dataclass(slots=True)
class Session:
    """One run: its context, its store with the first fetch under way, its way to GitHub."""

    context: ActionsContext
    environ: Mapping[str, str] = field(repr=False)
    store: GitStore
    pending: PendingLook | None
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    remote: str = ""
    """Where the state branch is."""
    publisher: Publisher | None = None
    """The way to the projects' repositories, once somebody has asked for it."""
    pause: Callable[[float], None] | None = None
    """Waits between the ticks of a loop; None: so that a signal can end it."""
    meter: Meter = field(default_factory=Meter)
    """Counts this run's requests by purpose."""

    def first_look(self) -> Look:
        """The look whose fetch began at the start."""
        pending, self.pending = self.pending, None
        return self.store.load() if pending is None else pending.result()

    def app(self, *, connected: bool = False) -> App:
        """The shell's path over this session's adapters.

        ``connected``: GitHub will be asked in any case, so its library is imported while the fetch runs.
        """
        from bot.app.clocks import Clocks
        from bot.app.facts import Facts
        from bot.app.process import App

        forge = cast("Forge", self._forge(connected=connected))
        clocks = Clocks(wall=self.wall, monotonic=self.monotonic, wait=self.sleep)
        facts = Facts(forge, self.context.repository, lambda name: publisher(self).forge(name), self._history)
        projects = (lambda name: publisher(self).forge(name)) if self.context.token else None
        sessions = self._sessions() if self.context.token else None
        return App(
            self.store,
            forge,
            facts,
            clocks,
            read_template,
            projects=projects,
            sessions=sessions,
            archive=self.archive,
            notifier=self._notifier(),
            meter=self.meter,
        )

    @property
    def archive(self) -> str:
        """Where the archive branch's files are for people; its name where the state is on no web server."""
        from bot.domain.retention import LONGEST_PLACE

        shelf = self.store.shelf.name
        page = f"{self.remote.removesuffix('.git')}/blob/{shelf}"
        return page if self.remote.startswith("http") and len(page) <= LONGEST_PLACE else shelf

    def _history(self) -> History | None:
        """The state branch's newest commits, with where their pages are; None where they cannot be read."""
        from bot.domain.errors import OrchestratorError
        from bot.domain.history import MOST_COMMITS, CommitSeen, History

        try:
            found = self.store.history(MOST_COMMITS + 1)
        except OrchestratorError:
            return None
        seen = [
            CommitSeen(version=one.version, at=one.at, subject=one.message.partition("\n")[0][:120])
            for one in reversed(found[:MOST_COMMITS])
        ]
        url = f"{self.remote.removesuffix('.git')}/commit/" if self.remote.startswith("http") else ""
        return History(url=url, commits=tuple(seen), whole=len(found) <= MOST_COMMITS)

    def _notifier(self) -> Notifier | None:
        if not self.environ.get("ORCHESTRATOR_NOTIFY_URLS", "").strip():
            return None
        from bot.adapters.outside import notifier

        return notifier(self.environ)

    def _sessions(self) -> GitSessions:
        from bot.adapters.git.sessions import GitSessions

        return GitSessions(self.remote, self.context.token, self.environ, self.sleep)

    def _forge(self, *, connected: bool) -> GitHub | LateGitHub | NoForge:
        if not self.context.token:
            return NoForge()
        return self._github() if connected else LateGitHub(self._github)

    def start_afresh(self) -> None:
        """Drop what was broken off half done."""
        self.pending = None
        self.store.start_afresh()

    def watcher(self, mode: Mode | None) -> Watcher:
        """Which run of the monitor this is."""
        from bot.app.looks import Watcher

        return Watcher(mode, self.context.in_actions, self.context.workflow_file)

    def _github(self) -> GitHub:
        from bot.adapters.github.forge import GitHub

        context = self.context
        return GitHub(
            context.repository,
            context.token,
            context.api_url,
            default_branch=context.default_branch,
            jitter_seed=f"{context.run_id}-{context.run_attempt}",
            sleep=self.sleep,
            monotonic=self.monotonic,
            meter=self.meter,
        )

    @property
    def observer(self) -> str:
        """What this run is called where it looks at GitHub."""
        return f"{self.context.run_id}-{self.context.run_attempt}-{uuid4().hex[:8]}"

    @property
    def run_url(self) -> str:
        """This run's page."""
        context = self.context
        return f"{context.server_url}/{context.repository}/actions/runs/{context.run_id}"


@contextmanager
def session(environ: Mapping[str, str]) -> Iterator[Session]:
    """Read the environment, start the first fetch, clean up at the end. Raises UsageError."""
    with open_session(ActionsContext.from_environ(environ), environ) as current:
        yield current


@contextmanager
def open_session(context: ActionsContext, environ: Mapping[str, str]) -> Iterator[Session]:
    """The same for a context that is at hand already."""
    remote, branch = state_remote(context, environ)
    nonce = f"{context.run_id}-{context.run_attempt}-{uuid4().hex}"
    with GitStore(remote, branch, nonce=nonce, token=context.token, environment=environ) as store:
        yield Session(context, environ, store, store.start_load(), remote=remote)


def state_remote(context: ActionsContext, environ: Mapping[str, str]) -> tuple[str, str]:
    """(where the state branch is, its name)."""
    remote = environ.get("ORCHESTRATOR_STATE_REMOTE") or f"{context.server_url}/{context.repository}.git"
    return remote, environ.get("ORCHESTRATOR_STATE_BRANCH") or "state"
