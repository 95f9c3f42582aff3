"""The bot's own health: its configuration, its requests, its pushes, its looks, its answers."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.alert_rules.rule import DAY, Rule
from bot.domain.alerting import Severity

CONFIGURATION = Rule(
    id="configuration",
    severity=Severity.WARNING,
    condition="the configuration file does not validate",
    ends="it does",
    causes={"": "{problem}"},
    advice={"": "Correct .github/orchestrator.yml; the last good configuration stays in force."},
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
