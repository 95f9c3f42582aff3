"""States and events to decide over, built through ``decide`` itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from bot.decide import Decision, decide
from bot.domain import files, invariants
from bot.domain.config import Config
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event, Initialised
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.outputs import GenesisOutput, PlannedIssue, ProjectCommands
from bot.domain.scaling import Scaling
from bot.domain.showing import StatusRule
from bot.domain.state import State

BY_HAND = Scaling(enabled=False)
"""Only people change how many workers there are: what most tests are about would move beside it."""
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


UNSEEN = StatusRule(enabled=False)
"""No issue shows the whole system: its filing would be one more effect of every look."""


def begun(
    config: Config | None = None, *, scaling: Scaling = BY_HAND, status_issue: StatusRule = UNSEEN
) -> State:
    """A state branch just initialised; nothing but people changes how many workers there are."""
    rules = (config or Config()).model_copy(update={"scaling": scaling, "status_issue": status_issue})
    return decide(State(), [Initialised(at=START, config=rules)], START).state


def settled(state: State, *events: Event, at: datetime | None = None) -> Decision:
    """Decide, and hold the result against every invariant and its own files."""
    now = at or max((event.at for event in events), default=START)
    decision = decide(state, events, now)
    invariants.check(decision.state)
    reads_back(decision.state)
    return decision


_READ_BACK: set[bytes] = set()
"""Digests of (path, content) of each file that was read back."""


def reads_back(state: State) -> None:
    """A state's files give the same files when they are read; one that was read before is not read again."""
    written = files.tree(state)
    keys = {path: _digest(path, content) for path, content in written.items()}
    fresh = {path: content for path, content in written.items() if keys[path] not in _READ_BACK}
    again = files.tree(files.load(fresh))
    assert {path: again.get(path) for path in fresh} == fresh
    _READ_BACK.update(keys[path] for path in fresh)


def _digest(path: str, content: bytes) -> bytes:
    return blake2b(path.encode() + b"\0" + content, digest_size=16).digest()


def comment(number: int, body: str, **changes: Any) -> CommentCreated:
    values = {"issue": 1, "actor": "wendy", "role": "write", "at": later(number)} | changes
    return CommentCreated(comment=number, body=body, **values)


def replies(decision: Decision) -> list[str]:
    return [entry.effect.body for entry in decision.effects if entry.effect.kind == "reply"]


def reply_to(state: State, body: str, **changes: Any) -> str:
    """The one reply to a comment."""
    (only,) = replies(settled(state, comment(1, body, **changes)))
    return only


def assignments(state: State) -> list[Assignment]:
    held = [worker.assignment for worker in state.instances.values() if worker.assignment]
    return sorted(held, key=lambda one: one.lease)


def claimed(held: Assignment, run: int = 7, seconds: float = 10) -> WorkClaimed:
    return WorkClaimed(task=held.task, lease=held.lease, run_id=run, run_attempt=1, at=later(seconds))


def output(**changes: Any) -> GenesisOutput:
    values: dict[str, Any] = {
        "title": "A page",
        "summary": "Says hello",
        "files": ("README.md",),
        "stack": "web",
        "commands": ProjectCommands(
            build="make build", test="make test", run="make run", deploy="make deploy"
        ),
        "commit": "1" * 40,
        "tests_run": 1,
        "issues": (
            PlannedIssue(
                key="foundation",
                title="Lay the foundation",
                body="…",
                acceptance=("it runs",),
                specialty="feature",
                days=1,
                milestone="MVP",
            ),
        ),
        "executor": "template",
    }
    return GenesisOutput(**(values | changes))


def reported(held: Assignment, run: int = 7, seconds: float = 20, **changes: Any) -> WorkReported:
    values: dict[str, Any] = {"ok": True, "genesis": output()} | changes
    return WorkReported(
        task=held.task, lease=held.lease, run_id=run, run_attempt=1, at=later(seconds), **values
    )


def published(held: Assignment, seconds: float = 30) -> WorkPublished:
    made = output(repository="acme/a-page-1", repository_url="http://hub/acme/a-page-1")
    return WorkPublished(task=held.task, lease=held.lease, at=later(seconds), genesis=made)
