"""A built site as what GitHub Pages takes: one commit without a past on a branch of its own.

The same project's commit gives the same site's commit, so that whoever builds it again can compare.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bot.executors.area import Area, Refused
from bot.executors.measuring import gate_failed
from bot.executors.repository import SITE, Repository
from bot.executors.untrusted import one_line
from bot.executors.workspace import Workspace

BRANCH = "gh-pages"
PROOF = "deployment.json"
"""In the site: which commit it was built from, so that an answer shows which deployment it comes from."""
FOLDERS = ("dist", "build", "public", "site", "_site", "docs", "src", ".")
"""Where a site is looked for after a build, in this order."""
MOST_FILES = 20_000
MOST_BYTES = 100_000_000
_AS_THEY_ARE = "* -text -eol -ident -filter -working-tree-encoding\n"
"""No attribute of the site's own may change what is taken from its files."""
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Site:
    """A site that was taken over."""

    folder: Path
    """Its files, as a browser gets them."""
    repository: Workspace
    """Beside the bare repository ``site.git`` that holds its commit."""
    commit: str
    files: int


def find(root: Path, folder: str, stack: str) -> Path:
    """The folder of a built project that is its site. Raises Refused where there is none."""
    for name in (folder,) if folder else FOLDERS:
        candidate = root / name
        if (candidate / "index.html").is_file():
            if not candidate.resolve().is_relative_to(root.resolve()):
                raise gate_failed(f"{name} is a link that leads out of the project")
            return candidate.resolve()
    if folder:
        raise Refused(
            f"`deployment.folder` names {folder}, and there is no index.html in it after the build. Name the "
            "folder that the build makes",
            retry=False,
        )
    raise Refused(
        f"there is no index.html in {', '.join(FOLDERS[:-1])} or at the root after the build: this is no "
        "static site. Name its folder (`deployment.folder`), or say how such a project is deployed: "
        f"`deployment.stacks.{one_line(stack, 40) or '<stack>'}` with kind command, workflow or agent",
        retry=False,
    )


def take(
    source: Path, project: str, commit: str, repository: Repository, area: Area, most: int = MOST_BYTES
) -> Site:
    """The files below ``source`` as the one commit of a site. Raises Refused where they cannot be."""
    own = Workspace(area.own, _SECONDS)
    folder = area.own / "site"
    shutil.rmtree(folder, ignore_errors=True)
    files = _copied(source, folder, most)
    name, address, moment = repository.authored(commit)
    built = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    proof = {"project": project, "commit": commit, "built": built}
    (folder / PROOF).write_text(json.dumps(proof, indent=2) + "\n", encoding="utf-8")
    (folder / ".nojekyll").touch()
    shutil.rmtree(area.own / "site.git", ignore_errors=True)
    own.git("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}", "site.git")
    attributes = area.own / "site.git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(_AS_THEY_ARE, encoding="utf-8")
    inside = ("git", "--git-dir", "site.git", "--work-tree", "site")
    own.run([*inside, "-c", "core.autocrlf=false", "add", "--all", "--force", "--", "."])
    tree = own.git("--git-dir", "site.git", "write-tree")
    dates = {"GIT_AUTHOR_DATE": f"@{moment} +0000", "GIT_COMMITTER_DATE": f"@{moment} +0000"}
    author = {"GIT_AUTHOR_NAME": name or "unknown", "GIT_AUTHOR_EMAIL": address or "unknown"}
    message = f"Deploy {commit[:12]} of {project}"
    ran = own.run(["git", "--git-dir", "site.git", "commit-tree", tree, "-m", message], dates | author)
    made = ran.output.strip()
    own.git("--git-dir", "site.git", "update-ref", f"refs/heads/{BRANCH}", made)
    return Site(folder, own, made, files)


def _copied(source: Path, target: Path, most: int) -> int:
    """Copy a site's files; returns how many. Links inside of it become what they lead to."""
    files, total = 0, 0
    for parent, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if name.casefold() != ".git")
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted(name for name in (*names, *links) if name.casefold() != ".git"):
            path = Path(parent, name)
            shown = one_line(path.relative_to(source).as_posix(), 200)
            if not path.resolve().is_relative_to(source):
                raise gate_failed(f"the site's {shown} is a link that leads out of it")
            if not path.is_file():
                raise gate_failed(f"the site's {shown} is no file")
            if path == source / PROOF:
                raise gate_failed(f"the site has a {PROOF} of its own, which deploying would replace")
            files, total = files + 1, total + path.stat().st_size
            if files > MOST_FILES or total > most:
                raise gate_failed(
                    f"the site is too large: it may have {MOST_FILES:,} files and {most:,} bytes"
                )
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
    return files


def bundle(site: Site, result: Path) -> None:
    """Hand the site's branch on."""
    target = str((result / SITE).absolute())
    site.repository.git("--git-dir", "site.git", "bundle", "create", "--quiet", target, BRANCH)


def difference(site: Site, result: Path) -> str:
    """How a bundle that was handed on differs from the site; empty where it does not."""
    git = ("git", "--git-dir", "site.git")
    path = str((result / SITE).absolute())
    heads = site.repository.attempt([*git, "bundle", "list-heads", path])
    named = [line.split()[1:] for line in heads.output.splitlines()]
    if heads.exit_code or named != [[f"refs/heads/{BRANCH}"]]:
        return f"{SITE} is missing, or is no bundle of the branch {BRANCH} alone"
    site.repository.run(
        [*git, "fetch", "--quiet", "--no-tags", path, f"+refs/heads/{BRANCH}:refs/heads/handed"]
    )
    handed = site.repository.git("--git-dir", "site.git", "rev-parse", "refs/heads/handed")
    if handed == site.commit:
        return ""
    between = ("--git-dir", "site.git", "diff-tree", "-r", "-z", "--name-only", site.commit, handed)
    differing = [name for name in site.repository.git(*between).split("\0") if name]
    if differing:
        first = one_line(differing[0], 200)
        return f"the site that was handed on is not what a build gives here: {first} differs"
    return "the site's commit is not what its files, its project and its date give"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder at an address of this machine, on a free port."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: who asks is told what was seen."""
