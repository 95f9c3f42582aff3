"""Single files of the state branch's past: one ``git rev-list`` and one ``git cat-file`` for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.adapters.git.repository import Repository


class GitVersions:
    """See ``bot.ports.Versions``."""

    def __init__(self, repository: Repository, head: str | None, since: datetime) -> None:
        self._objects = repository.objects
        self.commits: Sequence[tuple[str, datetime]] = _listed(repository, head, since) if head else ()

    def versions(self, path: str, commits: Sequence[str]) -> dict[str, bytes]:
        """What a file held at each of these commits; one that has no such file is left out."""
        names = {f"{commit}:{path}": commit for commit in commits}
        return {names[name]: content for name, content in self._objects.find(names).items()}


def _listed(repository: Repository, head: str, since: datetime) -> list[tuple[str, datetime]]:
    after = f"--since={since.isoformat()}"
    listed = repository.git.run("log", "--format=%H %ct", "--topo-order", after, head, "--")
    rows = [line.split() for line in listed.out.decode("ascii").splitlines()]
    return [(commit, datetime.fromtimestamp(int(seconds), UTC)) for commit, seconds in rows]
