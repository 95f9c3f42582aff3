"""What happens in the demonstration, from the configuration to the end of the project."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import click

from bot.demo.person import Person

CONFIGURATION = """\
# Who does the work of the demonstration, which has no key and no network.
pools:
  genesis: {executor: template}
  development: {executor: scripted}  # replays a recorded solution; name an agent here for real work
  content: {executor: template}
pull_requests: {merge: auto, checks_seconds: 0, look_seconds: 5}
deployment: {kind: pages}
"""
PATIENCE = 600.0
"""Seconds until a demonstration that does not get on is given up."""
_EVERY = 0.5
"""Seconds between two looks."""


@dataclass(slots=True)
class Story:
    """One project's way; ``whole``: through all three stages."""

    keeper: Person
    """Who sets the repository up."""
    person: Person
    """Who has the idea."""
    whole: bool
    patience: float = PATIENCE
    """Seconds until it is given up."""
    issue: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    """What ended it early."""
    _shown: set[str] = field(default_factory=set)

    def play(self, text: str) -> bool:
        """Tell it as it happens; returns whether it came to its end."""
        if self.whole:
            self._configure()
        self._ask(text)
        click.echo(f"{self.person.login} asked in {self.issue['html_url']}")
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            labels = self._labels()
            self._tell(labels)
            if "status:review" in labels and (self.whole or "stage:genesis" in labels):
                self.why = "a task is in review"
                return False
            if self._is_over(labels):
                return True
            time.sleep(_EVERY)
        self.why = f"within {self.patience:.0f} s"
        return False

    def thread(self) -> list[dict[str, Any]]:
        """The comments of the project's issue."""
        where = f"{self.person.repository}/issues/{self.issue['number']}"
        comments: list[dict[str, Any]] = self.person.get(f"{where}/comments?per_page=100")
        return comments

    def _configure(self) -> None:
        """Commit the configuration, and have a tick read it."""
        self.keeper.push_file(".github/orchestrator.yml", CONFIGURATION, "Configure the fleet")
        self.keeper.post("actions/workflows/monitor.yml/dispatches", {"ref": "main"})
        until = time.monotonic() + 60
        while time.monotonic() < until and not self._ticked():
            time.sleep(_EVERY)
        click.echo(f"{self.keeper.login} configured the fleet: .github/orchestrator.yml")

    def _ticked(self) -> bool:
        found = self.keeper.get(f"{self.keeper.repository}/actions/workflows/monitor.yml/runs")
        return any(
            run["event"] == "workflow_dispatch" and run["status"] == "completed"
            for run in found["workflow_runs"]
        )

    def _ask(self, text: str) -> None:
        """Open an issue and give the command; an idea of several lines goes into the issue itself."""
        stripped = text.strip()
        title, body, words = "A new project", "Asked for below.", f" {stripped}"
        if "\n" in stripped:
            first, _, rest = stripped.partition("\n")
            title, body, words = first.lstrip("# ").strip()[:200] or "An idea", rest.strip(), ""
        self.issue = self.person.post("issues", {"title": title, "body": body})
        command = {"body": f"/dispatch-genesis{words}"}
        self.person.post(f"issues/{self.issue['number']}/comments", command)

    def _labels(self) -> set[str]:
        issue = self.person.get(f"{self.person.repository}/issues/{self.issue['number']}")
        return {label["name"] for label in issue["labels"]}

    def _tell(self, labels: set[str]) -> None:
        for label in sorted(labels - self._shown):
            click.echo(f"  + {label}")
        self._shown |= labels

    def _is_over(self, labels: set[str]) -> bool:
        if self.whole:
            return "stage:complete" in labels and self._told("**Complete:**")
        return "stage:development" in labels and self._told("**Scaffolded:**")

    def _told(self, what: str) -> bool:
        return any(what in comment["body"] for comment in self.thread())
