"""A project in memory beside the one on a hub (``tests.publishing.projects``): one interface for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.ports.projects import Publisher
from tests.core.worlds import START
from tests.fakes.git import Bundle, Graph, read_bundle
from tests.fakes.github import APP, Moment, Place, Site
from tests.fakes.publisher import MemoryPublisher
from tests.hub.driver import APP as HUB_APP
from tests.publishing.projects import FILES, NAME, TASK, Project


class Ground(Protocol):
    """A project's repository with one commit on ``main``, and a worker's copy of it."""

    base: str

    @property
    def url(self) -> str:
        """Where it is cloned from."""
        ...

    def publisher(self) -> Publisher:
        """What is tried."""
        ...

    def commit(self, files: Mapping[str, str], *parents: str) -> str:
        """A worker's commit of exactly these files."""
        ...

    def land(self, branch: str, commit: str) -> None:
        """Somebody pushes it."""
        ...

    def handed(self, commit: str, *, without: Sequence[str] | None = None, branch: str = TASK) -> Path:
        """A bundle of it."""
        ...

    def heads(self) -> dict[str, str]:
        """Branch → commit."""
        ...

    def tree(self, branch: str) -> dict[str, str]:
        """What a branch holds: path → content."""
        ...

    def bundled(self, bundle: Path) -> dict[str, str]:
        """Branch → commit of a bundle that was handed over."""
        ...


class HubProject(Project):
    """On a hub, by git."""

    def tree(self, branch: str) -> dict[str, str]:
        """See ``Ground``."""
        self.work.git("fetch", "--quiet", self.hub.remote(HUB_APP, NAME), f"+refs/heads/{branch}:refs/seen")
        names = self.work.git("ls-tree", "-r", "--name-only", "refs/seen").decode().splitlines()
        return {name: self.work.git("cat-file", "blob", f"refs/seen:{name}").decode() for name in names}

    def commit(self, files: Mapping[str, str], *parents: str) -> str:
        """See ``Ground``."""
        return self.work.commit(dict(files), *parents)

    def bundled(self, bundle: Path) -> dict[str, str]:
        """See ``Ground``."""
        lines = self.work.git("bundle", "list-heads", str(bundle)).decode().splitlines()
        pairs = [line.split(" ") for line in lines]
        return {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs if ref != "HEAD"}


@dataclass
class MemoryProject:
    """In memory."""

    folder: Path
    site: Site = field(default_factory=lambda: Site(Moment(START)))
    git: Graph = field(default_factory=Graph)

    def __post_init__(self) -> None:
        """With one commit."""
        self.site.create(NAME)
        self.base = self.commit({path: str(text) for path, text in FILES.items()})
        self.land("main", self.base)

    @property
    def place(self) -> Place:
        """The repository."""
        return self.site.place(NAME)

    @property
    def url(self) -> str:
        """See ``Ground``."""
        return f"{self.place.url}.git"

    def publisher(self) -> MemoryPublisher:
        """See ``Ground``."""
        return MemoryPublisher(self.site, APP)

    def commit(self, files: Mapping[str, str], *parents: str) -> str:
        """See ``Ground``."""
        return self.git.commit(parents, files, "Work")

    def land(self, branch: str, commit: str) -> None:
        """See ``Ground``."""
        self.place.git.take(self.git.commits.values())
        self.place.push(branch, commit)

    def handed(self, commit: str, *, without: Sequence[str] | None = None, branch: str = TASK) -> Path:
        """See ``Ground``."""
        target = self.folder / f"{commit[:8]}.bundle"
        missing = [self.base] if without is None else without
        Bundle({branch: commit}, tuple(self.git.new(commit, missing))).write(target)
        return target

    def tree(self, branch: str) -> dict[str, str]:
        """See ``Ground``."""
        return self.place.git.files(self.place.branches[branch])

    def heads(self) -> dict[str, str]:
        """See ``Ground``."""
        return dict(self.place.branches)

    def bundled(self, bundle: Path) -> dict[str, str]:
        """See ``Ground``."""
        return dict(read_bundle(bundle).heads)
