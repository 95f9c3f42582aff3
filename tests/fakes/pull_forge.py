"""The part of ``MemoryForge`` about pull requests and the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from bot.domain.errors import Rejected
from bot.domain.outputs import Remark
from bot.domain.pulls import PullFacts
from tests.fakes.pulls import BASE

if TYPE_CHECKING:
    from tests.fakes.github import Place, Site


class MemoryPulls:
    """As ``PullCalls`` and ``PagesCalls`` of the adapter."""

    _site: Site
    _name: str
    _login: str

    @property
    def _place(self) -> Place:
        return self._site.place(self._name)

    def _request(self, name: str) -> AbstractContextManager[None]:
        raise NotImplementedError

    def find_pull(self, branch: str, base: str) -> int | None:
        """See ``ProjectForge.find_pull``."""
        with self._request("find_pull"):
            known = list(self._place.pulls.from_branch(branch)) if base == BASE else []
            found = [one for one in known if one.state == "open"] + [
                one for one in known if one.state == "merged"
            ]
            return found[0].number if found else None

    def create_pull(self, branch: str, base: str, title: str, body: str) -> int:
        """See ``ProjectForge.create_pull``."""
        with self._request("create_pull"):
            return self._place.pulls.open(self._login, branch, title, body).number

    def pulls(self, numbers: Sequence[int]) -> dict[int, PullFacts]:
        """See ``ProjectForge.pulls``."""
        found = self.pulls_of({self._name: numbers})
        return {number: facts for (_, number), facts in found.items()}

    def pulls_of(self, wanted: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], PullFacts]:
        """See ``ProjectForge.pulls_of``."""
        with self._request("pulls_of"):
            found: dict[tuple[str, int], PullFacts] = {}
            for name, numbers in wanted.items():
                place = self._site.places.get(name)
                for number in numbers:
                    if place is not None and number in place.pulls.found:
                        found[name, number] = place.pulls.facts(place.pulls.of(number))
            return found

    def reviewed(self, number: int, marker: str, by: str) -> bool:
        """See ``ProjectForge.reviewed``."""
        with self._request("reviewed"):
            found = self._place.pulls.of(number).reviews
            return any(one.author == by and one.body.startswith(marker) for one in found)

    def review(
        self, number: int, commit: str, body: str, remarks: Sequence[Remark], *, approve: bool
    ) -> None:
        """See ``ProjectForge.review``; its remarks are in its text."""
        with self._request("review"):
            pulls = self._place.pulls
            listed = "".join(f"\n- {one.path}: {one.text}" for one in remarks)
            verdict = "APPROVED" if approve else "CHANGES_REQUESTED"
            own = pulls.of(number).author == self._login
            pulls.review(self._login, number, "COMMENTED" if own else verdict, body + listed, commit)

    def merge_pull(self, number: int, head: str, method: str, title: str) -> None:
        """See ``ProjectForge.merge_pull``."""
        with self._request("merge_pull"):
            if self._place.pulls.of(number).state != "merged":
                self._place.pulls.merge(self._login, number, head, method, title)

    def update_pull(self, number: int, head: str) -> None:
        """See ``ProjectForge.update_pull``."""
        with self._request("update_pull"):
            self._place.pulls.update(number, head)

    def site_address(self, branch: str) -> str:
        """See ``ProjectForge.site_address``."""
        with self._request("site_address"):
            place = self._place
            place.site = place.site or branch
            if place.site != branch:
                raise Rejected(f"{self._name} serves its site from {place.site} already")
            return f"https://pages.example/{self._name}/"

    def protect(self, branch: str) -> bool:
        """See ``ProjectForge.protect``: nobody here force-pushes anyway."""
        with self._request("protect"):
            return branch in self._place.branches
