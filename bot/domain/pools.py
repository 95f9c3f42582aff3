"""The configuration of the workers: rosters, limits, and how far regions are apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from bot.domain.base import Frozen
from bot.domain.outputs import Size
from bot.domain.vocabulary import Workflow

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
MOST_SPECIALTIES = 20
"""Specialties of one worker; they are part of the command that starts it."""


Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$")]
"""A runner's label, or the name of a runner scale set."""


def _listed(value: Any) -> Any:  # noqa: ANN401 - whatever a person has written
    """One label stands for a list of it."""
    return (value,) if isinstance(value, str) and value else value or ()


RunsOn = Annotated[
    tuple[Label, ...],
    Field(max_length=20),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""GitHub's ``runs-on``: labels that a runner has all of, or a scale set's name; empty: the default."""


class Worker(Frozen):
    """One worker of the roster."""

    id: Name
    specialties: tuple[Name, ...] = Field(default=(), max_length=MOST_SPECIALTIES)
    sizes: tuple[Size, ...] = Field(default=(), description="sizes of work that it is meant for")
    region: str = ""
    runs_on: RunsOn = Field(default=(), description="its runners, where they are not those of its workflow")


class Pool(Frozen):
    """A workflow's workers and limits."""

    roster: tuple[Worker, ...] = Field(description="the workers: id, specialties, region")
    minimum: int = Field(ge=0, description="least workers that scaling leaves")
    maximum: int = Field(ge=1, description="most workers that scaling makes")
    emergency: int | None = Field(
        default=None,
        ge=1,
        description="most workers while `/emergency-scale-up` holds; left out: twice the maximum",
    )
    expected_minutes: int = Field(
        ge=1, le=7_200, description="a task's working time, assumed until enough were measured"
    )
    time_limit_minutes: int = Field(default=60, ge=1, le=7_200, description="a task's lease")
    stuck_minutes: int | None = Field(
        default=None,
        ge=1,
        le=7_200,
        description="no progress on a task for so long is an alert. Left out: half of the time limit, and on "
        "Actions, where a run cannot tell its progress, at least twice the usual working time",
    )
    executor: str = Field(default="template", description="who does the work")
    runs_on: RunsOn = Field(
        default=(),
        description="runners that do the work: a label, a list of labels, or a runner scale set's name; left "
        "out: the variable ORCHESTRATOR_RUNNER, else GitHub's own",
    )

    @property
    def ceiling(self) -> int:
        """Most workers in an emergency."""
        return 2 * self.maximum if self.emergency is None else self.emergency

    @property
    def stuck_after(self) -> timedelta:
        """How long a task may show no progress."""
        minutes = self.time_limit_minutes / 2 if self.stuck_minutes is None else self.stuck_minutes
        return timedelta(minutes=minutes)

    def runner(self, worker: str, specialties: Iterable[str]) -> tuple[str, ...]:
        """What the jobs of a worker run on; one beyond the roster is like the roster's of its specialty."""
        alike = set(specialties)
        listed = [one for one in self.roster if one.id == worker]
        models = listed or [one for one in self.roster if alike & set(one.specialties)]
        return (models[0].runs_on if models else ()) or self.runs_on

    @model_validator(mode="after")
    def _limits_agree(self) -> Pool:
        if self.minimum > self.maximum:
            raise ValueError("minimum is above maximum")
        if self.maximum > self.ceiling:
            raise ValueError("maximum is above emergency, the limit for emergencies")
        if len({worker.id for worker in self.roster}) != len(self.roster):
            raise ValueError("two workers of the roster have the same id")
        return self


def _roster(*workers: tuple[str, str]) -> tuple[Worker, ...]:
    return tuple(Worker(id=id_, specialties=(specialty,)) for id_, specialty in workers)


class Pools(Frozen):
    """The specification's roster (section "Parallel Processing Coordination")."""

    genesis: Pool = Pool(
        roster=_roster(("genesis-01", "large"), ("genesis-02", "standard"), ("genesis-03", "quick")),
        minimum=2,
        maximum=3,
        expected_minutes=15,
    )
    development: Pool = Pool(
        roster=_roster(
            ("dev-01", "tests"),
            ("dev-02", "feature"),
            ("dev-03", "review"),
            ("dev-04", "deployment"),
            ("dev-05", "performance"),
        ),
        minimum=3,
        maximum=5,
        expected_minutes=30,
    )
    content: Pool = Pool(
        roster=_roster(
            ("content-01", "documentation"), ("content-02", "marketing"), ("content-03", "social")
        ),
        minimum=2,
        maximum=3,
        expected_minutes=20,
    )

    def of(self, workflow: Workflow) -> Pool:
        """The pool of a workflow."""
        pool: Pool = getattr(self, workflow.value)
        return pool
