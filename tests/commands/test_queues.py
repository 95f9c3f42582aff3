"""The queue family: what waits, who gets it, how soon."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from bot.domain.controls import Controls, Pause, Triage
from bot.domain.guards import Breaker
from bot.domain.models import Project, Task
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.stops import Stop
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, WorkerStatus, Workflow
from bot.render.text import LIMIT
from tests.commands.desk import Desk
from tests.commands.fleet import NOBODYS, Days
from tests.core.worlds import START

WORKING = (
    "/assign development photo-sorter-1 dev-01",
    "/rebalance",
    "/priority tax-form-7 high",
)


def task(desk: Desk, id_: str) -> Task:
    found = desk.state().projects[id_.partition(".")[0]].task(id_)
    assert found is not None
    return found


def with_worker(state: State, id_: str, status: WorkerStatus) -> State:
    changed = state.instances[id_].model_copy(update={"status": status})
    return replace(state, instances={**state.instances, id_: changed})


# every command of the family


@pytest.mark.parametrize("line", WORKING)
def test_who_may_only_read_changes_nothing(desk: Desk, line: str) -> None:
    before = desk.state()
    reply = desk.say(line, login="tim")
    assert (
        f"`{line.split()[0]}` needs the role **write** in this repository, and `tim` has **triage**" in reply
    )
    after = desk.state()
    assert (after.projects, after.queues, after.instances) == (
        before.projects,
        before.queues,
        before.instances,
    )


@pytest.mark.parametrize("line", ["/queues", *WORKING])
def test_strangers_get_no_reply(desk: Desk, line: str) -> None:
    assert desk.answers(desk.post(line, login="rita")) == []


@pytest.mark.parametrize("line", ["/queues", *WORKING])
def test_a_repeated_delivery_changes_nothing(desk: Desk, line: str) -> None:
    payload = desk.post(line)
    commits = desk.commits()
    desk.handle(payload)
    assert len(desk.answers(payload)) == 1
    assert desk.commits() == commits


# /queues


def test_queues(desk: Desk) -> None:
    desk.wait(minutes=20)
    assert desk.say("/queues", login="tim") == snapshot("""\
**genesis** · 1 waiting · a task takes about 15 min (assumed until enough are done)

|  | task | priority | waiting | attempts | specialty | expected start |
| --- | --- | --- | --- | --- | --- | --- |
| 1 | `tax-form-7.genesis` | low | 20 min | 0 | standard | as soon as a worker is free |

**development** · 2 waiting · a task takes about 8 min (measured)

|  | task | priority | waiting | attempts | specialty | expected start |
| --- | --- | --- | --- | --- | --- | --- |
| 1 | `photo-sorter-1.part-6.tests` | normal | 22 min | 0 | tests | as soon as a worker is free |
| 2 | `photo-sorter-1.part-7.tests` | normal | 22 min | 0 | tests | as soon as a worker is free |

**content** · empty

**review** · 1 waiting

| task | since | attempts | what went wrong | what to type |
| --- | --- | --- | --- | --- |
| `chess-clock-3.genesis` | 33 min | 3 | the scaffold's own test failed: 1 of 1 | `/retry chess-clock-3.genesis` or `/discard chess-clock-3`; `/why chess-clock-3.genesis` shows its output |\
""")


def test_one_queue(desk: Desk) -> None:
    assert desk.say("/queues review") == snapshot("""\
**review** · 1 waiting

| task | since | attempts | what went wrong | what to type |
| --- | --- | --- | --- | --- |
| `chess-clock-3.genesis` | 13 min | 3 | the scaffold's own test failed: 1 of 1 | `/retry chess-clock-3.genesis` or `/discard chess-clock-3`; `/why chess-clock-3.genesis` shows its output |\
""")


def test_an_unknown_queue(desk: Desk) -> None:
    assert desk.say("/queues design") == snapshot("""\
Not run: given `design`, expected one of genesis, development, content, review.

Usage: `/queues [genesis|development|content|review]`
For example: `/queues`\
""")


