"""What a project offers to be called: make targets, npm scripts, modules, console scripts, their options."""

from __future__ import annotations

import json
import posixpath
import re
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

from bot.executors.gates.project import Project

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""In the order in which GNU make looks for them."""
_INCLUDE = re.compile(r"^-?s?include\s+(.+)$", re.MULTILINE)
_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_ALWAYS = frozenset({"pip", "ensurepip", "setuptools"})
"""Modules that come with Python's installers."""


def targets(project: Project, folder: str = "") -> frozenset[str] | None:
    """The targets that a folder's makefile defines, by name or pattern; None where there is no makefile."""
    for name in MAKEFILES:
        path = posixpath.normpath(posixpath.join(folder, name))
        if path in project.files:
            return frozenset(_targets(project, path, folder, depth=3))
    return None


def _targets(project: Project, path: str, folder: str, depth: int) -> Iterator[str]:
    text = project.text(path)
    for line in text.splitlines():
        head, colon, rest = line.partition(":")
        if colon and not rest.lstrip(":").startswith("=") and head[:1].strip() and not {"=", "#"} & set(head):
            yield from head.split()
    if depth:
        for match in _INCLUDE.finditer(text):
            for name in match[1].split():
                included = posixpath.normpath(posixpath.join(folder, name))
                yield from _targets(project, included, folder, depth - 1)


def has_target(known: frozenset[str], name: str) -> bool:
    """Whether make can make it: by its name or by a pattern rule."""
    return name in known or any(
        re.fullmatch(re.escape(known_name).replace("%", ".+"), name)
        for known_name in known
        if "%" in known_name
    )


def npm_scripts(project: Project, folder: str = "") -> frozenset[str] | None:
    """The scripts of a ``package.json``; None where there is none."""
    path = posixpath.normpath(posixpath.join(folder, "package.json"))
    if path not in project.files:
        return None
    scripts = _json(project.text(path)).get("scripts")
    return frozenset(scripts) if isinstance(scripts, dict) else frozenset()


def modules(project: Project, name: str) -> bool:
    """Whether ``python -m name`` can work: the project's own, the standard library's, or a dependency's."""
    first = name.partition(".")[0]
    if first in sys.stdlib_module_names or first in _ALWAYS:
        return True
    path = name.replace(".", "/")
    own = (f"{path}.py", f"{path}/__main__.py")
    if any(f"{root}{file}" in project.files for root in ("", "src/", "lib/") for file in own):
        return True
    return _normal(first) in {_normal(known) for known in _dependencies(project)}


def scripts(project: Project) -> frozenset[str]:
    """The commands that installing the project gives."""
    about = _pyproject(project)
    declared = about.get("project", {}).get("scripts", {})
    poetry = about.get("tool", {}).get("poetry", {}).get("scripts", {})
    package = _json(project.text("package.json"))
    binaries = package.get("bin")
    own = {str(package.get("name", ""))} if isinstance(binaries, str) else set(binaries or ())
    return frozenset({*declared, *poetry, *own} - {""})


def has_option(project: Project, option: str) -> bool:
    """Whether the project's own program knows ``--option``: its source names it."""
    if option in ("--help", "--"):
        return True
    return project.says(option) or project.says(option.removeprefix("--"))


def makes(project: Project, path: str) -> bool:
    """Whether the project makes a file that is not in the repository: git ignores or a makefile names it."""
    ignored = {line.strip().strip("/") for line in project.text(".gitignore").splitlines()}
    named = re.compile(rf"(?<![\w-]){re.escape(path)}(?![\w-])")
    makers = (*MAKEFILES, "package.json", "pyproject.toml")
    if {path.split("/")[0], path} & ignored:
        return True
    return any(named.search(project.text(maker)) for maker in makers)


def _dependencies(project: Project) -> Iterator[str]:
    about = _pyproject(project).get("project", {})
    rows = [about.get("dependencies", [])]
    rows += about.get("optional-dependencies", {}).values()
    rows += _pyproject(project).get("dependency-groups", {}).values()
    rows += (project.text(path).splitlines() for path in project.files if "requirements" in path)
    for row in rows:
        for line in row if isinstance(row, list) else ():
            if isinstance(line, str) and (match := _REQUIREMENT.match(line)):
                yield match[1]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pyproject(project: Project) -> dict[str, Any]:
    try:
        return tomllib.loads(project.text("pyproject.toml"))
    except tomllib.TOMLDecodeError:
        return {}


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
