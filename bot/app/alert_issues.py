"""The issues of alerts on GitHub: what stands in them, and whether they are still there."""

from __future__ import annotations

from bot.domain.alert_rules import is_call
from bot.domain.draft import Draft
from bot.domain.effects import Effect, Reply, ShowAlert
from bot.domain.errors import NotFound
from bot.domain.records import Alert
from bot.domain.state import State
from bot.ports.forge import Forge
from bot.render import alert_issue
from bot.render.markers import marked


class AlertIssues:
    """Writes what the newest state says, so that doing it again does no harm, and looks what stands there."""

    def __init__(self, forge: Forge, state: State) -> None:
        """``state`` is the saved one."""
        self._forge = forge
        self._state = state

    def show(self, shown: ShowAlert) -> None:
        """Write its text, and close or open it where that is asked for (1 request)."""
        alert, number = self._alert(shown), self.number(shown)
        if number is not None:
            text = self._text(alert) if alert is not None else None
            self._forge.edit_issue(number, body=text, closed=shown.closed)

    def shows(self, shown: ShowAlert) -> bool | None:
        """Whether it says what the state says (1 request); None: it is gone."""
        alert, number = self._alert(shown), self.number(shown)
        if number is None:
            return True
        try:
            issue = self._forge.issue(number)
        except NotFound:
            return None
        if issue.number != number:
            return None  # moved to another repository, where GitHub's redirection leads
        said = alert is None or is_call(alert.id) or f"<!-- shown {alert.shown} -->" in issue.body
        return said and shown.closed in (None, issue.closed)

    def number(self, shown: ShowAlert) -> int | None:
        """The issue that an effect is for; None: there is none any more."""
        alert = self._alert(shown)
        return shown.issue if alert is None else alert.issue

    def calls_gone(self) -> tuple[int, ...]:
        """Those that call administrators and are gone, which nothing else would show (1 request for each)."""
        calls = [one.issue for one in self._state.alerts.items if one.until is None and is_call(one.id)]
        return tuple(number for number in calls if number is not None and self.is_gone(number))

    def is_gone(self, number: int) -> bool:
        """Whether somebody has deleted it, or moved it to another repository (1 request)."""
        try:
            return self._forge.issue(number).number != number
        except NotFound:
            return True

    def of(self, effect: Effect) -> int | None:
        """The alert's issue that an effect is for; None: it is for something else."""
        if not isinstance(effect, Reply | ShowAlert):
            return None
        numbers = {alert.issue for alert in self._state.alerts.items}
        return effect.issue if effect.issue in numbers else None

    def _alert(self, shown: ShowAlert) -> Alert | None:
        """The alert whose issue it is: the same id may have been opened again, with another issue."""
        found = (one for one in self._state.alerts.items if one.id == shown.alert)
        return next((one for one in found if shown.issue in (None, one.issue)), None)

    def _text(self, alert: Alert) -> str | None:
        """None: a command has written it."""
        if is_call(alert.id):
            return None
        draft = Draft(self._state, self._state.events.now if self._state.events else alert.since)
        return marked("alert", alert.about.partition("/")[2], alert_issue.body(draft, alert))
