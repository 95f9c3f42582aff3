"""States of all kinds, to be shown: empty, one project, many, hostile titles, much that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks.worlds import fleet
from bot.decide import decide
from bot.domain.draft import Draft
from bot.domain.hours import FlowHour, Hour, Hours
from bot.domain.predictions import Predicted, Predictions
from bot.domain.records import Alert, Alerts
from bot.domain.showing import StatusShown
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.core.worlds import START, assignments, begun, claimed, comment, published, reported, settled

HOSTILE = (
    "a | b || c",
    "`code` ``` fence ~~~",
    "<details><summary>x</summary>",
    "</details></table> <script>alert(1)</script>",
    "@ada and acme/factory#1 #2 GH-3",
    "section nine",
    "title end click done",
    "2026-11-26 : crit, done",
    "%% comment ; %%{init: {}}%%",
    'quote " and : colon, comma; {brace} [bracket]',
    "```mermaid\npie\n```",
    "gantt\n  section x",
    "![image](javascript:alert(1)) <!-- orchestrator:status orchestrator -->",
    "日本語のタイトル 🚀 عربى",
    "\u202e reversed \u0000 nul",
    "x" * 250,
    "| --- | --- |",
    "dateFormat X",
    "a\\|b\\",
    "&lt;b&gt; &amp; &#124;",
)
"""Titles that would be Markdown, HTML or Mermaid, if they were let."""


def drafts() -> Iterator[tuple[str, Draft]]:
    """(what it is, a state that nobody changes any more) each."""
    for name, state in states():
        assert state.events is not None
        yield name, Draft(state, state.events.now)


def states() -> Iterator[tuple[str, State]]:
    """All of them."""
    yield "empty", _committed(begun())
    yield "one", titled("A lamp that follows the sun")
    yield "hostile", titled(*HOSTILE)
    yield "worked", _worked()
    yield "many", many(300)
    yield "wrong", _wrong()


def titled(*titles: str) -> State:
    """A project for each title, with a forecast, and a day of hours behind them."""
    state = begun()
    for number, title in enumerate(titles, start=1):
        state = settled(state, comment(number, f"/dispatch-genesis {_one_line(title)}", issue=number)).state
    projects = {
        id_: one.model_copy(update={"title": title[:256]})
        for (id_, one), title in zip(state.projects.items(), titles, strict=False)
    }
    return replace(_committed(state), projects=projects, predictions=forecast(state), hours=day())


def _one_line(title: str) -> str:
    """What is typed as the idea; the title is put in afterwards, as a form's could be."""
    return f"idea {len(title)}"


def many(count: int) -> State:
    """So many projects in development, with forecasts and a busy day."""
    state = decide(fleet(count, 4, 10), [], START + timedelta(minutes=5)).state
    return replace(state, predictions=forecast(state), hours=day())


def forecast(state: State) -> Predictions:
    """A forecast of each project, far apart and close together."""
    made = {}
    for number, id_ in enumerate(state.projects):
        end = START + timedelta(minutes=7 * number + 30)
        spread = timedelta(minutes=5 * (number % 9))
        made[id_] = (Predicted(at=START, low=end - spread, median=end, high=end + spread * 40, runs=200),)
    return Predictions(projects=made)


def day(hours: int = 30) -> Hours:
    """Hours with work, one without, one left out."""
    first = int(START.timestamp()) // 3_600 - hours
    items = [
        Hour(
            hour=first + number,
            flows={
                Workflow.DEVELOPMENT: FlowHour(depth=number % 7, deepest=number % 7 + 3, done=number % 5),
                Workflow.CONTENT: FlowHour(depth=0, deepest=1, done=1),
            }
            if number % 6
            else {},
        )
        for number in range(hours)
        if number != hours // 2
    ]
    return Hours(items=tuple(items))


def _worked() -> State:
    """A project whose scaffolding is done, with its tasks and issues."""
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    for event in (claimed(held), reported(held), published(held)):
        state = settled(state, event).state
    return state


def _wrong() -> State:
    """Much that needs a person: pauses, triage, alerts with hostile causes, an issue that is not pinned."""
    state = settled(titled(*HOSTILE[:5]), comment(900, "/pause development because | it `breaks`")).state
    state = settled(state, comment(901, "/priority-triage urgent")).state
    alerts = tuple(
        Alert(
            id=f"alert-{number}",
            severity="warning",
            cause=f"{title[:200]} is the cause",
            advice=f"Look at {title[:100]}",
            since=START,
        )
        for number, title in enumerate(HOSTILE)
    )
    showing = state.showing.model_copy(update={"status": StatusShown(number=7)})
    return replace(state, alerts=Alerts(items=alerts), showing=showing)


def _committed(state: State) -> State:
    """The state with a time that it was committed at."""
    return state if state.events is not None else decide(state, [], START).state
