"""What a commit changes against what the remote has: its files, and every version that is on the way."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from bot.adapters.git.workbench import Workbench
from bot.domain.errors import OutputRefused, StoreUnavailable
from bot.domain.inspection import NESTED, ChangedFile

MOST_COMMITS = 1_000
"""New ones of one change; an executor makes one or two."""
_MOST_OUTPUT = 20_000_000
"""Bytes of a list of files: some 100,000 of them, five times of what may be configured."""
EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which git knows without having it."""
_NOTHING = "0" * 40
_ROW = re.compile(rb":+((?:\d{6} )+)((?:[0-9a-f]{40} )+)[A-Z]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``git diff-tree --raw``: what stands at a path afterwards."""

    path: str
    mode: str
    """``000000`` where nothing does."""
    object_id: str
    before: str
    """The mode before, of a merge that of its first parent."""


def rows(output: bytes) -> Iterator[Row]:
    """Read ``git diff-tree -r -z --raw`` of one or two trees, or with ``-c`` of merges."""
    parts = iter(output.split(b"\0"))
    for part in parts:
        found = _ROW.fullmatch(part.strip(b"\n"))
        if found is None:
            continue  # the end
        path = next(parts, b"").decode("utf-8", "surrogateescape")
        modes, ids = found[1].decode("ascii").split(), found[2].decode("ascii").split()
        yield Row(path, modes[-1], ids[-1], modes[0])


def between(bench: Workbench, older: str, newer: str) -> list[Row]:
    """What differs between two trees."""
    return list(rows(_listed(bench, "diff-tree", "-r", "-z", "--raw", "--no-renames", older, newer)))


def new_commits(bench: Workbench, commit: str, known: Iterable[str]) -> list[str]:
    """The commits that none of the known ones has in its history, newest first. Raises OutputRefused."""
    found = _listed(bench, "rev-list", f"--max-count={MOST_COMMITS + 1}", commit, "--not", *known).split()
    if len(found) > MOST_COMMITS:
        raise OutputRefused(
            f"the work has more than {MOST_COMMITS:,} new commits; hand it on as fewer, larger ones"
        )
    return [each.decode("ascii") for each in found]


def added_by(bench: Workbench, commits: Sequence[str]) -> list[Row]:
    """Whatever each of the commits changed; of a merge what differs from all that it merges."""
    if not commits:
        return []
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{commit}\n" for commit in commits).encode("ascii"))
        asked.flush()
        asked.seek(0)
        command = (
            "diff-tree",
            "--stdin",
            "--no-commit-id",
            "--root",
            "-r",
            "-c",
            "-z",
            "--raw",
            "--no-renames",
        )
        return list(rows(_listed(bench, *command, source=asked)))


def _listed(bench: Workbench, *command: str, source: IO[bytes] | None = None) -> bytes:
    try:
        answer = bench.read(*command, most=_MOST_OUTPUT, source=source)
    except StoreUnavailable:  # its time limit
        raise OutputRefused("the work's files take too long to be listed; hand on fewer of them") from None
    if answer is None:
        raise OutputRefused("the work has too many files to be listed; hand on fewer of them")
    if not answer.ok:
        raise OutputRefused(f"the work's files cannot be listed: {answer.err.strip()[:300]}")
    return answer.out


def versions(bench: Workbench, found: Iterable[Row]) -> tuple[ChangedFile, ...]:
    """Each file that the rows leave, once for each content."""
    left = {(row.path, row.mode, row.object_id): row for row in found if row.object_id != _NOTHING}
    sizes = _sizes(bench, sorted({row.object_id for row in left.values() if row.mode != NESTED}))
    return tuple(_file(bench, row, sizes) for row in left.values())


def files(bench: Workbench, final: Sequence[Row], touched: Iterable[Row]) -> tuple[ChangedFile, ...]:
    """What a change leaves at every path that it touches, sorted by path."""
    by_path = {row.path: row for row in final}
    passing = {row.path: row for row in touched if row.path not in by_path}
    sizes = _sizes(bench, sorted({row.object_id for row in final if row.object_id != _NOTHING}))
    left = [_file(bench, row, sizes) for row in by_path.values()]
    gone = [ChangedFile(row.path, _told(row), 0, deleted=True) for row in passing.values()]
    return tuple(sorted((*left, *gone), key=lambda file: file.path))


def _file(bench: Workbench, row: Row, sizes: dict[str, int]) -> ChangedFile:
    if row.object_id == _NOTHING:
        return ChangedFile(row.path, row.before, 0, deleted=True)
    if row.mode == NESTED:
        return ChangedFile(row.path, row.mode, 0)
    object_id = row.object_id
    return ChangedFile(row.path, row.mode, sizes.get(object_id, 0), read=lambda: bench.content(object_id))


def _told(row: Row) -> str:
    return row.before if row.object_id == _NOTHING else row.mode


def _sizes(bench: Workbench, ids: Sequence[str]) -> dict[str, int]:
    asked = "".join(f"{each}\n" for each in ids).encode("ascii")
    answer = bench.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked)
    pairs = [line.split() for line in answer.out.decode("ascii", "replace").splitlines()]
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
