"""What the guards do by themselves, as people read it: budgets, breakers, triage, slow workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from inline_snapshot import snapshot

from bot.domain.config import Attempts, Config, Queueing
from bot.domain.guards import Breaker, Budgets
from bot.domain.pools import Pool, Pools, Worker
from tests.commands.desk import Desk
from tests.commands.fleet import Days
from tests.core.test_degradation import days as slow_days
from tests.core.test_degradation import task_of
from tests.core.test_overload import filed, overflowing

ONE = Pools(genesis=Pool(roster=(Worker(id="genesis-01"),), minimum=1, maximum=1, expected_minutes=15))


def world(**changes: Any) -> Days:
    values: dict[str, Any] = {"pools": ONE, "attempts": Attempts(limit=20, backoff_seconds=0)} | changes
    return Days(Config(**values))


def ask(days: Days, *levels: str) -> None:
    for number, level in enumerate(levels, 1):
        days.say(f"/dispatch-genesis Idea {number} --priority {level}", issue=number)


def failing(days: Days, times: int, task: str = "idea-1-1.genesis") -> None:
    for _ in range(times):
        days.fail(task, minutes=1)


def head(reply: str, lines: int) -> str:
    return "\n".join(reply.splitlines()[:lines])


def told(status: str) -> str:
    """The first line of the status, and what is in force."""
    first, *others = status.splitlines()
    return "\n".join([first, *(line for line in others if line.startswith(("- **", "**Bottleneck")))])


# budgets


def spent() -> Days:
    """The day's money is gone; one task waits."""
    days = world(budgets=Budgets(spend_per_day=5))
    ask(days, "normal", "normal")
    days.claim("idea-1-1.genesis")
    days.report("idea-1-1.genesis", ok=False, summary="it broke", spend=5.5)
    return days


def test_status_says_which_budget_is_used_up_and_when_it_frees(desk: Desk) -> None:
    desk.put(spent().state)
    assert told(desk.say("/status")) == snapshot("""\
🟠 **Warning alert: agents have cost $5.50 today, and the budget for a day is $5.00.** Nothing new starts before midnight UTC; what runs goes on. To allow more: /approve budget for as much again today, or raise budgets.spend\\_per\\_day in .github/orchestrator.yml. Also: a budget holds 2 genesis tasks back (the list below says which and when it frees).
- **Budget used up:** $5.50 of $5.00 spent today (UTC). Nothing new starts; it frees at 2026-11-24 00:00 UTC, in 12 h. `/approve budget` allows as much again today, `budgets.spend_per_day` in `.github/orchestrator.yml` allows more.
**Bottleneck:** genesis, because a budget holds all of its waiting tasks back (2 tasks).\
""")


def test_why_and_queues_and_forecast_of_a_task_that_a_budget_holds(desk: Desk) -> None:
    desk.put(spent().state)
    assert desk.say("/why idea-2-2.genesis") == snapshot("""\
**`idea-2-2.genesis`** (Idea 2): queued, place 2: a budget is used up: $5.50 of $5.00 spent today (UTC); it frees at 2026-11-24 00:00 UTC, in 12 h.

Ahead of it: `idea-1-1.genesis`.

What would change it:

- `/approve budget` allows as much again today, `budgets.spend_per_day` in `.github/orchestrator.yml` allows more\
""")
    assert head(desk.say("/queues genesis"), 5) == snapshot("""\
**genesis** · 2 waiting · **budget used up:** $5.50 of $5.00 spent today (UTC) · a task takes about 15 min (assumed until enough are done)

|  | task | priority | waiting | attempts | specialty | expected start |
| --- | --- | --- | --- | --- | --- | --- |
| 1 | `idea-1-1.genesis` | normal | 0 s | 1 | standard | held by a budget |\
""")
    assert head(desk.say("/forecast"), 1) == snapshot(
        "**`idea-1-1`** is expected to be complete about 2026-11-24 04:28 UTC (in 16 h 29 min), 80 % between 2026-11-24 03:36 and 2026-11-24 05:31 UTC. `/forecast idea-1-1` tells more."
    )


