"""Was every commit of the state branch made by this program? For ``verify``: finds what was edited by hand.

Each commit is judged with the one before it: who signed it, when, what it says, which files it holds, and
whether they follow from its parent and its own recorded events. Whoever runs this very program on events that
never happened leaves a history that holds; only a commit that is known from elsewhere (``after``) tells that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest

from bot import __version__
from bot.app.commit_message import decided_by, says
from bot.app.replay import decided_anew
from bot.domain import archiving, files
from bot.domain.compacting import COMPACTED_BY, NEVER_SHORTENED
from bot.domain.errors import OrchestratorError
from bot.ports.history import Chronicle, Signed

SIGNED = "orchestrator <orchestrator@users.noreply.github.com>"
"""Who makes every commit of the branch."""
_FOLDER, _EVENTS = f"{files.ROOT}projects/", f"{files.ROOT}events.json"
_RESTORED = b'"kind": "restored"'
_WAS = re.compile(r"^Was: ([0-9a-f]{40,64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Audited:
    """One commit, judged."""

    commit: str
    wrong: tuple[str, ...] = ()
    """What this program would not have made so, each a sentence without a point."""
    unproven: str = ""
    """Why it cannot be told whether its content follows from its parent; empty where that was told."""
    archived: Mapping[str, bytes | None] = field(default_factory=dict)
    """What has to be in the archive since then; None: what must not be there any more."""


def audit(
    history: Chronicle, template: Mapping[str, bytes], last: int | None = None, after: str = ""
) -> Iterator[Audited]:
    """Judge the newest ``last`` commits, all where None, newest first.

    ``template`` is what the first one begins with. ``after`` is the beginning of a commit's id that is known
    to have been on the branch.
    """
    found = history.history(None if last is None else last + 1)
    if after and not any(_is(one, after) for one in found):
        yield Audited(after, ("it is no longer on the branch, which was set back or rewritten since",))
    for newer, (child, parent) in enumerate(zip_longest(found[:last], found[1:])):
        wrong = [*_signature(child, parent), *_place(child, parent, found[:newer], found[0])]
        content, unproven = _content(history, child, parent, template)
        lost, archived = _archived(history, child, parent)
        yield Audited(child.version, (*wrong, *content, *lost), unproven, archived)


def _is(commit: Signed, known: str) -> bool:
    """Whether a commit is the known one, or stands for its day with the same state."""
    was = _WAS.search(commit.message) if COMPACTED_BY in commit.message else None
    return commit.version.startswith(known) or (was is not None and was[1].startswith(known))


def _signature(child: Signed, parent: Signed | None) -> Iterator[str]:
    for role, who in zip(("author", "committer"), child.people, strict=True):
        if who != SIGNED:
            yield f"its {role} is {who or 'nobody'}"
    expected = (parent.version,) if parent else ()
    if tuple(child.parents) != expected:
        told = ", ".join(one[:12] for one in child.parents) or "nothing"
        yield f"it follows {told}, where only {'the commit before it' if parent else 'nothing'} is expected"


def _place(child: Signed, parent: Signed | None, newer: Sequence[Signed], head: Signed) -> Iterator[str]:
    """What cannot be where it stands in the history."""
    if parent and child.at < parent.at:
        yield "it is older than the commit before it"
    if COMPACTED_BY in child.message:
        if parent and COMPACTED_BY not in parent.message:
            yield "it says that it stands for a day, among commits that were not shortened"
        if head.at - child.at < timedelta(days=NEVER_SHORTENED):
            yield f"it says that it stands for a day, which none of the last {NEVER_SHORTENED} days is"
        return
    version = decided_by(child.message)
    if not version:
        yield "its message names no version that decided it"
    elif _order(version) > _order(__version__):
        yield f"it says that the version {version} decided it, which is newer than this program"
    elif newer and (said := decided_by(newer[-1].message)) and _order(said) < _order(version):
        yield f"it says that the version {version} decided it, and the next one the older {said}"


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _content(
    history: Chronicle, child: Signed, parent: Signed | None, template: Mapping[str, bytes]
) -> tuple[list[str], str]:
    """What is wrong with a commit's files and message, and why its files could not be judged."""
    if not history.is_plain(child.version):
        return ["it holds something that is no ordinary file: a link, a program or another repository"], ""
    after = history.files_at(child.version)
    try:
        record = files.load(after).events
    except OrchestratorError as error:
        return [f"it is no state: {error}"], ""
    if COMPACTED_BY in child.message:
        return [], "it stands for a day"
    if record is None:
        return ["it has no record of what was decided"], ""
    wrong = [] if says(child.message, record.events) else ["its message is not what these events give"]
    if record.now.replace(microsecond=0) != child.at:
        wrong.append(f"it was decided at {record.now.isoformat()}, and says {child.at.isoformat()}")
    before = history.files_at(parent.version) if parent else template
    try:
        expected = decided_anew(before, record, is_first=parent is None)
    except OrchestratorError as error:
        return [*wrong, f"what it follows is no state: {error}"], ""
    paths = sorted(path for path in {*expected, *after} if expected.get(path) != after.get(path))
    version = decided_by(child.message)
    if paths and version not in ("", __version__):
        return wrong, f"the version {version} decided it, and this is {__version__}"
    return [*wrong, *([f"not what deciding gives: {', '.join(paths)}"] if paths else [])], ""


def _archived(
    history: Chronicle, child: Signed, parent: Signed | None
) -> tuple[list[str], Mapping[str, bytes | None]]:
    """Which projects a commit has lost, and what it has put into the archive or taken from it.

    A commit that stands for a day does not tell as what a project left.
    """
    if parent is None or COMPACTED_BY in child.message:
        return [], {}
    before, after = history.files_at(parent.version), history.files_at(child.version)
    gone = _projects(before) - _projects(after)
    if not gone and _RESTORED not in after.get(_EVENTS, b""):
        return [], {}
    try:
        old, new = files.load(before), files.load(after)
    except OrchestratorError:
        return [], {}  # that is told already
    lost = sorted(gone - {one.id for one in new.archived.items})
    mine = decided_by(child.message) == __version__  # another version may have written models otherwise
    return [f"{id_} has left the state, and not for the archive" for id_ in lost], (
        archiving.changes(old, new) if mine else {}
    )


def _projects(found: Mapping[str, bytes]) -> set[str]:
    return {
        path.split("/")[2] for path in found if path.startswith(_FOLDER) and path.endswith("/status.json")
    }
