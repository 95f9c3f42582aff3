"""``orchestrator doctor``: every check in one table, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from bot.adapters.actions import ActionsContext
from bot.domain.errors import Forbidden, NotFound, OrchestratorError
from bot.ports.store import Look
from bot.setup.checks import access, automation, fleet, state
from bot.setup.examination import Examination
from bot.setup.findings import Check, Finding, Verdict
from bot.setup.permissions import SETUP, listed

CHECKS: tuple[Check, ...] = (
    Check(
        "token",
        "the kind of the token, its scopes, its end, and whether its account may write",
        "`init` and `upgrade` push workflow files and open pull requests with it",
        access.token,
    ),
    Check(
        "repository",
        "whether it is archived, and whether it has issues",
        "commands are comments on issues",
        access.repository,
    ),
    Check(
        "rate limit",
        "the requests that this token has left this hour",
        "without any, commands wait for the next hour",
        access.rate_limit,
    ),
    Check(
        "clock",
        "this machine's time against GitHub's",
        "a worker without a token goes by its machine's clock, and leases by both",
        access.clock,
    ),
    Check(
        "actions",
        "whether Actions are on, and which actions are allowed",
        "every command and every assignment is a run of a workflow",
        automation.actions,
    ),
    Check(
        "workflow files",
        "the four files on the default branch, and whether each is active",
        "GitHub starts comments' and scheduled workflows from the default branch alone",
        automation.workflow_files,
    ),
    Check(
        "drift",
        "the files against this version's, their edits, and what they are pinned to",
        "files and action of different versions may not understand each other",
        automation.drift,
    ),
    Check(
        "monitor",
        "the variable ORCHESTRATOR_MONITOR",
        "it decides how soon lost work is noticed, and what that costs",
        automation.monitor_mode,
    ),
    Check(
        "schedule",
        "the monitor's last run, and whether GitHub has switched its schedule off",
        "only the monitor finds lost commands, dead workers and what is due",
        automation.schedule,
    ),
    Check(
        "state",
        "the state branch: there, of a known schema, without contradictions",
        "it is all that the fleet knows",
        state.state_branch,
    ),
    Check(
        "labels",
        "the labels that are the bot's",
        "they show where a project is, and ask for new ones",
        state.labels,
    ),
    Check(
        "status issue",
        "whether the issue is open and pinned",
        "people look there first",
        state.status_issue,
    ),
    Check(
        "protection",
        "branch protection and rulesets for the state branch and the projects' branches",
        "a rule that refuses a push stops everything; one that asks for people holds merges up",
        state.protection,
    ),
    Check(
        "configuration",
        "`.github/orchestrator.yml`",
        "one that does not validate changes nothing: the last valid one counts",
        fleet.configuration,
    ),
    Check(
        "agents",
        "the agents that the configuration names, their versions, their keys among the secrets",
        "without a key every task of that agent goes to review",
        fleet.agents,
    ),
    Check(
        "runners",
        "the labels that work is sent to, and whether a runner with them is online",
        "what no runner takes waits until it is cancelled",
        fleet.runners,
    ),
    Check(
        "projects",
        "the token or App that makes repositories, else whether workflows may open pull requests",
        "a project that has no place to go to waits in review",
        fleet.projects,
    ),
)

_REFUSED = (Forbidden, NotFound)
"""What a token with more permissions would not be told."""


def examine(
    context: ActionsContext,
    environ: Mapping[str, str],
    look_at: Callable[[ActionsContext, Mapping[str, str]], AbstractContextManager[Look]],
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Finding]:
    """Every check's finding, in the table's order. Raises UsageError where there is no such repository."""
    examination = Examination(context, environ, look_at, wall)
    examination.about  # noqa: B018 - without it no check can look
    return [_finding(check, examination) for check in CHECKS]


def _finding(check: Check, examination: Examination) -> Finding:
    try:
        found = check.look(examination)
    except OrchestratorError as error:
        reason = " ".join(str(error).split())
        mend = f"take a token that may: {listed(SETUP)}" if isinstance(error, _REFUSED) else ""
        return Finding(check.name, Verdict.UNSEEN, f"could not look: {reason}", check.why, mend)
    verdict = Verdict.WRONG if found.mend else Verdict.WELL
    return Finding(check.name, verdict, found.text, check.why, found.mend)
