"""``/status`` and ``/metrics``: from the comment to the reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import cmarkgfm
import pytest
from inline_snapshot import snapshot

from bot.commands.monitoring import system
from bot.commands.settle import settle_comment
from bot.domain.config import Commands, Config
from bot.domain.controls import Journal
from bot.domain.draft import Draft
from bot.domain.instances import Assignment, Instance
from bot.domain.models import Failure, Project, Task
from bot.domain.records import RECENT_LIMIT, Alert, Recent
from bot.domain.state import State
from bot.domain.stops import Closing
from bot.domain.vocabulary import ProjectStatus, QueueName, Stage, TaskStatus, WorkerStatus, Workflow
from bot.render.text import LIMIT
from tests.commands.desk import Desk
from tests.commands.fleet import NOBODYS, Days, at_work, finish_development
from tests.core.worlds import START, begun, comment, replies, reply_to, settled

TYPED = ("/status", "/status photo-sorter-1", "/metrics", "/metrics 2h")


def when(state: State) -> datetime:
    assert state.events is not None
    return state.events.now


def first_line(reply: str) -> str:
    return reply.splitlines()[0]


def todo(reply: str) -> str:
    """What a project's page says is to be done."""
    return reply.partition("**What to do:**")[2].partition("\n\n**")[0].strip()


# /status


def test_status_of_the_system(desk: Desk) -> None:
    assert desk.say("/status", "tim", NOBODYS) == snapshot("""\
🟠 **1 task in review.** `/queues review` says what to do.

| queue | waiting | oldest wait | median time | workers | utilisation, last 24 h |
| --- | --- | --- | --- | --- | --- |
| genesis | 1 | 0 s | 15 min (assumed: too few done) | 3 workers: 3 busy | 11% |
| development | 2 | 2 min | 8 min (7 attempts) | 5 workers: 5 busy | 17% |
| content | 0 | – | 20 min (assumed: too few done) | 3 workers: 1 idle, 2 busy | 37% |
| review | 1 | 13 min | – | people | – |

**Bottleneck:** genesis: 1 task waits for 3 workers; it starts in about 15 min.

**Running:** 10 tasks

| task | worker | running for | expected end |
| --- | --- | --- | --- |
| `recipe-book-2.marketing` | `content-02` | 35 min, not started yet | 15 min ago |
| `recipe-book-2.social` | `content-03` | 35 min, not started yet | 15 min ago |
| `photo-sorter-1.part-1.tests` | `dev-01` | 2 min | in about 6 min |
| `photo-sorter-1.part-2.tests` | `dev-02` | 2 min, not started yet | in about 6 min |
| `photo-sorter-1.part-3.tests` | `dev-03` | 2 min, not started yet | in about 6 min |
| `photo-sorter-1.part-4.tests` | `dev-05` | 2 min, not started yet | in about 6 min |
| `photo-sorter-1.part-5.tests` | `dev-04` | 2 min, not started yet | in about 6 min |
| `bird-song-5.genesis` | `genesis-01` | 0 s, not started yet | in about 15 min |
| `star-map-6.genesis` | `genesis-03` | 0 s, not started yet | in about 15 min |
| `tide-table-4.genesis` | `genesis-02` | 0 s | in about 15 min |

**Last 24 h:** no project complete, 10 tasks done; error rate 23.1%, rework rate 0% (of 13 attempts).

**Commands, last 24 h:** 0 of 8 unanswered.

**7 open projects** (`/status <project-id>` tells about one)

| project | issue | title | stage | status | priority | tasks done |
| --- | --- | --- | --- | --- | --- | --- |
| `tide-table-4` | #4 | Tide table | genesis | active | normal | 0 of 1 |
| `tax-form-7` | #7 | Tax form | genesis | queued | low | 0 of 1 |
| `star-map-6` | #6 | Star map | genesis | active | normal | 0 of 1 |
| `bird-song-5` | #5 | Bird song | genesis | active | normal | 0 of 1 |
| `photo-sorter-1` | #1 | Photo sorter | development | active | normal | 1 of 23 |
| `chess-clock-3` | #3 | Chess clock | genesis | review | normal | 0 of 1 |
| `recipe-book-2` | #2 | Recipe book | content | active | high | 9 of 11 |\
""")


def test_on_a_projects_own_issue_one_line_names_its_own_command(desk: Desk) -> None:
    line = "This issue's own project: `/status recipe-book-2`"
    assert line in desk.say("/status", issue=2).splitlines()
    assert "own project" not in desk.say("/status", issue=NOBODYS)


