"""The thin workflow files of a repository that uses the action, made from this repository's own.

The text is taken over as it stands, comments included; what differs is where the bot comes from. Its own
workflows check it out and use ``./``; the thin ones name the action at a pinned commit, and check out only
where the repository's own files are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot import __version__
from bot.domain.errors import UsageError
from bot.setup.action import Action

FOLDER = ".github/workflows"
WORKFLOWS = ("commands.yml", "labels.yml", "monitor.yml", "worker.yml")
"""The files that the bot relies on."""
EXTRAS = ("compact.yml",)
"""Further workflows, which ``--without`` leaves out."""
TEMPLATE = ".github/ISSUE_TEMPLATE/new-project.yml"
PATHS = (*(f"{FOLDER}/{name}" for name in (*WORKFLOWS, *EXTRAS)), TEMPLATE)
"""Every file that may be made, the configuration aside."""

_CHECKOUT = re.compile(
    r"      - name: Check out the bot\n        uses: actions/checkout@[^\n]+\n"
    r"        with:\n          persist-credentials: false\n\n"
)
_READS = "    permissions:\n      contents: read # check the bot out\n"
_JOB = re.compile(r"(?m)^  (?=[a-z][a-z0-9_-]*:\n    )")
_OWN = re.compile(r"(?m)^(\s+(?:- )?uses: )\./(\S*)$")
_HEADER = re.compile(
    r"^# Made by orchestrator (?P<version>\S+) with (?P<action>\S+) \((?P<digest>[0-9a-f]{16})\)"
)


def source(path: str) -> str:
    """A file of this repository, from the checkout or from the installed package. Raises UsageError."""
    here = Path(__file__).resolve().parent
    for root in (here / "files", here.parents[1]):
        if (root / path).is_file():
            return (root / path).read_text(encoding="utf-8")
    raise UsageError(f"{path} is missing beside the package; install orchestrator again")


def made(action: Action, extras: Collection[str] = EXTRAS) -> dict[str, str]:
    """Every file that a repository gets for this action, by path: the workflows and the issue template."""
    left_out = {f"{FOLDER}/{name}" for name in EXTRAS if name not in extras}
    return {path: thin(source(path), action) for path in PATHS if path not in left_out}


def thin(text: str, action: Action) -> str:
    """A file of this repository as it is in another one."""
    start, *jobs = _JOB.split(text)
    body = start + "".join("  " + _thin_job(job) for job in jobs)
    body = _OWN.sub(lambda found: found[1] + action.uses(found[2]), body)
    told = (
        f"# Made by orchestrator {__version__} with {action.repository} ({_digest(body, action.repository)})"
    )
    return f"{told}: `orchestrator upgrade` brings it up to date.\n{body}"


def _thin_job(job: str) -> str:
    if "command: work run" in job:  # an agent is given the repository's own prompts, which are files of it
        job = job.replace(
            "name: Check out the bot\n", "name: Check out this repository, for its own prompts\n"
        )
        return job.replace("# check the bot out\n", "# check this repository out\n")
    return _CHECKOUT.sub("", job).replace(_READS, "    permissions: {}\n")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that this program has made, as it stands now."""

    version: str
    """The version that made it."""
    action: str
    """The repository whose action it uses."""
    body: str
    digest: str
    """What it said when it was made, whatever it was pinned to."""

    @property
    def is_edited(self) -> bool:
        """Whether somebody has changed it since, but for its pins."""
        return self.digest != _digest(self.body, self.action)

    @property
    def pins(self) -> tuple[str, ...]:
        """What its uses of the action are pinned to: a commit, and the version's name if there is one."""
        return tuple(dict.fromkeys(found["at"].strip() for found in _pin(self.action).finditer(self.body)))

    def says(self, other: Made) -> bool:
        """Whether both say the same, whatever they are pinned to."""
        return _digest(self.body, self.action) == _digest(other.body, other.action)


def read(text: str | None) -> Made | None:
    """A made file; None for none, and for one of somebody else's."""
    found = _HEADER.match(text or "")
    if not found or text is None:
        return None
    return Made(found["version"], found["action"], text.partition("\n")[2], found["digest"])


def is_own(path: str, text: str) -> bool:
    """Whether a file belongs to a copy of orchestrator itself, which runs its own action."""
    return "uses: ./\n" in text if path.startswith(FOLDER) else text == source(path)


def repinned(text: str, action: Action) -> str:
    """A made workflow with its uses of the action pinned anew; the rest stays as somebody made it."""
    known = read(text)
    if known is None:
        return text
    first, _, body = text.partition("\n")
    first = first.replace(f" with {known.action} (", f" with {action.repository} (", 1)
    return f"{first}\n{_pin(known.action).sub(lambda found: _pinned(found, action), body)}"


def _pinned(found: re.Match[str], action: Action) -> str:
    return str(found["uses"]) + action.uses((found["folder"] or "").removeprefix("/"))


def _pin(repository: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?m)(?P<uses>uses: ){re.escape(repository)}(?P<folder>/\.github/actions/\w+)?@(?P<at>[^\n]+)$"
    )


def _digest(body: str, repository: str) -> str:
    plain = _pin(repository).sub(lambda found: f"{found['uses']}orchestrator{found['folder'] or ''}", body)
    return sha256(plain.encode()).hexdigest()[:16]
