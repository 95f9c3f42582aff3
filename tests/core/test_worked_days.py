"""Days whose future is known in distribution: what forecasts say, against what ``decide`` makes of them.

The days are driven through ``decide``; how long attempts take and how they end is drawn by the test's own
generator, of which the program knows nothing but the attempts that are on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from statistics import median

import pytest

from bot.domain.config import Config
from bot.domain.merging import PullRequests
from bot.domain.outputs import GenesisOutput
from bot.domain.pools import Pool, Pools, Worker
from bot.domain.scaling import Scaling
from bot.domain.vocabulary import Workflow
from bot.policies.forecast.bottlenecks import bottleneck
from bot.policies.forecast.forecasting import play_all, spread
from bot.policies.forecast.pieces import Outcome
from tests.commands.fleet import features
from tests.core.driven import Driven, Times

MINUTES = {"genesis": 10.0, "development": 14.0, "content": 18.0}
CONTENT = ("documentation", "marketing", "social")
DAYS = 50
BY_HAND = Scaling(enabled=False)
QUICK = Scaling(queue_above=3, wait_above_minutes=15)
"""Autoscaling that has much to do: these fleets are small."""


def pool(workflow: str, workers: int) -> Pool:
    roster = tuple(Worker(id=f"{workflow[:3]}-{number}") for number in range(1, workers + 1))
    return Pool(roster=roster, minimum=1, maximum=9, expected_minutes=30, time_limit_minutes=600)


def fleet(genesis: int = 1, development: int = 3, content: int = 2, *, scaling: Scaling = BY_HAND) -> Config:
    return Config(
        pools=Pools(
            genesis=pool("genesis", genesis),
            development=pool("development", development),
            content=pool("content", content),
        ),
        scaling=scaling,
        pull_requests=PullRequests(merge="auto"),
    )


def drawn(seed: int, slow: str = "", **minutes: float) -> Times:
    """Lognormal times; one attempt in twelve fails, one review in eight asks for changes."""
    usual = {**MINUTES, **minutes}

    def times(task: str, worker: str, number: int) -> tuple[int, Outcome]:
        chance = Random(f"{seed} {task} {number}")
        step = task.rpartition(".")[2]
        workflow = "genesis" if step == "genesis" else "content" if step in CONTENT else "development"
        long = usual[workflow] * chance.lognormvariate(0, 0.45) * (3 if worker == slow else 1)
        fails, changes = chance.random() < 1 / 12, chance.random() < 1 / 8
        if fails:
            return int(long * 60), Outcome.FAILED
        back = changes and step == "review"
        return int(long * 60), Outcome.CHANGES if back else Outcome.DONE

    return times


def plan(project: str) -> GenesisOutput:
    """One to three features."""
    return features(project, 1 + Random(project).randrange(3))


@dataclass
class Ideas:
    """Numbers of projects, so that no two days have the same ones."""

    day: int
    count: int = 0

    def come(self, day: Driven, many: int) -> list[str]:
        before = set(day.state.projects)
        for _ in range(many):
            self.count += 1
            day.say(f"/dispatch-genesis Idea {self.day} {self.count}", self.day * 100 + self.count)
        return [id_ for id_ in day.state.projects if id_ not in before]


def worked(day: int, times: Times, config: Config, before: int, open_: int) -> tuple[Driven, list[str]]:
    """A day on which some projects were done, and others are under way for half an hour."""
    driven, ideas = Driven(config, times, plan), Ideas(day + 1)
    driven.looks = driven.now if config.scaling.enabled else None
    ideas.come(driven, before)
    driven.run()
    mine = ideas.come(driven, open_)
    driven.run(until=driven.now + timedelta(minutes=30))
    return driven, mine


def done(day: Driven, mine: list[str]) -> list[datetime] | None:
    """When each of some projects was complete; None where a person is needed for one of them."""
    day.run()
    ends = [day.state.projects[id_].completed_at for id_ in mine]
    return [end for end in ends if end is not None] if all(ends) else None


@pytest.mark.parametrize(
    ("rule", "days"), [(BY_HAND, DAYS), (QUICK, DAYS // 2)], ids=["by hand", "autoscaling"]
)
def test_eighty_per_cent_intervals_cover_what_they_promise(rule: Scaling, days: int) -> None:
    whole: list[bool] = []
    each: list[bool] = []
    off: list[float] = []
    for number in range(days):
        day, mine = worked(number, drawn(number), fleet(scaling=rule), before=6, open_=4)
        plays = play_all(day.draft(), lambda tasks: 200)
        numbers = {idea.project.id: idea.number for idea in plays.world.ideas}
        values = {id_: plays.of(numbers[id_]) for id_ in mine}
        last = sorted(end for end in plays.last() if end is not None)
        made_at = day.now
        if (ends := done(day, mine)) is None:
            continue  # a task failed three times: the forecast tells how often, and leaves it out
        said = {id_: spread(known) for id_, known in values.items()}
        all_ = spread(last)
        whole.append(all_.low <= max(ends) <= all_.high)
        off.append((max(ends) - all_.median) / (all_.median - made_at))
        each += [said[id_].low <= end <= said[id_].high for id_, end in zip(mine, ends, strict=True)]
    assert len(whole) >= days * 0.8
    assert 0.7 <= sum(whole) / len(whole) <= 0.9, (sum(whole), len(whole))
    assert 0.7 <= sum(each) / len(each) <= 0.9, (sum(each), len(each))
    assert abs(median(off)) <= 0.1, median(off)


def test_the_median_is_that_of_the_days_that_could_have_been() -> None:
    day, mine = worked(0, drawn(1_000), fleet(), before=12, open_=5)
    plays = play_all(day.draft())
    said = spread(sorted(end for end in plays.last() if end is not None)).median - day.now
    state, now, taken, tries = day.state, day.now, dict(day._taken), day.tries.copy()
    found = []
    for number in range(60):
        other = Driven(day.config, drawn(2_000 + number), plan)
        other.state, other.now, other.tries = state, now, tries.copy()
        other._taken = dict(taken)
        if (ends := done(other, mine)) is not None:
            found.append(max(ends) - now)
    truth = median(found)
    assert abs(said - truth) <= 0.1 * truth, (said, truth)


@pytest.mark.parametrize(
    ("workflow", "sizes", "minutes"),
    [
        (Workflow.CONTENT, {"genesis": 2, "development": 5, "content": 1}, {"content": 40.0}),
        (Workflow.DEVELOPMENT, {"genesis": 2, "development": 2, "content": 4}, {"development": 30.0}),
        (Workflow.GENESIS, {"genesis": 1, "development": 8, "content": 6}, {"genesis": 45.0}),
    ],
)
def test_the_bottleneck_named_is_the_one_that_was_built_in(
    workflow: Workflow, sizes: dict[str, int], minutes: dict[str, float]
) -> None:
    day, ideas = Driven(fleet(**sizes), drawn(7, **minutes), plan), Ideas(1)
    ideas.come(day, 8)
    day.run(until=day.now + timedelta(hours=3))
    ideas.come(day, 4)
    found = bottleneck(day.draft())
    assert found.limiting is workflow
    assert found.changes[0].command == f"/scale-up {workflow}"
    assert found.changes[0].sooner >= timedelta(minutes=15)


def test_a_slow_worker_is_named_with_what_another_in_its_place_would_save() -> None:
    config = fleet(genesis=2, development=8, content=2)
    window = {"degradation": config.degradation.model_copy(update={"window_minutes": 600})}
    times = drawn(11, slow="con-2", content=8.0)
    day = Driven(config.model_copy(update=window), times, plan)
    Ideas(1).come(day, 24)
    day.run(until=day.now + timedelta(hours=5))
    found = bottleneck(day.draft())
    assert found.limiting is Workflow.CONTENT
    named = [change.what for change in found.changes]
    assert any("another worker in place of `con-2`, which is slow at" in what for what in named), (
        found.changes
    )
