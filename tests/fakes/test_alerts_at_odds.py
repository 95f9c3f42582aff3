"""Alerts and their issues while people and other runs get in between, over GitHub in memory."""

from __future__ import annotations

from dataclasses import replace

from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.process import App
from bot.app.tick import tick
from bot.ports.facts import IssueFacts
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, BOT
from tests.fakes.store import MemoryStore
from tests.fakes.test_deleted_issues import TEMPLATE, Fleet, wrong


def of_alerts(fleet: Fleet) -> list[IssueFacts]:
    found = fleet.site.place(REPOSITORY).issues.values()
    return [one for one in found if one.title.startswith("Alert: ")]


def app(fleet: Fleet, name: str) -> App:
    """A run of the bot; all of them share the time, GitHub and the branch."""
    forge = MemoryForge(fleet.site, REPOSITORY, BOT)
    clocks = Clocks(lambda: fleet.moment.now, fleet.moment.seconds, fleet.moment.wait)
    facts = Facts(forge, REPOSITORY, lambda place: MemoryForge(fleet.site, place, APP))
    return App(MemoryStore(fleet.remote, nonce=name), forge, facts, clocks, lambda: TEMPLATE)


def test_an_issue_that_has_lost_its_label_is_found_and_not_filed_twice() -> None:
    fleet = Fleet()
    fleet.tick(file=wrong(3))
    fleet.tick(file=wrong(3))
    place = fleet.site.place(REPOSITORY)
    (issue,) = of_alerts(fleet)
    place.issues[issue.number] = replace(issue, labels=frozenset())
    place.labels.discard("alert")
    for _ in range(4):
        fleet.tick(file=wrong(3))
    assert [one.number for one in of_alerts(fleet)] == [issue.number]
    assert fleet.alert("configuration").issue == issue.number


def test_two_looks_at_once_tell_of_an_alert_once() -> None:
    fleet = Fleet()
    fleet.tick(file=wrong(3))
    fleet.moment.wait(300)
    runs = [app(fleet, "one"), app(fleet, "other")]
    looks = [run.store.load() for run in runs]
    for number, (run, look) in enumerate(zip(runs, looks, strict=True)):
        tick(run, f"at-once-{number}", wrong(3), look)
    for _ in range(4):
        fleet.tick(file=wrong(3))
    (issue,) = of_alerts(fleet)
    assert fleet.alert("configuration").issue == issue.number


def test_somebody_who_may_not_close_it_finds_it_open_again() -> None:
    fleet = Fleet()
    place = fleet.site.place(REPOSITORY)
    place.roles["tim"] = "triage"
    for _ in range(3):
        fleet.tick(file=wrong(3))
    (issue,) = of_alerts(fleet)
    place.set_closed("tim", issue.number, closed=True)
    fleet.tick(file=wrong(3))
    assert not place.issue(issue.number).closed
    said = [one.body for one in place.comments.values() if one.issue == issue.number]
    assert [body for body in said if "so this issue is open again" in body] == said
    place.set_closed("tim", issue.number, closed=True)
    for _ in range(6):
        fleet.tick(file=wrong(3))
    assert place.issue(issue.number).closed, "nobody is fought"
    assert fleet.alert("configuration").until is None
