"""What must hold whatever happens: random histories of people, workers and switches, over ``decide``."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain import invariants
from bot.domain.config import Attempts, Config, Queueing
from bot.domain.controls import Controls, Pause, Triage
from bot.domain.draft import Draft
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.instances import Assignment
from bot.domain.order import RANK
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, TaskStatus, Workflow
from bot.policies.assigning.holding import held_by
from tests.commands.fleet import at_work, features, result
from tests.core.worlds import assignments, reads_back

AGEING = 30
RULES = Config(attempts=Attempts(backoff_seconds=60), queueing=Queueing(ageing_minutes=AGEING))
FLEET = at_work(RULES)

PROJECTS = ("photo-sorter-1", "recipe-book-2", "tide-table-4", "tax-form-7")
WORKERS = ("genesis-01", "genesis-02", "dev-01", "dev-03", "dev-05", "content-02")

lines = st.one_of(
    st.builds(
        "/dispatch-genesis Idea --size {} --priority {} --region {}".format,
        st.sampled_from(["large", "standard", "quick"]),
        st.sampled_from(Priority),
        st.sampled_from(["eu", "us"]),
    ),
    st.builds("/priority {} {}".format, st.sampled_from(PROJECTS), st.sampled_from(Priority)),
    st.builds(
        "/assign {} {} {} {}".format,
        st.sampled_from(Workflow),
        st.sampled_from(PROJECTS),
        st.sampled_from(WORKERS),
        st.sampled_from(["", "--force"]),
    ),
    st.just("/rebalance"),
    st.sampled_from(["/queues", "/why photo-sorter-1", "/why tax-form-7.genesis", "/why recipe"]),
)
switches = st.builds(
    lambda paused, level: (paused, level),
    st.lists(st.sampled_from(Workflow), max_size=1, unique=True),
    st.one_of(st.none(), st.sampled_from(Priority)),
)
steps = st.one_of(
    st.tuples(st.just("say"), lines),
    st.tuples(st.just("claim"), st.integers(0, 20)),
    st.tuples(st.just("done"), st.integers(0, 20)),
    st.tuples(st.just("fail"), st.integers(0, 20)),
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.just("switch"), switches),
)
histories = st.lists(steps, min_size=4, max_size=14)


class Life:
    """One history, and what is asserted after each of its steps."""

    def __init__(self) -> None:
        self.state = FLEET
        assert FLEET.events is not None
        self.now = FLEET.events.now
        self.comments = 1_000

    def step(self, kind: str, what: Any) -> None:
        before = self.state
        self.now += timedelta(minutes=what if kind == "wait" else 1)
        if kind == "switch":
            self.state = replace(self.state, controls=_controls(self.now, *what))
        events = self.events(kind, what)
        decided = decide(self.state, events, self.now).state
        hold_together(decided)
        settling_again_changes_nothing(decided, self.now)
        nobody_waits_who_could_work(decided, self.now)
        nothing_was_overtaken(before, decided)
        a_permutation_decides_the_same(self.state, events, self.now, decided)
        self.state = decided

    def events(self, kind: str, what: Any) -> list[Event]:
        if kind == "say":
            self.comments += 1
            return [
                CommentCreated(
                    comment=self.comments, issue=9, actor="wendy", role="write", body=what, at=self.now
                )
            ]
        if kind in ("wait", "switch"):
            return []
        held = assignments(self.state)
        return work(self.state, kind, held[what % len(held)], self.now) if held else []


def _controls(now: Any, paused: list[Workflow], level: Priority | None) -> Controls:
    return Controls(
        paused=tuple(Pause(workflow=workflow, since=now, by="ada") for workflow in paused),
        triage=Triage(level=level, since=now, by="ada") if level else None,
    )


def work(state: State, kind: str, held: Assignment, now: Any) -> list[Event]:
    """What a worker's run says: it claims, or it claims and ends, well or badly."""
    run = held.run_id or held.lease % 10_000
    same = {"task": held.task, "lease": held.lease, "at": now}
    claim = WorkClaimed(**same, run_id=run, run_attempt=1)
    if kind == "claim":
        return [claim]
    task = state.projects[held.project].task(held.task)
    assert task is not None
    if kind == "fail":
        return [claim, WorkReported(**same, run_id=run, run_attempt=1, ok=False, summary="it broke")]
    events: list[Event] = [claim, WorkReported(**same, run_id=run, run_attempt=1, ok=True, **result(task))]
    if task.workflow is Workflow.GENESIS:
        events.append(WorkPublished(**same, genesis=features(held.project, 2)))
    return events


