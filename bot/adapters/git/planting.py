"""A new project on a branch of a repository that is not its own: its commits without their workflows.

Workflows of a branch run with the secrets of the repository that they are in, and the token of a workflow's
run may not push any. Each commit is derived from the bundle's alone, so that it has the same id whenever it
is made; one whose files all stay keeps its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.adapters.git.change import GitChange, open_project
from bot.adapters.git.trees import FOLDER, Entry, entries, written
from bot.adapters.git.workbench import Workbench
from bot.domain.errors import OutputRefused
from bot.domain.inspection import LINK
from bot.domain.merging import PullRequests
from bot.domain.paths import is_workflow
from bot.ports.projects import Planted


def plant(
    bench: Workbench, bundle: Path, branch: str, target: str, limits: PullRequests, known: Sequence[str] = ()
) -> Planted:
    """Push a bundle's branch as ``target`` where the remote has no such branch; see ``Publisher.plant``."""
    project = open_project(bench, bundle, branch, known)
    if found := project.problems(limits.model_copy(update={"workflows": True})):
        raise OutputRefused(f"the project cannot be published: {'; '.join(found)}")
    commit = _derived(bench, project)
    there = bench.heads([target]).get(target)
    head = there or bench.push_new(target, commit)
    left_out = tuple(
        file.path
        for file in project.files
        if not file.deleted and is_workflow(file.path, link=file.mode == LINK)
    )
    return Planted(commit=commit, head=head, left_out=left_out)


def _derived(bench: Workbench, project: GitChange) -> str:
    """The project's head without any workflow in its history."""
    ordered = bench.must("rev-list", "--reverse", "--topo-order", project.commit).split()
    made: dict[str, str] = {}
    for commit in ordered:
        head, _, message = bench.content(commit).partition(b"\n\n")
        lines = [_line(bench, line, made) for line in head.split(b"\n")]
        content = b"\n".join(lines) + b"\n\n" + message
        made[commit] = bench.must("hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
    return made[project.commit]


def _line(bench: Workbench, line: bytes, made: dict[str, str]) -> bytes:
    """A line of a commit's header, naming what was made in the place of tree and parents."""
    key, _, value = line.partition(b" ")
    match key:
        case b"tree":
            return b"tree " + _without(bench, value.decode("ascii")).encode("ascii")
        case b"parent":
            return b"parent " + made[value.decode("ascii")].encode("ascii")
        case _:
            return line


def _without(bench: Workbench, tree: str, folder: str = "") -> str:
    """A tree without what is taken for a workflow; itself where nothing of it is."""
    held = entries(bench, tree)
    kept = [entry for one in held if (entry := _kept(bench, one, folder)) is not None]
    return tree if kept == held else written(bench, kept)


def _kept(bench: Workbench, entry: Entry, folder: str) -> Entry | None:
    path = f"{folder}{entry.name}"
    if is_workflow(path, link=entry.mode == LINK):
        return None
    if entry.kind != "tree" or folder or not is_workflow(f"{path}/workflows"):
        return entry
    inner = _without(bench, entry.object_id, f"{path}/")
    return Entry(FOLDER, "tree", inner, entry.name) if entries(bench, inner) else None
