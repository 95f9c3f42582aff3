"""Reads the world for the pages: an issue's thread as one list, and runs with what people ask of them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from bot.hub.data.records import Comment, Issue, IssueEvent, Label, Repository, Role, Run, User
from bot.hub.data.world import World
from bot.hub.pages.markdown import Scope, render

LOG_SHOWN = 256 * 1024
"""Bytes of a run's log that its page shows, from the end."""

_MARKS = {
    "+1": "👍", "-1": "👎", "laugh": "😄", "confused": "😕", "heart": "❤️", "hooray": "🎉", "rocket": "🚀",
    "eyes": "👀",
}  # fmt: skip
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Post:
    """The opening text of an issue, or a comment."""

    id: int
    author: str
    role: str
    """The author's role here; empty for bots and for who has none."""
    created_at: datetime
    edited: bool
    html: Markup
    reactions: tuple[tuple[str, int, str], ...]
    """Mark, how often, and by whom."""
    kind: str = "comment"


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the thread: somebody labelled, closed, pinned …"""

    id: int
    author: str
    words: str
    label: Label | None
    created_at: datetime
    kind: str = "event"


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as people see it."""

    id: int
    number: int
    title: str
    workflow: str
    event: str
    actor: str
    outcome: str
    """The conclusion, or the status of one that has not ended."""
    duration: str
    inputs: dict[str, str]
    created_at: datetime


class Thread:
    """One issue with all that belongs to it, ready to be shown."""

    def __init__(self, world: World, repository: Repository, issue: Issue) -> None:
        self._world = world
        self._repository = repository
        self._users = {user.login: user for user in world.users.all()}
        self._scope = Scope(repository.full_name, frozenset(self._users))
        self.issue = issue

    def opening(self) -> Post:
        """The issue's own text."""
        issue = self.issue
        return self._post(issue, issue.body, edited=False)

    def items(self) -> list[Post | Happening]:
        """Comments and events in the order in which they happened: the hub's ids grow with time."""
        comments = self._world.comments.of_issue(self.issue)
        posts = [
            self._post(comment, comment.body, edited=comment.updated_at > comment.created_at)
            for comment in comments
        ]
        events = [happening(event) for event in self._world.timeline.of_issue(self.issue)]
        return sorted([*posts, *events], key=lambda item: item.id)

    def participants(self) -> list[str]:
        """Who wrote here, in the order of their first word."""
        comments = self._world.comments.of_issue(self.issue)
        return list(dict.fromkeys([self.issue.author, *(comment.author for comment in comments)]))

    def milestone(self) -> str:
        """The milestone's title; empty without one."""
        milestone = self.issue.milestone_id
        return self._world.milestones.by_id(milestone).title if milestone else ""

    def _post(self, subject: Issue | Comment, body: str, *, edited: bool) -> Post:
        return Post(
            id=subject.id,
            author=subject.author,
            role=self._role(self._users.get(subject.author)),
            created_at=subject.created_at,
            edited=edited,
            html=render(body, self._scope, hard_breaks=True),
            reactions=self._reactions(subject),
        )

    def _role(self, user: User | None) -> str:
        role = self._world.users.role(self._repository, user)
        return role.label if user and user.type == "User" and role > Role.NONE else ""

    def _reactions(self, subject: Issue | Comment) -> tuple[tuple[str, int, str], ...]:
        by_content: dict[str, list[str]] = defaultdict(list)
        for reaction in self._world.reactions.of(subject):
            by_content[reaction.content].append(reaction.login)
        return tuple((_MARKS[content], len(who), ", ".join(who)) for content, who in by_content.items())


def happening(event: IssueEvent) -> Happening:
    """Put an issue event into words."""
    detail = event.detail
    label = detail.get("label")
    commit = str(detail.get("commit_id") or "")[:7]
    words = {
        "labeled": "added the label",
        "unlabeled": "removed the label",
        "closed": "closed this"
        + (" as not planned" if detail.get("state_reason") == "not_planned" else "")
        + (f" by the commit {commit}" if commit else ""),
        "merged": f"merged this with the commit {commit}",
        "head_ref_deleted": "deleted the branch",
        "base_ref_deleted": "deleted the branch that this was to go into",
        "head_ref_force_pushed": f"force-pushed the branch to {commit}",
        "base_ref_changed": "changed the branch that this is to go into",
        "review_dismissed": "dismissed a review: "
        + str(detail.get("dismissed_review", {}).get("dismissal_message", "")),
        "reopened": "reopened this",
        "pinned": "pinned this",
        "unpinned": "unpinned this",
        "renamed": f"changed the title from “{detail.get('rename', {}).get('from', '')}”",
        "milestoned": f"added this to the milestone {detail.get('milestone', {}).get('title', '')}",
        "demilestoned": f"removed this from the milestone {detail.get('milestone', {}).get('title', '')}",
        "assigned": f"assigned {_login(detail.get('assignee'))}",
        "unassigned": f"unassigned {_login(detail.get('assignee'))}",
    }.get(event.event, event.event.replace("_", " "))
    shown = Label(0, 0, str(label["name"]), str(label["color"]), "") if label else None
    return Happening(event.id, event.actor, words, shown, event.created_at)


def run_view(run: Run, now: datetime) -> RunView:
    """A run with its outcome and duration so far."""
    end = run.updated_at if run.status == "completed" else now
    return RunView(
        id=run.id,
        number=run.number,
        title=run.title,
        workflow=run.workflow,
        event=run.event,
        actor=run.actor,
        outcome=run.conclusion or run.status,
        duration=duration((end - run.started_at).total_seconds()) if run.started_at else "",
        inputs=dict(run.inputs),
        created_at=run.created_at,
    )


def duration(seconds: float) -> str:
    """A time span as people say it: ``8 s``, ``2 min 5 s``, ``1 h 3 min``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def log_tail(file: Path) -> tuple[str, bool]:
    """The end of a run's log without terminal colours, and whether its beginning was left out."""
    if not file.is_file():
        return "", False
    with file.open("rb") as log:
        size = log.seek(0, 2)
        log.seek(max(0, size - LOG_SHOWN))
        text = log.read(LOG_SHOWN).decode("utf-8", "replace")
    return _ANSI.sub("", text), size > LOG_SHOWN


def _login(value: object) -> str:
    return str(value["login"]) if isinstance(value, dict) else str(value or "")
