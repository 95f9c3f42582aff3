"""Whether GitHub shows an effect done, read past the bot's own code: what alone may empty the outbox."""

from __future__ import annotations

from bot.domain.effects import Dispatch, Labels, OutboxEntry, Progress, React, Reply, Status
from bot.domain.showing import Shown
from bot.domain.state import State
from bot.hub.data.world import BOT
from bot.render.labels import STATUS_LABEL
from tests.e2e.stage import REPOSITORY, Stage

_ISSUES = f"/repos/{REPOSITORY}/issues"


def is_done(stage: Stage, state: State, entry: OutboxEntry) -> bool:
    """``state`` is the one that has the entry; an effect of another kind fails the test."""
    match entry.effect:
        case Reply(issue=int(issue)):
            mark = f"<!-- orchestrator:effect {entry.id} -->"
            return any(
                one["user"]["login"] == BOT and one["body"].startswith(mark) for one in stage.comments(issue)
            )
        case React(comment=comment):
            return bool(stage.every(f"{_ISSUES}/comments/{comment}/reactions"))
        case Labels(project=id_):
            project = state.projects[id_]
            wanted = {f"stage:{project.stage}", f"status:{project.status}", f"priority:{project.priority}"}
            return project.issue is not None and wanted <= stage.labels(project.issue)
        case Dispatch() as dispatch:
            return dispatch.assignment in stage.runs()
        case Progress(project=id_):
            return _shows(stage, state.projects[id_].progress)
        case Status() if state.showing.status is None:
            return bool(stage.every(_ISSUES, labels=STATUS_LABEL))
        case Status():
            return _shows(stage, state.showing.status)
        case other:
            raise AssertionError(f"{entry.id}: what shows that a {other.kind} is done?")


def _shows(stage: Stage, place: Shown | None) -> bool:
    """Whether a text that is kept up to date is the one that the state has."""
    assert place is not None
    path = f"{_ISSUES}/comments/{place.number}" if place.effect else f"{_ISSUES}/{place.number}"
    return f"<!-- orchestrator-shows {place.digest} -->" in stage.call("ada", "GET", path)["body"]