def test_status_of_nothing() -> None:
    assert reply_to(begun(), "/status") == snapshot("""\
🟢 **All well:** nothing is running, and nothing needs a person.

| queue | waiting | oldest wait | median time | workers | utilisation, last 24 h |
| --- | --- | --- | --- | --- | --- |
| genesis | 0 | – | 15 min (assumed: too few done) | 3 workers: 3 idle | 0% |
| development | 0 | – | 30 min (assumed: too few done) | 5 workers: 5 idle | 0% |
| content | 0 | – | 20 min (assumed: too few done) | 3 workers: 3 idle | 0% |
| review | 0 | – | – | people | – |

**Bottleneck:** none, because no task waits for a worker.

**Running:** nothing.

**Last 24 h:** no project complete, no task ended.

**Commands, last 24 h:** 0 of 1 unanswered.

No project yet. Start one with `/dispatch-genesis <idea>`.\
""")


def test_status_while_controls_are_in_force(desk: Desk) -> None:
    desk.say("/pause development", "max")
    desk.say("/priority-triage high")
    desk.say("/emergency-scale-up content --for 2h", "ada")
    desk.wait(minutes=12)
    reply = desk.say("/status", issue=NOBODYS)
    assert reply.partition("\n\n| queue")[0] == snapshot("""\
🟠 **1 task in review.** `/queues review` says what to do. Also: triage holds 1 genesis task back (`/priority-triage off` ends that); development is paused, 2 tasks held back (`/unpause development` ends that); 2 tasks running for more than twice the usual time (`/health-check all` says whether a worker is stuck).

- **Development is paused** for 12 min, by `max`: `/unpause development` ends it.
- **Triage:** only `high` and above is assigned for 12 min, by `wendy`: `/priority-triage off` ends it.
- **Emergency:** content may have up to 6 workers until 2026-11-23 15:09 UTC, by `ada`.\
""")
    assert "**Bottleneck:**" in reply


def test_status_while_everything_is_stopped(desk: Desk) -> None:
    desk.say("/emergency-stop all", "ada")
    desk.wait(minutes=5)
    reply = desk.say("/status", issue=NOBODYS)
    assert reply.partition("\n\n| queue")[0] == snapshot("""\
🔴 **Everything is stopped.** `/resume all` lets it go on. Also: 1 task in review (`/queues review` says what to do).

- **Everything is stopped** for 5 min, by `ada`: `/resume all` ends it.\
""")
    assert "Bottleneck" not in reply


def overflowing(desk: Desk) -> None:
    """More waits for Genesis than the mark, somebody has called, and one alert is taken on."""
    for _ in range(3):
        desk.say("\n".join(["/dispatch-genesis Another idea"] * 7), issue=NOBODYS)
    desk.say("/alert-administrators disk-full The runners have no space left")
    desk.say("/ack queue-overflow-genesis", "max")
    desk.wait(minutes=3)


def test_the_worst_open_alert_comes_first(desk: Desk) -> None:
    overflowing(desk)
    reply = desk.say("/status", issue=NOBODYS)
    assert first_line(reply) == snapshot(
        "🔴 **Critical alert: wendy called the administrators: disk\\-full.** See #30, and close it when this is over. Also: 1 more open alert (listed below); 1 task in review (`/queues review` says what to do)."
    )
    alerts = reply.partition("**2 open alerts**")[2].partition("\n\n**")[0]
    assert alerts == snapshot("""\
 (`/ack <alert-id>` takes one on)

| severity | alert | open for | cause | taken on by |
| --- | --- | --- | --- | --- |
| 🔴 critical | `admin-disk-full` #30 | 3 min | wendy called the administrators: disk\\-full | nobody |
| 🟠 warning | `queue-overflow-genesis` #29 | 3 min | 22 tasks wait in the genesis queue, more than 20 | `max`, 3 min ago |\
""")


def test_a_fleet_that_is_well() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (reply,) = replies(settled(state, comment(60, "/status", issue=9)))
    assert first_line(reply) == snapshot("🟢 **All well:** 1 task running, and nothing needs a person.")


def test_what_is_wrong_with_the_workers() -> None:
    """All of Genesis is offline while tasks wait for it, and a task takes very long."""
    state = at_work()
    draft = Draft(state, when(state) + timedelta(minutes=25))
    for id_ in ("dev-01", "content-01"):
        draft.instances[id_] = draft.instances[id_].model_copy(
            update={"status": WorkerStatus.OFFLINE, "assignment": None}
        )
    draft.instances = {
        id_: worker for id_, worker in draft.instances.items() if worker.workflow is not Workflow.GENESIS
    }
    reply = system(draft)
    assert first_line(reply) == snapshot(
        "🔴 **No genesis worker is up for 1 task.** `/restart-failed-instances` or `/scale-up genesis` brings one. Also: 1 task in review (`/queues review` says what to do); 2 workers offline (`/restart-failed-instances` starts them anew); 6 tasks running for more than twice the usual time (`/health-check all` says whether a worker is stuck)."
    )
    assert "**Bottleneck:** genesis, because 1 task waits and no worker is up." in reply


