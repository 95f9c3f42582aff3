"""The record of forecasts: when one is put down, what becomes of it, and what it never costs."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.decide import decide, is_due
from bot.domain.config import Config, Forecasts
from bot.domain.events.observed import Observed
from bot.domain.predictions import EACH, Kept, Predicted, Predictions
from bot.domain.state import State
from bot.domain.vocabulary import Stage
from bot.policies.forecast.expecting import Expectations
from bot.policies.forecast.pieces import Outcome
from bot.policies.forecast.predicting import judged, trimmed
from tests.commands.fleet import features
from tests.core.driven import Driven
from tests.core.effort import calls
from tests.core.worlds import BY_HAND, START


def day(**changes: int) -> Driven:
    """Every attempt takes ten minutes and goes well."""
    config = Config(scaling=BY_HAND, forecasts=Forecasts(**changes))
    return Driven(config, lambda task, worker, number: (600, Outcome.DONE), lambda id_: features(id_, 1))


def seen(at: datetime) -> Observed:
    return Observed(observer="run-1", at=at)


def look(driven: Driven) -> Predictions:
    driven.settle(seen(driven.now))
    return driven.state.predictions


def wait(driven: Driven, minutes: float) -> None:
    driven.run(until=driven.now + timedelta(minutes=minutes))


def due(state: State, at: datetime) -> bool:
    return is_due(state, seen(at), at)


def test_a_forecast_is_put_down_by_the_next_look_and_again_after_an_hour() -> None:
    driven = day()
    assert look(driven) == Predictions()
    driven.say("/dispatch-genesis A page", 1)
    assert driven.state.predictions == Predictions()  # a command does not pay for it
    (first,) = look(driven).projects["a-page-1"]
    assert first.at == START
    assert first.stage is Stage.GENESIS
    assert first.at < first.low <= first.median <= first.high
    assert driven.state.predictions.backlog is not None
    assert driven.state.predictions.backlog.median == first.median
    wait(driven, 4)
    assert not due(driven.state, driven.now)
    assert len(look(driven).projects["a-page-1"]) == 1


def test_entering_a_stage_is_worth_one_within_the_hour() -> None:
    driven = day()
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    wait(driven, 11)
    assert [one.stage for one in look(driven).projects["a-page-1"]] == ["genesis", "development"]
    wait(driven, 6)
    assert len(look(driven).projects["a-page-1"]) == 2  # nothing was entered since


def test_others_that_enter_stages_do_not_put_off_what_is_due_by_time() -> None:
    config = Config(scaling=BY_HAND, forecasts=Forecasts(record_minutes=20))
    driven = Driven(
        config,
        lambda task, worker, number: (3_000 if task.startswith("a-long-one-1.") else 300, Outcome.DONE),
        lambda id_: features(id_, 1),
    )
    driven.say("/dispatch-genesis A long one", 1)
    look(driven)
    for number in range(2, 12):  # each of them enters Genesis, and soon Development
        driven.say(f"/dispatch-genesis Page {number}", number)
        wait(driven, 4)
        known = look(driven)
        for latest in (known.projects["a-long-one-1"][-1], known.backlog):
            assert latest is not None
            assert driven.now - latest.at <= timedelta(minutes=24)


def test_an_end_that_was_forecast_is_not_shown_of_what_has_none_any_more() -> None:
    config = Config(scaling=BY_HAND)
    driven = Driven(config, lambda *_: (600, Outcome.FAILED), lambda id_: features(id_, 1))
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    assert Expectations(driven.draft()).of("a-page-1") is not None
    driven.run()
    assert driven.state.projects["a-page-1"].status == "review"
    assert driven.state.predictions.projects["a-page-1"]  # still to be judged
    assert Expectations(driven.draft()).of("a-page-1") is None
    assert Expectations(driven.draft()).of_all() == {}


def test_what_is_complete_is_judged_and_forgotten() -> None:
    driven = day(record_minutes=15)
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    made = 1
    while driven.state.projects["a-page-1"].completed_at is None:
        wait(driven, 15)
        known = look(driven).projects.get("a-page-1", ())
        made = max(made, len(known))
    found = driven.state.predictions
    assert found.projects == {}
    assert (found.kept.projects, found.kept.forecasts) == (1, made)
    assert found.kept.inside + found.kept.early + found.kept.late == made


def test_an_idle_fleet_is_never_due_and_an_open_one_once_an_hour() -> None:
    driven = day()
    for hours in range(5):
        assert not due(driven.state, START + timedelta(hours=hours))
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    driven.say("/pause development", 1)
    driven.run()
    state, at, commits = driven.state, driven.now, 0
    for _ in range(5 * 60):
        at += timedelta(minutes=1)
        if due(state, at):
            state = decide(state, [seen(at)], at).state
            commits += 1
    assert commits <= 5
    stopped = decide(state, [], at).state
    assert stopped is state


def test_asking_if_a_record_is_due_plays_nothing_and_says_the_same_as_deciding() -> None:
    driven = day()
    driven.say("/dispatch-genesis A page", 1)
    state, at, answers = driven.state, driven.now, set()
    for minutes in (0, 4, 6, 59, 60, 61, 130):
        at = driven.now + timedelta(minutes=minutes)
        decided = decide(state, [seen(at)], at).state
        recorded = decided.predictions != state.predictions
        assert due(state, at) or not recorded
        if recorded:
            assert 20 * calls(lambda: due(state, at)) < calls(lambda: decide(state, [seen(at)], at))  # noqa: B023
            state = decided
        answers.add(recorded)
    assert answers == {True, False}


def test_a_project_that_waits_for_a_person_alone_costs_no_commit() -> None:
    driven = day()
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    driven.say("/emergency-stop a-page-1", 1)
    assert driven.state.predictions.projects == {}
    for hours in range(2, 9):
        assert not due(driven.state, driven.now + timedelta(hours=hours))


def test_dropped_projects_are_not_judged() -> None:
    driven = day()
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    driven.say("/discard a-page-1", 1)
    assert driven.state.projects["a-page-1"].status == "failed"
    assert (driven.state.predictions.projects, driven.state.predictions.kept) == ({}, Kept())


def test_a_forecast_from_before_a_persons_pause_is_not_judged_and_one_from_after_it_is() -> None:
    driven = day()
    driven.say("/dispatch-genesis A page", 1)
    look(driven)
    wait(driven, 5)
    driven.say("/pause content", 1)
    assert driven.state.predictions.projects == {}
    wait(driven, 5)
    driven.say("/unpause content", 1)
    wait(driven, 30)
    (one,) = look(driven).projects["a-page-1"]
    driven.run()
    assert driven.state.predictions.kept.forecasts == 1
    assert one.at > START + timedelta(minutes=10)


def test_triage_voids_the_forecasts_of_what_it_holds_alone() -> None:
    driven = day()
    driven.say("/dispatch-genesis A page --priority low", 1)
    driven.say("/dispatch-genesis A book --priority urgent", 2)
    assert set(look(driven).projects) == {"a-page-1", "a-book-2"}
    wait(driven, 5)
    driven.say("/priority-triage urgent", 1)
    assert set(driven.state.predictions.projects) == {"a-book-2"}


def made(at: int, low: int, median: int, high: int, stage: Stage = Stage.GENESIS) -> Predicted:
    moments = [START + timedelta(minutes=minutes) for minutes in (at, low, median, high)]
    return Predicted(at=moments[0], low=moments[1], median=moments[2], high=moments[3], runs=60, stage=stage)


def test_judging_by_hand() -> None:
    end = START + timedelta(minutes=100)
    found = judged(
        Kept(),
        (made(0, 80, 90, 110), made(50, 101, 110, 120), made(60, 70, 80, 99), made(99, 100, 100, 100)),
        end,
    )
    # Off by 10 of 100 min, 10 of 50, 20 of 40, and by nothing.
    assert found == Kept(projects=1, forecasts=4, inside=2, early=1, late=1, off=0.1 + 0.2 + 0.5)


@given(st.lists(st.sampled_from([Stage.GENESIS, Stage.DEVELOPMENT, Stage.CONTENT]), max_size=80))
def test_the_first_of_each_stage_and_the_latest_are_kept(stages: list[Stage]) -> None:
    kept: tuple[Predicted, ...] = ()
    for number, stage in enumerate(sorted(stages, key=list(Stage).index)):
        before = kept
        kept = trimmed((*kept, made(number, number, number, number, stage)))
        assert len(kept) <= EACH
        assert kept[-1].at == START + timedelta(minutes=number)
        assert {one.stage for one in before} <= {one.stage for one in kept}
        if before:
            assert kept[0] == before[0]
