"""When open projects should be complete: as was forecast, else by a few plays where those are cheap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property

from bot.domain.draft import Draft
from bot.domain.expected import Expected
from bot.domain.vocabulary import ProjectStatus
from bot.policies.forecast.forecasting import CROWD, SCALING, blocked, play_all, spread

MOST = 300
"""Tasks that are not over, of all open projects, that are still played forward just to have an end.

Workers count as they do in ``runs_for``.
"""
PLAYS = 15
"""How often that is: enough for a middle, too few for an interval."""
STEP = 300
"""Seconds that an end without an interval is rounded up to: it claims no more than it knows."""
_OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)


class Expectations:
    """Works out each thing once; the draft must not be changed meanwhile."""

    def __init__(self, draft: Draft) -> None:
        """Costs nothing until it is asked."""
        self._draft = draft

    def of(self, project: str) -> Expected | None:
        """When a project should be complete; None: nobody can say.

        What was forecast is kept to be judged also where the project waits for a person by now.
        """
        known = self._draft.projects.get(project)
        if known is None or blocked(self._draft, known) is not None:
            return None
        found = self._draft.predictions.projects.get(project)
        if found and (latest := found[-1]).high > self._draft.now:
            return Expected(latest.median, latest.low, latest.high)
        end = self._played.get(project)
        return Expected(end) if end is not None else None

    def of_all(self) -> Mapping[str, Expected]:
        """Each open project of which an end can be said."""
        found = {id_: self.of(id_) for id_, one in self._draft.projects.items() if one.status not in _OVER}
        return {id_: one for id_, one in found.items() if one is not None}

    @cached_property
    def _played(self) -> Mapping[str, datetime]:
        going = [one for one in self._draft.projects.values() if one.status not in _OVER]
        tasks = sum(not task.over for one in going for task in one.tasks)
        if tasks + len(self._draft.instances) // CROWD > MOST or len(going) > MOST:
            return {}
        every = int(MOST * SCALING)  # what is let in is played whole, at whatever price
        plays = play_all(self._draft, lambda tasks: PLAYS, every)
        ends = ((idea.project.id, plays.of(idea.number)) for idea in plays.world.ideas if idea.whole)
        return {id_: _rounded(spread(found).median) for id_, found in ends if 2 * len(found) >= PLAYS}


def _rounded(end: datetime) -> datetime:
    over = -int(end.timestamp()) % STEP
    return (end + timedelta(seconds=over)).replace(microsecond=0)
