"""What people did to issues besides commenting: which of GitHub's issue events concern the bot at all."""

from __future__ import annotations

from collections.abc import Callable

from bot.app.facts import accounts
from bot.domain.effects import FileIssue, OpenIssue, Status
from bot.domain.events.asked import IssueChanged
from bot.domain.labels import OWNED, PRIORITY
from bot.domain.state import State
from bot.policies.outside.ledger import is_settled
from bot.ports.facts import IssueEventFacts


def change_of(event: IssueEventFacts) -> IssueChanged:
    """An issue event as the core knows it, before its facts are looked up; only for what ``is_meant``."""
    return IssueChanged.model_validate(
        {
            "number": event.id,
            "issue": event.issue,
            "action": event.event,
            "label": event.label,
            "actor": event.actor,
            "at": event.created_at,
        }
    )


def is_meant(action: str, label: str, issue: int, state: State) -> bool:
    """Whether a change of an issue can mean anything: told without asking GitHub who did it."""
    match action:
        case "labeled":
            return label.startswith((*OWNED, PRIORITY)) or state.config.issues.asks(label)
        case "unlabeled":
            return label.startswith((*OWNED, PRIORITY))
        case "closed" | "reopened":
            return issue in own_issues(state)
        case _:
            return False


def own_issues(state: State) -> frozenset[int]:
    """The issues of projects, alerts and incidents and the pinned one, as far as their numbers are known."""
    numbers = [
        *(project.issue for project in state.projects.values()),
        *(left.issue for left in state.archived.items),
        *(alert.issue for alert in state.alerts.items),
        *(incident.issue for incident in state.incidents.values()),
        state.showing.status.number if state.showing.status else None,
    ]
    return frozenset(number for number in numbers if number is not None)


def awaits_issues(state: State) -> bool:
    """Whether an issue is being filed, so that its number may be the bot's own without being known yet."""
    filed = state.showing.status is not None
    return any(
        isinstance(entry.effect, OpenIssue | FileIssue) or (isinstance(entry.effect, Status) and not filed)
        for entry in state.outbox.entries
    )


def is_foreign_bot(actor: str, state: State, *, is_bot: bool) -> bool:
    """Whether this is another program's account, which the configuration does not let in."""
    return is_bot and actor not in state.config.bots.allowed


def is_persons(event: IssueEventFacts, state: State, whoami: Callable[[], str]) -> bool:
    """Whether a person did it, or a bot that counts as one; ``whoami`` is asked where it has to be.

    Where the bot writes with a person's token, what that person does by hand cannot be told from it.
    """
    if is_foreign_bot(event.actor, state, is_bot=event.actor_is_bot) or event.actor in accounts(state):
        return False
    return event.actor != whoami()


def awaits_settling(event: IssueEventFacts, state: State) -> bool:
    """Whether an event that means something is still to be settled, whoever did it."""
    begun = state.ledger.initialised_at
    return (
        is_meant(event.event, event.label, event.issue, state)
        and (begun is None or event.created_at >= begun)
        and not is_settled(state.ledger, change_of(event))
    )
