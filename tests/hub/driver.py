"""Drives a hub for the tests: HTTP clients for each account, and real git."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.hub.data.records import HubEvent, Repository
from bot.hub.data.world import World
from bot.hub.serve import running
from bot.hub.server import Server
from bot.hub.setup import HubInfo

BOT = "github-actions[bot]"
APP = "orchestrator-app[bot]"
MAIN = "/repos/acme/factory"


@dataclass
class Hub:
    """A hub that answers in this process."""

    world: World
    server: Server
    info: HubInfo
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    @property
    def repository(self) -> Repository:
        """The main repository."""
        return self.world.repositories.find("acme", "factory")

    def token(self, login: str) -> str:
        """An account's token."""
        return {**self.info.users, **self.info.bots}[login].token

    def client(self, login: str = "") -> httpx.Client:
        """A client of the REST API; without a login an anonymous one."""
        if login not in self.clients:
            headers = {"Authorization": f"Bearer {self.token(login)}"} if login else {}
            self.clients[login] = httpx.Client(base_url=self.info.api_url, headers=headers, timeout=20)
        return self.clients[login]

    def call(self, login: str, method: str, path: str, body: object = None, **options: Any) -> httpx.Response:
        """One REST request of an account."""
        return self.client(login).request(method, path, json=body, **options)

    def control(self, method: str, path: str, body: object = None, **options: Any) -> httpx.Response:
        """One request to the control surface."""
        return self.client().request(method, f"{self.info.url}/hub{path}", json=body, **options)

    def fault(self, specification: str) -> None:
        """Put a fault in force."""
        assert self.control("POST", "/faults", {"fault": specification}).status_code == 201

    def graphql(self, login: str, query: str, **variables: object) -> Any:
        """A GraphQL request's answer."""
        body = {"query": query, "variables": variables}
        return self.call(login, "POST", self.info.graphql_url, body).json()

    def issue(self, login: str = "ada", title: str = "An idea", **fields: object) -> dict[str, Any]:
        """File an issue in the main repository."""
        answer = self.call(login, "POST", f"{MAIN}/issues", {"title": title, **fields})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def told(self) -> list[HubEvent]:
        """A list that fills with what subscribers are told from now on."""
        events: list[HubEvent] = []
        self.world.subscribe(events.append)
        return events

    def remote(self, login: str, name: str = "acme/factory") -> str:
        """A git remote with an account's token in it."""
        return f"{self.info.url.replace('://', f'://x-access-token:{self.token(login)}@')}/{name}.git"


@contextmanager
def serving(data: Path) -> Iterator[Hub]:
    """A hub that answers until the block ends."""
    with running(data) as (world, server, info):
        hub = Hub(world, server, info)
        yield hub
        for client in hub.clients.values():
            client.close()


def git(
    folder: Path, *arguments: str, login: str = "", hub: Hub | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git; with a hub and a login every request carries the account's token."""
    options = []
    if hub is not None and login:
        secret = base64.b64encode(f"x-access-token:{hub.token(login)}".encode()).decode()
        options = ["-c", f"http.extraHeader=Authorization: Basic {secret}"]
    return subprocess.run(
        ["git", *options, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=git_environment(),
        timeout=60,
        check=False,
    )


def git_environment() -> dict[str, str]:
    """Variables under which git asks nobody and reads nobody's configuration."""
    who = {
        f"GIT_{role}_{what}": "tester@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **who, **quiet}


def commit(folder: Path, name: str, text: str) -> str:
    """Commit one file; returns the commit's id."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    for arguments in (("add", name), ("commit", "-q", "-m", f"Write {name}")):
        assert git(folder, *arguments).returncode == 0
    return git(folder, "rev-parse", "HEAD").stdout.strip()


def clone(hub: Hub, folder: Path, login: str = "wendy") -> Path:
    """Clone the main repository with an account's token in the remote."""
    done = git(folder.parent, "clone", "-q", hub.remote(login), folder.name)
    assert done.returncode == 0, done.stderr
    return folder


def branch(hub: Hub, folder: Path, name: str, files: Mapping[str, str], *, start: str = "main") -> str:
    """Push a branch with one commit a file, from another branch's head; returns its last commit's id."""
    assert git(folder, "fetch", "-q", "origin").returncode == 0
    assert git(folder, "checkout", "-q", "-B", name, f"origin/{start}").returncode == 0
    sha = [commit(folder, path, text) for path, text in files.items()][-1]
    pushed = git(folder, "push", "-q", "--force", "origin", name)
    assert pushed.returncode == 0, pushed.stderr
    return sha


def pull(hub: Hub, login: str = "wendy", head: str = "topic", **fields: object) -> dict[str, Any]:
    """Open a pull request in the main repository, from a branch that was pushed, into main."""
    body = {"title": "A change", "base": "main", "head": head, **fields}
    answer = hub.call(login, "POST", f"{MAIN}/pulls", body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def head_of(hub: Hub, name: str = "main", repository: str = MAIN) -> str:
    """The commit that a branch is at."""
    found: str = hub.call("ada", "GET", f"{repository}/git/ref/heads/{name}").json()["object"]["sha"]
    return found
