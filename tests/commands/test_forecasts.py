"""``/forecast`` and ``/bottlenecks``, from the comment to the reply."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from tests.commands.desk import Desk


def test_forecast(desk: Desk) -> None:
    assert desk.say("/forecast", issue=8) == snapshot("""\
**Everything that can be done is done about 16:07 UTC (in 2 h 58 min)**; 1 project has no expected end.

<sub>It rests on the measured times of 10 attempts where there are enough of a kind, else on the configured `expected_minutes`. A project without a plan is assumed to have 4 features, as the median of 2 planned projects. Nothing is assumed to fail, or to come in.</sub>

| project | expected end | waits for |
| --- | --- | --- |
| `recipe-book-2` | about 13:09 UTC (in 1 min) | `recipe-book-2.social` on `content-03` |
| `photo-sorter-1` | about 14:47 UTC (in 1 h 38 min) | `photo-sorter-1.part-7.tests`, to begin about 13:15 UTC (in 6 min) |
| `bird-song-5` | about 15:07 UTC (in 1 h 58 min) | `bird-song-5.genesis` on `genesis-01` |
| `star-map-6` | about 15:27 UTC (in 2 h 18 min) | `star-map-6.genesis` on `genesis-03` |
| `tide-table-4` | about 15:47 UTC (in 2 h 38 min) | `tide-table-4.genesis` on `genesis-02` |
| `tax-form-7` | about 16:07 UTC (in 2 h 58 min) | `tax-form-7.genesis`, to begin about 13:24 UTC (in 15 min) |
| `chess-clock-3` | none | waits for a person: `chess-clock-3.genesis` is in review (`/retry` or `/discard`) |\
""")


def test_forecast_on_a_projects_own_issue(desk: Desk) -> None:
    reply = desk.say("/forecast")
    assert reply.startswith("**`photo-sorter-1`** is expected to be complete about ")


def test_forecast_of_a_project(desk: Desk) -> None:
    assert desk.say("/forecast photo-sorter-1") == snapshot("""\
**Photo sorter** (`photo-sorter-1`) is expected to be complete about 14:47 UTC (in 1 h 38 min). 3 tasks of it not planned yet.

Its stages end:

- development: about 14:27 UTC (in 1 h 18 min)
- content: about 14:47 UTC (in 1 h 38 min)

What decides it, one after the other:

1. `photo-sorter-1.part-7.tests`: from about 13:15 UTC (in 6 min), for 8 min
1. `photo-sorter-1.part-7.feature`: from about 13:31 UTC (in 22 min), for 8 min
1. `photo-sorter-1.part-7.review`: from about 14:03 UTC (in 54 min), for 8 min
1. `photo-sorter-1.deployment`: from about 14:19 UTC (in 1 h 10 min), for 8 min
1. `photo-sorter-1 (social)`: from about 14:27 UTC (in 1 h 18 min), for 20 min

<sub>It rests on the measured times of 10 attempts where there are enough of a kind, else on the configured `expected_minutes`. A project without a plan is assumed to have 4 features, as the median of 2 planned projects. Nothing is assumed to fail, or to come in.</sub>\
""")


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("/status", "waits for a person: `chess-clock-3.genesis` is in review (`/retry` or `/discard`)"),
        ("/emergency-stop chess-clock-3", "is stopped (`/resume chess-clock-3`)"),
        ("/emergency-stop all", "is stopped with everything else (`/resume all`)"),
        ("/retry chess-clock-3\n/pause genesis", "waits because genesis is paused (`/unpause genesis`)"),
        ("/retry chess-clock-3\n/priority-triage urgent", "is held by triage (`/priority-triage off`, or"),
    ],
)
def test_forecast_of_what_cannot_be_done_as_things_stand(desk: Desk, before: str, says: str) -> None:
    desk.say(before)
    reply = desk.say("/forecast chess-clock-3")
    assert reply.startswith("**Chess clock** (`chess-clock-3`) has no expected end: it ")
    assert says in reply


def test_forecast_of_a_project_that_is_over(desk: Desk) -> None:
    desk.say("/discard tax-form-7")
    assert desk.say("/forecast tax-form-7") == snapshot(
        "**Tax form** (`tax-form-7`) is failed: there is nothing to forecast."
    )


def test_forecast_of_an_unknown_project(desk: Desk) -> None:
    assert desk.say("/forecast tax-from") == snapshot(
        "Not run: there is no project `tax-from`. Did you mean `tax-form-7` or `star-map-6`? `/status` lists the projects."
    )
    assert desk.say("/forecast one two") == snapshot("""\
Not run: given `two`, expected at most 1 argument.

Usage: `/forecast [project-id]`
For example: `/forecast`\
""")


def test_bottlenecks(desk: Desk) -> None:
    assert desk.say("/bottlenecks") == snapshot("""\
**Nothing limits the flow much:** no queue is longer than its workers can take on at once. The longest wait is in genesis: 1 task waits; it starts in about 15 min.

| workflow | waiting | oldest | workers up | utilisation | came / done | expected wait |
| --- | --- | --- | --- | --- | --- | --- |
| genesis | 1 | 0 s | 3 | 9% | 6 / 4 | 15 min |
| development | 2 | 2 min | 5 | 17% | 12 / 7 | 17 min |
| content | 0 | – | 3 | 43% | 3 / 1 | – |

<sub>Utilisation, and tasks that came and attempts that ended: of the last 1 h. Expected wait: those that wait, by the rate at which attempts ended (Little's law).</sub>

What would help most, by the forecast:

1. `/retry chess-clock-3.genesis` (work in review is tried again, or dropped): 1 project can be done at all.
1. `/emergency-scale-up content` (one more content worker): the last project is done about 20 min earlier.
1. `/emergency-scale-up development` (one more development worker): the last project is done about 14 min earlier.\
""")
    assert desk.say("/bottlenecks now") == snapshot("""\
Not run: given `now`, expected no arguments.

Usage: `/bottlenecks`
For example: `/bottlenecks`\
""")


def test_a_long_queue_is_the_bottleneck(desk: Desk) -> None:
    for line in range(6):
        desk.say(f"/dispatch-genesis Idea {line}", issue=8)
    assert desk.say("/bottlenecks").startswith("**Genesis limits the flow:** 7 tasks wait, ")


@pytest.mark.parametrize("typed", ["/forecast", "/bottlenecks"])
def test_reading_needs_triage_and_is_answered_once(desk: Desk, typed: str) -> None:
    assert desk.answers(desk.post(typed, "rita")) == []
    payload = desk.post(typed, "tim")
    commits = desk.commits()
    desk.handle(payload)
    assert (len(desk.answers(payload)), desk.commits()) == (1, commits)
