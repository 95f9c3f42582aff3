"""The three stages: planned from what the stage before handed on, chained in the same commit."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.models import Project, Task
from bot.domain.outputs import ContentPiece, Deployment, FeatureProgress, PlannedIssue
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus, Workflow
from bot.policies.planning import plan_development
from tests.core.worlds import (
    START,
    assignments,
    begun,
    claimed,
    comment,
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
