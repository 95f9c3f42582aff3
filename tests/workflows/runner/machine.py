"""The clean machine of one job: empty folders, an environment of Actions' own variables, and bash."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 300.0
"""Seconds after which a step fails its test, whatever its own time-out allows."""

BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""What ``shell: bash`` is; a step of a workflow that names no shell gets ``bash -e``."""

REACH: tuple[str, ...] = (
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
)
REACH += ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_TRUSTED_HOST", "SSL_CERT_DIR", "SSL_CERT_FILE")
REACH += ("UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX_URL")
REACH += ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""How this machine reaches a package index, which a hosted runner does without any of them."""


@dataclass(frozen=True)
class Finished:
    """A script that has ended."""

    code: int
    log: str
    """Standard output and standard error as they came."""
    began: float
    """In seconds of the monotonic clock."""
    seconds: float
    processor: float
    """Seconds of processor time, its children's included."""


@dataclass
class Machine:
    """One job's machine; nothing on it is another job's."""

    folder: Path
    variables: Mapping[str, str]
    """What Actions tells every step."""
    paths: list[str] = field(default_factory=list)
    """What steps have put in front of PATH, the latest first."""
    environment: dict[str, str] = field(default_factory=dict)
    """What steps have written to GITHUB_ENV."""
    afterwards: list[Callable[[str], None]] = field(default_factory=list)
    """What actions do after the job's last step, given the job's status; the latest first."""
    _scripts: int = 0

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp, self.home, self.folder / "files", self.folder / "actions"):
            folder.mkdir(parents=True)

    @property
    def workspace(self) -> Path:
        """GITHUB_WORKSPACE."""
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP."""
        return self.folder / "temp"

    @property
    def home(self) -> Path:
        """HOME."""
        return self.folder / "home"

    def file(self, name: str) -> Path:
        """A file of the runner's own."""
        return self.folder / "files" / name

    def bash(self, script: str, flags: tuple[str, ...], variables: Mapping[str, str], cwd: Path) -> Finished:
        """Run a script as it stands, from a file, as a runner does."""
        self._scripts += 1
        path = self.file(f"script-{self._scripts}.sh")
        path.write_text(script, encoding="utf-8")
        began, spent = time.monotonic(), _spent()
        done = subprocess.run(
            [*flags, str(path)],
            cwd=cwd,
            env={**self._environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
            check=False,
        )
        log = done.stdout.decode("utf-8", "replace")
        return Finished(done.returncode, log, began, time.monotonic() - began, _spent() - spent)

    def _environment(self) -> dict[str, str]:
        return {
            **reach(),
            **self.variables,
            "GITHUB_WORKSPACE": str(self.workspace),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join([*self.paths, os.environ.get("PATH", os.defpath)]),
            "RUNNER_TEMP": str(self.temp),
            **self.environment,
        }


def reach() -> dict[str, str]:
    """These, as far as they are set here, in the environment or in the settings of whoever runs the tests."""
    settings = Path.home() / ".config"
    files = {"PIP_CONFIG_FILE": settings / "pip/pip.conf", "UV_CONFIG_FILE": settings / "uv/uv.toml"}
    kept = {name: str(path) for name, path in files.items() if path.is_file()}
    return kept | {name: os.environ[name] for name in os.environ if name.upper() in REACH}


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
