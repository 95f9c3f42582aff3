"""A silent process is started by the configured workflow: dispatched, seen, repeated a few times at most."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.effects import StartProcess
from bot.domain.external import External
from bot.domain.vocabulary import WorkerStatus
from tests.commands.desk import Desk
from tests.e2e.people import REPOSITORY, Json

WORKER = "content-01"


def silent(desk: Desk) -> None:
    """A process that was heard of when the state was made, and is not any more."""
    state = desk.state()
    there = {"kind": "external", "process": WORKER, "session": 1, "last_heartbeat": desk.moment.now}
    worker = state.instances[WORKER].model_copy(update=there)
    config = state.config.model_copy(update={"external": External(restart_workflow="start.yml")})
    desk.put(replace(state, config=config, instances={**state.instances, WORKER: worker}))
    for minutes in (2, 2, 2):
        desk.wait(minutes=minutes)
        desk.tick()


def runs(desk: Desk) -> list[Json]:
    found: list[Json] = desk.call("ada", "GET", f"/repos/{REPOSITORY}/actions/workflows/start.yml/runs")[
        "workflow_runs"
    ]
    return found


def asked(desk: Desk) -> list[str]:
    return [one.effect.process for one in desk.state().outbox.entries if isinstance(one.effect, StartProcess)]


def test_the_workflow_is_dispatched_for_the_process_and_a_run_of_its_name_is_the_evidence(desk: Desk) -> None:
    silent(desk)
    assert desk.state().instances[WORKER].status is WorkerStatus.OFFLINE
    (run,) = runs(desk)
    (inputs,) = [
        row["inputs"] for row in desk.world.db.rows("SELECT inputs FROM runs WHERE id = ?", run["id"])
    ]
    assert WORKER in inputs
    desk.world.db.execute(f"UPDATE runs SET title = 'start {WORKER}' WHERE id = {run['id']}")
    desk.wait(minutes=3)
    desk.tick()
    assert (len(runs(desk)), asked(desk)) == (1, [])


def test_without_evidence_it_is_dispatched_three_times_and_then_there_is_an_alert(desk: Desk) -> None:
    silent(desk)
    for _ in range(8):
        desk.wait(minutes=9)
        desk.tick()
    assert (len(runs(desk)), asked(desk)) == (3, [])
    opened = {alert.id for alert in desk.state().alerts.items if alert.until is None}
    assert f"worker-offline-{WORKER}" in opened
    assert not any(id_.startswith("undeliverable") for id_ in opened)
