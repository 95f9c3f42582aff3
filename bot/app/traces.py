"""The traces that effects leave on GitHub, by which it is seen that they were carried out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta

from bot.app.facts import accounts
from bot.domain.effects import Cancel, CloseIssue, Dispatch, FileIssue, OutboxEntry, StartProcess
from bot.domain.errors import ForgeError, NoAccess, NotFound, RateLimited
from bot.domain.state import State
from bot.ports.facts import RunFacts
from bot.ports.forge import Forge
from bot.ports.projects import ProjectForge
from bot.render.markers import marker

log = logging.getLogger("orchestrator")


class Traces:
    """Looks for what one kind of effect or another leaves behind; each look costs requests."""

    def __init__(
        self, forge: Forge, state: State, projects: Callable[[str], ProjectForge] | None = None
    ) -> None:
        """``state`` is the saved one."""
        self._forge = forge
        self._state = state
        self._projects = projects

    def replied(self, entry: OutboxEntry, issue: int) -> bool:
        """Whether a comment of the bot's own account carries the entry's marker."""
        own = accounts(self._state) | {self._forge.whoami()}
        return any(
            comment.author in own and marker(comment.body) == ("effect", entry.id)
            for comment in self._forge.comments_of(issue)
        )

    def dispatched(self, dispatch: Dispatch, since: datetime) -> bool:
        """Whether a run is named after the assignment."""
        runs = self._forge.runs(dispatch.workflow, since - timedelta(minutes=5))
        return any(run.name == dispatch.assignment for run in runs)

    def starting(self, start: StartProcess, since: datetime) -> bool:
        """Whether a run that names the process was begun, as ``run-name`` should have it."""
        runs = self._forge.runs(start.workflow, since - timedelta(minutes=1))
        return any(start.process in run.name.split() for run in runs)

    def unfinished(self, cancel: Cancel, since: datetime) -> list[RunFacts]:
        """The runs named after an assignment that have not ended."""
        runs = self._forge.runs(cancel.workflow, since - timedelta(days=1))
        return [run for run in runs if run.name == cancel.assignment and run.status != "completed"]

    def opened(self, project_id: str) -> int | None:
        """The number of a project's own issue, found by its marker."""
        return self._own_issues().get(f"project/{project_id}")

    def filed(self, asked: Sequence[FileIssue], late: Container[str]) -> dict[str, int]:
        """The numbers of alerts' and incidents' issues by what they are about, as far as they are there.

        One list of the issues with a label for all that carry it; the list of all issues, which may be
        long, only for those that have none, and where something ``late`` is missing from the others.
        """
        found: dict[str, int] = {}
        for labels_ in [*dict.fromkeys(one.labels for one in asked if one.labels), ()]:
            here = [one for one in asked if one.labels == labels_ or (not labels_ and one.about in late)]
            wanted = {one.about for one in here} - found.keys()
            if wanted:
                own = self._own_issues(labels_)
                found |= {about: own[about] for about in wanted if about in own}
        return found

    def closed(self, done: CloseIssue) -> bool:
        """Whether an issue of a project is closed, or gone; not where its repository cannot be looked at."""
        try:
            return self.project(done.repository).issue(done.number).closed
        except NotFound:
            return True
        except RateLimited:
            raise
        except ForgeError as error:
            log.warning("issue #%s of %s was not looked at: %s", done.number, done.repository, error)
            return False

    def _own_issues(self, labels_: Sequence[str] = ()) -> dict[str, int]:
        """The issues that carry a marker of the bot's own account, the oldest of each marker."""
        own = accounts(self._state) | {self._forge.whoami()}
        found: dict[str, int] = {}
        for issue in self._forge.issues(labels_):
            if issue.author in own and (mark := marker(issue.body)) is not None:
                found.setdefault("/".join(mark), issue.number)
        return found

    def project(self, repository: str) -> ProjectForge:
        """The way to a project's repository. Raises NoAccess where this run has none."""
        if self._projects is None:
            raise NoAccess(f"this run does not reach {repository}: the next tick does that")
        return self._projects(repository)
