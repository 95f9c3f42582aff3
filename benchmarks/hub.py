"""The embedded hub as the benchmarks use it: as it is, behind a door that notes when each request passed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.bootstrap.hub import prepare_hub
from bot.domain import files
from bot.domain.state import State
from bot.hub.app import application
from bot.hub.data.world import BOT, World
from bot.hub.faults import Faults
from bot.hub.request_log import RequestLog
from bot.hub.rest.limits import RateLimits
from bot.hub.serve import REPOSITORY
from bot.hub.server import BACKLOG, HOST
from bot.hub.setup import HubInfo, describe, populate
from bot.ports.store import Look

STATE = "refs/heads/state"


@dataclass(slots=True)
class Passed:
    """One request, from its arrival to the last byte of its answer (seconds of the monotonic clock)."""

    method: str
    path: str
    began: float
    ended: float = 0.0
    pushes_state: bool = False

    @property
    def is_fetch(self) -> bool:
        """Whether it belongs to reading by git."""
        return self.path.endswith("/git-upload-pack")

    @property
    def is_push(self) -> bool:
        """Whether it carries a push by git."""
        return self.path.endswith("/git-receive-pack")

    @property
    def is_api(self) -> bool:
        """Whether it is one of GitHub's API."""
        return self.path.startswith("/api/")


