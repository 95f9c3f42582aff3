"""Copies the scripts for browsers from npm into the project, packed, with their versions and licences.

Run ``make vendor`` after a change of ``tools/vendor/package.json`` and its lock; needs npm. What it writes is
committed, so that neither a user nor a test needs Node.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "tools/vendor"
ASSETS = ROOT / "bot/assets"
TESTS = ROOT / "tests/browser"
SCRIPTS = {
    "mermaid": ("dist/mermaid.min.js", ASSETS),
    "echarts": ("dist/echarts.min.js", ASSETS),
    "axe-core": ("axe.min.js", TESTS),
}
"""Package → the file that is taken of it, and where it goes."""


def main() -> None:
    """Install by the lock, pack each script so that the same script gives the same bytes, and list them."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed: it is needed to copy scripts from its registry")
    subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, check=True)
    for place in (ASSETS, TESTS):
        place.mkdir(exist_ok=True)
        taken = [_take(name, file, place) for name, (file, where) in SCRIPTS.items() if where is place]
        listed = json.dumps(dict(taken), indent=2, sort_keys=True) + "\n"
        (place / "vendored.json").write_text(listed, encoding="utf-8")


def _take(name: str, file: str, place: Path) -> tuple[str, dict[str, str]]:
    package = HERE / "node_modules" / name
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    content = (package / file).read_bytes()
    target = place / f"{Path(file).name}.gz"
    target.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    for licence in ("LICENSE", "NOTICE"):
        if (package / licence).exists():
            shutil.copyfile(package / licence, place / f"{name}-{licence}.txt")
    facts = {
        "version": about["version"],
        "license": about["license"],
        "file": target.name,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return name, facts


if __name__ == "__main__":
    main()
