"""What became of publishing one report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.events.worked import Unpublished
from bot.domain.outputs import Deployment, GenesisOutput
from bot.domain.pulls import PullFacts


@dataclass(frozen=True, slots=True)
class Made:
    """What is there now, or why it is not: the fields of ``WorkPublished``."""

    genesis: GenesisOutput | None = None
    pull: PullFacts | None = None
    commit: str = ""
    """What the review read, or the gates let through, of the pull request."""
    deployment: Deployment | None = None
    problem: Unpublished | None = None

    @property
    def told(self) -> str:
        """In a few words, for the log."""
        if self.problem is not None:
            return f"not, because {self.problem.summary}"
        repository = self.genesis.repository if self.genesis else ""
        pull = self.pull.url if self.pull else ""
        address = self.deployment.url if self.deployment else ""
        return ", ".join(filter(None, (repository, pull, address))) or "its branch"

    def fields(self) -> dict[str, Any]:
        """For the event."""
        return {name: getattr(self, name) for name in ("genesis", "pull", "commit", "deployment", "problem")}


def refused(summary: str, output: str = "", *, rework: bool = True, retry: bool = True) -> Made:
    """It could not be made."""
    return Made(
        problem=Unpublished(summary=summary[:2_000], output=output[-4_000:], rework=rework, retry=retry)
    )