# what must hold


def hold_together(state: State) -> None:
    """Invariants (dependencies among them), capacity, one place for each task, JSON there and back."""
    invariants.check(state)
    reads_back(state)
    places = Counter(item.task for queue in state.queues.values() for item in queue.items)
    places.update(held.task for held in assignments(state))
    assert set(places.values()) <= {1}, "a task is in one place"
    holders = [(one.id, one.assignment.task) for one in state.instances.values() if one.assignment]
    for project in state.projects.values():
        for task in project.tasks:
            with_it = [worker for worker, id_ in holders if id_ == task.id]
            assert with_it == ([task.worker] if task.status.held else [])
            if task.status is TaskStatus.QUEUED or task.status.held:
                needed = [project.task(id_) for id_ in task.depends_on]
                assert all(one is not None and one.over for one in needed), "dependencies first"


def settling_again_changes_nothing(state: State, now: Any) -> None:
    assert decide(state, [], now).state is state


def nobody_waits_who_could_work(state: State, now: Any) -> None:
    """Work-conserving: beside an idle worker only held tasks wait, and those kept for somebody else."""
    draft = Draft(state, now)
    for workflow in Workflow:
        idle = {
            one.id
            for one in state.instances.values()
            if one.workflow is workflow and one.status == "idle" and not one.tripped(now)
        }
        for item in state.queues[QueueName(workflow.value)].items:
            task = state.projects[item.project].task(item.task)
            assert task is not None
            if idle and held_by(draft, item, task) is None:
                assert item.reserved
                assert item.reserved not in idle


def nothing_was_overtaken(before: State, after: State) -> None:
    """In each queue: urgent first, and a lower priority is ahead only by the ageing rule."""
    for name in QueueName:
        items = [item for item in after.queues[name].items if not item.front]
        for ahead, behind in pairwise(items):
            levels = RANK[ahead.priority] - RANK[behind.priority]
            if levels > 0:
                assert behind.priority is not Priority.URGENT
                assert behind.enqueued_at - ahead.enqueued_at >= timedelta(minutes=AGEING * levels)


def a_permutation_decides_the_same(state: State, events: list[Event], now: Any, decided: State) -> None:
    """Projects and workers in another order: the same assignments, queues and projects."""
    turned = replace(
        state,
        projects=dict(reversed(state.projects.items())),
        instances=dict(reversed(state.instances.items())),
    )
    other = decide(turned, events, now).state
    assert other.instances == decided.instances
    assert other.projects == decided.projects
    assert other.queues == decided.queues


@settings(max_examples=80, deadline=None)
@given(histories)
def test_whatever_happens_the_rules_hold(history: list[tuple[str, Any]]) -> None:
    life = Life()
    for kind, what in history:
        life.step(kind, what)


def test_a_history_that_has_it_all() -> None:
    """The histories above do reach assignments, reservations, moves and reviews."""
    life = Life()
    for kind, what in (
        ("say", "/assign development photo-sorter-1 dev-03 --force"),
        ("say", "/rebalance"),
        ("done", 0),
        ("fail", 1),
        ("switch", ([Workflow.CONTENT], Priority.HIGH)),
        ("wait", 5),
        ("switch", ([], None)),
        ("wait", 90),
    ):
        life.step(kind, what)
    kinds = {one.kind for one in life.state.journal.happenings}
    assert {"assigned", "moved", "done", "failed", "review"} <= kinds
