"""What the program needs from the outside, as small as its users need it.

Implemented in ``bot.adapters`` and ``bot.executors``; nothing here does anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.domain.alerting import Severity
from bot.domain.deploying import HealthCheck
from bot.domain.failures import FailureKind
from bot.domain.quota import Quota


@dataclass(frozen=True, slots=True)
class Look:
    """What one fetch of the state's remote saw, consistently."""

    version: str | None
    """Commit id of the state branch's head; None where the branch does not exist."""
    files: Mapping[str, bytes]
    """Every file of the head's tree by path, for example ``shared-state/ledger.json``."""
    inbox: Mapping[str, str] = field(default_factory=dict)
    """Waiting worker events: flat event id (last part of the ref) → the commit's message."""
    inbox_commits: Mapping[str, str] = field(default_factory=dict)
    """The same ids → commit id of the ref, which its deletion expects."""
    message: str = ""
    """The head commit's message."""


@dataclass(frozen=True, slots=True)
class Peek:
    """What the remote's list of refs tells."""

    version: str | None
    """Commit id of the branch's head."""
    inbox: frozenset[str]
    """Event ids that wait."""


class Store(Protocol):
    """Compare-and-swap commits on one branch, and an inbox of refs beside it."""

    def load(self) -> Look:
        """Read the branch's head, its whole tree and the inbox.

        Raises StoreUnavailable when the remote does not answer.
        """
        ...

    def save(
        self,
        base: Look,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        at: datetime,
        settled: Sequence[str] = (),
    ) -> Look:
        """Commit ``changes`` (None deletes) on top of ``base`` in one push.

        The push has a lease on ``base.version`` and deletes the inbox refs of the ids in
        ``settled`` atomically with it. ``at`` becomes the commit's time. ``base.version`` None creates
        the branch as an orphan. Returns the look that a ``load`` right after it would give, without
        reading again.

        Raises Conflict when the head has moved, StoreUnavailable when the remote fails. An answer
        that was lost is looked up by the message's nonce before anything is raised.
        """
        ...

    def publish(self, event_id: str, message: str) -> None:
        """Put one event into the inbox under a ref of its own; doing so twice is harmless."""
        ...

    def discard(self, base: Look, settled: Sequence[str]) -> None:
        """Delete leftovers from the inbox without a commit; one that is already gone is fine."""
        ...

    def peek(self) -> Peek:
        """The branch's head and what is in the inbox, by name alone: one look without fetching."""
        ...


class Sessions(Protocol):
    """Keeps the files of agents' sessions beside the state branch; names as of ``bot.domain.sessions``.

    All of it raises StoreUnavailable, and Forbidden where the remote takes no such thing.
    """

    def keep(self, name: str, sealed: Path) -> None:
        """Keep a file under a name that is used once; doing so again is fine."""
        ...

    def fetch(self, name: str, target: Path, most: int) -> bool:
        """Write what is kept into a file; False where nothing is, or more than ``most`` bytes."""
        ...

    def names(self) -> Sequence[str]:
        """Everything that is kept."""
        ...

    def drop(self, names: Sequence[str]) -> None:
        """Keep these no longer; what is gone already is fine."""
        ...


class Commit(Protocol):
    """A commit of the state branch."""

    @property
    def version(self) -> str:
        """Its id."""
        ...

    @property
    def message(self) -> str:
        """Its whole message."""
        ...


class History(Protocol):
    """The state branch's past."""

    def history(self, depth: int | None = None) -> Sequence[Commit]:
        """The newest ``depth`` commits, all of them where None, newest first."""
        ...

    def files_at(self, version: str) -> Mapping[str, bytes]:
        """Every file of one of the branch's commits."""
        ...


class Signed(Commit, Protocol):
    """A commit with everything that is to be judged of it."""

    @property
    def parents(self) -> Sequence[str]:
        """The ids of what it follows."""
        ...

    @property
    def at(self) -> datetime:
        """The committer's time."""
        ...

    @property
    def people(self) -> tuple[str, str]:
        """Author and committer, each as ``name <mail>``."""
        ...


class Chronicle(Protocol):
    """The state branch's past, down to how it is kept."""

    def history(self, depth: int | None = None) -> Sequence[Signed]:
        """As ``History.history``."""
        ...

    def files_at(self, version: str) -> Mapping[str, bytes]:
        """As ``History.files_at``."""
        ...

    def is_plain(self, version: str) -> bool:
        """Whether a commit holds nothing but ordinary files: no link, program or other repository."""
        ...


class Versions(Protocol):
    """The state branch's commits since a moment, to read single files of some of them."""

    @property
    def commits(self) -> Sequence[tuple[str, datetime]]:
        """(id, when it was made), newest first."""
        ...

    def versions(self, path: str, commits: Sequence[str]) -> Mapping[str, bytes]:
        """What a file held at each of these commits; one that has no such file is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state branch as it was at one moment; contents are read by their ids, each once."""

    version: str
    """Commit id."""
    at: datetime
    """The commit's time, UTC."""
    files: Mapping[str, str]
    """Path below ``shared-state/``, with it → id of its content; equal ids are equal contents."""


