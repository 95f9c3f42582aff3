"""What every user of the forge relies on: of the adapter in front of the hub, and of GitHub in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.errors import NotFound, Rejected
from bot.hub.data.world import APP
from bot.ports.forge import Forge
from tests.core.worlds import START
from tests.fakes.github import BOT
from tests.fakes.grounds import Ground, ground

WORKFLOW = "worker.yml"


@pytest.fixture(scope="module", params=["hub", "memory"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(request.param, tmp_path_factory.mktemp("ground")) as found:
        yield found


@pytest.fixture
def forge(place: Ground) -> Forge:
    return place.forge()


def test_the_clock_is_known_after_the_first_answer(place: Ground, forge: Forge) -> None:
    assert forge.now() is None
    assert forge.role("wendy") == "write"
    before = forge.now()
    assert before is not None
    assert before.microsecond == 0
    place.wait(90)
    assert forge.now() == before + timedelta(seconds=90)


def test_roles_and_whose_token_it_is(forge: Forge) -> None:
    roles = {login: forge.role(login) for login in ("ada", "max", "wendy", "tim", "rita", "stan", "nobody")}
    assert roles == {
        "ada": "admin", "max": "maintain", "wendy": "write", "tim": "triage", "rita": "read",
        "stan": "none", "nobody": "none",
    }  # fmt: skip
    made = forge.requests
    assert [forge.whoami(), forge.whoami()] == [BOT, BOT]
    assert forge.requests == made + 1


def test_comments_since_are_by_their_last_change_and_oldest_first(place: Ground, forge: Forge) -> None:
    issue = place.open_issue("wendy", "One", "Text")
    early = place.comment("wendy", issue, "early")
    edited = place.comment("wendy", issue, "before")
    place.wait(60)
    reply = forge.comment(issue, "late")
    since = reply.created_at
    assert [one.id for one in forge.comments_since(since) if one.issue == issue] == [reply.id]
    place.edit_comment("wendy", edited, "after")
    found = {one.id: one for one in forge.comments_since(since) if one.issue == issue}
    assert list(found) == [edited, reply.id]
    assert (found[edited].body, found[edited].updated_at > found[edited].created_at) == ("after", True)
    assert (found[reply.id].author, found[reply.id].author_is_bot) == (BOT, True)
    assert [one.id for one in forge.comments_of(issue)] == [early, edited, reply.id]
    with pytest.raises(NotFound):
        forge.comments_of(9_999)
    with pytest.raises(NotFound):
        forge.comment(9_999, "nobody reads this")


def test_thumbs_are_those_of_others_and_cost_one_request_for_all(place: Ground, forge: Forge) -> None:
    issue = place.open_issue("wendy", "One", "Text")
    liked, disputed, ignored = (place.comment("wendy", issue, word) for word in ("a", "b", "c"))
    for login, comment, content in (
        ("ada", liked, "+1"),
        ("wendy", liked, "+1"),
        ("ada", disputed, "+1"),
        ("rita", disputed, "-1"),
        ("rita", disputed, "heart"),
    ):
        place.react(login, comment, content)
    forge.react(liked, "+1")  # the bot's own
    forge.react(disputed, "-1")
    made = forge.requests
    found = forge.thumbs(dict.fromkeys((liked, disputed, ignored), ""))
    assert forge.requests == made + 4
    assert {one: (seen.up, seen.down) for one, seen in found.items()} == {
        liked: (2, 0),
        disputed: (1, 1),
        ignored: (0, 0),
    }
    known = {one: seen.node for one, seen in found.items()}
    assert forge.thumbs(known) == found
    assert forge.requests == made + 5
    assert forge.thumbs({9_999: "IC_9999"}) == {}
    assert set(forge.thumbs({**known, 9_999: "IC_9999"})) == {liked, disputed, ignored}


def test_a_reaction_given_twice_is_one(place: Ground, forge: Forge) -> None:
    comment = place.comment("wendy", place.open_issue("wendy", "One", "Text"), "/status")
    forge.react(comment, "rocket")
    forge.react(comment, "rocket")
    forge.react(comment, "eyes")
    assert sorted(place.reactions(comment)) == [(BOT, "eyes"), (BOT, "rocket")]
    with pytest.raises(NotFound):
        forge.react(9_999, "rocket")


def test_issues_with_their_labels(place: Ground, forge: Forge) -> None:
    number = place.open_issue("wendy", "One", "Text")
    forge.add_labels(number, ["stage:genesis", "priority:low"])
    place.unlabel("wendy", number, "priority:low")
    forge.remove_label(number, "was never there")
    issue = forge.issue(number)
    assert (issue.title, issue.body, issue.author, issue.closed) == ("One", "Text", "wendy", False)
    assert issue.labels == {"stage:genesis"}
    assert number in [one.number for one in forge.issues(["stage:genesis"])]
    assert forge.issues(["stage:genesis", "priority:low"]) == []
    assert number not in [one.number for one in forge.issues(creator=BOT)]
    assert {"stage:genesis", "priority:low"} <= forge.label_names()
    place.close("wendy", number, closed=True)
    assert forge.issue(number).closed
    assert number in [one.number for one in forge.issues()]
    forge.edit_issue(number, body="Changed", closed=False)
    assert (forge.issue(number).body, forge.issue(number).closed) == ("Changed", False)
    with pytest.raises(NotFound):
        forge.issue(9_999)


def test_what_happened_to_issues_is_told_once_with_the_present_state(place: Ground, forge: Forge) -> None:
    number = place.open_issue("wendy", "One", "Text")
    begun = START - timedelta(days=1)
    before = max((event.id for event in forge.issue_events(0, begun)), default=0)
    place.label("wendy", number, "priority:high")
    place.label("wendy", number, "priority:high")
    place.close("max", number, closed=True)
    forge.edit_issue(number, closed=False)
    forge.add_labels(number, ["status:active"])
    place.unlabel("ada", number, "priority:high")
    events = forge.issue_events(before, begun)
    assert [(one.event, one.label, one.actor, one.actor_is_bot) for one in events] == [
        ("labeled", "priority:high", "wendy", False),
        ("closed", "", "max", False),
        ("reopened", "", BOT, True),
        ("labeled", "status:active", BOT, True),
        ("unlabeled", "priority:high", "ada", False),
    ]
    assert all(one.id < other.id for one, other in pairwise(events))
    assert {one.subject.labels for one in events if one.subject} == {frozenset({"status:active"})}
    assert [one.id for one in forge.issue_events_of(number)] == [one.id for one in events]
    assert forge.issue_events(events[-1].id, begun) == []
    place.wait(60)
    assert forge.issue_events(before, events[-1].created_at + timedelta(seconds=1)) == []


def test_an_issue_that_is_filed_tells_of_its_labels(place: Ground, forge: Forge) -> None:
    issue = forge.create_issue("An alert", "Look here", ["status:queued"])
    assert (issue.author, issue.labels) == (BOT, {"status:queued"})
    assert [one.label for one in forge.issue_events_of(issue.number)] == ["status:queued"]
    assert issue.number in [one.number for one in forge.issues(creator=BOT)]


def test_a_comment_is_read_until_it_is_deleted(place: Ground, forge: Forge) -> None:
    issue = place.open_issue("wendy", "One", "Text")
    comment = forge.comment(issue, "As it was")
    forge.edit_comment(comment.id, "As it is")
    assert forge.read_comment(comment.id).body == "As it is"
    with pytest.raises(NotFound):
        forge.read_comment(999_999)


def test_three_issues_are_pinned_and_each_pin_is_an_event(forge: Forge) -> None:
    made = [forge.create_issue(f"Pin {number}", "Text") for number in range(4)]
    for issue in made[:3]:
        forge.pin_issue(issue.node_id)
        assert [event.event for event in forge.issue_events_of(issue.number)] == ["pinned"]
    assert [issue.number for issue in forge.pinned_issues()] == [issue.number for issue in made[:3]]
    with pytest.raises(Rejected):
        forge.pin_issue(made[3].node_id)


def test_milestones_and_labels_are_defined_once(forge: Forge) -> None:
    number = forge.create_milestone("MVP", "The least")
    assert forge.milestones()["MVP"] == number
    with pytest.raises(Rejected):
        forge.create_milestone("MVP", "Again")
    forge.create_label("dev-ready", "1a7f37", "Ready")
    forge.create_label("dev-ready", "1a7f37", "Ready")
    assert "dev-ready" in forge.label_names()
    assert forge.create_issue("Planned", "Text", [], number).number
    with pytest.raises(Rejected):
        forge.create_issue("Planned", "Text", [], 9_999)


def test_a_run_from_its_dispatch_to_its_end(place: Ground, forge: Forge) -> None:
    place.wait(600)
    forge.role("wendy")
    since = forge.now()
    assert since is not None
    first = forge.dispatch(WORKFLOW, {"assignment": "a.genesis@1"})
    second = forge.dispatch(WORKFLOW, {"assignment": "b.genesis@2"})
    assert first is not None
    assert second is not None
    assert [(run.id, run.name, run.status) for run in forge.runs(WORKFLOW, since)] == [
        (second, "b.genesis@2", "queued"),
        (first, "a.genesis@1", "queued"),
    ]
    place.start_run(first)
    assert forge.run(first).status == "in_progress"
    forge.cancel_run(second)
    forge.cancel_run(second)
    assert (forge.run(second).status, forge.run(second).conclusion) == ("completed", "cancelled")
    forge.cancel_run(first)
    assert forge.run(first).status == "in_progress", "its runner has not heard of it yet"
    place.end_run(first, "failure")
    place.end_run(first, "success")
    assert forge.run(first).conclusion == "failure"
    place.wait(60)
    assert forge.runs(WORKFLOW, since + timedelta(seconds=30)) == []
    with pytest.raises(NotFound):
        forge.run(9_999_999)


def test_a_file_of_the_default_branch(place: Ground, forge: Forge) -> None:
    place.write_file("docs/idea.md", "A page ☃")
    assert forge.file_text("docs/idea.md") == "A page ☃"
    with pytest.raises(NotFound):
        forge.file_text("docs/none.md")


def test_a_repository_is_created_once(place: Ground) -> None:
    forge = place.forge(APP, "acme/todo-app-7")
    with pytest.raises(NotFound):
        forge.repository()
    made = forge.create_repository("A list · made by orchestrator")
    assert made.full_name == "acme/todo-app-7"
    assert forge.repository() == made
    with pytest.raises(Rejected):
        forge.create_repository("Another")
    assert forge.create_issue("First", "Text").number == 1
    assert forge.issues()[0].author == APP
