"""The instance family: each command right, wrong, forbidden and delivered twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from inline_snapshot import snapshot

from bot.domain.events.worked import WorkReported
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, WorkerStatus
from bot.hub.data.world import BOT
from tests.commands.desk import Desk
from tests.core.worlds import settled
from tests.e2e.people import REPOSITORY

RUN = 9_001
"""What a run's id is shown as: the hub's own are counted on."""


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Only this test's requests are counted."""
    desk.control("DELETE", "/requests")
    return desk


def put_worker(desk: Desk, id_: str, **changes: Any) -> None:
    """Change one worker behind the bot's back."""
    state = desk.state()
    changed = state.instances[id_].model_copy(update=changes)
    desk.put(replace(state, instances={**state.instances, id_: changed}))


def run_of(desk: Desk, id_: str, *, started: bool = True, conclusion: str = "") -> int:
    """Give a worker that has claimed its task a run of its own on the hub, at work or ended."""
    held = desk.state().instances[id_].assignment
    assert held is not None
    desk.world.db.execute(f"DELETE FROM runs WHERE title = '{held.id}'")
    body = {"ref": "main", "inputs": {"assignment": held.id}, "return_run_details": True}
    where = f"/repos/{REPOSITORY}/actions/workflows/worker.yml/dispatches"
    run: int = desk.call(BOT, "POST", where, body)["workflow_run_id"]
    if started:
        desk.world.runs.start(run)
    if conclusion:
        desk.world.runs.finish(run, conclusion)
    if held.claimed_at:
        put_worker(desk, id_, assignment=held.model_copy(update={"run_id": run}))
    return run


def shown(desk: Desk, reply: str, run: int = 0) -> str:
    """A reply without the port and the run's id of this hub."""
    reply = reply.replace(desk.info.url, "https://github.example")
    return reply.replace(str(run), str(RUN)) if run else reply


def status_of(desk: Desk, run: int) -> tuple[str, str]:
    found = desk.call("ada", "GET", f"/repos/{REPOSITORY}/actions/runs/{run}")
    return found["status"], found["conclusion"] or ""


def states(desk: Desk, workflow: str) -> dict[str, str]:
    found = desk.state().instances.values()
    return {one.id: one.status.value for one in found if one.workflow.value == workflow}


# right


def test_instances(desk: Desk) -> None:
    assert desk.say("/instances") == snapshot("""\
11 workers: 1 idle, 10 busy.

| worker | workflow | state | load | last heartbeat | specialties | region | done | failed | utilisation |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `content-01` | content | idle | – | 35 min ago | documentation | – | 1 | 0 | 10% |
| `content-02` | content | busy | `recipe-book-2.marketing` for 35 min | – | marketing | – | 0 | 0 | 51% |
| `content-03` | content | busy | `recipe-book-2.social` for 35 min | – | social | – | 0 | 0 | 51% |
| `dev-01` | development | busy | `photo-sorter-1.part-1.tests` for 2 min | 2 min ago | tests | – | 3 | 0 | 32% |
| `dev-02` | development | busy | `photo-sorter-1.part-2.tests` for 2 min | 51 min ago | feature | – | 2 | 0 | 26% |
| `dev-03` | development | busy | `photo-sorter-1.part-3.tests` for 2 min | 47 min ago | review | – | 1 | 0 | 14% |
| `dev-04` | development | busy | `photo-sorter-1.part-5.tests` for 2 min | 39 min ago | deployment | – | 1 | 0 | 9% |
| `dev-05` | development | busy | `photo-sorter-1.part-4.tests` for 2 min | – | performance | – | 0 | 0 | 3% |
| `genesis-01` | genesis | busy | `bird-song-5.genesis` for 0 s | 22 min ago | large | – | 0 | 1 | 4% |
| `genesis-02` | genesis | busy | `tide-table-4.genesis` for 0 s | 0 s ago | standard | – | 2 | 1 | 25% |
| `genesis-03` | genesis | busy | `star-map-6.genesis` for 0 s | 16 min ago | quick | – | 0 | 1 | 4% |

Utilisation: the part of the last 24 h in which it held a task (attempts that ended, and its present one); for a younger worker, of the time since it was created.\
""")


