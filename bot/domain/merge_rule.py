"""When a pull request may be merged, and when nothing but a person's decision is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.config import Config
from bot.domain.merging import PullRequests
from bot.domain.pulls import Pull


def may_merge(config: Config, pull: Pull, base: str, now: datetime) -> bool:
    """Whether the bot merges it now: the rule says so, the head was let through, its checks have passed.

    Never into another branch than the project's ``base``, which somebody may have chosen meanwhile.
    """
    facts, rule = pull.facts, config.pull_requests
    return (
        rule.merge == "auto"
        and pull.open
        and bool(facts.head)
        and facts.base in ("", base)
        and pull.approved == facts.head
        and facts.mergeable in ("yes", "behind")
        and all(one.id in pull.answered for one in facts.requested)
        and _checked(rule, pull, now)
    )


def _checked(rule: PullRequests, pull: Pull, now: datetime) -> bool:
    if pull.facts.checks == "none":
        return now - pull.pushed_at >= timedelta(seconds=rule.checks_seconds)
    return pull.facts.checks == "passed"


def stalled(config: Config, pull: Pull, now: datetime, *, reviewed: bool) -> bool:
    """Whether GitHub has not said for too long what the merge hangs on: a check that never ends, or whether
    the head can be merged at all.

    ``reviewed``: whether the plan has a review of it; then that comes first.
    """
    judged = pull.approved == pull.facts.head or not reviewed
    patience = timedelta(minutes=config.pull_requests.patience_minutes)
    return judged and pull.silent_since is not None and now - pull.silent_since >= patience


def waits_for_person(config: Config, pull: Pull, *, reviewed: bool) -> bool:
    """Whether nothing but a person's decision is missing.

    ``reviewed``: whether the plan has a review of it. Where it has none, only people judge people's commits.
    """
    facts = pull.facts
    if facts.checks not in ("none", "passed"):
        return False
    if pull.approved != facts.head:
        return not reviewed
    return config.pull_requests.merge == "person" or facts.mergeable == "blocked"
