"""Whatever happens to a fleet, in whatever order: a state machine over the whole path but its adapters.

People command, label and close; runs of the bot are killed, overtaken and cut off at any operation; workers
claim and report late, twice and under old leases; time passes. Every commit and all that stands on GitHub is
judged after every step (``tests.machine.audit``), and in the end everything must come to rest.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain.merging import PullRequests
from bot.domain.vocabulary import TaskStatus
from bot.render import labels
from tests.machine.agents import OUTCOMES
from tests.machine.people import DEEDS
from tests.machine.profile import PARTS, PLAN
from tests.machine.storm import Deed, Fault, How
from tests.machine.world import World

PROJECTS = 3
"""So many ideas at most: each is up to nine tasks that the calm in the end works off."""

FAR = ("start", "beat", "beat", "echo", "drop", "drain", "leave", *["far claim", "far report"] * 2)
deeds = st.builds(
    Deed,
    st.sampled_from(["tick", "handle", "wake", "claim", "report", "stray", *sorted(set(FAR)), *DEEDS]),
    st.integers(0, 3),
)
operations = st.sampled_from(
    ["save"] * 8
    + ["comment", "dispatch", "create_issue"] * 3
    + ["load", "pulls_of"] * 2
    + ["load", "publish", "role", "react", "add_labels", "cancel_run", "comments_since", "runs"]
    + ["create_repository", "push bundle", "issues", "hand over", "read change", "push change", "push site"]
    + ["find_pull", "create_pull", "pulls_of", "reviewed", "review", "merge_pull", "update_pull"]
)
faults = st.lists(
    st.builds(Fault, operations, st.sampled_from([1, 1, 1, 2, 3]), st.sampled_from(How), deeds),
    max_size=6,
    unique_by=lambda one: (one.name, one.nth),
)
RULES = [
    PullRequests(merge="auto", checks_seconds=0),
    PullRequests(merge="auto", method="merge", checks_seconds=300),
    PullRequests(merge="person"),
]
touches = st.builds(Deed, st.sampled_from(DEEDS), st.integers(0, 1))
outcomes = st.sampled_from(["ok"] * 6 + ["changes"] * 3 + list(OUTCOMES))
interference = st.lists(
    st.builds(
        Fault,
        st.sampled_from(
            ["pulls_of", "find_pull", "create_pull", "reviewed", "review", "merge_pull", "push change"]
        ),
        st.just(1),
        st.just(How.OVERTAKEN),
        touches,
    ),
    max_size=2,
    unique_by=lambda one: one.name,
)
workflows = st.sampled_from(["genesis", "development", "content"])
workers = st.sampled_from(["genesis-01", "genesis-02", "dev-01", "dev-02", "dev-04", "content-01", "nobody"])
levels = st.sampled_from(["urgent", "high", "normal", "low"])
people = st.sampled_from(["wendy"] * 4 + ["ada", "tim", "rita", "stan"])
numbers = st.integers(0, 3)
PHASES = [Phase.generate] if PLAN.repeatable else [Phase.generate, Phase.shrink]
"""A failing life is made as short as possible only in a long run: that takes minutes."""


class Fleet(RuleBasedStateMachine):
    """One fleet's life."""

    steps: ClassVar[Counter[str]] = Counter()
    """Over all lives: steps, commits, faults."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        for title in ("A page", "Another page"):  # the second has two features
            self.say(self.world.open_issue(title) - 1, "/dispatch-genesis", "wendy", [], heard=True)
        self.ideas = 2
        self.steps["steps"] -= 2

    @initialize(rule_=st.sampled_from(RULES), rounds=st.sampled_from([0, 1, 3, 5]))
    def begin(self, rule_: PullRequests, rounds: int) -> None:
        """Each life begins under one of the rules of who merges, and when the work has got so far."""
        self.steps["steps"] += 1
        self.world.config = self.world.config.model_copy(update={"pull_requests": rule_})
        for _ in range(rounds):
            self.world.do(Deed("tick"))
            self.world.work_all("ok")

    def issue(self, which: int) -> int:
        """An issue of those that people and the bot have opened."""
        return 1 + which % len(self.world.place.issues)

    def project(self, which: int) -> str:
        """The id of a project, or of none."""
        known = sorted(self.world.state().projects)
        return known[which % len(known)] if known else "no-such-9"

    def say(self, which: int, body: str, login: str, plan: list[Fault], *, heard: bool) -> None:
        """Somebody comments, and a run is started for it unless that is lost."""
        self.steps["steps"] += 1
        self.world.say(self.issue(which), body, login)
        if heard:
            self.world.do(Deed("handle"), plan)

    # people

    @precondition(lambda self: self.ideas < PROJECTS)
    @rule(which=numbers, login=people, plan=faults, heard=st.booleans(), level=levels)
    def dispatch(self, which: int, login: str, plan: list[Fault], heard: bool, level: str) -> None:
        self.ideas += 1
        self.say(which, f"/dispatch-genesis A page --priority {level}", login, plan, heard=heard)

    @rule(
        which=numbers,
        login=people,
        plan=faults,
        heard=st.booleans(),
        line=st.sampled_from(
            ["/status", "/queues", "/help", "/alerts", "/health-check", "/status\n/forecast", "/x"]
        ),
    )
    def ask(self, which: int, login: str, plan: list[Fault], heard: bool, line: str) -> None:
        self.say(which, line, login, plan, heard=heard)

    @rule(
        which=numbers,
        plan=faults,
        line=st.sampled_from(
            [
                "/emergency-stop {}",
                "/resume {}",
                "/retry {}",
                "/discard {}",
                "/why {}",
                "/trigger-content {} --force",
            ]
        ),
        other=numbers,
    )
    def steer_project(self, which: int, plan: list[Fault], line: str, other: int) -> None:
        self.say(which, line.format(self.project(other)), "wendy", plan, heard=True)

    @rule(
        plan=faults,
        line=st.one_of(
            st.builds("/pause {}".format, workflows),
            st.builds("/unpause {}".format, st.one_of(workflows, st.just(""))),
            st.builds("/scale-down {} 1".format, workflows),
            st.builds("/scale-up {} 1".format, workflows),
            st.builds("/restart {}".format, workers),
            st.builds("/priority-triage {}".format, st.sampled_from(["urgent", "high", "off"])),
            st.sampled_from(["/restart-failed-instances", "/rebalance", "/emergency-scale-up all --for 30m"]),
            st.sampled_from(["/emergency-stop all", "/resume all", "/resume all", "/incident-report Odd"]),
            st.just("/alert-administrators Odd things"),
        ),
        heard=st.booleans(),
    )
    def steer_fleet(self, plan: list[Fault], line: str, heard: bool) -> None:
        self.say(0, line, "ada", plan, heard=heard)

    @rule(which=numbers, level=levels, login=people, plan=faults, heard=st.booleans(), off=st.booleans())
    def label(self, which: int, level: str, login: str, plan: list[Fault], heard: bool, off: bool) -> None:
        self.steps["steps"] += 1
        change = self.world.unlabel if off else self.world.label
        change(self.issue(which), f"priority:{level}", login)
        if heard:
            self.world.do(Deed("wake"), plan)

    @rule(which=numbers, closed=st.booleans(), plan=faults, heard=st.booleans())
    def close(self, which: int, closed: bool, plan: list[Fault], heard: bool) -> None:
        self.steps["steps"] += 1
        self.world.close_issue(self.issue(which), "wendy", closed=closed)
        if heard:
            self.world.do(Deed("wake"), plan)

    @rule(which=numbers, text=st.sampled_from(["/status", "never mind"]))
    def edit(self, which: int, text: str) -> None:
        self.steps["steps"] += 1
        self.world.edit(which, text)

    # the bot and its workers

    @rule(deed=deeds, plan=faults)
    def do(self, deed: Deed, plan: list[Fault]) -> None:
        self.steps["steps"] += 1
        self.world.do(deed, plan)

    @rule(which=numbers)
    def stray(self, which: int) -> None:
        self.steps["steps"] += 1
        self.world.do(Deed("stray", which))

    @rule(what=st.sampled_from(FAR), which=st.integers(0, 5), plan=faults)
    def do_far(self, what: str, which: int, plan: list[Fault]) -> None:
        self.steps["steps"] += 1
        self.world.do(Deed(what, which), plan)

    @rule(which=numbers, outcome=st.sampled_from(OUTCOMES), plan=faults)
    def work(self, which: int, outcome: str, plan: list[Fault]) -> None:
        """One run's whole life, its report in bad weather."""
        self.steps["steps"] += 1
        self.world.do(Deed("claim", which))
        self.world.fates(0, outcome)
        self.world.do(Deed("report"), plan)

    @rule(outcome=outcomes, plan=st.one_of(faults, interference), meanwhile=st.one_of(st.none(), touches))
    def go_on(self, outcome: str, plan: list[Fault], meanwhile: Deed | None) -> None:
        """All runs that are there work to their end, and what follows begins."""
        self.steps["steps"] += 1
        self.world.do(Deed("tick"))
        self.world.work_all(outcome, plan, meanwhile)

    @rule(deed=touches, seen=st.booleans())
    def pull_request(self, deed: Deed, seen: bool) -> None:
        """People and checks do something to a pull request."""
        self.steps["steps"] += 1
        self.world.do(deed)
        if seen:
            self.world.do(Deed("tick"))

    @rule(rule_=st.sampled_from(RULES))
    def configure(self, rule_: PullRequests) -> None:
        """Who merges is changed."""
        self.steps["steps"] += 1
        self.world.config = self.world.config.model_copy(update={"pull_requests": rule_})

    @rule(which=numbers, outcome=st.sampled_from(OUTCOMES))
    def fate(self, which: int, outcome: str) -> None:
        self.steps["steps"] += 1
        self.world.fates(which, outcome)

    @rule(which=numbers, conclusion=st.sampled_from(["success", "failure", "cancelled", "timed_out"]))
    def end_run(self, which: int, conclusion: str) -> None:
        self.steps["steps"] += 1
        self.world.end_run(which, conclusion)

    @rule(seconds=st.sampled_from([1, 25, 130, 400, 1_000, 3_700]))
    def wait(self, seconds: int) -> None:
        self.steps["steps"] += 1
        self.world.moment.wait(seconds)

    # the end

    def teardown(self) -> None:
        world = self.world
        try:
            world.calm_down()
            assert_all_is_told(world)
            self.steps["commits"] += world.audit.commits
            self.steps.update(world.met)
            self.steps.update(world.pull_requests())
        finally:
            world.close()