def test_alerts_of_a_budget(desk: Desk) -> None:
    desk.put(spent().state)
    assert head(desk.say("/alerts"), 7) == snapshot("""\
**1 open alert**

- 🟠 warning · `budget-spend-per-day` · since 2026-11-23 12:00 UTC
  - Cause: agents have cost $5.50 today, and the budget for a day is $5.00
  - Done by itself: nothing
  - What to do: Nothing new starts before midnight UTC; what runs goes on. To allow more: /approve budget for as much again today, or raise budgets.spend\\_per\\_day in .github/orchestrator.yml.
  - On it: nobody\
""")


def test_a_project_that_has_cost_too_much(desk: Desk) -> None:
    days = world(budgets=Budgets(spend_per_project=2))
    ask(days, "normal")
    days.claim("idea-1-1.genesis")
    days.report("idea-1-1.genesis", ok=False, summary="it broke", spend=2.25)
    desk.put(days.state)
    assert head(desk.say("/status idea-1-1"), 9) == snapshot("""\
**Idea 1** (`idea-1-1`): **queued** in the stage **genesis**

Stages: **genesis** 0 of 1 → development → content

- Priority **normal**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:00 UTC, 0 s ago
- Links: #1
- Spent on agents: **$2.25** of $2.00
- Used by its attempts: $2.25, 0 s of work; not told: tokens, turns\
""")
    assert head(desk.say("/forecast"), 7) == snapshot("""\
**`idea-1-1`** has used up the budget for a project (`/approve idea-1-1` for as much again, or raise `budgets.spend_per_project` in `.github/orchestrator.yml`). `/forecast idea-1-1` tells more.

No project can be done as things stand: see what each waits for.

| project | expected end | 80 % interval | waits for |
| --- | --- | --- | --- |
| `idea-1-1` | none | – | has used up the budget for a project (`/approve idea-1-1` for as much again, or raise `budgets.spend_per_project` in `.github/orchestrator.yml`) |\
""")


# breakers


def tripped() -> Days:
    days = world(breaker=Breaker(workflow_failures=None))
    ask(days, "normal")
    failing(days, 3)
    return days


def test_a_worker_that_was_taken_out(desk: Desk) -> None:
    desk.put(tripped().state)
    assert head(desk.say("/instances genesis"), 5) == snapshot("""\
1 worker: 1 idle.

| worker | workflow | state | load | last heartbeat | specialties | region | done | failed | utilisation |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `genesis-01` | genesis | idle, taken out after 3 failures in a row until 12:13 UTC | – | 1 min ago | any | – | 0 | 3 | 100% |\
""")
    assert desk.say("/health genesis-01") == snapshot("""\
⚠️ `genesis-01` (genesis) is to be watched.

| check | found | verdict |
| --- | --- | --- |
| status | idle for 0 s; taken out after 3 failures in a row, tried with one task in 10 min; the latest: the scaffold's own test failed: 1 of 1 ([run](https://github.example/acme/factory/actions/runs/7)) | ⚠️ |
| heartbeat | none expected, no run of it is at work; last 1 min ago | ✅ |
| lease | holds none | ✅ |
| run on GitHub | none expected, it holds no task | ✅ |
| error rate | 3 of 3 attempts failed in the last 24 h (100%, target: at most 5%) | ⚠️ |
| pace | no task | ✅ |

A task that goes well lets it work as before; `/restart genesis-01` does so at once. `/alerts` tells its failures.\
""")
    assert head(desk.say("/alerts"), 7) == snapshot("""\
**1 open alert**

- 🔴 critical · `breaker-genesis-01` · since 2026-11-23 12:03 UTC · its issue is being filed
  - Cause: genesis\\-01 failed 3 attempts in a row: it gets nothing before 2026\\-11\\-23 12:13 UTC, then one task. No genesis worker is left that takes work: its queue waits, nothing is lost. Its latest failures: `idea-1-1.genesis`: the scaffold's own test failed: 1 of 1 ([run](https://github.example/acme/factory/actions/runs/7)); `idea-1-1.genesis`: the scaffold's own test failed: 1 of 1 ([run](https://github.example/acme/factory/actions/runs/7)); `idea-1-1.genesis`: the scaffold's own test failed: 1 of 1 ([run](https://github.example/acme/factory/actions/runs/7))
  - Done by itself: 2026-11-23 12:03:00 `genesis-01`: taken out after 3 failures in a row, tried again from 12:13 UTC on
  - What to do: Look at its failures: is it the worker, or the work? A success of that one task ends this; /restart genesis\\-01 lets it take work at once.
  - On it: nobody\
""")
    assert desk.say("/assign genesis idea-1-1 genesis-01") == snapshot(
        "Not assigned: `genesis-01` was taken out until 2026-11-23 12:13 UTC, after 3 failures in a row. `/restart genesis-01` lets it take work at once. No genesis worker is up; `/instances genesis` lists them all."
    )
    assert desk.say("/restart genesis-01") == snapshot("""\
`genesis-01` is started anew (it was idle). It works on `idea-1-1.genesis` now.

It held no task. It was taken out for failing, and takes work again.

<sub>Acted on: Queues: genesis 1, development 0, content 0, review 0 · 9 workers: 9 idle</sub>\
""")


