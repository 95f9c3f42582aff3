"""The rules of the spine, through ``decide`` alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import MOST_EVENTS, decide, take
from bot.domain import files, invariants
from bot.domain.config import Attempts, Bots, Commands, Config, Delivery
from bot.domain.errors import StateInvalid
from bot.domain.events.observed import IssueOpened, Observed
from bot.domain.pools import Pools
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus, WorkerStatus, Workflow
from tests.core.worlds import (
    START,
    assignments,
    begun,
    claimed,
    comment,
    later,
    published,
    replies,
    reported,
    settled,
)


def dispatched(idea: str = "A page", **changes: object) -> State:
    return settled(begun(), comment(1, f"/dispatch-genesis {idea}", **changes)).state


def test_a_command_becomes_an_assigned_project_with_one_reply_and_one_dispatch() -> None:
    decision = settled(begun(), comment(1, "/dispatch-genesis A page"))
    project = decision.state.projects["a-page-1"]
    assert (project.stage, project.status, project.requester) == (
        Stage.GENESIS,
        ProjectStatus.ACTIVE,
        "wendy",
    )
    assert project.tasks[0].worker == "genesis-02"
    assert sorted(entry.effect.kind for entry in decision.effects) == ["dispatch", "labels", "reply"]
    assert decision.state.outbox.entries == tuple(
        entry for entry in decision.state.outbox.entries if entry in decision.effects
    )


def test_the_size_chooses_the_worker() -> None:
    for size, worker in (("large", "genesis-01"), ("standard", "genesis-02"), ("quick", "genesis-03")):
        state = dispatched(f"A page --size {size}")
        assert state.projects["a-page-1"].tasks[0].worker == worker


def test_what_finds_no_idle_worker_waits_in_order_of_priority() -> None:
    state = begun()
    for number, level in enumerate(["low", "low", "low", "low", "normal", "urgent"], 1):
        state = settled(state, comment(number, f"/dispatch-genesis Idea --priority {level}")).state
    waiting = [item.priority.value for item in state.queues[QueueName.GENESIS].items]
    assert waiting == ["urgent", "normal", "low"]
    assert len(assignments(state)) == 3


def test_the_same_event_twice_changes_nothing() -> None:
    first = settled(begun(), comment(1, "/dispatch-genesis A page"))
    again = settled(first.state, comment(1, "/dispatch-genesis A page"))
    assert again.state is first.state
    assert again.effects == ()


def test_two_projects_on_one_issue_get_distinct_ids_and_the_second_an_issue_of_its_own() -> None:
    decision = settled(begun(), comment(1, "/dispatch-genesis A page\n/dispatch-genesis A page"))
    assert sorted(decision.state.projects) == ["a-page-1", "a-page-1-2"]
    assert decision.state.projects["a-page-1-2"].issue is None
    assert [entry.effect.project for entry in decision.effects if entry.effect.kind == "open-issue"] == [
        "a-page-1-2"
    ]
    seen = Observed(observer="t", at=later(9), opened=(IssueOpened(project="a-page-1-2", issue=8),))
    after = settled(decision.state, seen)
    assert after.state.projects["a-page-1-2"].issue == 8
    assert "labels" in [entry.effect.kind for entry in after.effects]


def test_an_empty_input_takes_the_issues_text_and_without_any_says_so() -> None:
    text = {"title": "Todo app", "body": "- add\n- remove", "author": "rita"}
    state = settled(begun(), comment(1, "/dispatch-genesis", issue_text=text)).state
    assert state.projects["todo-app-1"].idea == "Todo app\n\n- add\n- remove"
    (refused,) = replies(settled(begun(), comment(1, "/dispatch-genesis")))
    assert "there is no idea" in refused


def test_what_has_no_word_in_it_is_no_idea() -> None:
    decision = settled(begun(), comment(1, "/dispatch-genesis ???"))
    assert not decision.state.projects
    assert "Not queued" in replies(decision)[0]


def test_a_file_of_the_repository_is_read() -> None:
    file = {"path": "docs/idea.md", "text": "# Todo\n\n- add"}
    state = settled(begun(), comment(1, "/dispatch-genesis docs/idea.md", files=(file,))).state
    assert state.projects["todo-1"].idea == "# Todo\n\n- add"
    missing = {"path": "docs/idea.md", "text": None, "problem": "does not exist in this repository"}
    (refused,) = replies(settled(begun(), comment(1, "/dispatch-genesis docs/idea.md", files=(missing,))))
    assert "does not exist in this repository" in refused


# who may


@pytest.mark.parametrize("role", ["none", "read"])
def test_strangers_get_one_reaction_an_hour_and_no_reply(role: str) -> None:
    state = begun()
    first = settled(state, comment(1, "/status", actor="stan", role=role))
    assert [entry.effect.kind for entry in first.effects] == ["react"]
    second = settled(first.state, comment(2, "/status", actor="stan", role=role))
    assert second.effects == ()
    third = settled(second.state, comment(3, "/status", actor="stan", role=role, at=later(3_700)))
    assert [entry.effect.kind for entry in third.effects] == ["react"]


def test_a_crowd_of_strangers_gets_a_bounded_number_of_reactions() -> None:
    state, reactions = begun(), 0
    crowd = [comment(n, "/status", actor=f"stranger-{n}", role="none") for n in range(1, 301)]
    while crowd:
        batch = take(crowd)
        decision = settled(state, *batch)
        state, crowd = decision.state, crowd[len(batch) :]
        reactions += len(decision.effects)
    assert reactions == 20


def test_a_role_that_is_too_low_is_told_the_one_needed() -> None:
    (reply,) = replies(
        settled(begun(), comment(1, "/dispatch-genesis A page\n/status", actor="tim", role="triage"))
    )
    assert "needs the role **write**" in reply
    assert "All well" in reply


def test_roles_are_configurable_per_command() -> None:
    open_to_all = Config(commands=Commands(roles={"status": "none", "dispatch-genesis": "admin"}))
    (reply,) = replies(settled(begun(open_to_all), comment(1, "/status", role="none")))
    assert "All well" in reply
    (reply,) = replies(settled(begun(open_to_all), comment(1, "/dispatch-genesis x", role="maintain")))
    assert "needs the role **admin**" in reply


def test_an_edited_comment_and_an_old_one_are_answered_but_not_run() -> None:
    (edited,) = replies(settled(begun(), comment(1, "/dispatch-genesis A page", edited=True)))
    assert "edited before it was read" in edited
    decision = settled(begun(), comment(1, "/dispatch-genesis A page"), at=later(25 * 3600))
    assert "comment is 1 d" in replies(decision)[0]
    assert not decision.state.projects


def test_a_stop_is_run_however_late_it_is_found_and_nothing_else_of_its_comment() -> None:
    late = comment(2, "/priority urgent\n/emergency-stop\n/status")
    decision = settled(dispatched(), late, at=later(25 * 3600))
    (project,) = decision.state.projects.values()
    assert project.stop is not None
    assert project.priority == "normal"
    (reply,) = replies(decision)
    assert "is stopped" in reply
    assert reply.count("Not run: this comment is 1 d") == 1


# leases and fencing


def test_claim_report_publish_carries_genesis_to_its_end() -> None:
    state = dispatched()
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    assert state.projects["a-page-1"].tasks[0].status is TaskStatus.RUNNING
    assert all(entry.effect.kind != "dispatch" for entry in state.outbox.entries)
    state = settled(state, reported(held)).state
    assert state.projects["a-page-1"].tasks[0].status is TaskStatus.PUBLISHING
    decision = settled(state, published(held))
    project = decision.state.projects["a-page-1"]
    assert (project.stage, project.repository) == (Stage.DEVELOPMENT, "acme/a-page-1")
    assert decision.state.instances["genesis-02"].status is WorkerStatus.IDLE
    assert "**Scaffolded:**" in replies(decision)[0]


def test_another_run_is_not_granted_a_claimed_lease_and_its_report_changes_nothing() -> None:
    state = dispatched()
    (held,) = assignments(state)
    state = settled(state, claimed(held, run=7)).state
    state = settled(state, claimed(held, run=8)).state
    assert assignments(state)[0].run_id == 7
    before = state.projects
    after = settled(state, reported(held, run=8)).state
    assert after.projects == before


def test_a_report_under_an_old_lease_changes_nothing() -> None:
    state = dispatched()
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    state = settled(state, at=held.expires_at).state
    state = settled(state, at=later(4_000)).state
    before = (state.projects, state.genesis, state.queues)
    late = settled(state, reported(held, seconds=4_000)).state
    assert (late.projects, late.genesis, late.queues) == before


def test_a_failing_task_backs_off_tries_another_worker_and_ends_in_review_with_its_context() -> None:
    state, workers = dispatched(), []
    for attempt in range(1, 4):
        (held,) = assignments(state)
        workers.append(state.projects["a-page-1"].tasks[0].worker)
        at = attempt * 1_000
        state = settled(state, claimed(held, run=attempt, seconds=at)).state
        failed = reported(
            held,
            run=attempt,
            seconds=at + 1,
            ok=False,
            summary="tests failed",
            output="boom",
            exit_code=2,
            genesis=None,
        )
        decision = settled(state, failed)
        state = decision.state
        if attempt < 3:
            assert state.projects["a-page-1"].tasks[0].status is TaskStatus.QUEUED, "backoff"
            state = settled(state, at=later(at + 900)).state
    (item,) = state.queues[QueueName.REVIEW].items
    assert (item.attempt, item.error.summary, item.error.exit_code) == (3, "tests failed", 2)
    assert len(set(workers)) == 3
    assert state.projects["a-page-1"].status is ProjectStatus.REVIEW
    assert "**In review:**" in replies(decision)[0]


def test_leases_start_at_the_epoch_of_the_branch_and_never_repeat() -> None:
    state = dispatched()
    (first,) = assignments(state)
    assert first.lease == int(START.timestamp())
    state = settled(state, at=first.expires_at).state
    state = settled(state, at=first.expires_at + timedelta(hours=1)).state
    (second,) = assignments(state)
    assert second.lease == first.lease + 2, "nobody came for either of the two"


# the outbox


def observed(state: State, seconds: float, **changes: object) -> Observed:
    values = {"looked_for": tuple(entry.id for entry in state.outbox.entries)} | changes
    return Observed(observer=f"t-{int(seconds)}", at=later(seconds), **values)


def test_what_has_no_evidence_is_claimed_again_after_the_grace_time_and_not_before() -> None:
    state = dispatched()
    early = settled(state, observed(state, 60))
    assert early.effects == ()
    late = settled(state, observed(state, 200))
    assert {entry.attempt for entry in late.effects} == {2}
    assert len(late.effects) == 3
    again = settled(late.state, observed(late.state, 201))
    assert again.effects == ()


def test_only_what_was_looked_for_is_delivered_again() -> None:
    state = dispatched()
    assert settled(state, observed(state, 500, looked_for=())).effects == ()


def test_evidence_empties_the_outbox() -> None:
    state = dispatched()
    ids = tuple(entry.id for entry in state.outbox.entries)
    assert settled(state, observed(state, 5, delivered=ids)).state.outbox.entries == ()


def test_what_cannot_be_delivered_is_given_up_with_an_alert() -> None:
    state = begun(Config(delivery=Delivery(limit=2)))
    state = settled(state, comment(1, "/status")).state
    state = settled(state, observed(state, 10_000)).state
    state = settled(state, observed(state, 20_000)).state
    assert "comment-1/0" not in {entry.id for entry in state.outbox.entries}
    (alert,) = (one for one in state.alerts.items if one.id == "undeliverable-comment-1/0")
    assert alert.cause == "reply comment-1/0 could not be delivered in 2 attempts"


# the whole


def test_settling_again_changes_nothing() -> None:
    state = dispatched()
    assert decide(state, [], later(1)).state is state


def test_a_batch_gives_the_same_state_in_whatever_order_it_is_handed_over() -> None:
    events = [comment(n, f"/dispatch-genesis Idea {n}") for n in range(1, 5)]
    trees = {
        repr(sorted(files.tree(decide(begun(), list(order), later(9)).state).items()))
        for order in permutations(events)
    }
    assert len(trees) == 1


def test_history_replays_byte_for_byte_from_the_recorded_events() -> None:
    """At times with fractions of a second too, which the state does not keep."""
    state = begun()
    for number in range(1, 6):
        now = later(number) + timedelta(milliseconds=700)
        after = settled(state, comment(number, f"/dispatch-genesis Idea {number}\n/status"), at=now)
        record = after.state.events
        replayed = decide(files.load(files.tree(state)), record.events, record.now).state
        assert files.tree(replayed) == files.tree(after.state)
        state = after.state


def test_now_never_goes_backwards() -> None:
    state = settled(begun(), comment(1, "/status", at=later(100)), at=later(100)).state
    after = settled(state, comment(2, "/status", at=later(50)), at=later(50)).state
    assert after.events.now == later(100)


def test_a_batch_is_bounded_in_events_and_bytes_and_never_empty() -> None:
    many = [comment(n, "/status") for n in range(1, 300)]
    assert len(take(many)) == MOST_EVENTS
    large = [comment(n, "/dispatch-genesis " + "x" * 65_000) for n in range(1, 50)]
    assert 1 <= len(take(large)) < 10
    assert len(take([comment(1, "/dispatch-genesis " + "é" * 300_000)])) == 1


def test_a_contradicting_state_is_refused_by_name() -> None:
    state = dispatched()
    broken = State(**{name: getattr(state, name) for name in State.__slots__} | {"instances": {}})
    with pytest.raises(
        StateInvalid, match=r"a-page-1/status\.json: a-page-1\.genesis is assigned, but no worker"
    ):
        invariants.check(broken)


COMMANDS = [
    "/dispatch-genesis An idea",
    "/dispatch-genesis Big --size large --priority urgent",
    "/status",
    "/nope",
]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int]]:
    step = st.tuples(
        st.sampled_from(["comment", "claim", "report", "fail", "publish", "wait", "observe"]),
        st.integers(0, 50),
    )
    return draw(st.lists(step, max_size=25))


@settings(max_examples=150, deadline=None)
@given(histories())
def test_no_history_breaks_an_invariant_or_exceeds_capacity(history: list[tuple[str, int]]) -> None:
    state, clock = begun(Config(attempts=Attempts(limit=2, backoff_seconds=5))), 1
    old: list = []
    for step, number in history:
        clock += 1 + number * 7
        old += [held for held in assignments(state) if held not in old]
        held = old[number % len(old)] if old else None
        if step == "comment":
            decision = settled(
                state, comment(clock, COMMANDS[number % len(COMMANDS)], issue=1 + number % 3), at=later(clock)
            )
        elif step == "wait":
            decision = settled(state, at=later(clock + number * 100))
            clock += number * 100
        elif step == "observe":
            decision = settled(state, observed(state, clock))
        elif held is None:
            continue
        elif step == "claim":
            decision = settled(
                state,
                claimed(held, run=number % 2, seconds=clock)
                if number % 2
                else claimed(held, run=2, seconds=clock),
            )
        elif step in ("report", "fail"):
            ok = step == "report"
            event = reported(
                held, run=1 + number % 2, seconds=clock, **({} if ok else {"ok": False, "genesis": None})
            )
            decision = settled(state, event)
        else:
            decision = settled(state, published(held, seconds=clock))
        state = decision.state
        busy = [worker for worker in state.instances.values() if worker.workflow is Workflow.GENESIS]
        assert len(busy) == 3
        if decision.state.events is not None:
            assert decide(state, [], state.events.now).state is state, "settling twice is settling once"


def test_the_defaults_are_the_specifications_roster() -> None:
    ids = [worker.id for workflow in Workflow for worker in Pools().of(workflow).roster]
    assert ids == [
        *("genesis-01", "genesis-02", "genesis-03"),
        *("dev-01", "dev-02", "dev-03", "dev-04", "dev-05"),
        *("content-01", "content-02", "content-03"),
    ]
    assert Bots().accounts == ("github-actions[bot]",)
