"""What workers tell: claims, reports, what was published, beats."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen, Time
from bot.domain.beats import Dropped, Phase, Progress
from bot.domain.failures import FailureKind
from bot.domain.models import TAIL
from bot.domain.outputs import ContentPiece, Deployment, FeatureProgress, GenesisOutput
from bot.domain.pools import MOST_SPECIALTIES, Name
from bot.domain.pulls import PullFacts
from bot.domain.sessions import Session
from bot.domain.vocabulary import Workflow

MOST_DOLLARS = 1_000_000
"""More US dollars than this are no figure of one attempt."""
MOST_TURNS = 1_000_000
"""More turns than this are no figure of one attempt."""
MOST_TOKENS = 1_000_000_000_000
"""More tokens than this are no figure of one attempt."""


class WorkClaimed(Frozen):
    """A worker's run asks for its assignment."""

    kind: Literal["claimed"] = "claimed"
    task: str
    lease: int
    run_id: int
    run_attempt: int
    at: Time

    @property
    def id(self) -> str:
        """One for each claimant."""
        return f"claim-{self.lease}-{self.run_id}-{self.run_attempt}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.lease


class WorkReported(Frozen):
    """A worker's run says how its assignment went; fenced by the lease."""

    kind: Literal["reported"] = "reported"
    task: str
    lease: int
    run_id: int
    run_attempt: int
    at: Time
    ok: bool
    summary: str = Field(default="", max_length=2_000)
    command: str = ""
    exit_code: int | None = None
    output: str = Field(default="", max_length=TAIL)
    run_url: str = ""
    retry: bool = Field(default=True, description="False: trying again as it is cannot help")
    rework: bool = Field(default=False, description="a quality gate refused the work")
    failure: FailureKind | None = Field(
        default=None, description="what kind of failure the executor says it is; None: it does not"
    )
    spend: float = Field(
        default=0.0, ge=0, le=MOST_DOLLARS, allow_inf_nan=False, description="US dollars that the agent cost"
    )
    turns: int | None = Field(default=None, ge=1, le=MOST_TURNS, description="of the agent; None: not told")
    tokens: int | None = Field(
        default=None, ge=1, le=MOST_TOKENS, description="that went in and came out; None: not told"
    )
    genesis: GenesisOutput | None = None
    feature: FeatureProgress | None = None
    deployment: Deployment | None = None
    pieces: tuple[ContentPiece, ...] = ()
    publishes: bool = Field(
        default=False, description="there is something to be made outside before the task is done"
    )
    session: Session | None = Field(default=None, description="that the next attempt may go on with")

    @property
    def id(self) -> str:
        """One for each lease and claimant: a stranger's report cannot pass for the holder's."""
        return f"report-{self.lease}-{self.run_id}-{self.run_attempt}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.lease


class Unpublished(Frozen):
    """Why what a report described could not be made outside."""

    summary: str = Field(max_length=2_000)
    output: str = Field(default="", max_length=TAIL, description="what answered")
    rework: bool = Field(default=True, description="the work has to change; False: trying again may do")
    retry: bool = True


class WorkPublished(Frozen):
    """What an accepted report described has been made outside: repository and issues, branch and pull
    request, deployment; or why it could not be.
    """

    kind: Literal["published"] = "published"
    task: str
    lease: int
    at: Time
    genesis: GenesisOutput | None = None
    pull: PullFacts | None = None
    commit: str = Field(
        default="", max_length=64, description="what the review read, or the gates let through, of it"
    )
    deployment: Deployment | None = None
    problem: Unpublished | None = None

    @property
    def id(self) -> str:
        """One for each lease."""
        return f"published-{self.lease}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.lease


class WorkerBeat(Frozen):
    """A worker process on a machine of its own says that it lives; the first beat registers it.

    One for the process with all its slots. A process that starts anew takes a higher session, so that
    beats have one order and what an older session says counts as settled.
    """

    kind: Literal["beat"] = "beat"
    worker: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,35}$", description="the process's id")
    session: int = Field(ge=1, description="one start of the process, higher than the one before")
    number: int = Field(ge=1, description="counts the session's beats; 1 registers it")
    at: Time
    workflow: Workflow
    specialties: tuple[Name, ...] = Field(default=(), max_length=MOST_SPECIALTIES)
    region: str = Field(default="", max_length=50)
    slots: int = Field(default=1, ge=1, le=64, description="assignments that it works on at once")
    phase: Phase = Phase.WORKING
    progress: tuple[Progress, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def id(self) -> str:
        """One for each beat of each session."""
        return f"beat-{self.worker}.{self.session}.{self.number}"
