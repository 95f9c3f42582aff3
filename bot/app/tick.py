"""A tick: look at GitHub, compare with the state, and let the one path settle what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.deliver import Delivery
from bot.app.facts import commands_us, comment_event
from bot.app.process import App, Result
from bot.app.runs import ended_runs
from bot.decide import MOST_EVENTS, decide
from bot.domain.config import Config
from bot.domain.effects import (
    Cancel,
    Dispatch,
    FileIssue,
    Labels,
    OpenIssue,
    OutboxEntry,
    React,
    Reply,
)
from bot.domain.events import CommentCreated, IssueFiled, IssueOpened, Observed
from bot.domain.state import State
from bot.policies.ledger import is_settled
from bot.policies.observing import CONFIG_ALERT
from bot.ports import CommentFacts, Look
from bot.render import labels
from bot.render.markers import marker

OVERLAP = timedelta(seconds=5)
"""GitHub's clock has whole seconds: look a little before the cursor."""

BEHIND = timedelta(minutes=5)
"""In a busy thread the cursor moves when it is so far behind; in a quiet one, after the last comment."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a look at the comments gave."""

    commands: tuple[CommentCreated, ...]
    """Those with commands that no run has settled."""
    swept_to: int | None
    cursor: datetime | None
    markers: frozenset[str]
    """Outbox ids that comments of the bot's own account carry."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What the configuration file says now."""

    config: Config | None
    """None: it does not validate."""
    problem: str = ""


def tick(app: App, observer: str, file: ConfigFile | None = None, first: Look | None = None) -> Result:
    """One reconcile; ``observer`` names the run, ``file`` is None where the file was not read.

    Commits nothing where nothing differs and nothing is due.
    """
    look = first or app.store.load()
    if look.version is None:
        app.process([], look)
        look = app.store.load()
    state = app.load(look)
    turn = 0
    while True:
        seen = sweep(app, state)
        found = app.facts.resolve(seen.commands[: MOST_EVENTS - 1], state, {})
        whole = len(found) == len(seen.commands)
        observed = _observed(app, state, seen, f"{observer}-{turn}", file, whole=whole)
        if not found and observed is None and not look.inbox and decide(state, [], app.now()).state is state:
            return Result(state)
        result = app.process([*found, *([observed] if observed else [])])
        settled = all(is_settled(result.state.ledger, event) for event in found)
        if (whole and settled) or not result.committed:
            return result
        state, turn = result.state, turn + 1


def sweep(app: App, state: State) -> Sweep:
    """Read every comment since the cursor (1 request a page)."""
    ledger, settings = state.ledger, state.config.sweep
    pending = [entry.asked_at for entry in state.outbox.entries if isinstance(entry.effect, Reply)]
    cursor = ledger.cursor or app.now()
    comments = app.forge.comments_since(min([cursor, *pending]) - OVERLAP)
    events = [comment_event(comment) for comment in comments if commands_us(comment, state)]
    horizon = app.now() - timedelta(seconds=settings.lag_seconds)
    behind = [comment for comment in comments if comment.created_at <= horizon]
    swept_to = max((comment.id for comment in behind), default=None)
    newest = max((comment.created_at for comment in behind), default=None)
    quiet = len(behind) == len(comments) or horizon - cursor > BEHIND
    moved = newest is not None and newest > cursor and quiet
    return Sweep(
        commands=tuple(event for event in events if not is_settled(ledger, event)),
        swept_to=swept_to if moved else None,
        cursor=newest if moved else None,
        markers=_markers(app, state, comments),
    )


def _markers(app: App, state: State, comments: Sequence[CommentFacts]) -> frozenset[str]:
    """Evidence of replies; the bot's own login is asked for only when a marker of somebody is seen."""
    found = [(comment.author, mark[1]) for comment in comments if (mark := marker(comment.body))]
    pending = {entry.id for entry in state.outbox.entries}
    wanted = [(author, id_) for author, id_ in found if id_ in pending]
    own = {*state.config.bots.accounts, state.ledger.account}
    if any(author not in own for author, _ in wanted):
        own.add(app.facts.whoami())
    return frozenset(id_ for author, id_ in wanted if author in own)


def _observed(
    app: App,
    state: State,
    seen: Sweep,
    observer: str,
    file: ConfigFile | None,
    *,
    whole: bool,
) -> Observed | None:
    """What differs from the state, or None."""
    delivery = Delivery(app.forge, state, app.clocks.monotonic)
    delivered, opened, looked_for = _evidence(app, state, seen, delivery)
    facts = Observed(
        observer=observer,
        at=app.now(),
        swept_to=seen.swept_to if whole else None,
        cursor=seen.cursor if whole else None,
        delivered=delivered,
        looked_for=looked_for,
        opened=opened,
        filed=_filed(state, delivery),
        ended=ended_runs(app, state),
        account=_account(app, state),
        config=file.config if file and file.config != state.config else None,
        config_problem=file.problem if file and file.problem != _known_problem(state) else None,
    )
    nothing = Observed(observer=observer, at=facts.at)
    return None if facts == nothing else facts


def _account(app: App, state: State) -> str | None:
    """The bot's own login where this run has learned it and the state does not know it."""
    seen = app.facts.account
    known = {*state.config.bots.accounts, state.ledger.account}
    return seen if seen and seen not in known else None


def _known_problem(state: State) -> str:
    alerts = (alert for alert in state.alerts.items if alert.id == CONFIG_ALERT and alert.until is None)
    return next((alert.cause for alert in alerts), "")


def _evidence(
    app: App, state: State, seen: Sweep, delivery: Delivery
) -> tuple[tuple[str, ...], tuple[IssueOpened, ...], tuple[str, ...]]:
    """Of the outbox: what was seen done, own issues found, and what is overdue and was looked for."""
    grace = timedelta(seconds=state.config.delivery.grace_seconds)
    delivered: list[str] = []
    opened: list[IssueOpened] = []
    overdue: list[str] = []
    for entry in state.outbox.entries:
        late = app.now() - entry.claimed_at >= grace
        if entry.id in seen.markers:
            delivered.append(entry.id)
        elif isinstance(entry.effect, OpenIssue) and (number := delivery.opened(entry.effect.project)):
            opened.append(IssueOpened(project=entry.effect.project, issue=number))
        elif late and _seen_done(app, state, delivery, entry):
            delivered.append(entry.id)
        elif late:
            overdue.append(entry.id)
    return tuple(delivered), tuple(opened), tuple(overdue)


def _filed(state: State, delivery: Delivery) -> tuple[IssueFiled, ...]:
    """Evidence of the issues of alerts and incidents."""
    asked = [entry.effect for entry in state.outbox.entries if isinstance(entry.effect, FileIssue)]
    found = [(effect.about, delivery.filed(effect)) for effect in asked]
    return tuple(IssueFiled(about=about, issue=issue) for about, issue in found if issue is not None)


def _seen_done(app: App, state: State, delivery: Delivery, entry: OutboxEntry) -> bool:
    """Look at GitHub for the evidence of one overdue entry."""
    match entry.effect:
        case Dispatch() as dispatch:
            return delivery.dispatched(dispatch, entry.asked_at)
        case Cancel() as cancel:
            return not delivery.unfinished(cancel, entry.asked_at)
        case Labels(project=id_):
            project = state.projects[id_]
            if project.issue is None:
                return False
            return labels.difference(project, app.forge.issue(project.issue).labels) == ((), ())
        case React():
            return True  # a courtesy: nobody waits for it, and GitHub shows no evidence of it
        case _:
            return False
