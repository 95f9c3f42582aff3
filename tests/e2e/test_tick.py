"""A tick: heals what no run has settled, empties the outbox by evidence, and is cheap when nothing is due."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.alert_rules import CONFIGURATION
from bot.domain.effects import OutboxEntry
from bot.domain.state import State
from bot.hub.data.world import BOT
from tests.e2e.evidence import is_done
from tests.e2e.stage import GRACE, REPOSITORY, Json, Stage, staged

DAY = 86_400.0


def looked_at(requests: list[str]) -> list[str]:
    """Without the configuration, which a run on Actions finds in its checkout."""
    return [request for request in requests if not request.endswith("/contents/.github/orchestrator.yml")]


def _edit(stage: Stage, payload: Json, body: str) -> None:
    stage.forward(2)  # GitHub's times have whole seconds: an edit within the first is not seen
    path = f"/repos/{REPOSITORY}/issues/comments/{payload['comment']['id']}"
    stage.call("wendy", "PATCH", path, {"body": body})


def _settle_down(stage: Stage) -> None:
    """Until a tick finds nothing to do: outboxes emptied, cursors moved."""
    for _ in range(3):
        stage.forward(GRACE)
        stage.tick()


def test_a_lost_command_is_healed(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A map of the stars")
    stage.tick()
    stage.assert_done_once(payload)
    assert stage.handle(payload).code == 0  # the run was late, not lost
    stage.assert_done_once(payload)


def test_lost_commands_are_settled_together(stage: Stage) -> None:
    payloads = [stage.comment(stage.issue(), "/status") for _ in range(5)]
    before = len(stage.bare.history())
    stage.tick()
    assert [len(stage.replies(payload)) for payload in payloads] == [1] * 5
    assert len(stage.bare.history()) == before + 1


def test_a_comment_edited_before_it_was_read_is_answered_and_not_run(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "What about this?")
    _edit(stage, payload, "/dispatch-genesis A rocket")
    stage.tick()
    assert "edited" in stage.reply(payload)
    assert stage.projects_of(payload["issue"]["number"]) == []
    assert stage.reactions(payload) == [(BOT, "confused")]


def test_a_comment_edited_after_it_was_settled_gets_nothing_more(stage: Stage) -> None:
    payload = stage.say(stage.issue(), "/help")
    _edit(stage, payload, "/dispatch-genesis A rocket")
    stage.tick()
    assert len(stage.comments(payload["issue"]["number"])) == 2
    assert stage.projects_of(payload["issue"]["number"]) == []


def test_a_comment_that_became_a_command_long_after_it_was_read_gets_nothing(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), "What about this?")
    stage.forward(GRACE)
    stage.say(stage.issue(), "/help")
    stage.forward(GRACE)
    stage.tick()
    _edit(stage, payload, "/dispatch-genesis A rocket")
    stage.tick()
    assert stage.projects_of(payload["issue"]["number"]) == []
    assert len(stage.comments(payload["issue"]["number"])) == 1


@pytest.mark.parametrize("found_by", ["handle", "tick"])
def test_a_command_older_than_a_day_is_answered_and_not_run(stage: Stage, found_by: str) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A kettle")
    stage.forward(DAY + 60)
    done = stage.handle(payload) if found_by == "handle" else stage.tick()
    assert done.code == 0, done.log
    assert "1 d" in stage.reply(payload)
    assert stage.projects_of(payload["issue"]["number"]) == []


def test_an_idle_tick_commits_nothing_and_is_cheap(stage: Stage) -> None:
    stage.say(stage.issue(), "/status")
    _settle_down(stage)
    head, mark = stage.bare.head(), stage.mark()
    stage.tick()
    traffic = stage.since(mark)
    assert stage.bare.head() == head
    assert traffic.pushes == []
    assert len(looked_at(traffic.api)) <= 3, traffic.api


def _entries(state: State) -> dict[str, OutboxEntry]:
    return {entry.id: entry for entry in state.outbox.entries}


def test_evidence_empties_the_outbox(tmp_path: Path) -> None:
    """Whatever time changes meanwhile (it stops idle workers), each entry goes when it is seen done."""
    with staged(tmp_path) as stage:
        payload = stage.say(stage.issue(), "/dispatch-genesis A box of bricks")
        (project,) = stage.projects_of(payload["issue"]["number"])
        asked: set[str] = set()
        for _ in range(6):
            waiting = _entries(state := stage.state())
            if not waiting:
                break
            asked |= {entry.effect.kind for entry in waiting.values()}
            stage.forward(GRACE)
            seen = {id_ for id_, entry in waiting.items() if is_done(stage, state, entry)}
            stage.tick()
            assert waiting.keys() - _entries(stage.state()).keys() <= seen
        assert {"reply", "labels", "dispatch", "status"} <= asked
        assert _entries(stage.state()) == {}
        assert len(stage.replies(payload)) == 1
        assert len([name for name in stage.runs() if name.startswith(f"{project}.")]) == 1


def test_a_handle_sweeps_when_nobody_has_for_long(stage: Stage) -> None:
    _settle_down(stage)
    lost = stage.comment(stage.issue(), "/queues")
    stage.forward(20 * 60)
    stage.say(stage.issue(), "/help")
    assert len(stage.replies(lost)) == 1


def test_the_configuration_file_is_taken_in_and_a_bad_one_is_not(stage: Stage) -> None:
    stage.configure("commands:\n  working: admin\n")
    stage.tick()
    assert stage.state().config.commands.working == "admin"
    refused = stage.say(stage.issue(), "/dispatch-genesis A drum")
    assert "**admin**" in stage.reply(refused)

    stage.configure("commands:\n  working: admin\n  wroking: read\n")
    stage.tick()
    state = stage.state()
    assert state.config.commands.working == "admin"
    (alert,) = [alert for alert in state.alerts.items if alert.until is None and alert.id == CONFIGURATION.id]
    assert "commands.wroking" in alert.cause
    assert "line 3" in alert.cause
    head = stage.bare.head()
    stage.tick()
    assert stage.bare.head() == head  # the same problem is no news

    stage.configure("commands:\n  working: write\n")
    stage.tick()
    state = stage.state()
    assert state.config.commands.working == "write"
    assert [
        alert for alert in state.alerts.items if alert.until is None and alert.id == CONFIGURATION.id
    ] == []
    accepted = stage.say(stage.issue(), "/dispatch-genesis A drum")
    assert stage.projects_of(accepted["issue"]["number"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("commands: [\n", "line 2"),
        ("pools:\n  genesis:\n    roster: []\n    minimum: 3\n    maximum: 2\n", "pools.genesis"),
        ("- a list\n", "line 1"),
        ("sweep:\n  actors: many\n", "line 2: key 'sweep.actors'"),
        ("worker_workflow: ../../evil.sh\n", "worker_workflow"),
        ("a: &a [*a]\n", "line 1"),
        ("commands:\n  max_age_hours: .nan\n", "max_age_hours"),
        ("commands:\n  max_age_hours: .inf\n", "max_age_hours"),
        ("commands:\n  max_age_hours: 1.0e+300\n", "max_age_hours"),
        ("sweep:\n  stale_minutes: 1.0e+300\n", "stale_minutes"),
        ("attempts:\n  backoff_seconds: 1000000000000000000\n", "backoff_seconds"),
        ("pools:\n  genesis:\n    time_limit_minutes: 1000000000000000000\n", "time_limit_minutes"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_an_alert_and_nothing_else(
    stage: Stage, text: str, names: str
) -> None:
    before = stage.state().config
    stage.configure(text)
    stage.tick()
    state = stage.state()
    if state.config != before:
        stage.configure("{}\n")
        stage.tick()
    assert state.config == before
    (alert,) = [alert for alert in state.alerts.items if alert.until is None and alert.id == CONFIGURATION.id]
    assert names in alert.cause


def test_a_configuration_that_no_clock_can_count_stops_nothing(tmp_path: Path) -> None:
    """Taken in by a tick, it would make every later one fail, the one that takes the mended file too."""
    with staged(tmp_path) as stage:
        stage.configure("delivery:\n  grace_seconds: 1000000000000000000\n")
        stage.tick()
        stage.say(stage.issue(), "/status")
        stage.configure("{}\n")
        stage.tick()


def test_no_configuration_file_means_the_defaults(stage: Stage) -> None:
    stage.configure("commands:\n  reading: read\n")
    stage.tick()
    assert stage.state().config.commands.reading == "read"
    stage.bare.commit_file("main", ".github/orchestrator.yml", None)
    stage.tick()
    assert stage.state().config.commands.reading == "triage"


def _claimed(stage: Stage, tmp_path: Path) -> tuple[Json, str, int]:
    """A project whose run has claimed its assignment and is at work: payload, assignment, run."""
    payload = stage.say(stage.issue(), "/dispatch-genesis A paper boat")
    (project,) = stage.projects_of(payload["issue"]["number"])
    name = stage.assignment(project)
    rows = stage.every(f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs")
    (run,) = [row["id"] for row in rows if row["display_title"] == name]
    stage.world.runs.start(run)
    assert stage.work("claim", tmp_path, name, run).code == 0
    _settle_down(stage)
    return payload, name, run


def test_a_run_that_died_is_noticed_by_the_next_tick_and_its_task_goes_on(
    stage: Stage, tmp_path: Path
) -> None:
    stage.make_room()
    stage.forward(11 * 60)  # whatever other tests have raised an alert of is over, and told
    _settle_down(stage)
    _, name, run = _claimed(stage, tmp_path)
    head, mark = stage.bare.head(), stage.mark()
    stage.tick()
    traffic = stage.since(mark)
    assert (stage.bare.head(), traffic.pushes) == (head, []), "alive: nothing to commit"
    assert len(looked_at(traffic.api)) <= 3, traffic.api

    stage.world.runs.finish(run, "failure")
    stage.tick()
    task = stage.state().projects[name.partition(".")[0]].tasks[0]
    assert task.error is not None
    assert task.error.run_url.endswith(f"/actions/runs/{run}")
    assert "did not report before its run ended (failure)" in task.error.summary
    assert stage.work("report", tmp_path, name, run).code == 0
    assert stage.state().projects[name.partition(".")[0]].tasks[0] == task, "its lease is closed"
    stage.forward(60)  # past the backoff
    stage.tick()
    again = stage.state().projects[name.partition(".")[0]].tasks[0]
    assert (again.attempt, again.worker != task.error.worker) == (2, True)


def test_a_run_that_the_list_leaves_out_is_looked_up_by_itself(stage: Stage, tmp_path: Path) -> None:
    stage.make_room()
    _settle_down(stage)
    _, name, run = _claimed(stage, tmp_path)
    stage.world.db.execute(
        f"UPDATE runs SET title = 'worker' WHERE id = {run}"
    )  # what a re-run may be called
    head, mark = stage.bare.head(), stage.mark()
    stage.tick()
    assert stage.bare.head() == head
    assert len(looked_at(stage.since(mark).api)) == 4
    stage.world.runs.finish(run, "cancelled")
    stage.tick()
    task = stage.state().projects[name.partition(".")[0]].tasks[0]
    assert task.error is not None
    assert "(cancelled)" in task.error.summary


def test_a_configuration_that_was_mended_again_at_once_is_no_news_at_the_next_look(stage: Stage) -> None:
    for text in ("commands: [\n", "{}\n", "commands: [\n", "{}\n"):
        stage.configure(text)
        stage.tick()
    head = stage.bare.head()
    stage.tick()
    assert stage.bare.head() == head
