"""The project's repository around an agent's work: a checkout to work in, and a commit of what was made.

The agent may do to its checkout what it likes, to its git settings too, so no git command is ever run with
those: its files are taken into a repository of the executor's own, whose settings it never saw.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.domain.failures import FailureKind
from bot.domain.work import WorkOrder
from bot.executors.area import Area, Refused, shown
from bot.executors.merging import Start, begin, marked
from bot.executors.workspace import CommandFailed, Ran, Workspace

BUNDLE = "repository.bundle"
CHANGE = "change.bundle"
SITE = "site.bundle"
_SECONDS = 600
"""For fetching a repository, and for taking the work over."""
_DEPTH = 50
"""Commits of a project's past that are fetched."""
_MOST_FILES = 20_000
_GITLINK, _SYMLINK = "160000", "120000"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_BRANCH = re.compile(r"orchestrator(?=.{2,152}\Z)(?:/[a-z0-9][a-z0-9-]*)+")
"""What an order may name: below the program's own prefix, never a branch of people."""
_WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Taken:
    """The agent's work as a commit."""

    commit: str
    base: str
    """The commit that it stands on; empty for a new project."""
    branch: str
    files: tuple[str, ...]
    changed: tuple[str, ...]


def branch_of(order: WorkOrder) -> str:
    """The branch of a task: as the order says, else derived from what it is about, never from the attempt."""
    if order.branch:
        if not _BRANCH.fullmatch(order.branch):
            raise Refused(f"the order names a branch that is not the program's: {order.branch[:60]!r}",
                          retry=False)  # fmt: skip
        return order.branch
    name = order.item or order.task.rpartition(".")[2]
    if not _NAME.fullmatch(name):
        raise Refused(f"no branch can be named after {name[:60]!r}", retry=False)
    return f"orchestrator/{name}"


