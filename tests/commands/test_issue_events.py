"""The way of what people do to issues into the state: woken runs, ticks, budgets, and whose label stays.

What a label, a close, a reopening mean is tested elsewhere; here it is that each counts once, with its actor's
role, whoever comes by first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.app.handle import MOMENT
from bot.domain.config import Bots, Config, Issues, Sweep
from bot.domain.effects import Labels, OpenIssue, OutboxEntry
from bot.domain.events.asked import IssueChanged
from bot.domain.outputs import Priority
from bot.domain.state import State
from bot.domain.vocabulary import QueueName
from bot.hub.data.records import Role
from bot.hub.data.world import APP, BOT
from tests.commands.desk import REPOSITORY, Desk
from tests.commands.fleet import NOBODYS
from tests.core.worlds import UNSEEN
from tests.e2e.people import Json
from tests.e2e.repository import settled_in

TAX, STAR = "tax-form-7", "star-map-6"
LIST = f"GET /api/v3/repos/{REPOSITORY}/issues/events"


@pytest.fixture
def desk(hub: Desk, fleet: State) -> Desk:
    """The fleet with nothing left to deliver, swept just now; open issues without labels; the bot's own token."""
    desk = hub
    for issue in (6, 7, NOBODYS):
        for name in desk.labels(issue):
            desk.unlabel(issue, name, "ada")
        desk.reopen_issue(issue, "ada")
    desk.world.users.set_role(desk.world.repositories.find("acme", "factory"), APP, Role.TRIAGE)
    desk.account, desk.meanwhile = BOT, None
    desk.pauses.clear()
    assert fleet.events is not None
    ledger = fleet.ledger.model_copy(update={"cursor": fleet.events.now})
    desk.put(replace(fleet, ledger=ledger))
    return desk


def priority(desk: Desk, project: str = TAX) -> Priority:
    return desk.state().projects[project].priority


def settled(desk: Desk) -> list[IssueChanged]:
    """The issue events of the newest commit."""
    batch = desk.state().events
    assert batch is not None
    return [event for event in batch.events if isinstance(event, IssueChanged)]


def role_lookups(requests: list[str]) -> list[str]:
    return [request.split("/")[-2] for request in requests if request.endswith("/permission")]


def configure(desk: Desk, config: Config) -> None:
    desk.put(replace(desk.state(), config=config))


def move(desk: Desk, login: str = "wendy") -> int:
    """Give the project an issue of its own that nothing has happened to yet, opened by that person."""
    number = desk.issue("Tax form", login=login)
    project = desk.state().projects[TAX].model_copy(update={"issue": number})
    desk.put(replace(desk.state(), projects={**desk.state().projects, TAX: project}))
    return number


# one run, one label


def test_a_label_set_by_hand_reorders_the_queue_and_the_labels_follow(desk: Desk) -> None:
    desk.wake(desk.label(7, "priority:urgent"))
    assert priority(desk) is Priority.URGENT
    (event,) = settled(desk)
    assert (event.actor, event.role, event.label, event.issue) == ("wendy", "write", "priority:urgent", 7)
    assert desk.labels(7) == {"stage:genesis", "status:queued", "priority:urgent"}
    (item,) = [item for item in desk.state().queues[QueueName.GENESIS].items if item.project == TAX]
    assert item.priority is Priority.URGENT


def test_a_woken_run_costs_the_list_the_login_the_role_and_what_it_delivers(desk: Desk) -> None:
    payload, mark = desk.label(7, "priority:high"), desk.mark()
    desk.wake(payload)
    home = f"/api/v3/repos/{REPOSITORY}"
    traffic = desk.since(mark)
    assert traffic.api == [
        LIST,
        "POST /api/graphql",
        f"GET {home}/collaborators/wendy/permission",
        f"POST {home}/issues/7/labels",
    ]
    assert len(traffic.pushes) == 1