def test_a_worker_more_is_offered_where_the_pool_has_room() -> None:
    state = at_work()
    draft = Draft(state, when(state))
    del draft.instances["genesis-03"]
    (line,) = [row for row in system(draft).splitlines() if row.startswith("**Bottleneck")]
    assert line == snapshot(
        "**Bottleneck:** genesis: 1 task waits for 2 workers; it starts in about 15 min (`/scale-up genesis` adds a worker)."
    )


def finished() -> State:
    """The recipe book is complete, the chess clock was dropped."""
    days = Days()
    days.say("/dispatch-genesis Recipe book --priority high", issue=2)
    days.do("recipe-book-2.genesis", minutes=6)
    finish_development(days, "recipe-book-2")
    for kind in ("documentation", "marketing", "social"):
        days.do(f"recipe-book-2.{kind}", minutes=7)
    days.say("/dispatch-genesis Chess clock", issue=3)
    days.say("/discard chess-clock-3", issue=3)
    return days.state


def test_finished_projects_are_counted_and_the_latest_named(desk: Desk) -> None:
    desk.put(finished())
    desk.wait(minutes=30)
    reply = desk.say("/status", issue=NOBODYS)
    assert reply[reply.index("**Bottleneck") :] == snapshot("""\
**Bottleneck:** none, because no task waits for a worker.

**Running:** nothing.

**Last 24 h:** 1 project complete, 11 tasks done; error rate 0%, rework rate 0% (of 11 attempts).

**Commands, last 24 h:** 3 of 4 unanswered as far as is known: the oldest waits for 1 h 25 min. The next tick looks for answers.

No project is open.

**Finished:** 1 project complete, 1 dropped. The latest: `recipe-book-2` (30 min ago).\
""")


# /status project-id


def test_status_of_a_project(desk: Desk) -> None:
    assert desk.say("/status photo", "tim", NOBODYS) == snapshot("""\
**Photo sorter** (`photo-sorter-1`): **active** in the stage **development**

Stages: genesis ✓ → **development** 0 of 22 → content

- Priority **normal**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:59 UTC, 10 min ago
- Links: #1 · repository [`acme/photo-sorter-1`](<https://github.example/acme/photo-sorter-1>)
- Used by its attempts: 8 min of work; not told: cost, tokens, turns

**What to do:** nothing, it goes on by itself.

**23 tasks**, 1 over (`/why <task>` explains one)

| task | specialty | status | worker | since / took | attempts | waits for |
| --- | --- | --- | --- | --- | --- | --- |
| `photo-sorter-1.part-1.tests` | tests | running | `dev-01` | 2 min | 1 | its end, expected in about 6 min |
| `photo-sorter-1.part-2.tests` | tests | assigned | `dev-02` | 2 min | 1 | its end, expected in about 6 min |
| `photo-sorter-1.part-3.tests` | tests | assigned | `dev-03` | 2 min | 1 | its end, expected in about 6 min |
| `photo-sorter-1.part-4.tests` | tests | assigned | `dev-05` | 2 min | 1 | its end, expected in about 6 min |
| `photo-sorter-1.part-5.tests` | tests | assigned | `dev-04` | 2 min | 1 | its end, expected in about 6 min |
| `photo-sorter-1.part-6.tests` | tests | queued | – | 2 min | 0 | in about 6 min |
| `photo-sorter-1.part-7.tests` | tests | queued | – | 2 min | 0 | in about 6 min |
| `photo-sorter-1.part-1.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-1.tests` |
| `photo-sorter-1.part-1.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-1.feature` |
| `photo-sorter-1.part-2.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-2.tests` |
| `photo-sorter-1.part-2.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-2.feature` |
| `photo-sorter-1.part-3.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-3.tests` |
| `photo-sorter-1.part-3.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-3.feature` |
| `photo-sorter-1.part-4.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-4.tests` |
| `photo-sorter-1.part-4.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-4.feature` |
| `photo-sorter-1.part-5.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-5.tests` |
| `photo-sorter-1.part-5.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-5.feature` |
| `photo-sorter-1.part-6.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-6.tests` |
| `photo-sorter-1.part-6.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-6.feature` |
| `photo-sorter-1.part-7.feature` | feature | waiting | – | – | 0 | `photo-sorter-1.part-7.tests` |
| `photo-sorter-1.part-7.review` | review | waiting | – | – | 0 | `photo-sorter-1.part-7.feature` |
| `photo-sorter-1.deployment` | deployment | waiting | – | – | 0 | `photo-sorter-1.part-1.review`, `photo-sorter-1.part-2.review` and 5 more |
| `photo-sorter-1.genesis` | standard | done | `genesis-02` | took 8 min | 1 | – |

**Timeline** (UTC)

- 2026-11-23 12:59:00 taken in, by `wendy`
- 2026-11-23 13:07:00 `photo-sorter-1.genesis` on `genesis-02`: done
- 2026-11-23 13:07:00 next stage: development
- 2026-11-23 13:07:00 `photo-sorter-1.part-1.tests` on `dev-01`: assigned
- 2026-11-23 13:07:00 `photo-sorter-1.part-2.tests` on `dev-02`: assigned
- 2026-11-23 13:07:00 `photo-sorter-1.part-3.tests` on `dev-03`: assigned
- 2026-11-23 13:07:00 `photo-sorter-1.part-4.tests` on `dev-05`: assigned
- 2026-11-23 13:07:00 `photo-sorter-1.part-5.tests` on `dev-04`: assigned\
""")


