"""The hub's world: everything that it knows, in one directory, and the stores that change it.

``DATA/hub.sqlite3`` holds the records, ``DATA/repositories/{owner}/{name}.git`` the git data,
``DATA/runs/{id}/`` the workflow runs' files. All of it survives a restart. Every store method that
a person or a token can cause takes the ``actor`` and checks the actor's role; what is refused
raises ``bot.hub.data.refusals.Refusal``.

    world = World(Path("data"))
    repository = world.repositories.find("acme", "factory")     # Missing where there is none
    ada = world.users.find("ada")
    issue = world.issues.create(repository, ada, "A title", "A body")
    world.comments.create(issue, ada, "/system-status")          # subscribers are told
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bot.hub.data.actions_settings import ActionsSettings
from bot.hub.data.apps import Apps
from bot.hub.data.clock import Clock
from bot.hub.data.comments import Comments, Reactions
from bot.hub.data.database import Database
from bot.hub.data.issues import Issues
from bot.hub.data.labels import Labels
from bot.hub.data.milestones import Milestones
from bot.hub.data.protections import Protections
from bot.hub.data.pull_merge import Merging
from bot.hub.data.pulls import Pulls
from bot.hub.data.records import HubEvent
from bot.hub.data.repositories import Repositories
from bot.hub.data.reviews import Reviews
from bot.hub.data.runs import Runs
from bot.hub.data.secret_store import Secrets
from bot.hub.data.sites import Sites
from bot.hub.data.statuses import Statuses
from bot.hub.data.timeline import Timeline
from bot.hub.data.users import Users
from bot.hub.data.views import Views

BOT = "github-actions[bot]"
"""The account that a workflow's own token acts as."""
APP = "orchestrator-app[bot]"
"""The app account that may create repositories."""

Callback = Callable[[HubEvent], None]
_log = logging.getLogger("bot.hub")


class World:
    """The hub's data in ``data`` (created when absent). Safe to use from several threads.

    ``base_url`` is where the hub answers, without a final slash; addresses in payloads start with it.
    ``real_time`` is what its clock goes by, in seconds since 1970.
    """

    def __init__(
        self,
        data: Path,
        *,
        base_url: str = "http://127.0.0.1",
        real_time: Callable[[], float] = time.time,
    ) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.base_url = base_url
        self.db = Database(data / "hub.sqlite3")
        self.clock = Clock(float(self.db.setting("clock_offset", "0")), real_time)
        self.users = Users(self)
        self.repositories = Repositories(self)
        self.labels = Labels(self)
        self.milestones = Milestones(self)
        self.timeline = Timeline(self)
        self.issues = Issues(self)
        self.comments = Comments(self)
        self.reactions = Reactions(self)
        self.pulls = Pulls(self)
        self.reviews = Reviews(self)
        self.merging = Merging(self)
        self.statuses = Statuses(self)
        self.protections = Protections(self)
        self.sites = Sites(self)
        self.runs = Runs(self)
        self.secrets = Secrets(self)
        self.settings = ActionsSettings(self)
        self.apps = Apps(self)
        self.show = Views(self)
        self._subscribers: list[Callback] = []
        self._subscribers_lock = threading.Lock()

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have ``callback`` called with each event, in the thread that caused it; be quick there.

        Returns a function that ends the subscription. As on GitHub, what the bot's own token does
        is told to nobody, except that it dispatched a workflow or cancelled a run.
        """
        with self._subscribers_lock:
            self._subscribers.append(callback)
        return lambda: self._unsubscribe(callback)

    def publish(self, event: HubEvent) -> None:
        """Tell the subscribers; called by the stores after their transaction."""
        if event.actor == BOT and event.name not in ("workflow_dispatch", "workflow_run"):
            return
        with self._subscribers_lock:
            subscribers = list(self._subscribers)
        for callback in subscribers:
            try:
                callback(event)
            except Exception:
                # One subscriber's defect must not turn a stored comment into a failed request.
                _log.exception("a subscriber failed on %s.%s", event.name, event.action)

    def forward(self, seconds: float) -> None:
        """Set the hub's clock forward, for good: a restart keeps it. Raises ValueError."""
        self.clock.forward(seconds)
        self.db.set_setting("clock_offset", repr(self.clock.offset))

    def close(self) -> None:
        """Close the database; the world cannot be used after it."""
        self.db.close()

    def _unsubscribe(self, callback: Callback) -> None:
        with self._subscribers_lock, contextlib.suppress(ValueError):
            self._subscribers.remove(callback)
