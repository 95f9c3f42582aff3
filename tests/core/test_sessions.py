"""Which session the next attempt at a task goes on with, and until when one is kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.work import granted
from bot.app.workspace import Claimant
from bot.decide import decide
from bot.domain.config import Attempts, Config
from bot.domain.events.observed import Observed
from bot.domain.events.worked import WorkPublished
from bot.domain.sessions import Session, digest
from bot.domain.vocabulary import TaskStatus
from bot.policies.working.sessions import kept, leftovers
from tests.core.test_pulls import HEAD, ID, NEXT, Pulls, _result, facts

FEATURE = f"{ID}.foundation.feature"


class Agents(Pulls):
    """The same day with agents whose reports tell their session."""

    def __init__(self, **rule: Any) -> None:
        super().__init__(**rule)
        changes = {"attempts": Attempts(backoff_seconds=0), "executors": {"template": {"model": "m"}}}
        self.configure(**changes)

    def configure(self, **changes: Any) -> None:
        self.looks += 1
        config = self.state.config.model_copy(update=changes)
        self.settle(Observed(observer=f"config-{self.looks}", at=self.now, config=config))

    def left(self, id_: str = "s-1") -> Session:
        lease = self.held(FEATURE).lease
        return Session(id=id_, executor="template", settings=digest({"model": "m"}), lease=lease)

    def fail_with_session(self, id_: str = "s-1", **result: Any) -> None:
        self.claim(FEATURE)
        self.report(FEATURE, ok=False, summary="2 tests failed", session=self.left(id_), **result)

    def done_with_session(self) -> None:
        held = self.claim(FEATURE)
        self.report(FEATURE, publishes=True, session=self.left(), **_result("foundation.feature"))
        made = WorkPublished(task=FEATURE, lease=held.lease, at=self.now, pull=facts())
        self.settle(made)

    def goes_on_with(self) -> str:
        """The session in the order of the task's next run."""
        held = self.claim(FEATURE)
        order = granted(self.state, Claimant(held.id, held.lease % 10_000, 1, ""))
        assert order is not None
        return order.session


def test_a_failed_attempt_is_gone_on_with() -> None:
    days = Agents()
    days.fail_with_session()
    assert days.goes_on_with() == "s-1"
    assert len(kept(days.state)) == 1


def test_the_first_attempt_has_nothing_to_go_on_with() -> None:
    assert Agents().goes_on_with() == ""


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({"checks": "failed", "failing": "test: 1 failed"}, "checks of pull request #7 failed"),
        ({"mergeable": "conflict"}, "pull request #7 conflicts with the default branch"),
    ],
)
def test_failed_checks_and_conflicts_come_back_to_the_same_session(seen: dict[str, Any], why: str) -> None:
    days = Agents()
    days.done_with_session()
    days.review("approved", facts())
    assert days.task("foundation.feature").session is not None
    days.look(facts(**seen))
    error = days.task("foundation.feature").error
    assert error is not None
    assert error.summary == why
    assert days.goes_on_with() == "s-1"


def test_a_review_that_asks_for_changes_comes_back_to_the_same_session() -> None:
    days = Agents()
    days.done_with_session()
    days.review("changes", facts())
    assert days.goes_on_with() == "s-1"


def test_an_attempt_that_said_nothing_leaves_the_session_of_the_one_before() -> None:
    days = Agents()
    days.fail_with_session()
    days.claim(FEATURE)
    days.wait(minutes=200)  # its lease runs out
    assert days.goes_on_with() == "s-1"


def test_a_session_that_nothing_came_back_to_is_not_gone_on_with() -> None:
    days = Agents()
    days.fail_with_session()
    days.claim(FEATURE)
    worker = days.task("foundation.feature").worker
    days.report(FEATURE, publishes=True, session=days.left("s-2"), **_result("foundation.feature"))
    days.say(f"/restart {worker}", issue=1, role="admin")
    assert days.task("foundation.feature").session is not None
    assert days.goes_on_with() == "", "its reason would be that of an attempt before"


