"""What could not be told, and what a person tells the administrators."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.alert_rules.rule import DAY, Rule
from bot.domain.alerting import Severity

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
