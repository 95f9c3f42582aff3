"""Two monitors that are run in different ways: they do not put each other right for ever."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.looks import Watcher
from bot.app.process import App
from bot.app.tick import tick
from bot.bootstrap.reading import read_template
from bot.domain import files
from bot.domain.state import State
from bot.domain.watch import Mode
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, BOT, Moment
from tests.fakes.grounds import new_site
from tests.fakes.store import MemoryRemote, MemoryStore

TEMPLATE = read_template()
EVERY = {Mode.LOOP: 30, Mode.CRON: 300, Mode.EVENTS: 3_600}
"""Seconds between two looks of a mode."""


class Watched:
    """A fleet at which nothing happens, and those who look at it."""

    def __init__(self) -> None:
        self.moment = Moment(START)
        self.site = new_site(self.moment)
        self.remote = MemoryRemote()
        self.looks = 0
        self._began = self.moment.now

    def look(self, mode: Mode) -> bool:
        """One look of a monitor; whether it has saved anything."""
        self.looks += 1
        before = len(self.remote.history())
        forge = MemoryForge(self.site, REPOSITORY, BOT)
        clocks = Clocks(lambda: self.moment.now, self.moment.seconds, self.moment.wait)
        facts = Facts(forge, REPOSITORY, lambda name: MemoryForge(self.site, name, APP))
        app = App(MemoryStore(self.remote, nonce=f"r{self.looks}"), forge, facts, clocks, lambda: TEMPLATE)
        since = self._began if mode is Mode.LOOP else None
        tick(app, f"tick-{self.looks}", watcher=Watcher(mode, since=since))
        return len(self.remote.history()) > before

    def together(self, *modes: Mode, hours: float) -> list[Mode]:
        """All of them look for so long; whose looks have saved something, in their order."""
        saved, begin = [], self.moment.now
        times = sorted(
            (seconds + place, mode)
            for place, mode in enumerate(modes)
            for seconds in range(0, int(hours * 3_600), max(EVERY[mode], 60))
        )
        for seconds, mode in times:
            self.moment.now = begin + timedelta(seconds=seconds)
            saved += [mode] if self.look(mode) else []
        return saved

    def state(self) -> State:
        return files.load(self.remote.files(self.remote.branches["state"]))


@pytest.mark.parametrize(
    ("modes", "counts"),
    [
        ((Mode.LOOP, Mode.CRON), Mode.LOOP),
        ((Mode.CRON, Mode.LOOP), Mode.LOOP),
        ((Mode.EVENTS, Mode.CRON), Mode.CRON),
    ],
)
def test_the_one_that_looks_more_often_counts_and_the_other_gives_way(
    modes: tuple[Mode, ...], counts: Mode
) -> None:
    fleet = Watched()
    fleet.together(*modes, hours=1)
    assert fleet.state().watch.mode is counts
    begun = len(fleet.state().watch.modes)
    saved = fleet.together(*modes, hours=3)
    assert len(saved) <= 3 * 3, "the record of looks, once an hour, what shows it, and that it runs"
    assert len(fleet.state().watch.modes) == begun, "nothing is put right any more"


def test_the_other_takes_over_when_nothing_was_heard_of_it_for_long() -> None:
    fleet = Watched()
    fleet.together(Mode.LOOP, Mode.CRON, hours=0.2)
    fleet.together(Mode.CRON, hours=1)
    assert fleet.state().watch.mode is Mode.LOOP
    fleet.together(Mode.CRON, hours=0.8)
    assert fleet.state().watch.mode is Mode.CRON
    assert not [one for one in fleet.state().alerts.items if one.id == "schedule-drift"]
    assert all(one.mode is not other.mode for one, other in pairwise(fleet.state().watch.modes))
