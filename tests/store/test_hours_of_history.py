"""Hours of any time back from the branch's log: few versions are read, and nothing is missing."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from bot.app.exporting import formats
from bot.app.exporting.history import PATH, chosen_of, hours_since
from bot.app.exporting.openmetrics import as_openmetrics
from bot.domain import files
from bot.domain.errors import UsageError
from bot.domain.hours import HOURS_LIMIT, FlowHour, Histogram, Hour, Hours, hour_of
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.looking.metrics import moment
from tests.core.worlds import START
from tests.store.conftest import OpenStore, Place
from tests.store.repositories import Bare

HOUR = timedelta(hours=1)


def with_commit(known: Hours, now: datetime) -> Hours:
    """The record after a commit in which one Genesis task arrived, waited 40 s, and another failed."""
    grown = known.at(now)
    last = grown.items[-1]
    flow = last.flow(Workflow.GENESIS)
    changed = flow.model_copy(
        update={
            "arrived": flow.arrived + 1,
            "done": flow.done + 1,
            "failed": flow.failed + 1,
            "waits": flow.waits.with_one(40),
            "service": flow.service.with_one(1_000),
            "workers": 3,
            "holding": 1,
            "depth": 2,
        }
    )
    hour = last.model_copy(
        update={
            "flows": {**last.flows, Workflow.GENESIS: changed},
            "commits": last.commits + 1,
            "dollars": last.dollars + 0.5,
            "causes": {"tests": last.causes.get("tests", 0) + 1},
        }
    )
    return grown.model_copy(update={"items": (*grown.items[:-1], hour)})


def lived(gaps: Sequence[timedelta]) -> list[tuple[datetime, Hours]]:
    """A commit after each gap."""
    now, known, found = START, Hours(), []
    for gap in gaps:
        now += gap
        known = with_commit(known, now)
        found.append((now, known))
    return found


@dataclass
class Kept:
    """A past in memory."""

    commits: Sequence[tuple[str, datetime]]
    contents: Mapping[str, bytes]
    read: list[str] = field(default_factory=list)

    def versions(self, path: str, commits: Sequence[str]) -> Mapping[str, bytes]:
        assert path == PATH
        self.read += commits
        return {one: self.contents[one] for one in commits}


def past_of(history: list[tuple[datetime, Hours]], since: datetime) -> Kept:
    rows = [(str(number), at, hours) for number, (at, hours) in enumerate(history) if at >= since]
    return Kept(
        [(id_, at) for id_, at, _ in reversed(rows)], {id_: files.dump(hours) for id_, _, hours in rows}
    )


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from([1, 1, 1, 2, 3, 30, 200]), min_size=250, max_size=320), st.integers(0, 2_000))
def test_every_hour_is_found_however_far_apart_the_commits_are(gaps: list[int], ago: int) -> None:
    history = lived([timedelta(hours=gap) for gap in gaps])
    now, newest = history[-1]
    since = max(START, now - timedelta(hours=ago))
    asked: list[Kept] = []

    def past(start: datetime) -> Kept:
        asked.append(past_of(history, start))
        return asked[-1]

    found = hours_since(State(hours=newest), since, now, past)
    arrivals = {one.hour: one.flow(Workflow.GENESIS).arrived for one in found}
    truth = {hour_of(at) for at, _ in history if hour_of(at) >= hour_of(since)}
    assert {hour for hour, count in arrivals.items() if count} == truth
    assert list(arrivals) == list(range(min(arrivals), hour_of(now) + 1))
    for kept in asked:
        days = (now - since) / timedelta(days=1)
        assert len(kept.read) <= days / 7 + 2


def test_no_history_is_asked_for_what_the_head_holds() -> None:
    history = lived([HOUR] * (HOURS_LIMIT + 50))
    now, newest = history[-1]

    def never(since: datetime) -> Kept:
        raise AssertionError(since)

    assert len(hours_since(State(hours=newest), now - 100 * HOUR, now, never)) == 101


def imported(bare: Bare, history: list[tuple[datetime, Hours]]) -> None:
    """A state branch with these versions of the file, each committed at its time."""
    stream = []
    for number, (at, hours) in enumerate(history, start=1):
        content = files.dump(hours).decode()
        when = f"{int(at.timestamp())} +0000"
        stream.append(
            f"commit refs/heads/state\nmark :{number}\ncommitter bot <bot@example.org> {when}\n"
            f"data 1\nx\n{f'from :{number - 1}' + chr(10) if number > 1 else ''}"
            f"M 100644 inline {PATH}\ndata {len(content.encode())}\n{content}\n"
        )
    command = ["git", f"--git-dir={bare.path}", "fast-import", "--quiet"]
    subprocess.run(command, input="".join(stream).encode(), check=True)


def test_the_branchs_log_is_read_over_git(place: Place, bare: Bare, open_store: OpenStore) -> None:
    history = lived([3 * HOUR] * 300)
    imported(bare, history)
    now, newest = history[-1]
    store = open_store(place)
    look = store.load()
    assert look.files[PATH] == files.dump(newest)
    since = now - timedelta(days=35)
    past = store.past(since)
    assert len(past.commits) == 35 * 8 + 1
    assert past.commits[0] == (look.version, now)
    assert len(chosen_of(past.commits, since)) == 5
    found = hours_since(State(hours=newest), since, now, store.past)
    assert sum(one.flow(Workflow.GENESIS).arrived for one in found) == 35 * 8 + 1
    assert sum(one.commits for one in found) == 35 * 8 + 1
    assert len(store.past(START - timedelta(days=60)).commits) == 300
    everything = hours_since(State(hours=newest), START - timedelta(days=60), now, store.past)
    assert sum(one.commits for one in everything) == 300


# forms


def days_() -> list[Hour]:
    history = lived([HOUR, HOUR, timedelta(minutes=5), 20 * HOUR, 10 * HOUR])
    now, newest = history[-1]
    return hours_since(State(hours=newest), START, now, lambda since: Kept([], {}))


NOW = START + timedelta(hours=32, minutes=30)


def test_csv_has_a_row_for_each_workflow_and_one_for_the_fleet() -> None:
    rows = list(csv.DictReader(io.StringIO(formats.as_csv(formats.periods(days_(), "day")))))
    assert [(row["time"], row["workflow"]) for row in rows[:4]] == [
        ("2026-11-23T13:00:00Z", "genesis"),
        ("2026-11-23T13:00:00Z", "development"),
        ("2026-11-23T13:00:00Z", "content"),
        ("2026-11-23T13:00:00Z", "fleet"),
    ]
    fleet = [row for row in rows if row["workflow"] == "fleet"]
    assert [row["arrived"] for row in fleet] == ["3", "2"]
    assert [(row["dollars"], row["pushes"], row["causes"]) for row in fleet] == [
        ("1.5", "3", "tests=3"),
        ("1.0", "2", "tests=2"),
    ]
    assert rows[0]["wait_seconds_p50"] == "45"
    assert rows[1]["wait_seconds_p50"] == ""
    assert rows[0]["dollars"] == ""
    assert fleet[0]["requests"] == ""


def test_json_has_the_buckets() -> None:
    found = json.loads(formats.as_json(formats.periods(days_(), "hour"), "hour"))
    first = found["periods"][0]
    assert (found["by"], len(found["periods"])) == ("hour", 32)
    assert first["workflows"]["genesis"]["wait_buckets"] == [0, 0, 1, *([0] * 11)]
    assert len(found["bucket_bounds_seconds"]) == 13
    assert first["causes"] == {"tests": 1}
    assert first["requests"] is None


def of_genesis(family: Any) -> list[Any]:
    return [one for one in family.samples if one.labels["workflow"] == "genesis"]


@pytest.mark.parametrize("by", ["hour", "day"])
def test_openmetrics_is_read_by_its_librarys_own_parser(by: formats.By) -> None:
    periods = formats.periods(days_(), by)
    text = as_openmetrics(periods, NOW)
    assert text.endswith("# EOF\n")
    families = {one.name: one for one in text_string_to_metric_families(text)}
    queued = [
        one for one in families["orchestrator_tasks_queued"].samples if one.labels["workflow"] == "genesis"
    ]
    assert [one.name for one in queued] == ["orchestrator_tasks_queued_total"] * len(periods)
    assert queued[-1].value == 5
    assert [float(one.timestamp) for one in queued] == sorted({float(one.timestamp) for one in queued})
    assert float(queued[-1].timestamp) == NOW.timestamp()
    waits = [
        one for one in families["orchestrator_wait_seconds"].samples if one.labels["workflow"] == "genesis"
    ]
    last = [one for one in waits if one.timestamp == waits[-1].timestamp]
    assert {one.labels["le"]: one.value for one in last if one.name.endswith("_bucket")}["60.0"] == 5
    assert [one.value for one in last if one.name.endswith("_sum")] == [200]
    assert families["orchestrator_failures"].samples[-1].labels == {"cause": "tests"}
    assert families["orchestrator_spend_dollars"].samples[-1].value == 2.5
    assert {one.value for one in families["orchestrator_queue_depth"].samples} == {2, 0}


def test_nothing_on_record_is_an_empty_export() -> None:
    assert formats.as_csv([]) == "time,workflow\n"
    assert json.loads(formats.as_json([], "day"))["periods"] == []
    assert list(text_string_to_metric_families(as_openmetrics([], NOW)))


def test_a_days_flow_is_the_sum_of_its_hours() -> None:
    hours = days_()
    by_day, by_hour = formats.periods(hours, "day"), formats.periods(hours, "hour")
    for name in ("arrived", "done", "failed", "busy", "up", "open"):
        sums = [sum(getattr(formats.all_flows(one), name) for one in found) for found in (by_day, by_hour)]
        assert sums[0] == sums[1]
    assert formats.all_flows(by_day[-1]).depth == 2
    assert formats.all_flows(by_day[0]).waits == Histogram(counts=(0, 0, 3), seconds=120)
    assert by_day[0].flows[Workflow.CONTENT] == FlowHour()


# moments


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2d", START - timedelta(days=2)),
        ("12h", START - 12 * HOUR),
        ("2026-11-01", START.replace(day=1, hour=0)),
        ("2026-11-01T08:00+02:00", START.replace(day=1, hour=6)),
    ],
)
def test_moments_that_people_type(typed: str, at: datetime) -> None:
    assert moment(typed, START) == at


@pytest.mark.parametrize("typed", ["", "soon", "30", "-2d", "99999d", "2026-13-01"])
def test_what_is_no_moment(typed: str) -> None:
    with pytest.raises(UsageError, match="expected a duration of up to ten years"):
        moment(typed, START)