def test_instances_of_one_workflow(desk: Desk) -> None:
    assert desk.say("/instances content", login="tim") == snapshot("""\
3 workers: 1 idle, 2 busy.

| worker | workflow | state | load | last heartbeat | specialties | region | done | failed | utilisation |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `content-01` | content | idle | – | 35 min ago | documentation | – | 1 | 0 | 10% |
| `content-02` | content | busy | `recipe-book-2.marketing` for 35 min | – | marketing | – | 0 | 0 | 51% |
| `content-03` | content | busy | `recipe-book-2.social` for 35 min | – | social | – | 0 | 0 | 51% |

Utilisation: the part of the last 24 h in which it held a task (attempts that ended, and its present one); for a younger worker, of the time since it was created.\
""")


def test_health_of_a_worker_at_work(desk: Desk) -> None:
    run = run_of(desk, "dev-01")
    assert shown(desk, desk.say("/health dev-01", login="tim"), run) == snapshot("""\
✅ `dev-01` (development) is well.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | 2 min ago (allowed: 5 min) | ✅ |
| lease | 1795435215 on `photo-sorter-1.part-1.tests`: claimed by run 9001; ends in 58 min | ✅ |
| run on GitHub | [run 9001](https://github.example/acme/factory/actions/runs/9001) is in progress | ✅ |
| error rate | 0 of 3 attempts failed in the last 24 h (0%, target: at most 5%) | ✅ |
| pace | 2 min at work; expected 8 min (median of 7 attempts), stuck from 30 min on, limit 1 h | ✅ |

Nothing needs to be done; `/instances development` shows it beside the others.\
""")


def test_a_run_at_work_stands_for_the_heartbeat(desk: Desk) -> None:
    run = run_of(desk, "dev-01")
    desk.wait(minutes=9)
    assert shown(desk, desk.say("/health dev-01"), run) == snapshot("""\
✅ `dev-01` (development) is well.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | 11 min ago, when its run claimed the task; until it reports, the run on GitHub stands for it | ✅ |
| lease | 1795435215 on `photo-sorter-1.part-1.tests`: claimed by run 9001; ends in 49 min | ✅ |
| run on GitHub | [run 9001](https://github.example/acme/factory/actions/runs/9001) is in progress | ✅ |
| error rate | 0 of 3 attempts failed in the last 24 h (0%, target: at most 5%) | ✅ |
| pace | 11 min at work; expected 8 min (median of 7 attempts), stuck from 30 min on, limit 1 h | ✅ |

Nothing needs to be done; `/instances development` shows it beside the others.\
""")


def test_health_of_a_worker_whose_run_has_ended_without_a_report(desk: Desk) -> None:
    run = run_of(desk, "dev-01", conclusion="failure")
    desk.wait(minutes=9)
    assert shown(desk, desk.say("/health dev-01"), run) == snapshot("""\
❌ `dev-01` (development) has failed.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | 11 min ago, allowed are 5 min | ❌ |
| lease | 1795435215 on `photo-sorter-1.part-1.tests`: claimed by run 9001; ends in 49 min | ✅ |
| run on GitHub | [run 9001](https://github.example/acme/factory/actions/runs/9001) has ended (failure), but the lease is still open | ❌ |
| error rate | 0 of 3 attempts failed in the last 24 h (0%, target: at most 5%) | ✅ |
| pace | 11 min at work; expected 8 min (median of 7 attempts), stuck from 30 min on, limit 1 h | ✅ |

`/restart dev-01` starts it anew. Its task goes to the front of the queue, and the attempt does not count.\
""")


def test_health_of_a_worker_whose_run_github_does_not_show(desk: Desk) -> None:
    desk.wait(minutes=9)
    assert desk.say("/health dev-02") == snapshot("""\
⚠️ `dev-02` (development) is to be watched.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | none expected, no run of it is at work; last 1 h ago | ✅ |
| lease | 1795435216 on `photo-sorter-1.part-2.tests`: not claimed, 11 min after it was given; ends in 49 min | ⚠️ |
| run on GitHub | GitHub shows none of this name yet | ⚠️ |
| error rate | 0 of 2 attempts failed in the last 24 h (0%, target: at most 5%) | ✅ |
| pace | not begun | ✅ |

Ask again with `/health dev-02`; if you do not want to wait, `/restart dev-02`.\
""")


