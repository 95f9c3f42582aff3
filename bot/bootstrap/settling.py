"""What settles the event that started a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.adapters.actions import ActionsContext
from bot.bootstrap.session import Session
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.app.process import App, Result


def settles(context: ActionsContext) -> Callable[[Session, App], Result] | None:
    """What settles the event that started a run; None where the payload alone shows that nothing does."""
    from bot.app.sieve import may_concern_us
    from bot.commands.lines import holds_command

    if context.event_name == "issue_comment" and holds_command(context.created_comment):
        return _handle_comment
    if context.event_name == "issues" and may_concern_us(context.payload):
        return _handle_issue
    return None


def _handle_comment(current: Session, app: App) -> Result:
    from bot.adapters.payloads import read_comment
    from bot.app.handle import handle_comment

    payload = read_comment(current.context.payload)
    if payload is None:
        raise UsageError("the event is no issue_comment as GitHub sends it: it has no comment or no issue")
    look, issue = current.first_look(), payload.issue.facts()
    return handle_comment(app, look, payload.facts(), issue, current.observer)


def _handle_issue(current: Session, app: App) -> Result:
    from bot.adapters.payloads import read_issue
    from bot.app.handle import handle_issue

    woken = read_issue(current.context.payload).facts()
    return handle_issue(app, current.first_look(), woken, current.observer)
