"""The configuration: every number of the specification is a key, with its value as the default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.domain.base import Document, Frozen
from bot.domain.models import Workflow

RoleName = Literal["none", "read", "triage", "write", "maintain", "admin"]
ROLES: tuple[RoleName, ...] = ("none", "read", "triage", "write", "maintain", "admin")
"""GitHub's repository roles, weakest first."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Commands(Frozen):
    """How commands are recognised and who may give them."""

    prefix: str = Field(
        default="/",
        pattern=r"^/([a-z0-9-]{0,20}[ -])?$",
        description="what a command starts with: '/', or '/fleet-' or '/fleet ' beside other bots",
    )
    ignore: tuple[str, ...] = Field(default=(), description="command names that belong to another bot")
    roles: dict[str, RoleName] = Field(default={}, description="least role for a command, by its name")
    reading: RoleName = Field(default="triage", description="least role for commands that only read")
    working: RoleName = Field(default="write", description="least role for commands that change something")
    max_age_hours: float = Field(
        default=24, gt=0, le=8_760, allow_inf_nan=False, description="an older command is answered, not run"
    )


class Bots(Frozen):
    """Whose comments are the bot's own, and which other bots may command it."""

    accounts: tuple[str, ...] = Field(default=("github-actions[bot]",), description="the bot's own accounts")
    allowed: dict[str, RoleName] = Field(
        default={}, description="other bots whose commands count: login → the role that they act in"
    )


class Worker(Frozen):
    """One worker of the roster."""

    id: Name
    specialties: tuple[str, ...] = ()
    region: str = ""


class Pool(Frozen):
    """A workflow's workers and limits."""

    roster: tuple[Worker, ...] = Field(description="the workers: id, specialties, region")
    minimum: int = Field(ge=0, description="least workers that scaling leaves")
    maximum: int = Field(ge=1, description="most workers that scaling makes")
    time_limit_minutes: int = Field(default=60, ge=1, le=7_200, description="a task's lease")
    executor: str = Field(default="template", description="who does the work")

    @model_validator(mode="after")
    def _limits_agree(self) -> Pool:
        if self.minimum > self.maximum:
            raise ValueError("minimum is above maximum")
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
    )
    content: Pool = Pool(
        roster=_roster(
            ("content-01", "documentation"), ("content-02", "marketing"), ("content-03", "social")
        ),
        minimum=2,
        maximum=3,
    )

    def of(self, workflow: Workflow) -> Pool:
        """The pool of a workflow."""
        pool: Pool = getattr(self, workflow.value)
        return pool


class Attempts(Frozen):
    """How often a failing task is tried."""

    limit: int = Field(default=3, ge=1, le=20, description="then the task goes to the review queue")
    backoff_seconds: int = Field(
        default=30, ge=0, le=3_600, description="doubled after each failure, with jitter"
    )


class Delivery(Frozen):
    """How the outbox is emptied."""

    grace_seconds: int = Field(
        default=120, ge=10, le=86_400, description="without evidence for so long: delivered again"
    )
    limit: int = Field(default=6, ge=1, le=20, description="deliveries of one effect before it is given up")


class Sweep(Frozen):
    """How commands that no run settled are found."""

    stale_minutes: float = Field(
        default=10,
        gt=0,
        le=10_080,
        allow_inf_nan=False,
        description="a handle sweeps itself when the last is older",
    )
    lag_seconds: int = Field(
        default=60, ge=0, le=3_600, description="how long the cursor stays behind the present"
    )
    actors: int = Field(default=20, ge=1, le=500, description="people whose role one run looks up for others")


class Config(Document):
    """``.github/orchestrator.yml``, and ``config.json`` in the state: the configuration in force."""

    commands: Commands = Commands()
    bots: Bots = Bots()
    pools: Pools = Pools()
    attempts: Attempts = Attempts()
    delivery: Delivery = Delivery()
    sweep: Sweep = Sweep()
    worker_workflow: str = Field(
        default="worker.yml",
        pattern=r"^[\w.-]+\.ya?ml$",
        description="file that a worker's run is dispatched to",
    )