def test_a_workflow_that_the_rule_has_paused(desk: Desk) -> None:
    days = world(breaker=Breaker(worker_failures=None), attempts=Attempts(limit=1))
    ask(days, *["normal"] * 6)
    for number in range(1, 6):
        failing(days, 1, f"idea-{number}-{number}.genesis")
    desk.put(days.state)
    assert told(desk.say("/status")) == snapshot("""\
🔴 **Critical alert: genesis was paused: its last 5 tasks all failed, the latest because: the scaffold's own test failed: 1 of 1.** Look at what went wrong with /queues review and /alerts, and mend it. Then /unpause genesis lets its tasks start again; only failures after that count anew. Also: 5 tasks in review (`/queues review` says what to do); genesis is paused, 1 task held back (`/unpause genesis` ends that).
- **Genesis is paused** for 0 s, by the rule, because its last 5 tasks all failed, the latest because: the scaffold's own test failed: 1 of 1: `/unpause genesis` ends it.
**Bottleneck:** genesis, because it is paused while 1 task waits.\
""")
    assert head(desk.say("/why idea-6-6.genesis"), 1) == snapshot(
        "**`idea-6-6.genesis`** (Idea 6): queued, place 1: genesis is paused by the rule."
    )
    assert desk.say("/pause genesis") == snapshot("""\
**Genesis** is paused already, for 0 s, by the rule.

- `/unpause genesis` starts it again.

<sub>Acted on: Queues: genesis 1, development 0, content 0, review 5 · 9 workers: 9 idle · paused: genesis</sub>\
""")
    assert desk.say("/unpause genesis") == snapshot("""\
- **Going again: genesis**, after a pause of 0 s by the rule.

1 task was assigned at once. Nothing waits.

<sub>Acted on: Queues: genesis 1, development 0, content 0, review 5 · 9 workers: 9 idle · paused: genesis</sub>\
""")


# triage


def triaged() -> Days:
    days = world(queueing=Queueing(overflow=3))
    ask(days, "normal", "normal", "normal", "normal", "normal", "urgent")
    days.wait(minutes=5)
    return days


