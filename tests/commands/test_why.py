"""``/why``: why a task waits or went where it went."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from bot.domain.controls import Controls, Pause, Triage
from bot.domain.events.worked import WorkPublished
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.render.text import LIMIT
from tests.commands.desk import Desk
from tests.commands.fleet import NOBODYS, Days, at_work, features, finish_development
from tests.core.worlds import START


def test_a_running_task_names_its_rule_and_candidates(desk: Desk) -> None:
    assert desk.say("/why photo-sorter-1.part-1.tests", login="tim") == snapshot("""\
**`photo-sorter-1.part-1.tests`** (Part 1): running with `dev-01` for 2 min: chosen of 5 idle workers, because its specialty is tests.

| worker | its specialty | meant for its size | record on large tasks (smoothed) | reserved work | idle for |
| --- | --- | --- | --- | --- | --- |
| `dev-01` ← | yes | takes any | 62% | 0 s | 37 min |
| `dev-02` | no | takes any | 58% | 0 s | 45 min |
| `dev-03` | no | takes any | 55% | 0 s | 41 min |

… and 2 other idle workers behind these.

What would change it:

- `/restart dev-01`, if it is stuck, takes the task back without counting the attempt\
""")


def test_a_task_outside_its_specialty_says_so(desk: Desk) -> None:
    assert desk.say("/why photo-sorter-1.part-2.tests") == snapshot("""\
**`photo-sorter-1.part-2.tests`** (Part 2): assigned to `dev-02` for 2 min: chosen of 4 idle workers, because it has the best record on large tasks.

No idle worker had the specialty tests; rather than wait, it went to one without.

| worker | its specialty | meant for its size | record on large tasks (smoothed) | reserved work | idle for |
| --- | --- | --- | --- | --- | --- |
| `dev-02` ← | no | takes any | 58% | 0 s | 45 min |
| `dev-03` | no | takes any | 55% | 0 s | 41 min |
| `dev-05` | no | takes any | 50% | 0 s | 1 h 7 min |

… and 1 other idle worker behind these.

What would change it:

- `/rebalance development` moves it, if another worker would suit it better\
""")


def test_a_task_that_is_done_still_knows(desk: Desk) -> None:
    assert desk.say("/why photo-sorter-1.genesis") == snapshot("""\
**`photo-sorter-1.genesis`** (Photo sorter): done by `genesis-02`, 2 min ago.

Used by its attempts: 8 min of work; not told: cost, tokens, turns.

It went to `genesis-02` of 3 idle workers, because its specialty is standard.

| worker | its specialty | meant for its size | reserved work | idle for |
| --- | --- | --- | --- | --- |
| `genesis-02` ← | yes | yes | 0 s | 15 min |
| `genesis-01` | no | no | 0 s | 9 min |
| `genesis-03` | no | no | 0 s | 3 min |\
""")


def test_a_task_that_waits_for_others(desk: Desk) -> None:
    assert desk.say("/why photo-sorter-1.deployment") == snapshot("""\
**`photo-sorter-1.deployment`** (Deployment of Photo sorter): waits for `photo-sorter-1.part-1.review` (waiting), `photo-sorter-1.part-2.review` (waiting), `photo-sorter-1.part-3.review` (waiting) and 4 more.

What would change it:

- `/why photo-sorter-1.part-1.review` says what that one waits for, or who has it
- `/why photo-sorter-1.part-2.review` says what that one waits for, or who has it
- `/why photo-sorter-1.part-3.review` says what that one waits for, or who has it\
""")


def test_a_queued_task(desk: Desk) -> None:
    assert desk.say("/why tax-form-7.genesis") == snapshot("""\
**`tax-form-7.genesis`** (Tax form): queued, place 1: no genesis worker is free (3 workers: 3 busy); expected start: in about 15 min.

What would change it:

- `/priority tax-form-7 urgent` puts it ahead of all that is not urgent
- `/emergency-scale-up genesis` adds workers beyond the usual 3, up to 6
- `/assign genesis tax-form-7 <worker-id>` makes it the next task of one worker\
""")
    assert desk.say("/why photo-sorter-1.part-7.tests") == snapshot("""\
**`photo-sorter-1.part-7.tests`** (Part 7): queued, place 2: no development worker is free (5 workers: 5 busy); expected start: in about 6 min.

Ahead of it: `photo-sorter-1.part-6.tests`.

What would change it:

- `/priority photo-sorter-1 urgent` puts it ahead of all that is not urgent
- `/emergency-scale-up development` adds workers beyond the usual 5, up to 10
- `/assign development photo-sorter-1 <worker-id>` makes it the next task of one worker\
""")


def test_a_task_in_review(desk: Desk) -> None:
    assert desk.say("/why chess-clock-3.genesis") == snapshot("""\
