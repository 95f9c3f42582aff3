"""The state branch's past in hours: one shallow fetch, one ``git log``, one ``git cat-file --batch``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.adapters.git.formats import Entry, parse_commit, parse_tree
from bot.adapters.git.process import Credentials
from bot.adapters.git.remote import NEWEST, SINCE_THEN, Remote
from bot.adapters.git.repository import Repository
from bot.domain.errors import StoreUnavailable
from bot.ports.history import Snapshot

ROOT = "shared-state"
STEPS = (60, 300, 900, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
"""Seconds between snapshots: the first with which there are few enough."""


Listed = tuple[str, str, datetime]
"""A commit, its tree, its time."""


class GitSnapshots:
    """``bot.ports.Snapshots`` on one branch of a git remote. Close it: it owns a temporary directory."""

    def __init__(
        self,
        remote: str,
        branch: str,
        token: str | None,
        environment: Mapping[str, str],
        *,
        timeout: float = 300.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``timeout`` is in seconds, for each git command."""
        self._repository = Repository(Credentials.of(remote, token), environment, timeout, None)
        self._remote = Remote(remote, branch, self._repository, sleep)
        self._trees: dict[str, list[Entry]] = {}
        self._beside = self._borrow(remote)

    def _borrow(self, remote: str) -> bool:
        """Read a repository of this machine where it lies, in place of packing and copying its history."""
        objects = Path(remote) / "objects"
        if not objects.is_dir():
            return False
        info = self._repository.git.directory / "objects" / "info"
        info.mkdir(exist_ok=True)
        (info / "alternates").write_text(f"{objects.resolve()}\n", "utf-8")
        return True

    def snapshots(self, since: datetime, most: int) -> Iterator[Snapshot]:
        """See ``Snapshots.snapshots``."""
        head = self._remote.fetch(SINCE_THEN if self._beside else NEWEST).head
        if head is None:
            return
        if not self._beside and self._at(head) >= since:
            # Not before the head is known to be in it: where nothing is, git takes the request for an error.
            head = self._remote.fetch((f"--shallow-since={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",)).head
        for version, tree, at in _thinned(list(self._commits(head or "", since)), most):
            yield Snapshot(version, at, dict(self._files(tree)))

    def contents(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """See ``Snapshots.contents``."""
        return self._repository.objects.read(ids)

    def _at(self, version: str) -> datetime:
        return parse_commit(self._repository.objects.read([version])[version], version).at

    def _commits(self, head: str, since: datetime) -> Iterator[Listed]:
        """The branch's commits since then, newest first; the head in any case."""
        # Times on the branch never decrease, so that git may stop at the first commit that is too old.
        bound = () if self._at(head) < since else (f"--since={int(since.timestamp())}",)
        words = ("--first-parent", "--format=%H %T %ct", *(bound or ("--max-count=1",)), head, "--")
        answer = self._repository.git.run("log", *words)
        if not answer.ok:
            raise StoreUnavailable(f"git log of the state branch failed: {answer.err.strip()[:600]}")
        for line in answer.out.decode("ascii").splitlines():
            version, tree, seconds = line.split()
            at = datetime.fromtimestamp(int(seconds), UTC)
            if at >= since or version == head:
                yield version, tree, at

    def _files(self, root: str) -> Iterator[tuple[str, str]]:
        """Every file below ``shared-state/`` with its id, level by level; no tree is read twice."""
        level = {"": root}
        while level:
            self._read(level.values())
            deeper: dict[str, str] = {}
            for folder, name in level.items():
                for entry in self._trees[name]:
                    if not folder and entry.name != ROOT:
                        continue
                    path = f"{folder}{entry.name}"
                    if entry.is_folder:
                        deeper[f"{path}/"] = entry.object_id
                    else:
                        yield path, entry.object_id
            level = deeper

    def _read(self, names: Iterable[str]) -> None:
        unread = [name for name in names if name not in self._trees]
        for name, content in self._repository.objects.read(unread).items():
            self._trees[name] = parse_tree(content, name)

    def close(self) -> None:
        """Remove the temporary directory."""
        self._repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _thinned(commits: Sequence[Listed], most: int) -> list[Listed]:
    """The last commit of each step, oldest first, with the shortest steps that give few enough."""
    found: dict[int, Listed] = {}
    for step in STEPS:
        found = {}
        for commit in commits:  # newest first
            found.setdefault(int(commit[2].timestamp()) // step, commit)
        if len(found) <= most:
            break
    return list(reversed(list(found.values())[:most]))
