"""An agent's session that the next attempt at a task may go on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from pydantic import Field

from bot.domain.base import Frozen

FILE = "session.sealed"
"""Its files: in the result of the attempt that left them, in the workspace of the one that goes on."""
MOST_BYTES = 95_000_000
"""Of that file, whatever is configured: GitHub takes no file of 100 MB."""
ID = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"
"""It becomes an argument of a command line, so it can be no option."""


class Session(Frozen):
    """Who can go on with what; its files are kept beside the state branch (``bot.ports.Sessions``)."""

    id: str = Field(pattern=ID, description="the agent's own")
    executor: str
    settings: str = Field(description="digest of what the configuration said of the executor")
    lease: int = Field(description="of the attempt that left it; its files are named after that")


def digest(settings: Mapping[str, object]) -> str:
    """Tells settings apart."""
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()[:16]


def name_of(task: str, lease: int) -> str:
    """What a session's files are called: one for each attempt."""
    return f"{task}/{lease}"
