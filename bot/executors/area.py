"""Where an agent works: its folders, its environment, and what it may not touch.

::

    project/   the project's checkout; the agent's current directory
    input/     what it is told, as data files
    result/    what it has to leave besides changes of the project
    home/      its home directory, empty at the start
    temp/      its directory for temporary files

Beside it, out of the agent's way, stands a folder of the executor's own. Nothing here is a security
boundary: the agent runs as the same user. What it changed elsewhere is looked for afterwards where it would
matter most; what it read, or wrote into other places, is not noticed. A boundary is the job or the machine.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.failures import FailureKind
from bot.domain.profiles import Profile

FOLDERS = ("project", "input", "result", "home", "temp")
PROMPT = "prompt.md"
USAGE = "usage.json"
_OWN = frozenset({*FOLDERS, PROMPT, USAGE})

_INHERITED = (
    "PATH", "LANG", "TZ", "SYSTEMROOT",
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "ORCHESTRATOR_WORKSPACE",
)  # fmt: skip
"""Needed to find programs and the network, as the machine has them; the last one marks whose this is."""
_WATCHED = (
    ".bash_profile", ".bashrc", ".gitconfig", ".netrc", ".npmrc", ".profile", ".ssh", ".zprofile", ".zshrc",
)  # fmt: skip
"""In the user's home: what other programs run or trust later."""
_MOST = 50_000
"""Files of a guarded place that are looked at."""
_INSTALLATION = "ghs_"
"""How the tokens begin that GitHub gives to a workflow's run."""


class Refused(Exception):
    """The work cannot be done or does not count; the message says why and what to do."""

    def __init__(self, message: str, kind: FailureKind = FailureKind.SETUP, *, retry: bool = True) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Area:
    """The agent's folders, and one of the executor's own."""

    root: Path
    own: Path
    """Not told to the agent: the repository that its work is taken into."""

    @property
    def project(self) -> Path:
        """The checkout, the agent's current directory."""
        return self.root / "project"

    @property
    def input(self) -> Path:
        """What it is told."""
        return self.root / "input"

    @property
    def result(self) -> Path:
        """What it has to leave."""
        return self.root / "result"

    @property
    def home(self) -> Path:
        """Its home directory."""
        return self.root / "home"

    @property
    def temp(self) -> Path:
        """Its temporary files."""
        return self.root / "temp"

    @property
    def prompt(self) -> Path:
        """The file that holds the prompt."""
        return self.root / PROMPT

    @property
    def usage(self) -> Path:
        """Where some agents write their figures."""
        return self.root / USAGE

    def strangers(self) -> list[str]:
        """What the agent put beside its folders."""
        return sorted(path.name for path in self.root.iterdir() if path.name not in _OWN)


@contextlib.contextmanager
def open_area() -> Iterator[Area]:
    """Fresh folders, gone afterwards with everything in them."""
    root, own = (Path(tempfile.mkdtemp(prefix=prefix)).resolve() for prefix in ("agent-", "keep-"))
    try:
        for name in FOLDERS:
            (root / name).mkdir()
        yield Area(root, own)
    finally:
        _remove(root)
        _remove(own)


def _remove(folder: Path) -> None:
    """Also folders that were made read-only, as some package managers do."""
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def secrets(profile: Profile, environ: Mapping[str, str]) -> dict[str, str]:
    """The agent's keys that are set. Raises Refused where none is, or one is a workflow's own token."""
    found = {name: environ[name] for name in profile.keys if environ.get(name)}
    if profile.keys and not found and profile.home == "own":
        names = " or ".join(profile.keys)
        raise Refused(
            f"the agent has no key: set the secret {names} and hand it to the job that runs agents",
            FailureKind.ACCESS,
            retry=False,
        )
    for name, value in found.items():
        if value.startswith(_INSTALLATION):
            raise Refused(
                f"{name} holds the token of a workflow's run, which no agent gets; give it a key of its own",
                FailureKind.ACCESS,
                retry=False,
            )
    return found


def environment(profile: Profile, area: Area, environ: Mapping[str, str]) -> dict[str, str]:
    """Everything that the agent's process sees: what is listed, nothing else."""
    keys = secrets(profile, environ)
    named = {name: environ[name] for name in (*_INHERITED, *profile.environment) if name in environ}
    aliases = {name: keys[source] for name, source in profile.aliases.items() if source in keys}
    home = environ.get("HOME", "") if profile.home == "user" else ""
    return {
        "LANG": "C.UTF-8",
        **named,
        **aliases,
        **keys,
        **profile.settings,
        "HOME": home or str(area.home),
        "TMPDIR": str(area.temp),
        "CI": "true",
        "NO_COLOR": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "orchestrator agent",
        "GIT_AUTHOR_EMAIL": "noreply",
        "GIT_COMMITTER_NAME": "orchestrator agent",
        "GIT_COMMITTER_EMAIL": "noreply",
    }


class DiskWatch:
    """How much an area takes, looked at seldom enough to cost next to nothing."""

    def __init__(self, folder: Path, most: int) -> None:
        """``most`` is in bytes."""
        self._folder = folder
        self._most = most
        self._next = 0.0

    def full(self) -> bool:
        """Whether it takes more than it may, at the last look."""
        now = time.monotonic()
        if now < self._next:
            return False
        taken = used(self._folder, self._most)
        self._next = time.monotonic() + max(0.5, 20 * (time.monotonic() - now))
        return taken > self._most


def used(folder: Path, enough: int) -> int:
    """Bytes of disk below a folder, counted until there are more than ``enough``."""
    total, waiting = 0, [str(folder)]
    while waiting and total <= enough:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    about = entry.stat(follow_symlinks=False)
                    total += about.st_blocks * 512
                    if stat.S_ISDIR(about.st_mode):
                        waiting.append(entry.path)
    return total


class Guard:
    """Notices what was changed in places that an agent has no business in."""

    def __init__(self, places: Iterable[Path], home: Path | None = None, but: Iterable[Path] = ()) -> None:
        """``home`` is the user's; of it, only what other programs run or trust later is looked at.

        ``but`` are files that others may change meanwhile.
        """
        mine = [home / name for name in _WATCHED] if home else []
        self._but = {str(path.resolve()) for path in but}
        self._places = [place.resolve() for place in (*places, *mine)]
        self._before = self._look()

    def changed(self) -> list[str]:
        """The paths that are new, gone or different."""
        after = self._look()
        both = self._before.keys() | after.keys()
        return sorted(path for path in both - self._but if self._before.get(path) != after.get(path))

    def _look(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for place in self._places:
            for path in _files(place):
                with contextlib.suppress(OSError):
                    about = path.lstat()
                    # The time of the last change of any kind cannot be set back as that of the content can.
                    found[str(path)] = (about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
                if len(found) >= _MOST:
                    return found
        return found


def _files(place: Path) -> Iterator[Path]:
    """The files below a place, or the place itself; not what Python compiles there meanwhile."""
    if not place.is_dir() or place.is_symlink():
        yield place
        return
    for parent, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name != "__pycache__"]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from (Path(parent, name) for name in (*names, *links))


def shown(paths: Sequence[str], most: int = 3) -> str:
    """A few of many paths, for a line that people read."""
    rest = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + rest
