"""Filing the issues that Genesis planned, each once, with references to those that it depends on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from bot.domain.errors import Unavailable
from bot.domain.labels import PROJECT
from bot.domain.models import Project
from bot.domain.outputs import GenesisOutput, PlannedIssue
from bot.ports.forge import Forge
from bot.render.issues import planned_in
from bot.render.markers import marked, marker

_REFERENCE = re.compile(r"\{\{issue:([a-z0-9-]+)\}\}")
_MILESTONES = {"MVP": "The least that is useful", "V1": "The first full version", "V2": "What can wait"}
_LABELS = {
    "dev-ready": ("1a7f37", "Ready for a Development worker"),
    "feature": ("0969da", "Behaviour that a user asked for"),
    "tests": ("8250df", "Tests"),
    "review": ("bf3989", "Review and quality"),
    "deployment": ("bc4c00", "Getting it to where it runs"),
    "performance": ("d4a72c", "Speed and size"),
}
_PROJECTS = ("6e7781", "An issue of that project, which lives on a branch of this repository")


@dataclass(frozen=True, slots=True)
class Filing:
    """One project's issues in the repository that they are filed in."""

    forge: Forge
    project: Project
    branch: str = ""
    """Of the project, where the repository is not its own: its issues are told apart from others there."""

    def file(self, output: GenesisOutput) -> tuple[PlannedIssue, ...]:
        """File the issues in the order of their dependencies, so that each can name those before it."""
        self._define_labels(output)
        milestones = self._define_milestones()
        filed = self._filed()
        planned = {issue.key: issue for issue in output.issues}
        order = TopologicalSorter({key: sorted(issue.depends_on) for key, issue in planned.items()})
        for key in order.static_order():
            if key not in filed:
                filed[key] = self._one(planned[key], filed, milestones)
        return tuple(issue.model_copy(update={"number": filed[issue.key]}) for issue in output.issues)

    def _one(self, issue: PlannedIssue, filed: Mapping[str, int], milestones: Mapping[str, int]) -> int:
        text = _REFERENCE.sub(
            lambda found: f"#{filed[found[1]]}" if found[1] in filed else found[1], issue.body
        )
        if self.branch:
            text = f"{planned_in(self.project, self.branch)}\n\n{text}"
        body = marked("issue", f"{self.project.id}/{issue.key}", text)
        labels = sorted({"dev-ready", issue.specialty, f"priority:{issue.priority}", *self._own_labels()})
        try:
            return self.forge.create_issue(
                issue.title, body, labels, milestones[self._milestone(issue.milestone)]
            ).number
        except Unavailable:
            landed = self._filed().get(issue.key)
            if landed is None:
                raise
            return landed

    def _filed(self) -> dict[str, int]:
        """Issues that are there already, by key; anybody may write a marker, so only this account's count."""
        found: dict[str, int] = {}
        for issue in self.forge.issues():
            kind, id_ = marker(issue.body) or ("", "")
            owner, _, key = id_.partition("/")
            if kind == "issue" and owner == self.project.id and issue.author == self.forge.whoami():
                found[key] = min(issue.number, found.get(key, issue.number))
        return found

    def _own_labels(self) -> Sequence[str]:
        return (f"{PROJECT}{self.project.id}",) if self.branch else ()

    def _define_labels(self, output: GenesisOutput) -> None:
        present = self.forge.label_names()
        used = {"dev-ready", *(issue.specialty for issue in output.issues), *self._own_labels()}
        for name in sorted(used - present):
            usual = _PROJECTS if name.startswith(PROJECT) else ("6e7781", "")
            colour, description = _LABELS.get(name, usual)
            self.forge.create_label(name, colour, description)

    def _milestone(self, title: str) -> str:
        return f"{title} of {self.project.id}" if self.branch else title

    def _define_milestones(self) -> dict[str, int]:
        numbers = self.forge.milestones()
        for title, description in _MILESTONES.items():
            if (name := self._milestone(title)) not in numbers:
                numbers[name] = self.forge.create_milestone(name, description)
        return numbers
