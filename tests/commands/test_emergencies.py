"""Alerts, triage, calling the administrators and incident reports, from the comment to the reply."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from bot.domain.config import Config, Queueing
from bot.domain.events.observed import Observed
from bot.domain.guards import Breaker
from bot.domain.records import Alert
from bot.domain.state import State
from tests.commands.desk import Desk
from tests.commands.fleet import PATIENT, Days, at_work
from tests.e2e.people import REPOSITORY, Json

CROWDED = Config(queueing=Queueing(overflow=1), administrators=("ada", "@acme/ops"))


def relieved(days: Days) -> None:
    """The mark is set higher, and an hour passes; that every lease runs out in it is not the point."""
    patient = Config(breaker=Breaker(workflow_failures=None), health=PATIENT)
    days.settle(Observed(observer="tick", at=days.now, config=patient))
    days.wait(hours=1)


def alerts(desk: Desk) -> dict[str, Alert]:
    return {alert.id: alert for alert in desk.state().alerts.items if alert.until is None}


def filed(desk: Desk, beginning: str) -> list[Json]:
    """The issues whose title begins so, oldest first."""
    issues = desk.every(f"/repos/{REPOSITORY}/issues", state="all")
    return sorted(
        (issue for issue in issues if issue["title"].startswith(beginning)),
        key=lambda issue: issue["number"],
    )


def text(issue: Json) -> str:
    """An issue's body without its hidden marker."""
    return str(issue["body"]).partition("\n")[2]


@pytest.fixture(scope="module")
def crowded() -> State:
    """The fleet, with the mark so low that its development queue (2 tasks) overflows."""
    return at_work(CROWDED)


@pytest.fixture
def crowd(desk: Desk, crowded: State) -> Desk:
    desk.put(crowded)
    return desk


# /alerts


def test_no_alert(desk: Desk) -> None:
    assert desk.say("/alerts") == snapshot("🟢 No alert is open; there has been none yet.")


def test_alerts_worst_first_with_those_that_are_over(crowd: Desk) -> None:
    crowd.say("/ack queue-overflow-development", "max")
    crowd.wait(minutes=4)
    crowd.say("/alert-administrators capacity-exceeded All *three* pools @acme/all are full")
    crowd.wait(minutes=1)
    crowd.tick()
    assert len(filed(crowd, "Administrators needed: capacity-exceeded")) == 1
    assert re.sub(r"#\d+", "#N", crowd.say("/alerts", "tim")) == snapshot("""\
**2 open alerts**

- 🔴 critical · `admin-capacity-exceeded` · since 2026-11-23 13:13 UTC · #N
  - Cause: wendy called the administrators: capacity\\-exceeded “All \\*three\\* pools @\u200bacme/all are full”
  - Done by itself: nothing
  - What to do: See its issue, and close it when this is over.
  - On it: nobody
- 🟠 warning · `queue-overflow-development` · since 2026-11-23 13:07 UTC · #N
  - Cause: 2 tasks wait in the development queue, more than 1 “Depth: 2 · Growth: 2 more than an hour before · Workers: 5 of 5, the limit in force, so that none is added by itself · Time to drain: about 3 min with these workers, if nothing comes in”
  - Done by itself: nothing
  - What to do: Add workers with /scale\\-up development, or have only urgent work done for now with /priority\\-triage urgent.
  - On it: `max`, 5 min ago

Take one on with `/ack <alert-id>`.\
""")


def test_alerts_that_are_over(desk: Desk) -> None:
    desk.put(at_work(CROWDED, relieved))
    assert desk.say("/alerts") == snapshot("""\
🟢 No alert is open. The last one, `queue-overflow-development`, ended 1 h ago.

Over:

- `queue-overflow-development`: 2 tasks wait in the development queue, more than 1 (open for 3 min, ended 1 h ago)\
""")


def test_alerts_takes_no_arguments(desk: Desk) -> None:
    assert desk.say("/alerts open") == snapshot("""\
Not run: given `open`, expected no arguments.

Usage: `/alerts`
For example: `/alerts`\
""")


# /ack


def test_take_an_alert_on(crowd: Desk) -> None:
    assert crowd.say("/ack queue-overflow-development") == snapshot(
        """\
**`queue-overflow-development` is yours now**, `wendy`.

- Cause: 2 tasks wait in the development queue, more than 1
- What to do: Add workers with /scale\\-up development, or have only urgent work done for now with /priority\\-triage urgent.
- It stays open until its cause is gone.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
"""
    )
    assert alerts(crowd)["queue-overflow-development"].taken_by == "wendy"


