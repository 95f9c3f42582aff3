"""Agents' sessions between two attempts: kept by the report, handed over by the claim, dropped when over.

They are an advantage, never a condition: whatever goes wrong here costs the next attempt its memory and
nothing else. Nothing in a sealed file is looked at: only the executor, with the agent's key, can open it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.domain.config import Config
from bot.domain.errors import OrchestratorError
from bot.domain.events import WorkReported
from bot.domain.sessions import FILE, MOST_BYTES, Session, digest, name_of
from bot.domain.state import State
from bot.domain.work import WorkOrder
from bot.policies.sessions import leftovers
from bot.ports import Sessions

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
    try:
        sessions.keep(name_of(event.task, event.lease), sealed)
    except OrchestratorError as error:
        log.warning("%s: its session is not kept, the next attempt begins a new one: %s", event.task, error)
        return event
    return event.model_copy(update={"session": session})


def _is_usable(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= MOST_BYTES


def tidy(sessions: Sessions | None, state: State, task: str = "") -> None:
    """Drop what the state does not know any more: of one task, or everything."""
    if sessions is None:
        return
    try:
        names = [name for name in sessions.names() if not task or name.startswith(f"{task}/")]
        if gone := leftovers(state, names):
            sessions.drop(gone)
            log.info("dropped %d sessions that are of no use any more", len(gone))
    except OrchestratorError as error:
        log.warning("sessions that are of no use any more are left to another run: %s", error)


def may_be_kept(config: Config) -> bool:
    """Whether an agent works for the fleet."""
    pools = (config.pools.genesis, config.pools.development, config.pools.content)
    return any(pool.executor not in _WITHOUT for pool in pools)
