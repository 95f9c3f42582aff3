"""What people do to issues: labels, closing, reopening, the form for a new project."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.decide import Decision, decide
from bot.domain import invariants
from bot.domain.config import Config, Issues
from bot.domain.events.asked import IssueChanged
from bot.domain.events.looked_up import IssueText
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.vocabulary import QueueName
from bot.render.labels import difference
from tests.commands.fleet import at_work
from tests.core.worlds import comment, replies

FLEET = at_work()
NUMBERS = itertools.count(1)
FORM = """\
### Idea

A page that says hello.
- it counts clicks

### Size

quick

### Priority

high

### Stack

_No response_

### Region

eu
"""


def changed(state: State, action: str, label: str = "", *, later: float = 1, **changes: Any) -> Decision:
    assert state.events is not None
    now = state.events.now + timedelta(seconds=later)
    values = {"issue": 1, "actor": "wendy", "role": "write", "number": next(NUMBERS)} | changes
    event = IssueChanged.model_validate({"action": action, "label": label, "at": now, **values})
    decision = decide(state, [event], now)
    invariants.check(decision.state)
    return decision


def due(decision: Decision) -> list[str]:
    return [entry.effect.project for entry in decision.effects if entry.effect.kind == "labels"]


def test_a_priority_label_is_the_same_as_the_command() -> None:
    decision = changed(FLEET, "labeled", "priority:urgent")
    assert decision.state.projects["photo-sorter-1"].priority == "urgent"
    assert {item.priority for item in decision.state.queues[QueueName.DEVELOPMENT].items} == {"urgent"}
    assert due(decision) == ["photo-sorter-1"]
    assert replies(decision) == []


def test_taking_the_present_priority_off_is_back_to_normal_and_any_other_is_nothing() -> None:
    high = changed(FLEET, "labeled", "priority:high").state
    assert changed(high, "unlabeled", "priority:low").state.projects["photo-sorter-1"].priority == "high"
    assert changed(high, "unlabeled", "priority:high").state.projects["photo-sorter-1"].priority == "normal"


def test_a_label_that_is_settled_late_does_not_undo_a_newer_priority() -> None:
    assert FLEET.events is not None
    early = FLEET.events.now + timedelta(seconds=5)
    ordered = decide(
        FLEET,
        [comment(900, "/priority photo-sorter-1 low", at=early + timedelta(seconds=10))],
        early + timedelta(seconds=10),
    )
    late = changed(ordered.state, "labeled", "priority:urgent", later=60, at=early)
    assert late.state.projects["photo-sorter-1"].priority == "low"
    assert [entry.effect.kind for entry in late.effects] == ["labels"], "the label is put in step"


def test_of_two_labels_of_one_second_the_later_event_wins() -> None:
    assert FLEET.events is not None
    now = FLEET.events.now + timedelta(seconds=1)
    nine, ten = (
        IssueChanged(
            action="labeled",
            label=f"priority:{level}",
            number=n,
            at=now,
            issue=1,
            actor="wendy",
            role="write",
        )
        for n, level in ((9, "low"), (10, "high"))
    )
    assert decide(FLEET, [ten, nine], now).state.projects["photo-sorter-1"].priority == "high"


def test_a_priority_by_somebody_who_may_not_is_put_back_and_told_once() -> None:
    first = changed(FLEET, "labeled", "priority:urgent", actor="tim", role="triage")
    assert first.state.projects["photo-sorter-1"].priority == "normal"
    assert due(first) == ["photo-sorter-1"]
    assert replies(first) == snapshot(
        [
            "Setting a priority needs the role **write**, and `tim` has **triage**, so `priority:urgent` is put back as it was. (This is said once.)"
        ]
    )
    again = changed(first.state, "labeled", "priority:high", actor="tim", role="triage")
    assert replies(again) == []


@pytest.mark.parametrize(
    ("action", "label"),
    [("labeled", "stage:complete"), ("unlabeled", "stage:development"), ("labeled", "held:triage")],
)
def test_the_bots_own_labels_are_put_back_and_told_once(action: str, label: str) -> None:
    first = changed(FLEET, action, label)
    assert due(first) == ["photo-sorter-1"]
    assert len(replies(first)) == 1
    assert replies(changed(first.state, action, label)) == []


def test_labels_that_are_nobodys_business_change_nothing() -> None:
    for label in ("bug", "priority:whenever", "stage", ""):
        decision = changed(FLEET, "labeled", label)
        assert (decision.effects, decision.state.projects) == ((), FLEET.projects)


events = st.lists(
    st.tuples(st.sampled_from(["labeled", "unlabeled"]), st.sampled_from(list(Priority)), st.booleans()),
    max_size=12,
)


@given(events)
def test_the_newest_choice_of_somebody_who_may_wins_and_one_label_is_wanted(
    given_events: list[tuple[str, Priority, bool]],
) -> None:
    state, expected, present = FLEET, Priority.NORMAL, {"priority:normal"}
    for action, level, allowed in given_events:
        label = f"priority:{level}"
        present = present | {label} if action == "labeled" else present - {label}
        state = changed(state, action, label, role="write" if allowed else "triage").state
        if allowed and action == "labeled":
            expected = level
        elif allowed and level is expected:
            expected = Priority.NORMAL
    project = state.projects["photo-sorter-1"]
    add, remove = difference(project, frozenset(present))
    left = {name for name in (present | set(add)) - set(remove) if name.startswith("priority:")}
    assert project.priority is expected
    assert left == {f"priority:{expected}"}


def test_closing_asks_in_the_thread_and_stops_when_nobody_answers() -> None:
    asked = changed(FLEET, "closed")
    assert replies(asked) == snapshot(
        [
            """\
