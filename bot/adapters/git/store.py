"""The state on a git branch: shallow fetches, one commit and one push per change, an inbox of refs.

A change is a compare-and-swap: the push has a lease on the head that was read and removes the settled
inbox refs atomically with it. Whether a push whose answer was lost has landed is decided by looking for
its commit, which a nonce makes unique. Failed reads are repeated; they never go back behind what this
process has seen.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.adapters.git.contents import Contents
from bot.adapters.git.formats import (
    Commit,
    NewCommit,
    check_layout,
    check_path,
    import_stream,
    parse_commit,
    tree_id,
)
from bot.adapters.git.horizon import Horizon
from bot.adapters.git.process import Credentials, Running
from bot.adapters.git.push import Outcome, Update
from bot.adapters.git.remote import FULL, INBOX, SINCE_THEN, Refs, Remote
from bot.adapters.git.repository import Repository
from bot.adapters.git.shelf import Shelf
from bot.adapters.git.versions import GitVersions
from bot.domain.errors import ArchiveRefused, Conflict, Forbidden, StoreUnavailable
from bot.ports.store import Archiving, Look, Peek

_EVENT_ID = r"[a-z0-9](?:[a-z0-9-]|\.(?!\.))*(?<!\.)(?<!\.lock)"
_TRAILERS = r"\n\n(?:[A-Za-z][A-Za-z0-9-]*: .*\n)+\Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def inbox_ref(event_id: str) -> str:
    """The ref of an inbox event. Raises ValueError for an id that cannot be the last part of a ref."""
    if not re.fullmatch(_EVENT_ID, event_id):
        raise ValueError(
            f"{event_id!r} is no event id for the inbox; expected lower-case letters, digits, single dots "
            "and hyphens, for example 'worker-17.report-2'"
        )
    return INBOX + event_id


class PendingLook:
    """A load under way (``GitStore.start_load``)."""

    def __init__(self, running: Running, finish: Callable[[Running], Look]) -> None:
        self._running, self._finish = running, finish

    def result(self) -> Look:
        """Wait for the fetch and read what came; call it once. Raises as ``GitStore.load``."""
        return self._finish(self._running)


class GitStore:
    """``bot.ports.Store`` on one branch of a git remote, by git's command line.

    ``remote`` is a path, a ``file://`` or an ``http(s)://`` URL without credentials; ``token`` is for
    HTTP and goes out as a header. ``nonce`` must be this process's own. ``timeout`` is in seconds and
    holds for each git command. Use it from one thread, and close it: it owns a temporary directory,
    made in ``directory`` if that is given. Every load adds a pack to it, so it is replaced by a new one
    after ``fresh_after`` loads; what was read before can then no longer be saved on.

    Beside the errors that the methods name, all that talk to the remote raise Forbidden when it turns
    the token or such a push away, UsageError when there is no git or no repository.
    """

    def __init__(
        self,
        remote: str,
        branch: str = "state",
        *,
        nonce: str,
        token: str | None = None,
        author: str = "orchestrator",
        timeout: float = 60.0,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        fresh_after: int = 200,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        credentials = Credentials.of(remote, token)
        inherited = dict(os.environ if environment is None else environment)
        self._new_repository = partial(Repository, credentials, inherited, timeout, directory)
        self._remote = Remote(remote, branch, self._new_repository(), sleep)
        self._nonce, self._author, self._fresh_after = nonce, author, fresh_after
        self._contents, self._horizon = Contents(), Horizon()
        self._loads = self._commits = 0
        self._pending: Running | None = None

    def start_load(self) -> PendingLook:
        """Start a load and return at once, so that other work overlaps with the network."""
        if self._loads >= self._fresh_after:
            self._remote.repository.close()
            self._remote.repository, self._loads = self._new_repository(), 0
        self._loads += 1
        self._pending = self._remote.start_fetch()
        self._remote.repository.objects.warm_up()
        return PendingLook(self._pending, self._finish_load)

    def load(self) -> Look:
        """See ``Store.load``."""
        return self.start_load().result()

    def _finish_load(self, running: Running | None) -> Look:
        for last in self._remote.attempts():
            refs, running = self._remote.fetch(running=running), None
            look, at = self._contents.look(self._remote.repository.objects, refs.head, refs.inbox)
            if last or not self._horizon.is_behind(look.version, at):
                self._horizon.believe(look.version, at)
                return look
        raise AssertionError("the last attempt returns")

    def peek(self) -> Peek:
        """See ``Store.peek``. One round trip; raises StoreUnavailable."""
        refs = self._remote.advertised(self._remote.ref, f"{INBOX}*")
        inbox = (name.removeprefix(INBOX) for name in refs if name.startswith(INBOX))
        return Peek(self._horizon.settle(refs.get(self._remote.ref)), frozenset(inbox))

    def history(self, depth: int | None = None) -> list[Commit]:
        """The branch's newest ``depth`` commits, all of them where None, newest first."""
        refs = self._remote.fetch(FULL if depth is None else (f"--depth={depth}",))
        if refs.head is None:
            return []
        return self._contents.history(self._remote.repository, refs.head, depth)

    def files_at(self, version: str) -> dict[str, bytes]:
        """Every file of one of the branch's commits.

        Fetches the whole history once if need be. Raises StateInvalid when it has no such commit.
        """
        objects = self._remote.repository.objects
        if not objects.find([version]):
            self._remote.fetch(FULL)
        return self._contents.files(objects, version)

    def is_plain(self, version: str) -> bool:
        """Whether a commit's tree holds nothing but ordinary files: no link, program or other repository."""
        files = self.files_at(version)
        raw = self._remote.repository.objects.read([version])
        return parse_commit(raw[version], version).tree == tree_id(files)

    def past(self, since: datetime) -> GitVersions:
        """The branch's commits since a moment; fetches no older ones."""
        refs = self._remote.fetch((f"--shallow-since={since.isoformat()}",))
        return GitVersions(self._remote.repository, refs.head, since)

    def save(
        self,
        base: Look,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        at: datetime,
        settled: Sequence[str] = (),
        archiving: Archiving | None = None,
    ) -> Look:
        """See ``Store.save``. Ids in ``settled`` for which ``base`` has no inbox ref are passed over.

        Raises ValueError for a path that git cannot hold and for a time without a time zone.
        """
        files = _applied(base, changes)
        self._commits += 1
        text = _with_trailer(message, f"Nonce: {self._nonce}-{self._commits}")
        differing = tuple((path, data) for path, data in changes.items() if base.files.get(path) != data)
        new = NewCommit(text, self._author, at, base.version, differing)
        commit = self._make(new, "refs/mine/state")
        gone = {name: base.inbox_commits[name] for name in settled if name in base.inbox_commits}
        updates = [Update(self._remote.ref, base.version, commit), *_deletions(gone)]
        if archiving is None:
            self._land(updates, gone)
        else:
            updates.append(self.shelf.prepare(archiving, commit, self._author, at))
            try:
                self._land(updates, gone)
            except Forbidden as error:
                raise ArchiveRefused(str(error)) from error
        self._horizon.believe(commit, at)
        return Look(
            version=commit,
            files=files,
            inbox={name: event for name, event in base.inbox.items() if name not in gone},
            inbox_commits={name: ref for name, ref in base.inbox_commits.items() if name not in gone},
            message=text,
        )

    def publish(self, event_id: str, message: str) -> None:
        """See ``Store.publish``. Raises Conflict where the id holds another message already.

        The same event is the same commit, whoever publishes it and when: its time is the epoch.
        """
        ref = inbox_ref(event_id)
        commit = self._make(NewCommit(message, self._author, _EPOCH), "refs/mine/event")
        for last in self._remote.attempts():
            pushed = self._remote.push([Update(ref, None, commit)], atomic=False)
            there = commit if pushed.outcome is Outcome.LANDED else self._remote.advertised(ref).get(ref)
            if there == commit:
                return
            if there is not None:
                raise Conflict(f"event {event_id} is in the inbox already with another content ({there})")
            if last:
                self._remote.give_up(pushed)

    def discard(self, base: Look, settled: Sequence[str]) -> None:
        """See ``Store.discard``. Raises StoreUnavailable."""
        known = {name: base.inbox_commits[name] for name in settled if name in base.inbox_commits}
        updates = _deletions(known)
        if not updates:
            return
        for last in self._remote.attempts():
            pushed = self._remote.push(updates, atomic=False)
            if pushed.outcome is Outcome.LANDED:
                return
            there = self._remote.advertised(*(update.ref for update in updates))
            updates = [update for update in updates if there.get(update.ref) == update.expected]
            if not updates:
                return
            if last:
                self._remote.give_up(pushed)

    def _make(self, new: NewCommit, ref: str) -> str:
        """Make a commit in the temporary repository and return its id."""
        git, objects = self._remote.repository.git, self._remote.repository.objects
        answer = git.run("fast-import", "--quiet", "--force", "--done", stdin=import_stream(new, ref))
        if answer.ok:
            return answer.out.decode("ascii").strip()
        if new.parent is not None and not objects.find([new.parent]):
            raise Conflict(f"the state was read at {new.parent}, which is no longer at hand; read it again")
        raise StoreUnavailable(f"git fast-import failed: {answer.err.strip()[:600]}; is the disk full?")

    def _land(self, updates: Sequence[Update], gone: Mapping[str, str]) -> None:
        """Push until it is known whether the first, of the branch, has landed. Raises Conflict when not."""
        base, commit = updates[0].expected, updates[0].new
        conflict = Conflict(f"the state has moved on from {base or 'nothing'}; read it again")
        is_first = True
        for last in self._remote.attempts():
            pushed = self._remote.push(updates, atomic=True)
            if pushed.outcome is Outcome.LANDED:
                return
            if pushed.outcome is Outcome.STALE and is_first:  # nothing was ever sent
                raise conflict
            is_first = False
            refs = self._remote.fetch(SINCE_THEN)
            if self._has(refs, commit):
                return
            if refs.head != base or any(refs.inbox.get(name) != there for name, there in gone.items()):
                raise conflict
            if last:
                self._remote.give_up(pushed)

    def _has(self, refs: Refs, commit: str | None) -> bool:
        if commit is None or refs.head is None or refs.head == commit:
            return refs.head == commit
        return self._remote.repository.git.run("merge-base", "--is-ancestor", commit, refs.head).ok

    @property
    def shelf(self) -> Shelf:
        """The archive branch beside this one."""
        return Shelf(self._remote)

    def start_afresh(self) -> None:
        """Give up what was under way, wherever it was broken off, and go on with a new repository."""
        self.close()
        self._pending = None
        self._remote.repository, self._loads = self._new_repository(), 0

    def close(self) -> None:
        """Remove the temporary directory and end what works in it; doing so twice is fine."""
        if self._pending is not None:  # started, but nobody asked for the result
            self._pending.kill()
        self._remote.repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _deletions(inbox: Mapping[str, str]) -> list[Update]:
    """Of refs as they are found: somebody may have made one with a name that no event has."""
    return [Update(INBOX + name, commit, None) for name, commit in inbox.items()]


def _applied(base: Look, changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    files = dict(base.files)
    for path, content in changes.items():
        check_path(path)
        if content is None:
            files.pop(path, None)
        else:
            files[path] = content
    check_layout(files)
    return files


def _with_trailer(message: str, trailer: str) -> str:
    text = message.rstrip("\n") + "\n"
    return f"{text}{trailer}\n" if re.search(_TRAILERS, text) else f"{text}\n{trailer}\n"