def test_held_queues_say_so_and_what_ends_it(desk: Desk, fleet: State) -> None:
    held = Controls(
        paused=(Pause(workflow=Workflow.GENESIS, since=START, by="ada"),),
        triage=Triage(level=Priority.HIGH, since=START, by="ada"),
    )
    desk.put(replace(fleet, controls=held))
    desk.say("/assign development photo-sorter-1 dev-01")
    assert desk.say("/queues genesis\n/queues development") == snapshot("""\
`/queues genesis`

**genesis** · 1 waiting · **paused** by `ada` (`/unpause genesis`) · **triage:** high and above (`/priority-triage off`) · a task takes about 15 min (assumed until enough are done)

|  | task | priority | waiting | attempts | specialty | expected start |
| --- | --- | --- | --- | --- | --- | --- |
| 1 | `tax-form-7.genesis` | low | 0 s | 0 | standard | paused |

---

`/queues development`

**development** · 2 waiting · **triage:** high and above (`/priority-triage off`) · a task takes about 8 min (measured)

|  | task | priority | waiting | attempts | specialty | expected start |
| --- | --- | --- | --- | --- | --- | --- |
| 1 | `photo-sorter-1.part-6.tests` | normal | 2 min | 0 | tests | reserved for `dev-01`: held by triage |
| 2 | `photo-sorter-1.part-7.tests` | normal | 2 min | 0 | tests | held by triage |\
""")


def test_without_workers_no_start_is_promised(desk: Desk, fleet: State) -> None:
    gone = {
        id_: one
        if one.workflow is not Workflow.GENESIS or one.assignment
        else one.model_copy(update={"status": WorkerStatus.OFFLINE})
        for id_, one in fleet.instances.items()
    }
    for id_ in ("genesis-01", "genesis-02", "genesis-03"):
        gone[id_] = gone[id_].model_copy(update={"status": WorkerStatus.DRAINING})
    desk.put(replace(fleet, instances=gone))
    assert "| unknown: no worker is up |" in desk.say("/queues genesis")


# /assign


def test_assign_to_a_busy_worker(desk: Desk, fleet: State) -> None:
    """Every lease runs out meanwhile, which would pause the workflow."""
    never = fleet.config.model_copy(update={"breaker": Breaker(workflow_failures=None)})
    desk.put(replace(fleet, config=never))
    assert desk.say("/assign development photo-sorter-1 dev-01") == snapshot("""\
`photo-sorter-1.part-6.tests` (Part 6) is reserved for `dev-01`, which is busy with `photo-sorter-1.part-1.tests`: it comes right after that, in about 6 min. Another `/assign`, or `/rebalance`, changes that; `/why photo-sorter-1.part-6.tests` says how it stands.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/assign development dev-01") == snapshot("""\
`photo-sorter-1.part-7.tests` (Part 7) is reserved for `dev-01`, which is busy with `photo-sorter-1.part-1.tests`: it comes after that and 1 other task, in about 14 min. Another `/assign`, or `/rebalance`, changes that; `/why photo-sorter-1.part-7.tests` says how it stands.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/assign development dev-01") == snapshot(
        "Nothing to change: `photo-sorter-1.part-6.tests` is reserved for `dev-01` already. `/why photo-sorter-1.part-6.tests` says when it starts."
    )
    desk.wait(minutes=61)
    desk.tick()
    assert task(desk, "photo-sorter-1.part-6.tests").worker == "dev-01"
    assert task(desk, "photo-sorter-1.part-7.tests").reserved is not None


def test_assign_in_a_paused_workflow(desk: Desk, fleet: State) -> None:
    held = Controls(paused=(Pause(workflow=Workflow.DEVELOPMENT, since=START, by="ada"),))
    desk.put(replace(fleet, controls=held))
    reply = desk.say("/assign development photo-sorter-1 dev-02 --force")
    assert "reserved for `dev-02` and waits: development is paused by `ada`." in reply