def test_the_same_event_delivered_twice_is_settled_once(desk: Desk) -> None:
    payload = desk.label(7, "priority:high")
    desk.wake(payload)
    (event,) = settled(desk)
    commits = desk.commits()
    desk.wake(payload)
    assert desk.commits() == commits
    desk.tick()
    desk.wait(minutes=2)
    desk.wake(payload)
    desk.tick()
    assert len(settled_in(desk.bare)[event.id]) == 1
    assert priority(desk) is Priority.HIGH


def test_one_run_settles_all_that_waits_in_its_order(desk: Desk) -> None:
    desk.label(7, "priority:urgent", "tim")
    desk.wait(seconds=2)
    payload = desk.label(7, "priority:high")
    desk.wait(seconds=2)
    desk.label(6, "priority:low", "ada")
    desk.wake(payload)
    assert [(event.actor, event.role) for event in settled(desk)] == [
        ("tim", "triage"),
        ("wendy", "write"),
        ("ada", "admin"),
    ]
    assert priority(desk) is Priority.HIGH
    assert priority(desk, STAR) is Priority.LOW
    assert desk.labels(7) == {"stage:genesis", "status:queued", "priority:high"}


def test_closing_and_reopening_a_projects_issue_counts(desk: Desk) -> None:
    desk.wake(desk.close_issue(7))
    assert [(event.action, event.role) for event in settled(desk)] == [("closed", "write")]
    desk.wait(seconds=5)
    desk.wake(desk.reopen_issue(7, "ada"))
    assert [(event.action, event.role) for event in settled(desk)] == [("reopened", "admin")]


def test_a_removed_label_counts_too(desk: Desk) -> None:
    desk.wake(desk.label(7, "priority:high"))
    desk.wait(seconds=5)
    desk.wake(desk.unlabel(7, "priority:high", "tim"))
    assert [(event.action, event.actor) for event in settled(desk)] == [("unlabeled", "tim")]


# what is passed over


def test_what_means_nothing_costs_no_request(desk: Desk) -> None:
    payloads = [
        desk.label(7, "bug"),
        desk.label(NOBODYS, "priority"),
        desk.close_issue(NOBODYS),
        desk.label(7, "priority:high", APP),
    ]
    commits, mark = desk.commits(), desk.mark()
    for payload in payloads:
        desk.wake(payload)
    assert desk.since(mark).api == []
    assert desk.commits() == commits


def test_a_tick_asks_nobodys_role_for_what_means_nothing(desk: Desk) -> None:
    desk.tick()
    desk.label(7, "bug")
    desk.close_issue(NOBODYS)
    desk.label(7, "stage:complete", APP)
    desk.label(7, "priority:high", BOT)
    mark = desk.mark()
    desk.tick()
    assert role_lookups(desk.since(mark).api) == []
    assert desk.since(mark).api.count(LIST) == 1
    assert settled(desk) == []


def test_a_bot_that_the_configuration_lets_in_counts_with_its_role(desk: Desk) -> None:
    configure(desk, Config(bots=Bots(allowed={APP: "triage"})))
    mark = desk.mark()
    desk.wake(desk.label(7, "priority:high", APP))
    assert [(event.actor, event.role) for event in settled(desk)] == [(APP, "triage")]
    assert role_lookups(desk.since(mark).api) == []


def test_what_the_bots_own_account_does_is_no_event_under_a_persons_token_either(desk: Desk) -> None:
    desk.account = "max"
    payload = desk.label(7, "priority:high", "max")
    desk.wake(payload)
    desk.tick()
    assert priority(desk) is Priority.LOW
    assert desk.state().ledger.account == "max"
    mark = desk.mark()
    desk.wake(payload)  # known by now
    assert desk.since(mark).api == []


# the label that asks for a project


