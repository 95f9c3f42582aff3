"""Who may: roles in their order, and people who may give no command at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.help import role_for
from bot.commands.table import TABLE
from bot.domain.config import ROLES, Config
from bot.domain.draft import Draft

QUIET = timedelta(hours=1)
"""A stranger gets at most one sign in this time."""
SIGNS = 20
"""Signs to strangers in that time, all together."""


def rank(role: str) -> int:
    """Where a role stands; one that GitHub does not know is none."""
    return ROLES.index(role) if role in ROLES else 0


def may(role: str, command: str, config: Config) -> bool:
    """Whether a role is enough for a command."""
    return rank(role) >= rank(needed(command, config))


def needed(command: str, config: Config) -> str:
    """The least role that may give a command."""
    return role_for(TABLE[command], config.commands)


def is_stranger(role: str, config: Config) -> bool:
    """Whether a role may give no command at all: what such people do costs no push of its own."""
    least = min((rank(role_for(command, config.commands)) for command in TABLE.values()), default=0)
    return rank(role) < least


def sees_a_stranger(draft: Draft, login: str) -> bool:
    """Whether a stranger gets a sign now: one an hour each, and a bounded number for all; remembers it."""
    recent: dict[str, datetime] = {
        name: at for name, at in draft.ledger.strangers.items() if draft.now - at < QUIET
    }
    if login in recent or len(recent) >= SIGNS:
        return False
    recent[login] = draft.now
    draft.ledger = draft.ledger.model_copy(update={"strangers": recent})
    return True
