"""Gates between stages and before ideas: nothing of a stage is planned before somebody has approved it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain import files, invariants
from bot.domain.config import Commands, Config, Texts
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event
from bot.domain.events.looked_up import FoundIssue, FoundRepository, IssueText
from bot.domain.events.observed import Observed
from bot.domain.events.worked import WorkPublished
from bot.domain.models import Project
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus, Workflow
from tests.commands.fleet import Days, features, result
from tests.core.worlds import assignments

IDEA = "idea-1"
BOTH = Config(approve=("development", "content"))


def replies_of(world: Days, event: Event) -> list[str]:
    """What the bot says when this event is settled."""
    decision = decide(world.state, [event], world.now)
    invariants.check(decision.state)
    world.state = decision.state
    return [entry.effect.body for entry in decision.effects if entry.effect.kind == "reply"]


def approve(
    world: Days, what: str = "", *, issue: int = 1, role: str = "maintain", actor: str = "ada"
) -> str:
    world._comments += 1
    body = f"/approve {what}".strip()
    event = CommentCreated(
        comment=world._comments, issue=issue, actor=actor, role=role, body=body, at=world.now
    )
    return replies_of(world, event)[0]


def configured(world: Days, config: Config) -> None:
    """Another configuration is seen."""
    kept = config.model_copy(
        update={"health": world.state.config.health, "scaling": world.state.config.scaling}
    )
    world.settle(Observed(observer=f"run-{len(world.state.journal.happenings)}", at=world.now, config=kept))


def project(world: Days, id_: str = IDEA) -> Project:
    return next(one for one in world.state.projects.values() if one.id.startswith(id_))


def scaffolded(config: Config = BOTH) -> Days:
    world = Days(config)
    world.say("/dispatch-genesis Idea", issue=1)
    world.do("idea-1.genesis")
    return world


def developed(world: Days) -> None:
    """Everything of Development is done, the deployment with it."""
    while held := [
        one for one in assignments(world.state) if one.task.count(".") == 2 or "deploy" in one.task
    ]:
        world.do(held[0].task, minutes=1)


def planned(one: Project, workflow: Workflow) -> int:
    return sum(task.workflow is workflow for task in one.tasks)


def test_a_gated_stage_waits_until_it_is_approved_and_goes_on_in_the_same_commit() -> None:
    world = scaffolded()
    waiting = project(world)
    assert (waiting.stage, waiting.status) == (Stage.GENESIS, ProjectStatus.WAITING)
    assert waiting.gate is not None
    assert waiting.gate.stage is Stage.DEVELOPMENT
    assert planned(waiting, Workflow.DEVELOPMENT) == 0
    approve(world)
    going = project(world)
    assert (going.stage, going.status, going.gate) == (Stage.DEVELOPMENT, ProjectStatus.ACTIVE, None)
    developed(world)
    assert project(world).status is ProjectStatus.WAITING
    assert planned(project(world), Workflow.CONTENT) == 0
    approve(world)
    assert project(world).stage is Stage.CONTENT
    assert [(one.stage, one.by, one.role) for one in project(world).approvals] == [
        (Stage.DEVELOPMENT, "ada", "maintain"),
        (Stage.CONTENT, "ada", "maintain"),
    ]


def test_the_thread_is_asked_once() -> None:
    world = Days(BOTH)
    world.say("/dispatch-genesis Idea", issue=1)
    held = world.claim("idea-1.genesis")
    world.report("idea-1.genesis", **result(project(world).tasks[0]))
    told = replies_of(
        world,
        WorkPublished(task="idea-1.genesis", lease=held.lease, at=world.now, genesis=features("idea-1", 2)),
    )
    assert [text.partition(" ")[0] for text in told] == ["**Scaffolded:**", "**Waits"]
    for _ in range(3):
        world.now += timedelta(hours=1)
        decision = decide(world.state, [], world.now)
        assert not [one for one in decision.effects if one.effect.kind == "reply"]
        world.state = decision.state
    assert decide(world.state, [], world.now).state is world.state


@pytest.mark.parametrize("role", ["none", "read", "triage", "write"])
def test_a_role_below_the_needed_one_approves_nothing(role: str) -> None:
    world = scaffolded()
    before = project(world)
    world.say("/approve", issue=1, actor="eve", role=role)
    assert (project(world).gate, project(world).approvals) == (before.gate, ())
    assert planned(project(world), Workflow.DEVELOPMENT) == 0


def test_the_needed_role_is_configured_like_any_other() -> None:
    world = scaffolded(BOTH.model_copy(update={"commands": Commands(roles={"approve": "write"})}))
    assert approve(world, role="write").startswith("**Approved:**")
    strict = scaffolded()
    configured(strict, BOTH.model_copy(update={"commands": Commands(working="admin")}))
    assert "needs the role **admin**" in approve(strict, role="maintain")


def test_a_stage_that_is_gated_no_more_is_entered_with_the_next_look() -> None:
    world = scaffolded()
    configured(world, Config(approve=("content",)))
    assert project(world).stage is Stage.DEVELOPMENT
    assert project(world).gate is None
    assert project(world).approvals == ()


def test_a_stage_that_becomes_gated_on_the_way_waits() -> None:
    world = scaffolded(Config())
    assert project(world).stage is Stage.DEVELOPMENT
    configured(world, BOTH)
    developed(world)
    assert project(world).stage is Stage.DEVELOPMENT
    assert project(world).status is ProjectStatus.WAITING


def test_a_stopped_project_that_is_approved_goes_on_when_it_is_resumed() -> None:
    world = scaffolded()
    world.say("/emergency-stop", issue=1)
    assert "`/resume idea-1` lets it go on" in approve(world)
    assert project(world).status is ProjectStatus.STOPPED
    assert planned(project(world), Workflow.DEVELOPMENT) == 0
    world.say("/resume", issue=1)
    assert project(world).stage is Stage.DEVELOPMENT


def test_a_project_that_was_stopped_while_it_waits_waits_again() -> None:
    world = scaffolded()
    world.say("/emergency-stop", issue=1)
    world.say("/resume", issue=1)
    assert project(world).status is ProjectStatus.WAITING
    assert planned(project(world), Workflow.DEVELOPMENT) == 0


def test_what_was_dropped_and_is_taken_up_again_still_waits_and_keeps_its_approvals() -> None:
    world = scaffolded()
    world.say("/discard", issue=1)
    assert "was dropped" in approve(world)
    world.say("/retry", issue=1)
    assert project(world).status is ProjectStatus.WAITING
    approve(world)
    world.say("/discard", issue=1)
    world.say("/retry", issue=1)
    assert project(world).stage is Stage.DEVELOPMENT
    assert project(world).gate is None


def test_content_cannot_be_started_by_hand_past_its_gate() -> None:
    world = scaffolded(Config(approve=("content",)))
    world.say("/trigger-content --force", issue=1)
    assert planned(project(world), Workflow.CONTENT) == 0
    world.say("/trigger-content --force", issue=1, actor="ada", role="maintain")
    assert planned(project(world), Workflow.CONTENT) == 3
    assert [one.stage for one in project(world).approvals] == [Stage.CONTENT]


# repositories that were there before


def repository(*authors: tuple[str, str]) -> FoundRepository:
    issues = tuple(
        FoundIssue(number=number, title=f"Issue {number}", author=author, author_role=role)
        for number, (author, role) in enumerate(authors, 1)
    )
    return FoundRepository(full_name="acme/shop", url="https://github.example/acme/shop", issues=issues)


def adopt(world: Days, found: FoundRepository, role: str = "write") -> str:
    world._comments += 1
    event = CommentCreated(
        comment=world._comments,
        issue=1,
        actor="wendy",
        role=role,
        body="/trigger-development acme/shop",
        at=world.now,
        repositories=(found,),
    )
    return replies_of(world, event)[0]


def test_an_adopted_repository_waits_as_well_and_takes_more_issues_meanwhile() -> None:
    world = Days(BOTH)
    adopt(world, repository(("ann", "write")))
    waiting = project(world, "shop")
    assert (waiting.status, waiting.tasks) == (ProjectStatus.WAITING, ())
    adopt(world, repository(("ann", "write"), ("ann", "write")))
    assert len(world.state.projects) == 1
    approve(world)
    assert {task.item for task in project(world, "shop").tasks if task.item} == {"issue-1", "issue-2"}


def test_whoever_may_approve_adopts_and_approves_in_one() -> None:
    world = Days(BOTH)
    adopt(world, repository(("ann", "write")), role="admin")
    assert project(world, "shop").stage is Stage.DEVELOPMENT
    assert [one.stage for one in project(world, "shop").approvals] == [Stage.DEVELOPMENT]


def test_issues_of_people_below_the_role_are_left_out_and_named() -> None:
    world = Days(Config(texts=Texts(role="triage")))
    found = repository(("ann", "write"), ("stranger", "read"))
    told = adopt(world, found)
    assert "#2 (by `stranger`, role read)" in told
    assert [issue.number for issue in world.state.genesis[project(world, "shop").id].issues] == [1]
    assert "nothing else is left to take in" in adopt(world, found)
    adopt(world, found, role="maintain")
    assert [issue.number for issue in world.state.genesis[project(world, "shop").id].issues] == [1, 2]


# ideas


def on_an_issue(world: Days, author: str, author_role: str, *, role: str = "maintain") -> list[str]:
    world._comments += 1
    event = CommentCreated(
        comment=world._comments,
        issue=1,
        actor="ada",
        role=role,
        body="/dispatch-genesis",
        at=world.now,
        issue_text=IssueText(title="Idea", body="Do it.", author=author, author_role=author_role),
    )
    return replies_of(world, event)


def test_an_idea_keeps_its_author_and_role() -> None:
    world = Days()
    on_an_issue(world, "stranger", "read")
    found = project(world)
    assert (found.requester, found.requester_role) == ("ada", "maintain")
    assert (found.idea_author, found.idea_role) == ("stranger", "read")
    assert found.tasks[0].status is TaskStatus.ASSIGNED


def test_an_idea_of_one_s_own_has_one_s_own_role() -> None:
    world = Days(Config(texts=Texts(role="write")))
    on_an_issue(world, "ada", "")
    assert (project(world).idea_author, project(world).idea_role) == ("ada", "maintain")
    assert project(world).tasks[0].status is TaskStatus.ASSIGNED


def test_an_idea_of_somebody_below_the_role_waits_for_approval() -> None:
    world = Days(Config(texts=Texts(role="triage")))
    on_an_issue(world, "stranger", "read")
    assert project(world).status is ProjectStatus.WAITING
    assert assignments(world.state) == []
    assert all(not queue.items for queue in world.state.queues.values())
    approve(world)
    assert project(world).tasks[0].status is TaskStatus.ASSIGNED


def test_a_held_idea_is_held_through_a_halt_a_stop_and_a_revival() -> None:
    world = Days(Config(texts=Texts(role="triage")))
    world.say("/emergency-stop all", issue=9)
    on_an_issue(world, "stranger", "read")
    world.say("/resume all", issue=9)
    assert project(world).status is ProjectStatus.WAITING
    world.say("/discard", issue=1)
    world.say("/retry", issue=1)
    assert project(world).status is ProjectStatus.WAITING
    assert assignments(world.state) == []
    configured(world, Config())
    assert project(world).tasks[0].status is TaskStatus.ASSIGNED


# never

CONFIGS = (Config(), Config(approve=("development",)), Config(approve=("content",)), BOTH)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("configure"), st.integers(0, 3)),
        st.tuples(st.just("work"), st.integers(0, 5)),
        st.tuples(st.just("work"), st.integers(0, 5)),
        st.tuples(st.just("develop"), st.none()),
        st.tuples(
            st.just("say"),
            st.sampled_from(
                ["/emergency-stop", "/resume", "/discard", "/retry", "/trigger-content --force", "/status"]
            ),
        ),
        st.tuples(st.just("approve"), st.sampled_from(["read", "write", "maintain", "admin"])),
    ),
    min_size=6,
    max_size=24,
)
_OF = {Workflow.DEVELOPMENT: Stage.DEVELOPMENT, Workflow.CONTENT: Stage.CONTENT}


def follows_the_rule(before: State, after: State) -> None:
    """New tasks of a stage are there only where it was not gated, or somebody approved it."""
    gated = set(before.config.approve) & set(after.config.approve)
    for id_, one in after.projects.items():
        known = {task.id for task in before.projects[id_].tasks} if id_ in before.projects else set()
        approvals = {approval.stage for approval in one.approvals}
        for task in one.tasks:
            stage = _OF.get(task.workflow)
            if stage is not None and task.id not in known and stage.value in gated:
                assert stage in approvals, f"{task.id} was planned before anybody approved {stage}"


def settling_again_changes_nothing(world: Days) -> None:
    again = decide(world.state, [], world.now)
    assert again.state is world.state


def replays(before: State, after: State) -> None:
    assert after.events is not None
    folded = decide(before, after.events.events, after.events.now).state
    assert files.tree(folded) == files.tree(after)


@settings(max_examples=40, deadline=None)
@given(MOVES, st.sampled_from(CONFIGS))
def test_nothing_of_a_gated_stage_is_planned_before_an_approval(
    moves: list[tuple[str, Any]], first: Config
) -> None:
    world = Days(first)
    world.say("/dispatch-genesis Idea", issue=1)
    for kind, what in [("work", 0), *moves]:
        world.now += timedelta(minutes=1)
        before = world.state
        if kind == "configure":
            configured(world, CONFIGS[what])
        elif kind == "approve":
            world.say("/approve", issue=1, role=what)
        elif kind == "say":
            world.say(what, issue=1)
        elif kind == "develop":
            developed(world)
        elif held := assignments(before):
            world.do(held[what % len(held)].task, minutes=1)
        follows_the_rule(before, world.state)
        settling_again_changes_nothing(world)
        if kind not in ("work", "develop") and world.state is not before:
            replays(before, world.state)
