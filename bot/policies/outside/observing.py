"""What a look at GitHub changes: evidence, cursors, the configuration, and the state's beginning."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.alert_rules import CONFIGURATION, LOST, SET_BACK, UNTOLD
from bot.domain.base import stamp
from bot.domain.config import Config, Delivery
from bot.domain.draft import Draft
from bot.domain.effects import (
    Effect,
    FileIssue,
    Labels,
    MergePull,
    Notify,
    OpenIssue,
    OutboxEntry,
    Progress,
    Reply,
    ShowAlert,
    StartProcess,
    Status,
)
from bot.domain.events.batch import Initialised
from bot.domain.events.observed import Notified, Observed
from bot.domain.instances import Instance
from bot.domain.showing import Shown
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.policies.alerting import alert_places
from bot.policies.alerting.alert_issues import not_wanted
from bot.policies.alerting.alerts import end_alert, forget_old, raise_alert
from bot.policies.fleet import watching
from bot.policies.fleet.liveness import end_with_run
from bot.policies.measuring import voting
from bot.policies.outside import showing
from bot.policies.outside.ledger import move_watermarks
from bot.policies.projects.stopping import run_ended
from bot.policies.working import pulls

HOUR = 3_600
"""Seconds: the longest that an effect waits for its next delivery, unless the grace time is longer."""


def initialise(draft: Draft, event: Initialised) -> None:
    """Begin: the lease counter starts at the epoch seconds, so that no earlier lease is ever reused."""
    draft.config = event.config
    draft.ledger = draft.ledger.model_copy(
        update={
            "initialised_at": draft.now,
            "next_lease": int(draft.now.timestamp()),
            "cursor": draft.now,
        }
    )
    enrol(draft)


def enrol(draft: Draft) -> None:
    """Take every worker of the configured roster in that is not known yet."""
    for workflow in Workflow:
        for worker in draft.config.pools.of(workflow).roster:
            if worker.id not in draft.instances:
                draft.instances[worker.id] = Instance(
                    id=worker.id,
                    workflow=workflow,
                    specialties=worker.specialties,
                    sizes=worker.sizes,
                    region=worker.region,
                    idle_since=draft.now,
                    created_at=draft.now,
                )


def observe(draft: Draft, event: Observed) -> None:
    """Take in what was seen, then claim the redelivery of what was looked for and is not there."""
    draft.looked, draft.archive = True, event.archive
    move_watermarks(draft, event)
    watching.take_in(draft, event)
    draft.quota = event.quota or draft.quota
    voting.take_in(draft, event)
    showing.see(draft, event)
    alert_places.gone(draft, event.issues_gone)
    draft.void(event.delivered)
    for opened in event.opened:
        _opened(draft, opened.project, opened.issue)
    for seen in event.ended:
        run_ended(draft, seen)
        end_with_run(draft, seen)
    for pull in event.pulls:
        pulls.see(draft, pull)
    for filed in event.filed:
        if filed.about == showing.STATUS:
            showing.filed(draft, filed)
        else:
            _filed(draft, filed.about, filed.issue)
    if event.account:
        draft.ledger = draft.ledger.model_copy(update={"account": event.account})
    if event.config is not None:
        _note_config(draft, event.config)
        draft.config = event.config
        enrol(draft)
    if event.set_back is not None:
        _set_back(draft, event.set_back)
    if event.config_problem is not None:
        _configuration(draft, event.config_problem)
    _redeliver(draft, frozenset(event.looked_for))
    forget_old(draft)


def _note_config(draft: Draft, config: Config) -> None:
    """Which keys have changed: what an incident's report looks for first."""
    names = [name for name in Config.model_fields if getattr(config, name) != getattr(draft.config, name)]
    draft.note("control", detail=f"configuration changed: {', '.join(names)}")


def _set_back(draft: Draft, until: datetime) -> None:
    """The branch has forgotten what it decided: no lease is given out twice, and people are told.

    Leases are counted from epoch seconds on, far slower than those pass: the present ones are above all.
    """
    lease = max(draft.ledger.next_lease, int(draft.now.timestamp()))
    draft.ledger = draft.ledger.model_copy(update={"next_lease": lease})
    known = draft.base.events.now if draft.base.events else draft.now
    raise_alert(draft, SET_BACK, known=stamp(known), until=stamp(until))


def notified(draft: Draft, event: Notified) -> None:
    """What was to be told outside was told; an address that did not take it is an alert."""
    draft.void([event.effect])
    if event.failed:
        services = ", ".join(event.failed)
        raise_alert(draft, UNTOLD, case="some", alert=event.alert, services=services)