def test_take_an_alert_over(crowd: Desk) -> None:
    crowd.say("/ack queue", "max")
    crowd.wait(minutes=20)
    assert crowd.say("/ack queue") == snapshot(
        """\
**`queue-overflow-development` is yours now**, `wendy`. `max` had taken it on 20 min ago.

- Cause: 2 tasks wait in the development queue, more than 1
- What to do: Add workers with /scale\\-up development, or have only urgent work done for now with /priority\\-triage urgent.
- It stays open until its cause is gone.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
"""
    )
    assert crowd.say("/ack queue") == snapshot(
        """\
`queue-overflow-development` is yours already: you took it on 0 s ago.

- Cause: 2 tasks wait in the development queue, more than 1
- What to do: Add workers with /scale\\-up development, or have only urgent work done for now with /priority\\-triage urgent.
- It stays open until its cause is gone.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
"""
    )
    assert alerts(crowd)["queue-overflow-development"].taken_by == "wendy"


def test_ack_needs_an_alert(crowd: Desk) -> None:
    assert crowd.say("/ack") == snapshot("""\
Not run: given nothing, expected alert-id: the alert, or the beginning of its id.

Usage: `/ack alert-id`
For example: `/ack queue-overflow-development`\
""")


def test_ack_of_an_unknown_alert(crowd: Desk) -> None:
    assert crowd.say("/ack overflow-dev") == snapshot(
        "Not run: there is no open alert `overflow-dev`. Did you mean `queue-overflow-development`? `/alerts` lists the open alerts."
    )
    assert alerts(crowd)["queue-overflow-development"].taken_by == ""


def test_ack_where_nothing_is_open(desk: Desk) -> None:
    assert desk.say("/ack queue-overflow-development") == snapshot(
        "Not run: there is nothing to take on. No alert is open; there has been none yet."
    )


def test_ack_of_an_alert_that_is_over(desk: Desk) -> None:
    desk.put(at_work(CROWDED, relieved))
    assert desk.say("/ack queue-overflow-development") == snapshot(
        "Not run: `queue-overflow-development` ended 1 h ago, so nobody has to take it on. `/alerts` lists the open ones."
    )


# /priority-triage


