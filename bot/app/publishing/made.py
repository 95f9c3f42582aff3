"""What became of publishing one report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.events import Unpublished
from bot.domain.outputs import Deployment, GenesisOutput
from bot.domain.pulls import PullFacts


@dataclass(frozen=True, slots=True)
class Made:
    """What is there now, or why it is not: the fields of ``WorkPublished``."""

    genesis: GenesisOutput | None = None
    pull: PullFacts | None = None
    deployment: Deployment | None = None
    problem: Unpublished | None = None

    @property
    def told(self) -> str:
        """In a few words, for the log."""
        if self.problem is not None:
            return f"not, because {self.problem.summary}"
        named = [self.genesis and self.genesis.repository, self.pull and self.pull.url]
        named.append(self.deployment and self.deployment.url)
        return ", ".join(filter(None, named)) or "its branch"

    def fields(self) -> dict[str, Any]:
        """For the event."""
        return {name: getattr(self, name) for name in ("genesis", "pull", "deployment", "problem")}


def refused(summary: str, output: str = "", *, rework: bool = True, retry: bool = True) -> Made:
    """It could not be made."""
    return Made(problem=Unpublished(summary=summary[:2_000], output=output[-4_000:], rework=rework, retry=retry))
