"""Carrying effects out: after the commit that asked for them, by the run that made it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from bot.app.alert_issues import AlertIssues
from bot.app.clocks import Clocks
from bot.app.issue_events import awaits_settling, is_persons
from bot.app.projections import Projections
from bot.app.traces import Traces
from bot.domain.effects import (
    Cancel,
    CloseIssue,
    Dispatch,
    FileIssue,
    Labels,
    MergePull,
    Notify,
    OpenIssue,
    OutboxEntry,
    Progress,
    React,
    Reply,
    ShowAlert,
    StartProcess,
    Status,
)
from bot.domain.errors import ForgeError, NoAccess, NotFound, RateLimited, Unavailable
from bot.domain.labels import PRIORITY
from bot.domain.models import Project
from bot.domain.quota import Meter, Purpose
from bot.domain.state import State
from bot.policies.outside.requesting import purpose_of, shed, shed_by
from bot.ports.facts import IssueEventFacts
from bot.ports.forge import Forge
from bot.ports.outside import Notifier
from bot.ports.projects import ProjectForge
from bot.render import labels
from bot.render.markers import marked
from bot.render.replies import project_issue
from bot.render.requests import waiting

log = logging.getLogger("orchestrator")

_TURN = {
    "cancel": 0,
    "react": 1,
    "reply": 1,
    "dispatch": 2,
    "start-process": 2,
    "file-issue": 3,
    "open-issue": 3,
    "merge-pull": 3,
    "close-issue": 3,
    "show-alert": 4,
    "labels": 4,
    "progress": 5,
    "status": 5,
    "notify": 5,
}
"""What must end first, then answers, then work, then what is only to look at, and last who else is told."""


class Delivery:
    """Delivers one commit's effects; what fails stays in the outbox for a tick."""

    def __init__(
        self,
        forge: Forge,
        state: State,
        clocks: Clocks,
        projects: Callable[[str], ProjectForge] | None = None,
        notifier: Notifier | None = None,
        meter: Meter | None = None,
    ) -> None:
        """``state`` is the saved one: labels and alerts are rendered from it."""
        self._forge = forge
        self._projects = projects
        self.traces = Traces(forge, state, projects)
        self._notifier = notifier
        self._meter = meter or Meter()
        self.notified: dict[str, tuple[str, ...]] = {}
        """Messages outside that were taken, by outbox ids, with the services that did not take them."""
        self._state = state
        self._clocks = clocks
        self.projections = Projections(forge, state)
        self.alert_issues = AlertIssues(forge, state)
        self._until = clocks.monotonic() + state.config.delivery.grace_seconds / 2

    def all(
        self, entries: Sequence[OutboxEntry], known: Mapping[int, frozenset[str]]
    ) -> list[tuple[OutboxEntry, ForgeError]]:
        """Deliver each entry; returns those that failed. ``known``: labels seen on issues already."""
        failed: list[tuple[OutboxEntry, ForgeError]] = []
        held: set[Purpose] = set()
        for entry in sorted(entries, key=lambda entry: _TURN[entry.effect.kind]):
            if (purpose := purpose_of(entry.effect)) in self._left_out():
                held.add(purpose)
                continue
            if self._clocks.monotonic() > self._until:
                log.warning("%s is left to the next tick: half the grace time is over", entry.id)
                continue
            try:
                with self._meter.on(purpose):
                    self._one(entry, known)
            except NoAccess as error:
                log.debug("%s is left to the next tick: %s", entry.id, error)
                self._fail(failed, entry, error)
            except ForgeError as error:
                log.warning("%s was not delivered and stays in the outbox: %s", entry.id, error)
                self._fail(failed, entry, error)
                if isinstance(error, RateLimited):
                    break
        if held and (quota := self._forge.quota):
            log.warning("%s; %s of %s are left", waiting(held, quota.resets_at), quota.left, quota.limit)
        return failed

    def waiting(self) -> frozenset[Purpose]:
        """What waits because few requests are left, by what GitHub has told this run."""
        now = self._forge.now()
        return frozenset() if now is None else shed(self._forge.quota, self._state.config.requests, now)

    def _left_out(self) -> frozenset[Purpose]:
        """The same but for the last text of the pinned issue, which says that it waits.

        The state asks for that one once it knows; of what it asked for before it knew all waits.
        """
        return self.waiting() - ({Purpose.STATUS} & shed_by(self._state.showing.shed))

    def _fail(
        self, failed: list[tuple[OutboxEntry, ForgeError]], entry: OutboxEntry, error: ForgeError
    ) -> None:
        """What does not reach the outside is no failure of the run: nothing of GitHub's has failed."""
        if not isinstance(entry.effect, Notify):
            failed.append((entry, error))

    def _one(self, entry: OutboxEntry, known: Mapping[int, frozenset[str]]) -> None:
        match entry.effect:
            case Reply() as reply:
                self._reply(entry, reply)
            case React() as react:
                self._forge.react(react.comment, react.reaction)
            case Dispatch() as dispatch:
                self._dispatch(entry, dispatch)
            case Cancel() as cancel:
                self._cancel(cancel, entry.asked_at)
            case StartProcess() as start:
                self._look_before_repeating(
                    lambda: self._forge.dispatch(start.workflow, {"worker": start.process}),
                    lambda: self.traces.starting(start, entry.asked_at),
                )
            case FileIssue() as filed:
                self._file_issue(filed)
            case ShowAlert() as shown:
                self.alert_issues.show(shown)
            case Notify() as message:
                self._notify(entry, message)
            case OpenIssue() as asked:
                self._open_issue(entry, self._state.projects[asked.project])
            case MergePull() as merge:
                self._merge(merge)
            case CloseIssue() as done:
                self.traces.project(done.repository).edit_issue(done.number, closed=True)
            case Labels() as due:
                self._labels(self._state.projects[due.project], known)
            case Progress() as shows:
                self.projections.progress(shows)
            case Status():
                self.projections.status()

    def _reply(self, entry: OutboxEntry, reply: Reply) -> None:
        issue = reply.issue or self._state.projects[reply.project].issue
        if issue is None:
            return
        if reply.comment and reply.reaction:
            # A comment that was deleted since takes no reaction; the command counts, and so does its answer.
            with suppress(NotFound):
                self._forge.react(reply.comment, reply.reaction)
        body = marked("effect", entry.id, reply.body)
        self._look_before_repeating(
            lambda: self._forge.comment(issue, body), lambda: self.traces.replied(entry, issue)
        )

    def _dispatch(self, entry: OutboxEntry, dispatch: Dispatch) -> None:
        inputs = {"assignment": dispatch.assignment, **_runner(dispatch.runs_on)}
        self._look_before_repeating(
            lambda: self._forge.dispatch(dispatch.workflow, inputs),
            lambda: self.traces.dispatched(dispatch, entry.asked_at),
        )

    def _cancel(self, cancel: Cancel, since: datetime) -> None:
        """End the run that claimed the lease, and one that was dispatched for it and has not claimed yet."""
        found = self.traces.unfinished(cancel, since) if cancel.run_id is None else []
        named = {run.id for run in found} if cancel.run_id is None else {cancel.run_id}
        for run in sorted(named):
            self._forge.cancel_run(run)

    def _file_issue(self, filed: FileIssue) -> None:
        kind, _, id_ = filed.about.partition("/")
        text = marked(kind, id_, filed.body)
        self._look_before_repeating(
            lambda: self._forge.create_issue(filed.title, text, filed.labels),
            lambda: filed.about in self.traces.filed([filed], {filed.about}),
        )

    def _notify(self, entry: OutboxEntry, message: Notify) -> None:
        """Nothing outside shows whether it came: the caller keeps that it was taken."""
        if self._notifier is None:
            raise NoAccess("this run knows no address outside: one with ORCHESTRATOR_NOTIFY_URLS does that")
        self.notified[entry.id] = self._notifier.tell(message.severity, message.title, message.body)

    def _open_issue(self, entry: OutboxEntry, project: Project) -> None:
        if project.issue is not None:
            return
        title, body = project_issue(project, project.asked_on)
        text = marked("project", project.id, body)
        self._look_before_repeating(
            lambda: self._forge.create_issue(title, text, sorted(labels.wanted(project))),
            lambda: self.traces.opened(project.id) is not None,
        )

    def _merge(self, merge: MergePull) -> None:
        """Merged only at the head that was let through, so doing it again does no harm."""
        forge = self.traces.project(merge.repository)
        if merge.update:
            forge.update_pull(merge.number, merge.head)
        else:
            forge.merge_pull(merge.number, merge.head, merge.method, merge.title)

    def _labels(self, project: Project, known: Mapping[int, frozenset[str]]) -> None:
        if project.issue is None:
            return
        present = known.get(project.issue)
        if present is None:
            present = self._forge.issue(project.issue).labels
        add, remove = labels.difference(project, present)
        if add:
            self._forge.add_labels(project.issue, add)
        for name in self._removable(project.issue, remove):
            self._forge.remove_label(project.issue, name)

    def _removable(self, issue: int, names: Sequence[str]) -> list[str]:
        """Those that no person has set since the state was saved: what is not settled yet stays."""
        if not any(name.startswith(PRIORITY) for name in names):
            return list(names)
        newest = {
            event.label: event for event in self._forge.issue_events_of(issue) if event.event == "labeled"
        }
        return [name for name in names if not (name.startswith(PRIORITY) and self._is_new(newest.get(name)))]

    def _is_new(self, event: IssueEventFacts | None) -> bool:
        """Whether it is a person's that no run has settled."""
        return (
            event is not None
            and awaits_settling(event, self._state)
            and is_persons(event, self._state, self._forge.whoami)
        )

    def _look_before_repeating(self, write: Callable[[], object], seen: Callable[[], bool]) -> None:
        """A write whose answer was lost is repeated once, and only if it did not land.

        GitHub's lists may lag behind what was written: what the first look does not show gets a second one.
        """
        try:
            write()
        except Unavailable:
            if not seen() and not self._seen_later(seen):
                write()

    def _seen_later(self, seen: Callable[[], bool]) -> bool:
        self._clocks.wait(self._state.config.delivery.settle_seconds)
        return seen()


def _runner(labels: Sequence[str]) -> dict[str, str]:
    """The worker's input ``runner``: one label as it is, several as a JSON array, none not at all."""
    match labels:
        case []:
            return {}
        case [one]:
            return {"runner": one}
        case _:
            return {"runner": json.dumps(list(labels))}
