"""The state branch as a whole: written to a file, taken from one, and its history shortened.

Each change of the branch is one push with a lease on the head that was read; who loses the race begins
again, and a bot that meanwhile stands on the old head is refused by its own lease and reads anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.adapters.git.contents import Contents
from bot.adapters.git.formats import Commit
from bot.adapters.git.process import Credentials
from bot.adapters.git.push import Outcome, Update
from bot.adapters.git.remote import FULL, Remote
from bot.adapters.git.repository import Repository
from bot.adapters.git.shelf import Shelf, shelf_of
from bot.domain.compacting import COMPACTED_BY, Kept, Past, counted, shortened, title
from bot.domain.errors import Conflict, StateInvalid, StateMissing, StoreUnavailable, UsageError

TRIES = 5
"""How often compacting begins again because the branch has moved on."""
TIMEOUT = 600.0
"""Seconds for one git command: a long history is fetched and pushed whole."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of a history."""

    before: int
    """Commits that it had."""
    after: int
    """Commits that it has."""
    head: str


class StateArchive:
    """One state branch, for the rare work on all of it; a context that owns a temporary directory."""

    def __init__(self, remote: str, branch: str, *, token: str | None, environ: Mapping[str, str]) -> None:
        """As of ``GitStore``."""
        repository = Repository(Credentials.of(remote, token), dict(environ), TIMEOUT, None)
        self._repository, self._branch = repository, branch
        self._remote = Remote(remote, branch, repository, time.sleep)
        self._contents, self._shelf = Contents(), Shelf(self._remote)

    def export(self, target: Path, *, archive: bool = False) -> str:
        """Write the branch with all of its history as a git bundle; returns the head.

        ``archive``: the archive branch with its history too, where there is one.

        Raises StateMissing where there is no branch, UsageError where the file cannot be written.
        """
        head = self._head()
        name = f"refs/heads/{self._branch}"
        self._git("update-ref", name, head)
        names = [name]
        if archive and (tip := self._shelf.fetch(FULL)) is not None:
            self._git("update-ref", self._shelf.ref, tip)
            names.append(self._shelf.ref)
        answer = self._repository.git.run("bundle", "create", "--quiet", str(target.absolute()), *names)
        if not answer.ok:
            raise UsageError(f"{target} was not written: {answer.err.strip()[:400]}")
        return head

    def read(self, source: Path) -> tuple[str, dict[str, bytes], str | None]:
        """The head of a bundle's state branch, its files, and the archive branch's tip if that is in it, too.

        Raises UsageError where it is no such bundle.
        """
        if not source.is_file():
            raise UsageError(f"there is no file {source}; expected one that `state export` has written")
        listed = self._repository.git.run("bundle", "list-heads", str(source.absolute()))
        heads = [line.split(" ", 1) for line in listed.out.decode("utf-8", "replace").splitlines()]
        found = {name: commit for commit, name in heads if name.startswith("refs/heads/")}
        branches = [
            (commit, name) for name, commit in found.items() if shelf_of(name) in found or len(found) == 1
        ]
        if not listed.ok or len(branches) != 1 or len(found) > 2:
            raise UsageError(f"{source} is no bundle with one branch, as `state export` writes it")
        ((head, name),) = branches
        tip = found.get(shelf_of(name))
        wanted = [f"+{name}:refs/bundle/head", *([f"+{shelf_of(name)}:refs/bundle/archive"] if tip else [])]
        fetched = self._repository.git.run("fetch", "--quiet", "--no-tags", str(source.absolute()), *wanted)
        if not fetched.ok:
            raise UsageError(f"{source} is not whole: {fetched.err.strip()[:400]}")
        return head, self._contents.files(self._repository.objects, head), tip

    def put(self, head: str, tip: str | None = None, *, replace: bool) -> None:
        """Make the branch what was read from a bundle, and with a ``tip`` the archive branch.

        Raises UsageError where there is a branch and it is not to be replaced.
        """
        known = self._remote.advertised(self._remote.ref, self._shelf.ref)
        there, archived = known.get(self._remote.ref), known.get(self._shelf.ref)
        if there == head and (tip is None or archived == tip):
            return
        if there is not None and not replace:
            raise UsageError(
                f"the branch {self._branch} exists, at {there[:12]}. Export it first, then give --replace: "
                "what is on it now will no longer be"
            )
        both = [] if tip is None else [Update(self._shelf.ref, archived, tip)]
        if not self._push(there, head, both):
            raise Conflict("the branch has moved on meanwhile; look at it, then do this again")

    def compact(self, keep: timedelta, version: str) -> Compacted:
        """Shorten the history: of each day that ended ``keep`` before the newest commit one commit stays.

        The trees are what they were. ``version`` is this program's, for the trailer. Raises Conflict where
        the branch moves on again and again, Forbidden where it may not be rewritten.
        """
        for _ in range(TRIES):
            head = self._head()
            history = self._contents.history(self._repository, head, None)
            past = [Past(one.version, one.at, counted(one.message)) for one in reversed(history)]
            kept = shortened(past, past[-1].at - keep)
            if not kept:
                return Compacted(len(history), len(history), head)
            new = self._rewrite(kept, {one.version: one for one in history}, version)
            if self._push(head, new):
                return Compacted(len(history), len(kept), new)
        raise Conflict(f"the branch moved on {TRIES} times while its history was rewritten; try again later")

    def _head(self) -> str:
        head = self._remote.fetch(FULL).head
        if head is None:
            raise StateMissing(f"there is no branch {self._branch}; the first command or tick creates it")
        return head

    def _rewrite(self, kept: Sequence[Kept], commits: Mapping[str, Commit], version: str) -> str:
        raw = self._repository.objects.read([one.version for one in kept])
        stream = b"".join(_stream(kept, commits, raw, version))
        done = self._repository.git.run("fast-import", "--quiet", "--force", "--done", stdin=stream)
        if not done.ok:
            raise StoreUnavailable(f"git fast-import failed: {done.err.strip()[:600]}; is the disk full?")
        new = done.out.decode("ascii").strip()
        tree = commits[kept[-1].version].tree
        if self._git("rev-parse", f"{new}^{{tree}}") != tree:
            raise StateInvalid("the shortened history does not end in the same tree; nothing was pushed")
        return new

    def _push(self, expected: str | None, new: str, also: Sequence[Update] = ()) -> bool:
        """One push with a lease; a lost answer is looked up. False where somebody was quicker."""
        for last in self._remote.attempts():
            pushed = self._remote.push([Update(self._remote.ref, expected, new), *also], atomic=True)
            if pushed.outcome is Outcome.LANDED:
                return True
            there = self._remote.advertised(self._remote.ref).get(self._remote.ref)
            if there == new:
                return True
            if there != expected:
                return False
            if last:
                self._remote.give_up(pushed)
        raise AssertionError("the last attempt returns or raises")

    def _git(self, *arguments: str) -> str:
        answer = self._repository.git.run(*arguments)
        if not answer.ok:
            raise StoreUnavailable(f"git {arguments[0]} failed: {answer.err.strip()[:600]}")
        return answer.out.decode("ascii").strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._repository.close()