class Snapshots(Protocol):
    """The state branch over a stretch of time, at one commit for each hour."""

    def snapshots(self, since: datetime, most: int) -> Iterator[Snapshot]:
        """The last commit of each hour (UTC) in which there was one, oldest first; the last is the head.

        Of a young branch or a short time the steps are shorter, down to a minute; of a long time longer, so
        that there are at most ``most``. The head alone where it is older than ``since``; nothing where
        there is no branch. Raises StoreUnavailable.
        """
        ...

    def contents(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Contents by their ids. Raises StoreUnavailable where one is missing."""
        ...


@dataclass(frozen=True, slots=True)
class CommentFacts:
    """An issue comment as GitHub tells it."""

    id: int
    issue: int
    author: str
    author_is_bot: bool
    body: str
    created_at: datetime
    updated_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """An issue as GitHub tells it."""

    number: int
    title: str
    body: str
    author: str
    labels: frozenset[str]
    closed: bool
    url: str
    node_id: str = ""
    is_pull_request: bool = False


@dataclass(frozen=True, slots=True)
class IssueEventFacts:
    """Something that happened to an issue, as GitHub tells it."""

    id: int
    issue: int
    event: str
    """GitHub's word: ``labeled``, ``unlabeled``, ``closed``, ``reopened``, ``renamed`` …"""
    label: str
    """The label that was set or taken off; empty for other events."""
    actor: str
    actor_is_bot: bool
    created_at: datetime
    subject: IssueFacts | None = None
    """The issue as it is now, where the answer tells it: only the list of the whole repository does."""


@dataclass(frozen=True, slots=True)
class IssueWoken:
    """What an ``issues`` event that started this run tells: not which of the issue's events it is."""

    action: str
    """GitHub's word, as in ``IssueEventFacts.event``."""
    issue: int
    label: str
    actor: str
    actor_is_bot: bool
    at: datetime
    """When the issue was last changed: about when it happened."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A workflow run as GitHub tells it."""

    id: int
    name: str
    """The run-name: the assignment's id, for runs of ``worker.yml``."""
    status: str
    """``queued``, ``in_progress``, ``completed`` and GitHub's other words."""
    conclusion: str | None
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """A repository as GitHub tells it."""

    full_name: str
    url: str
    clone_url: str
    default_branch: str
    description: str
    private: bool = True


@dataclass(frozen=True, slots=True)
class Thumbs:
    """What others than this account think of a comment."""

    node: str
    """The comment's id in GraphQL, by which it is found without a request."""
    up: int
    down: int


class Forge(Protocol):
    """One GitHub repository, through one token.

    Every method costs the number of API requests that its docstring names; pages of 100. Raises
    the errors of ``bot.domain.errors``: NotFound, Forbidden, Rejected, RateLimited, Unavailable.
    """

    requests: int
    """API requests made so far (a repeated attempt counts again)."""
    unchanged: int
    """Of these, lists of which GitHub said that they are as before, which its primary limit leaves out."""

    @property
    def quota(self) -> Quota | None:
        """What GitHub's latest answer says of the token's REST requests; None: nothing was told yet."""
        ...

    def now(self) -> datetime | None:
        """GitHub's ``Date`` in the first answer plus elapsed monotonic time; None before it."""
        ...

    def set_clock_anew(self) -> None:
        """Let the next answer's ``Date`` count where it is ahead: the machine may have slept for a while."""
        ...

    def whoami(self) -> str:
        """The login that this token acts as (GraphQL ``viewer``: 1 request, remembered)."""
        ...

    def role(self, login: str) -> str:
        """``role_name`` of a user here, ``none`` for an unknown one (1 request)."""
        ...

    def comment(self, issue: int, body: str) -> CommentFacts:
        """Post a comment (1 request)."""
        ...

    def edit_comment(self, comment: int, body: str) -> None:
        """Replace a comment's body (1 request)."""
        ...

    def read_comment(self, comment: int) -> CommentFacts:
        """One comment (1 request). Raises NotFound where it was deleted."""
        ...

    def react(self, comment: int, content: str) -> None:
        """Add a reaction (``rocket``, ``confused``, ``eyes``) to a comment (1 request)."""
        ...

    def thumbs(self, comments: Mapping[int, str]) -> dict[int, Thumbs]:
        """Thumbs on comments, given with their node ids, by comment (GraphQL, 1 request for each 100).

        One more request for each whose node id is empty, because unknown. This account's own reactions
        do not count; what is gone is left out.
        """
        ...

    def issue(self, number: int) -> IssueFacts:
        """Read an issue (1 request)."""
        ...

    def issues(self, labels: Sequence[str] = (), creator: str = "") -> list[IssueFacts]:
        """All issues, open and closed, that carry all the labels (1 request a page)."""
        ...

    def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), milestone: int | None = None
    ) -> IssueFacts:
        """File an issue (1 request)."""
        ...

    def edit_issue(self, number: int, *, body: str | None = None, closed: bool | None = None) -> None:
        """Change an issue's body, close or reopen it (1 request)."""
        ...

    def add_labels(self, issue: int, labels: Sequence[str]) -> None:
        """Put labels on an issue; GitHub makes those that do not exist (1 request)."""
        ...

    def remove_label(self, issue: int, label: str) -> None:
        """Take one label off an issue; one that is not there is fine (1 request)."""
        ...

    def label_names(self) -> frozenset[str]:
        """The labels that this repository defines (1 request a page)."""
        ...

    def create_label(self, name: str, colour: str, description: str) -> None:
        """Define a label (colour as ``rrggbb``); one that exists is fine (1 request)."""
        ...

    def milestones(self) -> dict[str, int]:
        """Milestones, open and closed: title → number (1 request a page)."""
        ...

    def create_milestone(self, title: str, description: str) -> int:
        """Create a milestone; returns its number (1 request)."""
        ...

    def comments_since(self, since: datetime) -> list[CommentFacts]:
        """Every issue and pull request comment updated since then, oldest first (1 request a page)."""
        ...

    def comments_of(self, issue: int) -> list[CommentFacts]:
        """Every comment of one issue (1 request a page)."""
        ...

    def issue_events(self, after: int, since: datetime) -> list[IssueEventFacts]:
        """The repository's issue events with a greater id, not older than ``since``, oldest first.

        GitHub lists them newest first: 1 request a page, as far back as either bound.
        """
        ...

    def issue_events_of(self, issue: int) -> list[IssueEventFacts]:
        """Every event of one issue, oldest first (1 request a page)."""
        ...

    def file_text(self, path: str) -> str:
        """A text file of the default branch, at most 1 MB (1 request)."""
        ...

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow on the default branch; returns the run's id where GitHub tells it (1 request)."""
        ...

    def runs(self, workflow: str, since: datetime) -> list[RunFacts]:
        """Runs of a workflow created since then (1 request a page)."""
        ...

    def run(self, run: int) -> RunFacts:
        """One run (1 request). Raises NotFound where it was deleted."""
        ...

    def cancel_run(self, run: int) -> None:
        """Ask GitHub to cancel a run; one that has ended is fine (1 request)."""
        ...

    def pinned_issues(self) -> list[IssueFacts]:
        """The pinned issues (GraphQL, 1 request)."""
        ...

    def pin_issue(self, node_id: str) -> None:
        """Pin an issue (GraphQL ``pinIssue``, 1 request)."""
        ...

    def repository(self) -> RepositoryFacts:
        """This repository's own facts (1 request)."""
        ...

    def create_repository(self, description: str, *, private: bool = False) -> RepositoryFacts:
        """Create this repository, empty, under its owner, organisation or person (1 to 2 requests).

        Raises Rejected where it exists.
        """
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """What an executor hands back; its files are in the result directory."""

    ok: bool
    summary: str
    """One line for people: what was made, or what went wrong and what to do."""
    output: str = ""
    """Name of the validated output file in the result directory, for example ``genesis-output.json``."""
    retry: bool = True
    """Whether another attempt could end differently; False sends a failed task to review at once."""
    rework: bool = False
    """Whether a quality gate refused work that was done."""
    failure: FailureKind | None = None
    """What kind of failure it is, where a program could act on it; None for others and where all is well."""
    spend: float = 0.0
    """US dollars that an agent cost, as it told or as its tokens are worth; 0 where neither is known."""
    turns: int = 0
    """Turns that an agent took; 0 where it does not tell."""
    tokens: int = 0
    """Tokens that went in and came out; 0 where the agent does not tell."""
    session: str = ""
    """The agent's own id of its session, with which some can go on."""


class Executor(Protocol):
    """Turns one task into files. Gets no GitHub token."""

    name: str

    def run(self, assignment: Path, result: Path) -> Finished:
        """Work on the assignment file (``bot.domain.work.WorkOrder``) and write into ``result``."""
        ...

    def check(self, assignment: Path, result: Path) -> Finished:
        """Judge ``result`` afresh: apply it to a clean checkout and run its commands again."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What an address answered in the end."""

    ok: bool
    says: str
    """One line, nothing in it the answer's own words: ``200 OK``, ``404 Not Found after 180 s``."""


class Notifier(Protocol):
    """Tells people outside of GitHub; knows the addresses, and keeps them to itself."""

    def tell(self, severity: Severity, title: str, body: str) -> tuple[str, ...]:
        """Tell every address; returns the services of those that did not take it.

        Raises Unavailable where none did. Neither what it returns nor what it raises holds an address.
        """
        ...


class Health(Protocol):
    """Asks an address for an answer, without any credentials."""

    def __call__(self, url: str, wanted: HealthCheck) -> Seen:
        """Ask until the answer is as wanted or ``wanted.seconds`` are over. Never raises for what it sees."""
        ...
