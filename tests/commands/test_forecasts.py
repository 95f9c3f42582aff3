"""``/forecast`` and ``/bottlenecks``, from the comment to the reply."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from tests.commands.desk import Desk


def test_forecast(desk: Desk) -> None:
    assert desk.say("/forecast", issue=8) == snapshot("""\
**Everything that can be done is done about 17:08 UTC (in 4 h), 80 % between 16:26 and 17:56 UTC**; 1 project has no expected end.

| project | expected end | 80 % interval | waits for |
| --- | --- | --- | --- |
| `recipe-book-2` | about 13:24 UTC (in 16 min) | 13:12 to 13:34 UTC | `recipe-book-2.marketing` on `content-02` |
| `photo-sorter-1` | about 15:40 UTC (in 2 h 32 min) | 14:56 to 16:40 UTC | `photo-sorter-1.part-2.tests` on `dev-02` |
| `bird-song-5` | about 16:16 UTC (in 3 h 8 min) | 15:25 to 17:09 UTC | `bird-song-5.genesis` on `genesis-01` |
| `tide-table-4` | about 16:17 UTC (in 3 h 9 min) | 15:22 to 17:11 UTC | `tide-table-4.genesis` on `genesis-02` |
| `star-map-6` | about 16:17 UTC (in 3 h 9 min) | 15:26 to 17:10 UTC | `star-map-6.genesis` on `genesis-03` |
| `tax-form-7` | about 17:07 UTC (in 3 h 59 min) | 16:24 to 17:55 UTC | `tax-form-7.genesis`, to begin about 13:16 UTC (in 8 min) |
| `chess-clock-3` | none | – | waits for a person: `chess-clock-3.genesis` is in review (`/retry` or `/discard`) |

<sub>1,500 runs of the fleet's own rules from here on, with the times and failures of 10 attempts on record where there are enough of a kind, else a spread around the configured `expected_minutes`. A project without a plan gets the plan of one of 2 projects (2 to 7 features). Nothing new that comes in, and no waiting until a person merges a pull request, is included; the number of workers stays. How well forecasts hold cannot be said yet: no forecast of a project that is complete.</sub>\
""")


def test_forecast_on_a_projects_own_issue(desk: Desk) -> None:
    reply = desk.say("/forecast")
    assert reply.startswith("**`photo-sorter-1`** is expected to be complete about ")


def test_forecast_of_a_project(desk: Desk) -> None:
    assert desk.say("/forecast photo-sorter-1") == snapshot("""\
**Photo sorter** (`photo-sorter-1`) is expected to be complete about 15:40 UTC (in 2 h 32 min), 80 % between 14:56 and 16:40 UTC. 3 tasks of it not planned yet.

In a run that ends in the middle its stages end:

- development: about 14:53 UTC (in 1 h 45 min)
- content: about 15:40 UTC (in 2 h 32 min)

What decides it there, one after the other:

1. `photo-sorter-1.part-4.tests` on `dev-05`: running, for 31 min
1. `photo-sorter-1.part-4.feature`: from about 14:01 UTC (in 52 min), for 8 min
1. `photo-sorter-1.part-4.review`: from about 14:25 UTC (in 1 h 17 min), for 4 min
1. `photo-sorter-1.deployment`: from about 14:47 UTC (in 1 h 39 min), for 5 min
1. `photo-sorter-1.marketing`: from about 14:53 UTC (in 1 h 45 min), for 46 min

<details><summary>As a chart</summary>

```mermaid
gantt
  dateFormat YYYY-MM-DDTHH:mm:ss
  axisFormat %H:%M
  section in a middle run
  1. part-4.tests :active, 2026-11-23T13:07:00, 2026-11-23T13:40:52
  2. part-4.feature :2026-11-23T14:01:00, 2026-11-23T14:09:48
  3. part-4.review :2026-11-23T14:25:54, 2026-11-23T14:30:35
  4. deployment :2026-11-23T14:47:57, 2026-11-23T14:53:21
  5. marketing :2026-11-23T14:53:21, 2026-11-23T15:40:03
```

</details>

<sub>1,500 runs of the fleet's own rules from here on, with the times and failures of 10 attempts on record where there are enough of a kind, else a spread around the configured `expected_minutes`. A project without a plan gets the plan of one of 2 projects (2 to 7 features). Nothing new that comes in, and no waiting until a person merges a pull request, is included; the number of workers stays. How well forecasts hold cannot be said yet: no forecast of a project that is complete.</sub>\
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

| workflow | waiting | oldest | workers up | utilisation | came / done | growth | expected wait |
| --- | --- | --- | --- | --- | --- | --- | --- |
| genesis | 1 | 0 s | 3 | 9% | 6 / 4 | +2 | 15 min |
| development | 2 | 2 min | 5 | 17% | 12 / 7 | +5 | 17 min |
| content | 0 | – | 3 | 43% | 3 / 1 | +2 | – |

<sub>Utilisation, and tasks that came and attempts that ended: of the last 1 h. Expected wait: those that wait, by the rate at which attempts ended (Little's law).</sub>

What would help most:

1. `/retry chess-clock-3.genesis` (work in review is tried again, or dropped): 1 project can be done at all.
1. `/emergency-scale-up development` (5 more development workers for tests, for 2 h): the last project is done about 51 min earlier.
1. `/emergency-scale-up content` (3 more content workers for documentation, marketing, social, for 2 h): the last project is done about 2 min earlier.

<sub>Each effect is the median of 200 runs of the open work with and without it, which differ by nothing else.</sub>\
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
