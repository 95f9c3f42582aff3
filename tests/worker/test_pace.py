"""When a worker process beats, and how often it knocks at a network that is away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.app.worker.pace import LONGEST_PAUSE, WINDOW, Pace, is_due, pace, pause, recent
from bot.domain.config import Config
from bot.domain.external import External
from tests.core.processes import alone, beat
from tests.core.worlds import begun, settled


def fleet_of(processes: int, config: Config | None = None) -> Pace:
    state = begun(alone(config))
    for number in range(processes):
        state = settled(state, beat(worker=f"far-{number}", seconds=number / 10)).state
    return pace(state, "far-0")


def test_one_process_beats_every_two_minutes() -> None:
    alone_ = fleet_of(1)
    assert (alone_.interval, alone_.latest, alone_.pushes) == (120, 240, 6)
    assert not is_due(alone_, 119, 0)
    assert is_due(alone_, 120, 0)


def test_a_busy_branch_puts_a_beat_off_but_not_for_ever() -> None:
    alone_ = fleet_of(1)
    assert not is_due(alone_, 200, 6)
    assert is_due(alone_, 200, 5)
    assert is_due(alone_, 240, 600)


def test_many_processes_beat_more_seldom() -> None:
    quick = Config(external=External(beat_seconds=5))
    assert fleet_of(1, quick).interval == 10
    assert fleet_of(5, quick).interval == 50


@given(
    processes=st.integers(1, 5),
    beats=st.floats(5, 600),
    since=st.floats(0, 10_000),
    pushes=st.integers(0, 100),
)
def test_never_quicker_than_asked_and_never_silent_for_longer_than_allowed(
    processes: int, beats: float, since: float, pushes: int
) -> None:
    asked = fleet_of(processes, Config(external=External(beat_seconds=beats)))
    assert asked.interval >= beats
    silence = max(300, 1.5 * asked.interval)
    assert asked.latest < silence
    if is_due(asked, since, pushes):
        assert since >= asked.interval
    else:
        assert since < silence


@given(failures=st.integers(1, 10_000))
def test_pauses_grow_up_to_a_cap(failures: int) -> None:
    assert pause(failures) <= pause(failures + 1) <= LONGEST_PAUSE
    assert pause(1) < pause(2)


def test_only_the_last_minute_counts() -> None:
    assert recent([0.0, 5.0, 30.0, WINDOW], WINDOW + 1) == [5.0, 30.0, WINDOW]