def test_health_when_github_does_not_tell(desk: Desk) -> None:
    with desk.faults("GET */actions/* status=403 times=1"):
        assert desk.say("/health dev-01") == snapshot("""\
⚠️ `dev-01` (development) is to be watched.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | 2 min ago (allowed: 5 min) | ✅ |
| lease | 1795435215 on `photo-sorter-1.part-1.tests`: claimed by run 5215; ends in 58 min | ✅ |
| run on GitHub | GitHub did not tell | ⚠️ |
| error rate | 0 of 3 attempts failed in the last 24 h (0%, target: at most 5%) | ✅ |
| pace | 2 min at work; expected 8 min (median of 7 attempts), stuck from 30 min on, limit 1 h | ✅ |

Ask again with `/health dev-01`; if you do not want to wait, `/restart dev-01`.\
""")


def test_health_of_an_idle_worker(desk: Desk) -> None:
    assert desk.say("/health content-01") == snapshot("""\
✅ `content-01` (content) is well.

| check | found | verdict |
| --- | --- | --- |
| status | idle for 28 min | ✅ |
| heartbeat | none expected, no run of it is at work; last 35 min ago | ✅ |
| lease | holds none | ✅ |
| run on GitHub | none expected, it holds no task | ✅ |
| error rate | 0 of 1 attempt failed in the last 24 h (0%, target: at most 5%) | ✅ |
| pace | no task | ✅ |

Nothing needs to be done; `/instances content` shows it beside the others.\
""")


def test_health_of_a_worker_that_failed_often(desk: Desk) -> None:
    assert shown(desk, desk.say("/health genesis-02")) == snapshot("""\
⚠️ `genesis-02` (genesis) is to be watched.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | 0 s ago (allowed: 5 min) | ✅ |
| lease | 1795435220 on `tide-table-4.genesis`: claimed by run 5220; ends in 1 h | ✅ |
| run on GitHub | [run 5220](https://github.example/acme/factory/actions/runs/5220) is in progress | ✅ |
| error rate | 1 of 3 attempts failed in the last 24 h (33%, target: at most 5%) | ⚠️ |
| pace | 0 s at work; expected 15 min (as configured), stuck from 30 min on, limit 1 h | ✅ |

`/queues` shows what failed, in the review queue, with the reason.\
""")


def test_health_check(desk: Desk) -> None:
    run = run_of(desk, "dev-01", conclusion="timed_out")
    put_worker(desk, "content-01", status=WorkerStatus.OFFLINE, idle_since=None)
    assert shown(desk, desk.say("/health-check all", login="tim"), run) == snapshot("""\
11 workers: 2 failed, 5 to watch, 4 well.

|  | worker | state | found |
| --- | --- | --- | --- |
| ❌ | `content-01` | offline | status: offline |
| ❌ | `dev-01` | busy | run on GitHub: [run 9001](https://github.example/acme/factory/actions/runs/9001) has ended (timed out), but the lease is still open |
| ⚠️ | `content-02` | busy | lease: 1795435209 on `recipe-book-2.marketing`: not claimed, 35 min after it was given; ends in 25 min; run on GitHub: GitHub shows none of this name yet |
| ⚠️ | `content-03` | busy | lease: 1795435210 on `recipe-book-2.social`: not claimed, 35 min after it was given; ends in 25 min; run on GitHub: GitHub shows none of this name yet |
| ⚠️ | `genesis-01` | busy | error rate: 1 of 1 attempt failed in the last 24 h (100%, target: at most 5%) |
| ⚠️ | `genesis-02` | busy | error rate: 1 of 3 attempts failed in the last 24 h (33%, target: at most 5%) |
| ⚠️ | `genesis-03` | busy | error rate: 1 of 1 attempt failed in the last 24 h (100%, target: at most 5%) |
| ✅ | `dev-02` | busy | `photo-sorter-1.part-2.tests`, not begun |
| ✅ | `dev-03` | busy | `photo-sorter-1.part-3.tests`, not begun |
| ✅ | `dev-04` | busy | `photo-sorter-1.part-5.tests`, not begun |
| ✅ | `dev-05` | busy | `photo-sorter-1.part-4.tests`, not begun |

`/restart-failed-instances` restarts those that have failed; their tasks are kept.\
""")


def test_health_check_of_one_workflow(desk: Desk) -> None:
    assert desk.say("/health-check content") == snapshot("""\
3 workers: 2 to watch, 1 well.

|  | worker | state | found |
| --- | --- | --- | --- |
| ⚠️ | `content-02` | busy | lease: 1795435209 on `recipe-book-2.marketing`: not claimed, 35 min after it was given; ends in 25 min; run on GitHub: GitHub shows none of this name yet |
| ⚠️ | `content-03` | busy | lease: 1795435210 on `recipe-book-2.social`: not claimed, 35 min after it was given; ends in 25 min; run on GitHub: GitHub shows none of this name yet |
| ✅ | `content-01` | idle | idle for 28 min |

`/health content-02` shows one in full.\
""")


