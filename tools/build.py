"""Builds what is released: the packages, a bill of materials for each lock, and the sums of all of them.

The same commit gives the same bytes: every time in them is that of the commit (or SOURCE_DATE_EPOCH), and the
tools come from the lock. ``dist/packages``, ``dist/sbom`` and ``dist/SHA256SUMS`` are what it leaves.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("command", "dashboard", "outside", "worker")
"""What a runner installs, by the command that it runs."""


def main() -> None:
    """Build everything anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="what is in it is removed")
    parser.add_argument("--tag", default="", help="the tag of the release, which has to be the version's")
    given = parser.parse_args()
    os.environ["SOURCE_DATE_EPOCH"] = os.environ.get("SOURCE_DATE_EPOCH") or _time_of_the_commit()
    if given.tag and given.tag != f"v{_version()}":
        sys.exit(f"the tag is {given.tag}, and bot/__init__.py says version {_version()}: change one of them")
    shutil.rmtree(given.out, ignore_errors=True)
    _packages(given.out / "packages")
    (given.out / "sbom").mkdir(parents=True)
    for name in LOCKS:
        _bill(name, given.out / f"sbom/orchestrator-{_version()}-{name}.cdx.json")
    _sums(given.out)


def _time_of_the_commit() -> str:
    """In seconds since 1970; the wheel's format begins in 1980."""
    asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def _version() -> str:
    told: dict[str, str] = {}
    exec((ROOT / "bot/__init__.py").read_text("utf-8"), told)
    return told["__version__"]


def _packages(out: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _bill(lock: str, out: Path) -> None:
    """A CycloneDX bill of materials: name, version and hashes of everything in a lock."""
    bill = [sys.executable, "-m", "cyclonedx_py", "requirements", f"requirements/{lock}.txt"]
    options = ["--pyproject", "pyproject.toml", "--mc-type", "application", "--output-reproducible"]
    subprocess.run(
        [*bill, *options, "--output-file", str(out)], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
    )
    # The project's own version is dynamic, which the tool does not look up.
    told = json.loads(out.read_text("utf-8"))
    told["metadata"]["component"] |= {"name": "fleet-orchestrator", "version": _version()}
    out.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", "utf-8")


def _sums(out: Path) -> None:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    rows = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out)}\n" for path in files]
    (out / "SHA256SUMS").write_text("".join(rows), "utf-8")
    print("".join(rows), end="")


if __name__ == "__main__":
    main()
