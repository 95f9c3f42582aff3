"""GitHub in memory, as far as the bot looks: repositories with their issues, comments, labels and runs.

What people and machines do to it are the methods of ``Site`` and ``Place``; what the bot does goes
through ``tests.fakes.forge``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.base import to_utc_second
from bot.domain.errors import NotFound, Rejected
from bot.ports.facts import CommentFacts, IssueEventFacts, IssueFacts, RunFacts
from tests.fakes.git import Graph
from tests.fakes.pulls import Pulls

BOT = "github-actions[bot]"
APP = "orchestrator-app[bot]"
PINS = 3


@dataclass
class Moment:
    """The time, for everybody: it passes only when somebody waits."""

    now: datetime

    def seconds(self) -> float:
        """Since 1970."""
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Place:
    """One repository. People's deeds and the bot's are the same here: each names its actor."""

    full_name: str
    moment: Moment
    ids: Iterator[int]
    description: str = ""
    roles: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    git: Graph = field(default_factory=Graph)
    branches: dict[str, str] = field(default_factory=dict)
    site: str = ""
    """The branch that is served as its site."""
    issues: dict[int, IssueFacts] = field(default_factory=dict)
    comments: dict[int, CommentFacts] = field(default_factory=dict)
    reactions: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    events: list[IssueEventFacts] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    pinned: list[int] = field(default_factory=list)
    milestones: dict[str, int] = field(default_factory=dict)
    runs: dict[int, RunFacts] = field(default_factory=dict)
    workflows: dict[int, str] = field(default_factory=dict)
    """Run → the file of its workflow."""

    def __post_init__(self) -> None:
        """Without pull requests."""
        self.pulls = Pulls(self)

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://github.example/{self.full_name}"

    def now(self) -> datetime:
        """As GitHub tells times: in whole seconds."""
        return to_utc_second(self.moment.now)

    # issues

    def issue(self, number: int) -> IssueFacts:
        """An issue as it is now. Raises NotFound."""
        if number not in self.issues:
            raise NotFound(f"there is no issue #{number}")
        return self.issues[number]

    def open_issue(self, actor: str, title: str, body: str, labels: Sequence[str] = ()) -> IssueFacts:
        """Somebody opens an issue, with labels or without."""
        number = len(self.issues) + 1
        self.issues[number] = IssueFacts(
            number=number,
            title=title,
            body=body,
            author=actor,
            labels=frozenset(),
            closed=False,
            url=f"{self.url}/issues/{number}",
            node_id=f"I_{number}",
        )
        self.add_labels(actor, number, labels)
        return self.issues[number]

    def add_labels(self, actor: str, number: int, names: Sequence[str]) -> None:
        """Somebody puts labels on an issue; what is there already is no event."""
        for name in dict.fromkeys(names):
            issue = self.issue(number)
            self.labels.add(name)
            if name not in issue.labels:
                self.issues[number] = replace(issue, labels=issue.labels | {name})
                self._happened(actor, number, "labeled", name)

    def remove_label(self, actor: str, number: int, name: str) -> None:
        """Somebody takes a label off an issue."""
        issue = self.issue(number)
        if name in issue.labels:
            self.issues[number] = replace(issue, labels=issue.labels - {name})
            self._happened(actor, number, "unlabeled", name)

    def set_closed(self, actor: str, number: int, *, closed: bool) -> None:
        """Somebody closes or reopens an issue."""
        issue = self.issue(number)
        if issue.closed is not closed:
            self.issues[number] = replace(issue, closed=closed)
            self._happened(actor, number, "closed" if closed else "reopened", "")

    def pin(self, actor: str, node_id: str) -> None:
        """Somebody pins an issue. Raises Rejected where three others are pinned."""
        number = next((one.number for one in self.issues.values() if one.node_id == node_id), None)
        if number is None:
            raise NotFound(f"there is no issue {node_id}")
        if number not in self.pinned:
            if len(self.pinned) >= PINS:
                raise Rejected("Maximum 3 pinned issues per repository")
            self.pinned.append(number)
            self._happened(actor, number, "pinned", "")

    def _happened(self, actor: str, number: int, event: str, label: str) -> None:
        facts = IssueEventFacts(
            id=next(self.ids),
            issue=number,
            event=event,
            label=label,
            actor=actor,
            actor_is_bot=actor.endswith("[bot]"),
            created_at=self.now(),
        )
        self.events.append(facts)

    # branches

    def push(self, branch: str, commit: str) -> None:
        """Somebody moves a branch, or makes it; its pull request follows."""
        self.branches[branch] = commit
        self.pulls.follow()

    def commit(self, branch: str, files: Mapping[str, str], message: str) -> str:
        """Somebody adds a commit that changes files to a branch; returns it."""
        head = self.branches[branch]
        made = self.git.commit([head], {**self.git.files(head), **files}, message)
        self.push(branch, made)
        return made

    # comments

    def comment(self, actor: str, number: int, body: str) -> CommentFacts:
        """Somebody comments on an issue."""
        issue, id_, now = self.issue(number), next(self.ids), self.now()
        self.comments[id_] = CommentFacts(
            id=id_,
            issue=number,
            author=actor,
            author_is_bot=actor.endswith("[bot]"),
            body=body,
            created_at=now,
            updated_at=now,
            url=f"{issue.url}#issuecomment-{id_}",
        )
        return self.comments[id_]

    def edit_comment(self, id_: int, body: str) -> None:
        """Somebody changes a comment."""
        if id_ not in self.comments:
            raise NotFound(f"there is no comment {id_}")
        self.comments[id_] = replace(self.comments[id_], body=body, updated_at=self.now())

    def react(self, actor: str, id_: int, content: str) -> None:
        """Somebody reacts to a comment; a second time is the same as once."""
        if id_ not in self.comments:
            raise NotFound(f"there is no comment {id_}")
        given = self.reactions.setdefault(id_, [])
        if (actor, content) not in given:
            given.append((actor, content))

    # runs

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int:
        """A run of a workflow waits for a runner."""
        id_ = next(self.ids)
        self.workflows[id_] = workflow
        self.runs[id_] = RunFacts(
            id=id_,
            name=inputs.get("assignment", ""),
            status="queued",
            conclusion=None,
            url=f"{self.url}/actions/runs/{id_}",
            created_at=self.now(),
        )
        return id_

    def start_run(self, id_: int) -> None:
        """A runner takes it, unless it is too late for that."""
        if self.runs[id_].status == "queued":
            self.runs[id_] = replace(self.runs[id_], status="in_progress")

    def end_run(self, id_: int, conclusion: str) -> None:
        """It is over; the first end counts."""
        if self.runs[id_].status != "completed":
            self.runs[id_] = replace(self.runs[id_], status="completed", conclusion=conclusion)

    def cancel_run(self, id_: int) -> None:
        """A queued run ends at once, one in progress when its runner has heard of it."""
        if id_ not in self.runs:
            raise NotFound(f"there is no run {id_}")
        if self.runs[id_].status == "queued":
            self.end_run(id_, "cancelled")


@dataclass
class Site:
    """All repositories, and who has an account."""

    moment: Moment
    places: dict[str, Place] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(101))

    def place(self, full_name: str) -> Place:
        """A repository. Raises NotFound."""
        if full_name not in self.places:
            raise NotFound(f"there is no repository {full_name}")
        return self.places[full_name]

    def create(self, full_name: str, description: str = "") -> Place:
        """A new, empty repository. Raises Rejected where the name is taken."""
        if full_name in self.places:
            raise Rejected(f"{full_name} exists already")
        owner = f"{full_name.partition('/')[0]}/"
        team = next((one.roles for name, one in self.places.items() if name.startswith(owner)), {})
        self.places[full_name] = Place(full_name, self.moment, self.ids, description, dict(team))
        return self.places[full_name]
