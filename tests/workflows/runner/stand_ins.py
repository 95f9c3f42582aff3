"""Own equivalents of the few actions by others that the workflows use, which cannot run outside GitHub.

Each says what it stands in for, and where it does less. An input that it does not know fails the test.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.workflows.runner.steps import StandIn, Used

Outputs = Mapping[str, str]


def checkout(used: Used) -> Outputs:
    """actions/checkout: the commit's files and no credentials. Of the history it brings nothing."""
    _takes(used, "persist-credentials")
    assert used.inputs["persist-credentials"] == "false", "this stand-in keeps no credentials"
    files = used.shelf.fetch(used.shelf.repository, used.shelf.commit)
    shutil.copytree(files, used.machine.workspace, dirs_exist_ok=True)
    for command in (["init", "-q"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=used.machine.workspace, check=True)
    return {}


def setup_python(used: Used) -> Outputs:
    """actions/setup-python: puts a Python first on PATH: the tests' own, whichever was asked for."""
    _takes(used, "python-version")
    folder = used.machine.folder / "python"
    folder.mkdir(exist_ok=True)
    for name in ("python", "python3"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    used.machine.paths.insert(0, str(folder))
    return {}


def cache(used: Used) -> Outputs:
    """actions/cache: restores a folder by its exact key, or saves it after a job that went well."""
    _takes(used, "path", "key")
    folder, kept = Path(used.inputs["path"]), used.shelf.caches / used.inputs["key"]
    if kept.is_dir():
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        return {"cache-hit": "true"}

    def save(status: str) -> None:
        if status == "success" and folder.is_dir() and not kept.is_dir():
            part = Path(tempfile.mkdtemp(dir=used.shelf.caches))
            shutil.copytree(folder, part / "kept")
            with suppress(OSError):  # another job has saved the same meanwhile
                (part / "kept").rename(kept)
            shutil.rmtree(part)

    used.machine.afterwards.insert(0, save)
    return {"cache-hit": "false"}


def upload_artifact(used: Used) -> Outputs:
    """actions/upload-artifact: one file under the artifact's name. Nothing is compressed or expires."""
    _takes(used, "name", "path", "compression-level", "if-no-files-found", "overwrite", "retention-days")
    assert used.inputs["overwrite"] == "true"
    target = used.shelf.artifacts / used.inputs["name"]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(used.inputs["path"], target)
    return {}


def download_artifact(used: Used) -> Outputs:
    """actions/download-artifact without a name: every artifact of the run, each in a folder of its name."""
    _takes(used, "path")
    if used.shelf.artifacts.is_dir():
        shutil.copytree(used.shelf.artifacts, used.inputs["path"], dirs_exist_ok=True)
    return {}


STAND_INS: Mapping[str, StandIn] = {
    "actions/cache": cache,
    "actions/checkout": checkout,
    "actions/download-artifact": download_artifact,
    "actions/setup-python": setup_python,
    "actions/upload-artifact": upload_artifact,
}


def _takes(used: Used, *names: str) -> None:
    unknown = set(used.inputs) - set(names)
    assert not unknown, f"this stand-in does not know {sorted(unknown)}"