def test_an_attempt_without_a_session_leaves_none() -> None:
    days = Agents()
    days.fail_with_session()
    days.claim(FEATURE)
    days.report(FEATURE, ok=False, summary="the agent crashed")
    assert days.goes_on_with() == ""
    assert kept(days.state) == frozenset()


@pytest.mark.parametrize(
    "executors", [{}, {"template": {"model": "other"}}, {"template": {"model": "m", "sessions": "drop"}}]
)
def test_other_settings_are_another_agent(executors: dict[str, Any]) -> None:
    days = Agents()
    days.fail_with_session()
    days.configure(executors=executors)
    assert days.task("foundation.feature").session is None
    assert days.goes_on_with() == ""


def test_it_is_kept_until_the_work_is_merged() -> None:
    days = Agents()
    days.done_with_session()
    days.review("approved", facts())
    assert len(kept(days.state)) == 1
    days.look(facts(state="merged"))
    assert kept(days.state) == frozenset()


@pytest.mark.parametrize("command", [f"/discard {FEATURE}", f"/discard {ID}"])
def test_it_goes_with_what_a_person_drops(command: str) -> None:
    days = Agents()
    days.configure(attempts=Attempts(limit=1))
    days.fail_with_session()
    assert days.task("foundation.feature").status is TaskStatus.REVIEW
    assert len(kept(days.state)) == 1
    days.say(command, issue=1, role="admin")
    assert kept(days.state) == frozenset()


def test_a_review_that_is_done_again_is_a_new_one() -> None:
    days = Agents()
    days.publish("foundation.feature", facts())
    review = f"{ID}.foundation.review"
    held = days.claim(review)
    session = Session(id="r-1", executor="template", settings=digest({"model": "m"}), lease=held.lease)
    feature = {**_result("foundation.feature")["feature"].model_dump(), "verdict": "approved"}
    days.report(review, publishes=True, session=session, feature=feature)
    days.settle(WorkPublished(task=review, lease=held.lease, at=days.now, pull=facts()))
    days.look(facts(head=NEXT))
    assert days.task("foundation.review").status is TaskStatus.ASSIGNED
    assert days.task("foundation.review").session is None


def test_settling_twice_is_settling_once() -> None:
    days = Agents()
    days.done_with_session()
    days.look(facts(state="merged", head=HEAD))
    assert decide(days.state, [], days.now).state is days.state


def test_what_is_kept_outside_and_of_no_use_is_told_from_what_is_about_to_be_reported() -> None:
    days = Agents()
    days.fail_with_session()
    first = days.task("foundation.feature").session
    assert first is not None
    running = days.claim(FEATURE)
    ahead = days.state.ledger.next_lease + 5
    old = first.lease - 1
    names = [f"{FEATURE}/{lease}" for lease in (old, first.lease, running.lease, ahead)]
    assert leftovers(days.state, [*names, f"{FEATURE}/x"]) == [f"{FEATURE}/{old}", f"{FEATURE}/x"]


@given(st.sets(st.integers(0, 40)))
def test_nothing_that_is_known_or_under_way_is_ever_dropped(leases: set[int]) -> None:
    days = _DAYS
    base = days.state.ledger.next_lease - 20
    names = {f"{task.id}/{base + lease}" for task in days.project.tasks for lease in leases}
    gone = set(leftovers(days.state, names))
    held = {f"{one.task}/{one.lease}" for one in (days.held(FEATURE),)}
    assert gone <= names
    assert not gone & (kept(days.state) | held)
    assert all(int(name.rpartition("/")[2]) < days.state.ledger.next_lease for name in gone)


_DAYS = Agents()
_DAYS.fail_with_session()


def test_a_session_that_could_be_an_option_of_a_program_is_none() -> None:
    with pytest.raises(ValueError, match="pattern"):
        Session(id="--dangerously", executor="x", settings="", lease=1)


def test_the_default_configuration_knows_no_session() -> None:
    assert kept(Pulls().state) == frozenset()
    assert Config().executors == {}
