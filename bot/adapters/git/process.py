"""Runs git as a child process: hardened environment, time limit, no secret in sight.

The access token reaches git through ``GIT_CONFIG_*`` variables only: it is never in an argument, a
URL or a file, and is struck out of whatever git says. The environment is built from an allow-list, so
neither the caller's ``GIT_*`` variables nor its credential helpers, hooks or ``~/.netrc`` take part.
"""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit

from bot.domain.errors import StoreUnavailable, UsageError

INHERITED = (
    *("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    *("SSH_AUTH_SOCK", "GIT_SSH_COMMAND"),
)
"""What git may see of the caller's environment: where programs are, proxies, certificates, ssh's agent."""

DEFAULTS = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
"""Where the caller says nothing else: ssh fails where it would ask something, as nobody is there."""

HARDENED = {
    "LC_ALL": "C",  # error texts are matched, so they must be in English
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
}


_LOOK = 0.2
"""Seconds between two looks of whoever watches a command."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one git command ended."""

    code: int
    out: bytes
    err: str
    """Standard error without secrets."""

    @property
    def ok(self) -> bool:
        """Whether git says that it did everything."""
        return self.code == 0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token for one HTTP origin, as git and its error texts know it."""

    origin: str = ""
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, remote: str, token: str | None) -> Credentials:
        """Take the token for ``remote``; a local path needs none, ssh has keys of its own.

        Raises UsageError for a transport that is not supported and for credentials in the URL.
        """
        parts = urlsplit(remote)
        if parts.scheme == "ssh" and parts.hostname and parts.password is None:
            return cls()
        if parts.scheme not in ("http", "https"):
            _check_local(remote)
            return cls()
        if "@" in parts.netloc:
            raise UsageError(
                f"the git remote on {parts.hostname} has credentials in its URL, where every log shows "
                "them; give the URL without them and the token by itself (GITHUB_TOKEN)"
            )
        return cls(f"{parts.scheme}://{parts.netloc}/", token or "")

    @property
    def _basic(self) -> str:
        return base64.b64encode(f"x-access-token:{self.token}".encode()).decode("ascii")

    def environment(self) -> dict[str, str]:
        """Git's configuration by environment; bound to the origin, so no redirect carries it away."""
        if not self.token:
            return {}
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{self.origin}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {self._basic}",
        }

    def scrub(self, text: str) -> str:
        """Strike the token out, plain and encoded."""
        for secret in (self.token, self._basic) if self.token else ():
            text = text.replace(secret, "***")
        return text


def _check_local(remote: str) -> None:
    if not remote.startswith("file://") and ":" in remote.partition("/")[0]:
        raise UsageError(
            f"the git remote {remote!r} is neither a path nor an https://, http://, file:// or ssh:// URL "
            "without a password; give one of these, for example https://github.com/acme/fleet.git or "
            "ssh://git@github.com/acme/fleet.git"
        )


class Running:
    """A git command under way, in a process group of its own so that its children end with it."""

    def __init__(
        self,
        arguments: list[str],
        environment: Mapping[str, str],
        credentials: Credentials,
        timeout: float,
        source: IO[bytes] | None = None,
    ) -> None:
        """``source`` is an open file that the command reads as its input, from where it stands."""
        self._name = arguments[2]  # after "git" and "--git-dir=…"
        self._credentials, self._timeout = credentials, timeout
        try:
            self.process = subprocess.Popen(
                arguments,
                env=environment,
                stdin=subprocess.PIPE if source is None else source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
            )
            self.stdin, self.stdout = (
                cast("IO[bytes]", end) for end in (self.process.stdin, self.process.stdout)
            )
        except FileNotFoundError as error:
            raise UsageError("git is not installed or not on PATH; install git 2.31 or newer") from error

    def finish(self, stdin: bytes = b"", watch: Callable[[], None] | None = None) -> Answer:
        """Feed it, wait for its end. Raises StoreUnavailable after the time limit; leaves no process.

        ``watch`` is called every now and then; what it raises ends the command.
        """
        ends, given = time.monotonic() + self._timeout, stdin or None
        try:
            while True:
                left = ends - time.monotonic()
                try:
                    out, err = self.process.communicate(given, min(left, _LOOK) if watch else left)
                    return self._answer(out, err)
                except subprocess.TimeoutExpired as error:
                    if time.monotonic() >= ends:
                        raise self._too_late() from error
                given = None  # it is on its way
                if watch is not None:
                    watch()
        except BaseException:
            self.kill()
            raise

    def read(self, most: int) -> Answer | None:
        """Its output up to its end; None, and it is ended, where that is more than ``most`` bytes.

        Raises StoreUnavailable after the time limit.
        """
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._end()

        timer = threading.Timer(self._timeout, stop)
        timer.start()
        try:
            out = self.stdout.read(most + 1)
            if late.is_set():
                raise self._too_late()
            if len(out) > most:
                return None
            _, err = self.process.communicate()
        finally:
            timer.cancel()
            self.kill()
        return self._answer(out, err)

    def _answer(self, out: bytes, err: bytes) -> Answer:
        return Answer(self.process.returncode, out, self._credentials.scrub(err.decode("utf-8", "replace")))

    def _too_late(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"git {self._name} was stopped after {self._timeout:g} s without an end; "
            "the remote is slow or unreachable, try again later"
        )

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it and its children now; one that has ended is fine."""
        if self.process.returncode is None:
            self._end()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class Git:
    """Git in one repository. ``timeout`` is in seconds and holds for every command."""

    def __init__(
        self,
        directory: Path,
        credentials: Credentials,
        inherited: Mapping[str, str],
        timeout: float,
        bounds: Mapping[str, str] | None = None,
    ) -> None:
        """``bounds`` are further variables, for example git's limit on memory."""
        self.directory = directory
        self._credentials, self._timeout = credentials, timeout
        kept = {name: inherited[name] for name in INHERITED if name in inherited}
        self._environment = {
            **DEFAULTS,
            **kept,
            **HARDENED,
            "HOME": str(directory),
            **credentials.environment(),
            **(bounds or {}),
        }

    def start(self, *arguments: str, source: IO[bytes] | None = None, traced: bool = False) -> Running:
        """Start a command and return at once; ``source`` is a file that it reads as its input.

        ``traced``: its standard error shows what is said in git's own protocol, a line a packet.
        """
        command = ["git", f"--git-dir={self.directory}", *arguments]
        environment = {**self._environment, **({"GIT_TRACE_PACKET": "1"} if traced else {})}
        return Running(command, environment, self._credentials, self._timeout, source)

    def run(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Run a command to its end."""
        return self.start(*arguments).finish(stdin)
