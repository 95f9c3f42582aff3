"""Prints what CHANGELOG.md says of a version, for its release; needs nothing but Python."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def notes(changelog: str, version: str) -> str:
    """The section of a version without its heading. Raises LookupError where there is none."""
    found = re.search(
        rf"(?ms)^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|^\[[^\]]+\]: |\Z)", changelog
    )
    if found is None or not found[1].strip():
        raise LookupError(
            f"CHANGELOG.md says nothing of version {version}: give it a section `## [{version}]`"
        )
    return found[1].strip() + "\n"


if __name__ == "__main__":
    try:
        print(notes(CHANGELOG.read_text("utf-8"), sys.argv[1]), end="")
    except LookupError as error:
        sys.exit(str(error))