def test_status_of_a_deployed_project_links_it(desk: Desk) -> None:
    reply = desk.say("/status recipe-book-2")
    assert reply.partition("\n\n**What")[0] == snapshot("""\
**Recipe book** (`recipe-book-2`): **active** in the stage **content**

Stages: genesis ✓ → development ✓ → **content** 1 of 3

- Priority **high**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:00 UTC, 1 h 9 min ago
- Links: #2 · repository [`acme/recipe-book-2`](<https://github.example/acme/recipe-book-2>) · deployed at [`https://recipes.example`](<https://recipes.example>)
- Used by its attempts: 41 min of work; not told: cost, tokens, turns\
""")


def test_status_of_a_project_in_review(desk: Desk) -> None:
    assert desk.say("/status chess-clock-3") == snapshot("""\
**Chess clock** (`chess-clock-3`): **in review** in the stage **genesis**

Stages: **genesis** 0 of 1 → development → content

- Priority **normal**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:41 UTC, 28 min ago
- Links: #3
- Used by its attempts: 9 min of work; not told: cost, tokens, turns

**What to do:** `chess-clock-3.genesis` is in review: the scaffold's own test failed: 1 of 1. `/retry chess-clock-3.genesis` tries it again, `/discard chess-clock-3` drops the project, which cannot do without it.

**1 task**, none over (`/why <task>` explains one)

| task | specialty | status | worker | since / took | attempts | waits for |
| --- | --- | --- | --- | --- | --- | --- |
| `chess-clock-3.genesis` | standard | review | – | 13 min | 3 | a person |

**Timeline** (UTC)

- 2026-11-23 12:41:00 taken in, by `wendy`
- 2026-11-23 12:44:00 `chess-clock-3.genesis` on `genesis-02`: an attempt failed
- 2026-11-23 12:50:00 `chess-clock-3.genesis` on `genesis-01`: an attempt failed
- 2026-11-23 12:56:00 `chess-clock-3.genesis` on `genesis-03`: an attempt failed
- 2026-11-23 12:56:00 `chess-clock-3.genesis` on `genesis-03`: sent to review: the scaffold's own test failed: 1 of 1\
""")


def test_status_of_a_complete_project_says_how_long_it_took(desk: Desk) -> None:
    desk.put(finished())
    reply = desk.say("/status recipe-book-2")
    assert reply.partition("\n\n**11 tasks")[0] == snapshot("""\
**Recipe book** (`recipe-book-2`): **complete**

Stages: genesis ✓ → development ✓ → content ✓

- Priority **high**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:00 UTC, 55 min ago
- Links: #2 · repository [`acme/recipe-book-2`](<https://github.example/acme/recipe-book-2>) · deployed at [`https://recipes.example`](<https://recipes.example>)
- Used by its attempts: 55 min of work; not told: cost, tokens, turns
- Complete since 2026-11-23 12:55 UTC: it took **55 min**

**What to do:** nothing, it is complete.\
""")
    assert reply.splitlines()[-1] == snapshot("- 2026-11-23 12:55:00 next stage: complete")


def test_status_of_a_dropped_project(desk: Desk) -> None:
    desk.put(finished())
    reply = desk.say("/status chess-clock-3")
    assert (first_line(reply), todo(reply)) == snapshot(
        (
            "**Chess clock** (`chess-clock-3`): **dropped** in the stage genesis",
            "nothing, it was dropped; `/retry chess-clock-3` takes it up again.",
        )
    )


def test_status_of_a_stopped_project(desk: Desk) -> None:
    desk.say('/emergency-stop photo-sorter-1 --reason "wrong <idea>"', "ada")
    desk.wait(minutes=5)
    reply = desk.say("/status photo-sorter-1")
    assert (first_line(reply), todo(reply)) == snapshot(
        (
            "**Photo sorter** (`photo-sorter-1`): **stopped** in the stage **development**",
            "Stopped since 2026-11-23 13:09 UTC, by `ada`: wrong &lt;idea\\> (its runs are still being cancelled). `/resume photo-sorter-1` lets it go on.",
        )
    )
    assert "| stopped | – | – | 0 | `/resume` |" in reply


def test_status_of_a_project_that_was_stopped_with_everything(desk: Desk) -> None:
    desk.say("/emergency-stop all", "ada")
    assert todo(desk.say("/status tax-form-7")) == snapshot(
        "Stopped since 2026-11-23 13:09 UTC, by `ada`. `/resume tax-form-7` lets it go on; `/resume all` does so for everything, which is stopped."
    )


