"""Every ``if:`` of the workflows and actions with what it has to say to which event.

A row is: what it is, the contexts, the status of what went before, the answer.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
Row = tuple[str, Json, str, bool]

OK, FAILED, CANCELLED = "success", "failure", "cancelled"


def _comment(body: str, kind: str = "User", **variables: str) -> Json:
    event = {"action": "created", "comment": {"body": body, "user": {"login": "mona", "type": kind}}}
    return {"github": {"event": event}, "vars": variables}


def _change(
    label: str = "", kind: str = "User", labels: tuple[str, ...] = (), body: str | None = "", **variables: str
) -> Json:
    issue = {"labels": [{"name": each} for each in labels], "body": body}
    event: Json = {"action": "labeled" if label else "closed", "issue": issue, "sender": {"type": kind}}
    if label:
        event["label"] = {"name": label}
    return {"github": {"event": event}, "vars": variables}


def _woken(schedule: str = "", mode: str = "") -> Json:
    event = {"schedule": schedule} if schedule else {"inputs": None}
    return {"github": {"event": event}, "vars": {"ORCHESTRATOR_MONITOR": mode} if mode else {}}


def _claimed(**outputs: str) -> Json:
    return {"needs": {"claim": {"result": "success", "outputs": outputs}}, "inputs": {"runner": ""}}


def _granted(**outputs: str) -> Json:
    return {"steps": {"claim": {"outcome": "success", "outputs": outputs}}}


FIVE, HOURLY = "*/5 * * * *", "17 * * * *"
BOTS = {"ORCHESTRATOR_ALLOW_BOTS": "true"}
NAMED = {"ORCHESTRATOR_NEW_PROJECT_LABEL": "idea"}
NOTHING: Json = {"needs": {}, "steps": {}}

ALWAYS: tuple[Row, ...] = (
    ("after a success", NOTHING, OK, True),
    ("after a failure", NOTHING, FAILED, True),
    ("after a time-out", NOTHING, CANCELLED, True),
)
AGENT: tuple[Row, ...] = (
    ("an agent with a lock", _claimed(agent="claude"), OK, True),
    ("the template executor", _claimed(agent=""), OK, False),
    ("no output at all", _claimed(), OK, False),
    ("after a failure", _claimed(agent="claude"), FAILED, False),
)
FOLDED: tuple[Row, ...] = (
    ("somebody folds the check", _claimed(fold="true"), OK, True),
    ("nobody does", _claimed(fold="false"), OK, False),
    ("nothing is said", _claimed(), OK, False),
    ("the work failed", _claimed(fold="true"), FAILED, False),
)

CONDITIONS: dict[str, tuple[Row, ...]] = {
    ".github/workflows/commands.yml handle": (
        ("a command", _comment("/status"), OK, True),
        ("a command below a text", _comment("Well.\n\n/status"), OK, True),
        ("a path, which the bot's parser tells from a command", _comment("see docs/design.md"), OK, True),
        ("just a text", _comment("Thank you!"), OK, False),
        ("nothing", _comment(""), OK, False),
        ("a bot", _comment("/status", "Bot"), OK, False),
        ("a bot, and bots are let in", _comment("/status", "Bot", **BOTS), OK, True),
        (
            "a bot, and bots are let in by another word",
            _comment("/status", "Bot", ORCHESTRATOR_ALLOW_BOTS="yes"),
            OK,
            False,
        ),
        ("a bot that says nothing", _comment("done", "Bot", **BOTS), OK, False),
        ("an organisation", _comment("/status", "Organization"), OK, True),
        ("an expression in the text", _comment("${{ github.token }} / ')"), OK, True),
    ),
    ".github/workflows/labels.yml handle": (
        ("a priority", _change("priority:high"), OK, True),
        ("a priority in capitals, as comparisons know none", _change("Priority:High"), OK, True),
        ("a stage", _change("stage:genesis"), OK, True),
        ("a status", _change("status:held"), OK, True),
        ("a hold", _change("held:review"), OK, True),
        ("the label that asks for a project", _change("new-project"), OK, True),
        ("another label", _change("bug"), OK, False),
        ("another label on a project's issue", _change("bug", labels=("stage:genesis",)), OK, False),
        ("a label that only looks like one", _change("my-priority:high"), OK, False),
        ("the label as the variable names it", _change("idea", **NAMED), OK, True),
        ("the usual label, where another is named", _change("new-project", **NAMED), OK, False),
        ("a bot", _change("priority:high", "Bot"), OK, False),
        ("a bot, and bots are let in", _change("priority:high", "Bot", **BOTS), OK, True),
        ("a project's issue is closed", _change(labels=("bug", "stage:genesis")), OK, True),
        ("an issue that the bot filed is closed", _change(body="<!-- orchestrator:alert-1 -->"), OK, True),
        ("somebody else's issue is closed", _change(labels=("bug",), body="It broke."), OK, False),
        ("an issue without a text is closed", _change(body=None), OK, False),
        ("a project's issue is closed by a bot", _change(kind="Bot", labels=("stage:genesis",)), OK, False),
    ),
    ".github/workflows/monitor.yml loop": (
        ("the five minutes' schedule", _woken(FIVE, "loop"), OK, True),
        ("the hourly schedule", _woken(HOURLY, "loop"), OK, False),
        ("the run before it, or a person", _woken("", "loop"), OK, True),
        ("no mode is set", _woken(FIVE), OK, False),
        ("another mode", _woken(FIVE, "cron"), OK, False),
        ("started by hand in another mode", _woken("", "events"), OK, False),
    ),
    ".github/workflows/monitor.yml tick": (
        ("no mode is set: every five minutes", _woken(FIVE), OK, True),
        ("no mode is set: not every hour as well", _woken(HOURLY), OK, False),
        ("no mode is set, started by hand", _woken(""), OK, True),
        ("cron: every five minutes", _woken(FIVE, "cron"), OK, True),
        ("cron: not every hour as well", _woken(HOURLY, "cron"), OK, False),
        ("events: every hour", _woken(HOURLY, "events"), OK, True),
        ("events: not every five minutes", _woken(FIVE, "events"), OK, False),
        ("events, started by hand", _woken("", "events"), OK, True),
        ("loop: its own job looks", _woken(FIVE, "loop"), OK, False),
        ("loop: nor every hour", _woken(HOURLY, "loop"), OK, False),
        ("loop, started by hand", _woken("", "loop"), OK, False),
        ("a mode that nobody knows is the default", _woken(FIVE, "fast"), OK, True),
    ),
    ".github/workflows/pages.yml build": (
        ("somebody wants the site", {"vars": {"ORCHESTRATOR_DASHBOARD": "true"}}, OK, True),
        ("nobody has said so", {"vars": {}}, OK, False),
        ("another word", {"vars": {"ORCHESTRATOR_DASHBOARD": "yes"}}, OK, False),
    ),
    ".github/workflows/worker.yml claim/Send the workspace": (
        ("granted", _granted(granted="true"), OK, True),
        ("not granted", _granted(granted="false"), OK, False),
        ("nothing is said", _granted(), OK, False),
        ("the claim failed", _granted(granted="true"), FAILED, False),
    ),
    ".github/workflows/worker.yml run": (
        ("granted", _claimed(granted="true"), OK, True),
        ("not granted", _claimed(granted="false"), OK, False),
        ("nothing is said", _claimed(), OK, False),
        ("the claim failed after it was granted", _claimed(granted="true"), FAILED, False),
    ),
    ".github/workflows/worker.yml run/Install the agent": AGENT,
    ".github/workflows/worker.yml run/Send the workspace": ALWAYS,
    ".github/workflows/worker.yml run/Check here": FOLDED,
    ".github/workflows/worker.yml run/Send the verdict": FOLDED,
    ".github/workflows/worker.yml check": (
        ("nobody folds it", _claimed(fold="false"), OK, True),
        ("nothing is said", _claimed(), OK, True),
        ("somebody folds it", _claimed(fold="true"), OK, False),
        ("the work failed", _claimed(fold="false"), FAILED, False),
    ),
    ".github/workflows/worker.yml check/Send the workspace": ALWAYS,
    ".github/workflows/worker.yml report": (
        ("all went well", _claimed(granted="true"), OK, True),
        ("the work failed", _claimed(granted="true"), FAILED, True),
        ("the work ran out of time", _claimed(granted="true"), CANCELLED, True),
        ("not granted", _claimed(granted="false"), OK, False),
        ("the claim failed before it said anything", _claimed(), FAILED, False),
    ),
    "action.yml Set up Python": (
        ("the default", {"inputs": {"python-version": "3.13"}}, OK, True),
        ("the runner's own", {"inputs": {"python-version": ""}}, OK, False),
    ),
}
