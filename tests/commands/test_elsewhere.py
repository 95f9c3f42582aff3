"""What is said about workers on machines of their own, decided without a hub."""

from __future__ import annotations

from inline_snapshot import snapshot

from bot.decide import decide
from bot.domain import invariants
from bot.domain.beats import Phase
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.effects import StartProcess
from bot.domain.external import External
from bot.domain.state import State
from bot.domain.vocabulary import WorkerStatus, Workflow
from bot.policies.fleet.scaling import scale_down
from tests.core.processes import alone, beat, claim, report
from tests.core.worlds import assignments, begun, comment, later, replies, settled


def at_work(config: Config | None = None) -> State:
    """``far-01`` with two slots; the first has claimed a task, and ``far-02`` is idle."""
    first = beat(slots=2, specialties=("standard",), region="eu")
    state = settled(settled(begun(alone(config)), first).state, comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    return settled(state, claim(held), beat("far-02", seconds=10)).state


def said(state: State, body: str, seconds: float = 20) -> str:
    """The reply to a command, without the line on what it acted on."""
    (only,) = replies(settled(state, comment(9, body, at=later(seconds))))
    return only.partition("\n\n<sub>")[0]


def silent(config: Config | None = None) -> State:
    """``far-01`` was taken for dead at 6 min; ``far-02`` is heard of."""
    state = at_work(config)
    for number, second in enumerate((120, 240, 360), 2):
        state = decide(state, [beat("far-02", number, second)], later(second)).state
    invariants.check(state)
    assert state.instances["far-01"].status is WorkerStatus.OFFLINE
    return state


STARTING = Config(external=External(restart_workflow="start.yml"))


def test_health_of_one_at_work() -> None:
    assert said(at_work(), "/health far-01") == snapshot("""\
✅ `far-01` (genesis) is well.

| check | found | verdict |
| --- | --- | --- |
| status | busy | ✅ |
| heartbeat | 10 s ago (allowed: 5 min) | ✅ |
| lease | 1795435200 on `a-page-1.genesis`: claimed by its process; ends in 59 min | ✅ |
| run on GitHub | none expected, it works on a machine of its own | ✅ |
| error rate | no attempt ended in the last 24 h | ✅ |
| pace | 10 s at work, got on 10 s ago; expected 15 min (as configured), stuck after 30 min without progress, limit 1 h | ✅ |

Nothing needs to be done; `/instances genesis` shows it beside the others.\
""")


def test_health_of_one_that_is_silent() -> None:
    assert said(silent(), "/health far-01", 400) == snapshot("""\
❌ `far-01` (genesis) has failed.

| check | found | verdict |
| --- | --- | --- |
| status | offline | ❌ |
| heartbeat | 6 min ago, allowed are 5 min | ❌ |
| lease | holds none | ✅ |
| run on GitHub | none expected, it holds no task | ✅ |
| error rate | 1 of 1 attempt failed in the last 24 h (100%, target: at most 5%) | ⚠️ |
| pace | no task | ✅ |

It is started on its machine: `orchestrator worker --id far-01 --workflow genesis --specialty standard --region eu --slots 2`.\
""")


def test_health_check_and_the_list() -> None:
    assert said(silent(), "/health-check genesis", 400) == snapshot("""\
3 workers: 2 failed, 1 well. GitHub did not tell of their runs.

|  | worker | state | found |
| --- | --- | --- | --- |
| ❌ | `far-01` | offline | status: offline; heartbeat: 6 min ago, allowed are 5 min |
| ❌ | `far-01-2` | offline | status: offline; heartbeat: 6 min ago, allowed are 5 min |
| ✅ | `far-02` | busy | `a-page-1.genesis`, not begun |

`/health far-01` says how it is started on its machine.\
""")
    assert said(silent(), "/instances genesis", 400) == snapshot("""\
3 workers: 1 busy, 2 offline.

| worker | workflow | state | load | last heartbeat | specialties | region | done | failed | utilisation |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `far-01` | genesis | offline (own machine) | – | 6 min ago | standard | eu | 0 | 1 | 90% |
| `far-01-2` | genesis | offline (own machine) | – | 6 min ago | standard | eu | 0 | 0 | 0% |
| `far-02` | genesis | busy (own machine) | `a-page-1.genesis` for 40 s | 40 s ago | any | – | 0 | 0 | 10% |

Utilisation: the part of the last 24 h in which it held a task (attempts that ended, and its present one); for a younger worker, of the time since it was created.\
""")


def test_restart_of_a_live_one_takes_its_task_back_and_lets_it_go_on() -> None:
    state = at_work()
    (held,) = assignments(state)
    decision = settled(state, comment(9, "/restart far-01", at=later(20)))
    (again,) = assignments(decision.state)
    assert again.lease > held.lease
    assert decision.state.projects["a-page-1"].tasks[0].attempt == 1
    late = settled(decision.state, report(held, seconds=30)).state
    assert late.projects == decision.state.projects
    assert said(state, "/restart far-01") == snapshot("""\
`far-01` works on a machine of its own and goes on there (it was busy). It is idle, ready for the next task.

Lease 1795435200 is void: its process stops that work when it sees so, and what it still reports changes nothing. Its task `a-page-1.genesis` went to `far-01-2`; the attempt does not count.\
""")


def test_restart_of_one_that_only_its_machine_can_start() -> None:
    assert said(silent(), "/restart far-01", 400) == snapshot(
        "Not run: `far-01` is offline and works on a machine of its own; it is started there: `orchestrator worker --id far-01 --workflow genesis --specialty standard --region eu --slots 2`. The key `external.restart_workflow` in `.github/orchestrator.yml` may name a workflow that does it from here."
    )
    left = settled(at_work(), beat("far-02", 2, 20, phase=Phase.GONE)).state
    assert said(left, "/restart far-02", 30) == snapshot(
        "Not run: `far-02` is stopped and works on a machine of its own; it is started there: `orchestrator worker --id far-02 --workflow genesis`. The key `external.restart_workflow` in `.github/orchestrator.yml` may name a workflow that does it from here."
    )


def test_restart_where_a_workflow_starts_processes() -> None:
    state = silent(STARTING)
    decision = settled(state, comment(9, "/restart far-01", at=later(400)))
    asked = [entry.effect for entry in decision.effects if isinstance(entry.effect, StartProcess)]
    assert asked == [StartProcess(process="far-01", workflow="start.yml")]
    pending = [one for one in decision.state.outbox.entries if isinstance(one.effect, StartProcess)]
    assert len(pending) == 1, "the one before it is not asked for any more"
    assert said(state, "/restart far-01", 400) == snapshot("""\
`far-01` works on a machine of its own and is silent: `start.yml` is dispatched to start its process.

It held no task.\
""")


def test_restart_of_one_that_drains() -> None:
    state = settled(at_work(), beat(slots=2, number=2, seconds=15, phase=Phase.DRAINING)).state
    assert said(state, "/restart far-01") == snapshot("""\
`far-01` was draining, and is stopped now: its process takes nothing more.

Lease 1795435200 is void: its process stops that work when it sees so, and what it still reports changes nothing. Its task `a-page-1.genesis` went to `far-02`; the attempt does not count.\
""")


def test_restart_of_those_that_have_failed() -> None:
    assert said(silent(), "/restart-failed-instances", 400) == snapshot("""\
2 of 11 workers had failed; only on a machine of its own can each be started. GitHub did not tell of their runs.

| worker | evidence | now | its task |
| --- | --- | --- | --- |
| `far-01` | status: offline; heartbeat: 6 min ago, allowed are 5 min | offline: start it on its machine | held none |
| `far-01-2` | status: offline; heartbeat: 6 min ago, allowed are 5 min | offline: start it on its machine | held none |

Their runs are cancelled, their leases are void, and no attempt counts. `/health-check all` looks again.\
""")
    assert said(silent(STARTING), "/restart-failed-instances", 400) == snapshot("""\
2 of 11 workers had failed and are restarted. GitHub did not tell of their runs.

| worker | evidence | now | its task |
| --- | --- | --- | --- |
| `far-01` | status: offline; heartbeat: 6 min ago, allowed are 5 min | offline: `start.yml` starts it | held none |
| `far-01-2` | status: offline; heartbeat: 6 min ago, allowed are 5 min | offline: `start.yml` starts it | held none |

Their runs are cancelled, their leases are void, and no attempt counts. `/health-check all` looks again.\
""")


def test_scale_down_by_a_person_may_stop_one() -> None:
    state = at_work()
    decision = settled(state, comment(9, "/scale-down genesis 3 --drain", at=later(20)))
    found = {one.id: one.status.value for one in decision.state.instances.values() if one.process}
    assert found == {"far-01": "draining", "far-01-2": "stopped", "far-02": "stopped"}
    beats = settled(decision.state, beat(slots=2, number=2, seconds=60)).state
    assert beats.instances["far-01-2"].status is WorkerStatus.STOPPED, "its beats do not start it again"
    assert said(state, "/scale-down genesis 3 --drain") == snapshot("""\
**genesis**: from 3 to 0 workers (limits 0 to 3).

- `far-02` is stopped.
- `far-01-2` is stopped.
- `far-01` finishes `a-page-1.genesis`, then stops.

`far-01`, `far-01-2`, `far-02` are on machines of their own, and are started again there alone.\
""")


def test_a_rule_stops_none_of_them() -> None:
    draft = Draft(at_work(), later(20))
    done = scale_down(draft, Workflow.GENESIS, 3, "", drain=True)
    assert (done.stopped, done.draining, done.after) == ((), (), 3)


def test_scale_up_starts_none_of_them() -> None:
    state = settled(at_work(), comment(8, "/scale-down genesis 3 --drain", at=later(20))).state
    assert said(state, "/scale-up genesis", 30) == snapshot("""\
**genesis**: from 0 to 1 worker (limits 0 to 3).

- `genesis-01` is new, for any task.\
""")


def test_the_end_of_an_emergency_stops_none_of_them() -> None:
    state = settled(at_work(), comment(9, "/emergency-scale-up genesis --for 5m", at=later(20))).state
    assert sum(one.kind == "actions" for one in state.instances.values() if one.workflow == "genesis") == 3
    alive = [beat("far-01", 2, 310, slots=2), beat("far-02", 2, 310)]
    over = decide(state, alive, later(330)).state
    stopped = [one.id for one in over.instances.values() if one.status is WorkerStatus.STOPPED]
    assert len(stopped) == 3
    assert not any(over.instances[id_].process for id_ in stopped)


def test_assigning_to_one_that_is_not_there() -> None:
    state = settled(silent(), comment(8, "/dispatch-genesis Another", issue=2, at=later(380))).state
    assert said(state, "/assign genesis another-2 far-01", 400) == snapshot(
        "Not assigned: `far-01` is offline. `/health far-01` says how it is started on its machine. Genesis workers that are up: `far-02`."
    )


def test_the_status_names_those_that_are_silent() -> None:
    (line,) = [one for one in said(silent(STARTING), "/status", 400).split("\n") if "🟠" in one]
    assert line == snapshot(
        "🟠 **2 workers on machines of their own offline.** `/health <worker-id>` says how one is started there."
    )


def test_a_stop_says_that_the_process_ends_the_work() -> None:
    assert said(at_work(), "/emergency-stop a-page-1") == snapshot("""\
**A page** (`a-page-1`) is stopped: no new work from now on.

- 1 task taken back, and its run is being cancelled: `a-page-1.genesis` on `far-01` (on a machine of its own, which ends it once it sees that).
- Nothing of it took effect after you asked (2026-11-23 12:00 UTC).
- You will be told in its thread when GitHub shows that every run has ended, with everything that still took effect until then.
- `/resume a-page-1` lets it go on from here; `/discard a-page-1` drops it.\
""")
