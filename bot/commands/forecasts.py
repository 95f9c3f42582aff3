"""Monitoring and analytics: when it will be done, and what stands in the way."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.commands import resolve
from bot.commands.monitoring import ALL
from bot.commands.spec import Command, Invocation, Nothing, Outcome, Positional
from bot.domain.base import Frozen
from bot.policies.forecast.bottlenecks import bottleneck
from bot.policies.forecast.forecasting import forecast
from bot.render import bottlenecks as bottleneck_words
from bot.render import forecast as words


class Forecast(Frozen):
    """Arguments of ``/forecast``."""

    project_id: Annotated[
        str, Positional(), Field(description="one project, with its stages; left out: everything")
    ] = ""


def _forecast(call: Invocation) -> Outcome:
    if call.args.project_id.lower() not in ("", ALL):
        project = resolve.project(call, call.args.project_id)
        return Outcome(
            ok=True, say=lambda after: words.project(after, project.id, forecast(after, project.id))
        )
    issue = call.event.issue
    own = next((one.id for one in call.draft.projects.values() if one.issue == issue), "")
    return Outcome(ok=True, say=lambda after: words.backlog(after, forecast(after), own))


COMMANDS = (
    Command(
        name="bottlenecks",
        summary="show what limits the flow, and what would help",
        family="Monitoring",
        access="reading",
        model=Nothing,
        examples=(
            ("/bottlenecks", "the limiting workflow, its evidence, and the changes that would help most"),
            ("/Bottlenecks", "the same: capitals do not matter"),
        ),
        run=lambda call: Outcome(
            ok=True, say=lambda after: bottleneck_words.bottlenecks(bottleneck(after), after.now)
        ),
    ),
    Command(
        name="forecast",
        summary="predict when projects will be complete",
        family="Monitoring",
        access="reading",
        model=Forecast,
        examples=(
            ("/forecast", "every open project with its expected end"),
            ("/forecast todo-app-7", "one project with its stages and what decides its end"),
        ),
        run=_forecast,
    ),
)
