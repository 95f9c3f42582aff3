"""Runs that archive and bring back, killed and overtaken at their pushes: both branches are judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.process import App
from bot.app.replay import Verdict, replay
from bot.app.restoring import problems, read
from bot.domain import files, invariants
from bot.domain.events.batch import Restored
from bot.domain.events.observed import Observed
from bot.domain.retention import LEAST, Retention
from bot.domain.state import State
from tests.core.test_archiving import PLACE, Fleet
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, BOT, Moment, Site
from tests.fakes.grounds import new_site
from tests.fakes.store import MemoryRemote, MemoryStore
from tests.fakes.weather import Kind, Weather

MOVES = 6
"""Projects that may leave at once."""


class Killed(BaseException):
    """The run ends here."""


@dataclass
class Fate(Weather):
    """What meets a run's first push: nothing, its end before or after it, or another run that is quicker."""

    what: str = ""
    meanwhile: Callable[[], None] = lambda: None

    def before(self, kind: Kind, name: str) -> None:
        if name != "save" or not self.what:
            return
        what, self.what = self.what, "" if self.what != "after" else "after"
        if what == "before":
            raise Killed
        if what == "race":
            self.meanwhile()

    def after(self, kind: Kind, name: str) -> None:
        if name == "save" and self.what == "after":
            raise Killed


@dataclass
class Yard:
    """A remote with finished projects, and runs on it."""

    remote: MemoryRemote = field(default_factory=MemoryRemote)
    moment: Moment = field(default_factory=lambda: Moment(START))
    runs: int = 0

    def __post_init__(self) -> None:
        self.site: Site = new_site(self.moment)
        fleet = Fleet(Retention(finished_days=1, finished_most=LEAST + MOVES))
        fleet.full(LEAST + MOVES)
        self.ids = set(fleet.state.projects)
        self.moment.now = fleet.now + timedelta(days=2)
        store = MemoryStore(self.remote, nonce="begin")
        store.save(store.load(), files.tree(fleet.state), "Begin", at=fleet.now)

    def state(self) -> State:
        return files.load(self.remote.files(str(self.remote.head())))

    def archive(self) -> dict[str, bytes]:
        tip = self.remote.head("state-archive")
        return self.remote.files(tip) if tip else {}

    def _app(self, fate: Weather) -> App:
        self.runs += 1
        forge = MemoryForge(self.site, REPOSITORY, BOT, fate)
        facts = Facts(forge, REPOSITORY, lambda name: MemoryForge(self.site, name, APP, fate))
        clocks = Clocks(wall=self._wall, monotonic=self.moment.seconds, wait=self.moment.wait)
        return App(MemoryStore(self.remote, nonce=f"r{self.runs}", weather=fate), forge, facts, clocks, dict)

    def _wall(self) -> datetime:
        return self.moment.now

    def look(self, fate: Weather) -> None:
        app = self._app(fate)
        with suppress(Killed):
            app.process([Observed(observer=f"o{self.runs}", at=self.moment.now, archive=PLACE)])

    def bring_back(self, place: int, fate: Weather) -> None:
        found = sorted(self.archive().items())
        if not found:
            return
        path, content = found[place % len(found)]
        app = self._app(fate)
        with suppress(Killed):
            app.process([Restored(at=self.moment.now, by="ada", record=read(path, content))])

    def judge(self) -> None:
        """Walk both branches; each archive commit stands for the state's from its own on."""
        shelf = list(reversed(self.remote.history("state-archive")))
        tips = {}
        for commit in shelf:
            named = re.search(r"^State: (\S+)$", commit.message, re.MULTILINE)
            assert named is not None
            tips[named[1]] = commit
        there: dict[str, bytes] = {}
        for commit in reversed(self.remote.history()):
            state = files.load(commit.tree)
            invariants.check(state)
            if commit.version in tips:
                there = dict(tips.pop(commit.version).tree)
            kept = [read(path, content).project.id for path, content in there.items()]
            assert sorted([*kept, *state.projects]) == sorted(self.ids), "in exactly one place"
            assert list(problems(state, there, {})) == []
        assert not tips, "the archive has a commit whose state never was"


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_project_is_in_one_place_at_every_commit_whatever_crashes_and_races(data: st.DataObject) -> None:
    yard = Yard()

    def deed(what: str, fate: Weather) -> None:
        if what == "look":
            yard.look(fate)
        elif what == "back":
            yard.bring_back(data.draw(st.integers(0, MOVES)), fate)
        else:
            yard.moment.now += timedelta(hours=25)

    for _ in range(data.draw(st.integers(3, 8))):
        what = data.draw(st.sampled_from(["look", "look", "back", "wait"]))
        how = data.draw(st.sampled_from(["", "before", "after", "race"]))
        other = data.draw(st.sampled_from(["look", "back"]))
        deed(what, Fate(how, lambda other=other: deed(other, Weather())))  # type: ignore[misc]
    yard.look(Weather())
    yard.judge()


@pytest.mark.parametrize("other", ["look", "back"])
def test_a_run_that_is_overtaken_decides_again(other: str) -> None:
    yard = Yard()
    yard.look(Weather())
    assert len(yard.archive()) == MOVES
    yard.moment.now += timedelta(days=2)
    yard.bring_back(0, Weather())
    yard.moment.now += timedelta(days=2)
    quick = yard.look if other == "look" else lambda fate: yard.bring_back(1, fate)
    yard.look(Fate("race", lambda: quick(Weather())))
    yard.judge()
    assert len(yard.archive()) == MOVES, "as many stay as are to, whoever came between"
    found = [one.verdict for one in replay(MemoryStore(yard.remote, nonce="reader"))]
    assert set(found) == {Verdict.SAME}
