"""One event that the program fails on is answered as that, and keeps nobody else's from being settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from bot.app.isolating import isolated
from bot.decide import Decision, decide
from bot.domain.errors import Overdue, StateInvalid
from bot.domain.events.asked import IssueChanged
from bot.domain.events.batch import Event
from bot.domain.state import State
from tests.core.processes import beat, look
from tests.core.worlds import begun, comment, later, replies, settled

BAD = comment(2, "/dispatch-genesis The one that it fails on")
GOOD = comment(3, "/dispatch-genesis A page")
LABEL = IssueChanged(
    number=5, issue=7, action="labeled", label="new-project", actor="wendy", role="write", at=later(4)
)


def failing_on(ids: set[str], with_: Exception) -> Callable[[Sequence[Event]], Decision]:
    """Deciding, by a program that has a defect: it fails on these events, unless they are marked."""

    def settle(events: Sequence[Event]) -> Decision:
        if any(event.id in ids and not getattr(event, "failed", False) for event in events):
            raise with_
        return decide(begun(), events, later(10))

    return settle


@pytest.mark.parametrize("error", [KeyError("recipe-book-2"), StateInvalid("the state contradicts itself")])
def test_a_comment_is_answered_and_the_others_are_settled(error: Exception) -> None:
    decision = isolated([BAD, GOOD], failing_on({BAD.id}, error))
    refusal, done = replies(decision)
    assert refusal.startswith("Not run: this program failed on it")
    assert "A page" in done
    assert list(decision.state.projects) == ["a-page-1"]
    again = decide(decision.state, [BAD, GOOD], later(20))
    assert again.state is decision.state, "it is settled"


def test_history_replays_from_what_is_recorded() -> None:
    decision = isolated([BAD, GOOD], failing_on({BAD.id}, KeyError("x")))
    batch = decision.state.events
    assert batch is not None
    assert decide(begun(), batch.events, batch.now).state == decision.state


def test_a_label_is_answered() -> None:
    decision = isolated([LABEL, GOOD], failing_on({LABEL.id}, ValueError("x")))
    assert any(body.startswith("Not run: this program failed on it") for body in replies(decision))
    assert len(decision.state.projects) == 1


def test_a_stranger_s_comment_gets_no_answer() -> None:
    stranger = BAD.model_copy(update={"role": "none"})
    assert len(replies(isolated([stranger, GOOD], failing_on({BAD.id}, KeyError("x"))))) == 1


def test_what_nobody_asked_for_is_left_where_it_waits() -> None:
    said = beat()
    decision = isolated([said, GOOD], failing_on({said.id}, KeyError("x")))
    assert [event.id for event in decision.settled] == [GOOD.id]
    assert said.worker not in decision.state.instances


def test_alone_it_is_answered_as_well() -> None:
    (refusal,) = replies(isolated([BAD], failing_on({BAD.id}, KeyError("x"))))
    assert refusal.startswith("Not run: this program failed on it")


@pytest.mark.parametrize("batch", [[beat()], []])
def test_what_cannot_be_settled_at_all_is_raised(batch: list[Event]) -> None:
    ids = {event.id for event in batch}

    def settle(events: Sequence[Event]) -> State:
        raise KeyError(str(ids))

    with pytest.raises(KeyError):
        isolated(batch, settle)


def test_a_look_that_it_fails_on_moves_no_watermark() -> None:
    """Commands that were found with it are settled; what it swept is swept again."""
    seen = look(later(5)).model_copy(update={"swept_to": 99, "cursor": later(5)})
    decision = isolated([GOOD, seen], failing_on({seen.id}, KeyError("x")))
    assert decision.state.ledger.comments.watermark == 0
    assert settled(decision.state, GOOD, at=later(20)).state.projects == decision.state.projects


def test_the_end_of_a_look_s_time_ends_it() -> None:
    with pytest.raises(Overdue):
        isolated([BAD, GOOD], failing_on({BAD.id}, Overdue("120 s are over")))
