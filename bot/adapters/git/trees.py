"""Git's trees, read and written entry by entry: without an index and without any file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.git.workbench import Workbench

FOLDER, FILE = "040000", "100644"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of ``git ls-tree``."""

    mode: str
    kind: str
    object_id: str
    name: str


def entries(bench: Workbench, tree: str) -> list[Entry]:
    """What a tree holds, folders not opened."""
    rows = bench.run("ls-tree", "-z", tree).out.decode("utf-8", "surrogateescape").split("\0")
    found = []
    for row in filter(None, rows):
        about, _, name = row.partition("\t")
        mode, kind, object_id = about.split()
        found.append(Entry(mode, kind, object_id, name))
    return found


def written(bench: Workbench, held: Sequence[Entry]) -> str:
    """The tree that holds these; git puts them in order."""
    rows = "".join(f"{one.mode} {one.kind} {one.object_id}\t{one.name}\0" for one in held)
    return bench.must("mktree", "-z", stdin=rows.encode("utf-8", "surrogateescape"))


def with_folder(bench: Workbench, tree: str, name: str, inner: str) -> str:
    """A tree with a folder in the place of what it holds under that name; empty ``tree``: of nothing else."""
    others = [one for one in entries(bench, tree) if one.name != name] if tree else []
    return written(bench, [*others, Entry(FOLDER, "tree", inner, name)])


def with_file(bench: Workbench, tree: str, name: str, content: bytes) -> str:
    """A tree with a file that it need not have yet."""
    held = entries(bench, tree)
    if any(one.name == name for one in held):
        return tree
    blob = bench.must("hash-object", "-t", "blob", "-w", "--stdin", stdin=content)
    return written(bench, [*held, Entry(FILE, "blob", blob, name)])
