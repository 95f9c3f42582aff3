"""The archive branch beside the state branch: a commit on its tip that is pushed together with the state's.

Of the tip only the commit and its trees are fetched (``--filter=blob:none``): what is archived is not read
to add to it. A remote that does not filter sends all of it, which is the same but for the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.adapters.git.contents import Contents
from bot.adapters.git.errors import BRANCH_MISSING, failure
from bot.adapters.git.formats import NewCommit, import_stream, parse_commit, person
from bot.adapters.git.push import Update
from bot.adapters.git.remote import Remote
from bot.domain.errors import ArchiveRefused, StoreUnavailable
from bot.ports.store import Archiving

_SEEN, _MINE = "refs/shelf/head", "refs/mine/shelf"
_OPTIONS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
BARE = ("--depth=1", "--filter=blob:none")
"""What of the tip is fetched to add to it."""
WHOLE = ("--depth=1",)


def shelf_of(branch: str) -> str:
    """The archive branch of a state branch."""
    return f"{branch}-archive"


class Shelf:
    """The archive branch of one remote."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.ref = f"{remote.ref}-archive"

    @property
    def name(self) -> str:
        """The branch's name."""
        return self.ref.removeprefix("refs/heads/")

    def prepare(self, wanted: Archiving, state: str, author: str, at: datetime) -> Update:
        """Make the commit that goes with a commit of the state; what is to be pushed.

        Raises StoreUnavailable, ArchiveRefused where the branch is somebody else's.
        """
        tip = self.fetch(BARE)
        if tip is not None:
            self._check(tip, author)
        changes = {path: data for path, data in wanted.changes.items() if tip is not None or data is not None}
        text = f"{wanted.message.rstrip()}\nState: {state}\n"
        new = NewCommit(text, author, at, tip, tuple(changes.items()))
        git = self._remote.repository.git
        done = git.run("fast-import", "--quiet", "--force", "--done", stdin=import_stream(new, _MINE))
        if not done.ok:
            raise StoreUnavailable(f"git fast-import failed: {done.err.strip()[:600]}; is the disk full?")
        return Update(self.ref, tip, done.out.decode("ascii").strip())

    def _check(self, tip: str, author: str) -> None:
        """Nothing is added to a branch that only has this one's name."""
        commit = parse_commit(self._remote.repository.objects.read([tip])[tip], tip)
        if commit.people[1] != person(author):
            raise ArchiveRefused(
                f"the branch {self.name} is not this program's: its newest commit is by {commit.people[1]}; "
                "rename it"
            )

    def fetch(self, extent: tuple[str, ...]) -> str | None:
        """Fetch the tip; its commit id, None where there is no such branch."""
        repository = self._remote.repository
        for last in self._remote.attempts():
            answer = repository.git.run("fetch", *_OPTIONS, *extent, self._remote.url, f"+{self.ref}:{_SEEN}")
            repository.forget_promises()
            if answer.ok:
                return repository.refs("refs/shelf/")["head"]
            if BRANCH_MISSING in answer.err:
                return None
            error = failure(answer.err, self._remote.url, "read")
            if last or not isinstance(error, StoreUnavailable):
                raise error
            repository.unlock()
        raise AssertionError("the last attempt returns or raises")

    def files(self) -> tuple[str | None, Mapping[str, bytes]]:
        """The tip, and every file of it."""
        tip = self.fetch(WHOLE)
        if tip is None:
            return None, {}
        return tip, Contents().files(self._remote.repository.objects, tip)
