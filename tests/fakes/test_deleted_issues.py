"""Issues that somebody deletes or moves away, with work for them in the outbox, keep nobody waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.looks import Watcher
from bot.app.process import App
from bot.app.tick import ConfigFile, tick
from bot.bootstrap.reading import read_template
from bot.domain import files
from bot.domain.alerting import Alerting, Severity
from bot.domain.config import Config
from bot.domain.effects import Notify, OutboxEntry, ShowAlert
from bot.domain.errors import NotFound
from bot.domain.records import Alert
from bot.domain.state import State
from bot.domain.watch import Mode
from bot.ports.facts import IssueFacts
from bot.ports.outside import Notifier
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, BOT, Moment, Site
from tests.fakes.grounds import new_site
from tests.fakes.store import MemoryRemote, MemoryStore

TEMPLATE = read_template()


class Redirecting(MemoryForge):
    """Issues that were moved to another repository: GitHub redirects who reads them, and refuses writes."""

    def __init__(self, site: Site, full_name: str, login: str, moved: Mapping[int, int]) -> None:
        super().__init__(site, full_name, login)
        self._moved = moved

    def issue(self, number: int) -> IssueFacts:
        if number in self._moved:
            return replace(super().issue(number), number=self._moved[number])
        return super().issue(number)

    def edit_issue(self, number: int, *, body: str | None = None, closed: bool | None = None) -> None:
        if number in self._moved:
            raise NotFound(f"it has moved to #{self._moved[number]} of another repository")
        super().edit_issue(number, body=body, closed=closed)


class Outside:
    """An address that takes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, severity: Severity, title: str, body: str) -> tuple[str, ...]:
        self.told.append(title)
        return ()


class Fleet:
    """A bot that ticks over GitHub in memory."""

    def __init__(self) -> None:
        self.moment = Moment(START)
        self.site = new_site(self.moment)
        self.remote = MemoryRemote()
        self.ticks = 0
        self.moved: dict[int, int] = {}
        self.tick()

    def tick(
        self,
        minutes: float = 5,
        *,
        file: ConfigFile | None = None,
        mode: Mode | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self.moment.wait(minutes * 60)
        self.ticks += 1
        forge = Redirecting(self.site, REPOSITORY, BOT, self.moved)
        clocks = Clocks(lambda: self.moment.now, self.moment.seconds, self.moment.wait)
        facts = Facts(forge, REPOSITORY, lambda name: MemoryForge(self.site, name, APP))
        store = MemoryStore(self.remote, nonce=f"run-{self.ticks}")
        app = App(store, forge, facts, clocks, lambda: TEMPLATE, notifier=notifier)
        tick(app, f"tick-{self.ticks}", file, watcher=Watcher(mode) if mode else None)

    def idea(self) -> int:
        place = self.site.place(REPOSITORY)
        issue = place.open_issue("wendy", "A page", "Please.").number
        place.comment("wendy", issue, "/dispatch-genesis")
        return issue

    def alert(self, id_: str) -> Alert:
        return next(one for one in self.state().alerts.items if one.id == id_)

    def lost(self) -> list[str]:
        """Alerts of what could not be delivered."""
        return [one.id for one in self.state().alerts.items if one.id.startswith("undeliverable-")]

    def pending(self, kind: type) -> list[OutboxEntry]:
        return [one for one in self.state().outbox.entries if isinstance(one.effect, kind)]

    def state(self) -> State:
        return files.load(self.remote.files(self.remote.branches["state"]))


def test_a_project_whose_issue_was_deleted_stops_no_other() -> None:
    fleet = Fleet()
    gone, kept = fleet.idea(), fleet.idea()
    fleet.tick()
    place = fleet.site.place(REPOSITORY)
    place.comment("wendy", kept, f"/priority a-page-{gone} high")
    del place.issues[gone]
    place.events[:] = [event for event in place.events if event.issue != gone]
    for _ in range(4):
        fleet.tick()
    assert fleet.state().projects[f"a-page-{gone}"].priority == "high"
    later = fleet.idea()
    fleet.tick()
    assert later in {project.issue for project in fleet.state().projects.values()}


def wrong(line: int) -> ConfigFile:
    return ConfigFile(None, f"line {line}: no such key")


@pytest.mark.parametrize("how", ["deleted", "moved"])
def test_an_alert_whose_issue_is_gone_goes_on_without_it_and_nothing_is_tried_again(how: str) -> None:
    fleet = Fleet()
    for _ in range(3):
        fleet.tick(file=wrong(3))
    number = fleet.alert("configuration").issue
    assert number is not None
    fleet.idea()
    if how == "deleted":
        del fleet.site.place(REPOSITORY).issues[number]
    else:
        fleet.moved[number] = 4_711
    for line in (4, 4, 5):
        fleet.tick(file=wrong(line))
    alert = fleet.alert("configuration")
    assert (alert.issue, alert.until) == (None, None)
    assert "line 5" in alert.cause
    for _ in range(30):
        fleet.tick(file=wrong(5))
    assert fleet.pending(ShowAlert) == []
    assert fleet.lost() == []


def test_a_call_whose_issue_was_deleted_is_over_within_an_hour_or_two() -> None:
    fleet = Fleet()
    place = fleet.site.place(REPOSITORY)
    issue = place.open_issue("wendy", "The disk", "Full.").number
    place.comment("wendy", issue, "/alert-administrators disk-full")
    for _ in range(3):
        fleet.tick(mode=Mode.CRON)
    number = fleet.alert("admin-disk-full").issue
    assert number is not None
    del place.issues[number]
    for _ in range(26):
        fleet.tick(mode=Mode.CRON)
    assert fleet.alert("admin-disk-full").until is not None


def called(notifies: str = "warning") -> Fleet:
    """A fleet that has something to tell outside."""
    fleet = Fleet()
    told = Alerting.model_validate({"notify_severity": notifies})
    fleet.tick(file=ConfigFile(Config(alerts=told)))
    place = fleet.site.place(REPOSITORY)
    issue = place.open_issue("wendy", "The disk", "Full.").number
    place.comment("wendy", issue, "/alert-administrators disk-full")
    fleet.tick()
    return fleet


def test_a_monitor_without_the_addresses_uses_up_no_attempt_of_those_that_have_them() -> None:
    fleet, outside = called(), Outside()
    for _ in range(20):
        fleet.tick()
    assert [one.attempt for one in fleet.pending(Notify)] == [1]
    fleet.tick(notifier=outside)
    fleet.tick()
    assert outside.told == ["orchestrator: critical: admin-disk-full"]
    assert fleet.pending(Notify) == []


def test_where_nobody_ever_has_an_address_that_is_told_once() -> None:
    fleet = called()
    for _ in range(80):
        fleet.tick()
    assert fleet.pending(Notify) == []
    assert "was not told outside in 6 attempts" in fleet.alert("notifications").cause
    kept = fleet.alert("notifications")
    for _ in range(24):
        fleet.tick()
    after = fleet.alert("notifications")
    assert (after.since, after.latest) == (kept.since, kept.latest)
