"""Stop, resume, retry, discard: each command right, wrong, forbidden and delivered twice."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from bot.domain.vocabulary import TaskStatus
from tests.commands.desk import Desk
from tests.commands.fleet import NOBODYS
from tests.e2e.people import REPOSITORY

ACTING = [
    "/emergency-stop photo-sorter-1",
    "/emergency-stop all",
    "/retry chess-clock-3",
    "/discard tax-form-7",
]


# right


def test_emergency_stop(desk: Desk) -> None:
    assert desk.say("/emergency-stop photo --reason 'it costs too much'") == snapshot("""\
**Photo sorter** (`photo-sorter-1`) is stopped: no new work from now on.

- 5 tasks taken back, and their runs are being cancelled: `photo-sorter-1.part-1.tests` on `dev-01` (run 5215), `photo-sorter-1.part-2.tests` on `dev-02` (not started yet), `photo-sorter-1.part-3.tests` on `dev-03` (not started yet), `photo-sorter-1.part-4.tests` on `dev-05` (not started yet), `photo-sorter-1.part-5.tests` on `dev-04` (not started yet).
- 2 queued tasks held back.
- Nothing of it took effect after you asked (2026-11-23 13:09 UTC).
- You will be told in its thread when GitHub shows that every run has ended, with everything that still took effect until then.
- `/resume photo-sorter-1` lets it go on from here; `/discard photo-sorter-1` drops it.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert "status:stopped" in desk.labels(1)


def test_emergency_stop_on_the_projects_own_issue(desk: Desk) -> None:
    desk.say("/emergency-stop", issue=4)
    stop = desk.state().projects["tide-table-4"].stop
    assert stop is not None
    assert stop.by == "wendy"


