"""Git's formats, as pure functions: tree and commit objects, and the input of ``git fast-import``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1

from bot.domain.errors import StateInvalid

SUBMODULE, FOLDER = b"160000", b"40000"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the state branch."""

    version: str
    """Its id."""
    tree: str
    parents: tuple[str, ...]
    message: str
    at: datetime
    """The committer's time, UTC."""
    people: tuple[str, str] = ("", "")
    """Author and committer, each as ``name <mail>``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree object."""

    name: str
    object_id: str
    is_folder: bool


def parse_tree(content: bytes, object_id: str) -> list[Entry]:
    """Read a tree object; submodules have no content here and are left out. Raises StateInvalid."""
    entries, at = [], 0
    while at < len(content):
        end = content.find(b"\0", at)
        mode, space, name = content[at:end].partition(b" ")
        identity = content[end + 1 : end + 21]
        at = end + 21
        if end < 0 or not space or not name or b"/" in name or len(identity) != 20:
            raise StateInvalid(
                f"tree {object_id} of the state branch is damaged; run `git fsck` on its remote"
            )
        if mode != SUBMODULE:
            entries.append(Entry(as_text(name), identity.hex(), mode == FOLDER))
    return entries


def parse_commit(content: bytes, version: str) -> Commit:
    """Read a commit object. Raises StateInvalid."""
    head, _, message = content.partition(b"\n\n")
    pairs = (line.partition(b" ") for line in head.split(b"\n"))
    fields = [(key, value) for key, _, value in pairs if key]  # a continued line starts with a space
    first = dict(reversed(fields))
    try:
        seconds = int(first[b"committer"].rsplit(b" ", 2)[1])
        return Commit(
            version=version,
            tree=first[b"tree"].decode("ascii"),
            parents=tuple(value.decode("ascii") for key, value in fields if key == b"parent"),
            message=message.decode("utf-8", "replace"),
            at=datetime.fromtimestamp(seconds, UTC),
            people=(_person(first.get(b"author", b"")), _person(first[b"committer"])),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise StateInvalid(
            f"commit {version} of the state branch is damaged; run `git fsck` on its remote"
        ) from error


def _person(line: bytes) -> str:
    """``name <mail>`` of a line that ends with a time and its zone."""
    return line.rsplit(b" ", 2)[0].decode("utf-8", "replace")


def person(name: str) -> str:
    """How this program signs as author and committer."""
    return f"{name} <{name}@users.noreply.github.com>"


def tree_id(files: Mapping[str, bytes]) -> str:
    """The id of the tree that holds exactly these files, none of them a link or a program."""
    blobs: dict[str, bytes] = {}
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        folder, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(folder, {})[rest] = content
        else:
            blobs[path] = _id_of(b"blob", content)
    rows = [(as_bytes(name), b"100644", blob) for name, blob in blobs.items()]
    rows += [(as_bytes(name), b"40000", bytes.fromhex(tree_id(inside))) for name, inside in folders.items()]
    # Git sorts a folder as if its name ended in a slash.
    rows.sort(key=lambda row: row[0] + (b"/" if row[1] == b"40000" else b""))
    return _id_of(b"tree", b"".join(b"%b %b\0%b" % (mode, name, id_) for name, mode, id_ in rows)).hex()


def _id_of(kind: bytes, content: bytes) -> bytes:
    return sha1(b"%b %d\0%b" % (kind, len(content), content), usedforsecurity=False).digest()


def as_bytes(path: str) -> bytes:
    """The way back of ``as_text``."""
    return path.encode("utf-8", "surrogateescape")


def as_text(path: bytes) -> str:
    """A path of git's as text; bytes that are no UTF-8 survive the way back."""
    return path.decode("utf-8", "surrogateescape")


def quoted(path: str) -> bytes:
    """A path as ``git fast-import`` reads it, whatever is in it."""
    raw = as_bytes(path)
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def check_path(path: str) -> None:
    """Raise ValueError for a path that git would refuse or that would leave the tree."""
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise ValueError(
            f"{path!r} is no path of a file in the state; expected one like 'shared-state/ledger.json'"
        )


def check_layout(files: Mapping[str, bytes]) -> None:
    """Raise ValueError where one name is both a file and a folder."""
    folders: set[str] = set()
    for path in files:
        while (end := path.rfind("/")) > 0 and (path := path[:end]) not in folders:
            folders.add(path)
    for path in folders.intersection(files):
        raise ValueError(
            f"{path!r} would be a file and a folder at once; delete one of them in the same change"
        )


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be made."""

    message: str
    author: str
    at: datetime
    """Author's and committer's time, with a time zone; git keeps whole seconds."""
    parent: str | None = None
    changes: tuple[tuple[str, bytes | None], ...] = ()
    """Paths with their new contents; None deletes."""


def import_stream(new: NewCommit, ref: str) -> bytes:
    """Input for ``git fast-import --done`` that makes the commit, moves ``ref`` and prints the id."""
    return b"".join(_import_lines(new, ref))


def _import_lines(new: NewCommit, ref: str) -> Iterator[bytes]:
    if new.at.tzinfo is None:
        raise ValueError("a commit's time needs a time zone, for example 2026-11-23T07:21:42Z")
    who = f"{person(new.author)} {int(new.at.timestamp())} +0000"
    yield f"commit {ref}\nmark :1\nauthor {who}\ncommitter {who}\n".encode()
    yield _data(new.message.encode("utf-8"))
    if new.parent is not None:
        yield f"from {new.parent}\n".encode("ascii")
    # Deletions first: a folder's last file may make room for a file of the folder's name.
    for path, content in sorted(new.changes, key=lambda change: (change[1] is not None, change[0])):
        if content is None:
            yield b"D " + quoted(path) + b"\n"
        else:
            yield b"M 100644 inline " + quoted(path) + b"\n" + _data(content)
    yield b"\nget-mark :1\ndone\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)
