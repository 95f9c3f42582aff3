"""The state store's own benchmark, ``python -m benchmarks.store``, as a section of the report."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator


def report(*, quick: bool) -> Iterator[str]:
    """Run it in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.store", "--rounds", "4" if quick else "15"]
    yield subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip()
