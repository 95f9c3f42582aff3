"""What a project that is not planned yet usually gets: plans that others got, by the functions that plan."""

from __future__ import annotations

from bot.domain.draft import Draft
from bot.domain.models import Project
from bot.domain.outputs import ADOPTED, GenesisOutput, PlannedIssue
from bot.policies.forecast.world import Plan
from bot.policies.projects.planning import plan_content, plan_development
from bot.policies.working.estimating import ENOUGH

GUESS = 4
"""Features of a project, assumed until some were planned."""
KEPT = 20
"""The latest plans that are drawn from."""


class Typical:
    """The latest plans that were made, ready to be given to projects without one."""

    def __init__(self, draft: Draft) -> None:
        """Reads them once."""
        self._draft = draft
        known = [
            (draft.projects[id_], output)
            for id_, output in draft.genesis.items()
            if id_ in draft.projects and output.executor != ADOPTED and output.issues
        ]
        known.sort(key=lambda pair: (pair[0].created_at, pair[0].id))
        self._recorded = [(one.size, self._planned(one, output)) for one, output in known[-KEPT:]]
        self.features = [len({issue.key for issue in output.issues}) for _, output in known[-KEPT:]]
        """How many features each of them has."""
        sizes = [len(plan.tasks) for _, plan in self._recorded]
        self.tasks = round(sum(sizes) / len(sizes)) if sizes else 3 * GUESS + 1
        """How many tasks of Development a project without a plan usually gets."""

    @staticmethod
    def guess() -> tuple[int, int]:
        """Least and most features of a project, as long as none was planned."""
        return GUESS, GUESS

    def plans_of(self, project: Project) -> tuple[Plan, ...]:
        """What a project may get for Development: its own plan where Genesis has made it, else others'.

        Plans of projects of the same size, where there are enough of them.
        """
        if (own := self._draft.genesis.get(project.id)) is not None:
            return (self._planned(project, own, assumed=False),)
        alike = [plan for size, plan in self._recorded if size is project.size]
        found = alike if len(alike) >= ENOUGH else [plan for _, plan in self._recorded]
        return tuple(found) or (self._planned(project, _guess()),)

    def _planned(self, project: Project, output: GenesisOutput, *, assumed: bool = True) -> Plan:
        return Plan(plan_development(project, output, self._draft.now), len(project.id), assumed)


def content_of(project: Project) -> Plan:
    """What every project gets for Content."""
    return Plan(plan_content(project, project.created_at), len(project.id))


def _guess() -> GenesisOutput:
    issues = tuple(
        PlannedIssue(
            key=f"feature-{number}",
            title="A feature",
            body="",
            acceptance=("it works",),
            specialty="feature",
            days=2,
            milestone="MVP",
        )
        for number in range(1, GUESS + 1)
    )
    return GenesisOutput(title="An idea", summary="", issues=issues, stack="", executor=ADOPTED)
