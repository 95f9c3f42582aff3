"""What commits hold: whole trees as files, inbox messages, history. Keeps what did not change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.adapters.git.formats import Commit, Entry, parse_commit, parse_tree
from bot.adapters.git.repository import Objects, Repository
from bot.domain.errors import StateInvalid
from bot.ports.store import Look

NEVER = datetime.min.replace(tzinfo=UTC)


class Contents:
    """Reads commits and trees through ``Objects``, each object once as long as it is in use."""

    def __init__(self) -> None:
        self._trees: dict[str, list[Entry]] = {}
        self._blobs: dict[str, bytes] = {}

    def look(self, objects: Objects, head: str | None, inbox: Mapping[str, str]) -> tuple[Look, datetime]:
        """Read head and inbox together; also the head's commit time (``NEVER`` without a head)."""
        raw = objects.read([*([head] if head else []), *inbox.values()])
        messages = {name: parse_commit(raw[commit], commit).message for name, commit in inbox.items()}
        if head is None:
            return Look(None, {}, messages, dict(inbox)), NEVER
        commit = parse_commit(raw[head], head)
        return Look(head, self._files(objects, commit.tree), messages, dict(inbox), commit.message), commit.at

    def files(self, objects: Objects, version: str) -> dict[str, bytes]:
        """Every file of a commit. Raises StateInvalid when it is not at hand."""
        raw = objects.find([version])
        if version not in raw:
            raise StateInvalid(
                f"the state's history has no commit {version}; `orchestrator verify` lists those it has"
            )
        return self._files(objects, parse_commit(raw[version], version).tree)

    def history(self, repository: Repository, head: str, depth: int | None) -> list[Commit]:
        """Up to ``depth`` commits from ``head`` back, newest first."""
        limit = [f"--max-count={depth}"] if depth else []
        listed = repository.git.run("rev-list", "--topo-order", *limit, head, "--")
        versions = listed.out.decode("ascii").split()
        # From the objects themselves: where the history is shallow, rev-list and log hide the parents.
        raw = repository.objects.read(versions)
        return [parse_commit(raw[version], version) for version in versions]

    def _files(self, objects: Objects, root: str) -> dict[str, bytes]:
        """Walk the tree level by level, so that a level costs one exchange; forget what is not in it."""
        paths: dict[str, str] = {}
        trees: dict[str, list[Entry]] = {}
        level = {"": root}
        while level:
            unread = objects.read(name for name in level.values() if name not in self._trees)
            parsed = {name: parse_tree(content, name) for name, content in unread.items()}
            trees |= {name: parsed[name] if name in parsed else self._trees[name] for name in level.values()}
            found = [(folder + entry.name, entry) for folder, name in level.items() for entry in trees[name]]
            paths |= {path: entry.object_id for path, entry in found if not entry.is_folder}
            level = {f"{path}/": entry.object_id for path, entry in found if entry.is_folder}
        unread = objects.read(name for name in paths.values() if name not in self._blobs)
        files = {path: unread[name] if name in unread else self._blobs[name] for path, name in paths.items()}
        self._trees = trees
        self._blobs = {name: files[path] for path, name in paths.items()}
        return files
