"""A tick: look at GitHub, compare with the state, and let the one path settle what differs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.app.deliver import Delivery
from bot.app.looks import Watcher, unrecorded
from bot.app.process import App, Result
from bot.app.pulls import changed_pulls
from bot.app.runs import ended_runs
from bot.app.sessions import sweep
from bot.app.sweep import CommentSweep, IssueSweep, sweep_comments, sweep_issues
from bot.decide import MOST_EVENTS, is_due
from bot.domain.alert_rules import CONFIGURATION
from bot.domain.config import Config
from bot.domain.effects import (
    Cancel,
    CloseIssue,
    Dispatch,
    FileIssue,
    Labels,
    OpenIssue,
    OutboxEntry,
    React,
    ShowAlert,
    StartProcess,
)
from bot.domain.errors import Forbidden, NotFound, Rejected
from bot.domain.events import CommentCreated, IssueChanged, IssueFiled, IssueOpened, Observed
from bot.domain.ledger import Backlog
from bot.domain.state import State
from bot.policies.ledger import is_settled
from bot.ports import Look
from bot.render import labels

log = logging.getLogger("orchestrator")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What the configuration file says now."""

    config: Config | None
    """None: it does not validate."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at GitHub's lists gave, as far as one commit takes it."""

    events: tuple[CommentCreated | IssueChanged, ...]
    whole: bool
    """Whether nothing is left for another turn, or another run."""
    comments: CommentSweep
    issues: IssueSweep
    backlog: Backlog
    """Commands that are left for another turn, or another run."""


def tick(
    app: App,
    observer: str,
    file: ConfigFile | None = None,
    first: Look | None = None,
    watcher: Watcher | None = None,
) -> Result:
    """One reconcile; ``observer`` names the run, ``file`` is None where the file was not read.

    ``watcher`` is the run of the monitor that this is part of. Commits nothing where nothing differs
    and nothing is due.
    """
    look = first or app.store.load()
    if look.version is None:
        app.process([], look)
        look = app.store.load()
    state = app.load(look)
    result = _reconcile(app, observer, file, look, watcher)
    if result.committed:
        sweep(app.sessions, state, result.state)
    return result


def _reconcile(
    app: App, observer: str, file: ConfigFile | None, look: Look, watcher: Watcher | None
) -> Result:
    """Look, compare and settle until nothing is left."""
    state, turn = app.load(look), 0
    while True:
        found = _look_around(app, state)
        since = watcher.since if watcher else None
        bare = Observed(observer=f"{observer}-{turn}", at=app.now(), watching_since=since)
        seen = _observed(app, state, found, bare, file, watcher)
        differs = seen != _hardly_anything(bare, found, seen)
        idle = not found.events and not differs and not look.inbox
        if idle and not is_due(state, bare, app.now()):
            return Result(state)
        told = differs or idle or since is not None
        result = app.process([*found.events, *([seen] if told else [])])
        settled = all(is_settled(result.state.ledger, event) for event in found.events)
        if (found.whole and settled) or not result.committed:
            return result
        state, turn = result.state, turn + 1


def _look_around(app: App, state: State) -> Found:
    """Read both lists, and look up the facts of what is to be settled, as far as one commit takes it."""
    comments, issues = sweep_comments(app, state), sweep_issues(app, state)
    commands = app.facts.resolve(comments.commands[: MOST_EVENTS - 1], state, {})
    changes = app.facts.resolve_changes(issues.changes, state, issues.texts)
    changes = changes[: MOST_EVENTS - 1 - len(commands)]
    all_commands = len(commands) == len(comments.commands)
    all_changes = len(changes) == len(issues.changes)
    return Found(
        events=(*commands, *changes),
        whole=all_commands and all_changes,
        comments=comments if all_commands else replace(comments, swept_to=None, cursor=None),
        issues=issues if all_changes else replace(issues, swept_to=None),
        backlog=_backlog(comments.commands, commands),
    )


def _backlog(found: Sequence[CommentCreated], taken: Sequence[CommentCreated]) -> Backlog:
    known = {event.id for event in taken}
    left = [event.at for event in found if event.id not in known]
    return Backlog(commands=len(left), oldest=min(left, default=None))


