"""The gate of links that needs no network: into the project, its repository, its deployment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from bot.executors.gates.document import Document, Found, read
from bot.executors.gates.project import Project

_TABS = frozenset({"", "issues", "pulls", "releases", "actions", "issues/new", "issues/new/choose"})
"""Pages that every repository has."""
_VIEWS = ("blob", "tree", "raw", "blame", "edit")
_LINES = re.compile(r"L(\d+)(?:C\d+)?(?:-L(\d+)(?:C\d+)?)?")
_DOCUMENTS = (".md", ".markdown", ".html", ".htm")
_SITES = ("", "site/", "public/", "static/", "docs/", "src/", "dist/")
"""Folders of a repository whose files are served by a deployment."""
_OWN_MACHINE = re.compile(r"localhost|127(\.\d+){3}|\[?::1\]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Linked:
    """The links of one piece, sorted by how they can be judged."""

    problems: tuple[str, ...]
    outside: tuple[Found, ...]
    """To be asked for over the network."""


def sort_links(file: str, specialty: str, document: Document, project: Project) -> Linked:
    """Judge what can be judged here; hand back the rest."""
    problems: list[str] = []
    outside: list[Found] = []
    for link in document.links:
        try:
            parts = urlsplit(link.text.strip())
            host = parts.hostname or ""
        except ValueError:
            problems.append(_at(link, "is no address"))
            continue
        if parts.scheme in ("http", "https"):
            if (rest := below(link.text, project.repository_url)) is not None:
                problems += _repository_problems(link, rest, parts.fragment, project)
            elif _OWN_MACHINE.fullmatch(host) and below(link.text, project.deployment_url) is None:
                if specialty != "documentation":
                    problems.append(_at(link, "leads to the reader's own machine; link what is deployed"))
            else:
                outside.append(link)
                if (rest := below(link.text, project.deployment_url)) is not None:
                    problems += _deployment_problems(link, rest, project)
        elif parts.scheme or parts.netloc:
            if parts.scheme != "mailto":
                problems.append(_at(link, "is neither a path nor http, https or mailto"))
        else:
            problems += _relative_problems(file, link, parts, project)
    return Linked(tuple(problems), tuple(outside))


def below(url: str, address: str) -> str | None:
    """The path of a URL below an address; None where it is elsewhere."""
    if not address:
        return None
    mine, its = urlsplit(address.removesuffix("/").removesuffix(".git")), urlsplit(url)
    if its.netloc.casefold() != mine.netloc.casefold():
        return None
    path, root = unquote(its.path), unquote(mine.path)
    if path.casefold().removesuffix("/").removesuffix(".git") == root.casefold():
        return ""
    return path[len(root) + 1 :] if path.casefold().startswith(f"{root.casefold()}/") else None


def _relative_problems(file: str, link: Found, parts: SplitResult, project: Project) -> Iterator[str]:
    path = unquote(parts.path)
    if not path:
        target = file
    elif path.startswith("/"):
        target = posixpath.normpath(path.lstrip("/") or ".")
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    if target == ".." or target.startswith("../"):
        yield _at(link, "leads out of the repository; link the whole address")
    elif target in project.files:
        yield from _fragment_problems(link, target, parts.fragment, project)
    elif target not in project.folders:
        yield _at(
            link, f"leads to {target}, which is not in the repository; correct the path or leave it out"
        )


def _fragment_problems(link: Found, target: str, fragment: str, project: Project) -> Iterator[str]:
    if not fragment:
        return
    wanted, text = unquote(fragment), project.text(target)
    if target.lower().endswith(_DOCUMENTS):
        anchors = read(target, text).anchors
        if wanted.removeprefix("user-content-") not in anchors:
            yield _at(link, f"names #{wanted}, which {target} does not have; it has {_some(anchors)}")
    elif not (lines := _LINES.fullmatch(wanted)):
        yield _at(link, f"names #{wanted}, and {target} has lines only, as in #L12")
    elif int(lines[2] or lines[1]) > len(text.splitlines()):
        yield _at(link, f"names a line that {target} does not have: it ends at {len(text.splitlines())}")


def _some(anchors: set[str]) -> str:
    shown = ", ".join(f"#{name}" for name in sorted(anchors)[:5])
    return shown or "no headings"


def _repository_problems(link: Found, rest: str, fragment: str, project: Project) -> Iterator[str]:
    """A link into the project's own repository, which need not be public: judged by what is known of it."""
    rest = rest.strip("/")
    head, _, tail = rest.partition("/")
    if rest in _TABS:
        return
    if head in ("issues", "pull") and tail.isdigit():
        if project.numbers and int(tail) not in project.numbers:
            yield _at(link, f"leads to number {tail}, which no known issue or pull request has")
        return
    if head in _VIEWS:
        for branch in (*project.branches, "HEAD"):
            if tail == branch or tail.startswith(f"{branch}/"):
                path = posixpath.normpath(tail[len(branch) :].strip("/") or ".")
                if path in project.files:
                    yield from _fragment_problems(link, path, fragment, project)
                elif path not in project.folders:
                    yield _at(link, f"leads to {path}, which is not in the repository")
                return
        yield _at(link, f"names another branch than {project.branches[0]}")
        return
    yield _at(link, "leads to a page of the repository that is not known to exist")


def _deployment_problems(link: Found, rest: str, project: Project) -> Iterator[str]:
    """A link into the deployment: a file of the site, or a path that the program's source names."""
    rest = rest.strip("/")
    names = (rest, f"{rest}/index.html", f"{rest}.html") if rest else ()
    if not rest or any(f"{folder}{name}" in project.files for folder in _SITES for name in names):
        return
    if not project.says(f"/{rest}") and not project.says(rest):
        yield _at(link, f"leads to /{rest} of the deployment, which nothing in the repository provides")


def _at(link: Found, what: str) -> str:
    return f"line {link.line}: the link {link.text[:200]} {what}"
