"""A repository's commits in memory: trees of one-line files, histories, and merging by three ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path

from bot.domain.errors import OutputRefused


@dataclass(frozen=True)
class Commit:
    """A tree and what it came from."""

    id: str
    parents: tuple[str, ...]
    files: Mapping[str, str]
    """Path → the file's only line: two changes of one file conflict."""
    message: str


@dataclass
class Graph:
    """Commits, wherever branches point."""

    commits: dict[str, Commit] = field(default_factory=dict)
    _history: dict[str, frozenset[str]] = field(default_factory=dict)

    def commit(self, parents: Sequence[str], files: Mapping[str, str], message: str) -> str:
        """Make a commit; the same one has the same id."""
        text = json.dumps([list(parents), sorted(files.items()), message])
        made = Commit(sha1(text.encode()).hexdigest(), tuple(parents), dict(files), message)
        self.take([made])
        return made.id

    def take(self, commits: Iterable[Commit]) -> None:
        """Add what came from elsewhere."""
        self.commits |= {commit.id: commit for commit in commits}

    def files(self, commit: str) -> dict[str, str]:
        """A commit's tree."""
        return dict(self.commits[commit].files)

    def history(self, commit: str) -> frozenset[str]:
        """A commit and everything before it."""
        if commit not in self._history:
            before = [self.history(parent) for parent in self.commits[commit].parents]
            self._history[commit] = frozenset({commit}).union(*before)
        return self._history[commit]

    def contains(self, commit: str, other: str) -> bool:
        """Whether the other one is in a commit's history."""
        return other in self.history(commit)

    def base(self, one: str, other: str) -> str | None:
        """The latest commit that both histories have."""
        common = self.history(one) & self.history(other)
        best = [each for each in common if not any(each in self.history(x) - {x} for x in common)]
        return min(best, default=None)

    def merged(self, ours: str, theirs: str) -> dict[str, str] | None:
        """The tree of both; None where they conflict, or have nothing in common."""
        if (base := self.base(ours, theirs)) is None:
            return None
        old, one, other = self.files(base), self.files(ours), self.files(theirs)
        found: dict[str, str | None] = {}
        for path in {*old, *one, *other}:
            versions = old.get(path), one.get(path), other.get(path)
            if versions[1] not in (versions[0], versions[2]) and versions[2] != versions[0]:
                return None
            found[path] = versions[2] if versions[1] == versions[0] else versions[1]
        return {path: text for path, text in found.items() if text is not None}

    def differ(self, old: str | None, new: str) -> dict[str, str | None]:
        """Path → what stands there in the new one, of those that differ."""
        before, after = self.files(old) if old else {}, self.files(new)
        paths = sorted({*before, *after})
        return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}

    def touched(self, commit: str) -> dict[str, str | None]:
        """What a commit itself changed; of a merge what differs from all that it merges."""
        parents = self.commits[commit].parents
        changes = [self.differ(parent, commit) for parent in parents or (None,)]
        return {path: text for path, text in changes[0].items() if all(path in one for one in changes)}

    def new(self, commit: str, known: Iterable[str]) -> list[Commit]:
        """The commits of a history that none of the known ones has."""
        there = frozenset().union(*(self.history(each) for each in known))
        return [self.commits[each] for each in sorted(self.history(commit) - there)]


@dataclass(frozen=True)
class Bundle:
    """Branches with commits, as a file: what ``git bundle`` makes of them."""

    heads: Mapping[str, str]
    commits: tuple[Commit, ...]

    def write(self, path: Path) -> None:
        """Into a file."""
        rows = [[one.id, one.parents, one.files, one.message] for one in self.commits]
        path.write_text(json.dumps([dict(self.heads), rows]), encoding="utf-8")


def read_bundle(path: Path) -> Bundle:
    """From a file. Raises OutputRefused where it is none."""
    try:
        heads, rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise OutputRefused(f"{path.name} is no bundle") from None
    return Bundle(heads, tuple(Commit(id_, tuple(old), files, said) for id_, old, files, said in rows))


def bundled(path: Path, branch: str) -> tuple[str, tuple[Commit, ...]]:
    """(head, commits) of a bundle for one branch. Raises OutputRefused."""
    bundle = read_bundle(path)
    if list(bundle.heads) != [branch]:
        raise OutputRefused(f"{path.name} is not for the branch {branch}")
    return bundle.heads[branch], bundle.commits
