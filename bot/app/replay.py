"""Does history re-derive? Each commit's recorded events are decided again over its parent's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from bot import __version__
from bot.app.commit_message import decided_by
from bot.decide import decide
from bot.domain import files
from bot.domain.compacting import COMPACTED_BY
from bot.domain.events.batch import Batch
from bot.ports.history import Commit, History


class Verdict(StrEnum):
    """What came of replaying one commit."""

    SAME = "same"
    OTHER_VERSION = "decided by another version"
    COMPACTED = "standing for a day"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One commit, replayed."""

    commit: str
    verdict: Verdict
    paths: tuple[str, ...] = ()
    """Files that are not what deciding gives: edited by hand, or a defect."""


def replay(history: History) -> Iterator[Replayed]:
    """Replay every commit after the first, newest first."""
    for child, parent in pairwise(history.history()):
        yield _replayed(history, parent, child)


def _replayed(history: History, parent: Commit, child: Commit) -> Replayed:
    if COMPACTED_BY in child.message:
        return Replayed(child.version, Verdict.COMPACTED)
    found = decided_by(child.message)
    if found != __version__:
        return Replayed(child.version, Verdict.OTHER_VERSION if found else Verdict.DIFFERS)
    before, after = history.files_at(parent.version), history.files_at(child.version)
    record = files.load(after).events
    if record is None:
        return Replayed(child.version, Verdict.DIFFERS, (f"{files.ROOT}events.json",))
    made = decided_anew(before, record)
    paths = {path for path in {*made, *after} if made.get(path) != after.get(path)}
    return Replayed(child.version, Verdict.DIFFERS if paths else Verdict.SAME, tuple(sorted(paths)))


def decided_anew(before: Mapping[str, bytes], record: Batch, *, is_first: bool = False) -> dict[str, bytes]:
    """The files that deciding a record again over the files before gives; ``is_first``: over the template.

    Raises OrchestratorError where the files before are no state.
    """
    state = files.load(before)
    decided = decide(state, record.events, record.now, record.races, record.requests).state
    if is_first:
        return {**before, **files.tree(decided)}
    changes = files.changes(state, decided)
    return {path: content for path, content in {**before, **changes}.items() if content is not None}
