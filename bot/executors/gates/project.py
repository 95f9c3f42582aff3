"""What a content task may speak of: the project's files at one commit, its addresses, and its features."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from bot.domain.work import WorkOrder

_MOST_BYTES = 1_000_000
"""Of one file that is read."""
_DONE = frozenset({"implemented", "approved"})
_SOURCES = frozenset(".py .js .mjs .cjs .ts .tsx .jsx .go .rs .rb .java .kt .cs .php .sh .html".split())


@dataclass(frozen=True, slots=True)
class Feature:
    """An issue of the plan that asks for something to be built."""

    key: str
    title: str
    acceptance: tuple[str, ...]
    number: int | None
    done: bool | None
    """None where nothing is known of the development."""


@dataclass
class Project:
    """A commit of the project, checked out, and what earlier stages said of it."""

    root: Path
    files: frozenset[str]
    title: str = ""
    repository_url: str = ""
    deployment_url: str = ""
    branches: tuple[str, ...] = ("main",)
    features: tuple[Feature, ...] = ()
    numbers: frozenset[int] = frozenset()
    """Of its issues and pull requests."""
    _texts: dict[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """A file's text; empty where there is none that can be read."""
        if path not in self._texts:
            self._texts[path] = _read(self.root / path) if path in self.files else ""
        return self._texts[path]

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file."""
        parents = (PurePosixPath(path).parents for path in self.files)
        return frozenset(str(parent) for row in parents for parent in row)

    def sources(self) -> Iterator[str]:
        """The paths of its source files, tests left out, sorted."""
        for path in sorted(self.files):
            parts = PurePosixPath(path)
            if parts.suffix in _SOURCES and not {"tests", "test"} & set(parts.parts):
                yield path

    def says(self, literal: str) -> bool:
        """Whether a source file holds the text as a whole literal: between quotation marks."""
        quoted = re.compile(rf"""(["'`]){re.escape(literal)}\1""")
        return any(quoted.search(self.text(path)) for path in self.sources())


def project_of(order: WorkOrder, root: Path, files: tuple[str, ...], branch: str) -> Project:
    """The project of an order, checked out at ``root``."""
    genesis, development = (_part(order.outputs, name) for name in ("genesis", "development"))
    rows = [row for row in _rows(genesis, "issues") if isinstance(row.get("title"), str)]
    progress = {row.get("key"): row for row in _rows(development, "features")}
    numbers = {row.get("number") for row in rows} | {
        row.get(name) for row in progress.values() for name in ("number", "pull_request")
    }
    deployment = _part(development, "deployment")
    return Project(
        root,
        frozenset(files),
        order.title,
        repository_url=_address(genesis, "repository_url"),
        deployment_url=_address(deployment, "url"),
        branches=tuple(dict.fromkeys((order.default_branch, branch))),
        features=tuple(
            Feature(
                key=str(row.get("key", "")),
                title=row["title"],
                acceptance=tuple(map(str, row.get("acceptance") or ())),
                number=row.get("number") if isinstance(row.get("number"), int) else None,
                done=progress.get(row.get("key"), {}).get("state") in _DONE if development else None,
            )
            for row in rows
        ),
        numbers=frozenset(number for number in numbers if isinstance(number, int)),
    )


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, Mapping) else {}


def _rows(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = value.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _address(value: Mapping[str, Any], name: str) -> str:
    url = value.get(name)
    return url if isinstance(url, str) and re.fullmatch(r"https?://[^\s@<>\"'()`\\]+", url) else ""


def _read(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
