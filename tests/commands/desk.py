"""One hub, one desk: post a comment, let the bot's own ``handle`` settle it, read the reply.

Everything is real (HTTP, git, the bot's path from the payload on) but three things: the bot runs in this
process; every clock stands still until a test moves it, so that replies can be held as snapshots; and git
finds the repository by its path, which costs half the time of a command (over HTTP: ``tests/e2e``).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.adapters.actions import ActionsContext
from bot.adapters.payloads import read_comment, read_issue
from bot.app.handle import handle_comment, handle_issue
from bot.app.process import Result
from bot.app.tick import tick
from bot.bootstrap.hub import prepare_hub
from bot.bootstrap.session import Session, open_session
from bot.domain import files, invariants
from bot.domain.events.batch import Event
from bot.domain.ledger import Ledger, Settled
from bot.domain.state import State
from bot.hub.data.world import BOT
from bot.hub.serve import running
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY, Json, People
from tests.e2e.repository import Bare


@dataclass
class Moment:
    """The time, for everybody."""

    now: datetime = START

    def seconds(self) -> float:
        """Since 1970."""
        return self.now.timestamp()


@dataclass
class Desk(People):
    """A hub without a runner, and the bot at hand."""

    moment: Moment
    account: str = BOT
    """Whose token the bot has."""
    git_over_http: bool = False
    """Whether the bot's git asks the hub, so that its log has the pushes."""
    pauses: list[float] = field(default_factory=list)
    """Seconds of each wait that the bot asked for."""
    meanwhile: Callable[[], object] | None = None
    """Happens in the next wait."""
    _runs: Iterator[int] = field(default_factory=lambda: itertools.count(2_000_001))

    # the state

    @property
    def bare(self) -> Bare:
        """The main repository, where the state branch is."""
        return Bare(Path(self.info.data) / "repositories" / f"{REPOSITORY}.git")

    def state(self) -> State:
        """The state at the branch's head, which must hold together."""
        state = files.load(self.bare.files("state"))
        invariants.check(state)
        return state

    def put(self, state: State) -> None:
        """Make ``state`` the branch's newest, at its own time; comments of before count as settled.

        What a worker has claimed is at work on the hub, under the run's id in the state.
        """
        invariants.check(state)
        assert state.events is not None
        self.moment.now = state.events.now
        state = replace(state, ledger=self._past_all_comments(state.ledger))
        self.bare.replace_folder("state", files.ROOT.rstrip("/"), files.tree(state), self.moment.now)
        self._begin_runs(state)

    def _begin_runs(self, state: State) -> None:
        world, (owner, name) = self.world, REPOSITORY.split("/")
        known = {run.id for run in world.runs.search(world.repositories.find(owner, name))}
        for worker in state.instances.values():
            held = worker.assignment
            if held is None or held.run_id is None or held.run_id in known:
                continue
            run = world.runs.create(
                world.repositories.find(owner, name),
                state.config.worker_workflow,
                "workflow_dispatch",
                world.users.find(BOT),
                title=held.id,
            )
            world.runs.start(run.id)
            world.db.execute(f"UPDATE runs SET id = {held.run_id} WHERE id = {run.id}")

    def _past_all_comments(self, ledger: Ledger) -> Ledger:
        # From the hub's own tables: through its API it would be all pages of both lists for each test.
        last = {
            kind: self.world.db.number(f"SELECT max(id) FROM {kind}") for kind in ("comments", "issue_events")
        }
        return ledger.model_copy(
            update={
                "comments": Settled(watermark=last["comments"]),
                "issues": Settled(watermark=last["issue_events"]),
            }
        )

    # time

    def wait(self, **span: float) -> None:
        """Let time pass: ``seconds``, ``minutes``, ``hours``."""
        self.moment.now += timedelta(**span)

    # the bot

    def say(self, body: str, login: str = "wendy", issue: int = 1) -> str:
        """Post a comment, let a ``handle`` settle it; the one reply, without its hidden marker."""
        (reply,) = self.answers(self.post(body, login, issue))
        return reply

    def post(self, body: str, login: str = "wendy", issue: int = 1) -> Json:
        """The same; the comment's payload."""
        payload = self.comment(issue, body, login)
        self.handle(payload)
        return payload

    def handle(self, payload: Json) -> Result:
        """One ``handle`` for a comment's event; doing it again is a repeated delivery."""
        with self._session("issue_comment", payload) as current:
            app, read = current.app(connected=True), read_comment(payload)
            assert read is not None
            return handle_comment(
                app, current.first_look(), read.facts(), read.issue.facts(), current.observer
            )

    def wake(self, payload: Json) -> Result:
        """One ``handle`` for what somebody did to an issue: ``label``, ``unlabel``, ``close_issue`` …"""
        with self._session("issues", payload) as current:
            woken, look = read_issue(payload).facts(), current.first_look()
            return handle_issue(current.app(connected=True), look, woken, current.observer)

    def settle(self, *events: Event) -> Result:
        """What a worker's run has to say, through the same path."""
        with self._session("workflow_dispatch", {}) as current:
            return current.app().process(events, current.first_look())

    def tick(self) -> Result:
        """One ``tick``."""
        with self._session("schedule", {}) as current:
            return tick(current.app(), current.observer, None, current.first_look())

    def two_ticks(self) -> None:
        """Two ``tick``s that have both read the branch before one of them saves."""
        with self._session("schedule", {}) as one, self._session("schedule", {}) as other:
            looks = one.first_look(), other.first_look()
            for current, look in zip((one, other), looks, strict=True):
                tick(current.app(), current.observer, None, look)

    def answers(self, payload: Json) -> list[str]:
        """The bot's replies to a comment, without their hidden markers."""
        mark = f"<!-- orchestrator:effect comment-{payload['comment']['id']}/"
        return [
            body.partition("\n")[2] for body in self.said(payload["issue"]["number"]) if body.startswith(mark)
        ]

    def said(self, issue: int) -> list[str]:
        """Everything that the bot has said in a thread, oldest first."""
        rows = self.every(f"/repos/{REPOSITORY}/issues/{issue}/comments")
        return [row["body"] for row in rows if row["user"]["login"] == BOT]

    def labels(self, issue: int) -> set[str]:
        """The names of an issue's labels."""
        found = self.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{issue}")["labels"]
        return {label["name"] for label in found}

    def commits(self) -> int:
        """How many commits the state branch has."""
        return len(self.bare.history("state"))

    @contextmanager
    def _session(self, event: str, payload: Any) -> Iterator[Session]:
        context = ActionsContext(
            event_name=event,
            payload=payload,
            repository=REPOSITORY,
            api_url=self.info.api_url,
            graphql_url=self.info.graphql_url,
            server_url=self.info.url,
            token=self.token(self.account),
            run_id=next(self._runs),
            run_attempt=1,
        )
        remote = {} if self.git_over_http else {"ORCHESTRATOR_STATE_REMOTE": str(self.bare.path)}
        with open_session(context, {"PATH": os.environ["PATH"], **remote}) as current:
            current.wall = lambda: self.moment.now
            current.sleep = self._sleep
            current.monotonic = self.moment.seconds
            yield current

    def _sleep(self, seconds: float) -> None:
        """Writes are spaced on GitHub; here nobody waits, but something may happen ``meanwhile``."""
        self.pauses.append(seconds)
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()


@contextmanager
def opened(folder: Path, *, requests: int = 1_000_000) -> Iterator[Desk]:
    """A hub on a free port with a state branch, its clock at ``START``; ``requests``: the bot's, an hour."""
    moment = Moment()
    hub = running(folder / "hub", bot_requests_per_hour=requests, real_time=moment.seconds)
    with hub as (world, _, info):
        prepare_hub(info)
        desk = Desk(world, info, moment)
        try:
            yield desk
        finally:
            desk.close()
