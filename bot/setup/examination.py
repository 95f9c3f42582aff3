"""A set-up as its checks see it: everything is looked up once, when the first check asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from bot.adapters import config_file
from bot.adapters.actions import ActionsContext
from bot.adapters.github.admin import GitHubAdmin
from bot.domain import files
from bot.domain.config import Config
from bot.domain.errors import ConfigInvalid
from bot.domain.state import State
from bot.ports.store import Look
from bot.setup import reading
from bot.setup.plan import BRANCH, CONFIG, FILES
from bot.setup.reading import About, Proposal


@dataclass
class Examination:
    """One look at one repository, with one token."""

    context: ActionsContext
    environ: Mapping[str, str]
    look_at: Callable[[ActionsContext, Mapping[str, str]], AbstractContextManager[Look]]
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def name(self) -> str:
        """The repository, as it was given."""
        return self.context.repository

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"{self.context.server_url}/{self.name}"

    @cached_property
    def admin(self) -> GitHubAdmin:
        """The way to GitHub."""
        return GitHubAdmin(self.name, self.context.token, self.context.api_url)

    @cached_property
    def about(self) -> About:
        """The repository."""
        return self._about_and_time[0]

    @cached_property
    def _about_and_time(self) -> tuple[About, datetime]:
        before = self.wall()
        found = reading.about(self.admin)
        return found, before + (self.wall() - before) / 2

    @property
    def here(self) -> datetime:
        """This machine's time when GitHub answered."""
        return self._about_and_time[1]

    @property
    def now(self) -> datetime:
        """GitHub's time, else this machine's."""
        return self.about.date or self.here

    @cached_property
    def files(self) -> dict[str, str | None]:
        """The files of a set-up on the default branch."""
        head = reading.head(self.admin, self.about.default_branch)
        return reading.texts(self.admin, FILES, head)

    @cached_property
    def proposal(self) -> Proposal | None:
        """The open pull request of ``init`` or ``upgrade``."""
        return reading.proposal(self.admin, BRANCH)

    @cached_property
    def config(self) -> Config:
        """The configuration of the default branch; the defaults where it is not valid."""
        text = self.files[CONFIG]
        try:
            return config_file.parse(text or "")
        except ConfigInvalid:
            return Config()

    @cached_property
    def workflows(self) -> dict[str, Any]:
        """The workflows that GitHub knows, by path."""
        rows = reading.rows(self.admin, "list the workflows", "actions.list_repo_workflows", "workflows")
        return {row["path"]: row for row in rows}

    @cached_property
    def state_branch(self) -> str:
        """The state branch's name."""
        return self.environ.get("ORCHESTRATOR_STATE_BRANCH") or "state"

    @cached_property
    def state(self) -> tuple[str, State] | None:
        """The state and its commit; None where there is no branch. Raises StateInvalid."""
        with self.look_at(self.context, self.environ) as look:
            return None if look.version is None else (look.version, files.load(look.files))

    @cached_property
    def _variables(self) -> reading.Names:
        return reading.variables(self.admin)

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables. Raises ForgeErrors."""
        if self._variables.refusal is not None:
            raise self._variables.refusal
        return self._variables.values

    @cached_property
    def _secrets(self) -> reading.Names:
        return reading.secrets(self.admin)

    @property
    def secrets(self) -> Mapping[str, str]:
        """The secrets by name. Raises ForgeErrors."""
        if self._secrets.refusal is not None:
            raise self._secrets.refusal
        return self._secrets.values
