"""The configuration: every number of the specification is a key, with its value as the default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.domain.alerting import Alerting
from bot.domain.base import Document, Frozen
from bot.domain.changes import Changes
from bot.domain.dashboards import Dashboard
from bot.domain.deploying import Deploying
from bot.domain.external import External
from bot.domain.guards import Breaker, Budgets, Degradation
from bot.domain.merging import PullRequests
from bot.domain.pools import Name, Pools
from bot.domain.quota import RequestRule
from bot.domain.repositories import Repositories
from bot.domain.retention import Retention
from bot.domain.scaling import Scaling
from bot.domain.showing import ProgressRule, StatusRule
from bot.domain.writing import Writing

RoleName = Literal["none", "read", "triage", "write", "maintain", "admin"]
ROLES: tuple[RoleName, ...] = ("none", "read", "triage", "write", "maintain", "admin")
"""GitHub's repository roles, weakest first."""


Mentioned = Annotated[
    str, Field(pattern=r"^@?[A-Za-z0-9][A-Za-z0-9-]{0,38}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,99})?$")
]
"""A login, or a team as ``org/team``; with or without the ``@``."""


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

    def least(self, command: str, usual: RoleName, own: RoleName = "none") -> RoleName:
        """The least role for a command: the configured one, else the stronger of the usual and its own."""
        return self.roles.get(command, max(usual, own, key=ROLES.index))


class Texts(Frozen):
    """Whose words agents are given."""

    role: RoleName = Field(
        default="none",
        description="least role of whoever wrote an idea: one by somebody below it waits for `/approve`; "
        "issues of other repositories by such people are taken in only where whoever gives "
        "`/trigger-development` may approve",
    )


class Bots(Frozen):
    """Whose comments are the bot's own, and which other bots may command it."""

    accounts: tuple[str, ...] = Field(default=("github-actions[bot]",), description="the bot's own accounts")
    allowed: dict[str, RoleName] = Field(
        default={}, description="other bots whose commands count: login → the role that they act in"
    )


class Attempts(Frozen):
    """How often a failing task is tried."""

    limit: int = Field(default=3, ge=1, le=20, description="then the task goes to the review queue")
    backoff_seconds: int = Field(
        default=30, ge=0, le=3_600, description="doubled after each failure, with jitter"
    )


class Queueing(Frozen):
    """In which order work waits, and when there is too much of it."""

    ageing_minutes: int = Field(
        default=240,
        ge=1,
        le=43_200,
        description="waiting so long raises a task by one level, at most to high; urgent stays ahead",
    )
    overflow: int = Field(default=20, ge=1, le=100_000, description="a queue longer than this overflows")
    growth_minutes: float = Field(
        default=5,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="an overflow that has grown for so long, with no worker to add, brings triage by itself",
    )


class Issues(Frozen):
    """What people do to issues besides commenting."""

    new_project_label: str = Field(
        default="new-project",
        min_length=1,
        max_length=50,
        description="this label on an issue asks for a project; the issue template 'New project' sets it",
    )
    on_close: Literal["ask", "stop", "ignore"] = Field(
        default="ask",
        description="closing a project's issue: ask in the thread and stop after a while, stop, or go on",
    )
    close_minutes: int = Field(
        default=10, ge=0, le=10_080, description="how long that question waits before the project stops"
    )

    def asks(self, label: str) -> bool:
        """Whether a label asks for a project; to GitHub upper and lower case are the same label."""
        return label.lower() == self.new_project_label.lower()


class Health(Frozen):
    """When a worker counts as failed (section "Worker Failure Response")."""

    heartbeat_minutes: float = Field(
        default=5,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="a worker that is to be heard of and is silent for longer has failed",
    )
    stuck_grace_minutes: float = Field(
        default=10,
        ge=0,
        le=1_440,
        allow_inf_nan=False,
        description="a worker on a machine of its own that was warned of as stuck loses its task after that",
    )
    start_minutes: float = Field(
        default=15,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="a worker's run that has not begun by then is cancelled and dispatched again; raise it "
        "where runners are scarce",
    )


