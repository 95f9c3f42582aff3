"""The one table of alerts: when each opens, how bad it is, what it says, and when it is over.

A rule's condition is judged where its facts are (``bot/policies``); what it is called, says and waits for
stands in this folder alone, by theme. ``docs/alerts.md`` is made from it.
"""

from __future__ import annotations

from bot.domain.alert_rules.flow import FAILING, OVERFLOW, SLOW
from bot.domain.alert_rules.money import BUDGET, DEAR
from bot.domain.alert_rules.own_health import CONFIGURATION, LATE, QUOTA, RACES, SET_BACK, UNANSWERED
from bot.domain.alert_rules.rule import Rule
from bot.domain.alert_rules.telling import CALLED, CROWDED, LOST, UNTOLD
from bot.domain.alert_rules.workers import BREAKER, CLAIMS, OFFLINE, PROCESSES, REFUSED, RUNS, STUCK

__all__ = [
    "BREAKER",
    "BUDGET",
    "CALLED",
    "CLAIMS",
    "CONFIGURATION",
    "CROWDED",
    "DEAR",
    "FAILING",
    "LATE",
    "LOST",
    "OFFLINE",
    "OVERFLOW",
    "PROCESSES",
    "QUOTA",
    "RACES",
    "REFUSED",
    "RULES",
    "RUNS",
    "SET_BACK",
    "SLOW",
    "STUCK",
    "UNANSWERED",
    "UNTOLD",
    "Rule",
    "is_call",
    "rule_of",
]

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


def is_call(alert_id: str) -> bool:
    """Whether a command has filed its issue, and closing that ends it."""
    rule = rule_of(alert_id)
    return rule is not None and rule.own_issue
