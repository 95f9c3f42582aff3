"""Alerts where people see them: their issue on the hub, and a webhook outside, by real processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.outside import Outside, addresses
from bot.domain.alerting import Severity
from bot.domain.effects import Notify
from bot.domain.errors import Unavailable
from bot.hub.data.world import BOT
from tests.e2e.repository import INBOX, assert_linear_and_replayable
from tests.e2e.stage import GRACE, REPOSITORY, Json, Stage, staged
from tests.e2e.webhook import PASSWORD, PATH, Webhook, listening

GOOD = "administrators: [ada]\nalerts:\n  notify_severity: warning\n"
BAD = GOOD + "wroking: true\n"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with listening() as hook:
        yield hook


@pytest.fixture
def alarmed(tmp_path: Path) -> Iterator[Stage]:
    """A stage whose configuration file has been wrong for a while: an alert, of which nobody was told yet."""
    with staged(tmp_path) as stage:
        stage.configure(GOOD)
        stage.tick()
        stage.configure(BAD)
        stage.tick()
        stage.forward(70)
        yield stage


def tick(stage: Stage, hook: Webhook) -> str:
    done = stage.try_tick(ORCHESTRATOR_NOTIFY_URLS=hook.url)
    assert done.code == 0, done.log
    return done.log


def issues(stage: Stage) -> list[Json]:
    return stage.every(f"/repos/{REPOSITORY}/issues", state="all", labels="alert")


def mend(stage: Stage, hook: Webhook) -> None:
    """The configuration is right again, and stays so."""
    stage.configure(GOOD)
    tick(stage, hook)
    stage.forward(11 * 60)


def test_open_and_over_are_told_once_each_in_an_issue_and_outside(alarmed: Stage, hook: Webhook) -> None:
    for _ in range(3):
        tick(alarmed, hook)
        alarmed.forward(GRACE)
    (issue,) = issues(alarmed)
    assert issue["user"]["login"] == BOT
    assert issue["title"].startswith("Alert: ")
    assert "@ada: **" in issue["body"]
    assert "Correct .github/orchestrator.yml" in issue["body"]
    assert hook.titles == ["orchestrator: warning: configuration"]
    assert hook.told[0]["type"] == "warning"
    mend(alarmed, hook)
    for _ in range(4):
        tick(alarmed, hook)
        alarmed.forward(GRACE)
    (issue,) = issues(alarmed)
    assert issue["state"] == "closed"
    assert "- State: over since" in issue["body"]
    (over,) = alarmed.comments(issue["number"])
    assert "🟢 **Over** since" in over["body"]
    assert hook.titles == ["orchestrator: warning: configuration", "orchestrator: over: configuration"]
    assert alarmed.state().outbox.entries == ()
    assert alarmed.bare.refs(INBOX) == []
    assert_linear_and_replayable(alarmed.bare)


def test_who_is_killed_between_the_answer_and_the_note_tells_it_once_more_and_no_more(
    alarmed: Stage, hook: Webhook
) -> None:
    hook.kills = True
    process = alarmed.start("tick", event="schedule", payload={}, ORCHESTRATOR_NOTIFY_URLS=hook.url)
    hook.aim(process.pid)
    assert process.done().code == -signal.SIGKILL
    hook.kills = False
    for _ in range(4):
        alarmed.forward(GRACE)
        tick(alarmed, hook)
    assert hook.titles == ["orchestrator: warning: configuration"] * 2
    assert len(issues(alarmed)) == 1
    assert alarmed.state().outbox.entries == ()


def test_a_run_without_the_secret_leaves_it_to_one_that_has_it(alarmed: Stage, hook: Webhook) -> None:
    alarmed.tick()
    assert hook.told == []
    alarmed.forward(GRACE)
    tick(alarmed, hook)
    assert hook.titles == ["orchestrator: warning: configuration"]


@pytest.mark.parametrize("trouble", ["refuses", "is not there"])
def test_what_fails_is_tried_again_and_gives_no_address_away(
    alarmed: Stage, hook: Webhook, trouble: str
) -> None:
    there = hook.port
    if trouble == "refuses":
        hook.answer = 500
    else:
        hook.port = 1
    logs = [tick(alarmed, hook)]
    assert "no address of the secret ORCHESTRATOR_NOTIFY_URLS took the message: json (address 1)" in logs[0]
    hook.answer, hook.port = 200, there
    hook.told.clear()
    alarmed.forward(GRACE)
    logs.append(tick(alarmed, hook))
    assert hook.titles == ["orchestrator: warning: configuration"]
    told = [issue["body"] for issue in issues(alarmed)]
    files = [content.decode() for content in alarmed.bare.files("state").values()]
    for text in (*logs, *told, *files):
        assert PASSWORD not in text
        assert PATH not in text


def test_an_address_that_hangs_does_not_keep_a_command_waiting(alarmed: Stage, hook: Webhook) -> None:
    hook.hangs = True
    payload = alarmed.comment(alarmed.issue(), "/alerts")
    done = alarmed.handle(payload, ORCHESTRATOR_NOTIFY_URLS=hook.url)
    assert done.code == 0, done.log
    assert "`configuration`" in alarmed.reply(payload)
    assert "took the message" in done.log
    pending = [entry for entry in alarmed.state().outbox.entries if isinstance(entry.effect, Notify)]
    assert len(pending) == 1


def test_closing_the_issue_takes_it_on_and_leaves_it_closed(alarmed: Stage, hook: Webhook) -> None:
    for _ in range(2):
        tick(alarmed, hook)
    (issue,) = issues(alarmed)
    alarmed.wake(alarmed.close_issue(issue["number"], "wendy"))
    (alert,) = (one for one in alarmed.state().alerts.items if one.until is None)
    assert (alert.taken_by, alert.closed_by) == ("wendy", "wendy")
    (told,) = alarmed.comments(issue["number"])
    assert "**It still lasts:**" in told["body"]
    for _ in range(3):
        alarmed.forward(6 * 60)
        tick(alarmed, hook)
    (issue,) = issues(alarmed)
    assert issue["state"] == "closed"
    assert "`wendy` has closed this issue" in issue["body"]


# the way outside, by itself


def test_some_addresses_fail_and_are_named_by_their_service(hook: Webhook) -> None:
    way = Outside((hook.url, f"slack://{PASSWORD}", f"json://127.0.0.1:1/{PATH}", PASSWORD))
    failed = way.tell(Severity.CRITICAL, "orchestrator: critical: x", "Look.")
    assert failed == ("slack (address 2)", "json (address 3)", "an address that is none (address 4)")
    assert (hook.titles, hook.told[0]["type"]) == (["orchestrator: critical: x"], "failure")
    assert PASSWORD not in repr(way)


def test_where_none_takes_it_the_error_names_no_address() -> None:
    with pytest.raises(Unavailable) as failed:
        Outside((f"json://127.0.0.1:1/{PATH}", f"nonsense://{PASSWORD}")).tell(Severity.INFO, "a", "b")
    assert "json (address 1), nonsense (address 2)" in str(failed.value)
    assert PATH not in str(failed.value)
    assert PASSWORD not in str(failed.value)


def test_a_whole_message_has_one_time_limit(hook: Webhook) -> None:
    hook.hangs = True
    with pytest.raises(Unavailable, match=r"json \(address 1\), json \(address 2\)"):
        Outside((hook.url, hook.url), timeout=0.5).tell(Severity.INFO, "a", "b")


@pytest.mark.parametrize(
    ("secret", "found"),
    [
        ("", ()),
        ("  \n ", ()),
        ("json://a/b slack://c", ("json://a/b", "slack://c")),
        ("json://a/b\nmailto://u:p@c?to=x,y@z\n", ("json://a/b", "mailto://u:p@c?to=x,y@z")),
        ("json://a/b,json://c", ("json://a/b", "json://c")),
    ],
)
def test_addresses_are_separated_as_people_write_them(secret: str, found: tuple[str, ...]) -> None:
    assert addresses({"ORCHESTRATOR_NOTIFY_URLS": secret}) == found
