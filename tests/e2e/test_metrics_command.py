"""``orchestrator metrics`` as people start it: forms, exit codes and messages."""

from __future__ import annotations

import csv
import io
import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.e2e.bot_process import Done
from tests.e2e.stage import Stage


def shown(stage: Stage, *words: str, **variables: str) -> Done:
    return stage.start("metrics", *words, event="schedule", payload={}, **variables).done()


def test_every_form_tells_the_same(stage: Stage) -> None:
    stage.say(stage.issue("A greeting"), "/dispatch-genesis A page that says hello")
    (state,) = (stage.state(),)
    arrived = sum(flow.arrived for one in state.hours.items for flow in one.flows.values())
    assert arrived >= 1
    table = shown(stage, "--by", "hour", "--since", "2h")
    assert table.code == 0, table.log
    assert "queued" in table.log
    rows = list(csv.DictReader(io.StringIO(shown(stage, "--format", "csv").log)))
    assert sum(int(row["arrived"]) for row in rows if row["workflow"] == "fleet") == arrived
    found = json.loads(shown(stage, "--format", "json", "--by", "hour").log)
    counts = [one["workflows"]["genesis"]["arrived"] for one in found["periods"]]
    assert sum(counts) == arrived
    text = shown(stage, "--format", "openmetrics").log
    families = {one.name: one for one in text_string_to_metric_families(text)}
    assert max(one.value for one in families["orchestrator_tasks_queued"].samples) == arrived


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "soon"), "'soon' is no time: expected a duration of up to ten years"),
        (("--since", "1h", "--until", "2h"), "--since 1h is not before --until 2h"),
        (("--format", "xml"), "Invalid value for '--format'"),
    ],
)
def test_wrong_usage_is_said_in_words(stage: Stage, words: tuple[str, ...], says: str) -> None:
    done = shown(stage, *words)
    assert (done.code, says in " ".join(done.log.split()), "Traceback" in done.log) == (2, True, False)


def test_without_a_state_branch_there_is_nothing_to_show(stage: Stage) -> None:
    done = shown(stage, ORCHESTRATOR_STATE_BRANCH="nowhere")
    assert done.code == 2
    assert "there is no state branch yet" in done.log