def test_status_of_a_project_whose_issue_was_closed() -> None:
    state = at_work()
    draft = Draft(state, when(state))
    due = draft.now + timedelta(minutes=7)
    closing = {"closing": Closing(at=draft.now, by="wendy", cause="issue-1", due=due)}
    draft.projects["tax-form-7"] = draft.projects["tax-form-7"].model_copy(update=closing)
    answer = settle_comment(draft, comment(900, "/status tax-form-7", at=draft.now))
    assert answer is not None
    assert todo(answer.sections[0][1](draft)) == snapshot(
        "Its issue was closed, so it stops at 2026-11-23 13:16 UTC (in 7 min). Reopen the issue, or `/resume tax-form-7`, if it shall go on."
    )


def test_status_of_a_project_whose_work_is_held_back(desk: Desk) -> None:
    desk.say("/pause development", "max")
    desk.say("/priority-triage urgent")
    desk.wait(minutes=4)
    assert todo(desk.say("/status photo-sorter-1")) == snapshot(
        "Development is paused by `max` for 4 min, which holds 2 tasks of it back. `/unpause development` ends that."
    )
    assert todo(desk.say("/status tax-form-7")) == snapshot(
        "Triage holds 1 task of it back: only urgent is assigned. `/priority tax-form-7 urgent` lets it through; `/priority-triage off` ends it."
    )


def test_status_of_a_project_that_no_worker_can_take() -> None:
    state = at_work()
    draft = Draft(state, when(state))
    gone = {id_ for id_, one in draft.instances.items() if one.workflow is Workflow.GENESIS}
    for id_ in gone:
        del draft.instances[id_]
    answer = settle_comment(draft, comment(900, "/status tax-form-7", at=draft.now))
    assert answer is not None
    assert todo(answer.sections[0][1](draft)) == snapshot(
        "No genesis worker is up for 1 task. `/restart-failed-instances` or `/scale-up genesis` brings one."
    )


def test_the_tasks_tell_what_the_journal_has_forgotten(desk: Desk, fleet: State) -> None:
    """The journal keeps the latest happenings of all projects only."""
    timeline = desk.say("/status recipe-book-2").partition("**Timeline**")[2]
    desk.put(replace(fleet, journal=Journal()))
    rest = desk.say("/status recipe-book-2").partition("**Timeline**")[2]
    lost = set(timeline.splitlines()) - set(rest.splitlines())
    assert {line.partition(" next stage")[1] for line in lost} == {" next stage"}


def test_a_timeline_shows_the_latest_and_counts_the_earlier(desk: Desk) -> None:
    for level in ("high", "low") * 15:
        desk.say(f"/priority tax-form-7 {level}")
    timeline = desk.say("/status tax-form-7").partition("**Timeline**")[2].strip().splitlines()
    assert timeline[2] == "- … 6 earlier events"
    assert len(timeline) == 3 + 25


def test_text_of_people_stays_text(desk: Desk) -> None:
    desk.say("/dispatch-genesis <img src=x> @everyone **bold** | [x](http://evil.example)", issue=NOBODYS)
    for typed in ("/status", "/status img"):
        html = cmarkgfm.github_flavored_markdown_to_html(desk.say(typed))
        assert "<img" not in html
        assert "<strong>bold" not in html
        assert "@everyone" not in html
        assert 'href="http://evil.example"' not in html


def test_an_address_that_is_none_is_no_link() -> None:
    state = at_work()
    draft = Draft(state, when(state))
    for address in ("javascript:alert(1)", "https://a.example/>[x](https://b.example)", "https://a b"):
        one = draft.projects["recipe-book-2"].model_copy(update={"deployment_url": address})
        draft.projects["recipe-book-2"] = one
        answer = settle_comment(draft, comment(900, "/status recipe-book-2", at=draft.now))
        assert answer is not None
        html = cmarkgfm.github_flavored_markdown_to_html(answer.sections[0][1](draft))
        assert html.count("<a ") == 1


# /metrics