class Repository:
    """The executor's own repository of a project, bare, in a folder that the agent is not told of."""

    def __init__(self, area: Area, log: list[str], seconds: float = _SECONDS) -> None:
        """``log`` takes what git says."""
        self._area = area
        self._git = Workspace(area.own, seconds, log)
        self._start: Start | None = None
        self._clones = 0

    @property
    def base(self) -> str:
        """The commit that the checkout began at; empty for a new project."""
        return self._start.commit if self._start else ""

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The files in which the task's branch and the default branch conflict."""
        return self._start.conflicts if self._start else ()

    def begin(self) -> None:
        """An empty repository, and an empty checkout."""
        self._run("init", "--quiet", "--bare", "--initial-branch=main", "repository.git")
        self._run("init", "--quiet", "--initial-branch=main", str(self._area.project))

    def clone(self, order: WorkOrder, handed: Path, branch: str) -> None:
        """The project as it is, at the task's branch where there is one, and a checkout of it.

        A branch that lacks commits of the default branch is merged with it first; where they conflict, the
        checkout holds the conflict's markers, and a review is refused.

        From ``repository.bundle`` in the workspace that was handed over, where there is one, else from the
        project's address without any credential. Raises Refused where neither can be had.
        """
        source = self._source(order, handed)
        options = ("--quiet", "--bare", "--no-tags")
        depth = () if source.endswith(BUNDLE) else (f"--depth={_DEPTH}", "--no-single-branch")
        try:
            self._run("clone", *options, *depth, "--", source, "repository.git")
            self._inside("remote", "remove", "origin")
            default = self._head(order.default_branch)
            if not default:
                raise Refused(f"the project's repository has no branch {order.default_branch[:100]!r}")
            self._start = begin(self._git, branch, order.default_branch, self._head(branch), default)
            if self.conflicts and order.specialty == "review":
                raise Refused(
                    f"{branch} conflicts with {order.default_branch} in {shown(self.conflicts)}; "
                    "resolve that before it is reviewed",
                    FailureKind.INVALID,
                )
            self._run("clone", "--quiet", "--no-hardlinks", "--no-checkout", "repository.git",
                      str(self._area.project))  # fmt: skip
            checkout = Workspace(self._area.project, _SECONDS, self._git.log)
            checkout.git("checkout", "--quiet", "-B", branch, self.base)
            checkout.git("remote", "remove", "origin")
        except CommandFailed as error:
            last = error.ran.output.strip().rsplit("\n", 1)[-1][:300]
            raise Refused(
                f"the project's repository cannot be fetched ({last}); a private one has to be handed over "
                f"as {BUNDLE} in the workspace"
            ) from None

    def _head(self, branch: str) -> str:
        """A branch's commit; empty where there is none."""
        return self._inside("show-ref", "--verify", "--hash", f"refs/heads/{branch}", may_fail=True)

    def _source(self, order: WorkOrder, handed: Path) -> str:
        if (bundle := handed / BUNDLE).is_file() and not bundle.is_symlink():
            return str(bundle.resolve())
        genesis = order.outputs.get("genesis")
        url = genesis.get("repository_url") if isinstance(genesis, Mapping) else None
        if not isinstance(url, str) or not re.match(r"https?://[^\s@]+$", url):
            raise Refused("the order names no repository of the project to work in", retry=False)
        return url

    def take(self, message: str, branch: str, onto: str = "") -> Taken:
        """The checkout's files as one commit on the branch. Raises Refused where they cannot be handed on.

        ``onto`` is a commit that was taken before, where the new one follows it.
        """
        index = {"GIT_INDEX_FILE": str(self._area.own / "index")}
        tree_of = ("--work-tree", str(self._area.project))
        try:
            if self.base:
                self._inside("read-tree", self.base, extra=index)
            self._inside(*tree_of, "add", "--all", "--", ".", extra=index)
            tree = self._inside("write-tree", extra=index)
            stands_on = (onto,) if onto else self._start.parents if self._start else ()
            parents = [word for each in stands_on for word in ("-p", each)]
            made = self._inside("commit-tree", tree, *parents, "-m", message, extra=_dates())
            self._inside("update-ref", f"refs/heads/{branch}", made)
        except CommandFailed as error:
            last = error.ran.output.strip().rsplit("\n", 1)[-1][:300]
            raise Refused(f"the checkout cannot be committed: {last}", FailureKind.INVALID) from None
        files = self._listed(made)
        before = dict(self._listed(self.base)) if self.base else {}
        now = dict(files)
        changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
        return Taken(made, self.base, branch, tuple(sorted(now)), tuple(changed))

    def problems(self, taken: Taken, most: int, *, workflows: bool) -> Iterator[str]:
        """Why the commit may not be handed on: links that lead out, nested repositories, sizes, workflows,
        conflicts that are not resolved."""
        if left := self._marked(taken.commit):
            yield f"conflict markers are left in {shown(left)}"
        total = 0
        for mode, size, path in self._entries(taken.commit):
            total += size
            if mode == _GITLINK:
                yield f"{path} is a repository of its own"
            elif mode == _SYMLINK and _leads_out(
                path, self._inside("cat-file", "blob", f"{taken.commit}:{path}")
            ):
                yield f"{path} is a link that leads out of the project"
        if len(taken.files) > _MOST_FILES:
            yield f"it has {len(taken.files):,} files and may have {_MOST_FILES:,}"
        if total > most:
            yield f"its files have {total:,} bytes and may have {most:,}"
        touched = [path for path in taken.changed if path.lower().startswith(_WORKFLOWS)]
        if touched and not workflows:
            yield f"it changes {shown(touched)}, which only `workflows: true` of the executor allows"

    def _marked(self, commit: str) -> list[str]:
        """Those of the files in conflict that still hold its markers."""
        there = {path for _, _, path in self._entries(commit)} if self.conflicts else set()
        return list(marked((path, self.content(commit, path)) for path in self.conflicts if path in there))

    def holds(self, taken: Taken, secrets: Iterable[str]) -> bool:
        """Whether a file of the commit holds one of the values."""
        values = [value for value in secrets if value and "\n" not in value]
        if not values:
            return False
        patterns = self._area.own / "patterns"
        patterns.touch(mode=0o600)
        patterns.write_text("\n".join(values) + "\n", encoding="utf-8")
        try:
            ran = self._git.attempt(
                ["git", "--git-dir", "repository.git", "grep", "--quiet", "--text", "--fixed-strings",
                 "-f", str(patterns), taken.commit, "--"]
            )  # fmt: skip
        finally:
            patterns.unlink()
        return ran.exit_code == 0

    def contains(self, commit: str) -> bool:
        """Whether a commit is in the history of the one that the checkout began at."""
        if not re.fullmatch(r"[0-9a-f]{40,64}", commit):
            return False
        command = ["git", "--git-dir", "repository.git", "merge-base", "--is-ancestor", commit, self.base]
        return self._git.attempt(command).exit_code == 0

    def authored(self, commit: str) -> tuple[str, str, int]:
        """(name, address, time in epoch seconds) of a commit: its author's, and when it was committed."""
        name, address, moment = self._inside("show", "-s", "--format=%an%n%ae%n%ct", commit).split("\n")
        return name, address, int(moment)

    def content(self, commit: str, path: str) -> str:
        """A file of a commit."""
        return self._inside("cat-file", "blob", f"{commit}:{path}")

    def bundle(self, taken: Taken, target: Path) -> None:
        """The commit as a bundle: the whole project where it is new, else what the branch adds."""
        if self._start:
            what = (taken.branch, *(f"^{known}" for known in self._start.known))
        else:
            self._inside("symbolic-ref", "HEAD", f"refs/heads/{taken.branch}")
            what = ("HEAD", taken.branch)
        self._inside("bundle", "create", "--quiet", str(target.absolute()), *what)

    def add(self, bundle: Path, branch: str) -> str:
        """The head of a branch that a bundle adds. Raises Refused where a conflict is not resolved in it."""
        self._inside("fetch", "--quiet", "--no-tags", str(bundle.absolute()),
                     f"+refs/heads/{branch}:refs/heads/{branch}")  # fmt: skip
        added = self._inside("rev-parse", f"refs/heads/{branch}")
        if left := self._marked(added):
            raise Refused(f"conflict markers are left in {shown(left)}", FailureKind.INVALID)
        return added

    def clean(self, commit: str, seconds: float) -> Workspace:
        """A clean clone at a commit, to run its commands in."""
        folder = Workspace(self._area.own, seconds, self._git.log)
        self._clones += 1
        name = f"clean-{self._clones}"
        folder.git("clone", "--quiet", "--no-hardlinks", "--no-checkout", "repository.git", name)
        clone = folder.inside(name)
        clone.git("checkout", "--quiet", "--detach", commit)
        return clone

    def _entries(self, commit: str) -> Iterator[tuple[str, int, str]]:
        """(mode, bytes, path) of everything in a commit."""
        for line in filter(None, self._inside("ls-tree", "-r", "-l", "-z", commit).split("\0")):
            about, _, path = line.partition("\t")
            mode, _, _, size = about.split()
            yield mode, int(size) if size.isdigit() else 0, path

    def _listed(self, commit: str) -> tuple[tuple[str, str], ...]:
        """(path, what stands there) of everything in a commit."""
        lines = filter(None, self._inside("ls-tree", "-r", "-z", commit).split("\0"))
        return tuple((path, about) for about, _, path in (line.partition("\t") for line in lines))

    def _run(self, *arguments: str) -> str:
        return self._git.git(*arguments)

    def _inside(self, *arguments: str, extra: Mapping[str, str] | None = None, may_fail: bool = False) -> str:
        ran: Ran = self._git.attempt(["git", "--git-dir", "repository.git", *arguments], extra)
        if ran.exit_code and not may_fail:
            raise CommandFailed(ran)
        return ran.output.strip() if not ran.exit_code else ""


def _dates() -> dict[str, str]:
    moment = f"@{int(time.time())} +0000"
    return {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}


def _leads_out(path: str, target: str) -> bool:
    """Whether a link in a tree points outside of it."""
    if target.startswith("/"):
        return True
    depth = len(PurePosixPath(path).parent.parts)
    for part in PurePosixPath(target).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return False
