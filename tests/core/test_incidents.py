"""Incident reports: what is in the window, what is open, what is bounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import cmarkgfm
import pytest

from bot.domain.config import Config, Queueing
from bot.domain.controls import JOURNAL_LIMIT, Happening, Journal
from bot.domain.draft import Draft
from bot.domain.effects import FileIssue
from bot.domain.events.observed import IssueFiled, Observed
from bot.domain.files import changes, load, tree
from bot.domain.history import CommitSeen, History
from bot.domain.hours import FlowHour, Hour, Hours
from bot.domain.incidents import Incident
from bot.domain.moves import Move, Moves
from bot.domain.records import Alert, Alerts
from bot.domain.state import State
from bot.domain.stops import Stop
from bot.domain.vocabulary import Workflow
from bot.policies.alerting.incidents import KEPT, POINTS, report
from bot.render.incidents import announced, body, title
from bot.render.journal import happened
from tests.commands.fleet import Days, at_work
from tests.core.worlds import START, begun

HOUR = timedelta(hours=1)


def happening(minutes: float, **facts: Any) -> Happening:
    """So many minutes before START."""
    return Happening(at=START - timedelta(minutes=minutes), **({"kind": "control"} | facts))


def reported(state: State, window: timedelta = HOUR, details: str = "") -> Incident:
    return report(Draft(state, START), window, "wendy", details)


def with_journal(*happenings: Happening) -> State:
    return replace(begun(), journal=Journal(happenings=happenings))


def test_the_window_is_what_is_reported() -> None:
    state = with_journal(
        happening(90, project="old-1"),
        happening(60, project="a-1", worker="dev-01", by="max"),
        happening(5, project="b-2", task="b-2.genesis"),
    )
    incident = reported(state)
    assert [one.project for one in incident.timeline] == ["a-1", "b-2"]
    assert (incident.projects, incident.workers) == (("a-1", "b-2"), ("dev-01",))
    assert [one.by for one in incident.done] == ["max"]
    assert incident.reaches_back


def test_alerts_of_the_window_are_those_that_were_open_in_it() -> None:
    def alert(id_: str, since: float, until: float | None) -> Alert:
        over = START - timedelta(minutes=until) if until is not None else None
        began = START - timedelta(minutes=since)
        return Alert(id=id_, severity="info", since=began, until=over, cause="x", advice="y")

    items = (
        alert("before", 200, 61),
        alert("into", 200, 59),
        alert("within", 50, 40),
        alert("open", 300, None),
    )
    state = replace(begun(), alerts=Alerts(items=items))
    assert [one.id for one in reported(state).alerts] == ["into", "within", "open"]


@pytest.mark.parametrize(
    ("oldest", "count", "reaches"),
    [(30, JOURNAL_LIMIT, False), (61, JOURNAL_LIMIT, True), (30, JOURNAL_LIMIT - 1, True)],
)
def test_a_full_journal_that_begins_in_the_window_does_not_cover_it(
    oldest: float, count: int, *, reaches: bool
) -> None:
    state = with_journal(happening(oldest), *[happening(5)] * (count - 1))
    incident = reported(state)
    assert incident.reaches_back is reaches
    told = "The journal keeps the latest events only, here back to 2026-11-23 11:30 UTC"
    assert (told in announced(incident), told in body(incident, 1, "")) == (not reaches, not reaches)


def test_open_points_name_what_somebody_has_to_see_to() -> None:
    state = at_work()
    assert state.events is not None
    stop = Stop(at=START, settled_at=START, by="max", cause="comment-1")
    stopped = state.projects["recipe-book-2"].model_copy(update={"stop": stop})
    proven = state.projects["tax-form-7"].model_copy(
        update={"stop": stop.model_copy(update={"proven_at": START})}
    )
    draft = Draft(state, state.events.now)
    draft.projects |= {stopped.id: stopped, proven.id: proven}
    assert report(draft, HOUR, "wendy", "").open_points == (
        "task chess-clock-3.genesis is in review",
        "project recipe-book-2 is stopped; its runs are not yet seen ended",
        "project tax-form-7 is stopped",
    )


def test_open_points_of_one_kind_are_counted_beyond_a_few() -> None:
    alerts = tuple(
        Alert(id=f"fire-{number}", severity="info", since=START, cause="x", advice="y")
        for number in range(50)
    )
    points = reported(replace(begun(), alerts=Alerts(items=alerts))).open_points
    assert len(points) == POINTS + 1
    assert points[-1] == "and 30 more open alerts"


def test_reports_are_numbered_within_a_minute_and_the_latest_are_kept() -> None:
    days = Days()
    for _ in range(30):
        days.say("/incident-report\n/incident-report", issue=1)
    assert len(days.state.incidents) == KEPT
    assert sorted(days.state.incidents)[0] == "incident-20261123-1200-11"
    assert "incident-20261123-1200-60" in days.state.incidents
    before = days.state
    days.wait(minutes=1)
    days.say("/incident-report", issue=1)
    assert "incident-20261123-1201-1" in days.state.incidents
    gone = [path for path, content in changes(before, days.state).items() if content is None]
    assert gone == ["shared-state/incidents/incident-20261123-1200-11.json"]
    assert tree(load(tree(days.state))) == tree(days.state)


def test_the_issue_is_known_once_it_was_seen() -> None:
    days = Days()
    days.say("/incident-report", issue=1)
    (incident,) = days.state.incidents.values()
    about = f"incident/{incident.id}"
    days.settle(Observed(observer="a", at=days.now, filed=(IssueFiled(about=about, issue=70),)))
    assert days.state.incidents[incident.id].issue == 70
    assert not any(isinstance(entry.effect, FileIssue) for entry in days.state.outbox.entries)


HOSTILE = "@everyone #1 <script>alert(1)</script> ``` | ![x](http://y) --- ~~~"


def test_the_report_is_bounded_and_repeats_people_s_words_as_words() -> None:
    long = HOSTILE * 4
    happenings = [
        happening(
            5, kind="review", project=f"p-{number}", worker=f"w-{number}", by="x" * 39, detail=long[:300]
        )
        for number in range(JOURNAL_LIMIT)
    ]
    alerts = tuple(
        Alert(id=f"fire-{number}", severity="info", since=START, cause=long, advice=long)
        for number in range(500)
    )
    incident = reported(
        replace(with_journal(*happenings), alerts=Alerts(items=alerts)), details=HOSTILE * 200
    )
    text = body(incident, 1, "Queues")
    assert len(text) <= 60_000
    assert "fit into a comment" in text
    assert all(heading in text for heading in ("### Open actions", "### Timeline", "on the state branch."))
    html = cmarkgfm.github_flavored_markdown_to_html(text)
    assert "<script" not in html
    assert "<img" not in html
    outside = html.split("<pre")[0] + html.split("</pre>")[-1]
    assert "@everyone" not in outside
    assert "@everyone" not in title(incident)
    assert len(title(incident)) <= 256


@pytest.mark.parametrize("kind", Happening.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]
def test_every_kind_of_happening_has_words(kind: str) -> None:
    line = happened(happening(0, kind=kind, project="a-1", detail="so", by="max"))
    assert line.startswith("2026-11-23 12:00:00 `a-1`: ")
    assert line.endswith("so, by `max`")


# what an engineer would write


def test_impact_counts_what_was_hit_and_the_time_that_failed_attempts_took() -> None:
    state = at_work()
    assert state.events is not None
    found = report(Draft(state, state.events.now), HOUR * 2, "wendy", "").impact
    assert (found.projects, found.tasks) == (("chess-clock-3",), ("chess-clock-3.genesis",))
    assert (found.attempts, found.seconds) == (3, 540)
    none = report(Draft(state, state.events.now), HOUR * 2, "wendy", "", about="recipe-book-2").impact
    assert (none.projects, none.tasks, none.attempts) == ((), (), 0)


def test_a_project_s_report_is_about_that_project() -> None:
    days = Days()
    days.state = at_work()
    assert days.state.events is not None
    days.now = days.state.events.now
    days._comments = 100
    days.say("/incident-report chess-clock-3 The clock stood still", issue=1)
    (incident,) = days.state.incidents.values()
    assert (incident.about, incident.details) == ("chess-clock-3", "The clock stood still")
    assert incident.since == days.state.projects["chess-clock-3"].created_at
    assert {one.project for one in incident.timeline} <= {"", "chess-clock-3"}
    assert incident.runs == {"chess-clock-3.genesis": "https://github.example/acme/factory/actions/runs/7"}
    assert "/retry chess-clock-3.genesis" in incident.actions


def test_an_alert_s_report_begins_a_little_before_its_cause() -> None:
    days = Days(Config(queueing=Queueing(overflow=1)))
    for number in range(1, 9):
        days.say("/dispatch-genesis A", issue=number)
    days.wait(minutes=90)
    (alert,) = (one for one in days.state.alerts.items if one.id == "queue-overflow-genesis")
    days.say("/incident-report `queue-overflow-genesis`", issue=1)
    (incident,) = days.state.incidents.values()
    assert (incident.about, incident.details) == ("queue-overflow-genesis", "")
    assert incident.since == alert.since - timedelta(minutes=5)
    assert incident.actions[:2] == ("/emergency-scale-up genesis", "/ack queue-overflow-genesis")


@pytest.mark.parametrize(
    ("typed", "hours", "details"),
    [
        ("", 2, ""),
        ("6h", 6, ""),
        ("90m It broke", 1.5, "It broke"),
        ("It broke", 2, "It broke"),
        ("3 workers died", 2, "3 workers died"),
        ("It broke --since 4h", 4, "It broke"),
        ("6h It broke --since 4h", 4, "It broke"),
    ],
)
def test_a_window_may_come_first_and_other_words_are_words(typed: str, hours: float, details: str) -> None:
    days = Days()
    days.say(f"/incident-report {typed}", issue=1)
    (incident,) = days.state.incidents.values()
    assert (incident.at - incident.since, incident.details) == (timedelta(hours=hours), details)


def test_times_are_the_median_of_several_alerts() -> None:
    def alert(number: int, began: float, since: float, until: float) -> Alert:
        begins, opens, ends = (START - timedelta(minutes=minutes) for minutes in (began, since, until))
        return Alert(
            id=f"fire-{number}", severity="info", began=begins, since=opens, until=ends, cause="x", advice="y"
        )

    items = (alert(1, 50, 48, 40), alert(2, 40, 30, 29), alert(3, 30, 25, 5))
    text = body(reported(replace(begun(), alerts=Alerts(items=items))), 1, "")
    assert "- From cause to alert: 5 min, the median of 3 alerts" in text
    assert "- From alert to over: 8 min, the median of 3 alerts" in text


def test_what_the_journal_has_lost_is_listed_by_its_commits() -> None:
    state = with_journal(*[happening(5)] * JOURNAL_LIMIT)
    commits = tuple(
        CommitSeen(
            version=f"{minutes:040x}", at=START - timedelta(minutes=minutes), subject=f"comment-{minutes}"
        )
        for minutes in (200, 50, 5)
    )
    history = History(url="https://hub/acme/factory/commit/", commits=commits)
    incident = report(Draft(state, START), HOUR, "wendy", "", history=history)
    assert incident.history is not None
    assert [one.subject for one in incident.history.commits] == ["comment-50", "comment-5"]
    lines = body(incident, 1, "").splitlines()
    link = "https://hub/acme/factory/commit/"
    assert f"- 2026-11-23 11:10:00 [`0000000`]({link}{50:040x}): comment\\-50" in lines
    assert sum(f"({link}{5:040x})" in line for line in lines) > 10
    assert "before that the commits of the state branch are listed" in body(incident, 1, "")


def test_factors_are_facts_of_the_record() -> None:
    flow = FlowHour(depth=1, deepest=9, busy=3_000, up=3_600)
    hour = int(START.timestamp()) // 3_600
    hours = Hours(
        items=(
            Hour(hour=hour - 1, flows={Workflow.GENESIS: flow}, causes={"tests": 3, "timeout": 1}),
            Hour(hour=hour - 9, causes={"older": 7}),
        )
    )
    moves = Moves(
        moves=(Move(workflow=Workflow.GENESIS, at=START, before=1, after=3, reason="9 tasks wait"),)
    )
    state = replace(
        with_journal(happening(10, detail="configuration changed: pools")), hours=hours, scaling=moves
    )
    assert reported(state).factors == (
        "genesis workers were busy for 83% of their time",
        "4 attempts failed, because of: tests (3), timeout (1)",
        "the genesis queue held 1 tasks after the window's first hour, at most 9, and 0 now",
        "12:00 UTC: genesis workers from 1 to 3 (9 tasks wait)",
        "11:50 UTC: configuration changed: pools",
    )


def test_a_changed_configuration_is_noted_with_its_keys() -> None:
    days = Days()
    changed = days.state.config.model_copy(update={"queueing": Queueing(overflow=7)})
    days.settle(Observed(observer="a", at=days.now, config=changed))
    assert days.state.journal.happenings[-1].detail == "configuration changed: queueing"
