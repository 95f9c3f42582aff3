"""The event that started an Actions run, settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.app.facts import commands_us, comment_event
from bot.app.process import App, Result
from bot.app.tick import tick
from bot.domain.events import IssueText
from bot.ports import CommentFacts, IssueFacts, Look


def handle_comment(app: App, look: Look, comment: CommentFacts, issue: IssueFacts, observer: str) -> Result:
    """Settle a comment that was just created, then sweep if nobody has for long.

    ``issue`` is what the payload tells of its issue: no request is made for that.
    """
    event = comment_event(comment)
    own = replace(
        app,
        texts={event.id: IssueText(title=issue.title, body=issue.body, author=issue.author)},
        known_labels={issue.number: issue.labels},
    )
    state = own.load(look)
    if not commands_us(comment, state):
        return Result(state)
    result = own.process([event], look, leave_strangers=True)
    cursor, limit = result.state.ledger.cursor, result.state.config.sweep.stale_minutes
    if result.committed and cursor and app.now() - cursor > timedelta(minutes=limit):
        tick(app, observer)
    return result