def test_assign_to_an_idle_worker_starts_at_once(desk: Desk, fleet: State) -> None:
    """A project that comes in and is assigned by hand, in one comment."""
    idle = {
        id_: one.model_copy(update={"status": WorkerStatus.IDLE, "assignment": None})
        if id_ == "genesis-03"
        else one
        for id_, one in fleet.instances.items()
    }
    without = {id_: one for id_, one in fleet.projects.items() if id_ not in ("star-map-6", "tax-form-7")}
    queues = {**fleet.queues, QueueName.GENESIS: fleet.queues[QueueName.CONTENT]}
    outbox = fleet.outbox.model_copy(update={"entries": ()})
    desk.put(replace(fleet, projects=without, instances=idle, queues=queues, outbox=outbox))
    lines = "/dispatch-genesis Sun dial\n/assign genesis sun-dial-8 genesis-03 --force"
    assert desk.say(lines, issue=NOBODYS) == snapshot("""\
`/dispatch-genesis Sun dial`

**Sun dial** is project `sun-dial-8`, on #8.

- Assigned to `genesis-03`, because wendy asked for it.
- Priority **normal**, size **standard**.
- The idea is the text after the command.
- Genesis scaffolds a repository and files its issues; you will be told here.

<sub>Acted on: Queues: genesis 0, development 2, content 0, review 1 · 11 workers: 2 idle, 9 busy</sub>

---

`/assign genesis sun-dial-8 genesis-03 --force`

`sun-dial-8.genesis` (Sun dial) is assigned to `genesis-03`, whose run is being started.

<sub>Acted on: Queues: genesis 0, development 2, content 0, review 1 · 11 workers: 2 idle, 9 busy</sub>\
""")
    assert task(desk, "sun-dial-8.genesis").status is TaskStatus.ASSIGNED


