"""What people and checks do to the projects' pull requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.errors import Rejected
from bot.domain.state import State
from bot.policies.working.branches import PREFIX
from tests.fakes.github import Place, Site
from tests.fakes.pulls import BASE, Pull, Pulls, Status

PERSON = "wendy"
DEEDS = (
    "merge", "close pull", "reopen pull", "push", "push to main", "update branch", "ask for changes",
    "approve", "checks begin", "checks pass", "checks fail", "protect", "unprotect", "site fails",
    "site works",
)  # fmt: skip


@dataclass
class Crowd:
    """People with write access to the projects, and their checks."""

    site: Site
    own: str
    """The main repository, which has no projects' pull requests."""
    down: bool = False
    """Whether the projects' sites do not answer."""
    said: int = 0

    def do(self, what: str, which: int) -> None:
        """One deed, to the pull request that is counted from the newest of those that it makes sense for."""
        if what.startswith("site "):
            self.down = what == "site fails"
            return
        pulls = [(place, pull) for place in self._projects() for pull in place.pulls.found.values()]
        wanted = "closed" if what == "reopen pull" else "open"
        pulls = [one for one in pulls if one[1].state == wanted] or pulls
        if not pulls:
            return
        place, pull = pulls[-1 - which % len(pulls)]
        deeds: dict[str, Callable[[Place, Pull], None]] = {
            "merge": self._merge,
            "close pull": lambda place, pull: place.pulls.close(pull.number),
            "reopen pull": lambda place, pull: place.pulls.reopen(pull.number),
            "push": self._push,
            "push to main": self._push_to_main,
            "update branch": lambda place, pull: place.pulls.update(pull.number, pull.head),
            "ask for changes": self._ask,
            "approve": lambda place, pull: self._approve(place.pulls, pull),
            "checks begin": lambda place, pull: self._check(place.pulls, pull, "pending"),
            "checks pass": lambda place, pull: self._check(place.pulls, pull, "success"),
            "checks fail": lambda place, pull: self._check(place.pulls, pull, "failure"),
            "protect": lambda place, pull: self._protect(place.pulls, which),
            "unprotect": lambda place, pull: self._protect(place.pulls, None),
        }
        with suppress(Rejected):
            deeds[what](place, pull)

    def _projects(self) -> list[Place]:
        return [place for name, place in self.site.places.items() if name != self.own]

    def _again(self) -> str:
        self.said += 1
        return f"{self.said} by {PERSON}"

    def _merge(self, place: Place, pull: Pull) -> None:
        place.pulls.merge(PERSON, pull.number, pull.head, "squash", f"Merge #{pull.number}")

    def _push(self, place: Place, pull: Pull) -> None:
        place.commit(pull.branch, {f"src/{pull.branch.removeprefix(PREFIX)}": self._again()}, "A person's")

    def _push_to_main(self, place: Place, pull: Pull) -> None:
        """What conflicts with each second pull request."""
        name = "CHANGELOG" if self.said % 2 else "NOTES"
        place.commit(BASE, {name: self._again()}, "A person's")

    def _ask(self, place: Place, pull: Pull) -> None:
        if pull.state == "open":
            place.pulls.review(PERSON, pull.number, "CHANGES_REQUESTED", f"no: {self._again()}")

    def _approve(self, pulls: Pulls, pull: Pull) -> None:
        if pull.state == "open":
            pulls.review(PERSON, pull.number, "APPROVED", "fine")

    def _check(self, pulls: Pulls, pull: Pull, state: str) -> None:
        pulls.statuses[pull.head]["ci"] = Status.of(state)

    def _protect(self, pulls: Pulls, which: int | None) -> None:
        pulls.strict, pulls.approvals = which in (0, 2), int(which in (1, 2))

    # the end

    def calm_down(self, state: State) -> None:
        """Checks end, sites answer, and a person does what the bot's threads ask for."""
        self.down = False
        for project in state.projects.values():
            if project.repository not in self.site.places:
                continue
            place = self.site.place(project.repository)
            for known in project.pulls:
                pull = place.pulls.of(known.facts.number)
                if place.pulls.checks(pull) == "pending":
                    self._check(place.pulls, pull, "success")
                if known.told == pull.head and pull.state == "open":
                    self._do_as_told(place, pull)

    def _do_as_told(self, place: Place, pull: Pull) -> None:
        if place.pulls.approvals:
            self._approve(place.pulls, pull)
        with suppress(Rejected):
            if place.pulls.mergeable(pull) == "behind":
                place.pulls.update(pull.number, pull.head)
            else:
                self._merge(place, pull)
