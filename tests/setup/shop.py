"""A hub with a repository that is to be set up, the action's repository beside it, and the commands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from bot.domain.errors import OrchestratorError
from bot.hub.serve import running
from bot.hub.server import Server
from bot.setup.commands import COMMANDS
from tests.e2e.stage import REPOSITORY, Stage

ACTION = "acme/orchestrator"
CALLS: dict[str, click.Command] = {str(command.name): command for command in COMMANDS}
SETUP = "orchestrator/setup"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    error: str = ""


@dataclass
class Shop(Stage):
    """What a person who sets a repository up has and does."""

    server: Server = field(kw_only=True)
    home: Path = field(kw_only=True)
    target: str = REPOSITORY
    actor: str = "ada"

    def run(self, command: str, *words: str, answers: str = "", **variables: str) -> Done:
        """One command of the program, in this process, against the hub over HTTP."""
        environment: dict[str, str | None] = dict.fromkeys(os.environ)
        environment |= {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GITHUB_SERVER_URL": self.info.url,
            "GH_TOKEN": self.token(self.actor),
            **variables,
        }
        call = [*([] if "--local" in words else [self.target]), *words]
        found = CliRunner().invoke(CALLS[command], call, input=answers, env=environment)
        error = found.exception
        if isinstance(error, OrchestratorError):
            return Done(error.exit_code, found.output, str(error))
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return Done(found.exit_code, found.output)

    def init(self, *words: str, yes: bool = True, **more: str) -> Done:
        """``init`` with the action's present commit."""
        return self.run("init", "--action", self.action(), *(["--yes"] if yes else []), *words, **more)

    def action(self) -> str:
        """The action and its present commit."""
        return f"{ACTION}@{self.repository(ACTION).head('main')}"

    def release(self, text: str = "two") -> str:
        """A new version of the action."""
        self.repository(ACTION).commit_file("main", "README.md", text)
        return self.action()

    def pulls(self, state: str = "open") -> list[Any]:
        """The pull requests of the repository."""
        return list(self.call("ada", "GET", f"/repos/{self.target}/pulls", params={"state": state}))

    def merge(self) -> None:
        """Merge the one pull request that is open."""
        (only,) = self.pulls()
        self.call("ada", "PUT", f"/repos/{self.target}/pulls/{only['number']}/merge", {})

    def file(self, path: str, commit: str = "main") -> str:
        """A file of the repository."""
        return self.repository(self.target).text("show", f"{commit}:{path}") + "\n"

    def writes(self, mark: int) -> list[str]:
        """Requests since then that write: pushes, and everything but reading."""
        traffic = self.since(mark)
        reads = ("GET ", "HEAD ", "POST /api/graphql")
        return [*traffic.pushes, *(one for one in traffic.api if not one.startswith(reads))]

    def settled(self, **options: str) -> None:
        """A set-up with nothing wrong with it."""
        assert self.init("--mode", "cron").code == 0
        self.merge()
        repository = self.world.repositories.find(*self.target.split("/"))
        self.world.settings.write(
            repository, self.world.users.find("ada"), "workflow", can_approve_pull_request_reviews=True
        )
        run = self.world.runs.create(repository, "monitor.yml", "schedule", self.world.users.find("wendy"))
        self.world.runs.start(run.id)
        self.world.runs.finish(run.id, "success")


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """A hub in this directory, which may hold one already."""
    with running(folder / "hub", bot_requests_per_hour=1_000_000) as (world, server, info):
        if world.repositories.get(*ACTION.split("/")) is None:
            acme, ada = world.users.find("acme"), world.users.find("ada")
            world.repositories.create(acme, ada, ACTION.partition("/")[2], readme="# The action\n")
        home = folder / "home"
        home.mkdir(exist_ok=True)
        shop = Shop(world, info, folder / "runs", server=server, home=home)
        try:
            yield shop
        finally:
            shop.close()
