"""What an alert's rule is made of."""

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
