"""Git bundles that others made: the header is read here, git checks and indexes the objects, nothing is run.

The format is git's own (gitformat-bundle): a line with the version, ``-<id> <comment>`` for each commit that
the reader has to have, ``<id> <ref>`` for each head, an empty line, a pack. ``git fetch`` from a bundle
checks the objects only from git 2.46 on, so the pack goes to ``git index-pack --strict`` by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.adapters.git.errors import essence
from bot.adapters.git.workbench import Workbench
from bot.domain.errors import OutputRefused, StoreUnavailable
from bot.domain.inspection import MEGABYTE

MOST = 1_000 * MEGABYTE
"""Bytes of a bundle: as much as the configuration lets one change add at most."""
MOST_UNPACKED = 2 * MOST
"""Bytes of all its objects, unpacked."""
MOST_OBJECTS = 200_000
_STRICT = "--strict=hasDot=ignore,hasDotdot=ignore,hasDotgit=ignore"
"""All of git's own checks but those of names: ``bot.domain.paths`` does them, with the path."""
_MOST_HEADER = 100_000
_SIGNATURES = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_HEAD = re.compile(rb"([0-9a-f]{40}) (HEAD|refs/[^\0-\x20\x7f]{1,500})\n")
_PREREQUISITE = re.compile(rb"-([0-9a-f]{40})(?: [^\n]*)?\n")


@dataclass(frozen=True, slots=True)
class Header:
    """What a bundle says about itself."""

    heads: Mapping[str, str]
    prerequisites: tuple[str, ...]


def refused(bundle: Path, why: str) -> OutputRefused:
    """The exception for a bundle that cannot be used."""
    return OutputRefused(
        f"{bundle.name} cannot be published: {why}; run the task again, and look at its log where this stays"
    )


def unbundle(bench: Workbench, bundle: Path, branch: str) -> str:
    """Take a bundle's objects into the workbench; returns its head of ``branch``.

    What it builds on has to be there already. Raises OutputRefused.
    """
    if bundle.is_symlink() or not bundle.is_file():
        raise refused(bundle, "there is no such file")
    if (size := bundle.stat().st_size) > MOST:
        raise refused(bundle, f"it has {size / MEGABYTE:,.0f} MB and may have {MOST / MEGABYTE:,.0f}")
    with bundle.open("rb", buffering=0) as file:
        header = _header(bundle, file)
        commit = _head(bundle, header, branch)
        _check_prerequisites(bench, bundle, header)
        _index(bench, bundle, file)
    if bench.run("cat-file", "-t", commit).out.strip() != b"commit":
        raise refused(bundle, f"its {branch} is no commit")
    return commit


def _header(bundle: Path, file: IO[bytes]) -> Header:
    """Read the header, and leave the file at its pack."""
    start = file.read(_MOST_HEADER)
    if not start.startswith(_SIGNATURES):
        raise refused(bundle, "it is no git bundle")
    lines, at = start.splitlines(keepends=True), 0
    heads: dict[str, str] = {}
    needed: list[str] = []
    for number, line in enumerate(lines):
        at += len(line)
        if number == 0 or line == b"@object-format=sha1\n":
            continue
        if line == b"\n":
            file.seek(at)
            return Header(heads, tuple(needed))
        if found := _PREREQUISITE.fullmatch(line):
            needed.append(found[1].decode("ascii"))
        elif found := _HEAD.fullmatch(line):
            heads[found[2].decode("utf-8", "replace")] = found[1].decode("ascii")
        else:
            break
    raise refused(bundle, "its header is damaged or of a kind that is not supported")


def _head(bundle: Path, header: Header, branch: str) -> str:
    ref = f"refs/heads/{branch}"
    others = sorted(header.heads.keys() - {ref, "HEAD"})
    commit = header.heads.get(ref, "")
    if not commit or others or header.heads.get("HEAD", commit) != commit:
        there = ", ".join(ascii(name.removeprefix("refs/heads/"))[1:-1] for name in [*header.heads][:3])
        raise refused(bundle, f"it is to hold the branch {branch} alone and holds {there or 'none'}")
    return commit


def _check_prerequisites(bench: Workbench, bundle: Path, header: Header) -> None:
    for needed in header.prerequisites:
        if bench.run("cat-file", "-t", needed).out.strip() != b"commit":
            raise refused(
                bundle, f"it builds on the commit {needed[:12]}, which {bench.url} does not have (any more)"
            )


def _index(bench: Workbench, bundle: Path, file: IO[bytes]) -> None:
    before = _objects(bench, bundle)
    try:
        answer = bench.feed(
            "index-pack", "--stdin", "--fix-thin", _STRICT, f"--max-input-size={MOST}", source=file
        )
    except StoreUnavailable:  # its time limit
        raise refused(bundle, "its objects take too long to unpack") from None
    if not answer.ok:
        raise refused(bundle, f"its objects are damaged, unsafe or too large ({essence(answer.err)[:300]})")
    after = _objects(bench, bundle)
    if (size := after[1] - before[1]) > MOST_UNPACKED:
        raise refused(
            bundle,
            f"it unpacks to {size / MEGABYTE:,.0f} MB and may unpack to {MOST_UNPACKED / MEGABYTE:,.0f}",
        )
    if (count := after[0] - before[0]) > MOST_OBJECTS:
        raise refused(bundle, f"it has {count:,} objects and may have {MOST_OBJECTS:,}")


def _objects(bench: Workbench, bundle: Path) -> tuple[int, int]:
    """How many objects the workbench has, and their bytes unpacked."""
    answer = bench.run("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectsize)")
    if not answer.ok:
        raise refused(bundle, f"its objects cannot be read ({essence(answer.err)[:300]})")
    sizes = answer.out.split()
    return len(sizes), sum(map(int, sizes))


def write_bundle(bench: Workbench, bundle: Path, heads: Mapping[str, str]) -> None:
    """Write a bundle of branches with all their history; the first one is what a clone checks out."""
    for branch, commit in heads.items():
        bench.keep(f"refs/heads/{branch}", commit)
    bench.must("symbolic-ref", "HEAD", f"refs/heads/{next(iter(heads))}")
    refs = [f"refs/heads/{branch}" for branch in heads]
    bench.must("bundle", "create", "--quiet", str(bundle.absolute()), "HEAD", *refs)