def test_the_issue_is_read_from_the_list_itself(desk: Desk) -> None:
    number = desk.issue("A kite", "It flies.", "rita")
    mark = desk.mark()
    desk.wake(desk.label(number, "new-project"))
    (event,) = settled(desk)
    assert event.issue_text is not None
    assert (event.issue_text.title, event.issue_text.body, event.issue_text.author) == (
        "A kite",
        "It flies.",
        "rita",
    )
    assert f"GET /api/v3/repos/{REPOSITORY}/issues/{number}" not in desk.since(mark).api


@pytest.mark.parametrize("typed", ["/dispatch-genesis", "/dispatch-genesis A kite"])
def test_a_priority_label_set_before_the_project_was_asked_for_counts(desk: Desk, typed: str) -> None:
    number = desk.issue("A kite", "It flies.")
    desk.wake(desk.label(number, "priority:urgent"))
    mark = desk.mark()
    desk.say(typed, issue=number)
    assert desk.state().projects[f"a-kite-{number}"].priority == "urgent"
    assert "priority:urgent" in desk.labels(number)
    read = ("GET", f"/api/v3/repos/{REPOSITORY}/issues/{number}", BOT)
    assert read not in [(one["method"], one["path"], one["login"]) for one in desk.since(mark).requests]
    desk.say("/dispatch-genesis Another kite", issue=number)
    assert desk.state().projects[f"another-kite-{number}"].priority == "normal"


def test_what_the_command_says_counts_before_the_label_and_a_form_has_the_label(desk: Desk) -> None:
    said, form = desk.issue("A kite"), desk.issue("A drum")
    for number in (said, form):
        desk.wake(desk.label(number, "priority:high"))
    desk.say("/dispatch-genesis A kite --priority low", issue=said)
    desk.wake(desk.label(form, "new-project"))
    found = desk.state().projects
    assert found[f"a-kite-{said}"].priority == "low"
    assert found[f"a-drum-{form}"].priority == "high"


def test_the_label_has_the_name_that_the_configuration_gives_it(desk: Desk) -> None:
    configure(desk, Config(issues=Issues(new_project_label="please build")))
    number = desk.issue()
    commits = desk.commits()
    desk.wake(desk.label(number, "new-project"))
    assert desk.commits() == commits
    desk.wake(desk.label(number, "please build"))
    (event,) = settled(desk)
    assert event.issue_text is not None


def test_strangers_wait_for_a_tick(desk: Desk) -> None:
    """Whoever opened a project's issue may close it: that is not to cost a push each time."""
    number = move(desk, "rita")
    commits = desk.commits()
    desk.wake(desk.close_issue(number, "rita"))
    assert desk.commits() == commits
    desk.tick()
    assert [(event.actor, event.role) for event in settled(desk)] == [("rita", "read")]


# lists that lag, runs that were lost


def test_the_list_gets_a_moment_to_show_what_the_webhook_told(desk: Desk) -> None:
    payload = desk.label(6, "priority:high")
    early: Json = {**payload, "issue": {**payload["issue"], "number": 7}}
    desk.meanwhile = lambda: desk.label(7, "priority:high")
    desk.wake(early)
    assert priority(desk) is Priority.HIGH
    assert desk.pauses[:1] == [MOMENT]


def test_what_the_list_never_shows_is_left_to_a_tick(desk: Desk) -> None:
    payload = desk.label(6, "bug")
    commits, mark = desk.commits(), desk.mark()
    desk.wake({**payload, "label": {**payload["label"], "name": "priority:high"}})
    assert desk.since(mark).api == [LIST, LIST]
    assert desk.pauses == [MOMENT]
    assert desk.commits() == commits


def test_an_old_event_delivered_again_is_not_waited_for(desk: Desk) -> None:
    payload = desk.label(7, "priority:high")
    desk.wake(payload)
    desk.wait(minutes=20)
    desk.tick()
    desk.pauses.clear()
    desk.wake(payload)
    assert desk.pauses == []


