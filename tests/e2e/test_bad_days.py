"""GitHub's bad days, one row each: nothing is lost, nothing doubled, and the run says what was the matter.

What passes within a run, what outlasts it, what only people can mend, and what is gone. The outages that
``test_outages.py`` and the adapter's own tests go through in depth are not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.app.monitor import Plan
from tests.e2e.repository import INBOX, assert_linear_and_replayable, settled_in
from tests.e2e.stage import GRACE, REPOSITORY, Json, Stage
from tests.e2e.watch import Simulation, timeless

COMMAND = "/dispatch-genesis A lamp that follows the sun"
LONG = "header=retry-after:3600"
"""Longer than any run waits."""
SPENT = "header=x-ratelimit-remaining:0 header=x-ratelimit-reset:99999999999"

ROLE = "GET */collaborators/*/permission"
REACTION = "POST */issues/comments/*/reactions"
REPLY = "POST */issues/*/comments"
DISPATCH = "POST */dispatches"
LABELS = "POST */issues/*/labels"
REFS = "GET */info/refs*"
FETCH = "POST */git-upload-pack"
PUSH = "POST */git-receive-pack"

DONE, SETUP, LATER = 0, 2, 75
"""Exit codes: all done or left to a tick by itself; people have to mend the set-up; try again."""

STAYS = "stays in the outbox"

DAYS: dict[str, tuple[str, int, str]] = {
    # what is looked up
    "401: the token has expired": (f"{ROLE} status=401", SETUP, "expired or revoked"),
    "403 without a word of limits": (f"{ROLE} status=403", SETUP, "needs the permission"),
    "403, the primary limit": (f"{ROLE} status=403 {SPENT}", LATER, "rate limit is used up"),
    "403, a secondary limit": (f"{ROLE} status=403 {LONG}", LATER, "rate limit is used up"),
    "429": (f"{ROLE} status=429 {LONG}", LATER, "rate limit is used up"),
    "404: the commenter is gone": (f"{ROLE} status=404", DONE, "nothing to save"),
    "409 for a moment's look": (f"{ROLE} status=409 times=1", 1, "409"),
    "500": (f"{ROLE} status=500 {LONG}", LATER, "answered 500"),
    "504 in HTML": (f"{ROLE} status=504 body=html {LONG}", LATER, "answered 504"),
    "HTML in place of JSON, once": (f"{ROLE} body=html times=1", DONE, "saved"),
    "a slow answer": (f"{ROLE} delay=900ms", DONE, "saved"),
    "an answer that is cut": (f"{ROLE} body=cut times=1", DONE, "saved"),
    # what is written
    "the reply: 401": (f"{REPLY} status=401", SETUP, "expired or revoked"),
    "the reply: 403": (f"{REPLY} status=403", SETUP, "needs the permission"),
    "the reply: 403, the issue is locked": (
        f"{REPLY} status=403 'message=Unable to create comment because issue is locked.'",
        DONE,
        "conversation is locked",
    ),
    "the reply: 404, the issue was deleted": (f"{REPLY} status=404", DONE, STAYS),
    "the reply: 410, the issue was deleted": (f"{REPLY} status=410", DONE, STAYS),
    "the reply: 301, the issue was transferred": (
        f"{REPLY} status=301 header=location:/api/v3/repositories/9/issues/1/comments",
        DONE,
        STAYS,
    ),
    "the reply: 422": (f"{REPLY} status=422", DONE, STAYS),
    "the reply: 500": (f"{REPLY} status=500 {LONG}", LATER, STAYS),
    "the reply: a cut answer": (f"{REPLY} body=cut times=1", DONE, "saved"),
    "the reaction: a cut answer": (f"{REACTION} body=cut times=1", DONE, "saved"),
    "the dispatch: 403": (f"{DISPATCH} status=403", SETUP, "needs the permission"),
    "the dispatch: 404, no such workflow": (f"{DISPATCH} status=404", DONE, STAYS),
    "the dispatch: 409": (f"{DISPATCH} status=409", DONE, STAYS),
    "the dispatch: 422, inputs that it does not have": (f"{DISPATCH} status=422", DONE, STAYS),
    "the dispatch: a cut answer": (f"{DISPATCH} body=cut times=1", DONE, "saved"),
    "the labels: 403": (f"{LABELS} status=403", SETUP, "needs the permission"),
    "the labels: 410": (f"{LABELS} status=410", DONE, STAYS),
    "the labels: 422": (f"{LABELS} status=422", DONE, STAYS),
    "the labels: a cut answer": (f"{LABELS} body=cut times=1", DONE, "saved"),
    "a secondary limit in the middle of a delivery": (f"POST * status=403 {LONG} skip=3", LATER, STAYS),
    # the state branch
    "git: 403": (f"{REFS} status=403", SETUP, "refuses to let this token"),
    "git: 429": (f"{REFS} status=429", LATER, "try again later"),
    "git: 500": (f"{REFS} status=500", LATER, "try again later"),
    "git: HTML": (f"{REFS} body=html", LATER, "is not git's"),
    "git: a slow push": (f"{PUSH} delay=900ms", DONE, "saved"),
    "git: a fetch that is cut": (f"{FETCH} body=cut", LATER, "try again later"),
    "git: a push whose answer is cut": (f"{PUSH} body=cut times=1", DONE, "saved"),
    # all of it
    "the repository was renamed, a read": (
        f"{ROLE} status=301 header=location:{{api}}/repos/Acme/Factory/collaborators/wendy/permission "
        "times=1",
        DONE,
        "saved",
    ),
    "the repository was renamed, a write": (
        f"{REPLY} status=307 header=location:{{api}}/repositories/9/issues/1/comments",
        DONE,
        STAYS,
    ),
    "everything is slow": ("* * delay=150ms", DONE, "saved"),
}


@pytest.fixture(scope="module", autouse=True)
def _room(stage: Stage) -> None:
    stage.make_room(len(DAYS) + 8)


@pytest.fixture(scope="module", autouse=True)
def _whole(stage: Stage) -> Iterator[None]:
    """Whatever failed: nothing waits in the inbox, and no event was settled twice."""
    yield
    assert stage.bare.refs(INBOX) == []
    assert [event for event, commits in settled_in(stage.bare).items() if len(commits) > 1] == []
    assert_linear_and_replayable(stage.bare)


@pytest.mark.parametrize("day", DAYS)
def test_a_bad_day_loses_nothing_and_doubles_nothing(stage: Stage, day: str) -> None:
    fault, code, told = DAYS[day]
    payload = stage.comment(stage.issue(), COMMAND)
    with stage.faults(fault.replace("{api}", stage.info.api_url)):
        done = stage.handle(payload)
        assert stage.control("GET", "/faults")["faults"][0]["met"] > 0, "the fault was never met"
    assert done.code == code, done.log
    assert told in done.log
    assert "Traceback" not in done.log
    lines = [line for line in done.summary.splitlines() if line]
    assert len(lines) == 1, done.summary
    assert lines[0].startswith("orchestrator: ")
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


def test_stale_reads_after_writes_double_nothing(stage: Stage) -> None:
    issue = stage.issue()
    home = f"/repos/{REPOSITORY}"
    lists = [f"{home}/issues/comments", f"{home}/issues/{issue}/comments", f"{home}/issues/{issue}"]
    lists += [f"{home}/issues/events", f"{home}/actions/workflows/worker.yml/runs"]
    with stage.faults(*(f"GET /api/v3{path} stale=yes" for path in lists)):
        for path in lists:
            stage.call("ada", "GET", path)  # what they answer from now on, whatever is written
        payload = stage.comment(issue, COMMAND)
        assert stage.handle(payload).code == DONE
        for _ in range(2):
            stage.tick()
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


def test_a_reply_whose_answer_is_lost_while_the_list_is_stale_comes_once(stage: Stage) -> None:
    issue = stage.issue()
    comments = f"/repos/{REPOSITORY}/issues/{issue}/comments"
    payload = stage.comment(issue, COMMAND)
    lost = f"POST /api/v3{comments} drop=after times=1"
    with stage.faults(lost, f"GET /api/v3{comments} stale=yes times=2"):
        stage.call("ada", "GET", comments)  # what the bot's first look is told as well
        done = stage.handle(payload)
        met = [fault["met"] for fault in stage.control("GET", "/faults")["faults"]]
    assert done.code == DONE, done.log
    assert met == [1, 2]
    assert len(stage.replies(payload)) == 1


def test_a_comment_that_is_deleted_before_it_is_read_was_a_command_all_the_same(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), COMMAND)
    stage.call("wendy", "DELETE", f"/repos/{REPOSITORY}/issues/comments/{payload['comment']['id']}")
    done = stage.handle(payload)
    assert done.code == DONE, done.log
    stage.forward(GRACE)
    stage.tick()
    assert len(stage.replies(payload)) == 1
    assert len(stage.projects_of(payload["issue"]["number"])) == 1


def test_labels_that_are_deleted_in_the_repository_come_back(stage: Stage) -> None:
    payload = stage.say(stage.issue(), COMMAND)
    stage.assert_done_once(payload)
    for name in stage.labels(payload["issue"]["number"]):
        stage.call("ada", "DELETE", f"/repos/{REPOSITORY}/labels/{name}")
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


def test_a_token_that_expires_in_a_long_loop_ends_it_with_a_red_run_and_loses_nothing(tmp_path: Path) -> None:
    with timeless(tmp_path) as stage, ExitStack() as expired:
        payloads: list[Json] = []

        def comment(number: int) -> None:
            if number == 8:
                payloads.append(stage.comment(stage.issue(), COMMAND))
                expired.enter_context(stage.faults("* /api/* status=401"))

        code, counts = Simulation(stage, comment).run(Plan(4_000, 30, 60))
        expired.close()
        assert code == SETUP
        assert 0 < counts.failed < counts.ticks
        (payload,) = payloads
        assert stage.replies(payload) == []
        stage.tick()
        stage.assert_done_once(payload)