class Targets(Frozen):
    """The specification's success metrics (section "Success Metrics")."""

    end_to_end_hours: float = Field(default=6, gt=0, le=8_760, description="idea to complete")
    genesis_per_hour: float = Field(default=8, gt=0, le=10_000, description="projects scaffolded")
    features_per_hour: float = Field(
        default=3, gt=0, le=10_000, description="features finished, per development worker"
    )
    pieces_per_hour: float = Field(default=5, gt=0, le=10_000, description="content tasks done, all workers")
    error_rate: float = Field(default=0.05, ge=0, le=1, description="failed attempts, at most this part")
    rework_rate: float = Field(
        default=0.10, ge=0, le=1, description="failed quality checks, at most this part"
    )
    satisfaction: float = Field(default=0.90, ge=0, le=1, description="positive feedback, at least this part")
    uptime: float = Field(default=0.99, ge=0, le=1, description="availability, at least this part")


class Feedback(Frozen):
    """How people's votes on finished projects are counted."""

    days: float = Field(
        default=30,
        gt=0,
        le=366,
        allow_inf_nan=False,
        description="so long after its completion the votes on a project are looked at",
    )
    look_minutes: float = Field(
        default=60,
        ge=5,
        le=10_080,
        allow_inf_nan=False,
        description="pause between two looks at them (one request each)",
    )


class Forecasts(Frozen):
    """The record of forecasts, by which they are judged when their projects are complete."""

    record_minutes: int = Field(
        default=60,
        ge=5,
        le=1_440,
        description="how often the forecasts of open projects are put on record; also when one enters a "
        "stage, at most every twelfth of it",
    )


class Delivery(Frozen):
    """How the outbox is emptied."""

    grace_seconds: int = Field(
        default=120, ge=10, le=86_400, description="without evidence for so long: delivered again"
    )
    limit: int = Field(default=6, ge=1, le=20, description="deliveries of one effect before it is given up")
    settle_seconds: int = Field(
        default=5,
        ge=0,
        le=60,
        description="how long GitHub's lists may lag behind: a write whose answer was lost is looked for "
        "once more after it, and only then repeated",
    )
    publish_seconds: int = Field(
        default=300,
        ge=0,
        le=900,
        description="how long a worker's report tries again to publish its work while GitHub does not answer",
    )


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
    scaling: Scaling = Scaling()
    executors: dict[Name, Changes] = Field(
        default={},
        description="agents that `pools.*.executor` may name, by what they change of those that come with "
        "the program: docs/agents.md",
    )
    regions: dict[str, dict[str, int]] = Field(
        default={}, description="how far regions are apart, as any whole numbers: eu: {us: 90, asia: 180}"
    )
    administrators: tuple[Mentioned, ...] = Field(
        default=(),
        max_length=50,
        description="logins and org/team names that the issues of alerts mention",
    )
    approve: tuple[Literal["development", "content"], ...] = Field(
        default=(),
        max_length=2,
        description="stages that a project enters only when somebody has approved it with `/approve`: "
        "`[development, content]`",
    )
    texts: Texts = Texts()
    repositories: Repositories = Repositories()
    pull_requests: PullRequests = PullRequests()
    deployment: Deploying = Deploying()
    content: Writing = Writing()
    attempts: Attempts = Attempts()
    queueing: Queueing = Queueing()
    issues: Issues = Issues()
    health: Health = Health()
    external: External = External()
    degradation: Degradation = Degradation()
    breaker: Breaker = Breaker()
    budgets: Budgets = Budgets()
    alerts: Alerting = Alerting()
    targets: Targets = Targets()
    dashboard: Dashboard = Dashboard()
    feedback: Feedback = Feedback()
    retention: Retention = Retention()
    delivery: Delivery = Delivery()
    requests: RequestRule = RequestRule()
    forecasts: Forecasts = Forecasts()
    sweep: Sweep = Sweep()
    status_issue: StatusRule = StatusRule()
    progress: ProgressRule = ProgressRule()
    monitor_workflow: str = Field(
        default="monitor.yml",
        pattern=r"^[\w.-]+\.ya?ml$",
        description="file of the monitor's workflow, where a run of it does not tell its own",
    )
    worker_workflow: str = Field(
        default="worker.yml",
        pattern=r"^[\w.-]+\.ya?ml$",
        description="file that a worker's run is dispatched to",
    )
