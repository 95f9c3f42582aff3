"""Every figure of ``/metrics`` against plain arithmetic over the script of a day (``tests.day.worked``)."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest

from bot.decide import decide
from bot.domain import invariants
from bot.domain.config import Attempts, Config
from bot.domain.draft import Draft
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event
from bot.domain.events.observed import Observed, Voted
from bot.domain.events.worked import WorkClaimed, WorkPublished, WorkReported
from bot.domain.failures import FailureKind
from bot.domain.figures import Figure, Metric, Metrics
from bot.domain.hours import BOUNDS, Histogram
from bot.domain.pools import Pools
from bot.domain.quota import Quota
from bot.domain.showing import CompletionComment
from bot.domain.vocabulary import Workflow
from bot.domain.watch import Mode
from bot.policies.measuring.figures import metrics
from bot.render import metrics as words
from bot.render.text import percent
from tests.commands.fleet import PATIENT, features, result
from tests.core.worlds import START, assignments, begun
from tests.day import worked
from tests.day.worked import ARRIVALS, ENDS, HOUR, MINUTE, TICKS, VOTES, WORKERS, Attempt

SLOT = 300
SAYS: dict[worked.Outcome, dict[str, Any]] = {
    "tests": {"ok": False, "exit_code": 1, "summary": "its tests failed"},
    "agent": {"ok": False, "failure": FailureKind.TURNS, "summary": "it used up its turns"},
    "gate": {"ok": False, "rework": True, "failure": FailureKind.INVALID, "summary": "a link is dead"},
}


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def since_start(moment: datetime) -> int:
    return int((moment - START).total_seconds())


def configured() -> Config:
    pools = {
        name: getattr(Pools(), name).model_copy(update={"roster": getattr(Pools(), name).roster[:count]})
        for name, count in WORKERS.items()
    }
    return Config(
        pools=Pools().model_copy(update=pools), attempts=Attempts(backoff_seconds=0), health=PATIENT
    )


@dataclass
class Fleet:
    """The program, driven by the script: it decides who works when, and the script how long and how well."""

    now: int = 0
    commits: int = 1
    due: list[tuple[int, int, Any]] = field(default_factory=list)
    starts: Counter[str] = field(default_factory=Counter)
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state = begun(configured())
        self.serial = 0

    def play(self) -> None:
        for project, minute in enumerate(ARRIVALS):
            self.later(minute * MINUTE + 3, project)
        for tick in TICKS:
            self.later(tick, "tick")
        while self.due:
            self.now, _, what = heapq.heappop(self.due)
            match what:
                case int():
                    self.ask(what)
                case "tick":
                    self.tick()
                case _:
                    self.report(*what)
            self.take_on()

    def later(self, when: int, what: Any) -> None:
        self.serial += 1
        heapq.heappush(self.due, (when, self.serial, what))

    def settle(self, *events: Event) -> None:
        decided = decide(self.state, events, at(self.now)).state
        self.commits += decided is not self.state
        self.state = decided

    def ask(self, project: int) -> None:
        body = f"/dispatch-genesis Idea {project} --size standard"
        self.settle(
            CommentCreated(
                comment=project + 1,
                issue=project + 1,
                actor="wendy",
                role="write",
                at=at(self.now),
                body=body,
            )
        )

    def tick(self) -> None:
        number = TICKS.index(self.now) + 1
        window = (self.now + 30 * MINUTE) // HOUR  # GitHub's windows end at half past
        before = [tick for tick in TICKS[: number - 1] if (tick + 30 * MINUTE) // HOUR == window]
        quota = Quota(
            limit=1_000, used=7 * (len(before) + 1), resets_at=at((window + 1) * HOUR - 30 * MINUTE)
        )
        votes: tuple[Voted, ...] = ()
        if self.now == TICKS[-1]:
            votes = self.votes()
        look = Observed(
            observer=f"tick-{number}", at=at(self.now), looks=(), mode=Mode.CRON, quota=quota, votes=votes
        )
        self.settle(look)

    def votes(self) -> tuple[Voted, ...]:
        """Deliveries are known by now, and voted on."""
        projects = {
            id_: one.model_copy(update={"delivery": CompletionComment(comment=number + 1)})
            for number, (id_, one) in enumerate(sorted(self.state.projects.items()))
        }
        self.state = replace(self.state, projects=projects)
        return tuple(
            Voted(project=name(self, number), up=up, down=down) for number, (up, down) in VOTES.items()
        )

    def take_on(self) -> None:
        """Whoever has a new assignment claims it at once, and will report when the script says."""
        for held in assignments(self.state):
            if held.lease in self.taken:
                continue
            self.taken.add(held.lease)
            self.starts[held.task] += 1
            self.settle(
                WorkClaimed(task=held.task, lease=held.lease, run_id=7, run_attempt=1, at=at(self.now))
            )
            number = self.state.projects[held.project].asked_on - 1
            step = held.task.rpartition(".")[2]
            takes = worked.service(number, step, self.starts[held.task])
            self.later(self.now + takes, (held, number, step, self.starts[held.task], takes))

    def report(self, held: Any, project: int, step: str, number: int, took: int) -> None:
        task = self.state.projects[held.project].task(held.task)
        assert task is not None
        came = worked.outcome(project, step, number)
        says = SAYS.get(came) or {"ok": True, **result(task)}
        if came == "changes":
            says["feature"] = says["feature"].model_copy(update={"verdict": "changes", "review": "no"})
        common = {"task": held.task, "lease": held.lease, "at": at(self.now)}
        self.settle(WorkReported(**common, run_id=7, run_attempt=1, spend=worked.dollars(took), **says))
        if step == "genesis" and came == "done":
            self.settle(WorkPublished(**common, genesis=features(held.project, 1)))


def name(fleet: Fleet, project: int) -> str:
    return next(id_ for id_, one in fleet.state.projects.items() if one.asked_on == project + 1)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    found = Fleet()
    found.play()
    assert found.now == ENDS
    invariants.check(found.state)
    return found


DAY = worked.play()


def shown(fleet: Fleet, window: int) -> Metrics:
    return metrics(Draft(fleet.state, at(ENDS)), timedelta(seconds=window))


# what happened


def test_the_fleet_has_lived_the_textbooks_day(fleet: Fleet) -> None:
    lived = [
        (
            fleet.state.projects[one.task.partition(".")[0]].asked_on - 1,
            one.task.rpartition(".")[2],
            *(
                int((when - START).total_seconds())
                for when in (one.queued_at, one.assigned_at, one.finished_at)
            ),
            one.ok,
            one.rework,
        )
        for one in fleet.state.recent.completions
    ]
    told = [
        (
            one.project,
            one.step,
            one.queued,
            one.begun,
            one.ended,
            one.ok,
            one.reworked or one.outcome == "gate",
        )
        for one in DAY.attempts
    ]
    assert lived == told
    assert len(DAY.complete) == len(ARRIVALS)
    assert max(one.ended for one in DAY.attempts) < ENDS


# the targets' table


def ended(since: int, until: int, workflow: str = "") -> list[Attempt]:
    return [
        one
        for one in DAY.attempts
        if since < one.ended <= until and workflow in ("", worked.workflow(one.step))
    ]


def covered(spans: Iterable[tuple[int, int]], since: int, until: int) -> int:
    """Seconds of a window that lie in at least one span."""
    return len({second for begin, end in spans for second in range(max(begin, since), min(end, until))})


def rate(since: int, until: int, workflow: str, step: str = "", workers: int = 1) -> tuple[int, float | None]:
    done = [one for one in ended(since, until, workflow) if one.outcome == "done" and step in ("", one.step)]
    spans = [(one.queued, one.ended) for one in DAY.attempts if worked.workflow(one.step) == workflow]
    hours = covered(spans, max(since, 0), until) / HOUR
    return len(done), len(done) / hours / workers if len(done) >= 3 else None


def part(since: int, until: int, bad: Iterable[bool]) -> tuple[int, float | None]:
    count = len(ended(since, until))
    return count, sum(bad) / count if count >= 3 else None


def uptime(since: int, until: int) -> tuple[int, float | None]:
    """Of the whole slots of the window, those in which anything happened at all."""
    events = {0, *TICKS, *(one.begun for one in DAY.attempts), *(one.ended for one in DAY.attempts)}
    events |= {minute * MINUTE + 3 for minute in ARRIVALS}
    slots = range(max(-(-since // SLOT), 0), until // SLOT)
    seen = {event // SLOT for event in events}
    return len(slots), sum(slot in seen for slot in slots) / len(slots) if len(slots) >= 12 else None


def expected(metric: Metric, since: int, until: int) -> tuple[int, float | None]:
    match metric:
        case Metric.END_TO_END:
            took = [
                (end - ARRIVALS[project] * MINUTE - 3) / HOUR
                for project, end in DAY.complete.items()
                if since < end <= until
            ]
            return len(took), median(took) if len(took) >= 3 else None
        case Metric.GENESIS:
            return rate(since, until, "genesis")
        case Metric.DEVELOPMENT:
            return rate(since, until, "development", "review", WORKERS["development"])
        case Metric.CONTENT:
            return rate(since, until, "content")
        case Metric.ERRORS:
            return part(since, until, (not one.ok for one in ended(since, until)))
        case Metric.REWORK:
            return part(since, until, (one.is_rework for one in ended(since, until)))
        case Metric.SATISFACTION:
            votes = [VOTES[one] for one, end in DAY.complete.items() if one in VOTES and since < end <= until]
            up, all_ = sum(up for up, _ in votes), sum(up + down for up, down in votes)
            return all_, up / all_ if all_ >= 3 else None
        case Metric.UPTIME:
            return uptime(since, until)


@pytest.mark.parametrize("window", [24 * HOUR, 5 * HOUR, 4 * HOUR, 3 * HOUR])
@pytest.mark.parametrize("metric", list(Metric))
def test_each_success_metric_is_what_the_script_says(fleet: Fleet, metric: Metric, window: int) -> None:
    found: Figure = next(one for one in shown(fleet, window).figures if one.metric is metric)
    count, value = expected(metric, ENDS - window, ENDS)
    assert found.now.count == count
    assert found.now.value == (None if value is None else pytest.approx(value))
    if ENDS - 2 * window < 0:
        assert found.before is None
        return
    count, value = expected(metric, ENDS - 2 * window, ENDS - window)
    assert found.before is not None
    assert found.before.count == count
    assert found.before.value == (None if value is None else pytest.approx(value))


def test_the_day_has_something_to_say_of_every_metric() -> None:
    values = {metric: expected(metric, ENDS - 24 * HOUR, ENDS)[1] for metric in Metric}
    assert all(value is not None and value > 0 for value in values.values())
    assert values[Metric.UPTIME] != 1
    assert values[Metric.SATISFACTION] == 7 / 8


# the flow


def histogram(values: Iterable[int]) -> Histogram:
    counts = [0] * (len(BOUNDS) + 1)
    listed = list(values)
    for value in listed:
        counts[bisect_left(BOUNDS, value)] += 1
    while counts and not counts[-1]:
        counts.pop()
    return Histogram(counts=tuple(counts), seconds=sum(listed))


@pytest.mark.parametrize("window", [24 * HOUR, 3 * HOUR])
@pytest.mark.parametrize("workflow", list(Workflow))
def test_the_flow_of_each_workflow_is_what_the_script_says(
    fleet: Fleet, workflow: Workflow, window: int
) -> None:
    since = max(0, ENDS - window)
    flow = shown(fleet, window).hourly.flows[workflow]
    mine = [one for one in DAY.attempts if worked.workflow(one.step) == workflow]
    over = [one for one in mine if since <= one.ended]
    assert flow.arrived == sum(of == workflow and when >= since for when, of in DAY.arrived)
    assert (flow.done, flow.failed) == (sum(one.ok for one in over), sum(not one.ok for one in over))
    sent_back = [when for when in DAY.sent_back if workflow is Workflow.DEVELOPMENT and when >= since]
    assert flow.reworked == sum(one.outcome == "gate" for one in over) + len(sent_back)
    assert flow.waits == histogram(one.begun - one.queued for one in mine if one.begun >= since)
    assert flow.service == histogram(one.ended - one.begun for one in over)
    assert flow.busy == sum(max(0, one.ended - max(one.begun, since)) for one in mine)
    assert flow.up == WORKERS[workflow] * (ENDS - since)
    assert flow.open == covered([(one.queued, one.ended) for one in mine], since, ENDS)
    assert flow.depth == 0


@pytest.mark.parametrize("workflow", list(Workflow))
@pytest.mark.parametrize("part_", [0.5, 0.9])
def test_waits_and_working_times_are_about_right(fleet: Fleet, workflow: Workflow, part_: float) -> None:
    """Each lies in the bucket of the true one."""
    flow = shown(fleet, 24 * HOUR).hourly.flows[workflow]
    mine = [one for one in DAY.attempts if worked.workflow(one.step) == workflow]
    for found, values in (
        (flow.waits, [one.begun - one.queued for one in mine]),
        (flow.service, [one.ended - one.begun for one in mine]),
    ):
        true = sorted(values)[-(-int(part_ * 100) * len(values) // 100) - 1]
        about = found.quantile(part_)
        assert about is not None
        bucket = bisect_left(BOUNDS, true)
        assert (BOUNDS[bucket - 1] if bucket else 0) <= about <= BOUNDS[bucket]


def test_arrivals_hour_by_hour(fleet: Fleet) -> None:
    hours = shown(fleet, 24 * HOUR).hourly.hours
    arrived = [sum(one.flow(workflow).arrived for workflow in Workflow) for one in hours]
    assert arrived == [sum(when // HOUR == hour for when, _ in DAY.arrived) for hour in range(11)]


def test_causes_money_commands_pushes_and_requests(fleet: Fleet) -> None:
    found = shown(fleet, 24 * HOUR)
    hourly = found.hourly
    assert hourly.causes == {"agent": 1, "gate": 1, "tests": 1}
    spent = round(sum(worked.dollars(one.ended - one.begun) for one in DAY.attempts), 2)
    assert (hourly.dollars, found.spend) == (pytest.approx(spent), pytest.approx(spent))
    assert hourly.commands == len(ARRIVALS)
    assert hourly.projects == len(ARRIVALS)
    published = sum(one.step == "genesis" and one.ok for one in DAY.attempts)
    assert hourly.commits == 1 + len(ARRIVALS) + 2 * len(DAY.attempts) + published + len(TICKS)
    assert hourly.commits == fleet.commits
    assert hourly.requests == 7 * len(TICKS)
    assert found.attempts == len(DAY.attempts)


def test_the_reply_says_these_figures(fleet: Fleet) -> None:
    draft = Draft(fleet.state, at(ENDS))
    reply = words.metrics(draft, metrics(draft, timedelta(days=1)))
    count, value = expected(Metric.ERRORS, ENDS - 24 * HOUR, ENDS)
    assert f"| Error rate | under 5% | **{value:.1%}** ({count} attempts) |" in reply
    assert "| Customer satisfaction | at least 90% | **87.5%** (8 votes) | – | ❌ missed |" in reply
    busy = sum(one.ended - one.begun for one in DAY.attempts if one.step == "genesis") / ENDS
    (row,) = [line for line in reply.splitlines() if line.startswith("| genesis |")]
    assert row.endswith(f"| {percent(busy)} |")
    assert "- Failed because of: agent 1, gate 1, tests 1" in reply
    assert f"- GitHub: at least {7 * len(TICKS)} requests of the token" in reply
