"""What one report asks to be made outside, by the kind of its task."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app.publishing.change import Subject, problem_of, publish_change, publish_review
from bot.app.publishing.deployment import publish_deployment, swapped
from bot.app.publishing.genesis import publish_apart, publish_here
from bot.app.publishing.made import Made, refused
from bot.domain.errors import (
    Forbidden,
    NotFound,
    OrchestratorError,
    OutputRefused,
    PlaceTaken,
    Rejected,
    TooLarge,
)
from bot.domain.events.worked import Unpublished
from bot.domain.models import Project, Task
from bot.domain.outputs import Deployment
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.ports.outside import Health
from bot.ports.projects import Publisher

log = logging.getLogger("orchestrator")

GENESIS, CHANGE, SITE = "repository.bundle", "change.bundle", "site.bundle"
"""What an executor leaves in the result, by what becomes of it."""

_TURNED_AWAY = (Forbidden, NotFound, Rejected, TooLarge)
"""What stays as it is until a person changes something, or the next attempt does."""


def _turned_away(error: OrchestratorError, task: Task) -> Made:
    """Nothing is wrong with the work, and another attempt, which costs as much, would end the same.

    Unless GitHub refuses what may be different by then, or does not show yet what it has just made.
    """
    may_pass = isinstance(error, Rejected) or (
        isinstance(error, NotFound) and task.workflow is Workflow.GENESIS
    )
    return refused(f"the work could not be published: {error}", rework=False, retry=may_pass)


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways to the projects' repositories and deployments."""

    publisher: Publisher
    repository: str
    """This repository, ``owner/name``: whose issues and state these are."""
    makes_repositories: bool
    """Whether there is a token for that; else projects go to branches of this repository."""
    health: Health
    wait: Callable[[float], None]

    def of(self, result: Path) -> Publication:
        """The publication of one report's files."""
        return Publication(self, result)

    def hand_over(self, state: State, project: Project, task: Task, bundle: Path) -> None:
        """Give a worker, which holds no token, the repository that it is to work on, as a bundle.

        Where that fails it works on what it can fetch without a token, and says so if it can fetch nothing.
        """
        if task.workflow is Workflow.GENESIS or not project.repository:
            return
        subject = Subject(state, project, task)
        try:
            most = state.config.pull_requests.history_megabytes
            branches = (subject.base, subject.branch)
            self.publisher.hand_over(subject.clone_url, branches, bundle, megabytes=most)
        except OrchestratorError as error:
            log.warning("%s is not handed over, the worker fetches it itself: %s", project.repository, error)


@dataclass(frozen=True, slots=True)
class Publication:
    """One report's files, and the ways to the projects' repositories."""

    outside: Outside
    result: Path

    def wanted(self, project: Project, task: Task, deployment: Deployment | None) -> bool:
        """Whether there is something to be made outside before the task is done."""
        if task.workflow is Workflow.GENESIS:
            return True
        if not project.repository:
            return False
        if task.specialty == "review" and task.workflow is Workflow.DEVELOPMENT:
            return project.pull(task.key) is not None
        deploys = deployment is not None and deployment.kind != "address"
        return deploys or self._file(CHANGE) is not None

    def problem(
        self, state: State, project: Project, task: Task, deployment: Deployment | None
    ) -> Unpublished | None:
        """Why the files may not be published; found before anything is settled, without any effect."""
        if deployment is not None and (found := swapped(Subject(state, project, task), deployment)):
            return refused(found).problem
        bundle = self._file(CHANGE)
        if bundle is None or task.workflow is Workflow.GENESIS or not project.repository:
            return None
        try:
            found = problem_of(self.outside.publisher, Subject(state, project, task), bundle)
        except OutputRefused as error:
            return refused(str(error)).problem
        except _TURNED_AWAY as error:
            return _turned_away(error, task).problem
        return refused(found).problem if found else None

    def make(self, state: State, project: Project, task: Task, now: datetime) -> Made:
        """Make everything; doing so again makes nothing twice.

        Raises what GitHub and git raise where trying again may help: the next run goes on then.
        """
        subject = Subject(state, project, task)
        try:
            return self._make(subject, now)
        except OutputRefused as error:
            return refused(f"the work may not be published: {error}")
        except _TURNED_AWAY as error:
            return _turned_away(error, task)

    def _make(self, subject: Subject, now: datetime) -> Made:
        task = subject.task
        if task.workflow is Workflow.GENESIS:
            return self._genesis(subject)
        if task.specialty == "review" and task.workflow is Workflow.DEVELOPMENT:
            return publish_review(self.outside.publisher, subject, now)
        bundle_ = self._file(CHANGE)
        made = publish_change(self.outside.publisher, subject, bundle_, now) if bundle_ else Made()
        if task.specialty != "deployment" or made.problem is not None:
            return made
        return publish_deployment(
            self.outside.publisher, subject, self._file(SITE), self.outside.health, self.outside.wait, made
        )

    def _genesis(self, subject: Subject) -> Made:
        publisher, here = self.outside.publisher, self.outside.repository
        project, bundle = subject.project, self.result / GENESIS
        output = subject.state.genesis[project.id]
        try:
            if not self.outside.makes_repositories:
                return Made(genesis=publish_here(publisher, here, project, output, bundle))
            rule = subject.state.config.repositories
            return Made(genesis=publish_apart(publisher, here, rule, project, output, bundle))
        except PlaceTaken as error:
            return refused(str(error), rework=False, retry=False)

    def _file(self, name: str) -> Path | None:
        path = self.result / name
        return path if path.is_file() and not path.is_symlink() else None
