"""Pauses, triage, held labels and overflows: what never happens, and how each ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain.alert_rules import CALLED, LOST
from bot.domain.config import Attempts, Config, Queueing
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue, Labels
from bot.domain.errors import StateInvalid
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.observed import IssueFiled, Observed
from bot.domain.files import load, tree
from bot.domain.invariants import check
from bot.domain.models import Queue, QueueItem
from bot.domain.order import RANK
from bot.domain.outputs import Priority
from bot.domain.records import Alert, Alerts
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, TaskStatus, Workflow
from bot.policies.alerting.alerts import open_alert, raise_alert
from bot.policies.guards.controls import LABELS_AT_ONCE
from bot.policies.guards.overflow import relief, settle_overflow
from bot.render.labels import difference, wanted
from tests.commands.fleet import Days
from tests.core.worlds import START, assignments, begun, replies

MARK = 2
SMALL = Config(queueing=Queueing(overflow=MARK))

# what never happens, whatever people and workers do

ACTIONS = st.one_of(
    st.tuples(st.just("dispatch"), st.sampled_from(Priority)),
    st.tuples(st.just("pause"), st.sampled_from(Workflow)),
    st.tuples(st.just("unpause"), st.sampled_from(Workflow)),
    st.tuples(st.just("priority-triage"), st.sampled_from(["urgent", "high", "normal", "off"])),
    st.tuples(st.just("end"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 90)),
)


def act(days: Days, action: str, value: Any, number: int) -> None:
    held = assignments(days.state)
    match action:
        case "dispatch":
            days.say(f"/dispatch-genesis Idea {number} --priority {value}", issue=number)
        case "end" if held:
            task = days.state.projects[held[0].project].task(held[0].task)
            assert task is not None
            if task.status is TaskStatus.ASSIGNED and value:
                days.do(task.id, minutes=0)  # its lease may be about to end
            elif task.status is TaskStatus.ASSIGNED:
                days.fail(task.id, minutes=0)  # its lease may be about to end
        case "wait":
            days.wait(minutes=value)
        case "pause" | "unpause" | "priority-triage":
            days.say(f"/{action} {value}", issue=1)


class Watched(Days):
    """Days on which each commit is looked at."""

    def settle(self, *events: Any) -> State:
        before = self.state
        after = super().settle(*events)
        controls = after.controls
        for held in assignments(after):
            if held.lease >= before.ledger.next_lease:
                project = after.projects[held.project]
                task = project.task(held.task)
                assert task is not None
                assert controls.pause(task.workflow) is None
                assert controls.triage is None or RANK[project.priority] <= RANK[controls.triage.level]
        if controls.triage and controls.triage.overflowed:
            assert any(len(after.queues[QueueName(one.value)].items) > MARK for one in Workflow)
        assert decide(after, (), self.now).state is after
        return after


@given(st.lists(ACTIONS, min_size=5, max_size=25))
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_held_back_is_ever_assigned(actions: list[tuple[str, Any]]) -> None:
    days = Watched(SMALL)
    for number, (action, value) in enumerate(actions, 1):
        act(days, action, value, number)


def busy(waiting: int) -> Days:
    """Three Genesis tasks are running, so many wait; a task that fails goes to review at once."""
    days = Days(SMALL.model_copy(update={"attempts": Attempts(limit=1)}))
    for number in range(1, waiting + 4):
        days.say(f"/dispatch-genesis Idea {number}", issue=number)
    return days


def finish(days: Days, count: int) -> None:
    for held in assignments(days.state)[:count]:
        days.fail(held.task, minutes=1)


def urgent(days: Days, issue: int) -> None:
    days.settle(
        IssueChanged(
            number=issue,
            issue=issue,
            action="labeled",
            label="priority:urgent",
            actor="wendy",
            role="write",
            at=days.now,
        )
    )


def running(days: Days) -> set[str]:
    return {held.project for held in assignments(days.state)}


def depth(state: State, name: QueueName = QueueName.GENESIS) -> int:
    return len(state.queues[name].items)


# triage


def test_triage_of_an_overflow_ends_at_the_mark_and_assigns_what_it_held_in_the_same_commit() -> None:
    days = busy(waiting=3)
    days.say("/priority-triage urgent", issue=1)
    finish(days, 2)
    assert (depth(days.state), len(running(days))) == (3, 1)
    urgent(days, issue=4)
    assert days.state.controls.triage is None
    assert running(days) == {"idea-3-3", "idea-4-4", "idea-5-5"}


def test_triage_without_an_overflow_holds_until_off() -> None:
    days = busy(waiting=2)
    days.say("/priority-triage urgent", issue=1)
    finish(days, 3)
    days.wait(hours=3)
    assert days.state.controls.triage is not None
    assert (depth(days.state), running(days)) == (2, set())
    days.say("/priority-triage off", issue=1)
    assert running(days) == {"idea-4-4", "idea-5-5"}


def test_an_overflow_while_triage_holds_is_remembered() -> None:
    days = busy(waiting=2)
    days.say("/priority-triage urgent", issue=1)
    days.say("/dispatch-genesis One more", issue=9)
    triage = days.state.controls.triage
    assert triage is not None
    assert triage.overflowed


def test_another_level_keeps_in_mind_that_a_queue_overflowed() -> None:
    days = busy(waiting=3)
    days.say("/priority-triage urgent\n/priority-triage high", issue=1)
    triage = days.state.controls.triage
    assert triage is not None
    assert (triage.level, triage.overflowed) == (Priority.HIGH, True)


def test_triage_that_is_over_in_the_same_moment_says_so() -> None:
    days = busy(waiting=3)
    finish(days, 0)
    days.say("/pause genesis", issue=1)
    finish(days, 3)
    reply = say(days, "/unpause genesis\n/priority-triage normal")
    assert "**Triage at `normal`** is over already" in reply
    assert days.state.controls.triage is None


def say(days: Days, body: str) -> str:
    comment_ = CommentCreated(comment=9_000, issue=1, body=body, actor="wendy", role="write", at=days.now)
    (reply,) = replies(decide(days.state, (comment_,), days.now))
    days.settle(comment_)
    return reply


# held labels


def labelled(state: State) -> set[str]:
    return {id_ for id_, project in state.projects.items() if "held:triage" in wanted(project)}


def pending(state: State) -> list[str]:
    return [entry.id for entry in state.outbox.entries if isinstance(entry.effect, Labels)]


def delivered(days: Days) -> None:
    days.settle(Observed(observer="tick", at=days.now, delivered=tuple(pending(days.state))))


def test_the_label_follows_the_project_s_own_waiting() -> None:
    days = busy(waiting=2)
    days.say("/priority-triage high", issue=1)
    assert labelled(days.state) == {"idea-4-4", "idea-5-5"}
    urgent(days, issue=4)
    assert labelled(days.state) == {"idea-5-5"}
    days.say("/dispatch-genesis Late --priority low", issue=9)
    assert labelled(days.state) == {"idea-5-5", "late-9"}
    days.say("/priority-triage off", issue=1)
    assert labelled(days.state) == set()


def test_labels_are_put_on_and_taken_off_again() -> None:
    days = busy(waiting=1)
    days.say("/priority-triage high", issue=1)
    held = days.state.projects["idea-4-4"]
    plain = wanted(held.model_copy(update={"held": False}))
    assert difference(held, plain) == (("held:triage",), ())
    assert difference(held.model_copy(update={"held": False}), wanted(held)) == ((), ("held:triage",))


def test_thousands_of_labels_come_in_portions_and_all_come() -> None:
    days = Days()
    for number in range(1, 131):
        days.say(f"/dispatch-genesis Idea {number}", issue=number)
    delivered(days)
    reply = say(days, "/priority-triage urgent")
    assert "their issues get the label `held:triage` bit by bit, 50 of them now" in reply
    portions = []
    while pending(days.state):
        portions.append(len(pending(days.state)))
        assert decide(days.state, (), days.now).state is days.state
        delivered(days)
    assert max(portions) <= LABELS_AT_ONCE
    assert labelled(days.state) == {item.project for item in days.state.queues[QueueName.GENESIS].items}
    assert len(portions) == 3
    days.say("/priority-triage off", issue=1)
    while pending(days.state):
        delivered(days)
    assert labelled(days.state) == set()


# overflow


def queued(count: int) -> dict[QueueName, Queue]:
    items = tuple(
        QueueItem(
            task=f"t-{number}",
            project="p",
            priority=Priority.NORMAL,
            enqueued_at=START,
            attempt=0,
            specialty="x",
        )
        for number in range(count)
    )
    return {**State().queues, QueueName.CONTENT: Queue(items=items)}


@given(st.integers(1, 40), st.lists(st.integers(0, 60), min_size=1, max_size=30))
def test_an_overflow_alert_never_flaps_and_is_never_open_twice(mark: int, depths: list[int]) -> None:
    state = begun(Config(queueing=Queueing(overflow=mark)))
    was_over = False
    for now_deep in depths:
        state = replace(state, queues=queued(now_deep))
        for look in range(3):
            draft = Draft(state, START)
            settle_overflow(draft)
            assert draft.differs() is False or look == 0
            state = draft.freeze(())
        is_open = [alert.id for alert in state.alerts.items if alert.until is None]
        assert is_open in ([], ["queue-overflow-content"])
        assert len(state.alerts.items) <= 1
        lasts = now_deep > mark or (was_over and now_deep > relief(mark))
        back = any(alert.returned_at for alert in state.alerts.items)
        assert bool(is_open) == (lasts or back)  # what came back within the quiet time is kept for as long
        was_over = lasts


def test_relief_is_below_every_mark() -> None:
    assert [relief(mark) for mark in (1, 2, 4, 20, 100)] == [0, 1, 3, 15, 75]


def test_a_depth_between_relief_and_mark_is_told_as_it_is() -> None:
    state = begun()
    for count in (23, 18):
        draft = Draft(replace(state, queues=queued(count)), START)
        settle_overflow(draft)
        state = draft.freeze(())
    (alert,) = state.alerts.items
    assert alert.cause == "18 tasks still wait in the content queue after an overflow, which is over at 15"


def test_the_review_queue_gets_other_advice() -> None:
    state = begun()
    queues = {**State().queues, QueueName.REVIEW: queued(21)[QueueName.CONTENT]}
    draft = Draft(replace(state, queues=queues), START)
    settle_overflow(draft)
    alert = open_alert(draft, "queue-overflow-review")
    assert alert is not None
    assert "/retry" in alert.advice


# alerts and their issues


def called(days: Days) -> Alert:
    (alert,) = [one for one in days.state.alerts.items if one.id == "admin-disk-full" and one.until is None]
    return alert


def abouts(days: Days) -> list[str]:
    return [entry.effect.about for entry in days.state.outbox.entries if isinstance(entry.effect, FileIssue)]


def closes(days: Days, issue: int) -> None:
    facts = {"number": issue, "issue": issue, "action": "closed", "actor": "ada", "role": "admin"}
    days.settle(IssueChanged.model_validate(facts | {"at": days.now}))


def test_an_alert_that_is_called_again_later_gets_an_issue_of_its_own() -> None:
    days = Days()
    days.say("/alert-administrators disk-full", issue=1)
    first = called(days).about
    days.settle(Observed(observer="a", at=days.now, filed=(IssueFiled(about=first, issue=70),)))
    assert called(days).issue == 70
    closes(days, 70)
    assert not [one for one in days.state.alerts.items if one.until is None]
    assert days.state.journal.happenings[-1].by == "ada"
    days.wait(hours=1)
    days.say("/alert-administrators disk-full", issue=1)
    assert called(days).issue is None
    assert abouts(days) != [first]
    days.settle(Observed(observer="b", at=days.now, filed=(IssueFiled(about=first, issue=70),)))
    assert called(days).issue is None


def test_details_given_before_the_issue_is_there_are_kept_with_the_alert() -> None:
    days = Days()
    days.say("/alert-administrators disk-full first words", issue=1)
    reply = say(days, "/alert-administrators disk-full more words")
    assert "its issue is still being filed, and nobody has taken it on yet" in reply
    assert "Your details are kept with the alert: `/alerts` shows them." in reply
    assert called(days).details == "first words\nwendy: more words"
    assert len(abouts(days)) == 1


def test_an_issue_that_is_no_alert_s_ends_nothing() -> None:
    days = Days()
    days.say("/alert-administrators disk-full", issue=1)
    closes(days, 1)
    assert called(days).until is None


def test_who_took_an_alert_on_stays_with_it_while_it_is_reworded() -> None:
    days = busy(waiting=3)
    days.say("/ack queue-overflow-genesis", issue=1, actor="max")
    days.say("/dispatch-genesis One more", issue=9)
    (alert,) = days.state.alerts.items
    assert (alert.taken_by, alert.cause) == ("max", "4 tasks wait in the genesis queue, more than 2")


def test_alerts_are_listed_worst_first_and_bounded() -> None:
    days = Days()
    draft = Draft(days.state, days.now)
    for number in range(2_000):
        raise_alert(draft, LOST, str(number), kind="x" * 500, effect="y", attempts=6)
    raise_alert(draft, CALLED, "fire", caller="@all *burn*", reason="fire")
    days.state = draft.freeze(())
    reply = say(days, "/alerts")
    assert len(reply) <= 60_000
    assert "fit into a comment" in reply
    assert reply.splitlines()[2].startswith("- 🔴 critical · `admin-fire` · since 2026-11-23 12:00 UTC")


def test_a_state_with_an_alert_that_is_open_twice_is_refused() -> None:
    alert = Alert(id="fire", severity="info", since=START, cause="x", advice="y")
    state = replace(begun(), alerts=Alerts(items=(alert, alert)))
    with pytest.raises(StateInvalid, match="fire is open twice"):
        check(state)


def test_controls_survive_their_files() -> None:
    days = busy(waiting=3)
    days.say("/pause\n/priority-triage high\n/alert-administrators disk-full\n/incident-report", issue=1)
    assert tree(load(tree(days.state))) == tree(days.state)
