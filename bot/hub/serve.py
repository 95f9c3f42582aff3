"""``serve``: one process that is the hub, from an empty directory to SIGTERM."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from bot.domain.errors import UsageError
from bot.hub.data.world import World
from bot.hub.faults import FaultInvalid
from bot.hub.server import Server
from bot.hub.setup import HubInfo, describe, populate

REPOSITORY = "acme/factory"
_FULL_NAME = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$")
Ready = Callable[[HubInfo], None]


def _nothing(hub: HubInfo) -> None:
    """Nothing to prepare."""


def serve(
    data: Path,
    port: int = 0,
    *,
    json_line: bool = False,
    runner: bool = True,
    faults: Sequence[str] = (),
    repository: str = REPOSITORY,
    on_ready: Ready = _nothing,
    tick_every: float = 30.0,
    bot_requests_per_hour: int = 1_000,
    agent_environment: Mapping[str, str] | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Serve the hub in ``data`` on 127.0.0.1 until SIGTERM, SIGINT or ``stop``; returns 0.

    ``on_ready`` is called once the hub answers, before anything is announced; the runner (unless
    ``runner`` is False) starts after it. ``json_line`` prints the one line of JSON for scripts in
    place of the text for people. ``faults`` are specifications of ``bot.hub.faults``.
    ``agent_environment`` (agents' keys) is what the runner adds to ``work run`` alone. Raises
    UsageError for a port that is taken, a directory that another hub uses, a bad fault or name.
    """
    stopping = stop or threading.Event()
    with (
        _signals(stopping),
        running(
            data, port, faults=faults, repository=repository, bot_requests_per_hour=bot_requests_per_hour
        ) as (world, server, hub),
        ExitStack() as ending,
    ):
        ending.callback(_list_unknown, server)
        on_ready(hub)
        if runner:
            ending.callback(_start_runner(world, repository, tick_every, agent_environment))
        _announce(hub, json_line=json_line)
        stopping.wait()
    return 0


@contextmanager
def running(
    data: Path,
    port: int = 0,
    *,
    faults: Sequence[str] = (),
    repository: str = REPOSITORY,
    bot_requests_per_hour: int = 1_000,
    real_time: Callable[[], float] = time.time,
) -> Iterator[tuple[World, Server, HubInfo]]:
    """The hub in this process, answering until the block ends; writes ``DATA/hub.json``."""
    if not _FULL_NAME.match(repository):
        raise UsageError(f"repository {repository!r}: expected OWNER/NAME, for example {REPOSITORY}")
    with ExitStack() as ending:
        ending.enter_context(_only_hub(data))
        world = World(data, real_time=real_time)
        ending.callback(world.close)
        populate(world, repository)
        world.runs.end_orphans()
        world.pulls.recover()
        try:
            server = Server(world, port, faults=faults, bot_requests_per_hour=bot_requests_per_hour)
        except FaultInvalid as error:
            raise UsageError(str(error)) from error
        ending.callback(server.stop)
        hub = describe(world, repository)
        _write_private(data / "hub.json", json.dumps(hub.private(), indent=2) + "\n")
        server.start()
        yield world, server, hub


def _start_runner(
    world: World, repository: str, tick_every: float, agent_environment: Mapping[str, str] | None
) -> Callable[[], None]:
    # Imported here: without the runner nothing of the bot's own programs is needed.
    from bot.hub.runner.runner import HubInfo as RunnerInfo
    from bot.hub.runner.runner import Runner

    info = RunnerInfo.of(world, repository)
    runner = Runner(world, info, tick_every=tick_every, agent_environment=agent_environment)
    runner.start()
    return runner.stop


def _announce(hub: HubInfo, *, json_line: bool) -> None:
    if json_line:
        text = json.dumps(hub.public())
    else:
        people = ", ".join(f"{login} ({account.role})" for login, account in hub.users.items())
        text = (
            f"The hub answers at {hub.url}/{hub.repository}/issues\n"
            f"API: {hub.api_url}   git: {hub.state_remote}\n"
            f"Accounts: {people}; their tokens are in {hub.data}/hub.json\n"
            "Ctrl-C ends it; what is in it stays."
        )
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _list_unknown(server: Server) -> None:
    for route, times in server.log.unknown().items():
        sys.stderr.write(f"hub: no such route: {route} (asked for {times} times)\n")


@contextmanager
def _signals(stopping: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT end the hub; only a main thread can ask for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _only_hub(data: Path) -> Iterator[None]:
    """Hold the directory's lock: two hubs on the same data would give the same ids."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "hub.lock").open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{data} cannot hold a hub's data: {error.strerror}; choose another one") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            text = f"another hub uses {data}; end that one, or choose another directory with --data"
            raise UsageError(text) from error
        yield


def _write_private(path: Path, text: str) -> None:
    """Write a file that only this account may read, from its first byte on."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
