"""What happened: every change of the state is the answer to one of these, or to time passing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.beats import Dropped, Phase, Progress
from bot.domain.config import Config
from bot.domain.failures import FailureKind
from bot.domain.history import History
from bot.domain.ledger import Backlog
from bot.domain.models import TAIL
from bot.domain.outputs import ContentPiece, Deployment, FeatureProgress, GenesisOutput
from bot.domain.pools import MOST_SPECIALTIES, Name
from bot.domain.pulls import PullFacts, PullSeen
from bot.domain.quota import Purpose, Quota
from bot.domain.sessions import Session
from bot.domain.vocabulary import Workflow
from bot.domain.watch import Mode, Slots

MOST_DOLLARS = 1_000_000
"""More US dollars than this are no figure of one attempt."""
MOST_TURNS = 1_000_000
"""More turns than this are no figure of one attempt."""
MOST_TOKENS = 1_000_000_000_000
"""More tokens than this are no figure of one attempt."""
EventId = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,120}$")]


class FileText(Frozen):
    """A file of the repository that a command names."""

    path: str
    text: str | None = Field(description="None: there is no such file")
    problem: str = Field(default="", description="why there is no text, for people")


class RunSeen(Frozen):
    """A worker's run as GitHub shows it."""

    assignment: str = Field(description="what it is named after: {task}@{lease}")
    run_id: int
    status: str = Field(description="GitHub's word: queued, in_progress, completed …")
    conclusion: str = Field(
        default="", description="GitHub's word once it is completed: success, cancelled …"
    )
    url: str = ""


class FoundIssue(Frozen):
    """An open ``dev-ready`` issue of a repository that a command wants to adopt."""

    number: int
    title: str
    body: str = Field(default="", max_length=20_000)
    labels: tuple[str, ...] = ()
    author: str = ""
    author_role: str = Field(
        default="", description="in that repository, looked up where `texts.role` asks for it"
    )


class FoundRepository(Frozen):
    """A repository that a command names."""

    full_name: str = Field(description="owner/name as GitHub spells it; as given where there is a problem")
    url: str = ""
    default_branch: str = "main"
    description: str = ""
    issues: tuple[FoundIssue, ...] = ()
    problem: str = Field(default="", description="why it cannot be used, for people")


class IssueText(Frozen):
    """The issue that a comment stands on, as it was when the command was settled."""

    title: str
    body: str
    author: str
    author_role: str = Field(
        default="", description="looked up where the author is not who asked; empty: not looked up"
    )
    priorities: tuple[str, ...] = Field(default=(), description="its priority labels")


class CommentCreated(Frozen):
    """Somebody commented; settled once, by whichever run comes by first.

    ``role`` and what follows it are facts that the settling run looked up; they are recorded so that
    history replays by itself.
    """

    kind: Literal["comment"] = "comment"
    comment: int = Field(ge=1)
    issue: int = Field(ge=1)
    actor: str
    body: str
    at: Time
    edited: bool = Field(default=False, description="changed before it was read for the first time")
    role: str = "none"
    issue_text: IssueText | None = None
    priorities: tuple[str, ...] = Field(
        default=(), description="its issue's priority labels, where a project is asked for"
    )
    files: tuple[FileText, ...] = ()
    runs: tuple[RunSeen, ...] | None = Field(
        default=None, description="the runs of the workers in question; None: not looked up, or no answer"
    )
    repositories: tuple[FoundRepository, ...] = ()
    history: History | None = Field(default=None, description="the state branch's; None: not looked up")

    @property
    def id(self) -> str:
        """Derived from GitHub's id of the comment."""
        return f"comment-{self.comment}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.comment


class IssueChanged(Frozen):
    """Somebody labelled, closed or reopened an issue; known by the stable id of GitHub's issue event."""

    kind: Literal["issue"] = "issue"
    number: int = Field(ge=1, description="GitHub's id of the issue event")
    issue: int = Field(ge=1)
    action: Literal["labeled", "unlabeled", "closed", "reopened"]
    label: str = ""
    actor: str
    at: Time
    role: str = "none"
    issue_text: IssueText | None = None

    @property
    def id(self) -> str:
        """Derived from GitHub's id of the issue event."""
        return f"issue-{self.number}"

    @property
    def serial(self) -> int:
        """What the watermark compares."""
        return self.number


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


class IssueOpened(Frozen):
    """Evidence that a project's own issue exists."""

    project: str
    issue: int