**`chess-clock-3.genesis`** (Chess clock): in review after 3 attempts: the scaffold's own test failed: 1 of 1.

Used by its attempts: 9 min of work; not told: cost, tokens, turns.

It failed on `genesis-02`, `genesis-01`, `genesis-03`.

What ran: `python -m pytest` (exit code 1)

<details><summary>The end of its output</summary>

```text
E       assert 2 == 3
1 failed in 0.02s
```

</details>

[The worker's run](https://github.example/acme/factory/actions/runs/7)

What would change it:

- `/retry chess-clock-3.genesis` gives it another attempt
- `/discard chess-clock-3` drops the whole project, which cannot do without it\
""")


def test_a_reserved_task(desk: Desk) -> None:
    desk.say("/assign genesis tax-form-7 genesis-02")
    assert desk.say("/why tax-form-7.genesis") == snapshot("""\
**`tax-form-7.genesis`** (Tax form): queued, place 1: reserved for `genesis-02`, which is busy with `tide-table-4.genesis`; expected start: in about 15 min.

What would change it:

- `/rebalance genesis` frees it, if another worker would suit it better
- `/assign genesis tax-form-7 <worker-id>` reserves it for another worker\
""")


def test_a_task_of_a_paused_workflow(desk: Desk, fleet: State) -> None:
    paused = (Pause(workflow=Workflow.GENESIS, since=START, by="ada"),)
    desk.put(replace(fleet, controls=Controls(paused=paused)))
    assert desk.say("/why tax-form-7.genesis") == snapshot("""\
**`tax-form-7.genesis`** (Tax form): queued, place 1: genesis is paused by `ada`.

What would change it:

- `/unpause genesis` lets genesis tasks start again\
""")


def test_a_task_held_by_triage(desk: Desk, fleet: State) -> None:
    triage = Triage(level=Priority.HIGH, since=START, by="ada")
    desk.put(replace(fleet, controls=Controls(triage=triage)))
    assert desk.say("/why tax-form-7.genesis") == snapshot("""\
**`tax-form-7.genesis`** (Tax form): queued, place 1: triage lets only tasks of priority high and above start.

What would change it:

- `/priority tax-form-7 high` raises the project to what triage lets start
- `/priority-triage off` lets everything start again\
""")


def test_a_task_that_failed_and_is_tried_again(desk: Desk) -> None:
    def fails(days: Days) -> None:
        days.fail("bird-song-5.genesis", minutes=1)

    desk.put(at_work(change=fails))
    assert desk.say("/why bird-song-5.genesis") == snapshot("""\
**`bird-song-5.genesis`** (Bird song): queued, place 1: its latest attempt failed, and it is tried again in 36 s.

Used by its attempts: 1 min of work; not told: cost, tokens, turns.

Its latest attempt, on `genesis-01`, failed: the scaffold's own test failed: 1 of 1\
""")


def test_a_project(desk: Desk) -> None:
    assert desk.say("/why") == snapshot("""\
**Photo sorter** (`photo-sorter-1`) is in the stage **development**, **active**, with the priority **normal**. Its open tasks: 5 with a worker, 2 queued, 15 waiting for other tasks.

| open task | why |
| --- | --- |
| `photo-sorter-1.part-1.tests` | running with `dev-01` for 2 min: chosen of 5 idle workers, because its specialty is tests |
| `photo-sorter-1.part-1.feature` | waits for `photo-sorter-1.part-1.tests` (running, with `dev-01`) |
| `photo-sorter-1.part-1.review` | waits for `photo-sorter-1.part-1.feature` (waiting) |
| `photo-sorter-1.part-2.tests` | assigned to `dev-02` for 2 min: chosen of 4 idle workers, because it has the best record on large tasks |
| `photo-sorter-1.part-2.feature` | waits for `photo-sorter-1.part-2.tests` (assigned, with `dev-02`) |
| `photo-sorter-1.part-2.review` | waits for `photo-sorter-1.part-2.feature` (waiting) |
| `photo-sorter-1.part-3.tests` | assigned to `dev-03` for 2 min: chosen of 3 idle workers, because it has the best record on large tasks |
| `photo-sorter-1.part-3.feature` | waits for `photo-sorter-1.part-3.tests` (assigned, with `dev-03`) |
| `photo-sorter-1.part-3.review` | waits for `photo-sorter-1.part-3.feature` (waiting) |
| `photo-sorter-1.part-4.tests` | assigned to `dev-05` for 2 min: chosen of 2 idle workers, because it has been idle the longest |
| `photo-sorter-1.part-4.feature` | waits for `photo-sorter-1.part-4.tests` (assigned, with `dev-05`) |
| `photo-sorter-1.part-4.review` | waits for `photo-sorter-1.part-4.feature` (waiting) |
| `photo-sorter-1.part-5.tests` | assigned to `dev-04` for 2 min: chosen because no other worker was idle |
| `photo-sorter-1.part-5.feature` | waits for `photo-sorter-1.part-5.tests` (assigned, with `dev-04`) |
| `photo-sorter-1.part-5.review` | waits for `photo-sorter-1.part-5.feature` (waiting) |
| `photo-sorter-1.part-6.tests` | queued, place 1: no development worker is free (5 workers: 5 busy); expected start: in about 6 min |
| `photo-sorter-1.part-6.feature` | waits for `photo-sorter-1.part-6.tests` (queued) |
| `photo-sorter-1.part-6.review` | waits for `photo-sorter-1.part-6.feature` (waiting) |
| `photo-sorter-1.part-7.tests` | queued, place 2: no development worker is free (5 workers: 5 busy); expected start: in about 6 min |
| `photo-sorter-1.part-7.feature` | waits for `photo-sorter-1.part-7.tests` (queued) |
| `photo-sorter-1.part-7.review` | waits for `photo-sorter-1.part-7.feature` (waiting) |
| `photo-sorter-1.deployment` | waits for `photo-sorter-1.part-1.review` (waiting), `photo-sorter-1.part-2.review` (waiting), `photo-sorter-1.part-3.review` (waiting) and 4 more |

`/why photo-sorter-1.part-1.tests` tells more about one task.\
""")
    assert desk.say("/why chess-clock-3") == snapshot("""\
**Chess clock** (`chess-clock-3`) is in the stage **genesis**, **in review**, with the priority **normal**. Its open tasks: 1 in review.

| open task | why |
| --- | --- |
| `chess-clock-3.genesis` | in review after 3 attempts: the scaffold's own test failed: 1 of 1 |

`/why chess-clock-3.genesis` tells more about one task.\
""")


def test_a_beginning_of_an_id_is_enough(desk: Desk) -> None:
    assert desk.say("/why photo-sorter-1.d") == desk.say("/why photo-sorter-1.deployment")
    assert desk.say("/why tax") == desk.say("/why tax-form-7")


def test_an_unknown_task_and_project_and_none(desk: Desk) -> None:
    assert desk.say("/why photo-sorter-1.part-9.tests") == snapshot(
        "Not run: there is no task `photo-sorter-1.part-9.tests`. Did you mean `photo-sorter-1.part-7.tests`, `photo-sorter-1.part-6.tests` or `photo-sorter-1.part-5.tests`? `/status <project-id>` lists a project's tasks."
    )
    assert desk.say("/why foto-sorter-1") == snapshot(
        "Not run: there is no project `foto-sorter-1`. Did you mean `photo-sorter-1`? `/status` lists the projects."
    )
    assert desk.say("/why", issue=NOBODYS) == snapshot(
        "Not run: this issue is no project's own, so name the project, for example `/why photo-sorter-1`. `/status` lists the projects."
    )
    assert desk.say("/why tax form") == snapshot("""\
Not run: given `form`, expected at most 1 argument.

Usage: `/why [task-or-project]`
For example: `/why photo-sorter-1.genesis`\
""")


def test_strangers_get_no_reply(desk: Desk) -> None:
    assert desk.answers(desk.post("/why", login="rita")) == []


@pytest.mark.parametrize("line", ["/why", "/why tax-form-7.genesis"])
def test_a_repeated_delivery_changes_nothing(desk: Desk, line: str) -> None:
    payload = desk.post(line)
    commits = desk.commits()
    desk.handle(payload)
    assert len(desk.answers(payload)) == 1
    assert desk.commits() == commits


def test_a_complete_project_waits_for_nothing(desk: Desk) -> None:
    days = Days()
    days.say("/dispatch-genesis Recipe book", issue=2)
    days.do("recipe-book-2.genesis", minutes=6)
    finish_development(days, "recipe-book-2")
    for kind in ("documentation", "marketing", "social"):
        days.do(f"recipe-book-2.{kind}", minutes=7)
    desk.put(days.state)
    assert desk.say("/why recipe-book-2") == (
        "**Recipe book** (`recipe-book-2`) is **complete** since 2026-11-23 12:55 UTC; nothing of it is open."
    )


def test_a_project_with_very_many_tasks_is_cut_by_rows_and_says_so(desk: Desk) -> None:
    days = Days()
    days.say("/dispatch-genesis Photo sorter", issue=1)
    held = days.claim("photo-sorter-1.genesis")
    made = features("photo-sorter-1", 400)
    days.report("photo-sorter-1.genesis", genesis=made)
    days.settle(WorkPublished(task=held.task, lease=held.lease, at=days.now, genesis=made))
    desk.put(days.state)
    reply = desk.say("/why")
    assert len(reply) <= LIMIT
    assert "more that do not fit into a comment" in reply
    assert reply.endswith("tells more about one task.")