def test_a_tick_settles_what_no_run_has(desk: Desk) -> None:
    desk.label(7, "priority:high")
    desk.tick()
    assert priority(desk) is Priority.HIGH


def test_a_command_looks_at_no_issue_events_unless_nobody_has_swept_for_long(desk: Desk) -> None:
    desk.tick()
    desk.label(7, "priority:high")
    mark = desk.mark()
    desk.say("/help")
    assert LIST not in desk.since(mark).api
    desk.wait(minutes=20)
    mark = desk.mark()
    desk.say("/help")
    assert desk.since(mark).api.count(LIST) == 1
    assert priority(desk) is Priority.HIGH


# budgets and the watermark


def test_who_is_beyond_the_budget_waits_and_nothing_overtakes(desk: Desk) -> None:
    configure(desk, Config(sweep=Sweep(actors=1), status_issue=UNSEEN))
    desk.tick()  # puts the first forecasts on record
    for name, login in (("high", "wendy"), ("low", "max"), ("urgent", "wendy")):
        desk.label(7, f"priority:{name}", login)
        desk.wait(seconds=90)
    before = desk.state().ledger.issues.watermark
    desk.tick()
    assert [event.label for event in settled(desk)] == ["priority:high"]
    assert desk.state().ledger.issues.watermark == before
    desk.tick()
    assert [event.label for event in settled(desk)] == ["priority:low"]
    desk.tick()
    assert priority(desk) is Priority.URGENT
    assert desk.state().ledger.issues.watermark > before


def test_the_watermark_stays_behind_the_present(desk: Desk) -> None:
    before = desk.state().ledger.issues.watermark
    desk.wake(desk.label(7, "priority:high"))
    assert desk.state().ledger.issues.watermark == before
    first = max(
        row["id"]
        for row in desk.every(f"/repos/{REPOSITORY}/issues/events")
        if row["actor"]["login"] == "wendy"
    )
    desk.wait(minutes=2)
    desk.wake(desk.label(6, "priority:high"))
    assert first <= desk.state().ledger.issues.watermark < _newest(desk)
    assert all(_serial(id_) > first for id_ in desk.state().ledger.issues.above)


def _newest(desk: Desk) -> int:
    return int(max(row["id"] for row in desk.every(f"/repos/{REPOSITORY}/issues/events")))


def _serial(id_: str) -> int:
    return int(id_.removeprefix("issue-"))


def test_a_few_labels_of_the_bots_own_are_worth_no_commit(desk: Desk) -> None:
    desk.wait(minutes=5)
    desk.tick()
    desk.wait(minutes=5)
    desk.tick()
    desk.label(7, "bug")
    desk.wait(minutes=5)
    desk.tick()
    commits = desk.commits()
    desk.label(7, "question")
    desk.wait(minutes=2)
    desk.tick()
    assert desk.commits() == commits


def test_the_list_never_grows_over_a_page(desk: Desk) -> None:
    for _ in range(26):
        desk.label(NOBODYS, "bug")
        desk.unlabel(NOBODYS, "bug")
    newest = _newest(desk)
    desk.wait(minutes=2)
    desk.tick()
    assert desk.state().ledger.issues.watermark >= newest


def test_what_happens_while_an_issue_is_being_filed_is_looked_at_again(desk: Desk) -> None:
    """Its number may turn out to be a project's own: what was done to it until then counts."""
    state = desk.state()
    project = state.projects[TAX].model_copy(update={"issue": None})
    entry = OutboxEntry(
        id="comment-1/9",
        asked_at=desk.moment.now,
        claimed_at=desk.moment.now,
        effect=OpenIssue(project=TAX),
    )
    outbox = state.outbox.model_copy(update={"entries": (*state.outbox.entries, entry)})
    desk.put(replace(state, projects={**state.projects, TAX: project}, outbox=outbox))
    before = desk.state().ledger.issues.watermark
    desk.close_issue(7)
    desk.wait(minutes=2)
    desk.wake(desk.label(6, "priority:high"))
    assert desk.state().ledger.issues.watermark == before


