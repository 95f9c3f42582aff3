"""Looks at a fleet's open pull requests: a look takes so many, and none is passed over for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.process import App
from bot.app.pulls import MOST, changed_pulls
from bot.domain.pulls import Pull, PullFacts
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, Stage
from bot.ports.facts import IssueEventFacts
from tests.core.test_pulls import ID, Pulls, facts
from tests.core.worlds import START
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, Moment, Site
from tests.fakes.store import MemoryRemote, MemoryStore

EACH = 70
MONTH = timedelta(days=30)
NAMES = tuple(f"acme/p-{number}" for number in range(3))


def waiting(site: Site) -> State:
    """Three projects with more open pull requests than three looks take, none like the state knows it."""
    state, projects = Pulls().state, {}
    for name in NAMES:
        place, pulls = site.create(name), []
        place.branches["main"] = base = place.git.commit([], {"a": "a"}, "Begin")
        for number in range(EACH):
            place.branches[f"b-{number}"] = place.git.commit([base], {f"f-{number}": "x"}, "Work")
            made = place.pulls.open(APP, f"b-{number}", "Work", "")
            known = facts(made.number, branch=made.branch, head=made.head)
            pulls.append(Pull(key=f"k-{number}", facts=PullFacts(**known.model_dump()), pushed_at=START))
        id_ = name.partition("/")[2]
        changed = {"id": id_, "repository": name, "pulls": tuple(pulls)}
        projects[id_] = state.projects[ID].model_copy(update=changed)
    return replace(state, projects=projects)


def app(site: Site, moment: Moment) -> App:
    forge = MemoryForge(site, NAMES[0], APP)
    clocks = Clocks(wall=lambda: moment.now, monotonic=moment.seconds, wait=moment.wait)
    found = Facts(forge, NAMES[0], lambda name: MemoryForge(site, name, APP))
    store = MemoryStore(MemoryRemote(), nonce="a")
    return App(store, forge, found, clocks, dict, projects=lambda name: MemoryForge(site, name, APP))


@pytest.mark.parametrize("every", [60, 300])
@pytest.mark.parametrize("lasting", [True, False])
def test_every_pull_request_is_looked_at_sooner_or_later(every: int, lasting: bool) -> None:
    moment = Moment(START)
    site = Site(moment)
    state = waiting(site)
    bot, seen = app(site, moment), set()
    for _ in range(5 if lasting else 60):
        found = changed_pulls(bot if lasting else app(site, moment), state)
        assert len(found) <= MOST
        seen |= {(one.project, one.key) for one in found}
        moment.wait(every)
    assert len(seen) == EACH * len(NAMES)


def told(number: int, event: str) -> IssueEventFacts:
    return IssueEventFacts(
        id=1, issue=number, event=event, label="", actor="max", actor_is_bot=False, created_at=START
    )


def over(site: Site) -> State:
    """The first project is complete for a month, and the others are dropped."""
    state = waiting(site)
    ended = {"status": ProjectStatus.COMPLETE, "stage": Stage.COMPLETE, "completed_at": START - MONTH}
    dropped = {"status": ProjectStatus.FAILED}
    projects = {
        id_: one.model_copy(update=ended if one.repository == NAMES[0] else dropped)
        for id_, one in state.projects.items()
    }
    return replace(state, projects=projects)


def test_what_nobody_waits_for_costs_nothing_until_something_happens_to_it() -> None:
    site = Site(moment := Moment(START))
    state, bot = over(site), app(site, moment)
    assert changed_pulls(bot, state) == ()
    place = site.place(NAMES[0])
    assert bot.looked_at_pulls == {}
    place.pulls.close(7)
    (seen,) = changed_pulls(bot, state, [told(7, "closed")])
    assert (seen.facts.number, seen.facts.state) == (7, "closed")
    assert changed_pulls(app(site, moment), state, [told(8, "labeled"), told(9, "reopened")]) == ()


def test_an_event_here_says_nothing_of_another_repository() -> None:
    site = Site(moment := Moment(START))
    state = over(site)
    elsewhere = {id_: one for id_, one in state.projects.items() if one.repository != NAMES[0]}
    state = replace(state, projects=elsewhere)
    assert changed_pulls(app(site, moment), state, [told(7, "closed")]) == ()
