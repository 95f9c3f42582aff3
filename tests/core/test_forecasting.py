"""The forecast: by hand, against the fleet that it foretells, and its bounds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.draft import Draft
from bot.domain.forecast import Blocked, Forecast
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.policies.forecasting import forecast
from bot.render.forecast import backlog
from bot.render.text import LIMIT
from tests.commands.fleet import Days, at_work
from tests.core.worlds import assignments

FLEET = at_work()
MINUTES = {Workflow.GENESIS: 10, Workflow.DEVELOPMENT: 20, Workflow.CONTENT: 30}


def foretold(state: State, **changes: object) -> Forecast:
    assert state.events is not None
    times = lambda workflow, specialty: timedelta(minutes=MINUTES[workflow])  # noqa: E731
    return forecast(Draft(state, state.events.now), times=times, **changes)  # type: ignore[arg-type]


def test_one_project_by_hand() -> None:
    days = Days()
    days.say("/dispatch-genesis A page", issue=1)
    days.do("a-page-1.genesis", minutes=10)
    (one,) = foretold(days.state).projects
    # Two features side by side: their tests run already, with the configured 30 minutes; then feature,
    # review, the deployment, and content in parallel, with the times given above.
    assert one.end == days.now + timedelta(minutes=30 + 20 + 20 + 20 + 30)
    assert [step.id.removeprefix("a-page-1") for step in one.critical][-2:] == [".deployment", " (social)"]
    assert one.assumed == 3


def test_the_fleet_is_done_when_the_forecast_said() -> None:
    days = Days()
    for issue in range(1, 5):
        days.say(f"/dispatch-genesis Idea {issue}", issue=issue)
        days.do(f"idea-{issue}-{issue}.genesis", minutes=1)
    for held in assignments(days.state):
        days.claim(held.task)
    said = foretold(days.state).end
    assert said is not None
    began = days.now
    ends: dict[int, timedelta] = {}
    while any(project.stage != "complete" for project in days.state.projects.values()):
        for held in assignments(days.state):
            if held.lease not in ends:
                task = days.state.projects[held.project].task(held.task)
                assert task is not None
                ends[held.lease] = days.now - began + timedelta(minutes=MINUTES[task.workflow])
        held = min(assignments(days.state), key=lambda one: (ends[one.lease], one.lease))
        wait = ends[held.lease] - (days.now - began)
        days.wait(seconds=wait.total_seconds())
        days.do(held.task, minutes=0)
    # What ran at the beginning counts with the measured or configured time, not with the one given here.
    assert abs(days.now - said) <= timedelta(minutes=30)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["genesis", "development", "content"]), max_size=3),
    st.permutations(list(FLEET.projects)),
)
def test_steps_keep_the_rules_whatever_the_order_of_the_files(more: list[str], order: list[str]) -> None:
    extra = {Workflow(name): more.count(name) for name in more}
    found = foretold(FLEET, extra=extra)
    shuffled = replace(
        FLEET,
        projects={id_: FLEET.projects[id_] for id_ in order},
        instances=dict(reversed(FLEET.instances.items())),
    )
    assert foretold(shuffled, extra=extra) == found
    assert FLEET.events is not None
    now, busy = FLEET.events.now, defaultdict(list)
    by_id = {step.id: step for step in found.steps}
    for step in found.steps:
        assert step.ends >= now
        busy[step.worker].append((step.starts, step.ends))
        for project in FLEET.projects.values():
            for needed in (task.depends_on for task in project.tasks if task.id == step.id):
                assert all(by_id[id_].ends <= step.starts for id_ in needed if id_ in by_id)
    for spans in busy.values():
        ordered = sorted(spans)
        assert all(left[1] <= right[0] for left, right in pairwise(ordered))


def test_what_cannot_be_done_has_no_end_and_says_why() -> None:
    blocked = {one.project: one.blocked for one in foretold(FLEET).projects if one.end is None}
    assert blocked == {"chess-clock-3": Blocked.REVIEW}


def test_a_reply_about_ten_thousand_projects_fits() -> None:
    assert FLEET.events is not None
    template = FLEET.projects["tax-form-7"]
    many = {
        f"a-project-with-a-long-name-{number}": template.model_copy(
            update={"id": f"a-project-with-a-long-name-{number}", "tasks": ()}
        )
        for number in range(10_000)
    }
    draft = Draft(replace(FLEET, projects={**FLEET.projects, **many}), FLEET.events.now)
    reply = backlog(draft, forecast(draft))
    assert len(reply) <= LIMIT
    assert "more that do not fit" in reply
