"""``bot.ports.projects.Publisher`` over GitHub in memory; a bundle is a file with commits of ``Graph``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import BranchMoved, NotFound, OutputRefused
from bot.domain.inspection import ChangedFile, problems
from bot.domain.merging import PullRequests
from bot.domain.paths import is_workflow
from bot.ports.projects import Planted
from tests.fakes.forge import MemoryForge, described
from tests.fakes.git import Bundle, Commit, bundled
from tests.fakes.github import Place, Site
from tests.fakes.weather import CALM, Weather

OURS = "Publish the site"
"""How the message of a site's commit begins where the bot made it."""


@dataclass(frozen=True)
class MemoryChange:
    """See ``bot.ports.projects.Change``."""

    place: Place
    weather: Weather
    branch: str
    commit: str
    base_commit: str
    remote_commit: str
    new: tuple[Commit, ...]

    @property
    def new_commits(self) -> int:
        """See ``Change.new_commits``."""
        return len(self.new)

    @property
    def files(self) -> tuple[ChangedFile, ...]:
        """See ``Change.files``."""
        git = self.place.git
        final = git.differ(git.base(self.base_commit, self.commit), self.commit)
        passing = {path: None for one in self.new for path in git.touched(one.id)}
        return tuple(_file(path, text) for path, text in sorted({**passing, **final}.items()))

    def problems(self, limits: PullRequests) -> tuple[str, ...]:
        """See ``Change.problems``."""
        touched = [pair for one in self.new for pair in self.place.git.touched(one.id).items()]
        versions = [_file(path, text) for path, text in touched if text is not None]
        return problems(self.files, versions, limits)

    def push(self) -> str:
        """See ``Change.push``."""
        with self.weather.around("store", "push change"):
            there, git = self.place.branches.get(self.branch, ""), self.place.git
            if there and git.contains(there, self.commit):
                return there
            if there and not git.contains(self.commit, there):
                raise BranchMoved(f"{self.branch} is at {there}", there)
            self.place.push(self.branch, self.commit)
            return self.commit


class MemoryPublisher:
    """The projects' own repositories, reached as one account."""

    def __init__(self, site: Site, login: str, weather: Weather = CALM) -> None:
        """As ``MemoryForge``."""
        self._site, self._weather = site, weather
        self._connect: Callable[[str], MemoryForge] = lambda name: MemoryForge(site, name, login, weather)

    def forge(self, full_name: str) -> MemoryForge:
        """See ``Publisher.forge``."""
        return self._connect(full_name)

    def hand_over(
        self, clone_url: str, branches: Sequence[str], bundle: Path, *, megabytes: float = 500
    ) -> dict[str, str]:
        """See ``Publisher.hand_over``."""
        with self._weather.around("store", "hand over"):
            place = self._place(clone_url)
            if branches[0] not in place.branches:
                raise NotFound(f"there is no branch {branches[0]}")
            heads = {name: place.branches[name] for name in branches if name in place.branches}
            commits = frozenset().union(*map(place.git.history, heads.values()))
            Bundle(heads, tuple(place.git.commits[each] for each in sorted(commits))).write(bundle)
            return heads

    def push(self, bundle: Path, clone_url: str, branch: str, limits: PullRequests | None = None) -> str:
        """See ``Publisher.push``."""
        with self._weather.around("store", "push bundle"):
            place = self._place(clone_url)
            head, commits = bundled(bundle, branch)
            if branch not in place.branches:
                place.git.take(commits)
                place.push(branch, head)
            return place.branches[branch]

    def plant(
        self, bundle: Path, clone_url: str, branch: str, target: str, limits: PullRequests | None = None
    ) -> Planted:
        """See ``Publisher.plant``."""
        with self._weather.around("store", "push bundle"):
            place = self._place(clone_url)
            head, commits = bundled(bundle, branch)
            place.git.take(commits)
            files = place.git.files(head)
            kept = {path: text for path, text in files.items() if not is_workflow(path)}
            made = head if kept == files else place.git.commit([], kept, place.git.commits[head].message)
            if target not in place.branches:
                place.push(target, made)
            return Planted(made, place.branches[target], tuple(sorted(files.keys() - kept.keys())))

    @contextmanager
    def change(self, bundle: Path, clone_url: str, branch: str, base: str) -> Iterator[MemoryChange]:
        """See ``Publisher.change``."""
        with self._weather.around("store", "read change"):
            place = self._place(clone_url)
            if base not in place.branches:
                raise NotFound(f"there is no branch {base}")
            head, commits = bundled(bundle, branch)
            place.git.take(commits)
            if place.git.base(head, place.branches[base]) is None:
                raise OutputRefused(f"its commits share no history with {base}")
            there = place.branches.get(branch, "")
            known = [each for each in (place.branches[base], there) if each]
            new = tuple(place.git.new(head, known))
            change = MemoryChange(place, self._weather, branch, head, place.branches[base], there, new)
        yield change

    def site(
        self,
        bundle: Path,
        clone_url: str,
        branch: str = "gh-pages",
        limits: PullRequests | None = None,
        folder: str = "",
    ) -> str:
        """See ``Publisher.site``."""
        with self._weather.around("store", "push site"):
            place = self._place(clone_url)
            built, commits = bundled(bundle, branch)
            place.git.take(commits)
            made, there = place.git.commits[built], place.branches.get(branch, "")
            files = dict(made.files)
            if folder:
                before = place.git.files(there) if there else {}
                others = {path: text for path, text in before.items() if not path.startswith(f"{folder}/")}
                files = {".nojekyll": "", **others, **{f"{folder}/{path}": files[path] for path in files}}
            if there:
                last = place.git.commits[there]
                if not last.message.startswith(OURS):
                    raise OutputRefused(f"the branch {branch} holds {there}, which this program did not make")
                if dict(last.files) == files:
                    return there
            parents = [there] if there else []
            place.push(branch, place.git.commit(parents, files, f"{OURS}: {made.message}"))
            return place.branches[branch]

    def _place(self, clone_url: str) -> Place:
        found = [one for one in self._site.places.values() if described(one).clone_url == clone_url]
        if not found:
            raise NotFound(f"there is no repository {clone_url}")
        return found[0]


def _file(path: str, text: str | None) -> ChangedFile:
    if text is None:
        return ChangedFile(path, "100644", 0, deleted=True)
    return ChangedFile(path, "100644", len(text), read=lambda: text.encode())