def _configuration(draft: Draft, problem: str) -> None:
    if problem:
        raise_alert(draft, CONFIGURATION, problem=problem)
    else:
        end_alert(draft, CONFIGURATION)


def _opened(draft: Draft, project_id: str, issue: int) -> None:
    project = draft.projects.get(project_id)
    if project is not None and project.issue is None:
        draft.put(project.model_copy(update={"issue": issue, "progress": Shown(number=issue)}))
        draft.void(entry.id for entry in draft.outbox if entry.effect == OpenIssue(project=project_id))
        draft.labels_due(project_id)
        for entry in draft.outbox:
            if (
                isinstance(entry.effect, Reply)
                and entry.effect.issue is None
                and entry.effect.project == project_id
            ):
                draft.claim(entry.model_copy(update={"claimed_at": draft.now}))


def _filed(draft: Draft, about: str, issue: int) -> None:
    """An alert's or an incident's issue exists."""
    kind, _, id_ = about.partition("/")
    draft.void(
        [
            entry.id
            for entry in draft.outbox
            if isinstance(entry.effect, FileIssue) and entry.effect.about == about
        ]
    )
    if kind == "alert":
        alert_places.filed(draft, about, issue)
    elif id_ in draft.incidents:
        draft.incidents[id_] = draft.incidents[id_].model_copy(update={"issue": issue})


def _redeliver(draft: Draft, looked_for: frozenset[str]) -> None:
    """Claim each entry that is past its grace time; the claim is committed before anything is sent."""
    settings = draft.config.delivery
    for entry in draft.outbox:
        if entry.id not in looked_for or draft.now - entry.claimed_at < pause(settings, entry):
            continue
        if isinstance(entry.effect, FileIssue) and not_wanted(draft, entry.effect):
            draft.void([entry.id])
            continue
        if isinstance(entry.effect, StartProcess) and entry.attempt >= draft.config.external.restart_tries:
            draft.void([entry.id])  # its worker's own alert tells of it
        elif isinstance(entry.effect, Progress) and entry.attempt >= settings.limit:
            showing.write_off(draft, entry)
        elif entry.attempt >= settings.limit:
            draft.void([entry.id])
            _give_up(draft, entry)
        elif deliverable(draft, entry.effect):
            again = entry.model_copy(update={"attempt": entry.attempt + 1, "claimed_at": draft.now})
            draft.claim(again)


def pause(settings: Delivery, entry: OutboxEntry) -> timedelta:
    """How long an entry waits for its next delivery: it doubles with each, up to ``HOUR``."""
    grace = settings.grace_seconds
    return timedelta(seconds=min(grace * 2 ** (entry.attempt - 1), max(grace, HOUR)))


def is_overdue(state: State, entry: OutboxEntry, now: datetime) -> bool:
    """Whether telling that an entry was looked for in vain has it delivered again, or given up."""
    late = now - entry.claimed_at >= pause(state.config.delivery, entry)
    return late and deliverable(state, entry.effect)


def deliverable(draft: Draft | State, effect: Effect) -> bool:
    """Whether an effect knows its issue by now: a project's own may still have to be filed."""
    if isinstance(effect, Progress):
        project = draft.projects.get(effect.project)
        return project is not None and project.progress is not None
    if isinstance(effect, Labels) or (isinstance(effect, Reply) and effect.issue is None):
        project = draft.projects.get(effect.project)
        return project is not None and project.issue is not None
    return True


def _give_up(draft: Draft, entry: OutboxEntry) -> None:
    """Nobody tries it again: people are told, and what it was for goes on without it."""
    _tell_lost(draft, entry)
    if isinstance(entry.effect, MergePull):
        pulls.given_up(draft, entry.effect)
    elif isinstance(entry.effect, FileIssue):
        alert_places.given_up(draft, entry.effect)


def _tell_lost(draft: Draft, entry: OutboxEntry) -> None:
    """Something is given up; what was to be told outside is an alert of its own, which is not told there."""
    if isinstance(entry.effect, Notify):
        raise_alert(draft, UNTOLD, alert=entry.effect.alert, attempts=entry.attempt)
        return
    what, effect = entry.id, entry.id
    if isinstance(entry.effect, Status):
        # An alert changes the page, which is asked for anew: with one for each it would never come to an end.
        what, effect = entry.effect.kind, "of the pinned issue"
    elif isinstance(entry.effect, ShowAlert):
        # An issue that takes no text is asked to take one again and again, while the alert changes.
        what, effect = f"alert-show-{entry.effect.alert}", f"of {entry.effect.alert}"
    raise_alert(draft, LOST, what, kind=entry.effect.kind, effect=effect, attempts=entry.attempt)