This issue was closed by `wendy`. Shall `photo-sorter-1` stop? It stops at 2026-11-23 13:19 UTC (in 10 min), unless you reopen the issue.

- `/emergency-stop photo-sorter-1` stops it now.
- `/resume photo-sorter-1` lets it go on although its issue is closed.\
"""
        ]
    )
    assert asked.state.events is not None
    assert asked.state.projects["photo-sorter-1"].stop is None
    later = decide(asked.state, [], asked.state.events.now + timedelta(minutes=10))
    stop = later.state.projects["photo-sorter-1"].stop
    assert stop is not None
    assert (stop.why, stop.by) == ("closed", "wendy")
    assert "is stopped" in replies(later)[0]
    reopened = changed(later.state, "reopened")
    assert reopened.state.projects["photo-sorter-1"].stop is None


def test_reopening_in_time_calls_it_off() -> None:
    state = changed(changed(FLEET, "closed").state, "reopened", later=60).state
    assert state.events is not None
    later = decide(state, [], state.events.now + timedelta(minutes=15)).state
    assert later.projects["photo-sorter-1"].stop is None


@pytest.mark.parametrize(("how", "stopped"), [("stop", True), ("ignore", False)])
def test_closing_can_stop_at_once_or_mean_nothing(how: Any, stopped: bool) -> None:
    state = at_work(Config(issues=Issues(on_close=how)))
    decision = changed(state, "closed")
    assert (decision.state.projects["photo-sorter-1"].stop is not None) == stopped
    assert len(replies(decision)) == stopped


def test_closing_by_somebody_who_may_not_stop_is_answered_once_and_changes_nothing() -> None:
    closed = changed(FLEET, "closed", actor="tim", role="triage")
    assert closed.state.projects["photo-sorter-1"].closing is None
    (told,) = replies(closed)
    assert told == snapshot(
        "`photo-sorter-1` goes on although `tim` closed this issue: stopping a project needs the role **write**, and `tim` has **triage**. Somebody with that role can comment `/emergency-stop photo-sorter-1`. (This is said once.)"
    )
    assert replies(changed(closed.state, "closed", actor="tim", role="triage")) == []


def test_strangers_who_close_a_project_s_issue_are_answered_within_bounds() -> None:
    state = FLEET
    told = 0
    for issue in (1, 2, 3):
        decision = changed(state, "closed", issue=issue, actor="rita", role="read")
        told, state = told + len(replies(decision)), decision.state
    assert told == 1


def test_reopening_by_somebody_who_may_not_resume_calls_nothing_off() -> None:
    closed = changed(FLEET, "closed").state
    assert changed(closed, "reopened", actor="rita", role="read").state.projects["photo-sorter-1"].closing


def test_the_form_starts_a_project_with_its_choices() -> None:
    text = IssueText(title="New project: Hello page", body=FORM, author="wendy")
    decision = changed(FLEET, "labeled", "new-project", issue=8, issue_text=text)
    project = decision.state.projects["hello-page-8"]
    assert (project.issue, project.size, project.priority, project.stack, project.region) == (
        8,
        "quick",
        "high",
        "",
        "eu",
    )
    assert project.idea == "Hello page\n\nA page that says hello.\n- it counts clicks"
    assert "**Hello page** is project `hello-page-8`, on #8." in replies(decision)[0]
    assert replies(decision)[0].endswith("1 idle, 10 busy</sub>")


def test_an_issue_written_by_hand_is_its_own_idea() -> None:
    text = IssueText(title="A clock", body="that ticks", author="stan")
    state = changed(FLEET, "labeled", "new-project", issue=8, issue_text=text).state
    assert state.projects["a-clock-8"].idea == "A clock\n\nthat ticks"


def test_the_label_on_a_projects_own_issue_asks_for_nothing() -> None:
    text = IssueText(title="Photo sorter", body="again", author="wendy")
    assert changed(FLEET, "labeled", "new-project", issue_text=text).effects == ()


def test_strangers_are_answered_now_and_then_and_start_nothing() -> None:
    text = IssueText(title="Mine", body="mine", author="stan")
    facts = {"issue": 8, "issue_text": text, "role": "none"}
    first = changed(FLEET, "labeled", "new-project", actor="stan", **facts)
    assert replies(first) == snapshot(
        [
            "Thank you for the idea. Starting a project needs the role **write**, and `stan` has **none**. Somebody with that role can start it: comment `/dispatch-genesis` here, or take the label `new-project` off and put it on again."
        ]
    )
    assert first.state.projects == FLEET.projects
    assert changed(first.state, "labeled", "new-project", actor="stan", **facts).effects == ()