class IssueFiled(Frozen):
    """Evidence that an alert's, an incident's or the pinned issue exists."""

    about: str
    issue: int
    digest: str = Field(default="", max_length=64, description="the pinned issue: of what stands there")
    pinned: bool = Field(default=False, description="the pinned issue: whether it is")


class Posted(Frozen):
    """Evidence of a reply whose comment is wanted later."""

    effect: str = Field(description="the outbox id that the comment carries")
    comment: int = Field(ge=1, description="the comment's id")


class Voted(Frozen):
    """The thumbs on the comment that tells a project's completion, the bot's own left out."""

    project: str
    up: int = Field(ge=0)
    down: int = Field(ge=0)
    node: str = Field(default="", max_length=200, description="the comment's id in GraphQL")


class Observed(Frozen):
    """What a run saw of GitHub that differs from the state. A tick is nothing but this."""

    kind: Literal["observed"] = "observed"
    observer: EventId = Field(description="who looked: run, attempt and turn")
    at: Time
    swept_to: int | None = Field(default=None, description="every comment up to this id was looked at")
    cursor: Time | None = Field(default=None, description="where the next sweep begins")
    delivered: tuple[str, ...] = Field(default=(), description="outbox ids that evidence was seen of")
    looked_for: tuple[str, ...] = Field(
        default=(), description="outbox ids whose evidence was looked for in full"
    )
    opened: tuple[IssueOpened, ...] = ()
    filed: tuple[IssueFiled, ...] = ()
    ended: tuple[RunSeen, ...] = Field(
        default=(), description="runs of open assignments and of stopped work that were seen ended"
    )
    pulls: tuple[PullSeen, ...] = Field(
        default=(), description="pull requests that differ from what is known"
    )
    issues_swept_to: int | None = Field(default=None, description="every issue event up to this id was seen")
    watching_since: Time | None = Field(
        default=None, description="since when this observer has looked again and again without a gap"
    )
    looks: tuple[Slots, ...] | None = Field(
        default=None, description="slots in which other runs of the monitor looked; None: not asked"
    )
    mode: Mode | None = Field(default=None, description="how the monitor is run, where that differs")
    backlog: Backlog | None = Field(
        default=None, description="commands that were found and wait, where that differs"
    )
    posted: tuple[Posted, ...] = Field(default=(), description="comments that matter later")
    gone: tuple[str, ...] = Field(
        default=(), description="outbox ids of texts whose comment or issue somebody has deleted"
    )
    pinned: bool | None = Field(
        default=None, description="whether the pinned issue is pinned, where that differs"
    )
    votes: tuple[Voted, ...] = Field(default=(), description="where they differ from what is known")
    counted: bool = Field(default=False, description="the votes were looked at")
    quota: Quota | None = Field(default=None, description="where it was told")
    account: str | None = Field(default=None, description="the account that the bot writes as")
    config: Config | None = Field(default=None, description="a configuration that differs")
    config_problem: str | None = Field(default=None, description="'' when the problem is over")

    @property
    def id(self) -> str:
        """One for each look."""
        return f"observed-{self.observer}"


class Notified(Frozen):
    """A run has told the addresses outside what an effect says: the evidence of it, as nothing else is.

    It waits in the inbox for the next commit.
    """

    kind: Literal["notified"] = "notified"
    effect: str = Field(description="its outbox id")
    alert: str
    at: Time
    failed: tuple[str, ...] = Field(default=(), description="services of addresses that did not take it")

    @property
    def id(self) -> str:
        """One for each effect."""
        return f"notified-{self.effect.replace('/', '.')}"


class Initialised(Frozen):
    """The state branch begins."""

    kind: Literal["initialised"] = "initialised"
    at: Time
    config: Config = Config()

    @property
    def id(self) -> str:
        """There is one."""
        return "initialised"


WorkerEvent = WorkClaimed | WorkReported | WorkPublished | WorkerBeat
Waiting = WorkerEvent | Notified
"""What nobody else keeps: it waits in the inbox until it is settled."""
Event = Annotated[
    CommentCreated
    | IssueChanged
    | WorkClaimed
    | WorkReported
    | WorkPublished
    | WorkerBeat
    | Notified
    | Observed
    | Initialised,
    Field(discriminator="kind"),
]


class Batch(Document):
    """``events.json``: the events that the latest commit settled, and its only clock."""

    now: Time
    events: tuple[Event, ...] = ()
    races: int = Field(default=0, ge=0, description="lost by the run before this commit landed")
    requests: dict[Purpose, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="that the run has made since it told last, by what they were for"
    )