def _stream(
    kept: Sequence[Kept], commits: Mapping[str, Commit], raw: Mapping[str, bytes], version: str
) -> Iterator[bytes]:
    """Input of ``git fast-import``: the same trees, authors, times and messages, under new parents."""
    for number, one in enumerate(kept, start=1):
        header, _, message = raw[one.version].partition(b"\n\n")
        people = [line for line in header.split(b"\n") if line.startswith((b"author ", b"committer "))]
        yield f"commit refs/mine/compacted\nmark :{number}\n".encode()
        yield b"".join(line + b"\n" for line in people)
        text = message if not one.stands_for else _snapshot(commits[one.version], one.stands_for, version)
        yield b"data %d\n%b\n" % (len(text), text)
        if number > 1:
            yield f"from :{number - 1}\n".encode()
        yield f'M 040000 {commits[one.version].tree} ""\n\n'.encode()
    yield f"get-mark :{len(kept)}\ndone\n".encode()


def _snapshot(commit: Commit, stands_for: int, version: str) -> bytes:
    """The message of a commit that stands for those of its day; one that says so already keeps its own."""
    if COMPACTED_BY in commit.message and counted(commit.message) == stands_for:
        return commit.message.encode("utf-8")
    first = title(commit.at.date(), stands_for)
    return f"{first}\n\nWas: {commit.version}\n{COMPACTED_BY} {version}\n".encode()