def test_restart(desk: Desk) -> None:
    run = run_of(desk, "dev-01", started=False)
    assert shown(desk, desk.say("/restart dev-01"), run) == snapshot("""\
`dev-01` is started anew (it was busy).

Run 9001 is being cancelled, and lease 1795435215 is void: what it still reports changes nothing. Its task `photo-sorter-1.part-1.tests` went to `dev-01`; the attempt does not count.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert cancels(desk) == [run]
    assert status_of(desk, run) == ("completed", "cancelled")
    task = desk.state().projects["photo-sorter-1"].task("photo-sorter-1.part-1.tests")
    assert task is not None
    assert (task.status, task.attempt) == (TaskStatus.ASSIGNED, 1)
    for _ in range(3):
        desk.wait(minutes=3)
        desk.tick()
    assert cancels(desk) == [run]
    assert not [entry for entry in desk.state().outbox.entries if entry.effect.kind == "cancel"]


def cancels(desk: Desk) -> list[int]:
    """The runs that the bot has asked the hub to cancel, in order."""
    asked = [line.split("/") for line in desk.since(0).api if line.endswith("/cancel")]
    return [int(parts[-2]) for parts in asked]


def test_the_report_of_a_cancelled_run_changes_nothing(desk: Desk) -> None:
    run = run_of(desk, "dev-01", started=False)
    held = desk.state().instances["dev-01"].assignment
    assert held is not None
    desk.say("/restart dev-01")
    before = desk.state()
    late = WorkReported(
        task=held.task, lease=held.lease, run_id=run, run_attempt=1, at=desk.moment.now, ok=False
    )
    assert same(before, settled(before, late, at=desk.moment.now).state)


def test_restart_of_an_idle_worker(desk: Desk) -> None:
    assert desk.say("/restart content-01") == snapshot("""\
`content-01` is idle and holds no task: there is nothing to restart. `/health content-01` shows more.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_restart_of_a_worker_whose_run_has_not_claimed(desk: Desk) -> None:
    assert desk.say("/restart genesis-01") == snapshot("""\
`genesis-01` is started anew (it was busy).

Its run, if there is one, is cancelled, and lease 1795435221 is void: what it still reports changes nothing. Its task `bird-song-5.genesis` went to `genesis-01`; the attempt does not count.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_restart_of_a_stopped_worker(desk: Desk) -> None:
    desk.say("/scale-down content")
    assert desk.say("/restart content-01") == snapshot("""\
`content-01` is started anew (it was stopped). It is idle, ready for the next task.

It held no task.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 10 busy, 1 stopped</sub>\
""")


def test_restart_of_a_stopped_worker_where_there_is_no_room(desk: Desk) -> None:
    state = desk.state()
    fourth = state.instances["content-01"].model_copy(update={"id": "content-04"})
    desk.put(replace(state, instances={**state.instances, "content-04": fourth}))
    put_worker(desk, "content-01", status=WorkerStatus.STOPPED, idle_since=None)
    assert desk.say("/restart content-01") == snapshot(
        "Not run: `content-01` is stopped, and content has as many workers as its limit of 3 allows. `/emergency-scale-up content` allows more for a while; for good, raise `pools.content.maximum` in `.github/orchestrator.yml`."
    )


def test_restart_of_failed_instances(desk: Desk) -> None:
    run = run_of(desk, "dev-01", conclusion="failure")
    put_worker(desk, "content-01", status=WorkerStatus.OFFLINE, idle_since=None)
    assert shown(desk, desk.say("/restart-failed-instances"), run) == snapshot("""\
2 of 11 workers had failed and are restarted.

| worker | evidence | now | its task |
| --- | --- | --- | --- |
| `content-01` | status: offline | idle | held none |
| `dev-01` | run on GitHub: [run 9001](https://github.example/acme/factory/actions/runs/9001) has ended (failure), but the lease is still open | busy | `photo-sorter-1.part-1.tests` went to `dev-01` |

Their runs are cancelled, their leases are void, and no attempt counts. `/health-check all` looks again.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 10 busy, 1 offline</sub>\
""")


def test_restart_of_failed_instances_where_nothing_has_failed(desk: Desk) -> None:
    run_of(desk, "dev-01")
    assert desk.say("/restart-failed-instances") == snapshot("""\
Nothing has failed, so nothing was restarted. 11 workers: 5 to watch, 6 well.

The longest at work is `dev-01`: 2 min at work; expected 8 min (median of 7 attempts), stuck from 30 min on, limit 1 h. `/health-check all` shows each of them.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_scale_up_of_a_pool_that_is_full(desk: Desk) -> None:
    assert desk.say("/scale-up genesis") == snapshot(
        "Not run: genesis has 3 workers. The maximum is 3. `/emergency-scale-up genesis` allows 6 for 2 h; for good, raise `pools.genesis.maximum` in `.github/orchestrator.yml`."
    )


def test_scale_down(desk: Desk) -> None:
    assert desk.say("/scale-down content") == snapshot("""\
**content**: from 3 to 2 workers (limits 2 to 3).

- `content-01` is stopped.

`/scale-up content` lets it take work again.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert states(desk, "content")["content-01"] == "stopped"


def test_scale_down_of_busy_workers(desk: Desk) -> None:
    assert desk.say("/scale-down development 2") == snapshot(
        "Not run: development has 5 workers. All of them hold a task (`dev-01`, `dev-02`, `dev-03`, `dev-04`, `dev-05`): `/scale-down development 2 --drain` lets 2 of them finish it and stop then."
    )


def test_scale_down_with_drain(desk: Desk) -> None:
    assert desk.say("/scale-down development 3 --drain") == snapshot("""\
**development**: 2 of 3: from 5 to 3 workers (limits 3 to 5).

- `dev-05` finishes `photo-sorter-1.part-4.tests`, then stops.
- `dev-04` finishes `photo-sorter-1.part-5.tests`, then stops.

`/scale-up development` lets them take work again. The minimum is 3; to allow fewer, lower `pools.development.minimum` in `.github/orchestrator.yml`.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_scale_down_below_the_minimum(desk: Desk) -> None:
    desk.say("/scale-down content")
    assert desk.say("/scale-down content --drain") == snapshot(
        "Not run: content has 2 workers. The minimum is 2; to allow fewer, lower `pools.content.minimum` in `.github/orchestrator.yml`."
    )


def test_scale_up(desk: Desk) -> None:
    desk.say("/scale-down development 2 --drain\n/scale-down content")
    assert desk.say("/scale-up development 3") == snapshot("""\
**development**: 2 of 3: from 3 to 5 workers (limits 3 to 5).

- `dev-04` was to stop after its task, and goes on.
- `dev-05` was to stop after its task, and goes on.

The maximum is 5. `/emergency-scale-up development` allows 10 for 2 h; for good, raise `pools.development.maximum` in `.github/orchestrator.yml`.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 8 busy, 2 draining, 1 stopped</sub>\
""")
    assert desk.say("/scale-up content") == snapshot("""\
**content**: from 2 to 3 workers (limits 2 to 3).

- `content-01` takes work again.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 10 busy, 1 stopped</sub>\
""")


def test_emergency_scale_up(desk: Desk) -> None:
    assert desk.say("/emergency-scale-up all") == snapshot("""\
| workflow | workers | emergency limit | ends | which |
| --- | --- | --- | --- | --- |
| genesis | 3 → 6 | 6 | 2026-11-23 15:09 UTC (in 2 h) | `genesis-04`, `genesis-05`, `genesis-06` |
| development | 5 → 10 | 10 | 2026-11-23 15:09 UTC (in 2 h) | `dev-06`, `dev-07`, `dev-08`, `dev-09`, `dev-10` |
| content | 3 → 6 | 6 | 2026-11-23 15:09 UTC (in 2 h) | `content-04`, `content-05`, `content-06` |

Then what is above the usual maximum goes again: idle workers stop, busy ones finish their task first. The same command extends it; `/scale-down <workflow>` takes workers away sooner.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/scale-up genesis") == snapshot(
        "Not run: genesis has 6 workers. The emergency's limit is 6, until 2026-11-23 15:09 UTC; to allow more, raise `pools.genesis.emergency` in `.github/orchestrator.yml`."
    )


def test_an_emergency_is_extended_and_ends(desk: Desk) -> None:
    desk.say("/emergency-scale-up content")
    desk.wait(minutes=20)
    assert desk.say("/emergency-scale-up content --for 3h") == snapshot("""\
An emergency held already for content: it is extended.

| workflow | workers | emergency limit | ends | which |
| --- | --- | --- | --- | --- |
| content | 6 | 6 | 2026-11-23 16:29 UTC (in 3 h), was 2026-11-23 15:09 UTC | nobody new: it has them all |

Then what is above the usual maximum goes again: idle workers stop, busy ones finish their task first. The same command extends it; `/scale-down <workflow>` takes workers away sooner.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 14 workers: 4 idle, 10 busy</sub>\
""")
    assert desk.say("/emergency-scale-up content --for 1h30m") == snapshot("""\
An emergency holds already for content, for longer than that: its end stays.

| workflow | workers | emergency limit | ends | which |
| --- | --- | --- | --- | --- |
| content | 6 | 6 | 2026-11-23 16:29 UTC (in 3 h) | nobody new: it has them all |

Then what is above the usual maximum goes again: idle workers stop, busy ones finish their task first. The same command extends it; `/scale-down <workflow>` takes workers away sooner.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 14 workers: 4 idle, 10 busy</sub>\
""")
    desk.wait(hours=3)
    desk.tick()
    assert desk.state().controls.emergency == ()
    assert states(desk, "content") == snapshot(
        {
            "content-01": "idle",
            "content-02": "idle",
            "content-03": "idle",
            "content-04": "stopped",
            "content-05": "stopped",
            "content-06": "stopped",
        }
    )


# wrong

WRONG = [
    (
        "/instances design",
        snapshot("""\
Not run: given `design`, expected one of genesis, development, content.

Usage: `/instances [genesis|development|content]`
For example: `/instances`\
"""),
    ),
    (
        "/health",
        snapshot("""\
Not run: given nothing, expected worker-id: a worker's id, or its beginning.

Usage: `/health worker-id`
For example: `/health dev-01`\
"""),
    ),
    (
        "/health dev-01 now",
        snapshot("""\
Not run: given `now`, expected at most 1 argument.

Usage: `/health worker-id`
For example: `/health dev-01`\
"""),
    ),
    (
        "/health dev-9",
        snapshot(
            "Not run: there is no worker `dev-9`. Did you mean `dev-05`, `dev-04` or `dev-03`? `/instances` lists the workers."
        ),
    ),
    (
        "/health dev",
        snapshot(
            "Not run: 5 workers begin with `dev`: `dev-01`, `dev-02`, `dev-03`, `dev-04`, `dev-05`. Write enough of the id to mean one."
        ),
    ),
    (
        "/health-check everything",
        snapshot("""\
Not run: given `everything`, expected one of all, genesis, development, content.

Usage: `/health-check [all|genesis|development|content]`
For example: `/health-check all`\
"""),
    ),
    (
        "/restart",
        snapshot("""\
Not run: given nothing, expected worker-id: a worker's id, or its beginning.

Usage: `/restart worker-id`
For example: `/restart dev-01`\
"""),
    ),
    (
        "/restart dev-01 dev-02",
        snapshot("""\
Not run: given `dev-02`, expected at most 1 argument.

Usage: `/restart worker-id`
For example: `/restart dev-01`\
"""),
    ),
    (
        "/restart genesis-1",
        snapshot(
            "Not run: there is no worker `genesis-1`. Did you mean `genesis-01`, `genesis-03` or `genesis-02`? `/instances` lists the workers."
        ),
    ),
    (
        "/restart-failed-instances all",
        snapshot("""\
Not run: given `all`, expected no arguments.

Usage: `/restart-failed-instances`
For example: `/restart-failed-instances`\
"""),
    ),
    (
        "/scale-up",
        snapshot("""\
Not run: given nothing, expected workflow: whose workers.

Usage: `/scale-up genesis|development|content [n]`
For example: `/scale-up genesis`\
"""),
    ),
    (
        "/scale-up design",
        snapshot("""\
Not run: given `design`, expected one of genesis, development, content.

Usage: `/scale-up genesis|development|content [n]`
For example: `/scale-up genesis`\
"""),
    ),
    (
        "/scale-up genesis many",
        snapshot("""\
Not run: given `many`, expected n: a whole number from 1 to 100.

Usage: `/scale-up genesis|development|content [n]`
For example: `/scale-up genesis`\
"""),
    ),
    (
        "/scale-up genesis 0",
        snapshot("""\
Not run: given `0`, expected n: a whole number from 1 to 100.

Usage: `/scale-up genesis|development|content [n]`
For example: `/scale-up genesis`\
"""),
    ),
    (
        "/scale-down",
        snapshot("""\
Not run: given nothing, expected workflow: whose workers.

Usage: `/scale-down genesis|development|content [n] [--drain]`
For example: `/scale-down development`\
"""),
    ),
    (
        "/scale-down content 1 --force",
        snapshot("""\
Not run: given `--force`, expected --drain.

Usage: `/scale-down genesis|development|content [n] [--drain]`
For example: `/scale-down development`\
"""),
    ),
    (
        "/emergency-scale-up",
        snapshot("""\
Not run: given nothing, expected scope: one workflow, or all of them.

Usage: `/emergency-scale-up all|genesis|development|content [--for TIME]`
For example: `/emergency-scale-up all`\
"""),
    ),
    (
        "/emergency-scale-up design",
        snapshot("""\
Not run: given `design`, expected one of all, genesis, development, content.

Usage: `/emergency-scale-up all|genesis|development|content [--for TIME]`
For example: `/emergency-scale-up all`\
"""),
    ),
    (
        "/emergency-scale-up all --for soon",
        snapshot("""\
Not run: given `soon`, expected --for: a duration of up to a year, for example 2h, 90m, 1d or 1h30m.

Usage: `/emergency-scale-up all|genesis|development|content [--for TIME]`
For example: `/emergency-scale-up all`\
"""),
    ),
    (
        "/emergency-scale-up all --for 3d",
        snapshot(
            "Not run: an emergency holds for at most 24 h, given 3 d. Ask for less, and post it again before it ends; for good, raise `pools.<workflow>.maximum` in `.github/orchestrator.yml`."
        ),
    ),
    (
        "/scaleup genesis",
        snapshot("There is no command `/scaleup`. Did you mean `/scale-up`? `/help` lists all commands."),
    ),
    (
        "/health all",
        snapshot("Not run: `all` is no worker's id. For several workers, there is `/health-check all`."),
    ),
    (
        "/health content",
        snapshot(
            "Not run: `content` is no worker's id. For several workers, there is `/health-check content`."
        ),
    ),
    (
        "/restart failed",
        snapshot(
            "Not run: `failed` is no worker's id. For several workers, there is `/restart-failed-instances`."
        ),
    ),
    (
        "/health check",
        snapshot("Not run: `check` is no worker's id. For several workers, there is `/health-check all`."),
    ),
]


@pytest.mark.parametrize(("typed", "reply"), WRONG, ids=[typed for typed, _ in WRONG])
def test_what_cannot_be_run_says_so_and_changes_nothing(desk: Desk, typed: str, reply: str) -> None:
    before = desk.state()
    assert desk.say(typed) == reply
    assert same(before, desk.state())


def same(left: State, right: State) -> bool:
    return (left.instances, left.projects, left.queues, left.controls, left.journal) == (
        right.instances,
        right.projects,
        right.queues,
        right.controls,
        right.journal,
    )


READING = ["/instances", "/health dev-01", "/health-check all"]
WORKING = [
    "/restart dev-01",
    "/restart-failed-instances",
    "/scale-up content",
    "/scale-down content",
    "/emergency-scale-up all",
]


@pytest.mark.parametrize("typed", WORKING)
def test_a_role_that_only_reads_changes_nothing(desk: Desk, typed: str) -> None:
    before = desk.state()
    name = typed.split()[0]
    assert desk.say(typed, login="tim").startswith(f"Not run: `{name}` needs the role **write**")
    assert same(before, desk.state())


@pytest.mark.parametrize("typed", READING + WORKING)
def test_who_may_give_no_command_gets_no_reply(desk: Desk, typed: str) -> None:
    before = desk.state()
    assert desk.answers(desk.post(typed, login="rita")) == []
    assert same(before, desk.state())


@pytest.mark.parametrize("typed", READING + WORKING)
def test_a_command_that_is_delivered_twice_is_run_once(desk: Desk, typed: str) -> None:
    run_of(desk, "dev-01", conclusion="failure")
    payload = desk.post(typed)
    commits, state, asked = desk.commits(), desk.state(), len(cancels(desk))
    desk.handle(payload)
    assert len(desk.answers(payload)) == 1
    assert (desk.commits(), len(cancels(desk))) == (commits, asked)
    assert same(state, desk.state())
