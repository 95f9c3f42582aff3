"""What may not be published of a worker's files: paths, modes, workflows, sizes, secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.merging import PullRequests
from bot.domain.paths import is_workflow, link_problem, named, path_problem
from bot.domain.token_formats import kinds_of_secrets

LINK, NESTED = "120000", "160000"
_FILES = ("100644", "100755")
_MOST_LINES = 20
_LONGEST_TARGET = 4_096
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A path that a change touches, and one version of what stands there."""

    path: str
    mode: str
    """As git writes it: ``100644``, ``100755``, ``120000`` for a link, ``160000`` for a nested repository."""
    size: int
    """Bytes; 0 where it is deleted."""
    deleted: bool = False
    """Whether the change leaves no such file, also where one of its commits had made one."""
    read: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)

    def text(self, most: int = MEGABYTE) -> str:
        """The first ``most`` bytes of its content as text; empty where it is deleted."""
        return self.read()[:most].decode("utf-8", "replace")


def problems(
    files: Sequence[ChangedFile],
    versions: Sequence[ChangedFile],
    limits: PullRequests,
    known: Iterable[str] = (),
) -> tuple[str, ...]:
    """Why a change may not be published, each as a line for people; none where it may.

    ``files`` is what it leaves, ``versions`` whatever its commits add on the way. ``known`` are secrets by
    their value.
    """
    every = [*files, *versions]
    found = dict.fromkeys(line for file in every for line in _file_problems(file, limits))
    found |= dict.fromkeys(_size_problems(files, versions, limits))
    if not found:  # else it is not published anyway; and what is too large is not read at all
        secrets = tuple(value for value in known if value)
        found |= dict.fromkeys(line for file in versions for line in _secret_problems(file, secrets))
    lines = tuple(found)
    more = len(lines) - _MOST_LINES
    return (*lines[:_MOST_LINES], f"and {more} more") if more > 0 else lines


def _file_problems(file: ChangedFile, limits: PullRequests) -> Iterator[str]:
    name = named(file.path)
    if problem := path_problem(file.path):
        yield f"{name} {problem}"
    if is_workflow(file.path, link=file.mode == LINK) and not limits.workflows:
        yield f"{name} is a workflow, which only `pull_requests.workflows: true` allows to change"
    if file.deleted:
        return
    if file.mode == NESTED:
        yield f"{name} is a repository of its own"
    elif file.mode == LINK:
        if file.size > _LONGEST_TARGET:
            yield f"{name} is a link with {file.size:,} bytes and may have {_LONGEST_TARGET:,}"
        elif problem := link_problem(file.path, file.read().decode("utf-8", "surrogateescape")):
            yield f"{name} {problem}"
    elif file.mode not in _FILES:
        yield f"{name} has the mode {file.mode[:10]}; files have {' or '.join(_FILES)}"


def _size_problems(
    files: Sequence[ChangedFile], versions: Sequence[ChangedFile], limits: PullRequests
) -> Iterator[str]:
    touched = len({file.path for file in (*files, *versions)})
    if touched > limits.files:
        yield f"it touches {touched:,} files and may touch {limits.files:,} (`pull_requests.files`)"
    added = sum(file.size for file in versions) / MEGABYTE
    if added > limits.megabytes:
        yield f"it adds {added:,.1f} MB and may add {limits.megabytes:,g} MB (`pull_requests.megabytes`)"


def _secret_problems(file: ChangedFile, known: Sequence[str]) -> Iterator[str]:
    if file.mode == NESTED or file.deleted:
        return
    for line in secrets_of(file.read(), known):
        yield f"{named(file.path)} holds {line}; take it out of every commit, and revoke it where it is real"


def secrets_of(content: bytes, known: Sequence[str] = ()) -> Iterator[str]:
    """What a content holds that looks like a secret, with its line; never the secret itself."""
    # Latin-1 maps every byte; without the zeros, text in UTF-16 reads as the ASCII that tokens are.
    text = content.decode("latin-1").replace("\0", "")
    first: dict[str, int] = {}
    for kind, line in kinds_of_secrets(text):
        first.setdefault(kind, line)
    yield from (f"what looks like {kind} (line {line:,})" for kind, line in first.items())
    if any(value in text for value in known):
        yield "a token of this program"
