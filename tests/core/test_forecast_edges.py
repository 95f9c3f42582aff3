"""What forecasts and bottlenecks say where little or nothing goes on: each reply names what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.decide import decide
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.events.worked import WorkPublished
from bot.domain.flow import Bottleneck
from bot.domain.guards import Breaker, Budgets
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.scaling import Peak, Scaling
from bot.domain.vocabulary import Workflow
from bot.policies.forecast.bottlenecks import bottleneck
from bot.policies.forecast.forecasting import growth as growth_of
from bot.policies.forecast.forecasting import play_all
from bot.policies.forecast.trials import trials
from bot.render.bottlenecks import sentence
from tests.commands.fleet import Days, features, result
from tests.core.worlds import comment, replies

PLACES = ("genesis", "development", "content")


def fleet(workers: int = 1, *, scaling: Scaling | None = None, **changes: Any) -> Days:
    pools = {
        name: Pool(
            roster=tuple(Worker(id=f"{name[:3]}-{number}") for number in range(1, workers + 1)),
            minimum=0,
            maximum=4,
            expected_minutes=20,
        )
        for name in PLACES
    }
    days = Days(Config(pools=Pools(**pools), **changes), **({"scaling": scaling} if scaling else {}))
    return days


def planned(days: Days, **told: Any) -> None:
    """Genesis of a page is done after ten minutes."""
    held = days.claim("a-page-1.genesis")
    days.wait(minutes=10)
    task = days.state.projects["a-page-1"].task("a-page-1.genesis")
    assert task is not None
    days.report(task.id, **result(task), **told)
    days.settle(WorkPublished(task=task.id, lease=held.lease, at=days.now, genesis=features("a-page-1", 1)))


def reply(days: Days, body: str) -> str:
    said = comment(900, body, issue=99, role="admin", actor="ada", at=days.now)
    return replies(decide(days.state, [said], days.now))[-1]


def limits(days: Days) -> tuple[Bottleneck, str]:
    found = bottleneck(Draft(days.state, days.now))
    return found, sentence(found, days.now)


def test_an_empty_fleet_plays_nothing_and_says_how_to_begin() -> None:
    days = fleet()
    assert (
        reply(days, "/forecast") == "Nothing is under way. Start a project with `/dispatch-genesis <idea>`."
    )
    told = reply(days, "/bottlenecks")
    assert "Nothing that could go on is open" in told
    assert "`/dispatch-genesis <idea>` starts a project" in told
    assert "nothing is on record yet" in told
    assert "0 s" not in told
    assert "no workers" not in told  # they are there, and had no time yet to be busy in
    assert " runs of the open work" not in told


def test_without_any_worker_it_takes_one_of_each() -> None:
    days = fleet(0)
    days.say("/dispatch-genesis A page", 1)
    found, told = limits(days)
    assert told.endswith("1 task waits; it has no worker: `/scale-up genesis`.")
    assert found.changes[0].what == (
        "one worker for each workflow that has none (`/scale-up genesis`, `/scale-up development`, "
        "`/scale-up content`)"
    )
    assert found.changes[0].unblocks == 1


def test_where_everything_is_paused_one_command_ends_it() -> None:
    days = fleet()
    days.say("/dispatch-genesis A page\n/pause genesis\n/pause development\n/pause content", 1, role="admin")
    found, told = limits(days)
    assert "it is paused, so that none of them starts: `/unpause genesis`" in told
    assert (found.changes[0].command, found.changes[0].unblocks) == ("/unpause", 1)
    assert (
        found.changes[0].what == "content, development and genesis go on"
        or "genesis" in found.changes[0].what
    )


def test_what_waits_for_approval_can_go_on_by_that() -> None:
    days = fleet(approve=("development",))
    days.say("/dispatch-genesis A page", 1)
    planned(days)
    found, _ = limits(days)
    assert [(one.command, one.what, one.unblocks) for one in found.changes] == [
        ("/approve a-page-1", "it enters development", 1)
    ]


def test_a_budget_that_is_spent_says_when_it_frees() -> None:
    days = fleet(budgets=Budgets(spend_per_day=5))
    days.say("/dispatch-genesis A page", 1)
    planned(days, spend=6.0)
    _, told = limits(days)
    assert "today's budget for agents is used up, so that none of them starts: `/approve budget`" in told
    told = reply(days, "/forecast")
    assert "Today's budget for agents is used up: nothing starts before 2026-11-24 00:00 UTC" in told
    assert "Everything that can be done is done about 2026-11-24" in told


def test_a_project_without_budget_is_why_its_tasks_wait() -> None:
    days = fleet(budgets=Budgets(spend_per_project=5))
    days.say("/dispatch-genesis A page", 1)
    planned(days, spend=6.0)
    found, told = limits(days)
    assert "their projects have used up their budgets" in told
    assert found.changes[0].command == "/approve a-page-1"


def test_workers_that_are_all_out_for_failing_are_why_nothing_starts() -> None:
    days = fleet(breaker=Breaker(worker_failures=1, workflow_failures=None, probe_minutes=120))
    days.say("/dispatch-genesis A page", 1)
    days.fail("a-page-1.genesis")
    _, told = limits(days)
    assert "its worker is out for failing" in told
    assert "All genesis workers are out for failing: none is tried again before 14:05 UTC" in reply(
        days, "/forecast"
    )


IDLE = Scaling(
    queue_above=50,
    wait_above_minutes=None,
    utilisation_above=None,
    utilisation_below=0.1,
    peaks=(Peak(name="rush", begins="13:00", ends="20:00", minimum={Workflow.DEVELOPMENT: 4}),),
)


def test_peak_hours_that_begin_meanwhile_are_in_the_forecast() -> None:
    days = fleet(scaling=IDLE)
    days.say("/dispatch-genesis A page", 1)
    few = lambda tasks: 9  # noqa: E731
    found = growth_of(play_all(Draft(days.state, days.now), few))
    assert [(one.workflow, one.size, one.most) for one in found] == [(Workflow.DEVELOPMENT, 1, 4)]
    assert found[0].since == days.now + timedelta(minutes=45)  # a quarter of an hour before they begin
    told = reply(days, "/forecast")
    assert (
        "Autoscaling is: development goes from 1 to 4 workers, from about 12:45 UTC (in 45 min) on." in told
    )
    assert "the number of workers stays" not in told


def test_a_worker_that_autoscaling_adds_anyway_is_not_sold_as_a_change() -> None:
    rule = Scaling(queue_above=1, wait_above_minutes=None, utilisation_above=None)
    days = fleet(scaling=rule)
    days.say("\n".join(f"/dispatch-genesis Idea {number}" for number in range(5)), 1)
    told = reply(days, "/bottlenecks")
    assert "Autoscaling adds workers by itself: " in told
    assert "; development goes from 1 to 4 workers, from about 12:" in told
    assert "What a change brings comes on top of that." in told
    by_hand = fleet()
    by_hand.say("\n".join(f"/dispatch-genesis Idea {number}" for number in range(5)), 1)
    gains = {}
    for name, one in (("auto", days), ("hand", by_hand)):
        changes = bottleneck(Draft(one.state, one.now)).changes
        gains[name] = max(
            (found.sooner for found in changes if found.command == "/scale-up development"),
            default=timedelta(),
        )
    assert gains["hand"] > timedelta(hours=1)
    assert gains["auto"] < gains["hand"] / 4


def test_at_the_maximum_an_emergency_is_tried_as_it_works() -> None:
    days = fleet(4)
    days.say("\n".join(f"/dispatch-genesis Idea {number}" for number in range(9)), 1)
    trials_of = {one.command: one.what for one in trials(Draft(days.state, days.now))}
    assert trials_of == {f"/emergency-scale-up {name}": f"4 more {name} workers, for 2 h" for name in PLACES}


def test_workers_that_come_back_are_no_growth() -> None:
    days = Days(Config(), scaling=Scaling())
    days.say("/dispatch-genesis A page", issue=1)
    plays = play_all(Draft(days.state, days.now))
    back = [
        one for sizes in plays.sizes for one in sizes if one.grew_at is not None and one.most <= one.first
    ]
    assert back, "idle workers leave while Genesis works, and come back for what follows"
    assert [one for one in growth_of(plays) if one.most <= one.size] == []
