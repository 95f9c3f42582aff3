"""The store's working repository: temporary, bare, written by hand, read through one ``git cat-file``.

Writing four small files spares a ``git init``. Nothing in here outlives the process: the remote is the
only place where state is kept, so nothing is synced to disk either.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.adapters.git.process import Credentials, Git, Running
from bot.domain.errors import StoreUnavailable

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tbare = true
\tfsync = none
\thooksPath = /dev/null
\tlogAllRefUpdates = false
\tmultiPackIndex = false
\tcommitGraph = false
[protocol]
\tversion = 2
[fetch]
\tunpackLimit = 1
[fastimport]
\tunpackLimit = 0
[pack]
\tthreads = 1
\twriteReverseIndex = false
[push]
\tnegotiate = false
\tuseBitmaps = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[credential]
\thelper =
[http]
\tpostBuffer = 16777216
\tlowSpeedLimit = 1
\tlowSpeedTime = 30
"""
"""Why the unusual ones: keeping packs as they come is a third quicker than writing loose files, for
``fastimport`` it also spares a process; a pushed pack beyond ``postBuffer`` costs a probing request; one
thread is quickest for small packs."""

CHUNK = 200
"""Object ids asked for at once: 8 kB, which any pipe takes while git is busy writing its answer."""


class Objects:
    """Reads objects of one repository; the process is started early and kept."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._running: Running | None = None

    def warm_up(self) -> Running:
        """Start the reading process, so that its start overlaps with something else."""
        if self._running is None or self._running.process.poll() is not None:
            self._running = self._git.start("cat-file", "--batch")
        return self._running

    def find(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Contents by id; an id that is not in the repository is not in the answer."""
        wanted = list(dict.fromkeys(ids))
        running = self.warm_up()
        found: dict[str, bytes] = {}
        try:
            for start in range(0, len(wanted), CHUNK):
                found.update(self._ask(running, wanted[start : start + CHUNK]))
        except BaseException:  # answers still in the pipe would be taken for those to the next question
            self.close()
            raise
        return found

    def read(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Contents by id. Raises StoreUnavailable when one is missing."""
        wanted = list(ids)
        found = self.find(wanted)
        for missing in set(wanted) - set(found):
            raise StoreUnavailable(
                f"the state's remote sent a history without object {missing}; "
                "try again, and run `git fsck` in that repository if it stays"
            )
        return found

    def _ask(self, running: Running, ids: list[str]) -> Iterator[tuple[str, bytes]]:
        stdout = running.stdout
        running.stdin.write("".join(f"{name}\n" for name in ids).encode("ascii"))
        running.stdin.flush()
        for name in ids:
            header = stdout.readline().split()  # "<id> <type> <size>" or "<id> missing"
            if len(header) < 2:
                raise StoreUnavailable("git cat-file ended unexpectedly; try again")
            if header[1] != b"missing":
                yield name, stdout.read(int(header[2]) + 1)[:-1]

    def close(self) -> None:
        """End the reading process."""
        if self._running is not None:
            self._running.kill()
            self._running = None


class Repository:
    """The temporary repository. ``close`` removes it; so does the end of the process."""

    def __init__(
        self,
        credentials: Credentials,
        inherited: Mapping[str, str],
        timeout: float,
        parent: Path | None,
        settings: str = "",
    ) -> None:
        """``settings`` follow ``CONFIG`` in the repository's own configuration."""
        self._directory = Path(tempfile.mkdtemp(prefix="orchestrator-state-", dir=parent))
        self._remove = weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        self.git = Git(self._directory, credentials, inherited, timeout)
        self.objects = Objects(self.git)
        for folder in ("objects", "refs"):
            (self._directory / folder).mkdir()
        (self._directory / "HEAD").write_text("ref: refs/heads/none\n", "ascii")
        self._settings = CONFIG + settings
        (self._directory / "config").write_text(self._settings, "ascii")

    def refs(self, prefix: str) -> dict[str, str]:
        """Refs below ``prefix`` (ends with a slash): rest of the name → commit id."""
        found = self._packed_refs(prefix)
        folder = self._directory / prefix
        for path in folder.rglob("*") if folder.is_dir() else ():
            if path.is_file() and path.suffix != ".lock":
                found[path.relative_to(folder).as_posix()] = path.read_text("ascii").strip()
        return found

    def _packed_refs(self, prefix: str) -> dict[str, str]:
        path = self._directory / "packed-refs"  # git packs refs when many come at once
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        pairs = [line.split(" ", 1) for line in lines if line[:1] not in ("#", "^", "")]
        return {name.removeprefix(prefix): commit for commit, name in pairs if name.startswith(prefix)}

    def forget_promises(self) -> None:
        """After a fetch that left things out: git has noted the remote as one to fetch them from when asked.

        Nothing is to be fetched behind anybody's back; what is missing here is missing.
        """
        (self._directory / "config").write_text(self._settings, "ascii")
        for promise in (self._directory / "objects" / "pack").glob("*.promisor"):
            promise.unlink(missing_ok=True)

    def unlock(self) -> None:
        """Remove what a git that was killed in mid-write has left; nobody else works here."""
        for lock in (*self._directory.glob("*.lock"), *(self._directory / "refs").rglob("*.lock")):
            lock.unlink(missing_ok=True)

    def close(self) -> None:
        """End the reading process and remove the directory; doing so twice is fine."""
        self.objects.close()
        self._remove()
