"""When the texts outside are due: once in their time, by time alone where they are stale, in portions."""

from __future__ import annotations

from bot.commands.showing import PORTION
from bot.decide import decide, is_due
from bot.domain.config import Config
from bot.domain.effects import Progress, Reply, Status
from bot.domain.events.asked import CommentCreated
from bot.domain.events.observed import IssueFiled, Observed, Posted
from bot.domain.showing import StatusRule
from bot.domain.state import State
from tests.commands.fleet import Days, finish_development
from tests.core.worlds import begun, comment, later, settled


def look(seconds: float, **changes: object) -> Observed:
    return Observed(observer=f"t-{int(seconds)}", at=later(seconds), **changes)


def shown(state: State | None = None, seconds: float = 10) -> State:
    """A state whose pinned issue is filed and has been written."""
    state = settled(state or begun(status_issue=StatusRule()), look(seconds)).state
    filed = IssueFiled(about="status/orchestrator", issue=9, digest="a", pinned=True)
    state = settled(state, look(seconds + 100, filed=(filed,))).state
    return without_outbox(state, seconds + 110)


def without_outbox(state: State, seconds: float) -> State:
    ids = tuple(entry.id for entry in state.outbox.entries)
    return settled(state, look(seconds, delivered=ids)).state


def kinds(state: State) -> list[str]:
    return [entry.effect.kind for entry in state.outbox.entries]


def test_a_look_asks_for_the_issue_once_and_a_command_does_not() -> None:
    state = settled(begun(status_issue=StatusRule()), comment(1, "/status")).state
    assert kinds(state) == ["reply"]
    state = settled(state, look(10)).state
    assert kinds(state) == ["reply", "status"]
    assert settled(state, look(20)).effects == ()


def test_where_it_cannot_be_filed_it_is_asked_for_again_after_a_day() -> None:
    state = without_outbox(settled(begun(status_issue=StatusRule()), look(10)).state, 20)
    assert not is_due(state, look(86_000), later(86_000))
    assert is_due(state, look(86_420), later(86_420))


def test_what_happens_within_the_minute_is_due_by_time_alone_and_then_no_more() -> None:
    state = settled(shown(), comment(200, "/pause content")).state
    assert Status() in [entry.effect for entry in state.outbox.entries]
    state = settled(without_outbox(state, 210), comment(220, "/unpause content")).state
    assert state.showing.status is not None
    assert state.showing.status.stale
    assert Status() not in [entry.effect for entry in state.outbox.entries]
    assert not is_due(state, look(250), later(250))
    assert is_due(state, look(261), later(261))
    state = settled(state, look(261)).state
    assert kinds(state).count("status") == 1
    assert not is_due(state, look(400), later(400))


def test_a_newer_write_takes_the_place_of_an_older_one() -> None:
    state = settled(shown(), comment(200, "/pause content")).state
    state = settled(state, comment(300, "/pause genesis")).state
    assert kinds(state).count("status") == 1


def test_a_heartbeat_or_a_cursor_is_not_worth_a_write() -> None:
    state = shown()
    after = settled(state, look(300, swept_to=50, cursor=later(290))).state
    assert after.showing is state.showing


def test_a_thousand_edits_come_in_portions() -> None:
    state = begun(Config())
    wishes: list[CommentCreated] = [
        comment(n, f"/dispatch-genesis idea {n}", issue=n, at=later(n)) for n in range(1, 41)
    ]
    state = decide(state, wishes, later(50)).state
    posted = tuple(
        Posted(effect=entry.id, comment=1_000 + number)
        for number, entry in enumerate(state.outbox.entries)
        if isinstance(entry.effect, Reply)
    )
    ids = tuple(entry.id for entry in state.outbox.entries)
    state = settled(state, look(200, posted=posted, delivered=ids)).state
    edits = [entry.effect for entry in state.outbox.entries if isinstance(entry.effect, Progress)]
    assert len(edits) == PORTION
    waiting = [one for one in state.projects.values() if one.progress and one.progress.stale]
    assert len(waiting) == 40 - PORTION
    ids = tuple(entry.id for entry in state.outbox.entries)
    state = settled(state, look(240, delivered=ids)).state
    assert not [one for one in state.projects.values() if one.progress and one.progress.stale]
    assert not is_due(without_outbox(state, 250), look(330), later(330))


def test_the_end_of_a_project_is_written_at_once() -> None:
    days = Days()
    days.say("/dispatch-genesis A page", issue=2)
    asked = tuple(entry.id for entry in days.state.outbox.entries)
    reply = next(entry.id for entry in days.state.outbox.entries if isinstance(entry.effect, Reply))
    days.settle(
        Observed(observer="t-1", at=days.now, delivered=asked, posted=(Posted(effect=reply, comment=7),))
    )
    days.do("a-page-2.genesis", minutes=2)
    finish_development(days, "a-page-2")
    for piece in ("documentation", "marketing"):
        days.do(f"a-page-2.{piece}", minutes=2)
    days.wait(minutes=2)
    days.settle(Observed(observer="t-2", at=days.now))
    days.do("a-page-2.social", minutes=0.2)
    project = days.state.projects["a-page-2"]
    assert project.completed_at is not None
    assert project.progress is not None
    assert (project.progress.at, project.progress.stale) == (project.completed_at, False)


def test_a_reply_to_something_else_is_no_progress() -> None:
    state = settled(begun(), comment(1, "/status")).state
    (entry,) = state.outbox.entries
    assert isinstance(entry.effect, Reply)
    assert entry.effect.becomes is None


def test_a_page_that_cannot_be_written_is_one_alert_however_long_that_lasts() -> None:
    state = settled(shown(), comment(200, "/pause content")).state
    seconds, seen = 200.0, set()
    for _ in range(200):
        seconds += 3_600
        pending = tuple(entry.id for entry in state.outbox.entries if isinstance(entry.effect, Status))
        state = settled(state, look(seconds, looked_for=pending)).state
        seen |= {alert.id for alert in state.alerts.items if alert.id.startswith("undeliverable")}
    assert len(seen) == 1
