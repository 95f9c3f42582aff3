"""The three stages: planned from what the stage before handed on, chained in the same commit."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.effects import Reply
from bot.domain.events.worked import WorkPublished
from bot.domain.globs import any_overlap
from bot.domain.models import Project, Task
from bot.domain.outputs import ContentPiece, Deployment, FeatureProgress, PlannedIssue
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus, Workflow
from bot.policies.projects.planning import plan_development
from tests.commands.fleet import Days, finish_development
from tests.core.worlds import (
    START,
    assignments,
    begun,
    claimed,
    comment,
    later,
    output,
    published,
    replies,
    reported,
    settled,
)


def issue(key: str, **changes: Any) -> PlannedIssue:
    values: dict[str, Any] = {"title": key, "body": "…", "acceptance": ("ok",), "specialty": "feature"}
    return PlannedIssue(key=key, **(values | {"days": 1, "milestone": "MVP"} | changes))


def project() -> Project:
    return settled(begun(), comment(1, "/dispatch-genesis A page")).state.projects["a-page-1"]


def planned(*issues: PlannedIssue) -> dict[str, Task]:
    tasks = plan_development(project(), output(issues=issues), START)
    return {task.id.removeprefix("a-page-1."): task for task in tasks}


def test_a_feature_is_tested_first_unless_it_is_small() -> None:
    assert list(planned(issue("big", days=3), issue("small", days=1))) == [
        "big.tests",
        "big.feature",
        "big.review",
        "small.feature",
        "small.review",
        "deployment",
    ]


def test_a_feature_waits_for_the_reviews_of_those_that_it_needs() -> None:
    tasks = planned(issue("base"), issue("more", days=2, depends_on=("base",)))
    assert tasks["more.tests"].depends_on == ("a-page-1.base.review",)
    assert tasks["deployment"].depends_on == ("a-page-1.base.review", "a-page-1.more.review")


def test_deployment_and_performance_issues_concern_the_whole_project() -> None:
    tasks = planned(
        issue("a"), issue("put-it-up", specialty="deployment"), issue("fast", specialty="performance")
    )
    assert list(tasks) == ["a.feature", "a.review", "deployment", "performance"]
    assert tasks["deployment"].item == "put-it-up"
    assert tasks["performance"].depends_on == ("a-page-1.deployment",)


def test_two_features_that_touch_the_same_files_follow_each_other() -> None:
    tasks = planned(
        issue("style", touches=("site/*.css", "site/index.html")),
        issue("copy", touches=("docs",), days=2),
        issue("counter", touches=("site/index.html",), days=2),
    )
    assert tasks["counter.tests"].depends_on == ("a-page-1.style.review",)
    assert tasks["counter.tests"].keeps_off == ("style",)
    assert tasks["counter.feature"].keeps_off == ()
    assert tasks["copy.tests"].depends_on == ()
    assert tasks["style.feature"].depends_on == ()


def test_where_one_waits_for_the_other_already_nothing_is_added() -> None:
    tasks = planned(
        issue("late", touches=("app.py",), depends_on=("between",)),
        issue("between", depends_on=("early",)),
        issue("early", touches=("app.py",)),
    )
    assert tasks["late.feature"].depends_on == ("a-page-1.between.review",)
    assert tasks["early.feature"].depends_on == ()
    assert not any(task.keeps_off for task in tasks.values())


def test_of_three_each_follows_the_one_before() -> None:
    tasks = planned(*(issue(key, touches=("app.py",)) for key in ("a", "b", "c")))
    assert tasks["b.feature"].keeps_off == ("a",)
    assert tasks["c.feature"].keeps_off == ("b",)


@pytest.mark.parametrize("asked", ["/why a-page-1.counter.feature", "/status a-page-1"])
def test_the_replies_say_which_issue_it_keeps_off(asked: str) -> None:
    url = "https://github.example/acme/a-page-1"
    issues = (
        issue("style", touches=("site",), number=3),
        issue("counter", touches=("site/app.js",), number=4),
    )
    made = output(issues=issues, repository="acme/a-page-1", repository_url=url)
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    done = WorkPublished(task=held.task, lease=held.lease, at=later(30), genesis=made)
    for event in (claimed(held), reported(held, genesis=made), done):
        state = settled(state, event).state
    (reply,) = replies(settled(state, comment(40, asked)))
    assert f"keeps off the same files as [#3]({url}/issues/3)" in reply


PATHS = st.sampled_from(("a", "a/b", "a/*", "c", "**/b", "c/d.py", "?/d.py"))


@st.composite
def plans(draw: st.DrawFn) -> list[PlannedIssue]:
    """Issues that depend on any others without circles, and touch anything."""
    names = draw(st.lists(st.from_regex(r"[a-z]{1,4}", fullmatch=True), unique=True, max_size=9))
    order = draw(st.permutations(names))
    return [
        issue(
            name,
            depends_on=tuple(draw(st.sets(st.sampled_from(order[: order.index(name)] or ("none",))))),
            touches=tuple(draw(st.sets(PATHS, max_size=3))),
        )
        for name in names
    ]


def _before(tasks: dict[str, Task]) -> dict[str, set[str]]:
    """Task → everything that it waits for. Raises CycleError."""
    found: dict[str, set[str]] = {}
    graph = {task.id: task.depends_on for task in tasks.values()}
    for id_ in TopologicalSorter(graph).static_order():
        direct = graph.get(id_, ())
        found[id_] = set(direct).union(*(found[one] for one in direct))
    return found


@given(plans())
def test_whatever_touches_the_same_files_is_never_worked_on_at_once_and_no_plan_is_a_circle(
    issues: list[PlannedIssue],
) -> None:
    tasks = planned(*issues)
    before = _before(tasks)
    plain = planned(*(one.model_copy(update={"touches": ()}) for one in issues))
    for place, one in enumerate(issues):
        first = f"a-page-1.{one.key}.feature"
        assert set(plain[f"{one.key}.feature"].depends_on) <= set(tasks[f"{one.key}.feature"].depends_on)
        for other in issues[:place]:
            second = f"a-page-1.{other.key}.feature"
            if any_overlap(one.touches, other.touches):
                after = f"a-page-1.{other.key}.review" in before[first]
                ahead = f"a-page-1.{one.key}.review" in before[second]
                assert after or ahead, (one, other)


keys = st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), unique=True, max_size=8)


@given(keys, st.data())
def test_every_plan_is_acyclic_and_names_only_its_own_tasks(names: list[str], data: st.DataObject) -> None:
    issues = [
        issue(
            name,
            days=data.draw(st.integers(1, 3)),
            depends_on=tuple(data.draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else ()),
            specialty=data.draw(st.sampled_from(["feature", "tests", "deployment", "performance"])),
        )
        for at, name in enumerate(names)
    ]
    done: set[str] = set()
    left = list(plan_development(project(), output(issues=tuple(issues)), START))
    while ready := [task for task in left if set(task.depends_on) <= done]:
        done |= {task.id for task in ready}
        left = [task for task in left if task not in ready]
    assert left == []


def result(task: Task) -> dict[str, Any]:
    """What a worker hands on for a task that went well."""
    match task.workflow, task.specialty:
        case Workflow.GENESIS, _:
            return {}
        case Workflow.DEVELOPMENT, "deployment":
            return {"genesis": None, "deployment": Deployment(url="https://a.example", health="200 OK")}
        case Workflow.DEVELOPMENT, _:
            return {"genesis": None, "feature": FeatureProgress(key="x", tests_run=2, tests_passed=2)}
    piece = ContentPiece(kind="text", specialty=task.specialty, file=f"docs/{task.specialty}.md", words=9)
    return {"genesis": None, "pieces": (piece,)}


def worked(state: State, seconds: int) -> State:
    """Every assigned task is claimed, reported and published."""
    for held in assignments(state):
        task = state.projects[held.project].task(held.task)
        assert task is not None
        state = settled(state, claimed(held, run=held.lease, seconds=seconds)).state
        decision = settled(state, reported(held, run=held.lease, seconds=seconds + 1, **result(task)))
        state = decision.state
        if task.workflow is Workflow.GENESIS:
            state = settled(state, published(held, seconds=seconds + 2)).state
    return state


def test_an_idea_goes_through_all_three_stages_without_a_further_command() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    stages, seconds = [state.projects["a-page-1"].stage], 10
    while state.projects["a-page-1"].stage is not Stage.COMPLETE:
        state, seconds = worked(state, seconds), seconds + 60
        stages.append(state.projects["a-page-1"].stage)
        assert seconds < 3_000
    assert list(dict.fromkeys(stages)) == [Stage.GENESIS, Stage.DEVELOPMENT, Stage.CONTENT, Stage.COMPLETE]
    done = state.projects["a-page-1"]
    assert (done.status, done.deployment_url) == (ProjectStatus.COMPLETE, "https://a.example")
    assert {task.status for task in done.tasks} == {TaskStatus.DONE}
    assert [piece.specialty for piece in state.content["a-page-1"].pieces] == [
        "documentation",
        "marketing",
        "social",
    ]
    assert [feature.state for feature in state.development["a-page-1"].features] == ["approved"]
    assert all(not queue.items for queue in state.queues.values())


def test_the_next_stage_is_queued_in_the_commit_that_finished_the_one_before() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    state = settled(state, reported(held)).state
    decision = settled(state, published(held))
    assert decision.state.projects["a-page-1"].stage is Stage.DEVELOPMENT
    (next_one,) = assignments(decision.state)
    assert (next_one.task, decision.state.instances["dev-02"].assignment) == (
        "a-page-1.foundation.feature",
        next_one,
    )


def test_what_cannot_end_differently_goes_to_review_at_once() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    decision = settled(state, reported(held, ok=False, genesis=None, retry=False, summary="no agent"))
    assert [item.attempt for item in decision.state.queues[QueueName.REVIEW].items] == [1]
    assert "no agent" in replies(decision)[0]


def test_a_report_without_the_output_of_its_task_is_a_failure() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    state = settled(state, reported(held, genesis=None, pieces=(result_piece(),))).state
    assert state.projects["a-page-1"].tasks[0].status is TaskStatus.QUEUED


def result_piece() -> ContentPiece:
    return ContentPiece(kind="text", specialty="social", file="x.md", words=1)


def test_a_project_whose_content_is_all_dropped_is_complete_and_says_so() -> None:
    """Nothing was handed on: there is no ``content-output.json``."""
    days = Days()
    days.say("/dispatch-genesis Recipe book", issue=2)
    days.do("recipe-book-2.genesis", minutes=6)
    finish_development(days, "recipe-book-2")
    for task in ("documentation", "marketing", "social"):
        days.say(f"/discard recipe-book-2.{task}", issue=2)
    assert days.state.projects["recipe-book-2"].stage == "complete"
    told = [one.effect.body for one in days.state.outbox.entries if isinstance(one.effect, Reply)]
    assert any("**Complete:**" in body and "No content was made" in body for body in told)
