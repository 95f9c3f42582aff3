"""Playing the open work forward: a forecast of 200 tasks, a small one, and what recording adds to a tick."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from heapq import heappop, heappush

from benchmarks.measure import paired_ratio, surroundings, table, take_turns
from benchmarks.worlds import NOON, SPECIALTIES, fleet
from bot.decide import decide
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Initialised
from bot.domain.instances import Instance
from bot.domain.models import Reservation
from bot.domain.records import Completion
from bot.domain.scaling import Scaling
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, Workflow
from bot.policies.forecast.compiling import compiled, open_projects
from bot.policies.forecast.forecasting import forecast, runs_for
from bot.policies.forecast.luck import Drawn, Record
from bot.policies.forecast.playing import Play
from bot.policies.forecast.predicting import settle_predictions
from bot.policies.forecast.world import World

LATER = NOON + timedelta(minutes=1)


def report(*, quick: bool) -> Iterator[str]:
    """Measure in this process, with the garbage collector as the command line sets it."""
    gc.set_threshold(100_000)
    rounds = 3 if quick else 7
    small, middle, scaled = ideas(1), ideas(12), ideas(12, Scaling())
    world, record = _world(middle), Record(Draft(middle, LATER))
    tasks = len(Play(world, Drawn(record, 0)).run().pieces)
    crowd, large = fleet(10, 20, 1_000), fleet(250, 20, 100)
    contenders = {
        f"one play of {tasks} tasks, 11 workers": _timed(lambda: Play(world, Drawn(record, 1)).run()),
        f"one play of {tasks} tasks, with autoscaling": _play(scaled),
        f"floor: {tasks} times into a heap and out of it": _timed(lambda: _heap(tasks)),
        "one play of 200 queued tasks, 1,000 workers": _play(crowd),
        "recording, 200 open tasks": _recording(middle),
        "recording, 5,000 open tasks": _recording(large),
        "recording, 1,000 open tasks, none kept": _recording(keeping(0)),
        "recording, 1,000 open tasks, 250 of them kept": _recording(keeping(250)),
        f"/forecast of {_tasks(small)} tasks, {runs_for(_tasks(small))} runs": _forecast(small),
        f"/forecast of {_tasks(middle)} tasks, {runs_for(_tasks(middle))} runs": _forecast(middle),
        f"/forecast of {_tasks(middle)} tasks, with autoscaling": _forecast(scaled),
    }
    series = take_turns(contenders, rounds=rounds)
    ratio = paired_ratio(series[0], series[2])
    none, some = (one for one in series if one.name.startswith("recording, 1,000"))
    each = 1e6 * series[0].median / tasks
    yield (
        f"{surroundings()}; {rounds} rounds; seconds of the processor\n{table(series)}\n"
        f"one play / floor: {ratio:.1f}; {each:.0f} microseconds for each task of a play\n"
        f"recording with 250 kept / with none: {paired_ratio(some, none):.1f}"
    )


BY_HAND = Scaling(enabled=False)


def ideas(count: int, scaling: Scaling = BY_HAND) -> State:
    """So many new projects, of which nothing is planned yet."""
    config = Config(scaling=scaling)
    state = decide(State(), [Initialised(at=NOON, config=config)], NOON).state
    said = [
        CommentCreated(
            comment=number,
            issue=number,
            actor="wendy",
            role="write",
            body=f"/dispatch-genesis Idea {number}",
            at=NOON,
        )
        for number in range(1, count + 1)
    ]
    return decide(state, said, NOON).state


def keeping(count: int) -> State:
    """1,000 queued tasks, 11 workers an hour's attempts; a rebalancing keeps so many for a worker each."""
    state = fleet(50, 20, 11)
    writer = Instance(id="content-01", workflow=Workflow.CONTENT, idle_since=NOON)
    draft = Draft(replace(state, instances={**state.instances, writer.id: writer}), LATER)
    workers = sorted(state.instances)
    for number in range(500):
        draft.record(_attempt(number, workers[number % len(workers)]))
    for number, item in enumerate(draft.ordered(QueueName.DEVELOPMENT)):
        project = draft.projects[item.project]
        tasks = [one.model_copy(update={"item": one.id.rpartition(".")[2]}) for one in project.tasks]
        draft.projects[project.id] = project = project.model_copy(update={"tasks": tuple(tasks)})
        if number < count:
            worker = workers[number % len(workers)]
            kept = Reservation(worker=worker, at=NOON, by="ada", why="it has the least work ahead of it")
            task = next(one for one in tasks if one.id == item.task).model_copy(update={"reserved": kept})
            draft.put_task(project.id, task)
            draft.enqueue(QueueName.DEVELOPMENT, draft.projects[project.id], task)
    return draft.freeze(())


def _attempt(number: int, worker: str) -> Completion:
    end = LATER - timedelta(seconds=7 * (500 - number))
    return Completion(
        task=f"task-{number}",
        workflow=Workflow.DEVELOPMENT,
        specialty=SPECIALTIES[number % len(SPECIALTIES)],
        worker=worker,
        queued_at=end - timedelta(hours=1),
        assigned_at=end - timedelta(seconds=600 + number * 37 % 900),
        finished_at=end,
        ok=number % 11 > 0,
    )


def _world(state: State) -> World:
    draft = Draft(state, LATER)
    return compiled(draft, open_projects(draft))


def _tasks(state: State) -> int:
    world, record = _world(state), Record(Draft(state, LATER))
    return len(Play(world, Drawn(record, 0)).run().pieces)


def _timed(call: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.process_time()
        call()
        return time.process_time() - started

    return measure


def _play(state: State) -> Callable[[], float]:
    world, record = _world(state), Record(Draft(state, LATER))
    return _timed(lambda: Play(world, Drawn(record, 1)).run())


def _forecast(state: State) -> Callable[[], float]:
    return _timed(lambda: forecast(Draft(state, LATER)))


def _recording(state: State) -> Callable[[], float]:
    """What a look adds to settling when a record is due."""

    def record() -> None:
        draft = Draft(state, LATER)
        draft.looked = True
        settle_predictions(draft)
        if draft.predictions.recorded_at != LATER:
            raise RuntimeError("expected a record")

    return _timed(record)


def _heap(tasks: int) -> None:
    """What no play can do without: each task is an event."""
    heap: list[tuple[int, int]] = []
    for number in range(tasks):
        heappush(heap, (number * 7919 % 10_007, number))
    while heap:
        heappop(heap)