def test_metrics(desk: Desk) -> None:
    assert desk.say("/metrics", "tim", NOBODYS) == snapshot("""\
**The last 24 h** (trend: against the 24 h before)

| metric | target | now | trend | verdict |
| --- | --- | --- | --- | --- |
| End to end: a project complete | under 6 h | no project yet | – | – |
| Genesis: projects scaffolded | at least 8 an hour | too few to say (2 projects) | – | – |
| Development: features, for each worker | at least 3 an hour | too few to say (2 features) | – | – |
| Content: pieces | at least 5 an hour | too few to say (1 piece) | – | – |
| Error rate | under 5% | **23.1%** (13 attempts) | – | ❌ missed |
| Rework rate | under 10% | **0%** (13 attempts) | – | ✅ met |
| Customer satisfaction | at least 90% | no vote yet | – | – |
| System uptime | at least 99% | no five-minute slot yet | – | – |

**Flow since 2026-11-23 12:00 UTC**, in whole hours; waits and working times are about right

| workflow | queued | done | failed | wait: median · 90% | work: median · 90% | busy |
| --- | --- | --- | --- | --- | --- | --- |
| genesis | 7 | 2 | 3 | under 15 s · 3 min | 4 min · 8 min | 11.1% |
| development | 14 | 7 | 0 | under 15 s · under 15 s | 6 min · 9 min | 16.8% |
| content | 3 | 1 | 0 | under 15 s · under 15 s | too few (1) | 37.2% |

- Failed because of: tests 3
- Arrivals by hour: `█▇`, at most 13 tasks in one (12:00 to 13:00 UTC)
- GitHub: how many requests was not told yet; 40 pushes of the state; 8 commands answered
- Requests by purpose an hour, on average: dispatch 12, reply 9, labels 7.5, commands 0.5; at most 34 requests in one (from 12:00 UTC)

**Used by these attempts:** 58 min of work; not told: cost, tokens, turns. Today (UTC): 58 min of work; not told: cost, tokens, turns; the budget for the day is $100.00.

This rests on 13 finished attempts. The record reaches back to 2026-11-23 12:00 UTC (1 h 9 min), where the system began: it is younger than the window.

<sub>Rates an hour count the time in which the workflow had work, queued or running: an hour without work is not slow. Features are divided by the workers that had work. The error rate counts all failed attempts, the rework rate those that a quality check sent back. Uptime is the part of the slots of five minutes in which a tick or an event looked after the fleet, as far as the monitor has put its looks on record; where it runs by events alone, one look an hour is due. Satisfaction is the part of 👍 among 👍 and 👎 on the comments that tell the completion of these projects, the bot's own left out.</sub>\
""")


def busy_day() -> Days:
    """Four projects, one after the other, in three hours."""
    days = Days()
    for number in range(1, 5):
        days.say("/dispatch-genesis Idea --size quick", issue=number)
    for number in range(1, 5):
        days.do(f"idea-{number}.genesis", minutes=5)
        finish_development(days, f"idea-{number}")
        for kind in ("documentation", "marketing", "social"):
            days.do(f"idea-{number}.{kind}", minutes=2)
    return days


def test_metrics_of_a_busy_day_have_verdicts_and_trends(desk: Desk) -> None:
    desk.put(busy_day().state)
    assert desk.say("/metrics 1h") == snapshot("""\
**The last hour** (trend: against the hour before)

| metric | target | now | trend | verdict |
| --- | --- | --- | --- | --- |
| End to end: a project complete | under 6 h | too few to say (2 projects) | – | – |
| Genesis: projects scaffolded | at least 8 an hour | too few to say (1 project) | – | – |
| Development: features, for each worker | at least 3 an hour | **1.4 an hour** (4 features) | – | ❌ missed |
| Content: pieces | at least 5 an hour | **30 an hour** (6 pieces) | ↓ worse (from 33.3 an hour) | ✅ met |
| Error rate | under 5% | **0%** (18 attempts) | ↓ better (from 10.5%) | ✅ met |
| Rework rate | under 10% | **0%** (18 attempts) | → as before (from 0%) | ✅ met |
| Customer satisfaction | at least 90% | no vote yet | – | – |
| System uptime | at least 99% | no five-minute slot yet | – | – |

**Flow since 2026-11-23 13:00 UTC**, in whole hours; waits and working times are about right

| workflow | queued | done | failed | wait: median · 90% | work: median · 90% | busy |
| --- | --- | --- | --- | --- | --- | --- |
| genesis | 0 | 2 | 2 | too few (2) | 45 min · 1 h 36 min | 26.7% |
| development | 16 | 18 | 0 | under 15 s · under 15 s | 6 min · 9 min | 23.3% |
| content | 9 | 9 | 0 | under 15 s · under 15 s | 3 min · 8 min | 12.5% |

- Failed because of: time-out 2
- Arrivals by hour: `█▆`, at most 15 tasks in one (13:00 to 14:00 UTC)
- GitHub: how many requests was not told yet; 63 pushes of the state; 1 command answered
- Requests by purpose an hour, on average: dispatch 16, labels 6, reply 4, commands 0.5; at most 35 requests in one (from 13:00 UTC)

**Used by these attempts:** 1 h 1 min of work; not told: cost, tokens, turns. Today (UTC): 2 h 36 min of work; not told: cost, tokens, turns; the budget for the day is $100.00.

This rests on 18 finished attempts. The record reaches back to 2026-11-23 12:00 UTC (2 h 36 min).

<sub>Rates an hour count the time in which the workflow had work, queued or running: an hour without work is not slow. Features are divided by the workers that had work. The error rate counts all failed attempts, the rework rate those that a quality check sent back. Uptime is the part of the slots of five minutes in which a tick or an event looked after the fleet, as far as the monitor has put its looks on record; where it runs by events alone, one look an hour is due. Satisfaction is the part of 👍 among 👍 and 👎 on the comments that tell the completion of these projects, the bot's own left out.</sub>\
""")


