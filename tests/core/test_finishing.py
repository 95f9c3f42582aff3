"""What is finished counts once, by the completion that lasted; a wait counts once; whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.figures import Metric
from bot.domain.guards import Budgets
from bot.domain.hours import FlowHour, Hours
from bot.domain.models import Task
from bot.domain.outputs import ContentPiece
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.policies.measuring.figures import lately, metrics
from bot.policies.measuring.finishing import finished
from tests.commands.fleet import Days, finish_development, result
from tests.core.worlds import assignments

DAY = timedelta(days=1)


def total(hours: Hours, workflow: Workflow) -> FlowHour:
    found = FlowHour()
    for one in hours.filled():
        found = found.plus(one.flow(workflow))
    return found


def projects(days: Days) -> int:
    return sum(one.projects for one in days.state.hours.items)


def tasks(state: State) -> dict[str, Task]:
    return {task.id: task for project in state.projects.values() for task in project.tasks}


def complete_but_for(dropped: str) -> Days:
    """A project that is complete, one piece of which was dropped."""
    days = Days()
    days.say("/dispatch-genesis Idea --size quick", issue=1)
    days.do("idea-1.genesis")
    finish_development(days, "idea-1")
    days.say(f"/discard idea-1.{dropped}", issue=1, role="admin")
    for kind in ("documentation", "marketing", "social"):
        if kind != dropped:
            days.do(f"idea-1.{kind}")
    assert days.state.projects["idea-1"].completed_at == days.now
    return days


@pytest.mark.parametrize("minutes", [0, 20, 180])
def test_a_project_that_is_opened_again_and_finished_again_is_one_finished_project(minutes: int) -> None:
    days = complete_but_for("social")
    assert projects(days) == 1
    days.wait(minutes=minutes)
    days.say("/retry idea-1.social", issue=1, role="admin")
    assert days.state.projects["idea-1"].completed_at is None
    assert projects(days) == 0, "it is not finished now, in whatever hour it was"
    assert lately(Draft(days.state, days.now), DAY).projects == 0
    days.do("idea-1.social")
    assert days.state.projects["idea-1"].completed_at == days.now
    assert projects(days) == lately(Draft(days.state, days.now), DAY).projects == 1
    assert days.state.hours.items[-1].projects == 1, "it counts when it was finished for good"


def counted(days: Days, metric: Metric) -> int:
    found = metrics(Draft(days.state, days.now), DAY).figures
    return next(one.now.count for one in found if one.metric is metric)


def test_content_counts_the_pieces_that_were_handed_on() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea --size quick", issue=1)
    days.do("idea-1.genesis")
    finish_development(days, "idea-1")
    days.claim("idea-1.documentation")
    kinds = ("user guide", "installation", "reference", "FAQ")
    days.report(
        "idea-1.documentation",
        pieces=tuple(
            ContentPiece(kind=kind, specialty="documentation", file=f"docs/{number}.md", words=100)
            for number, kind in enumerate(kinds)
        ),
    )
    days.do("idea-1.marketing")
    assert counted(days, Metric.CONTENT) == total(days.state.hours, Workflow.CONTENT).finished == 5


def test_a_review_that_asks_for_changes_has_finished_no_feature() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea", issue=1)
    days.do("idea-1.genesis")
    days.do("idea-1.part-1.tests")
    days.do("idea-1.part-1.feature")
    held = days.claim("idea-1.part-1.review")
    changes = result(tasks(days.state)[held.task])["feature"].model_copy(
        update={"verdict": "changes", "review": "no"}
    )
    days.report(held.task, feature=changes)
    assert counted(days, Metric.DEVELOPMENT) == 0
    days.do("idea-1.part-1.feature")
    days.do("idea-1.part-1.review")
    assert counted(days, Metric.DEVELOPMENT) == total(days.state.hours, Workflow.DEVELOPMENT).finished == 1


# what never began


def test_a_run_that_never_began_uses_nothing_up() -> None:
    days = Days(Config(budgets=Budgets(tasks_per_hour=2)))
    for number in (1, 2):
        days.say(f"/dispatch-genesis Idea {number}", issue=number)
    first, second = assignments(days.state)
    days.claim(first.task)
    assert days.state.usage.started(days.now) == 2
    days.say(f"/emergency-stop {second.project}", issue=2, role="admin")
    assert days.state.usage.started(days.now) == 1, "its run never began"
    days.say(f"/emergency-stop {first.project}", issue=1, role="admin")
    assert days.state.usage.started(days.now) == 1, "this one had begun"
    days.say("/dispatch-genesis Another", issue=3)
    assert [one.project for one in assignments(days.state)] == ["another-3"]


# whatever happens on the way


class Life:
    """A fleet, and what a bystander with a watch writes down about each wait."""

    def __init__(self) -> None:
        self.days = Days()
        self.asked = 0
        self.stays = Counter[str]()
        self.waits: Counter[Workflow] = Counter()

    def step(self, seconds: int, what: str, which: int) -> None:
        before, at = self.days.state, self.days.now
        self.days.now += timedelta(seconds=seconds)
        self.act(what, which)
        took = int((self.days.now - at).total_seconds())
        known = tasks(before)
        for task in tasks(self.days.state).values():
            old = known.get(task.id)
            if old is not None and old.status is TaskStatus.QUEUED:
                self.stays[task.id] += took
            if task.lease is not None and (old is None or task.lease != old.lease):
                self.waits[task.workflow] += self.stays.pop(task.id, 0)
            if task.status is not TaskStatus.QUEUED:
                self.stays.pop(task.id, None)

    def act(self, what: str, which: int) -> None:
        days = self.days
        held = assignments(days.state)
        one = held[which % len(held)] if held else None
        known = sorted(days.state.projects)
        project = known[which % len(known)] if known else ""
        match what:
            case "ask":
                self.asked += 1
                days.say("/dispatch-genesis Idea --size quick", issue=self.asked)
            case "claim" if one is not None and one.claimed_at is None:
                days.claim(one.task)
            case "done" | "failed" if one is not None and self.is_running(one.task):
                if what == "failed":
                    days.report(one.task, ok=False, summary="its tests failed", exit_code=1)
                else:
                    days.report(one.task, **result(tasks(days.state)[one.task]))
            case "restart" if one is not None:
                worker = next(w.id for w in days.state.instances.values() if w.assignment == one)
                days.say(f"/restart {worker}", issue=1, role="admin")
            case "stop" if project:
                days.say(f"/emergency-stop {project}", issue=1, role="admin")
            case "resume" | "retry" | "discard" if project:
                days.say(f"/{what} {project}", issue=1, role="admin")
            case "drop" | "again" if project:
                kind = ("documentation", "marketing", "social")[which % 3]
                days.say(
                    f"/{'discard' if what == 'drop' else 'retry'} {project}.{kind}", issue=1, role="admin"
                )
            case _:
                days.settle()

    def is_running(self, task: str) -> bool:
        return tasks(self.days.state)[task].status is TaskStatus.RUNNING


steps = st.lists(
    st.tuples(
        st.sampled_from([0, 7, 60, 600, 3_599, 3_600, 40_000]),
        st.sampled_from(
            [
                *("claim", "done") * 4,
                "ask",
                "failed",
                "restart",
                "stop",
                "resume",
                "retry",
                "drop",
                "again",
                "-",
            ]
        ),
        st.integers(0, 6),
    ),
    max_size=40,
)


def agrees(life: Life) -> None:
    state = life.days.state
    done = [one for project in state.projects.values() for one in finished(project, state.content)]
    assert projects(life.days) == sum(one.workflow is None for one in done)
    for workflow in Workflow:
        flow = total(state.hours, workflow)
        assert flow.finished == sum(one.count for one in done if one.workflow is workflow)
        assert flow.waits.seconds == life.waits[workflow]


@settings(deadline=None, max_examples=30)
@given(steps, st.booleans())
def test_hours_agree_with_the_projects_and_each_wait_counts_once(
    given_: list[tuple[int, str, int]], late: bool
) -> None:
    life = Life()
    if late:  # begins where a project is complete, so that it can be opened again
        life.days, life.asked = complete_but_for("social"), 1
        for workflow in Workflow:
            life.waits[workflow] = total(life.days.state.hours, workflow).waits.seconds
    for seconds, what, which in given_:
        if sum(one[0] for one in given_) > 7 * 86_400:
            return
        life.step(seconds, what, which)
        agrees(life)


def test_what_was_taken_back_waits_anew_and_keeps_its_place() -> None:
    """Three waits of one task: until its first worker, after the restart, after the stop."""
    life = Life()
    for seconds, what in [(0, "ask"), (600, "claim"), (3_000, "restart"), (60, "stop"), (9_000, "resume")]:
        life.step(seconds, what, 0)
        agrees(life)
    task = tasks(life.days.state)["idea-1.genesis"]
    assert task.queued_at is not None
    assert task.waiting_since == task.queued_at + timedelta(seconds=12_660)
    assert total(life.days.state.hours, Workflow.GENESIS).waits.seconds == 0, "somebody was always idle"
