"""Git over HTTP: both services of the smart protocol, streamed to and from git's own programs.

It starts ``git upload-pack`` and ``git receive-pack`` in their stateless mode, as ``git http-backend``
does, but without the CGI process in between, which took half of a small request's time. The first
answer of protocol v2 lists what git can do and names no ref: it is asked of git once a repository.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from bot.hub.authentication import authenticate
from bot.hub.data import git_data
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Missing, Refusal, Unauthenticated
from bot.hub.data.world import World
from bot.hub.push_commands import PushCommands

CHUNK = 64 * 1024
PUSHES_PER_TIDYING = 500
"""Loose objects are packed after so many pushes to a repository."""
_SERVICES = {"git-upload-pack": "upload-pack", "git-receive-pack": "receive-pack"}
_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Pragma": "no-cache"}


class GitHttp:
    """Serves the world's repositories to git."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._capabilities: dict[Path, bytes] = {}
        self._pushes: Counter[Path] = Counter()
        self._tidying: set[asyncio.Task[None]] = set()

    def routes(self) -> list[BaseRoute]:
        """The routes, with and without ``.git``."""
        return [
            Route(f"/{{owner}}/{{repo}}{ending}/{path}", endpoint, methods=[method])
            for ending in (".git", "")
            for path, method, endpoint in (
                ("info/refs", "GET", self.advertise),
                ("git-upload-pack", "POST", self.serve),
                ("git-receive-pack", "POST", self.serve),
            )
        ]

    async def advertise(self, request: Request) -> Response:
        """``GET info/refs?service=…``: what there is, or for protocol v2 what git can do."""
        service = request.query_params.get("service", "")
        if service not in _SERVICES:
            return _text(403, "This server needs a git that speaks the smart HTTP protocol (1.6.6 or newer).")
        try:
            repository, _ = await self._admit(request, service)
        except Refusal as refusal:
            return _refused(refusal)
        body = await self._advertisement(request, repository, service)
        return Response(body, headers=_NO_CACHE, media_type=f"application/x-{service}-advertisement")

    async def serve(self, request: Request) -> Response:
        """``POST git-upload-pack`` or ``git-receive-pack``."""
        service = request.url.path.rpartition("/")[2]
        expected = f"application/x-{service}-request"
        if request.headers.get("content-type") != expected:
            return _text(415, f"Unsupported Media Type: expected {expected}")
        try:
            repository, user = await self._admit(request, service)
        except Refusal as refusal:
            return _refused(refusal)
        process = await self._start(request, repository, service, user)
        media_type = f"application/x-{service}-result"
        pusher = user if service == "git-receive-pack" else None
        answer = self._exchange(request, process, repository, pusher)
        return _Duplex(answer, headers=_NO_CACHE, media_type=media_type)

    async def _admit(self, request: Request, service: str) -> tuple[Repository, User | None]:
        """The repository, if the token may use the service; the checks take three quick look-ups."""
        user = authenticate(self._world, request.scope)
        names = request.path_params["owner"], request.path_params["repo"]
        try:
            repository = self._world.repositories.visible(*names, user)
        except Missing as error:
            # As GitHub: who says no name is asked for one, before anything is told.
            raise (Unauthenticated() if user is None else Missing("Repository not found.")) from error
        if service == "git-receive-pack":
            if user is None:
                raise Unauthenticated
            if self._world.users.role(repository, user) < Role.WRITE:
                raise _Denied(f"Permission to {repository.full_name}.git denied to {user.login}.")
        return repository, user

    async def _advertisement(self, request: Request, repository: Repository, service: str) -> bytes:
        path = self._world.repositories.path(repository)
        second = service == "git-upload-pack" and "version=2" in request.headers.get("git-protocol", "")
        if second and path in self._capabilities:
            return self._capabilities[path]
        process = await self._start(request, repository, service, None, "--advertise-refs")
        body, _ = await process.communicate()
        if second:
            self._capabilities[path] = body
            return body
        title = f"# service={service}\n".encode()
        return b"%04x%b0000%b" % (len(title) + 4, title, body)

    async def _start(
        self, request: Request, repository: Repository, service: str, user: User | None, *options: str
    ) -> Process:
        variables = git_data.environment()
        # Protocol v2 does not exist for pushing; git itself falls back to the first one there.
        if service == "git-upload-pack" and "git-protocol" in request.headers:
            variables["GIT_PROTOCOL"] = request.headers["git-protocol"]
        if user is not None:
            email = f"{user.login}@users.noreply.localhost"
            variables |= {"GIT_COMMITTER_NAME": user.login, "GIT_COMMITTER_EMAIL": email}
        path = self._world.repositories.path(repository)
        command = ("git", _SERVICES[service], "--stateless-rpc", *options, str(path))
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=variables
        )

    async def _exchange(
        self, request: Request, process: Process, repository: Repository, pusher: User | None
    ) -> AsyncIterator[bytes]:
        """Feed the request's body to the process and give its output, both as they come."""
        assert process.stdout is not None  # noqa: S101
        commands = PushCommands()
        feeding = asyncio.create_task(_feed(request, process, commands if pusher else None))
        try:
            while chunk := await process.stdout.read(CHUNK):
                yield chunk
            await feeding
        finally:
            feeding.cancel()
            # A push whose body was read to its end lands, whether or not anybody waits for the answer.
            await asyncio.shield(process.wait())
            if pusher is not None and process.returncode == 0:
                await run_in_threadpool(self._pushed, repository, pusher, commands)
                self._tidy(self._world.repositories.path(repository))

    def _pushed(self, repository: Repository, pusher: User, commands: PushCommands) -> None:
        self._world.repositories.pushed(repository)
        self._world.pulls.pushed(repository, pusher, commands.updates)

    def _tidy(self, path: Path) -> None:
        self._pushes[path] += 1
        if self._pushes[path] % PUSHES_PER_TIDYING == 0:
            task = asyncio.create_task(_pack(path))
            self._tidying.add(task)
            task.add_done_callback(self._tidying.discard)


class _Duplex(StreamingResponse):
    """Answers while the request's body is still being read.

    The base class listens for the client's going away, and would thereby take the body's parts.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


class _Denied(Refusal):
    status = 403


async def _pack(path: Path) -> None:
    command = ("git", f"--git-dir={path}", "gc", "--quiet")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env=git_data.environment()
    )
    await process.wait()


async def _feed(request: Request, process: Process, commands: PushCommands | None) -> None:
    """The request's body, unzipped where it is zipped, into the process; then end of file."""
    assert process.stdin is not None  # noqa: S101
    zipped = request.headers.get("content-encoding") in ("gzip", "x-gzip")
    unzip = zlib.decompressobj(wbits=31) if zipped else None
    # A process that has heard enough closes its end; a client that went away sends no more.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, ClientDisconnect, zlib.error):
        async for chunk in request.stream():
            part = unzip.decompress(chunk) if unzip else chunk
            if commands is not None:
                commands.feed(part)
            process.stdin.write(part)
            await process.stdin.drain()
    process.stdin.close()


def _refused(refusal: Refusal) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="GitHub"'} if refusal.status == 401 else {}
    return _text(refusal.status, refusal.message, headers)


def _text(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{message}\n", status, headers)