def test_metrics_of_a_whole_day_count_its_projects(desk: Desk) -> None:
    desk.put(busy_day().state)
    (line,) = [row for row in desk.say("/metrics").splitlines() if row.startswith("| End to end")]
    assert line == snapshot(
        "| End to end: a project complete | under 6 h | **1 h 37 min** (median of 4 projects) | – | ✅ met |"
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "/metrics 7d",
            "counted by whole hours, since 2026-11-23 12:00 UTC, which is **less far than the window**",
        ),
        (
            "/metrics 20m",
            "not through the window before, which is counted by whole hours where they are kept.",
        ),
    ],
)
def test_metrics_say_how_far_a_full_record_reaches(fleet: State, typed: str, said: str) -> None:
    now = when(fleet)
    first = fleet.recent.completions[-1]
    many = tuple(
        first.model_copy(update={"finished_at": now - timedelta(seconds=3 * (RECENT_LIMIT - number))})
        for number in range(RECENT_LIMIT)
    )
    state = replace(fleet, recent=Recent(completions=many))
    (reply,) = replies(settled(state, comment(900, typed, at=now)))
    assert f"(25 min), with the latest {RECENT_LIMIT} attempts" in reply
    assert said in reply


@pytest.mark.parametrize("typed", ["soon", "0h", "-1h", "5", "400d"])
def test_metrics_of_no_window(desk: Desk, typed: str) -> None:
    reply = desk.say(f"/metrics {typed}")
    assert reply.startswith(f"Not run: given `{typed}`, expected window: a duration of up to a year")
    assert reply.endswith("Usage: `/metrics [window]`\nFor example: `/metrics`")


# what goes for both


def test_unknown_and_ambiguous_ids(desk: Desk) -> None:
    assert desk.say("/status photo-sortr-1") == snapshot(
        "Not run: there is no project `photo-sortr-1`. Did you mean `photo-sorter-1` or `tax-form-7`? `/status` lists the projects."
    )
    assert desk.say("/status t") == snapshot(
        "Not run: 2 projects begin with `t`: `tax-form-7`, `tide-table-4`. Write enough of the id to mean one."
    )


@pytest.mark.parametrize(
    "given", ["`tax-form-7`", "<tax-form-7>", "tax-form-7:", "#7", "7", "TAX", '"tax-form-7"']
)
def test_an_id_may_be_copied_with_what_stands_around_it_or_be_the_issues_number(
    desk: Desk, given: str
) -> None:
    assert desk.say(f"/status {given}").startswith("**Tax form** (`tax-form-7`)")


def test_all_is_the_whole_system(desk: Desk) -> None:
    assert "**7 open projects**" in desk.say("/status all")
    assert "**Everything that can be done is done" in desk.say("/forecast all")


def test_a_task_where_a_project_is_wanted_names_its_project(desk: Desk) -> None:
    assert desk.say("/status tax-form-7.genesis") == snapshot(
        "Not run: there is no project `tax-form-7.genesis`. Did you mean `tax-form-7`? `/status` lists the projects."
    )
    assert desk.say("/status #99") == snapshot(
        "Not run: there is no project `#99`. `/status` lists the projects."
    )


def test_a_command_in_words_is_recognised_behind_another_ones_name(desk: Desk) -> None:
    assert desk.say("/priority triage urgent") == snapshot(
        "Not run: there is no project `triage`. `/status` lists the projects. Did you mean `/priority-triage`?"
    )
    assert desk.say("/restart failed instances") == snapshot("""\
Not run: given `instances`, expected at most 1 argument. Did you mean `/restart-failed-instances`?

Usage: `/restart worker-id`
For example: `/restart dev-01`\
""")
    assert desk.say("/health check") == snapshot(
        "Not run: `check` is no worker's id. For several workers, there is `/health-check all`."
    )


@pytest.mark.parametrize("typed", ["/status tax-form-7 please", "/metrics 1h 2h"])
def test_too_many_arguments(desk: Desk, typed: str) -> None:
    given = typed.rpartition(" ")[2]
    assert desk.say(typed).startswith(f"Not run: given `{given}`, expected at most 1 argument.")


@pytest.mark.parametrize("typed", TYPED)
def test_too_low_a_role(typed: str) -> None:
    config = Config(commands=Commands(roles={"status": "maintain", "metrics": "maintain"}))
    name = typed.partition(" ")[0]
    reply = reply_to(begun(config), typed, role="write")
    assert reply.startswith(f"Not run: `{name}` needs the role **maintain** in this repository, and `wendy`")


@pytest.mark.parametrize("typed", TYPED)
def test_who_has_no_role_gets_no_reply(desk: Desk, typed: str) -> None:
    commits = desk.commits()
    assert desk.answers(desk.post(typed, "rita")) == []
    assert desk.commits() == commits


