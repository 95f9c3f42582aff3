"""Others' browser scripts, packed, as ``tools/vendor.py`` copies them; ``vendored.json`` lists them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib import resources


def packed(package: str) -> bytes:
    """A script as gzip, for a server whose client takes it so."""
    return (resources.files(__name__) / _listed()[package]["file"]).read_bytes()


def script(package: str) -> bytes:
    """A script as it is, for example ``mermaid``."""
    return gzip.decompress(packed(package))


def version(package: str) -> str:
    """Its version."""
    return _listed()[package]["version"]


def notices(package: str) -> dict[str, bytes]:
    """Its licence and its notice by their files' names: they go where the script goes."""
    kept = [file for file in resources.files(__name__).iterdir() if file.name.startswith(f"{package}-")]
    return {file.name: file.read_bytes() for file in kept if file.name.endswith(".txt")}


@cache
def _listed() -> dict[str, dict[str, str]]:
    listed: dict[str, dict[str, str]] = json.loads(
        (resources.files(__name__) / "vendored.json").read_text(encoding="utf-8")
    )
    return listed