def test_triage_that_the_rule_has_begun(desk: Desk) -> None:
    desk.put(triaged().state)
    assert told(desk.say("/status")) == snapshot("""\
🟠 **Warning alert: 5 tasks wait in the genesis queue, more than 3.** No worker may be added and it grew, so only urgent tasks of it are assigned until it is shorter; /priority\\-triage off ends that. /emergency\\-scale\\-up genesis adds workers.
- **Triage of genesis:** only `urgent` is assigned for 0 s, by the rule: `/priority-triage off` ends it. It ends by itself when the queue is short again, or a worker is idle beside what it holds.
**Bottleneck:** genesis: 1 task waits for 1 worker; it starts in about 10 min.\
""")
    assert head(desk.say("/status idea-3-3"), 12) == snapshot("""\
**Idea 3** (`idea-3-3`): **queued** in the stage **genesis**

Stages: **genesis** 0 of 1 → development → content

- Priority **normal**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:00 UTC, 5 min ago
- Links: #3

**What to do:** Triage holds 1 task of it back, by the rule, because the genesis queue overflows: only urgent is assigned. `/priority idea-3-3 urgent` lets it through; `/priority-triage off` ends it, and by itself when the queues are short again.

**1 task**, none over (`/why <task>` explains one)
""")
    assert head(desk.say("/why idea-3-3.genesis"), 1) == snapshot(
        "**`idea-3-3.genesis`** (Idea 3): queued, place 3: triage lets only tasks of priority urgent and above start; the rule began it, because the genesis queue overflows."
    )
    assert head(desk.say("/queues genesis"), 3) == snapshot("""\
**genesis** · 5 waiting · **triage:** urgent and above, by the rule (`/priority-triage off`) · a task takes about 15 min (assumed until enough are done)

|  | task | priority | waiting | attempts | specialty | expected start |\
""")
    assert head(desk.say("/alerts"), 7) == snapshot("""\
**1 open alert**

- 🟠 warning · `queue-overflow-genesis` · since 2026-11-23 12:00 UTC · its issue is being filed
  - Cause: 5 tasks wait in the genesis queue, more than 3 “Depth: 4 · Growth: 4 more than an hour before · Workers: 1 of 1, the limit in force, so that none is added by itself · Time to drain: about 60 min with these workers, if nothing comes in”
  - Done by itself: 2026-11-23 12:05:00 triage: urgent and above of genesis
  - What to do: No worker may be added and it grew, so only urgent tasks of it are assigned until it is shorter; /priority\\-triage off ends that. /emergency\\-scale\\-up genesis adds workers.
  - On it: nobody\
""")
    assert desk.say("/priority-triage urgent") == snapshot("""\
**Triage: only `urgent` is assigned** (before: only `urgent` of genesis, by the rule); running work goes on.

4 tasks of 4 projects are held back; the label `held:triage` on their issues says so. `/priority <project-id> urgent` lets one through.

It ends by itself when every queue is at or under 3 tasks again, or with `/priority-triage off`.

<sub>Acted on: Queues: genesis 5, development 0, content 0, review 0 · 9 workers: 8 idle, 1 busy · triage: `urgent` of genesis, by the rule</sub>\
""")
    desk.put(triaged().state)
    assert desk.say("/priority-triage off") == snapshot("""\
**Triage is over**, after 0 s: every priority is assigned again.

4 tasks of 4 projects were held back. No task was assigned at once.

<sub>Acted on: Queues: genesis 5, development 0, content 0, review 0 · 9 workers: 8 idle, 1 busy · triage: `urgent` of genesis, by the rule</sub>\
""")


# the administrators


def test_the_issue_that_tells_the_administrators() -> None:
    (issue,) = filed(overflowing().state)
    assert issue.title == snapshot("Alert: 4 tasks wait in the genesis queue, more than 3")
    assert issue.body == snapshot("""\
<!-- shown c8208dc9cf178c39 -->

@ada @acme/ops: **4 tasks wait in the genesis queue, more than 3**

- Severity: 🟠 warning
- Since: 2026-11-23 12:00 UTC
- State: open
- On it: nobody yet
- Alert: `queue-overflow-genesis`

### What was done by itself

Nothing: a person has to see to it.

### What to do

Add workers with /scale\\-up genesis, or have only urgent work done for now with /priority\\-triage urgent.

```text
/scale-up genesis
```

```text
/emergency-scale-up genesis
```

```text
/priority-triage urgent
```

```text
/ack queue-overflow-genesis
```

### Details

```text
Depth: 4
Growth: 4 more than an hour before
Workers: 1 of 1, the limit in force, so that none is added by itself
Time to drain: about 60 min with these workers, if nothing comes in
```

<sub>It is over when the queue is a quarter below that. This issue is closed by itself 10 minutes after that. Closing it takes the alert on, like `/ack`; it does not end it.</sub>\
""")


# slow workers


def test_why_names_a_worker_that_is_slow(desk: Desk) -> None:
    found = slow_days()
    for number in (1, 2, 3):
        found.say(f"/dispatch-genesis Idea {number}", issue=number)
    assert task_of(found, 2).worker == "genesis-03"
    desk.put(found.state)
    desk.moment.now += timedelta(minutes=1)
    assert desk.say("/why idea-2-2.genesis") == snapshot("""\
**`idea-2-2.genesis`** (Idea 2): assigned to `genesis-03` for 1 min: chosen of 2 idle workers, because it is not slow at standard of late.

| worker | slow at it of late | its specialty | meant for its size | reserved work | idle for |
| --- | --- | --- | --- | --- | --- |
| `genesis-03` ← | no | takes any | takes any | 0 s | 10 h |
| `genesis-01` | yes | takes any | takes any | 0 s | 10 h |

What would change it:

- `/rebalance genesis` moves it, if another worker would suit it better\
""")