def test_triage(desk: Desk) -> None:
    assert desk.say("/priority-triage urgent") == snapshot("""\
**Triage: only `urgent` is assigned**; running work goes on.

3 tasks of 2 projects are held back; the label `held:triage` on their issues says so. `/priority <project-id> urgent` lets one through.

No queue is over 20 tasks, so it holds until `/priority-triage off`. If one overflows meanwhile, it ends by itself once all are back at or under that.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert {issue for issue in range(1, 8) if "held:triage" in desk.labels(issue)} == {1, 7}
    assert desk.say("/priority-triage URGENT", "max") == snapshot("""\
Triage is at `urgent` already, for 0 s, by `wendy`.

3 tasks of 2 projects are held back; the label `held:triage` on their issues says so. `/priority <project-id> urgent` lets one through.

No queue is over 20 tasks, so it holds until `/priority-triage off`. If one overflows meanwhile, it ends by itself once all are back at or under that.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · triage: `urgent`</sub>\
""")
    desk.wait(minutes=30)
    assert desk.say("/priority-triage high") == snapshot("""\
**Triage: only `high` and above is assigned** (before: only `urgent`); running work goes on.

3 tasks of 2 projects are held back; the label `held:triage` on their issues says so. `/priority <project-id> urgent` lets one through.

No queue is over 20 tasks, so it holds until `/priority-triage off`. If one overflows meanwhile, it ends by itself once all are back at or under that.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · triage: `urgent`</sub>\
""")
    assert desk.say("/priority-triage off") == snapshot("""\
**Triage is over**, after 0 s: every priority is assigned again.

3 tasks of 2 projects were held back. No task was assigned at once.

<sub>Acted on: Queues: genesis 1, development 2, content 2, review 1 · 11 workers: 3 idle, 8 busy · triage: `high` and above</sub>\
""")
    assert not any("held:triage" in desk.labels(issue) for issue in range(1, 8))


def test_triage_of_an_overflow_says_that_it_ends_by_itself(crowd: Desk) -> None:
    assert crowd.say("/priority-triage high") == snapshot("""\
**Triage: only `high` and above is assigned**; running work goes on.

3 tasks of 2 projects are held back; the label `held:triage` on their issues says so. `/priority <project-id> urgent` lets one through.

It ends by itself when every queue is at or under 1 task again, or with `/priority-triage off`.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_triage_lets_nothing_below_its_level_through(desk: Desk) -> None:
    desk.say("/priority-triage high")
    reply = desk.say("/dispatch-genesis A kite shop --priority low", issue=8)
    assert "Queued for genesis" in reply


def test_no_triage_to_end(desk: Desk) -> None:
    assert desk.say("/priority-triage off") == snapshot("""\
Nothing to do: there is no triage. `/priority-triage urgent` begins one.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_triage_needs_a_level(desk: Desk) -> None:
    assert desk.say("/priority-triage") == snapshot("""\
Not run: given nothing, expected level: only this and above is assigned; off: everything.

Usage: `/priority-triage urgent|high|normal|off`
For example: `/priority-triage urgent`\
""")


def test_triage_at_a_level_that_is_none(desk: Desk) -> None:
    assert desk.say("/priority-triage critical") == snapshot("""\
Not run: given `critical`, expected one of urgent, high, normal, off.

Usage: `/priority-triage urgent|high|normal|off`
For example: `/priority-triage urgent`\
""")
    assert desk.state().controls.triage is None


# /alert-administrators


def test_administrators_are_called_once_for_a_reason(crowd: Desk) -> None:
    reply = crowd.say("/alert-administrators Disk_Full `df` says 100 %, @everyone <b>look</b> #1", "max")
    assert reply == snapshot("""\
**Alert `admin-disk-full` is open.** Its issue is being filed now and mentions `ada`, `acme/ops`.

Whoever sees to it comments `/ack admin-disk-full`. The alert ends when that issue is closed.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    (issue,) = filed(crowd, "Administrators needed: disk-full")
    assert text(issue) == snapshot("""\
@ada @acme/ops, you are needed: **disk-full**.

`max` asked for this in #1 at 2026-11-23 13:09 UTC:

```text
`df` says 100 %, @everyone <b>look</b> #1
```

**Status:** Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy

**Other open alerts:**

- 🟠 warning: `queue-overflow-development`, 2 tasks wait in the development queue, more than 1

- To take it on, comment `/ack admin-disk-full`.
- `/status` shows how things stand, `/alerts` all alerts.
- It is over when this issue is closed.\
""")
    crowd.wait(minutes=5)
    crowd.tick()
    assert alerts(crowd)["admin-disk-full"].issue == issue["number"]
    number = f"#{issue['number']}"
    reply = crowd.say("/alert-administrators disk-full and the second disk, too")
    assert reply.replace(number, "#N") == snapshot("""\
Alert `admin-disk-full` is open already, for 5 min; its issue is #N, and nobody has taken it on yet. No second issue is filed for the same reason. Your details were added in #N.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    (added,) = crowd.said(issue["number"])
    assert added.partition("\n")[2] == snapshot("""\
`wendy` gave the same reason again in #1:

```text
and the second disk, too
```\
""")
    reply = crowd.say("/alert-administrators disk-full", issue=issue["number"])
    assert reply.replace(number, "#N") == snapshot("""\
Alert `admin-disk-full` is open already, for 5 min; its issue is #N, and nobody has taken it on yet. No second issue is filed for the same reason.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert len(filed(crowd, "Administrators needed: disk-full")) == 1
    reply = crowd.say("/ack admin-disk-full", "ada", issue=issue["number"])
    assert reply.replace(number, "#N") == snapshot("""\
**`admin-disk-full` is yours now**, `ada`.

- Cause: max called the administrators: disk\\-full
- What to do: See its issue, and close it when this is over.
- It stays open until #N is closed.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_administrators_are_called_without_any_configured(desk: Desk) -> None:
    assert desk.say("/alert-administrators capacity-exceeded") == snapshot("""\
**Alert `admin-capacity-exceeded` is open.** Its issue is being filed now and mentions nobody.

No administrators are configured: name them under the key `administrators` in `.github/orchestrator.yml`, as logins or `org/team`.

Whoever sees to it comments `/ack admin-capacity-exceeded`. The alert ends when that issue is closed.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert "@" not in text(filed(desk, "Administrators needed: capacity-exceeded")[-1])


def test_administrators_need_a_reason(desk: Desk) -> None:
    assert desk.say("/alert-administrators") == snapshot("""\
Not run: given nothing, expected reason: one word, for example capacity-exceeded.

Usage: `/alert-administrators reason [details]`
For example: `/alert-administrators capacity-exceeded`\
""")


def test_a_reason_without_letters(desk: Desk) -> None:
    assert desk.say("/alert-administrators !!! help") == snapshot(
        "Not run: given `!!!`, expected a reason in one word, for example `/alert-administrators capacity-exceeded`."
    )
    assert alerts(desk) == {}


# /incident-report


def test_incident_report(crowd: Desk) -> None:
    crowd.say("/ack queue", "max")
    crowd.wait(minutes=5)
    over_http = replace(crowd, git_over_http=True)  # so that commits have pages to link to
    reply = over_http.say("/incident-report Development stood @still, see <script>", issue=8)
    assert reply == snapshot("""\
**Incident report `incident-20261123-1314-1`** covers the 2 h from 2026-11-23 11:14 UTC to 2026-11-23 13:14 UTC: 26 events, 7 projects, 8 workers, 1 alert, 2 open points. Its issue is being filed now, titled:

> Incident 2026\\-11\\-23 13:14 UTC: Development stood @\u200bstill, see &lt;script\\>

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    (incident,) = crowd.state().incidents.values()
    (issue,) = filed(crowd, "Incident 2026-11-23 13:14")
    assert issue["title"] == snapshot(
        "Incident 2026-11-23 13:14 UTC: Development stood @\u200bstill, see <script>"
    )
    told = re.sub(
        rf"{re.escape(crowd.info.url)}/{REPOSITORY}/commit/[0-9a-f]{{40}}", "HUB/commit/ID", text(issue)
    )
    told = re.sub(r"\[`[0-9a-f]{7}`\]", "[`ID`]", told)
    assert told == snapshot("""\
`wendy` asked for this report in #8. It covers the 2 h from 2026-11-23 11:14 UTC to 2026-11-23 13:14 UTC.

```text
Development stood @still, see <script>
```

**Status:** Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy

### Open actions

- alert queue\\-overflow\\-development is open, taken on by max
- task chess\\-clock\\-3.genesis is in review

```text
/scale-up development
/emergency-scale-up development
/priority-triage urgent
/retry chess-clock-3.genesis
```

### Impact

- Projects hit: 1 (`chess-clock-3`)
- Tasks hit: 1 (`chess-clock-3.genesis`)
- Time lost: 9 min of workers' time, in 3 failed attempts

### Detection and recovery

- From cause to alert: 0 s
- From alert to over: not known; 1 still open

### Contributing factors

- genesis workers were busy for 11% of their time
- development workers were busy for 17% of their time
- content workers were busy for 37% of their time
- 3 attempts failed, because of: tests \\(3\\)
- the genesis queue held 0 tasks after the window's first hour, at most 1, and 1 now
- the development queue held 0 tasks after the window's first hour, at most 2, and 2 now

### Alerts in the window

- warning: `queue-overflow-development`, since 2026-11-23 13:07 UTC, still open, taken on by `max`: 2 tasks wait in the development queue, more than 1

### What people did

- 2026-11-23 12:00:00 `recipe-book-2`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 12:41:00 `chess-clock-3`: taken in, by `wendy`
- 2026-11-23 12:59:00 `photo-sorter-1`: taken in, by `wendy`
- 2026-11-23 13:09:00 `tide-table-4`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 `bird-song-5`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 `star-map-6`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 `tax-form-7`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 alert: queue\\-overflow\\-development: taken on, by `max` ([`ID`](HUB/commit/ID))

### Touched

- Projects: `bird-song-5`, `chess-clock-3`, `photo-sorter-1`, `recipe-book-2`, `star-map-6`, `tax-form-7`, `tide-table-4`
- Workers: `content-01`, `dev-01`, `dev-02`, `dev-03`, `dev-04`, `genesis-01`, `genesis-02`, `genesis-03`

### Timeline

- 2026-11-23 12:00:00 `recipe-book-2`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 12:06:00 `recipe-book-2.genesis` on `genesis-02`: done
- 2026-11-23 12:06:00 `recipe-book-2`: next stage: development
- 2026-11-23 12:10:00 `recipe-book-2.part-1.tests` on `dev-01`: done
- 2026-11-23 12:14:00 `recipe-book-2.part-2.tests` on `dev-02`: done
- 2026-11-23 12:18:00 `recipe-book-2.part-1.feature` on `dev-01`: done
- 2026-11-23 12:22:00 `recipe-book-2.part-2.feature` on `dev-02`: done
- 2026-11-23 12:26:00 `recipe-book-2.part-1.review` on `dev-03`: done
- 2026-11-23 12:30:00 `recipe-book-2.part-2.review` on `dev-01`: done
- 2026-11-23 12:34:00 `recipe-book-2.deployment` on `dev-04`: done
- 2026-11-23 12:34:00 `recipe-book-2`: next stage: content
- 2026-11-23 12:41:00 `recipe-book-2.documentation` on `content-01`: done
- 2026-11-23 12:41:00 `chess-clock-3`: taken in, by `wendy`
- 2026-11-23 12:44:00 `chess-clock-3.genesis` on `genesis-02`: an attempt failed
- 2026-11-23 12:50:00 `chess-clock-3.genesis` on `genesis-01`: an attempt failed
- 2026-11-23 12:56:00 `chess-clock-3.genesis` on `genesis-03`: an attempt failed ([run](https://github.example/acme/factory/actions/runs/7))
- 2026-11-23 12:56:00 `chess-clock-3.genesis` on `genesis-03`: sent to review: the scaffold's own test failed: 1 of 1 ([run](https://github.example/acme/factory/actions/runs/7))
- 2026-11-23 12:59:00 `photo-sorter-1`: taken in, by `wendy`
- 2026-11-23 13:07:00 `photo-sorter-1.genesis` on `genesis-02`: done
- 2026-11-23 13:07:00 `photo-sorter-1`: next stage: development
- 2026-11-23 13:07:00 alert: queue\\-overflow\\-development: 2 tasks wait in the development queue, more than 1
- 2026-11-23 13:09:00 `tide-table-4`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 `bird-song-5`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 `star-map-6`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 `tax-form-7`: taken in, by `wendy` ([`ID`](HUB/commit/ID))
- 2026-11-23 13:09:00 alert: queue\\-overflow\\-development: taken on, by `max` ([`ID`](HUB/commit/ID))

The same as data: `shared-state/incidents/incident-20261123-1314-1.json` on the state branch.\
""")
    assert (incident.by, incident.projects[0], len(incident.done)) == ("wendy", "bird-song-5", 8)
    crowd.wait(minutes=5)
    crowd.tick()
    assert crowd.state().incidents[incident.id].issue == issue["number"]


def test_incident_report_of_a_quiet_window(desk: Desk) -> None:
    desk.wait(hours=3)
    assert desk.say("/incident-report --since 30m") == snapshot("""\
**Incident report `incident-20261123-1609-1`** covers the 30 min from 2026-11-23 15:39 UTC to 2026-11-23 16:09 UTC: 0 events, 0 projects, 0 workers, 0 alerts, 1 open point. Its issue is being filed now, titled:

> Incident 2026\\-11\\-23 16:09 UTC

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/incident-report --since=1h30m again").startswith(
        "**Incident report `incident-20261123-1609-2`**"
    )


def test_incident_report_since_no_duration(desk: Desk) -> None:
    assert desk.say("/incident-report --since yesterday") == snapshot("""\
Not run: given `yesterday`, expected --since: a duration of up to a year, for example 2h, 90m, 1d or 1h30m.

Usage: `/incident-report [about] [details] [--since DURATION]`
For example: `/incident-report Development stood still after the token expired`\
""")
    assert desk.say("/incident-report --since") == snapshot("""\
Not run: given `--since`, expected a value after it: --since DURATION.

Usage: `/incident-report [about] [details] [--since DURATION]`
For example: `/incident-report Development stood still after the token expired`\
""")
    assert desk.say("/incident-report it broke --since 5") == snapshot("""\
Not run: given `5`, expected --since: a duration of up to a year, for example 2h, 90m, 1d or 1h30m.

Usage: `/incident-report [about] [details] [--since DURATION]`
For example: `/incident-report Development stood still after the token expired`\
""")
    assert desk.state().incidents == {}


# what is the same for all

ACTING = [
    "/ack queue-overflow-development",
    "/priority-triage urgent",
    "/alert-administrators no-runners",
    "/incident-report",
]


@pytest.mark.parametrize("typed", ACTING)
def test_too_low_a_role(crowd: Desk, typed: str) -> None:
    crowd.tick()  # the overflow's own issue is known
    before = crowd.state()
    reply = crowd.say(typed, "tim")
    name = typed.partition(" ")[0]
    assert reply.startswith(f"Not run: `{name}` needs the role **write** in this repository, and `tim` has")
    after = crowd.state()
    assert (after.alerts, after.controls, after.incidents) == (
        before.alerts,
        before.controls,
        before.incidents,
    )


def test_alerts_is_for_those_who_triage(desk: Desk) -> None:
    payload = desk.post("/alerts", "rita")
    assert desk.answers(payload) == []


@pytest.mark.parametrize("typed", [*ACTING, "/alerts"])
def test_a_repeated_delivery_changes_nothing(crowd: Desk, typed: str) -> None:
    payload = crowd.post(typed)
    before, commits = crowd.state(), crowd.commits()
    issues = len(filed(crowd, ""))
    crowd.handle(payload)
    assert (crowd.state(), crowd.commits(), len(filed(crowd, ""))) == (before, commits, issues)
    assert len(crowd.answers(payload)) == 1
