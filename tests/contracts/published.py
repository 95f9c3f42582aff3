"""What GitHub publishes about itself, as far as the tests judge by it: packed, with its versions."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "github"
AGAIN = "run `make contracts`, which takes whatever the hub has from GitHub's, and commit what it wrote"

Json = dict[str, Any]


@cache
def text(name: str) -> str:
    """One part, unpacked."""
    return gzip.decompress((FOLDER / f"{name}.gz").read_bytes()).decode()


@cache
def document(name: str) -> Json:
    """One part of JSON; not to be changed."""
    found: Json = json.loads(text(name))
    return found


@cache
def versions() -> dict[str, str]:
    """The packages that the parts came from, each with its version."""
    found: dict[str, str] = json.loads((FOLDER / "vendored.json").read_text("utf-8"))["versions"]
    return found