# a projection never removes a person's label that is not settled


def test_a_label_that_no_run_has_settled_yet_stays(desk: Desk) -> None:
    desk.wake(desk.label(7, "priority:high"))
    desk.wait(seconds=5)
    desk.label(7, "priority:urgent", "ada")
    desk.say(f"/emergency-stop {TAX}")
    assert desk.labels(7) == {"stage:genesis", "status:stopped", "priority:high", "priority:urgent"}
    desk.tick()
    assert [event.actor for event in settled(desk)] == ["ada"]
    assert desk.labels(7) == {"stage:genesis", "status:stopped", "priority:urgent"}


def test_a_settled_label_and_one_of_the_bots_own_go(desk: Desk) -> None:
    issue = move(desk)
    desk.wake(desk.label(issue, "priority:high"))
    desk.label(issue, "priority:normal", BOT)
    desk.wait(seconds=5)
    payload, mark = desk.label(issue, "priority:urgent"), desk.mark()
    desk.wake(payload)
    assert {name for name in desk.labels(issue) if name.startswith("priority:")} == {"priority:urgent"}
    assert desk.since(mark).api.count(f"GET /api/v3/repos/{REPOSITORY}/issues/{issue}/events") == 1


def test_a_label_that_was_taken_off_and_set_again_stays(desk: Desk) -> None:
    desk.wake(desk.label(7, "priority:high"))
    desk.wait(seconds=5)
    desk.wake(desk.label(7, "priority:urgent"))
    desk.wait(seconds=5)
    desk.label(7, "priority:high", "ada")
    desk.say(f"/emergency-stop {TAX}")
    assert {"priority:high", "priority:urgent"} <= desk.labels(7)


def test_other_labels_are_taken_off_without_a_look(desk: Desk) -> None:
    desk.wake(desk.label(7, "priority:high"))
    mark = desk.mark()
    desk.say(f"/emergency-stop {TAX}")
    assert "status:queued" not in desk.labels(7)
    assert f"GET /api/v3/repos/{REPOSITORY}/issues/7/events" not in desk.since(mark).api


# labels that are spelled otherwise


@pytest.fixture
def capitals(desk: Desk) -> Iterator[Desk]:
    """Somebody has renamed labels so that only the case differs: to GitHub they are the same labels."""
    where = f"/repos/{REPOSITORY}/labels"
    there = {row["name"] for row in desk.every(where)}
    renamed = ("priority:urgent", "priority:low", "stage:genesis", "status:queued", "new-project")
    for name in renamed:
        if name not in there:
            desk.call("ada", "POST", where, {"name": name, "color": "ededed"})
        desk.call("ada", "PATCH", f"{where}/{name}", {"new_name": name.title()})
    yield desk
    for name in renamed:
        desk.call("ada", "PATCH", f"{where}/{name}", {"new_name": name})


def test_a_label_counts_however_its_definition_is_spelled(capitals: Desk) -> None:
    desk = capitals
    desk.wake(desk.label(7, "Priority:Urgent"))
    assert priority(desk) is Priority.URGENT
    for _ in range(3):
        desk.wait(minutes=3)
        desk.tick()
    assert {name.lower() for name in desk.labels(7)} == {"stage:genesis", "status:queued", "priority:urgent"}
    pending = [one for one in desk.state().outbox.entries if one.effect.kind == "labels"]
    assert [one for one in pending if one.effect == Labels(project=TAX)] == []


def test_an_issue_asks_for_a_project_however_its_label_is_spelled(capitals: Desk) -> None:
    number = capitals.issue("A page that counts the days")
    capitals.wake(capitals.label(number, "New-Project"))
    assert [one.issue for one in capitals.state().projects.values() if one.issue == number] == [number]
