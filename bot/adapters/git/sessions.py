"""``Sessions`` over git: a ref of its own for each, beside the state branch, of a commit without parents.

No clone and no run fetches these refs by itself; GitHub takes them as any other outside of its own
``refs/pull``, shows them nowhere and starts no workflow for them. For some time after a ref is gone it may
still give the commit to who knows its id, as it does of any commit: so what is kept here is sealed already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.git.formats import NewCommit, import_stream
from bot.adapters.git.process import Credentials
from bot.adapters.git.push import Outcome, Update
from bot.adapters.git.remote import Remote
from bot.adapters.git.repository import Repository
from bot.domain.errors import StoreUnavailable, UsageError
from bot.domain.sessions import FILE

PREFIX = "refs/orchestrator/sessions/"
_TIMEOUT = 60.0
"""Seconds for every git command."""
_AUTHOR = "orchestrator"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The same file under the same name is the same commit, whoever keeps it and when."""


class GitSessions:
    """Implements ``bot.ports.Sessions``. Each use works in a temporary repository of its own."""

    def __init__(
        self, url: str, token: str, environ: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """``url`` is the state's remote."""
        self._url, self._token, self._environ, self._sleep = url, token, dict(environ), sleep

    @contextmanager
    def _remote(self) -> Iterator[Remote]:
        credentials = Credentials.of(self._url, self._token)
        repository = Repository(credentials, self._environ, _TIMEOUT, None)
        try:
            yield Remote(self._url, "none", repository, self._sleep)
        finally:
            repository.close()

    def keep(self, name: str, sealed: Path) -> None:
        """Push the file under its own ref."""
        ref = _ref(name)
        with self._remote() as remote:
            commit = _commit(remote.repository, name, sealed)
            for last in remote.attempts():
                pushed = remote.push([Update(ref, None, commit)], atomic=False)
                if pushed.outcome is Outcome.LANDED or remote.advertised(ref).get(ref) == commit:
                    return
                if pushed.outcome is Outcome.STALE:
                    raise UsageError(f"{ref} exists already with another content; it is left as it is")
                if last:
                    remote.give_up(pushed)

    def fetch(self, name: str, target: Path, most: int) -> bool:
        """Fetch that one ref and write its file."""
        ref = _ref(name)
        with self._remote() as remote:
            if ref not in remote.advertised(ref):
                return False
            git = remote.repository.git
            for last in remote.attempts():
                answer = git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1",
                                 remote.url, f"+{ref}:refs/seen/session")  # fmt: skip
                if answer.ok:
                    break
                if last:
                    raise StoreUnavailable(f"{ref} could not be fetched: {answer.err.strip()[:300]}")
            size = git.run("cat-file", "-s", f"refs/seen/session:{FILE}").out.strip()
            if not size.isdigit() or int(size) > most:
                return False
            target.write_bytes(git.run("cat-file", "blob", f"refs/seen/session:{FILE}").out)
            return True

    def names(self) -> list[str]:
        """By the list of refs, without fetching anything."""
        with self._remote() as remote:
            return sorted(ref.removeprefix(PREFIX) for ref in remote.advertised(f"{PREFIX}*"))

    def drop(self, names: Sequence[str]) -> None:
        """Delete refs."""
        wanted = [_ref(name) for name in names]
        if not wanted:
            return
        with self._remote() as remote:
            for last in remote.attempts():
                there = remote.advertised(*wanted)
                updates = [Update(ref, commit, None) for ref, commit in there.items()]
                if not updates:
                    return
                pushed = remote.push(updates, atomic=False)
                if pushed.outcome is Outcome.LANDED:
                    return
                if last:
                    remote.give_up(pushed)


def _ref(name: str) -> str:
    return f"{PREFIX}{name}"


def _commit(repository: Repository, name: str, sealed: Path) -> str:
    """A commit without parents that holds the file, in the temporary repository."""
    new = NewCommit(f"Session of {name}\n", _AUTHOR, _EPOCH, None, ((FILE, sealed.read_bytes()),))
    stream = import_stream(new, "refs/mine/session")
    answer = repository.git.run("fast-import", "--quiet", "--force", "--done", stdin=stream)
    if not answer.ok:
        raise StoreUnavailable(f"the session could not be written: {answer.err.strip()[:300]}")
    return answer.out.decode("ascii").strip()
