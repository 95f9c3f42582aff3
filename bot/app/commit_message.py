"""What a commit of the state branch says: written by whoever saves, and told again by whoever audits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot import __version__
from bot.domain.events.batch import Event

_DECIDED_BY = re.compile(r"^Decided-By: orchestrator (\S+)$", re.MULTILINE)
_NONCE = re.compile(r"\n(Nonce: [\w.-]+)\n\Z")
"""The last line, by which a run finds its own commit again when the answer to its push was lost."""


def message_of(settled: Sequence[Event], version: str = __version__) -> str:
    """What was settled, and the version that decided."""
    ids = [event.id for event in settled]
    subject = ids[0] if len(ids) == 1 else f"{len(ids)} events" if ids else "what was due"
    listed = "\n".join(f"- {id_}" for id_ in ids) if len(ids) > 1 else ""
    return f"{subject}\n\n{listed}\n\nDecided-By: orchestrator {version}".replace("\n\n\n\n", "\n\n")


def archive_message(changes: Mapping[str, bytes | None], version: str = __version__) -> str:
    """What leaves the state, or comes back to it, as the archive branch's commit says it."""
    left = any(content is not None for content in changes.values())
    projects = "1 project" if len(changes) == 1 else f"{len(changes)} projects"
    told = f"{projects} {'leave' if left else 'come back to'} the state"
    listed = "\n".join(f"{'-' if changes[path] is None else '+'} {path}" for path in sorted(changes))
    return f"{told}\n\n{listed}\n\nDecided-By: orchestrator {version}"


def decided_by(message: str) -> str:
    """The version that a message names; empty where it names none."""
    found = _DECIDED_BY.search(message)
    return found[1] if found else ""


def says(message: str, settled: Sequence[Event]) -> bool:
    """Whether a commit's whole message is what this program writes for these events, by whatever version."""
    found = _NONCE.search(message)
    written = message_of(settled, decided_by(message))
    return found is not None and message[: found.start()] == written
