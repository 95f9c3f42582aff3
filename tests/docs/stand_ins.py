"""Programs that a reader has and the tests have not, or must not run: what stands in for each of them.

Everything else that a page calls is the real thing, ``orchestrator``, ``git`` and ``curl`` above all.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

MAKE = """\
#!/bin/sh
# The targets and their commands as they are, shown and not run: they take minutes, or run these very tests.
exec {make} --dry-run "$@" > /dev/null
"""
PIP = """\
#!/bin/sh
# Builds the package's metadata with the project's own build backend; resolves and installs nothing.
exec {python} -m pip "$@" --quiet --dry-run --no-index --no-deps --no-build-isolation
"""
GH = """\
#!{python}
import os, sys
sys.path.insert(0, {root!r})
from tests.docs.gh import main
sys.exit(main(sys.argv[1:], os.environ))
"""


def install(folder: Path, root: Path) -> None:
    """Put them into a directory that goes first on ``PATH``."""
    folder.mkdir(parents=True)
    real = next(place for place in os.environ["PATH"].split(":") if (Path(place) / "make").exists())
    known = {"make": f"{real}/make", "python": sys.executable, "root": str(root)}
    for name, text in {"make": MAKE, "pip": PIP, "gh": GH}.items():
        (folder / name).write_text(text.format(**known), "utf-8")
        (folder / name).chmod(0o755)
