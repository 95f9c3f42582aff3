"""``Publisher`` over GitHub and git: the projects' repositories, through the token that may write to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.git.bundle import write_bundle
from bot.adapters.git.change import GitChange, open_change, open_project
from bot.adapters.git.planting import plant
from bot.adapters.git.site import publish_site
from bot.adapters.git.workbench import Workbench
from bot.adapters.github.forge import GitHub
from bot.domain.errors import OutputRefused, UsageError
from bot.domain.merging import PullRequests
from bot.domain.quota import Meter
from bot.ports.projects import Planted


class GitPublisher:
    """Implements ``bot.ports.projects.Publisher``."""

    def __init__(
        self,
        token: str | Callable[[str], str],
        api_url: str,
        sleep: Callable[[float], None] = time.sleep,
        meter: Meter | None = None,
    ) -> None:
        """``token`` may create repositories: a person's, or from owner to token that of an App there."""
        self._tokens = token if callable(token) else lambda owner: token
        self._api_url, self._sleep, self._meter = api_url, sleep, meter

    def _bench(self, clone_url: str) -> Workbench:
        return Workbench(clone_url, self._token(clone_url), sleep=self._sleep)

    def _token(self, clone_url: str) -> str:
        """For a repository's address: its owner is the last part of the path but one."""
        return self._tokens(clone_url.rstrip("/").split("/")[-2])

    def forge(self, full_name: str) -> GitHub:
        """That repository."""
        token = self._tokens(full_name.partition("/")[0])
        return GitHub(full_name, token, self._api_url, meter=self._meter)

    def hand_over(
        self, clone_url: str, branches: Sequence[str], bundle: Path, *, megabytes: float = 500
    ) -> dict[str, str]:
        """Bundle those of the branches that exist, with their whole history."""
        if not branches:
            raise UsageError("no branch is named to be handed over; name the default branch first")
        with self._bench(clone_url) as bench:
            names = list(dict.fromkeys(branches))
            found = bench.fetch(names, megabytes=megabytes)
            bench.required(names[0], found)
            heads = {name: found[name] for name in names if name in found}
            write_bundle(bench, bundle, heads)
            return heads

    def push(self, bundle: Path, clone_url: str, branch: str, limits: PullRequests | None = None) -> str:
        """Push a bundle's branch where the repository has none yet."""
        allowed = (limits or PullRequests()).model_copy(update={"workflows": True})
        with self._bench(clone_url) as bench:
            project = open_project(bench, bundle, branch, (self._token(clone_url),))
            if found := project.problems(allowed):
                raise OutputRefused(f"the project cannot be published: {'; '.join(found)}")
            there = bench.heads([branch]).get(branch)
            return there or bench.push_new(branch, project.commit)

    def plant(
        self, bundle: Path, clone_url: str, branch: str, target: str, limits: PullRequests | None = None
    ) -> Planted:
        """Push a bundle's branch, less its workflows, as a branch of a repository that is not its own."""
        with self._bench(clone_url) as bench:
            return plant(bench, bundle, branch, target, limits or PullRequests(), (self._token(clone_url),))

    @contextmanager
    def change(self, bundle: Path, clone_url: str, branch: str, base: str) -> Iterator[GitChange]:
        """The commits of a bundle for a branch."""
        with self._bench(clone_url) as bench:
            yield open_change(bench, bundle, branch, base, (self._token(clone_url),))

    def site(
        self,
        bundle: Path,
        clone_url: str,
        branch: str = "gh-pages",
        limits: PullRequests | None = None,
        folder: str = "",
    ) -> str:
        """Add a built site to a branch of its own, or to a folder of that."""
        with self._bench(clone_url) as bench:
            return publish_site(
                bench, bundle, branch, limits or PullRequests(), (self._token(clone_url),), folder
            )
