"""Everything that a fleet leaves behind, in pieces with names: nothing is left out but where secrets belong.

These are the hub's table of tokens and ``hub.json``, which stand for what GitHub itself knows.
"""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.hub.data.world import World
from tests.e2e.repository import Bare
from tests.security.planted import found_in

Piece = tuple[str, bytes]
_TOKENS = "tokens"
"""The hub's own table of who may sign in with what."""
_GZIP = b"\x1f\x8b"


def leaks(pieces: Iterator[Piece], needles: Mapping[bytes, str]) -> tuple[list[str], dict[str, int]]:
    """Which secret stands where; and how many bytes of each kind were looked through."""
    shown: list[str] = []
    sizes: dict[str, int] = {}
    for name, content in pieces:
        kind = name.partition(" ")[0]
        sizes[kind] = sizes.get(kind, 0) + len(content)
        shown += [f"{secret} in {name}" for secret in sorted(found_in(content, needles))]
    return shown, sizes


def repositories(folder: Path) -> Iterator[Piece]:
    """Every object of every repository, also those that no branch leads to, and every other file of git's."""
    for path in sorted(folder.glob("*/*.git")):
        yield f"git {path.name}", objects(path)
        for file in sorted(path.rglob("*")):
            if file.is_file() and path / "objects" not in file.parents:
                yield f"git {path.name}/{file.relative_to(path)}", file.read_bytes()


def objects(repository: Path) -> bytes:
    """The contents of all objects of a repository, and its refs."""
    everything = Bare(repository).git("cat-file", "--batch", "--batch-all-objects", "--unordered")
    return everything + Bare(repository).git("for-each-ref")


def exported(bundle: Path, folder: Path) -> Iterator[Piece]:
    """A bundle's header, and what it unpacks to."""
    with bundle.open("rb") as file:
        yield "export header", file.read(4_096).partition(b"\n\n")[0]
    subprocess.run(["git", "clone", "--quiet", "--mirror", str(bundle), str(folder)], check=True)
    yield "export objects", objects(folder)


def database(world: World) -> Iterator[Piece]:
    """Each row of the hub's database."""
    tables = [
        str(row["name"]) for row in world.db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    assert _TOKENS in tables
    for table in sorted(set(tables) - {_TOKENS}):
        rows = world.db.rows(f"SELECT * FROM {table}")
        yield f"hub {table}", "\n".join(repr(tuple(row)) for row in rows).encode()


def files(kind: str, folder: Path, *, but: tuple[str, ...] = ()) -> Iterator[Piece]:
    """Every file of a folder, packed ones unpacked; ``but`` begins the names of those that are left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        yield f"{kind} {name}", name.encode()
        if path.is_file() and not path.is_symlink() and not name.startswith(but):
            content = path.read_bytes()
            yield f"{kind} {name}", gzip.decompress(content) if content.startswith(_GZIP) else content
