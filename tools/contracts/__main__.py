"""Takes from GitHub's own descriptions what the tests judge the hub and the bot by, and packs it.

Run ``make contracts`` after a route, a field of GraphQL or an event came to the hub, or after a change of
``tools/contracts/package.json`` and its lock; needs npm. What it writes under ``tests/contracts/github`` is
committed with its versions, so that no test needs Node's registry.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tools.contracts.graphql_part import part_of_schema
from tools.contracts.rest_part import part_of_rest
from tools.contracts.webhooks_part import EVENTS, part_of_webhooks

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
TARGET = HERE.parent.parent / "tests/contracts/github"
ENTERPRISE = ("ghes-3.17", "ghes-3.18", "ghes-3.19")
"""The descriptions of GitHub Enterprise Server whose paths have to be the same."""


def main() -> None:
    """Install by the lock, and write every part."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            "npm is not installed: it is needed to fetch GitHub's descriptions from its registry"
        )
    subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, check=True)
    descriptions = MODULES / "@octokit/openapi/generated"
    github = _json(descriptions / "api.github.com.json")
    enterprise = {name: _json(descriptions / f"{name}.json") for name in ENTERPRISE}
    examples = _json(MODULES / "@octokit/webhooks-examples/api.github.com/index.json")
    parts = {
        "rest.json": _packable(part_of_rest(github, enterprise)),
        "webhooks.json": _packable(part_of_webhooks(github)),
        "examples.json": _packable(
            {each["name"]: each["examples"] for each in examples if each["name"] in EVENTS}
        ),
        "schema.graphql": part_of_schema(
            (MODULES / "@octokit/graphql-schema/schema.graphql").read_text("utf-8")
        ),
        "actions.js": _bundled(),
    }
    for name, text in parts.items():
        (TARGET / f"{name}.gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    listed = {
        "versions": _versions(),
        "sha256": {name: _digest(text) for name, text in sorted(parts.items())},
    }
    (TARGET / "vendored.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    (TARGET / "LICENSES.txt").write_text(_licences(), encoding="utf-8")


def _bundled() -> str:
    """GitHub's parser of workflows and its expressions as one script for Node, with the licences' names."""
    package = MODULES / "esbuild"

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "actions.js"
        options = [
            "--bundle",
            "--platform=node",
            "--target=node18",
            "--format=cjs",
            "--minify",
            "--legal-comments=inline",
        ]
        command = [str(package / "bin/esbuild"), str(HERE / "actions.mjs"), *options, f"--outfile={out}"]
        subprocess.run([*command, "--log-level=warning"], cwd=HERE, check=True)
        return out.read_text("utf-8")


def _versions() -> dict[str, str]:
    wanted = _json(HERE / "package.json")["dependencies"]
    return {name: _json(MODULES / name / "package.json")["version"] for name in sorted(wanted)}


def _licences() -> str:
    """What each package says of its licence; those that esbuild takes in come with the packages named."""
    texts = []
    for about in sorted(MODULES.glob("**/package.json")):
        facts = _json(about)
        if not _is_taken(about, facts):
            continue
        found = sorted(about.parent.glob("LICENSE*"))
        text = found[0].read_text("utf-8").strip() if found else f"Licence: {facts['license']}"
        texts.append(f"{facts['name']} {facts['version']}\n\n{text}\n")
    return ("\n" + "-" * 80 + "\n\n").join(texts)


def _is_taken(about: Path, facts: dict[str, Any]) -> bool:
    own = about.parent == MODULES / facts.get("name", "")
    return own and "esbuild" not in facts["name"]


def _json(path: Path) -> Any:  # noqa: ANN401
    return json.loads(path.read_text("utf-8"))


def _packable(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    main()
