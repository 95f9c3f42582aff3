"""Reading GitHub's lists of what people did: comments since the cursor, issue events since the mark."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.facts import accounts, commands_us, comment_event, issue_text
from bot.app.issue_events import awaits_issues, awaits_settling, change_of, is_persons
from bot.app.process import App
from bot.app.projections import digests_of
from bot.domain.effects import Progress, Reply
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.looked_up import IssueText
from bot.domain.state import State
from bot.policies.outside.ledger import is_settled
from bot.ports.facts import CommentFacts, IssueEventFacts
from bot.render.markers import marker

OVERLAP = timedelta(seconds=5)
"""GitHub's clock has whole seconds: look a little before the cursor."""

BEHIND = timedelta(minutes=5)
"""In a busy thread the cursor moves when it is so far behind; in a quiet one, after the last comment."""

_ANSWERED = re.compile(r"effect/(comment-([0-9]{1,18}))/[0-9]+")
"""The marker of an answer to a comment."""

HALF_A_PAGE = 50
"""So many issue events above the watermark are worth a commit of their own; fewer wait for the next one."""


@dataclass(frozen=True, slots=True)
class CommentSweep:
    """What a look at the comments gave."""

    commands: tuple[CommentCreated, ...]
    """Those with commands that no run has settled."""
    swept_to: int | None
    cursor: datetime | None
    markers: Mapping[str, int]
    """Outbox ids that comments of the bot's own account carry → the comment's id."""
    digests: Mapping[int, str]
    """What its comments that are kept up to date show, by their ids."""
    set_back: datetime | None = None
    """Until when the bot has answered commands that the state knows nothing of; None: it knows of all."""


@dataclass(frozen=True, slots=True)
class IssueSweep:
    """What a look at the issue events gave."""

    listed: tuple[IssueEventFacts, ...]
    """All above the watermark, oldest first."""
    changes: tuple[IssueChanged, ...]
    """Those by people that mean something and that no run has settled, oldest first."""
    swept_to: int | None
    """Where the watermark may move once the changes are settled."""

    @property
    def pressing(self) -> bool:
        """Whether the watermark is worth a commit: the list would soon take another request."""
        return self.swept_to is not None and len(self.listed) > HALF_A_PAGE

    @property
    def texts(self) -> Mapping[str, IssueText]:
        """What the list tells of the issues, by event id."""
        return {
            f"issue-{event.id}": issue_text(event.subject)
            for event in self.listed
            if event.subject is not None
        }

    @property
    def labels(self) -> Mapping[int, frozenset[str]]:
        """The labels that the issues carried when the list was made, by their numbers."""
        return {event.issue: event.subject.labels for event in self.listed if event.subject is not None}


def sweep_comments(app: App, state: State) -> CommentSweep:
    """Read every comment since the cursor (1 request a page)."""
    ledger, settings = state.ledger, state.config.sweep
    pending = [entry.asked_at for entry in state.outbox.entries if isinstance(entry.effect, Reply | Progress)]
    cursor = ledger.cursor or app.now()
    comments = app.forge.comments_since(min([cursor, *pending]) - OVERLAP)
    events = [comment_event(comment) for comment in comments if commands_us(comment, state)]
    horizon = app.now() - timedelta(seconds=settings.lag_seconds)
    # One from before the cursor is listed for an edit, or came with a transferred issue under a new id.
    behind = [comment for comment in comments if cursor - OVERLAP <= comment.created_at <= horizon]
    swept_to = max((comment.id for comment in behind), default=None)
    newest = max((comment.created_at for comment in behind), default=None)
    quiet = all(comment.created_at <= horizon for comment in comments) or horizon - cursor > BEHIND
    moved = newest is not None and newest > cursor and quiet
    return CommentSweep(
        commands=tuple(event for event in events if not is_settled(ledger, event)),
        swept_to=swept_to if moved else None,
        cursor=newest if moved else None,
        markers=_markers(app, state, comments),
        digests=digests_of(comments, accounts(state)),
        set_back=_set_back(app, state, comments),
    )


def sweep_issues(app: App, state: State, since: datetime | None = None) -> IssueSweep:
    """Read every issue event above the watermark (1 request a page).

    ``since`` is where the bot's time begins in a repository that has no state yet. Whose token this is
    is asked (1 request) only where somebody who is not known to be the bot did something that counts.
    """
    begun = state.ledger.initialised_at or since or app.now()
    listed = app.forge.issue_events(state.ledger.issues.watermark, begun)
    waiting = [event for event in listed if awaits_settling(event, state)]
    return IssueSweep(
        listed=tuple(listed),
        changes=tuple(change_of(event) for event in waiting if is_persons(event, state, app.facts.whoami)),
        swept_to=None if awaits_issues(state) else _swept_to(app, state, listed),
    )


def _swept_to(app: App, state: State, listed: Sequence[IssueEventFacts]) -> int | None:
    """The watermark lags, because GitHub's list may show an event after one with a greater id."""
    horizon = app.now() - timedelta(seconds=state.config.sweep.lag_seconds)
    return max((event.id for event in listed if event.created_at <= horizon), default=None)


def _set_back(app: App, state: State, comments: Sequence[CommentFacts]) -> datetime | None:
    """The newest answer of the bot to a command that is not settled: it was, before the branch was set back.

    What was answered just now may have been settled by another run after this one has read the branch.
    """
    own, settled, latest = {*accounts(state), app.facts.account}, state.ledger.comments, app.now() - BEHIND
    found = [
        comment.created_at
        for comment in comments
        if comment.author in own
        and comment.created_at <= latest
        and (mark := marker(comment.body)) is not None
        and (answered := _ANSWERED.fullmatch("/".join(mark))) is not None
        and int(answered[2]) > settled.watermark
        and answered[1] not in settled.above
    ]
    return max(found, default=None)


def _markers(app: App, state: State, comments: Sequence[CommentFacts]) -> dict[str, int]:
    """Evidence of replies; the bot's own login is asked for only when a marker of somebody is seen."""
    pending = {entry.id for entry in state.outbox.entries}
    found = [(comment, mark[1]) for comment in comments if (mark := marker(comment.body))]
    wanted = [(comment, id_) for comment, id_ in found if id_ in pending]
    own = {*state.config.bots.accounts, state.ledger.account}
    if any(comment.author not in own for comment, _ in wanted):
        own.add(app.facts.whoami())
    return {id_: comment.id for comment, id_ in wanted if comment.author in own}
