"""A temporary repository in which foreign objects are looked at: nothing of them is ever run.

Plain plumbing in a bare repository without working tree, index, hooks, filters or remotes, with a
configuration of its own. Two gits work in it: one reaches the remote of the project with the token, the
other reads objects and has neither token nor network to give away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from bot.adapters.git.errors import PROJECT, failure
from bot.adapters.git.process import Answer, Credentials, Git
from bot.adapters.git.push import Outcome, Update, push
from bot.adapters.git.remote import PAUSES
from bot.adapters.git.repository import Objects, Repository
from bot.domain.errors import BranchMoved, NotFound, StoreUnavailable, TooLarge, UsageError
from bot.domain.inspection import MEGABYTE

SETTINGS = """\
[core]
\tbigFileThreshold = 1m
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tprotectHFS = true
\tprotectNTFS = true
[transfer]
\tfsckObjects = true
[fetch "fsck"]
\tbadTimezone = warn
\tmissingEmail = warn
\tmissingSpaceBeforeDate = warn
\tmissingSpaceBeforeEmail = warn
\tzeroPaddedDate = warn
\tzeroPaddedFilemode = warn
[protocol]
\tallow = never
"""
"""Large files are streamed, not held in memory. What old versions of git wrote wrongly is no reason to refuse
a project's history, as it is on the remote already."""
BOUNDS = {
    "GIT_ALLOC_LIMIT": "256m",  # of one piece of memory: what an object may unpack to that is not streamed
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
LISTING = {**BOUNDS, "GIT_ALLOC_LIMIT": "4m"}
"""For lists of files, which git collects in memory: at half a million of them, some 150 MB, it gives up. A
few trees of some bytes can unfold to any number."""
TIMEOUT = 300.0
"""Seconds for every command."""
MOST_HISTORY = 2_000.0
"""Megabytes of a project's history that are fetched to compare with."""
REMOTE = "refs/remote/"
"""Where the remote's branches go in here."""


class Workbench:
    """The repository and the remote beside it. To be closed: as a context manager."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """The token goes to the origin of ``url`` and nowhere else."""
        self.url = url
        self._sleep = sleep
        self._repository = Repository(Credentials.of(url, token), dict(environ), timeout, None, SETTINGS)
        self._git = Git(self._repository.git.directory, Credentials(), dict(environ), timeout, BOUNDS)
        self._lists = Git(self._repository.git.directory, Credentials(), dict(environ), timeout, LISTING)
        self._objects = Objects(self._git)

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *_: object) -> None:
        self._objects.close()
        self._repository.close()

    # The remote

    def heads(self, branches: Sequence[str]) -> dict[str, str]:
        """Those of the branches that the remote has: name → commit id. Raises UsageError for odd names."""
        for branch in branches:
            check_branch(self._git, branch)
        refs = {f"refs/heads/{branch}": branch for branch in branches}
        answer = self._reach("ls-remote", "--heads", self.url, *refs)
        rows = [line.split("\t") for line in answer.out.decode("utf-8", "replace").splitlines()]
        return {refs[ref]: commit for commit, ref in rows if ref in refs}

    def fetch(
        self, branches: Sequence[str], *, megabytes: float | None = None, depth: int = 0
    ) -> dict[str, str]:
        """Fetch those of the branches that the remote has, below ``REMOTE``; returns their commit ids.

        Raises TooLarge beyond ``megabytes``, as configured, or else ``MOST_HISTORY``.
        """
        there = self.heads(branches)
        if not there:
            return {}
        extent = (f"--depth={depth}",) if depth else ()
        refspecs = [f"+refs/heads/{branch}:{REMOTE}{branch}" for branch in there]
        self._reach(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", *extent,
            self.url, *refspecs, watch=lambda: self._check_size(megabytes),
        )  # fmt: skip
        self._check_size(megabytes)
        fetched = self._repository.refs(REMOTE)
        return {branch: fetched[branch] for branch in there}

    def _check_size(self, megabytes: float | None) -> None:
        taken = 0
        for path in self._repository.git.directory.rglob("*"):
            try:
                taken += path.lstat().st_size
            except FileNotFoundError:  # git renames what it has finished
                continue
        most = MOST_HISTORY if megabytes is None else megabytes
        if taken > most * MEGABYTE:
            raising = "" if megabytes is None else "raise `pull_requests.history_megabytes`, or "
            raise TooLarge(
                f"the history at {self.url} has more than {most:,g} MB, which is the most that is taken; "
                f"{raising}give the project a shorter history"
            )

    def _reach(self, *arguments: str, watch: Callable[[], None] | None = None) -> Answer:
        """Ask the remote, again where it does not answer. Raises NotFound, Forbidden, StoreUnavailable."""
        for last in self._attempts():
            try:
                answer = self._repository.git.start(*arguments).finish(watch=watch)
                if answer.ok:
                    return answer
                raise failure(answer.err, self.url, "read", PROJECT)
            except StoreUnavailable:
                if last:
                    raise
                self._repository.unlock()
        raise AssertionError("the last attempt returns or raises")

    def _attempts(self) -> Iterator[bool]:
        yield False
        for number, pause in enumerate(PAUSES, start=1):
            self._sleep(pause)
            yield number == len(PAUSES)

    def push(self, branch: str, commit: str, expected: str) -> str:
        """Give the remote's branch a commit, where it has ``expected`` (empty: no such branch).

        Returns the remote's head afterwards. Whether it landed is read from the remote where no answer
        came. Raises BranchMoved, Forbidden, NotFound, StoreUnavailable.
        """
        update = Update(f"refs/heads/{branch}", expected or None, commit)
        told = ""
        for _ in self._attempts():
            pushed = push(self._repository.git, self.url, [update], atomic=False, subject=PROJECT)
            if pushed.outcome is Outcome.LANDED:
                return commit
            told = pushed.told
            head = self.heads([branch]).get(branch, "")
            if head == commit:
                return commit
            if head != expected:
                raise moved(self.url, branch, expected, head)
        raise StoreUnavailable(f"could not write {branch} at {self.url}: {told}; try again later")

    def push_new(self, branch: str, commit: str) -> str:
        """Give the remote a branch that it lacks; returns its head, another's where that came first."""
        try:
            return self.push(branch, commit, "")
        except BranchMoved as error:
            if not error.head:
                raise
            return error.head

    # The objects

    def run(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """A command on the objects, without a token."""
        return self._git.run(*arguments, stdin=stdin)

    def feed(self, *arguments: str, source: IO[bytes]) -> Answer:
        """The same with a file as input, from where it stands."""
        return self._git.start(*arguments, source=source).finish()

    def read(self, *arguments: str, most: int, source: IO[bytes] | None = None) -> Answer | None:
        """A list of any size; None where it has more than ``most`` bytes, or git too much to remember."""
        answer = self._lists.start(*arguments, source=source).read(most)
        return None if answer and not answer.ok and "attempting to allocate" in answer.err else answer

    def content(self, object_id: str) -> bytes:
        """An object's content."""
        return self._objects.read([object_id])[object_id]

    def keep(self, ref: str, commit: str) -> None:
        """Let a ref of this repository name a commit."""
        self.must("update-ref", ref, commit)

    def must(self, *arguments: str, stdin: bytes = b"") -> str:
        """What a command prints that has no reason to fail. Raises UsageError where it does."""
        answer = self.run(*arguments, stdin=stdin)
        if not answer.ok:
            raise UsageError(f"git {arguments[0]} failed: {answer.err.strip()[:300]}")
        return answer.out.decode("utf-8", "surrogateescape").strip()

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether a commit is in the history of another."""
        return self.run("merge-base", "--is-ancestor", older, newer).ok

    def required(self, branch: str, found: Mapping[str, str]) -> str:
        """The commit of a branch that has to be there. Raises NotFound."""
        if branch not in found:
            raise NotFound(f"there is no branch {branch} at {self.url}; push it, or name another one")
        return found[branch]


def check_branch(git: Git, branch: str) -> None:
    """Raise UsageError for what is no name of a branch, so that no refspec can be made of it."""
    if not branch or branch.startswith("-") or not git.run("check-ref-format", f"refs/heads/{branch}").ok:
        raise UsageError(f"{branch[:100]!r} is no name of a branch; expected one like 'main'")


def moved(url: str, branch: str, expected: str, head: str) -> BranchMoved:
    """The exception for a branch that has other commits than the expected ones."""
    now = f"is at {head[:12]} now" if head else "is gone"
    stood = f"stands on {expected[:12]}" if expected else "expects no such branch"
    return BranchMoved(
        f"{branch} at {url} {now} and this work {stood}; begin it anew from the branch as it is", head
    )
