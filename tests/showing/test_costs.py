"""What writing the texts that are kept up to date costs: the work is played forward once, not for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from benchmarks.worlds import NOON, fleet
from bot.app.projections import Projections
from bot.decide import decide
from bot.domain.draft import Draft
from bot.domain.effects import Progress
from bot.domain.showing import Shown
from bot.domain.state import State
from bot.policies.forecast.expecting import Expectations
from tests.core.effort import calls
from tests.core.worlds import comment
from tests.fakes.forge import MemoryForge
from tests.fakes.github import Moment, Site

REPOSITORY, BOT = "acme/factory", "bot"
LATER = NOON + timedelta(minutes=1)


def told(state: State, forge: MemoryForge, issue: int) -> State:
    """The same with a progress comment for each project, which is there."""
    shown = {
        id_: Shown(number=forge.comment(issue, id_).id, at=NOON, digest="old", effect=f"reply-{id_}")
        for id_ in state.projects
    }
    projects = {id_: one.model_copy(update={"progress": shown[id_]}) for id_, one in state.projects.items()}
    return replace(state, projects=projects)


def test_many_texts_cost_no_more_plays_than_one() -> None:
    site = Site(Moment(NOON))
    site.create(REPOSITORY)
    forge = MemoryForge(site, REPOSITORY, BOT)
    issue = forge.create_issue("Ideas", "", []).number
    before = told(decide(fleet(20, 10, 20), [], NOON).state, forge, issue)
    state = decide(before, [comment(1, "/help", issue=issue, at=LATER)], LATER).state
    once = calls(Expectations(Draft(state, LATER)).of_all)
    writing = Projections(forge, state)

    def write() -> None:
        for id_ in state.projects:
            writing.progress(Progress(project=id_))

    assert calls(write) < 3 * once  # twenty times, if each text had plays of its own
    assert not {one.body for one in forge.comments_of(issue)} & state.projects.keys()


def test_a_crowd_of_workers_is_not_played_just_to_have_an_end() -> None:
    """Setting up a play costs something for each worker, so that they count like tasks do."""
    state = decide(fleet(20, 10, 1_000), [], NOON).state
    assert Expectations(Draft(state, LATER)).of_all() == {}
    state = decide(fleet(20, 10, 100), [], NOON).state
    assert len(Expectations(Draft(state, LATER)).of_all()) == 20