def test_emergency_stop_of_everything(desk: Desk) -> None:
    assert desk.say("/emergency-stop all") == snapshot("""\
**Everything is stopped.** 7 projects stopped now; 10 runs being cancelled. New projects are taken in, but held. `/resume all` lets everything go on.

| project | stage | runs cancelled | took effect meanwhile |
| --- | --- | --- | --- |
| `bird-song-5` | genesis | 1 | 1 |
| `chess-clock-3` | genesis | – | nothing |
| `photo-sorter-1` | development | 5 | nothing |
| `recipe-book-2` | content | 2 | nothing |
| `star-map-6` | genesis | 1 | 1 |
| `tax-form-7` | genesis | – | nothing |
| `tide-table-4` | genesis | 1 | 2 |

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/dispatch-genesis One more idea", issue=NOBODYS) == snapshot("""\
**One more idea** is project `one-more-idea-8`, on #8.

- Held, because everything is stopped (`/emergency-stop all`): `/resume all` lets it go on.
- Priority **normal**, size **standard**.
- The idea is the text after the command.
- Genesis scaffolds a repository and files its issues; you will be told here.

<sub>Acted on: Queues: genesis 0, development 0, content 0, review 1 · 11 workers: 11 idle · everything stopped</sub>\
""")


def test_resume(desk: Desk) -> None:
    desk.say("/emergency-stop photo-sorter-1")
    assert desk.say("/resume photo-sorter-1") == snapshot("""\
**Photo sorter** (`photo-sorter-1`) goes on. Its tasks: 5 with a worker, 2 queued, 15 waiting for others.

<sub>Acted on: Queues: genesis 1, development 0, content 0, review 1 · 11 workers: 6 idle, 5 busy</sub>\
""")
    assert "status:active" in desk.labels(1)


def test_one_project_goes_on_while_all_else_is_stopped_and_can_be_stopped_again(desk: Desk) -> None:
    desk.say("/emergency-stop all")
    assert desk.say("/resume tide-table-4") == snapshot("""\
**Tide table** (`tide-table-4`) goes on. Its tasks: 1 with a worker. All else stays stopped: `/resume all` ends that.

<sub>Acted on: Queues: genesis 0, development 0, content 0, review 1 · 11 workers: 11 idle · everything stopped</sub>\
""")
    assert "Everything is stopped but `tide-table-4`" in desk.say("/status")
    assert desk.say("/emergency-stop all") == snapshot("""\
**Everything is stopped.** 1 project stopped now, 6 stopped already; 1 run being cancelled. New projects are taken in, but held. `/resume all` lets everything go on.

| project | stage | runs cancelled | took effect meanwhile |
| --- | --- | --- | --- |
| `tide-table-4` | genesis | 1 | 1 |

<sub>Acted on: Queues: genesis 0, development 0, content 0, review 1 · 11 workers: 10 idle, 1 busy · everything stopped but `tide-table-4`</sub>\
""")
    assert not any(project.going for project in desk.state().projects.values())


def test_a_reason_needs_no_quotation_marks(desk: Desk) -> None:
    desk.say("/emergency-stop --reason it's too expensive, says the boss", issue=4)
    stop = desk.state().projects["tide-table-4"].stop
    assert stop is not None
    assert stop.reason == "it's too expensive, says the boss"


def test_resume_of_everything(desk: Desk) -> None:
    desk.say("/emergency-stop all")
    assert desk.say("/resume all") == snapshot("""\
**7 projects go on.** New projects are started again.

- `bird-song-5`
- `chess-clock-3`
- `photo-sorter-1`
- `recipe-book-2`
- `star-map-6`
- `tax-form-7`
- `tide-table-4`

<sub>Acted on: Queues: genesis 0, development 0, content 0, review 1 · 11 workers: 11 idle · everything stopped</sub>\
""")


def test_retry_of_a_project(desk: Desk) -> None:
    assert desk.say("/retry chess-clock-3") == snapshot("""\
Taken out of review. The attempts start anew; whoever failed a task gets it last.

- `chess-clock-3.genesis`: queued for genesis

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_retry_of_a_task(desk: Desk) -> None:
    assert "`chess-clock-3.genesis`: queued for genesis" in desk.say("/retry chess-clock-3.genesis")
    task = desk.state().projects["chess-clock-3"].tasks[0]
    assert (task.attempt, task.status) == (0, TaskStatus.QUEUED)


def test_discard_of_a_feature(desk: Desk) -> None:
    assert desk.say("/discard photo-sorter-1.part-3.tests") == snapshot("""\
Dropped from `photo-sorter-1`; nothing waits for it any more. `/retry <task>` brings it back.

- `photo-sorter-1.part-3.tests` (was with `dev-03`, whose run is being cancelled)
- `photo-sorter-1.part-3.feature` (was waiting)
- `photo-sorter-1.part-3.review` (was waiting)

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_discard_of_a_project_and_its_return(desk: Desk) -> None:
    assert desk.say("/discard tax-form-7") == snapshot("""\
**Tax form** (`tax-form-7`) is dropped, with 1 open task.

- `/retry tax-form-7` brings it back.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert "status:failed" in desk.labels(7)
    assert desk.say("/retry tax-form-7") == snapshot("""\
`tax-form-7` lives again: what was dropped is back. The attempts start anew; whoever failed a task gets it last.

- `tax-form-7.genesis`: queued for genesis

<sub>Acted on: Queues: genesis 0, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert "status:queued" in desk.labels(7)


def test_the_proof_of_a_stop_follows_when_github_shows_the_run_ended(desk: Desk) -> None:
    for id_ in ("tide-table-4", "bird-song-5", "star-map-6", "tax-form-7"):
        desk.say(f"/discard {id_}")
    desk.say("/dispatch-genesis A proof", issue=NOBODYS)
    project = desk.state().projects[f"a-proof-{NOBODYS}"]
    assert project.tasks[0].status is TaskStatus.ASSIGNED
    desk.say(f"/emergency-stop {project.id}", issue=NOBODYS)
    rows = desk.call("ada", "GET", f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs")["workflow_runs"]
    (run,) = [one for one in rows if one["display_title"].startswith(project.id)]
    assert (run["status"], run["conclusion"]) == ("completed", "cancelled")
    for _ in range(3):
        desk.tick()
    told = [body for body in desk.said(NOBODYS) if f"every run of `{project.id}` has ended" in body]
    assert len(told) == 1
    assert f"`{project.tasks[0].id}` on `{project.tasks[0].worker}`: cancelled" in told[0]


# wrong


@pytest.mark.parametrize("name", ["emergency-stop", "resume", "retry", "discard"])
def test_missing_id_on_an_issue_that_is_no_projects(desk: Desk, name: str) -> None:
    reply = desk.say(f"/{name}", issue=NOBODYS)
    assert reply.startswith(
        f"Not run: this issue is no project's own, so name the project, for example `/{name} "
    )


@pytest.mark.parametrize("name", ["emergency-stop", "resume", "retry", "discard"])
def test_unknown_id(desk: Desk, name: str) -> None:
    reply = desk.say(f"/{name} photo-sorted")
    assert reply == (
        "Not run: there is no project `photo-sorted`. Did you mean `photo-sorter-1`? "
        "`/status` lists the projects."
    )


def test_wrong_arguments(desk: Desk) -> None:
    assert desk.say("/emergency-stop photo-sorter-1 now") == snapshot("""\
Not run: given `now`, expected at most 1 argument.

Usage: `/emergency-stop [project-id] [--reason TEXT]`
For example: `/emergency-stop todo-app-7`\
""")
    assert desk.say("/emergency stop") == snapshot(
        "There is no command `/emergency`. Did you mean `/emergency-stop`? `/help` lists all commands."
    )


def test_what_is_stopped_already(desk: Desk) -> None:
    desk.say("/emergency-stop all")
    assert desk.say("/emergency-stop all") == snapshot(
        "Not run: everything is stopped already, since 2026-11-23 13:09 UTC, by `wendy`. `/resume all` ends it."
    )
    assert desk.say("/emergency-stop photo") == snapshot(
        "Not run: `photo-sorter-1` is stopped already, since 2026-11-23 13:09 UTC, by `wendy`. `/resume photo-sorter-1` lets it go on."
    )


def test_resume_of_what_is_not_stopped(desk: Desk) -> None:
    assert desk.say("/resume photo-sorter-1") == snapshot(
        "Not run: `photo-sorter-1` is not stopped; it is active, in the stage development."
    )
    assert desk.say("/resume all") == snapshot("Not run: nothing is stopped.")


def test_retry_of_what_is_not_in_review(desk: Desk) -> None:
    assert desk.say("/retry photo-sorter-1") == snapshot(
        "Not run: `photo-sorter-1` has nothing in review; it is active, in the stage development. `/queues review` shows what waits for a person."
    )
    assert desk.say("/retry photo-sorter-1.deployment") == snapshot(
        "Not run: `photo-sorter-1.deployment` is waiting. `/queues review` shows what waits for a person."
    )


@pytest.mark.parametrize("asked", ["/queues review", "/why chess-clock-3.genesis"])
def test_nobody_is_told_to_drop_what_cannot_be_dropped(desk: Desk, asked: str) -> None:
    reply = desk.say(asked)
    assert "`/discard chess-clock-3`" in reply
    assert "/discard chess-clock-3.genesis" not in reply


def test_discard_of_what_a_project_cannot_do_without(desk: Desk) -> None:
    assert desk.say("/discard photo-sorter-1.deployment") == snapshot(
        "Not run: `photo-sorter-1` cannot do without `photo-sorter-1.deployment`. `/retry photo-sorter-1.deployment` tries it again, `/discard photo-sorter-1` drops the whole project."
    )
    assert desk.say("/discard photo-sorter-1.genesis") == snapshot(
        "Not run: `photo-sorter-1.genesis` is done."
    )


# forbidden, and twice


def test_resume_needs_the_role_and_is_run_once(desk: Desk) -> None:
    desk.say("/emergency-stop photo-sorter-1")
    assert desk.say("/resume photo-sorter-1", "tim").startswith("Not run: `/resume` needs the role **write**")
    assert not desk.state().projects["photo-sorter-1"].going
    payload = desk.post("/resume photo-sorter-1")
    before, commits = desk.state(), desk.commits()
    desk.handle(payload)
    assert (desk.state(), desk.commits()) == (before, commits)
    assert desk.state().projects["photo-sorter-1"].going
    assert len(desk.answers(payload)) == 1


@pytest.mark.parametrize("typed", ACTING)
def test_too_low_a_role(desk: Desk, typed: str) -> None:
    before = desk.state()
    name = typed.partition(" ")[0]
    assert desk.say(typed, "tim").startswith(f"Not run: `{name}` needs the role **write**")
    assert desk.state().projects == before.projects


@pytest.mark.parametrize("typed", ACTING)
def test_a_repeated_delivery_changes_nothing(desk: Desk, typed: str) -> None:
    payload = desk.post(typed)
    before, commits = desk.state(), desk.commits()
    desk.handle(payload)
    assert (desk.state(), desk.commits()) == (before, commits)
    assert len(desk.answers(payload)) == 1


def test_the_reason_for_stopping_everything_is_told_until_it_ends(desk: Desk) -> None:
    desk.say("/emergency-stop all --reason fire in the <cellar>")
    told = "by `wendy`, because fire in the &lt;cellar"
    assert told in desk.say("/status")
    desk.say("/resume all")
    assert "because fire" not in desk.say("/status")