def assert_all_is_told(world: World) -> None:
    """No command is unanswered, labels say what is so, and nothing is left lying about."""
    state = world.state()
    assert world.remote.inbox() == set()
    for id_, comment in world.commands.items():
        if id_ in world.withdrawn and id_ not in world.audit.answers:
            continue
        (answer,) = world.audit.answers.get(id_, {None})
        told = [one for one in world.place.comments.values() if f"orchestrator:effect {answer} " in one.body]
        assert len(told) == 1, f"{comment.body!r} has {len(told)} replies"
        assert told[0].issue == comment.issue
    for project in state.projects.values():
        assert project.issue is not None, f"{project.id} has no issue"
        present = world.place.issue(project.issue).labels
        assert labels.difference(project, present) == ((), ()), project.id
        for task in project.tasks:
            assert not task.status.held
            if task.status is TaskStatus.QUEUED:
                assert state.controls.paused or state.controls.triage or state.controls.halted, task.id
    free = not (state.controls.paused or state.controls.triage or state.controls.halted)
    for project in state.projects.values():
        waits = any(task.status is TaskStatus.REVIEW for task in project.tasks)
        if free and project.going and not waits:
            stuck = [f"{task.id} {task.status}" for task in project.tasks if not task.over]
            raise AssertionError(f"{project.id} is in {project.stage} with {stuck}, {project.pulls}")


@pytest.mark.parametrize("part", PARTS)
def test_whatever_happens_the_rules_hold(part: int) -> None:
    Fleet.steps.clear()
    life = type("Fleet", (Fleet,), {})
    run_state_machine_as_test(
        seed(part)(life) if PLAN.repeatable else life,
        settings=settings(
            max_examples=PLAN.lives,
            stateful_step_count=PLAN.steps,
            deadline=None,
            database=None,
            phases=PHASES,
        ),
    )
    steps, commits = Fleet.steps["steps"], Fleet.steps["commits"]
    met = {
        how: sum(count for name, count in Fleet.steps.items() if name.startswith(f"{how}:")) for how in How
    }
    print(f"{steps} steps, {commits} commits, {sum(met.values())} faults: {dict(Fleet.steps)}")  # noqa: T201 - for `make soak`
    # Hypothesis ends some lives early; which ones depends on the loaded modules, whose constants it uses.
    assert steps >= 0.6 * PLAN.lives * PLAN.steps, "most lives end early"
    assert commits >= steps / 4, "most lives come to nothing"
    assert all(met.values()), met
    for became in ("merged by a bot", "merged by a person", "reviewed"):
        assert Fleet.steps[f"pull requests {became}"], f"none {became}"
