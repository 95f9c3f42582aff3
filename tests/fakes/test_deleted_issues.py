"""An issue that somebody deletes, with work for it in the outbox, keeps nobody else waiting."""

from __future__ import annotations

from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.process import App
from bot.app.tick import tick
from bot.bootstrap.reading import read_template
from bot.domain import files
from bot.domain.state import State
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, BOT, Moment
from tests.fakes.grounds import new_site
from tests.fakes.store import MemoryRemote, MemoryStore

TEMPLATE = read_template()


class Fleet:
    """A bot that ticks over GitHub in memory."""

    def __init__(self) -> None:
        self.moment = Moment(START)
        self.site = new_site(self.moment)
        self.remote = MemoryRemote()
        self.ticks = 0
        self.tick()

    def tick(self, minutes: float = 5) -> None:
        self.moment.wait(minutes * 60)
        self.ticks += 1
        forge = MemoryForge(self.site, REPOSITORY, BOT)
        clocks = Clocks(lambda: self.moment.now, self.moment.seconds, self.moment.wait)
        facts = Facts(forge, REPOSITORY, lambda name: MemoryForge(self.site, name, APP))
        store = MemoryStore(self.remote, nonce=f"run-{self.ticks}")
        tick(App(store, forge, facts, clocks, lambda: TEMPLATE), f"tick-{self.ticks}")

    def idea(self) -> int:
        place = self.site.place(REPOSITORY)
        issue = place.open_issue("wendy", "A page", "Please.").number
        place.comment("wendy", issue, "/dispatch-genesis")
        return issue

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
