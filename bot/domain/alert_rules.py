"""The one table of alerts: when each opens, how bad it is, what it says, and when it is over.

A rule's condition is judged where its facts are (``bot/policies``); what it is called, says and waits for
stands here alone. ``docs/alerts.md`` is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.alerting import Severity

DAY = timedelta(days=1)
AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of alert.

    ``causes`` and ``advice`` are templates, by case: ``""`` is the usual one. A condition has to last for
    ``holds`` before it is an alert, and to be gone for ``gone`` before that is over; then it is watched for
    ``alerts.quiet_minutes``, in which a return is the same alert again. An event has no end of its own:
    its alert is over after ``lasts``.
    """

    id: str
    severity: Severity
    condition: str
    ends: str
    causes: Mapping[str, str]
    advice: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """To be copied, by case of ``advice``."""
    of: str = ""
    """What follows the id: one alert for each; empty: there is one."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """By case of ``causes``, where it is not the usual one."""
    holds: timedelta = AT_ONCE
    gone: timedelta = AT_ONCE
    lasts: timedelta | None = None
    calls: bool = False
    """Administrators are told of it at once, by its issue, whatever ``alerts.issue_severity`` is."""
    own_issue: bool = False
    """A command files its issue, and closing that ends it."""
    outward: bool = True
    """Whether it is told to the outside; not what the outside itself is the matter of."""

    def named(self, what: str = "") -> str:
        """The alert's id."""
        return f"{self.id}-{what}" if self.of else self.id

    def subject(self, alert_id: str) -> str:
        """What an alert of this rule is about; empty where there is one only."""
        return alert_id.removeprefix(f"{self.id}-") if self.of else ""

    def covers(self, alert_id: str) -> bool:
        """Whether an alert is of this rule."""
        return alert_id.startswith(f"{self.id}-") if self.of else alert_id == self.id


