"""Agents' sessions between two attempts: kept by the report, handed over by the claim, dropped when over.

They are an advantage, never a condition: whatever goes wrong here costs the next attempt its memory and
nothing else. Nothing in a sealed file is looked at: only the executor, with the agent's key, can open it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.domain.config import Config
from bot.domain.errors import OrchestratorError
from bot.domain.events.worked import WorkReported
from bot.domain.sessions import FILE, MOST_BYTES, Session, digest, name_of
from bot.domain.state import State
from bot.domain.work import WorkOrder
from bot.policies.working.sessions import ENDS, forgotten, kept, leftovers
from bot.ports.store import Sessions

log = logging.getLogger("orchestrator")
_WITHOUT = frozenset({"template", "scripted"})
"""Executors that are no agents."""


def hand_over(sessions: Sessions | None, state: State, order: WorkOrder, workspace: Path) -> WorkOrder:
    """Put the session that an order names into the workspace; without its files the order names none."""
    if not order.session:
        return order
    task = state.projects[order.project].task(order.task)
    left = task.session if task is not None else None
    if sessions is not None and left is not None:
        try:
            if sessions.fetch(name_of(order.task, left.lease), workspace / FILE, MOST_BYTES):
                return order
            log.warning("%s: its session is not there any more, it begins a new one", order.task)
        except (OrchestratorError, OSError) as error:
            log.warning("%s: its session is not handed over, it begins a new one: %s", order.task, error)
    return order.model_copy(update={"session": ""})


def keep(
    sessions: Sessions | None, event: WorkReported, workspace: Path, done: Mapping[str, Any]
) -> WorkReported:
    """The report with the session whose files an attempt has left, once these are kept.

    They come first: the next attempt may be claimed as soon as the report is settled. Under its lease they
    are nobody else's, and of a report that turns out to be late they are dropped again.
    """
    sealed = workspace / "result" / FILE
    if sessions is None or not _is_usable(sealed):
        return event
    try:
        order = WorkOrder.model_validate_json((workspace / "assignment.json").read_bytes())
        session = Session(
            id=str(done.get("session")),
            executor=order.executor,
            settings=digest(order.settings),
            lease=event.lease,
        )
    except (OSError, ValidationError):
        return event
    if event.ok and order.specialty in ENDS:
        return event
    try:
        sessions.keep(name_of(event.task, event.lease), sealed)
    except OrchestratorError as error:
        log.warning("%s: its session is not kept, the next attempt begins a new one: %s", event.task, error)
        return event
    return event.model_copy(update={"session": session})


def _is_usable(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= MOST_BYTES


def drop_forgotten(sessions: Sessions | None, before: State, after: State) -> None:
    """Drop what a commit has made of no use: its task is over, or has left another session."""
    if sessions is not None and (gone := forgotten(before, after)):
        _drop(sessions, gone)


def drop_unsettled(sessions: Sessions | None, event: WorkReported, state: State) -> None:
    """Drop what was kept for a report that came too late to change anything."""
    name = name_of(event.task, event.lease)
    if sessions is not None and event.session is not None and name not in kept(state):
        _drop(sessions, [name])


def sweep(sessions: Sessions | None, before: State, after: State) -> None:
    """Drop whatever the state does not know: left by runs that were killed in between."""
    if sessions is None or not (may_be_kept(before.config) or may_be_kept(after.config)):
        return
    try:
        names = sessions.names()
    except OrchestratorError as error:
        log.warning("the sessions that are kept cannot be listed: %s", error)
    else:
        _drop(sessions, leftovers(after, names))


def _drop(sessions: Sessions, names: Sequence[str]) -> None:
    if not names:
        return
    try:
        sessions.drop(names)
        log.info("dropped %d sessions that are of no use any more", len(names))
    except OrchestratorError as error:
        log.warning("sessions that are of no use any more are left to a tick: %s", error)


def may_be_kept(config: Config) -> bool:
    """Whether an agent works for the fleet."""
    pools = (config.pools.genesis, config.pools.development, config.pools.content)
    return any(pool.executor not in _WITHOUT for pool in pools)
