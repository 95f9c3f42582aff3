"""A small quota over real HTTP: commands are answered and work begins; the texts wait and catch up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.careful import Looks
from bot.domain import files
from bot.domain.errors import NotFound, RateLimited
from bot.domain.events.observed import Observed
from bot.domain.quota import Meter, Purpose
from tests.commands.desk import Desk, opened
from tests.core.worlds import BY_HAND
from tests.e2e.people import REPOSITORY
from tests.e2e.repository import settled_in
from tests.showing.outside import edits, page, settle_down

REQUESTS = 240
"""An hour."""


@pytest.fixture
def poor(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path, requests=REQUESTS) as desk:
        desk.wait(hours=2)  # what setting the hub up took is none of this hour's
        desk.issue("A lamp that follows the sun")
        state = desk.state()
        desk.put(replace(state, config=state.config.model_copy(update={"scaling": BY_HAND})))
        yield desk


def left(desk: Desk) -> int:
    return int(desk.call(desk.account, "GET", "/rate_limit")["resources"]["core"]["remaining"])


def test_little_is_left_and_everything_is_answered_and_the_texts_catch_up(
    poor: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "orchestrator")
    payloads = []
    seen: list[tuple[int, list[str]]] = []
    number = 0
    while left(poor) > 14:
        number += 1
        mark = poor.mark()
        body = f"/dispatch-genesis Idea {number}" if number < 4 else "/pause content\n/unpause content\n/help"
        payloads.append(poor.post(body, issue=1))
        poor.wait(seconds=45)
        poor.tick()
        poor.wait(seconds=45)
        before = left(poor)
        seen.append((before, edits(poor.since(mark).api)))
    assert number > 6
    assert all(len(poor.answers(payload)) == 1 for payload in payloads)
    state = poor.state()
    assert state.showing.shed is not None
    assert set(state.showing.shed.purposes) == {Purpose.STATUS, Purpose.PROGRESS, Purpose.VOTES}
    assert state.ledger.backlog.commands == 0
    runs = poor.every(f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs")
    begun = {run["display_title"].partition("@")[0] for run in runs}
    assert len(begun) == 3, "each project's work was dispatched"
    assert "few API requests are left" in caplog.text
    assert "⏳ **Few API requests are left" in page(poor)
    late = [one for rest, made in seen if rest < REQUESTS * 0.1 for one in made]
    assert late == [], "no text is rewritten with so few left"

    text = page(poor)
    poor.wait(hours=1)
    settle_down(poor, 6)
    state = poor.state()
    assert state.showing.shed is None
    last = poor.moment.now - timedelta(seconds=131)
    assert all(one.asked_at > last for one in state.outbox.entries), "only the last tick's is open"
    assert state.showing.status is not None
    assert state.showing.status.at is not None
    assert state.showing.status.at > last - timedelta(minutes=10)
    assert page(poor) != text
    assert "few API requests" not in page(poor).lower()
    assert "Requests by purpose" in poor.say("/metrics 6h")
    twice = [event for event, commits in settled_in(poor.bare).items() if len(commits) > 1]
    assert twice == ["initialised"], "which the state that the test began with is kept with, too"


def test_each_request_is_on_record_by_its_purpose(poor: Desk) -> None:
    poor.post("/dispatch-genesis Idea")
    poor.wait(seconds=60)
    poor.tick()
    purposes = poor.state().hours.items[-1].purposes
    assert purposes[Purpose.REPLY] == 2
    assert purposes[Purpose.DISPATCH] == 1
    assert purposes[Purpose.COMMANDS] >= 3
    assert "reply 2" in poor.say("/metrics 1h")


def test_what_was_asked_for_before_the_state_knew_waits_in_the_outbox(
    poor: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    poor.post("/dispatch-genesis Idea")
    settle_down(poor, 3)
    spent = left(poor) - 20
    for _ in range(spent):  # somebody else uses the token
        poor.call(poor.account, "GET", f"/repos/{REPOSITORY}/labels")
    mark = poor.mark()
    (project,) = poor.state().projects
    assert poor.say(f"/emergency-stop {project}")
    assert edits(poor.since(mark).api) == []
    assert "wait until" in caplog.text
    kinds = [entry.effect.kind for entry in poor.state().outbox.entries]
    assert "progress" in kinds
    poor.wait(hours=1)
    settle_down(poor, 3)
    assert poor.state().outbox.entries == ()
    assert edits(poor.since(mark).api) != []


# looks


def test_a_failed_look_costs_only_itself_until_a_limit_or_a_command() -> None:
    looks = Looks(Meter())

    def missing() -> int:
        raise NotFound("no")

    def limited() -> int:
        raise RateLimited("later", 60)

    assert looks.at("one", Purpose.EVIDENCE, missing, 0) == 0
    assert looks.at("two", Purpose.EVIDENCE, lambda: 2, 0) == 2
    assert looks.at("three", Purpose.EVIDENCE, limited, 0) == 0
    assert looks.at("four", Purpose.EVIDENCE, lambda: 4, 0) == 0
    hurried = Looks(Meter(), commands_wait=True)
    assert hurried.at("one", Purpose.EVIDENCE, lambda: 1, 0) == 1
    assert hurried.at("two", Purpose.EVIDENCE, missing, 0) == 0
    assert hurried.at("three", Purpose.EVIDENCE, lambda: 3, 0) == 0


@pytest.mark.parametrize(
    "failure", ["status=502 header=retry-after:3600", "status=403 header=retry-after:3600", "status=404"]
)
@pytest.mark.parametrize("look", ["GET */actions/workflows/worker.yml/runs*", "GET */issues/events*"])
def test_a_look_that_fails_leaves_comments_to_be_settled(desk: Desk, look: str, failure: str) -> None:
    desk.post("/dispatch-genesis Idea")
    lost = desk.comment(1, "/help")
    desk.wait(seconds=200)
    with desk.faults(f"{look} {failure}"):
        result = desk.tick()
        assert desk.control("GET", "/faults")["faults"][0]["met"] > 0
    assert len(desk.answers(lost)) == 1
    assert result.committed
    head = desk.commits()
    settle_down(desk, 4)
    assert desk.commits() > head
    assert desk.state().outbox.entries == ()
    # What GitHub says is not there is delivered again; what cannot be looked at is not.
    dispatched = len(desk.every(f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs"))
    assert dispatched == 1 or ("runs" in look and "404" in failure)


def test_a_dispatch_that_could_not_be_looked_for_is_not_made_twice(desk: Desk) -> None:
    desk.post("/dispatch-genesis Idea")
    runs = "GET */actions/workflows/worker.yml/runs*"
    for _ in range(2):
        desk.wait(seconds=200)
        with desk.faults(f"{runs} status=502 header=retry-after:3600"):
            desk.tick()
    settle_down(desk, 1)
    assert len(desk.every(f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs")) == 1


def test_a_deleted_progress_comment_of_a_busy_project_is_written_to_once(desk: Desk) -> None:
    desk.say("/dispatch-genesis A lamp that follows the sun")
    settle_down(desk, 2)
    (project,) = desk.state().projects.values()
    assert project.progress is not None
    number = project.progress.number
    path = f"/repos/{REPOSITORY}/issues/comments/{number}"
    desk.call("ada", "DELETE", path)
    mark = desk.mark()
    for turn in range(8):  # something changes each minute
        desk.wait(seconds=61)
        desk.say(f"/{'resume' if turn % 2 else 'emergency-stop'} {project.id}")
        desk.wait(seconds=5)
        desk.tick()
    made = desk.since(mark).api
    tried = made.count(f"PATCH /api/v3{path}")
    looked = made.count(f"GET /api/v3{path}")
    assert 1 <= tried <= 3, made
    assert looked <= 2
    assert desk.state().projects[project.id].progress is None
    records = [files.load(tree).events for _, tree in desk.bare.trees()]
    events = [event for one in records if one is not None for event in one.events]
    told = [event for event in events if isinstance(event, Observed) and event.gone]
    assert len(told) == 1, "that it is gone is recorded once"