OVERFLOW = Rule(
    id="queue-overflow",
    of="queue",
    severity=Severity.WARNING,
    condition="more tasks wait in a queue than `queueing.overflow`",
    ends="the queue is a quarter below that",
    calls=True,
    causes={
        "": "{waiting} in the {queue} queue, more than {mark}",
        "still": "{waiting} in the {queue} queue after an overflow, which is over at {relief}",
    },
    advice={
        "": "Add workers with /scale-up {queue}, or have only urgent work done for now with "
        "/priority-triage urgent.",
        "review": "Look at them with /queues review, then /retry or /discard each.",
        "paused": "{queue} is paused, so that none of them starts: /unpause {queue} ends that.",
        "triage": "No worker may be added and it grew, so only {level} tasks of it are assigned until it "
        "is shorter; /priority-triage off ends that. /emergency-scale-up {queue} adds workers.",
        "grows": "It grows, and no worker may be added. Triage was not begun: it would hold back all or "
        "nothing of what may start there. /emergency-scale-up {queue} adds workers; /priority says which "
        "projects matter most.",
    },
    commands={
        "": ("/scale-up {queue}", "/emergency-scale-up {queue}", "/priority-triage urgent"),
        "review": ("/queues review",),
        "paused": ("/unpause {queue}",),
        "triage": ("/emergency-scale-up {queue}", "/priority-triage off"),
        "grows": ("/emergency-scale-up {queue}",),
    },
)
SLOW = Rule(
    id="slow",
    of="workflow",
    severity=Severity.WARNING,
    condition="the median completion time of the latest window is above `degradation.factor` times the usual",
    ends="it is under `degradation.clear` times the usual",
    causes={
        "": "{workflow} has become slow: half of its latest {window} tasks took more than {now}, usual are "
        "{usual} ({times:.1f} times). Slowest specialty: {specialty}. Slowest worker: {worker}"
    },
    advice={
        "": "/health {slowest} shows that worker; other workers are preferred to one that is much slower "
        "than its peers. /bottlenecks says whether more {workflow} workers would help."
    },
    commands={
        "": ("/health-check {slowest}", "/bottlenecks"),
    },
)
FAILING = Rule(
    id="failing",
    of="workflow",
    severity=Severity.CRITICAL,
    condition="a workflow was paused by the rule: its last `breaker.workflow_failures` tasks all failed",
    ends="the pause ends",
    causes={"": "{workflow} was paused: {why}"},
    advice={
        "": "Look at what went wrong with /queues review and /alerts, and mend it. Then /unpause {workflow} "
        "lets its tasks start again; only failures after that count anew."
    },
    commands={
        "": ("/queues review", "/unpause {workflow}"),
    },
)
BREAKER = Rule(
    id="breaker",
    of="worker",
    severity=Severity.WARNING,
    condition="a worker was taken out after `breaker.worker_failures` failures in a row; critical where no "
    "worker of its workflow is left",
    ends="it succeeds again, is restarted or stopped",
    causes={
        "": "{worker} failed {times} in a row: it gets nothing before {until}, then one task",
        "everybody": "{worker} failed {times} in a row: it gets nothing before {until}, then one task. No "
        "{workflow} worker is left that takes work: its queue waits, nothing is lost",
    },
    severities={"everybody": Severity.CRITICAL},
    advice={
        "": "Look at its failures: is it the worker, or the work? A success of that one task ends this; "
        "/restart {worker} lets it take work at once."
    },
    commands={
        "": ("/health-check {worker}", "/restart {worker}"),
    },
)
STUCK = Rule(
    id="stuck",
    of="worker",
    severity=Severity.WARNING,
    condition="a task shows no progress for `pools.*.stuck_minutes`, else half of its time limit",
    ends="it gets on, or is over",
    causes={
        "": "{worker} has been at {task} since {since}, longer than the {minutes} after which it counts as "
        "stuck",
        "silent": "{worker} has shown no progress on {task} since {since}; {minutes} are allowed in "
        "{workflow}",
    },
    advice={
        "": "A run on Actions cannot tell how it gets on, so look at its log; at its time limit, {limit}, it "
        "is cancelled, and the attempt counts as failed. `/restart {worker}` ends it now, without counting "
        "the attempt.",
        "silent": "Unless it gets on it is stopped at {stop}: that attempt counts as failed, and the task is "
        "tried again. `/restart {worker}` ends it now, without counting the attempt.",
    },
    commands={
        "": ("/restart {worker}",),
        "silent": ("/restart {worker}",),
    },
)
OFFLINE = Rule(
    id="worker-offline",
    of="process",
    severity=Severity.WARNING,
    condition="a worker process was silent for `health.heartbeat_minutes`, and its restart, where one is "
    "configured, has not brought it back within `external.restart_minutes`",
    ends="it is heard of again, or its workers are stopped",
    causes={"": "The worker process {process}{slots} has not been heard of since {last}; it held {held}"},
    advice={
        "": "Look at its machine, and start it there: `{command}`. The alert ends when it is heard of. If it "
        "does not come back, others take its place, and it is forgotten after {days:g} days.",
        "restarted": "{workflow} was dispatched to start it and did not bring it back: look at its run. "
        "Look at its machine, and start it there: `{command}`. The alert ends when it is heard of. If it "
        "does not come back, others take its place, and it is forgotten after {days:g} days.",
    },
    commands={
        "": ("{command}",),
        "restarted": ("{command}",),
    },
)
PROCESSES = Rule(
    id="worker-processes",
    severity=Severity.WARNING,
    condition="more worker processes are live than `external.processes`",
    ends="there are no more than that",
    causes={
        "": "{live} worker processes are live, more than {most}: their beats share {pushes:g} pushes a "
        "minute, so each is heard of every {seconds} s, and one that dies is noticed after {noticed}"
    },
    advice={
        "": "Run fewer processes with more slots each: `orchestrator worker --slots n` beats once for all "
        "slots."
    },
)
REFUSED = Rule(
    id="worker-refused",
    of="process",
    severity=Severity.WARNING,
    condition="a worker process asked to join under an id of another process or workflow",
    ends="it has joined, or a day is over",
    lasts=DAY,
    causes={
        "workflow": "A worker process asked to join as {process} for {asked}, but {slot} is a worker of "
        "{workflow}",
        "slot": "A worker process asked to join as {process} for {asked}, but {slot} is a slot of the "
        "process {holder}",
    },
    advice={"": "Start it with another --id, or stop what has this one; nothing was changed."},
)
RUNS = Rule(
    id="runs-not-starting",
    severity=Severity.WARNING,
    condition="the runs of a worker did not begin within `health.start_minutes`, twice in a row",
    ends="one begins",
    causes={"": "the runs of {workers} do not begin, {times} times in a row or more"},
    advice={
        "": "Look at the runs of {workflow} under Actions: is the workflow enabled, is a runner with its "
        "labels online, are there minutes left?"
    },
)
CLAIMS = Rule(
    id="work-not-taken",
    severity=Severity.WARNING,
    condition="a worker process did not come for its task within `health.start_minutes`, twice in a row",
    ends="it comes for one",
    causes={"": "the processes of {workers} do not come for their tasks, {times} times in a row or more"},
    advice={"": "Look at their logs: each is heard of, but takes nothing; start it anew on its machine."},
)
BUDGET = Rule(
    id="budget",
    of="budget",
    severity=Severity.INFO,
    condition="a budget (`budgets.*`) is used up while something waits for it; a warning where it is money",
    ends="the budget has room again, or nothing waits for it",
    causes={
        "tasks-per-hour": "{limit:g} tasks were started within an hour, as many as the budget allows",
        "running": "{limit:g} tasks are running, as many as the budget allows",
        "spend-per-day": "agents have cost {used} today, and the budget for a day is {budget}",
        "spend-per-project": "agents have cost the budget for a project, or more, for {projects}",
    },
    severities={"spend-per-day": Severity.WARNING, "spend-per-project": Severity.WARNING},
    advice={
        "tasks-per-hour": "The next ones start as soon as an hour has passed since the earliest of them. To "
        "allow more: raise {key} in .github/orchestrator.yml.",
        "running": "The next ones start as these end. To allow more: raise {key} in "
        ".github/orchestrator.yml.",
        "spend-per-day": "Nothing new starts before midnight UTC; what runs goes on. To allow more: {way} "
        "for as much again today, or raise {key} in .github/orchestrator.yml.",
        "spend-per-project": "Nothing new of it starts. {way} lets it cost as much again; raising "
        "budgets.spend_per_project in .github/orchestrator.yml does so for all; /discard drops it.",
    },
    commands={
        "spend-per-day": ("{way}",),
        "spend-per-project": ("{way}",),
    },
)
DEAR = Rule(
    id="dear-report",
    of="worker",
    severity=Severity.WARNING,
    condition="a report tells more dollars than one may book (twice `limits.dollars` of its executor, else "
    "`budgets.most_per_report`)",
    ends="a day is over",
    lasts=DAY,
    causes={
        "": "{worker} told that one attempt at {task} cost {told}, more than one report may book: {booked} "
        "were booked"
    },
    advice={
        "": "Look at the run's log and at the provider's bill. If such figures are right, raise the limit: "
        "executors.{executor}.limits.dollars, or budgets.most_per_report, in .github/orchestrator.yml."
    },
)
CONFIGURATION = Rule(
    id="configuration",
    severity=Severity.WARNING,
    condition="the configuration file does not validate",
    ends="it does",
    causes={"": "{problem}"},
    advice={"": "Correct .github/orchestrator.yml; the last good configuration stays in force."},
)
LOST = Rule(
    id="undeliverable",
    of="effect",
    severity=Severity.WARNING,
    condition="something could not be delivered in `delivery.limit` attempts",
    ends="a day is over",
    lasts=DAY,
    causes={"": "{kind} {effect} could not be delivered in {attempts} attempts"},
    advice={"": "Look at the log of the latest runs: is the issue locked, may the token write?"},
)
CALLED = Rule(
    id="admin",
    of="reason",
    severity=Severity.CRITICAL,
    condition="somebody gave `/alert-administrators`",
    ends="its issue is closed",
    own_issue=True,
    causes={"": "{caller} called the administrators: {reason}"},
    advice={"": "See its issue, and close it when this is over."},
)
QUOTA = Rule(
    id="rate-limit",
    severity=Severity.WARNING,
    condition="the part `alerts.quota_used` of the token's API requests of an hour is used; critical where "
    "all are",
    ends="the hour is over, or no more than `alerts.quota_clear` is used",
    causes={
        "": "{used} of the {limit} API requests of this hour are used; the next hour begins at {resets}",
        "all": "all {limit} API requests of this hour are used: nothing is read or answered before {resets}",
    },
    severities={"all": Severity.CRITICAL},
    advice={
        "": "Replies may come late until then; nothing is lost. If it happens again, run the monitor less "
        "often (docs/monitor.md), or give the bot a GitHub App's token, which may make 5,000 requests an "
        "hour and more."
    },
)
SET_BACK = Rule(
    id="state-set-back",
    severity=Severity.CRITICAL,
    condition="the bot has answered commands that the state branch knows nothing of",
    ends="a day is over",
    lasts=DAY,
    calls=True,
    causes={
        "": "the state branch was set back to what it was at {known}: commands that were answered until "
        "{until} are not in it"
    },
    advice={
        "": "Those commands are run again and get a second answer each. What workers did since then is not "
        "in the state either: their reports are refused, and their tasks are done again. Somebody has pushed "
        "an older commit, or brought in an older backup: protect the branch from force pushes. If a clone "
        "has the newer commit, push that back at once."
    },
    commands={
        "": ("/status",),
    },
)
RACES = Rule(
    id="push-conflicts",
    severity=Severity.WARNING,
    condition="saves lost the race for the state branch `alerts.lost_races` times within an hour",
    ends="half of that, for ten minutes",
    gone=timedelta(minutes=10),
    causes={"": "saves have lost the race for the state branch {lost} times within an hour"},
    advice={
        "": "Commands are answered later than usual; nothing is lost. Let fewer processes write: fewer "
        "worker processes with more slots each (/health-check all lists them), one monitor, not several."
    },
    commands={
        "": ("/health-check all",),
    },
)
LATE = Rule(
    id="schedule-drift",
    severity=Severity.WARNING,
    condition="in the last three hours on record the monitor left a gap longer than its mode promises, by "
    "more than `alerts.late_minutes`",
    ends="three hours without one have passed",
    causes={
        "": "the monitor did not look for {gap}, and every {promised} is promised by its mode, {mode}; that "
        "was until {until}"
    },
    advice={
        "": "GitHub runs schedules late under load. Look at the runs of {workflow} under Actions: is it "
        "enabled, does it fail? The mode `loop` (docs/monitor.md) does not depend on the schedule."
    },
)
UNANSWERED = Rule(
    id="commands-unanswered",
    severity=Severity.CRITICAL,
    condition="a command has no answer for longer than `alerts.unanswered_minutes`",
    ends="every command is answered, for two minutes",
    gone=timedelta(minutes=2),
    causes={"": "{commands} without an answer, the oldest since {oldest}"},
    advice={
        "": "Look at the latest runs of commands.yml and monitor.yml under Actions: do they fail, is GitHub "
        "down? Each is answered as soon as a run gets through; nobody has to post it again."
    },
    commands={
        "": ("/status",),
    },
)
CROWDED = Rule(
    id="alert-issues",
    severity=Severity.WARNING,
    condition="more alerts want an issue than `alerts.issues_per_hour`",
    ends="each has one, or is over, for ten minutes",
    gone=timedelta(minutes=10),
    calls=True,
    causes={"": "{alerts} without an issue of their own, because {limit} were filed within an hour: {names}"},
    advice={
        "": "/alerts lists all of them, the worst first. They get issues of their own as the hour passes."
    },
    commands={
        "": ("/alerts",),
    },
)
UNTOLD = Rule(
    id="notifications",
    severity=Severity.WARNING,
    condition="an alert could not be told to an address in the secret `ORCHESTRATOR_NOTIFY_URLS`",
    ends="a day is over",
    lasts=DAY,
    outward=False,
    causes={
        "": "alert {alert} was not told outside in {attempts} attempts",
        "some": "alert {alert} was told to some addresses, but not to {services}",
    },
    advice={
        "": "Look at the log of the latest runs of monitor.yml, which has the reason without the address. Is "
        "the secret ORCHESTRATOR_NOTIFY_URLS set, and is each address in it still right?"
    },
)

RULES: tuple[Rule, ...] = (
    UNANSWERED,
    FAILING,
    CALLED,
    BREAKER,
    OVERFLOW,
    SLOW,
    STUCK,
    OFFLINE,
    PROCESSES,
    REFUSED,
    RUNS,
    CLAIMS,
    BUDGET,
    DEAR,
    CONFIGURATION,
    SET_BACK,
    LOST,
    QUOTA,
    RACES,
    LATE,
    CROWDED,
    UNTOLD,
)
"""All of them; docs/alerts.md lists them in this order."""


def rule_of(alert_id: str) -> Rule | None:
    """The rule of an alert; None for one that an older program has left behind."""
    return next((rule for rule in RULES if rule.covers(alert_id)), None)