def test_assign_outside_the_workers_specialty(desk: Desk) -> None:
    assert desk.say("/assign development photo-sorter-1 dev-03") == snapshot(
        "Not assigned: `photo-sorter-1.part-6.tests` needs the specialty **tests**, and `dev-03` is for review. To have it done there all the same: `/assign development photo-sorter-1 dev-03 --force`."
    )
    assert desk.say("/assign development photo-sorter-1 dev-03 --force") == snapshot("""\
`photo-sorter-1.part-6.tests` (Part 6) is reserved for `dev-03`, which is busy with `photo-sorter-1.part-3.tests`: it comes right after that, in about 6 min. Another `/assign`, or `/rebalance`, changes that; `/why photo-sorter-1.part-6.tests` says how it stands.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_assign_to_a_worker_of_another_workflow_is_refused_even_by_force(desk: Desk) -> None:
    assert desk.say("/assign development photo-sorter-1 content-01 --force") == snapshot(
        "Not assigned: `content-01` is a content worker, and this is development work. Development workers that are up: `dev-01`, `dev-02`, `dev-03`, `dev-04`, `dev-05`."
    )


@pytest.mark.parametrize("status", [WorkerStatus.OFFLINE, WorkerStatus.STOPPED, WorkerStatus.DRAINING])
def test_assign_to_a_worker_that_takes_no_work(desk: Desk, fleet: State, status: WorkerStatus) -> None:
    worker = "content-02" if status is WorkerStatus.DRAINING else "content-01"  # only who works can finish
    desk.put(with_worker(fleet, worker, status))
    reply = desk.say(f"/assign content recipe-book-2 {worker}")
    assert (
        reply
        == {
            WorkerStatus.OFFLINE: snapshot(
                "Not assigned: `content-01` is offline. `/restart content-01` starts it anew. Content workers that are up: `content-02`, `content-03`."
            ),
            WorkerStatus.STOPPED: snapshot(
                "Not assigned: `content-01` is stopped. `/scale-up content` starts a worker. Content workers that are up: `content-02`, `content-03`."
            ),
            WorkerStatus.DRAINING: snapshot(
                "Not assigned: `content-02` finishes its last task and takes no more. Content workers that are up: `content-01`, `content-03`."
            ),
        }[status]
    )


def test_assign_never_goes_before_what_a_task_depends_on(desk: Desk) -> None:
    days = Days()
    days.say("/dispatch-genesis Photo sorter", issue=1)
    days.do("photo-sorter-1.genesis")
    desk.put(days.state)
    assert desk.say("/assign development photo-sorter-1 dev-03 --force") == snapshot(
        "Not assigned: `photo-sorter-1.part-1.feature` is not ready; it waits for `photo-sorter-1.part-1.tests` (assigned, with `dev-01`). A task never starts before those that it depends on are done."
    )


def test_assign_what_is_in_review_or_not_there(desk: Desk) -> None:
    assert desk.say("/assign genesis chess-clock-3 genesis-02") == snapshot(
        "Not assigned: no genesis task of `chess-clock-3` is ready: `chess-clock-3.genesis` (in review). `/retry chess-clock-3.genesis` gives it another attempt."
    )
    assert desk.say("/assign content photo-sorter-1 content-01") == snapshot(
        "Not assigned: `photo-sorter-1` has no open content task; it is in the stage **development**."
    )


def test_assign_of_a_stopped_project(desk: Desk, fleet: State) -> None:
    desk.put(replace(fleet, projects={**fleet.projects, "chess-clock-3": stopped(fleet)}))
    assert desk.say("/assign genesis chess-clock-3 genesis-01") == snapshot(
        "Not assigned: `chess-clock-3` is stopped. `/resume chess-clock-3` lets its work go on."
    )


def stopped(state: State) -> Project:
    project = state.projects["chess-clock-3"]
    stop = Stop(at=START, settled_at=START, by="ada", cause="comment-1")
    return project.model_copy(update={"status": ProjectStatus.STOPPED, "stop": stop})


def test_assign_with_missing_wrong_and_unknown_arguments(desk: Desk) -> None:
    assert desk.say("/assign development") == snapshot("""\
Not run: given nothing, expected worker-id: the worker that is to do it.

Usage: `/assign genesis|development|content [project-id] worker-id [--force]`
For example: `/assign development photo-sorter-1 dev-02`\
""")
    assert desk.say("/assign design photo-sorter-1 dev-01") == snapshot("""\
Not run: given `design`, expected one of genesis, development, content.

Usage: `/assign genesis|development|content [project-id] worker-id [--force]`
For example: `/assign development photo-sorter-1 dev-02`\
""")
    assert desk.say("/assign development photo-sorter-1 dev-09") == snapshot(
        "Not run: there is no worker `dev-09`. Did you mean `dev-05`, `dev-04` or `dev-03`? `/instances` lists the workers."
    )
    assert desk.say("/assign development foto-sorter-1 dev-01") == snapshot(
        "Not run: there is no project `foto-sorter-1`. Did you mean `photo-sorter-1`? `/status` lists the projects."
    )
    assert desk.say("/assign development dev-01", issue=NOBODYS) == snapshot(
        "Not run: this issue is no project's own, so name the project, for example `/assign development photo-sorter-1 dev-02`. `/status` lists the projects."
    )


# /rebalance


def test_rebalance(desk: Desk) -> None:
    desk.say("/assign development photo-sorter-1 dev-03 --force")
    assert desk.say("/rebalance") == snapshot("""\
1 task moved:

| task | from | to | why |
| --- | --- | --- | --- |
| `photo-sorter-1.part-6.tests` | `dev-03` | `dev-01` | its specialty is tests |

2 running tasks stay as before.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/rebalance") == snapshot("""\
Nothing was moved: 9 tasks could be, but none would be better off elsewhere. 2 running tasks stay as before.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_rebalance_of_what_has_not_begun(desk: Desk, fleet: State) -> None:
    better = fleet.instances["content-02"].model_copy(update={"specialties": ("social",)})
    other = fleet.instances["content-03"].model_copy(update={"specialties": ("marketing",)})
    desk.put(replace(fleet, instances={**fleet.instances, better.id: better, other.id: other}))
    assert desk.say("/rebalance content") == snapshot("""\
2 tasks moved:

| task | from | to | why |
| --- | --- | --- | --- |
| `recipe-book-2.marketing` | `content-02` | `content-03` | its specialty is marketing; starts now |
| `recipe-book-2.social` | `content-03` | `content-02` | its specialty is social; starts now |

2 runs that had not begun will be cancelled; such an attempt does not count.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert task(desk, "recipe-book-2.social").worker == "content-02"
    assert task(desk, "recipe-book-2.social").attempt == 1


def test_rebalance_with_nothing_to_move(desk: Desk) -> None:
    assert desk.say("/rebalance genesis") == snapshot("""\
Nothing was moved: 2 tasks in genesis could be, but none would be better off elsewhere. 1 running task stays as before.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert not [one for one in desk.state().outbox.entries if one.effect.kind == "cancel"]


def test_rebalance_of_no_workflow(desk: Desk) -> None:
    assert desk.say("/rebalance everything") == snapshot("""\
Not run: given `everything`, expected one of genesis, development, content.

Usage: `/rebalance [genesis|development|content]`
For example: `/rebalance`\
""")


# /priority


def test_priority(desk: Desk) -> None:
    desk.say("/dispatch-genesis Sun dial", issue=NOBODYS)
    assert desk.say("/priority tax-form-7 urgent") == snapshot("""\
**Tax form** (`tax-form-7`) goes from priority **low** to **urgent**.

| task | queue | place before | place now |
| --- | --- | --- | --- |
| `tax-form-7.genesis` | genesis | 2 | 1 |

<sub>Acted on: Queues: genesis 2, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert "priority:urgent" in desk.labels(7)
    assert [item.project for item in desk.state().queues[QueueName.GENESIS].items] == [
        "tax-form-7",
        "sun-dial-8",
    ]
    assert desk.say("/priority urgent", issue=7) == snapshot("""\
`tax-form-7` has the priority **urgent** already; nothing was changed.

<sub>Acted on: Queues: genesis 2, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_priority_of_a_project_without_queued_tasks(desk: Desk) -> None:
    assert desk.say("/priority recipe-book-2 low") == snapshot("""\
**Recipe book** (`recipe-book-2`) goes from priority **high** to **low**. None of its tasks is in a queue now; the next ones will be queued accordingly.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_priority_with_missing_wrong_and_unknown_arguments(desk: Desk) -> None:
    assert desk.say("/priority") == snapshot("""\
Not run: given nothing, expected level: urgent, high, normal or low.

Usage: `/priority [project-id] urgent|high|normal|low`
For example: `/priority urgent`\
""")
    assert desk.say("/priority photo-sorter-1 soon") == snapshot("""\
Not run: given `soon`, expected one of urgent, high, normal, low.

Usage: `/priority [project-id] urgent|high|normal|low`
For example: `/priority urgent`\
""")
    assert desk.say("/priority foto-sorter-1 low") == snapshot(
        "Not run: there is no project `foto-sorter-1`. Did you mean `photo-sorter-1`? `/status` lists the projects."
    )
    assert desk.say("/priority low", issue=NOBODYS) == snapshot(
        "Not run: this issue is no project's own, so name the project, for example `/priority photo-sorter-1 low`. `/status` lists the projects."
    )


# size


def test_long_queues_are_cut_by_rows_and_say_so(desk: Desk) -> None:
    for _ in range(12):
        desk.say(
            "\n".join(["/dispatch-genesis Long words in a long title of a project that is new"] * 20),
            issue=NOBODYS,
        )
    reply = desk.say("/queues")
    assert len(reply) <= LIMIT
    assert "more that do not fit into a comment" in reply
