"""Budgets that are used up, and reports that tell more than they may."""

from __future__ import annotations

from bot.domain.alert_rules.rule import DAY, Rule
from bot.domain.alerting import Severity

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
