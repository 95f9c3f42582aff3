"""A tick: look at GitHub, compare with the state, and let the one path settle what differs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot.app.careful import Looks
from bot.app.deliver import Delivery
from bot.app.evidence import evidence, newly_pinned, write_off_missed
from bot.app.looks import Watcher, unrecorded
from bot.app.process import App, Result
from bot.app.pulls import changed_pulls
from bot.app.runs import ended_runs
from bot.app.sessions import sweep
from bot.app.sweep import CommentSweep, IssueSweep, sweep_comments, sweep_issues
from bot.app.votes import with_votes
from bot.decide import MOST_EVENTS, is_due
from bot.domain.alert_rules import CONFIGURATION
from bot.domain.config import Config
from bot.domain.effects import Progress
from bot.domain.errors import ArchiveRefused
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.observed import Observed
from bot.domain.ledger import Backlog
from bot.domain.quota import Purpose
from bot.domain.state import State
from bot.policies.fleet.watching import mode_is_news, record_is_due
from bot.policies.outside.ledger import is_settled
from bot.ports.store import Look
from bot.render.requests import waiting

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
        looks = Looks(app.meter)
        found = _look_around(app, state, looks)
        looks.commands_wait = bool(found.events)
        since = watcher.since if watcher else None
        bare = Observed(
            observer=f"{observer}-{turn}", at=app.now(), watching_since=since, archive=app.archive_now
        )
        seen = _observed(app, state, found, bare, file, watcher, looks)
        differs = seen != _hardly_anything(app, state, bare, found, seen)
        idle = not found.events and not differs and not look.inbox
        if idle and not is_due(state, bare, app.now()):
            return Result(state, unseen=looks.failed)
        told = differs or idle or since is not None
        told_too = [_with_company(app, state, seen, watcher)] if told else []
        result = _settled(app, found, told_too)
        result = write_off_missed(app, result, bare.observer)
        result.unseen = looks.failed
        _tell_shed(state, result.state)
        settled = all(is_settled(result.state.ledger, event) for event in found.events)
        if (found.whole and settled) or not result.committed or looks.are_over():
            return result
        state, turn = result.state, turn + 1


def _settled(app: App, found: Found, told: Sequence[Observed]) -> Result:
    """Settle it; where the archive branch may not be written, without that from then on."""
    try:
        return app.process([*found.events, *told])
    except ArchiveRefused as error:
        log.warning("finished projects stay in the state: %s", " ".join(str(error).split()))
        app.refused.add(app.archive)
        return app.process([*found.events, *(one.model_copy(update={"archive": ""}) for one in told)])


def _tell_shed(before: State, after: State) -> None:
    if (shed := after.showing.shed) != before.showing.shed:
        over = "API requests are at hand again: nothing waits for them"
        log.warning("%s", waiting(shed.purposes, shed.until) if shed else over)


def _with_company(app: App, state: State, seen: Observed, watcher: Watcher | None) -> Observed:
    """What is told only together with something else, because it is worth no commit of its own."""
    also = {"quota": app.forge.quota, "mode": watcher.mode if watcher else None}
    return with_votes(app, state, seen).model_copy(update=also)


def _look_around(app: App, state: State, looks: Looks) -> Found:
    """Read both lists, and look up the facts of what is to be settled, as far as one commit takes it.

    Without the comments there is no tick: neither commands nor the evidence of replies are known.
    """
    with app.meter.on(Purpose.COMMANDS):
        comments = sweep_comments(app, state)
        commands = app.facts.resolve(comments.commands[: MOST_EVENTS - 1], state, {})
    looks.commands_wait = bool(commands)
    nothing: tuple[IssueSweep, Sequence[IssueChanged]] = (IssueSweep((), (), None), ())
    issues, changes = looks.at("issue events", Purpose.COMMANDS, partial(_issue_events, app, state), nothing)
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


def _issue_events(app: App, state: State) -> tuple[IssueSweep, Sequence[IssueChanged]]:
    issues = sweep_issues(app, state)
    return issues, app.facts.resolve_changes(issues.changes, state, issues.texts)


def _backlog(found: Sequence[CommentCreated], taken: Sequence[CommentCreated]) -> Backlog:
    known = {event.id for event in taken}
    left = [event.at for event in found if event.id not in known]
    return Backlog(commands=len(left), oldest=min(left, default=None))


def _observed(
    app: App,
    state: State,
    found: Found,
    bare: Observed,
    file: ConfigFile | None,
    watcher: Watcher | None,
    looks: Looks,
) -> Observed:
    """What differs from the state, on top of a look that has found nothing."""
    delivery = Delivery(app.forge, state, app.clocks, app.projects)
    seen = evidence(app, state, found.comments, found.issues, delivery, looks)
    mode, listed = watcher.mode if watcher else None, found.issues.listed
    return Observed(
        observer=bare.observer,
        at=bare.at,
        watching_since=bare.watching_since,
        archive=bare.archive,
        looks=looks.at("the monitor's runs", Purpose.RUNS, partial(unrecorded, app, state, watcher), None),
        mode=mode if mode is not None and mode_is_news(state.watch, mode, app.now()) else None,
        backlog=found.backlog if found.backlog != state.ledger.backlog else None,
        swept_to=found.comments.swept_to,
        cursor=found.comments.cursor,
        issues_swept_to=found.issues.swept_to,
        delivered=tuple(seen.delivered),
        looked_for=tuple(seen.overdue),
        opened=tuple(seen.opened),
        filed=tuple(seen.filed),
        posted=tuple(seen.posted),
        gone=tuple(seen.gone),
        issues_gone=(*seen.issues_gone, *_calls_gone(app, state, delivery, watcher, looks)),
        pinned=newly_pinned(state, found.issues),
        pulls=looks.at("pull requests", Purpose.PROJECTS, partial(changed_pulls, app, state, listed), ()),
        ended=looks.at("the workers' runs", Purpose.RUNS, partial(ended_runs, app, state), ()),
        account=new_account(app, state),
        config=file.config if file and file.config != state.config else None,
        set_back=found.comments.set_back,
        config_problem=file.problem if file and file.problem != _known_problem(state) else None,
    )


def _calls_gone(
    app: App, state: State, delivery: Delivery, watcher: Watcher | None, looks: Looks
) -> tuple[int, ...]:
    """Of the issues that call administrators, looked at once an hour: with the record of looks."""
    if watcher is None or not record_is_due(state, app.now()):
        return ()
    return looks.at("the calls' issues", Purpose.ALERTS, delivery.alert_issues.calls_gone, ())


def _hardly_anything(app: App, state: State, bare: Observed, found: Found, seen: Observed) -> Observed:
    """A look that is not worth a commit. The issues' watermark alone hardly ever is one.

    Each of the bot's own labels would cost one. That an edit was seen while it is not overdue is none,
    either: it is taken in with whatever is committed next.
    """
    mark = None if found.issues.pressing or found.events else seen.issues_swept_to
    grace = timedelta(seconds=state.config.delivery.grace_seconds)
    edits = {
        entry.id
        for entry in state.outbox.entries
        if isinstance(entry.effect, Progress) and app.now() - entry.claimed_at < grace
    }
    written = seen.delivered if edits.issuperset(seen.delivered) else ()
    return bare.model_copy(update={"issues_swept_to": mark, "delivered": written})


def new_account(app: App, state: State) -> str | None:
    """The bot's own login where this run has learned it and the state does not know it."""
    seen = app.facts.account
    known = {*state.config.bots.accounts, state.ledger.account}
    return seen if seen and seen not in known else None


def _known_problem(state: State) -> str:
    """Of an alert that waits for its end the problem is gone: that is no news at each look until then."""
    lasting = (one for one in state.alerts.items if one.until is None and one.gone_at is None)
    return next((one.cause for one in lasting if one.id == CONFIGURATION.id), "")