def _observed(
    app: App, state: State, found: Found, bare: Observed, file: ConfigFile | None, watcher: Watcher | None
) -> Observed:
    """What differs from the state, on top of a look that has found nothing."""
    delivery = Delivery(app.forge, state, app.clocks.monotonic, app.projects)
    delivered, opened, looked_for = _evidence(app, state, found.comments, delivery)
    mode = watcher.mode if watcher else None
    return Observed(
        observer=bare.observer,
        at=bare.at,
        watching_since=bare.watching_since,
        looks=unrecorded(app, state, watcher),
        mode=mode if mode is not state.watch.mode else None,
        backlog=found.backlog if found.backlog != state.ledger.backlog else None,
        swept_to=found.comments.swept_to,
        cursor=found.comments.cursor,
        issues_swept_to=found.issues.swept_to,
        delivered=delivered,
        looked_for=looked_for,
        opened=opened,
        filed=_filed(state, delivery),
        pulls=changed_pulls(app, state),
        ended=ended_runs(app, state),
        account=new_account(app, state),
        config=file.config if file and file.config != state.config else None,
        config_problem=file.problem if file and file.problem != _known_problem(state) else None,
    )


def _hardly_anything(bare: Observed, found: Found, seen: Observed) -> Observed:
    """A look that is not worth a commit. The issues' watermark alone hardly ever is one.

    Each of the bot's own labels would cost one.
    """
    mark = None if found.issues.pressing or found.events else seen.issues_swept_to
    return bare.model_copy(update={"issues_swept_to": mark})


def new_account(app: App, state: State) -> str | None:
    """The bot's own login where this run has learned it and the state does not know it."""
    seen = app.facts.account
    known = {*state.config.bots.accounts, state.ledger.account}
    return seen if seen and seen not in known else None


def _known_problem(state: State) -> str:
    alerts = (alert for alert in state.alerts.items if alert.id == CONFIGURATION.id and alert.until is None)
    return next((alert.cause for alert in alerts), "")


def _evidence(
    app: App, state: State, seen: CommentSweep, delivery: Delivery
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
        elif late and _is_seen_done(app, state, delivery, entry):
            delivered.append(entry.id)
        elif late:
            overdue.append(entry.id)
    return tuple(delivered), tuple(opened), tuple(overdue)


def _filed(state: State, delivery: Delivery) -> tuple[IssueFiled, ...]:
    """Evidence of the issues of alerts and incidents."""
    asked = [entry.effect for entry in state.outbox.entries if isinstance(entry.effect, FileIssue)]
    found = delivery.filed(asked) if asked else {}
    return tuple(IssueFiled(about=about, issue=issue) for about, issue in sorted(found.items()))


def _is_seen_done(app: App, state: State, delivery: Delivery, entry: OutboxEntry) -> bool:
    """The same where GitHub may turn the look away: one entry keeps nothing else waiting."""
    try:
        return _seen_done(app, state, delivery, entry)
    except NotFound as error:
        log.warning("%s was looked for in vain: %s", entry.id, error)
        return isinstance(entry.effect, Labels)  # somebody deleted the issue: nothing is left to be labelled
    except (Forbidden, Rejected) as error:
        log.warning("%s was not looked for: %s", entry.id, error)
        return False


def _seen_done(app: App, state: State, delivery: Delivery, entry: OutboxEntry) -> bool:
    """Look at GitHub for the evidence of one overdue entry."""
    match entry.effect:
        case Dispatch() as dispatch:
            return delivery.dispatched(dispatch, entry.asked_at)
        case StartProcess() as start:
            return delivery.starting(start, entry.asked_at)
        case Cancel() as cancel:
            return not delivery.unfinished(cancel, entry.asked_at)
        case CloseIssue() as done:
            return delivery.closed(done)
        case ShowAlert() as shown:
            return delivery.shows(shown)
        case Labels(project=id_):
            project = state.projects[id_]
            if project.issue is None:
                return False
            return labels.difference(project, app.forge.issue(project.issue).labels) == ((), ())
        case React():
            return True  # a courtesy: nobody waits for it, and GitHub shows no evidence of it
        case _:
            return False