class Door:
    """ASGI middleware around the whole hub, injected delays included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.passed: list[Passed] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the request and pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Passed(scope["method"], scope["path"], time.perf_counter())
        self.passed.append(request)

        async def received() -> Message:
            message = await receive()
            if request.is_push and STATE.encode() in message.get("body", b"")[:4096]:
                request.pushes_state = True
            return message

        async def sent(message: Message) -> None:
            await send(message)
            request.ended = time.perf_counter()

        await self._app(scope, received, sent)


@dataclass(frozen=True, slots=True)
class Process:
    """How a child process went: monotonic times in seconds, and its peak memory in MB."""

    began: float
    ended: float
    code: int
    peak: float
    out: str
    err: str

    @property
    def seconds(self) -> float:
        """Its wall time."""
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub, its repository prepared as ``init`` would, without a runner."""

    world: World
    info: HubInfo
    faults: Faults
    door: Door
    cache: Path
    """Where child processes keep compiled modules, as an installed package has them."""

    @property
    def repository(self) -> Path:
        """The bare repository that holds the state."""
        return self.world.repositories.path(self.world.repositories.find(*REPOSITORY.split("/")))

    def git(self, *arguments: str) -> str:
        """Run git on the hub's own side."""
        command = ["git", f"--git-dir={self.repository}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def put(self, change: State) -> str:
        """Make ``change`` the state, on top of how it began here; returns the commit.

        A change without workers leaves the configured roster.
        """
        with open_store(self) as store:
            look = store.load()
            old = files.load(look.files)
            ledger = old.ledger.model_copy(update={"next_lease": change.ledger.next_lease})
            workers = change.instances or old.instances
            config = old.config.model_copy(update={"deployment": change.config.deployment})
            new = replace(change, ledger=ledger, instances=workers, config=config, events=old.events)
            now = self.world.clock.now()
            saved: Look = store.save(look, files.changes(old, new), "Put the benchmark's state", at=now)
        return saved.version or ""

    def state(self) -> tuple[State, Look]:
        """What the branch holds now."""
        with open_store(self) as store:
            look = store.load()
        return files.load(look.files), look

    def call(self, login: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        """A request of a person: a POST where there is a body."""
        url = f"{self.info.api_url}/repos/{REPOSITORY}/{path}"
        headers = {"Authorization": f"Bearer {self.info.users[login].token}"}
        method = "GET" if body is None else "POST"
        answer = requests.request(method, url, json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def environment(self, run: int, payload: Path | None = None) -> dict[str, str]:
        """What GitHub Actions would set for a run."""
        url = self.info.url
        variables = {
            "GITHUB_EVENT_NAME": "issue_comment" if payload else "workflow_dispatch",
            "GITHUB_EVENT_PATH": str(payload or self.empty_payload()),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": self.info.api_url,
            "GITHUB_GRAPHQL_URL": self.info.graphql_url,
            "GITHUB_SERVER_URL": url,
            "GITHUB_TOKEN": self.info.bot_token,
            "GITHUB_RUN_ID": str(run),
            "GITHUB_RUN_ATTEMPT": "1",
        }
        return compiled(self.cache) | variables

    def empty_payload(self) -> Path:
        """The event of a run that no comment started."""
        path = self.cache / "dispatch.json"
        if not path.exists():
            path.write_text("{}", encoding="utf-8")
        return path

    def commented(self, issue: Mapping[str, Any], body: str, login: str = "wendy") -> Path:
        """Post a comment; returns the file with the event that it would start a run with."""
        comment = self.call(login, f"issues/{issue['number']}/comments", {"body": body})
        event = {
            "action": "created",
            "comment": comment,
            "issue": issue,
            "repository": {"full_name": REPOSITORY, "default_branch": "main"},
            "sender": comment["user"],
        }
        path = self.cache / f"comment-{comment['id']}.json"
        path.write_text(json.dumps(event), encoding="utf-8")
        return path


@contextmanager
def serving(data: Path) -> Iterator[Hub]:
    """The hub in this process, which otherwise only waits for its children."""
    world = World(data / "hub")
    populate(world, REPOSITORY)
    faults = Faults()
    limits = RateLimits(world.clock, bot_login=BOT, bot=1_000_000)
    door = Door(application(world, limits, RequestLog(), faults, lambda scope: None))
    settings = uvicorn.Config(
        door, host=HOST, port=0, log_config=None, access_log=False, lifespan="off", ws="none",
        loop="asyncio", http="h11", date_header=False, backlog=BACKLOG, timeout_keep_alive=75,
    )  # fmt: skip
    sock = settings.bind_socket()
    world.base_url = f"http://{HOST}:{sock.getsockname()[1]}"
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        (data / "compiled").mkdir()
        hub = Hub(world, describe(world, REPOSITORY), faults, door, data / "compiled")
        prepare_hub(hub.info)
        yield hub
    finally:
        server.should_exit = True
        thread.join()
        world.close()


@contextmanager
def open_store(hub: Hub) -> Iterator[Any]:
    """The state's store, with the bot's token."""
    from bot.adapters.git.store import GitStore

    nonce = f"benchmark-{time.monotonic_ns()}"
    with GitStore(hub.info.state_remote, nonce=nonce, token=hub.info.bot_token) as store:
        yield store


def compiled(cache: Path) -> dict[str, str]:
    """An environment in which modules are compiled once, as in an installed package."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "HOME") if name in os.environ}
    return {**kept, "PYTHONPYCACHEPREFIX": str(cache)}


def start(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], float]:
    """Start a Python process; also tells when."""
    began = time.perf_counter()
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE), began


def finish(
    process: subprocess.Popen[bytes], began: float, limit: float = 120.0, every: float = 0.03
) -> Process:
    """Wait for its end, looking at its memory meanwhile; after ``limit`` seconds it is killed (code -9)."""
    watch = Watch(process, began + limit, every)
    watch.start()
    out, err = process.communicate()
    ended = time.perf_counter()
    watch.join()
    texts = (text.decode("utf-8", "replace") for text in (out, err))
    return Process(began, ended, process.returncode, watch.peak, *texts)


class Watch(threading.Thread):
    """Reads a process's high-water mark while it runs, and ends what runs too long.

    What the kernel tells after its end would not do: on Linux that begins at the size of the parent.
    """

    def __init__(self, process: subprocess.Popen[bytes], until: float, every: float) -> None:
        super().__init__(daemon=True)
        self._process, self._until, self._every = process, until, every
        self.peak = 0.0
        """MB; 0 where the system does not tell."""

    def run(self) -> None:
        """Look every now and then."""
        status = Path(f"/proc/{self._process.pid}/status")
        while self._process.returncode is None:
            with suppress(OSError):
                lines = status.read_text(encoding="ascii", errors="replace").splitlines()
                marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
                self.peak = max([self.peak, *(int(mark) / 1024 for mark in marks)])
            if time.perf_counter() > self._until:
                self._process.kill()
            time.sleep(self._every)


def python(arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Run Python to its end."""
    return finish(*start(arguments, environment))
