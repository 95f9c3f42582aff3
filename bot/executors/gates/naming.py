"""The gates of files and of HTTP paths that a piece names.

Looked at are code spans that are one word, or a method and a path:

- a **file or folder** is what has a slash and ends in ``/`` or in an extension, or begins with a
  top-level folder of the repository; and, without a slash, what ends in an extension of sources,
  documents and settings (``.py``, ``.md``, ``.toml`` …), or is one of the usual names without one
  (``Makefile``, ``LICENSE``). It has to be in the repository, from its root, beside the piece, or as the
  end of a path; or the project makes it: its first part is in ``.gitignore``, or the makefile or
  ``package.json`` names it.
- an **HTTP path** is ``GET /path`` and the like. A source file has to hold it as a literal, up to its first
  parameter.

Everything else is an ordinary code span: values, types such as ``text/html``, absolute paths, addresses,
names with ``*``, ``<`` or ``{``, names of products such as ``Node.js``, and data of the reader's own such
as ``photos.zip``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from bot.executors.gates import tools
from bot.executors.gates.document import Document
from bot.executors.gates.project import Project

_PATH = re.compile(r"(?:\.{1,2}/)*[\w@.-]+(?:/[\w@.-]+)*/?")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
_OURS = re.compile(
    r"\.(py|pyi|js|mjs|cjs|ts|tsx|jsx|html|css|scss|md|rst|toml|yml|yaml|cfg|ini|sh|mk|go|rs|rb|java|lock)$"
)
_PRODUCT = re.compile(r"[A-Z][A-Za-z0-9]*\.js")
_PLAIN = frozenset(
    {*tools.MAKEFILES, "Dockerfile", "LICENSE", "Procfile", "CODEOWNERS", "package.json", ".gitignore"}
)
_REQUEST = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) +(/\S*)")
_PARAMETER = re.compile(r"[{<?]|/:|/\d+(?=[/?]|$)")


def naming_problems(file: str, document: Document, project: Project) -> Iterator[str]:
    """The files and paths that the piece names and that do not exist, with their lines."""
    for span in document.spans:
        text = span.text.strip()
        if names_file(text, project) and not _exists(file, text, project):
            yield (
                f"line {span.line}: `{text[:120]}` is not in the repository and nothing makes it; correct the"
                " name, or write it without code format where it is the reader's own file"
            )
        elif (request := _REQUEST.fullmatch(text)) and not _answered(request[2], project):
            yield f"line {span.line}: `{text[:120]}`: no source file holds the path {request[2][:100]}"


def names_file(text: str, project: Project) -> bool:
    """Whether a code span names a file or a folder of the project."""
    if not _PATH.fullmatch(text) or _PRODUCT.fullmatch(text):
        return False
    if "/" not in text:
        return text in _PLAIN or bool(_OURS.search(text) and not text.startswith("."))
    if text.startswith("./") and not text.endswith("/"):
        return False  # a call, which the gate of commands judges
    first = text.split("/")[0]
    return (
        first in (".", "..")
        or first in project.folders
        or text.endswith("/")
        or bool(_EXTENSION.search(text))
    )


def _exists(file: str, text: str, project: Project) -> bool:
    path = posixpath.normpath(text)
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(file), text))
    known = project.files | project.folders
    if path in known or beside in known or any(name.endswith(f"/{path}") for name in known):
        return True
    return tools.makes(project, path)


def _answered(path: str, project: Project) -> bool:
    """Whether a source file holds the path, as far as it is the same for every request."""
    fixed = _PARAMETER.split(path, maxsplit=1)[0]
    if fixed == path:
        return path == "/" or project.says(path)
    start = fixed.rstrip("/") or "/"
    opened = re.compile(rf"""["'`]{re.escape(start)}""")
    return any(opened.search(project.text(source)) for source in project.sources())
