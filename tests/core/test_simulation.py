"""The simulation and ``decide``, held to the same history: who does which task, from when to when."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.config import Attempts, Config, Queueing
from bot.domain.guards import Breaker, Budgets, Degradation
from bot.domain.outputs import GenesisOutput, PlannedIssue, Priority, Size
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.scaling import Scaling
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.compiling import compiled, open_projects
from bot.policies.pieces import Outcome
from bot.policies.planning import plan_development
from bot.policies.playing import Play
from bot.policies.world import Plan
from tests.core.driven import Driven, Given, Times
from tests.core.worlds import output

SPECIALTIES = {
    Workflow.GENESIS: ("large", "standard", "quick"),
    Workflow.DEVELOPMENT: ("tests", "feature", "review", "deployment"),
    Workflow.CONTENT: ("documentation", "marketing", "social"),
}


def workers(workflow: Workflow) -> st.SearchStrategy[list[dict[str, object]]]:
    one = st.fixed_dictionaries(
        {
            "specialties": st.lists(st.sampled_from(SPECIALTIES[workflow]), max_size=2, unique=True),
            "sizes": st.lists(st.sampled_from(Size), max_size=1),
            "region": st.sampled_from(["", "eu", "us"]),
        }
    )
    return st.lists(one, min_size=1, max_size=3)


rosters = st.fixed_dictionaries({workflow: workers(workflow) for workflow in Workflow})
ideas = st.lists(
    st.tuples(
        st.sampled_from(Size),
        st.sampled_from(Priority),
        st.sampled_from(["", "eu", "us"]),
        st.sampled_from([0, 0, 1, 15]),
    ),
    min_size=3,
    max_size=8,
)
orders = st.lists(
    st.one_of(
        st.tuples(st.just("assign"), st.sampled_from(Workflow), st.integers(0, 5), st.integers(1, 3)),
        st.tuples(st.just("priority"), st.integers(0, 5), st.sampled_from(Priority)),
        st.tuples(st.just("pause"), st.sampled_from(Workflow)),
        st.tuples(st.just("triage"), st.sampled_from(Priority)),
        st.tuples(st.just("rebalance")),
    ),
    min_size=1,
    max_size=6,
)


def fleet(
    roster: dict[Workflow, list[dict[str, object]]],
    limit: int,
    trips: int | None,
    running: int | None,
    hourly: int | None,
    overflow: int,
) -> Config:
    pools = {
        workflow.value: Pool(
            roster=tuple(
                Worker.model_validate({"id": f"{workflow.value[:3]}-{number}", **one})
                for number, one in enumerate(roster[workflow], 1)
            ),
            minimum=1,
            maximum=9,
            expected_minutes=10,
        )
        for workflow in Workflow
    }
    return Config(
        pools=Pools(**pools),
        scaling=Scaling(enabled=False),
        regions={"eu": {"us": 90}},
        attempts=Attempts(limit=limit, backoff_seconds=90),
        queueing=Queueing(ageing_minutes=20, overflow=overflow),
        breaker=Breaker(worker_failures=trips, workflow_failures=4, probe_minutes=7),
        budgets=Budgets(running=running, tasks_per_hour=hourly),
        degradation=Degradation(factor=1.2, clear=1.1, window_minutes=90),
    )


def script(seed: int, failures: int) -> Times:
    """Times in whole minutes, so that much happens at the same moment; some of them over the limit."""

    def times(task: str, worker: str, number: int) -> tuple[int, Outcome]:
        digest = sha256(f"{seed} {task} {number} {worker}".encode()).digest()
        minutes = 61 if digest[0] == 0 else 1 + digest[0] % 9
        if digest[1] < failures:
            return minutes * 60, Outcome.FAILED
        changes = task.endswith(".review") and digest[2] < failures
        return minutes * 60, Outcome.CHANGES if changes else Outcome.DONE

    return times


def plan(project: str) -> GenesisOutput:
    """One to three features, of which some follow from others or touch the same files."""
    digest = sha256(project.encode()).digest()
    issues = tuple(
        PlannedIssue(
            key=f"part-{number}",
            title=f"Part {number}",
            body="…",
            acceptance=("it works",),
            specialty="performance" if number and digest[number] % 7 == 0 else "feature",
            days=1 + digest[number + 3] % 3,
            milestone="MVP",
            depends_on=(f"part-{number - 1}",) if number and digest[number + 6] % 2 else (),
            touches=("site/**",) if digest[number + 9] % 2 else (),
        )
        for number in range(1 + digest[0] % 3)
    )
    url = f"https://github.example/acme/{project}"
    return output(title=project, issues=issues, repository=f"acme/{project}", repository_url=url)


def a_day(
    config: Config, times: Times, wishes: list[tuple[Size, Priority, str, int]], steps: int, said: list[tuple]
) -> Driven:
    """Ideas come one after the other, then people give commands; then some time passes."""
    day = Driven(config, times, plan)
    for issue, (size, priority, region, wait) in enumerate(wishes, 1):
        where = f" --region {region}" if region else ""
        day.say(f"/dispatch-genesis Idea --size {size} --priority {priority}{where}", issue)
        day.run(until=day.now + timedelta(minutes=wait))
    for _ in range(steps):
        day.step()
    for number, (kind, *facts) in enumerate(said):
        match kind:
            case "assign":
                workflow, project, worker = facts
                if waiting := day.state.queues[QueueName(workflow.value)].items:
                    whose = waiting[project % len(waiting)].project
                    day.say(f"/assign {workflow} {whose} {workflow.value[:3]}-{worker} --force", 99)
            case "priority":
                day.say(f"/priority idea-{facts[0] + 1} {facts[1]}", 99)
            case "pause":
                day.say(f"/pause {facts[0]}", 99)
            case "triage":
                day.say(f"/priority-triage {facts[0]}", 99)
            case "rebalance":
                day.say("/rebalance", 99)
        for _ in range(number % 2):
            day.step()
    return day


def played(day: Driven) -> tuple[list[tuple[str, str, datetime, datetime]], dict[str, datetime | None]]:
    """What the play makes of the day from now on."""
    draft = day.draft()
    world = compiled(draft, open_projects(draft))
    for idea in world.ideas:
        if idea.plans:
            made = plan_development(idea.project, plan(idea.project.id), day.now)
            idea.plans = (Plan(made, len(idea.project.id)),)
    log: list[tuple[str, str, datetime, datetime]] = []
    play = Play(world, Given(day), log=log.append).run()
    ends = {
        idea.project.id: None if end is None else datetime.fromtimestamp(end, day.now.tzinfo)
        for idea, end in zip(world.ideas, play.ends, strict=True)
    }
    return log, ends


@settings(max_examples=150, deadline=None)
@given(
    roster=rosters,
    wishes=ideas,
    said=orders,
    steps=st.integers(0, 25),
    seed=st.integers(0, 10_000),
    failures=st.sampled_from([0, 20, 60, 120]),
    limit=st.integers(1, 3),
    trips=st.sampled_from([None, 1, 2, 3]),
    running=st.sampled_from([None, None, 2, 4]),
    hourly=st.sampled_from([None, None, 6, 15]),
    overflow=st.sampled_from([1, 3, 20]),
)
def test_a_play_assigns_as_deciding_does(
    roster: dict[Workflow, list[dict[str, object]]],
    wishes: list[tuple[Size, Priority, str, int]],
    said: list[tuple],
    steps: int,
    seed: int,
    failures: int,
    limit: int,
    trips: int | None,
    running: int | None,
    hourly: int | None,
    overflow: int,
) -> None:
    config = fleet(roster, limit, trips, running, hourly, overflow)
    day = a_day(config, script(seed, failures), wishes, steps, said)
    log, ends = played(day)
    day.log.clear()
    day.run()
    assert sorted(log) == sorted(day.log)
    assert ends == {id_: day.state.projects[id_].completed_at for id_ in ends}


ANYBODY: dict[str, object] = {"specialties": [], "sizes": [], "region": ""}


def test_triage_ends_in_a_play_when_the_queues_are_under_the_mark_again() -> None:
    roster = {workflow: [ANYBODY] for workflow in Workflow}
    wishes = [(Size.QUICK, Priority.HIGH, "", 0)] * 3 + [(Size.QUICK, Priority.LOW, "", 0)] * 2
    config = fleet(roster, 3, None, None, None, overflow=3)
    day = a_day(config, script(4, 0), wishes, 0, [("triage", Priority.HIGH)])
    log, ends = played(day)
    assert day.state.controls.triage is not None
    day.log.clear()
    day.run()
    assert day.state.controls.triage is None
    assert sorted(log) == sorted(day.log)
    assert all(ends.values())


@pytest.mark.parametrize("seed", range(3))
def test_a_play_chooses_among_many_idle_workers_as_deciding_does(seed: int) -> None:
    shapes: list[dict[str, object]] = [
        ANYBODY,
        {"specialties": ["feature", "social"], "sizes": ["large"], "region": "eu"},
        {"specialties": ["tests"], "sizes": [], "region": "us"},
    ]
    roster = {workflow: [shapes[number * 7 % 3] for number in range(14)] for workflow in Workflow}
    wishes = [
        (list(Size)[number % 3], Priority.NORMAL, ("", "eu", "us")[number % 3], 0) for number in range(9)
    ]
    day = a_day(fleet(roster, 3, 2, None, None, 20), script(seed, 25), wishes, 0, [])
    log, _ = played(day)
    day.log.clear()
    day.run()
    assert len(log) > 60
    assert sorted(log) == sorted(day.log)
