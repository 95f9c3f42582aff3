"""The forecast of a fleet at work: what it says, what it leaves out, and its bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.worlds import NOON, fleet
from bot.decide import decide
from bot.domain.chance import key_of, mixed
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.forecast import Blocked, Forecast
from bot.domain.models import Project, Reservation
from bot.domain.predictions import Kept
from bot.domain.records import RECENT_LIMIT, Completion, Recent
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.forecast.expecting import PLAYS, Expectations
from bot.policies.forecast.forecasting import LEAST, MOST, STEPS, TASKS, forecast, play_all, runs_for
from bot.policies.forecast.luck import Drawn
from bot.policies.forecast.pieces import Outcome
from bot.policies.forecast.playing import Play
from bot.render.forecast import backlog, record
from bot.render.text import LIMIT
from tests.commands.fleet import Days, at_work, features
from tests.core.driven import Driven
from tests.core.effort import calls
from tests.core.worlds import BY_HAND

FLEET = at_work()


def draft_of(state: State) -> Draft:
    assert state.events is not None
    return Draft(state, state.events.now)


def foretold(state: State, about: str = "") -> Forecast:
    return forecast(draft_of(state), about)


def test_without_a_record_the_configured_times_are_spread() -> None:
    days = Days()
    days.say("/dispatch-genesis A page", issue=1)
    found = foretold(days.state)
    (one,) = found.projects
    assert one.when is not None
    # Genesis 15 min; the guess is four features of three steps of 30 min, by five workers; deployment 30 min;
    # content 20 min, the slowest of three.
    usual = timedelta(minutes=15 + 3 * 30 + 30 + 20)
    assert usual < one.when.median - days.now < 2 * usual
    assert one.when.low < one.when.median < one.when.high
    assert (found.measured, found.plans, found.runs) == (0, 0, MOST)
    assert one.assumed == 4 * 3 + 1 + 3
    assert one.critical[0].id == "a-page-1.genesis"
    assert one.critical[-1].ends <= one.when.high


def test_the_chain_that_decides_has_each_after_the_one_before() -> None:
    one = next(one for one in foretold(FLEET, "photo-sorter-1").projects if one.project == "photo-sorter-1")
    assert one.critical[-2].id == "photo-sorter-1.deployment"
    for before, after in zip(one.critical, one.critical[1:], strict=False):
        assert before.ends <= after.starts
    assert [stage for stage, _ in one.stages] == ["development", "content"]


@settings(max_examples=10, deadline=None)
@given(st.permutations(list(FLEET.projects)))
def test_the_order_of_the_files_does_not_count(order: list[str]) -> None:
    shuffled = replace(
        FLEET,
        projects={id_: FLEET.projects[id_] for id_ in order},
        instances=dict(reversed(FLEET.instances.items())),
    )
    few = lambda tasks: 5  # noqa: E731
    one, other = play_all(draft_of(FLEET), few), play_all(draft_of(shuffled), few)
    assert one.ends == other.ends


def test_what_cannot_be_done_has_no_end_and_says_why() -> None:
    blocked = {one.project: one.blocked for one in foretold(FLEET).projects if one.when is None}
    assert blocked == {"chess-clock-3": Blocked.REVIEW}


def test_workers_come_free_of_work_that_comes_too_late_to_be_played() -> None:
    plays = play_all(draft_of(FLEET), lambda tasks: 3, most=10)
    rest = {idea.number for idea in plays.world.ideas if not idea.whole}
    assert rest
    for number in range(3):
        play = Play(plays.world, Drawn(plays.record, number)).run()
        began = [piece for piece in play.pieces if piece.job.project in rest]
        assert began
        assert all(piece.done or piece.attempt > 1 or play.given_up[piece.job.project] for piece in began)
        assert all(play.ends[piece.job.project] is None for piece in began)


@given(st.integers(0, 10**7))
def test_the_number_of_runs_follows_from_the_work(tasks: int) -> None:
    runs = runs_for(tasks)
    assert LEAST <= runs <= MOST
    assert runs * min(tasks, TASKS) <= STEPS


@given(st.integers(0, 2**64 - 1))
def test_chance_is_the_same_everywhere(key: int) -> None:
    assert mixed(key) == mixed(key + 2**64)
    assert 0 <= mixed(key) < 2**64


def test_chance_is_that_of_splitmix64() -> None:
    # The first outputs of SplitMix64 from the seed 1234567, as published with the reference implementation.
    golden = 0x9E3779B97F4A7C15
    found = [mixed(1234567 + number * golden) for number in range(1, 4)]
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert key_of("a", "b") != key_of("ab")


def test_a_reply_about_ten_thousand_projects_fits() -> None:
    template = FLEET.projects["tax-form-7"]
    many = {
        f"a-project-with-a-long-name-{number}": template.model_copy(
            update={"id": f"a-project-with-a-long-name-{number}", "tasks": ()}
        )
        for number in range(10_000)
    }
    draft = draft_of(replace(FLEET, projects={**FLEET.projects, **many}))
    reply = backlog(draft, forecast(draft))
    assert len(reply) <= LIMIT
    assert "more that do not fit" in reply
    assert "comes too late in the backlog to be forecast" in reply
    assert f"{LEAST} runs" in reply


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (Kept(), "cannot be said yet: no forecast of a project that is complete."),
        (Kept(projects=1, forecasts=4, inside=4), "cannot be said yet: only 4 forecasts of a project that"),
        (
            Kept(projects=9, forecasts=37, inside=29, early=4, late=4, off=6.66),
            "Of 37 forecasts for 9 finished projects 29 held (78%): 4 ended earlier, 4 later; typically off "
            "by 18% of the time that was left.",
        ),
    ],
)
def test_the_record_is_told_once_there_is_one(kept: Kept, says: str) -> None:
    assert says in record(kept)


def test_no_end_is_claimed_that_most_plays_do_not_come_to() -> None:
    driven = Driven(
        Config(scaling=BY_HAND),
        lambda task, *_: (600, Outcome.DONE if task.endswith("genesis") else Outcome.FAILED),
        lambda id_: features(id_, 2),
    )
    driven.say("/dispatch-genesis A page", 1)
    seen = set()
    for _ in range(5):
        driven.run(until=driven.now + timedelta(minutes=10))
        ended = len(play_all(driven.draft(), lambda tasks: PLAYS).of(0))
        claimed = Expectations(driven.draft()).of("a-page-1") is not None
        assert claimed is (2 * ended >= PLAYS)
        seen.add((claimed, ended > 0))
    assert seen == {(True, True), (False, True), (False, False)}


def test_tasks_that_are_kept_for_a_worker_do_not_cost_a_play_many_times_as_much() -> None:
    done = Completion(
        task="other-1.tests",
        workflow=Workflow.DEVELOPMENT,
        specialty="tests",
        worker="dev-00001",
        queued_at=NOON - timedelta(hours=1),
        assigned_at=NOON - timedelta(minutes=30),
        finished_at=NOON,
        ok=True,
    )
    recent = Recent(completions=(done,) * RECENT_LIMIT)
    state = replace(decide(fleet(20, 10, 20), [], NOON).state, recent=recent)
    mine = Reservation(worker="dev-00000", at=NOON, by="ada")

    def kept(project: Project) -> Project:
        tasks = tuple(
            task.model_copy(update={"reserved": mine}) if task.status is TaskStatus.QUEUED else task
            for task in project.tasks
        )
        return project.model_copy(update={"tasks": tasks})

    first = list(state.projects)[:6]
    reserved = replace(
        state, projects={**state.projects, **{id_: kept(state.projects[id_]) for id_ in first}}
    )
    of_reserved, of_anybodys = (
        calls(partial(play_all, Draft(one, NOON), lambda tasks: 15)) for one in (reserved, state)
    )
    assert of_reserved < 4 * of_anybodys
