"""Whether every command is answered: counted by the hour, and judged by what was seen."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.events.observed import Observed
from bot.domain.figures import Hearing
from bot.domain.ledger import Backlog
from bot.domain.state import State
from bot.policies.alerting.hearing import HOURS, hearing
from tests.core.worlds import START, begun, comment, later, settled

HOUR = timedelta(hours=1)


def heard(state: State, seconds: float) -> Hearing:
    return hearing(Draft(state, later(seconds)))


def commanded(*seconds: int) -> State:
    state = begun()
    for second in seconds:
        state = settled(state, comment(second, "/help"), at=later(second)).state
    return state


def test_a_command_is_answered_once_its_reply_was_seen() -> None:
    state = commanded(10, 20)
    assert heard(state, 30) == Hearing(2, 0, None), "within the grace time nobody worries"
    late = heard(state, 200)
    assert (late.commands, late.unanswered, late.oldest) == (2, 2, timedelta(seconds=190))
    seen = Observed(observer="t", at=later(200), delivered=("comment-10/0",))
    assert heard(settled(state, seen).state, 200) == Hearing(2, 1, timedelta(seconds=180))


def test_what_was_found_and_cannot_be_settled_yet_is_unanswered() -> None:
    waiting = Observed(observer="t", at=later(60), backlog=Backlog(commands=3, oldest=later(5)))
    state = settled(commanded(10), waiting).state
    assert heard(state, 65) == Hearing(4, 3, timedelta(seconds=60))
    over = Observed(observer="t", at=later(90), backlog=Backlog())
    assert heard(settled(state, over).state, 95) == Hearing(1, 0, None)


def test_a_reply_that_was_given_up_stays_unanswered_for_a_day() -> None:
    state = commanded(10)
    for attempt in range(6):
        at = later(3_700 * (attempt + 1))
        looked = Observed(observer=f"t{attempt}", at=at, looked_for=("comment-10/0",))
        state = settled(state, looked, at=at).state
    assert "comment-10/0" not in {entry.id for entry in state.outbox.entries}
    assert heard(state, 3_700 * 7) == Hearing(1, 1, timedelta(seconds=3_700))


def test_strangers_and_what_is_no_command_do_not_count() -> None:
    state = settled(begun(), comment(10, "/help", role="none"), comment(11, "What a day")).state
    assert heard(state, 20).commands == 0


def test_commands_of_a_day_are_counted_and_older_ones_forgotten() -> None:
    state = begun()
    for number in range(1, 40):
        state = settled(state, comment(number, "/help"), at=START + number * HOUR).state
    assert hearing(Draft(state, START + 39 * HOUR)).commands == HOURS
    assert hearing(Draft(state, START + 60 * HOUR)).commands == 3
    assert len(state.ledger.heard) == HOURS
