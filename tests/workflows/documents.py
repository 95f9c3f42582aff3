"""Reads the repository's own workflows and actions, so that the tests can look at them as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = [ROOT / "action.yml", *sorted((ROOT / ".github/actions").glob("*/action.yml"))]

Document = dict[str, Any]


def read(path: Path) -> Document:
    """A YAML document by path; YAML 1.1 reads the key ``on`` as true, which is put right here."""
    document = yaml.safe_load(path.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def workflow(name: str) -> Document:
    """The workflow ``.github/workflows/{name}.yml``."""
    return read(ROOT / f".github/workflows/{name}.yml")


def jobs(path: Path) -> Iterator[tuple[str, Document]]:
    """A workflow's jobs, each with an id that tells the file too."""
    for name, job in read(path)["jobs"].items():
        yield f"{path.stem}/{name}", job


def steps(path: Path) -> list[Document]:
    """Every step of a workflow or of a composite action."""
    document = read(path)
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job["steps"]]