@pytest.mark.parametrize("typed", TYPED)
def test_a_repeated_delivery_is_answered_once_and_reading_changes_nothing(desk: Desk, typed: str) -> None:
    before = desk.state()
    payload = desk.post(typed)
    commits = desk.commits()
    desk.handle(payload)
    assert (len(desk.answers(payload)), desk.commits()) == (1, commits)
    after = desk.state()
    same = ("projects", "queues", "instances", "alerts", "controls", "journal", "recent")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]


# bounds


def crowd(projects: int, workers: int) -> Draft:
    """Far more of everything than a reply holds, with long titles, ids and alerts; half of it is over."""
    draft = Draft(begun(), START + timedelta(hours=1))
    error = Failure(at=START, attempt=1, worker="w", lease=1, summary="<&*" * 600)
    for number in range(projects):
        id_ = f"a-project-with-a-rather-long-name-{number}"
        over, review = number % 2 == 1, number % 20 == 0
        task = Task(
            id=f"{id_}.genesis",
            workflow=Workflow.GENESIS,
            specialty="standard",
            created_at=START,
            queued_at=START,
            status=TaskStatus.DONE if over else TaskStatus.REVIEW if review else TaskStatus.QUEUED,
            error=error if review else None,
        )
        one = Project(
            id=id_,
            title="<long & *strange*> title " * 10,
            idea="",
            issue=number + 1,
            asked_on=number + 1,
            requester="wendy",
            tasks=(task,),
            stage=Stage.COMPLETE if over else Stage.GENESIS,
            status=ProjectStatus.COMPLETE if over else ProjectStatus.QUEUED,
            created_at=START,
            updated_at=START,
            completed_at=START if over else None,
        )
        draft.projects[id_] = one
        if not over:
            draft.enqueue(QueueName.REVIEW if review else QueueName.GENESIS, one, task)
    running = [id_ for id_, one in draft.projects.items() if one.status is ProjectStatus.QUEUED]
    for number in range(workers):
        id_ = f"a-worker-with-a-rather-long-name-{number}"
        held = Assignment(
            task=f"{running[number]}.genesis",
            project=running[number],
            lease=number,
            assigned_at=START,
            expires_at=START,
        )
        draft.instances[id_] = Instance(
            id=id_, workflow=Workflow.GENESIS, status=WorkerStatus.BUSY, assignment=held
        )
    draft.alerts = tuple(
        Alert(id=f"alert-{number}", severity="warning", since=START, cause="<&*" * 100, advice="<&*" * 100)
        for number in range(500)
    )
    return draft


@pytest.mark.parametrize(
    "typed",
    [
        "/status",
        "/status a-project-with-a-rather-long-name-20",
        "/metrics",
        "/queues",
        "/queues review",
        "/instances",
        "/health-check all",
        "/forecast",
        "/bottlenecks",
        "/alerts",
        "/why a-project-with-a-rather-long-name-20",
        "/rebalance",
        "/priority-triage urgent",
        "/emergency-stop all",
        "/incident-report",
        "/retry a-project",
    ],
)
def test_ten_thousand_projects_and_a_thousand_workers_fit(typed: str) -> None:
    draft = crowd(10_000, 1_000)
    answer = settle_comment(draft, comment(900, typed, at=draft.now))
    assert answer is not None
    reply = answer.sections[0][1](draft)
    assert len(reply) <= LIMIT
    if typed == "/emergency-stop all":
        assert reply.splitlines()[-1].startswith("<sub>Acted on: Queues: genesis 4500,")
    if typed == "/status":
        assert reply.count("more that do not fit into a comment") == 3
        assert "**Finished:** 5,000 projects complete." in reply


def test_a_project_of_two_thousand_tasks_fits(fleet: State) -> None:
    draft = Draft(fleet, when(fleet))
    one = draft.projects["photo-sorter-1"]
    done, last = one.tasks[0], one.tasks[-1]
    error = Failure(at=START, attempt=1, worker="w", lease=1, summary="<&*" * 600)
    many = [done.model_copy(update={"id": f"photo-sorter-1.done-{number}"}) for number in range(1_000)]
    for number in range(1_000):
        status = TaskStatus.REVIEW if number % 10 == 0 else TaskStatus.WAITING
        needs = tuple(task.id for task in many[:3]) if number else tuple(task.id for task in many)
        change = {"id": f"photo-sorter-1.open-{number}", "status": status, "depends_on": needs}
        many.append(last.model_copy(update={**change, "error": error}))
    draft.projects[one.id] = one.model_copy(update={"tasks": tuple(many)})
    answer = settle_comment(draft, comment(900, "/status photo-sorter-1", at=draft.now))
    assert answer is not None
    reply = answer.sections[0][1](draft)
    assert len(reply) <= LIMIT
    assert "**2,000 tasks**, 1,000 over" in reply
    assert "95 more tasks in review: `/retry photo-sorter-1` tries all of them again." in reply
    assert reply.count("more that do not fit into a comment") == 1
