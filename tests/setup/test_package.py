"""What is released: the same bytes for the same files, what is in them, and that it works by itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from bot import __version__
from tests.workflows.documents import ROOT
from tools.notes import notes

EPOCH = "1795000000"
"""Whatever the commit's time is, the sums are those of this one."""
PLAIN = ("orchestrator", "fleet_orchestrator")


def build(root: Path, out: Path, **variables: str) -> dict[str, bytes]:
    """Build in a folder as ``make build`` does; the files that came of it."""
    command = [sys.executable, "tools/build.py", "--out", str(out)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, **variables}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def elsewhere(folder: Path) -> Path:
    """A copy of everything that git knows or would take, under another path, umask and time."""
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
            (folder / name).chmod((folder / name).stat().st_mode & 0o700)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return build(ROOT, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def wheel(built: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    (name,) = [name for name in built if name.endswith(".whl")]
    path = tmp_path_factory.mktemp("wheel") / Path(name).name
    path.write_bytes(built[name])
    return path


def test_a_release_is_packages_bills_and_their_sums(built: dict[str, bytes]) -> None:
    assert sorted(built) == [
        "SHA256SUMS",
        f"packages/fleet_orchestrator-{__version__}-py3-none-any.whl",
        f"packages/fleet_orchestrator-{__version__}.tar.gz",
        *(
            f"sbom/orchestrator-{__version__}-{name}.cdx.json"
            for name in ("command", "dashboard", "outside", "worker")
        ),
    ]
    rows = [line.split("  ") for line in built["SHA256SUMS"].decode().splitlines()]
    summed = {name: hashlib.sha256(content).hexdigest() for name, content in built.items()}
    assert {name: sum_ for sum_, name in rows} == {k: v for k, v in summed.items() if k != "SHA256SUMS"}


def test_the_same_files_give_the_same_bytes_wherever_they_are_built(
    built: dict[str, bytes], tmp_path: Path
) -> None:
    again = build(elsewhere(tmp_path / "copy"), tmp_path / "out", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert again["SHA256SUMS"].decode() == built["SHA256SUMS"].decode()


def test_the_wheel_has_what_the_program_needs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {info.date_time[0] for info in archive.infolist()} == {2026}
    assert names >= {
        "bot/py.typed",
        "bot/assets/echarts.min.js.gz",
        "bot/assets/mermaid.min.js.gz",
        "bot/dashboard/templates/base.html",
        "bot/state-repo-template/shared-state/ledger.json",
        "bot/setup/files/.github/workflows/commands.yml",
        "bot/executors/agents/claude-code.yml",
        f"fleet_orchestrator-{__version__}.dist-info/licenses/LICENSE",
    }
    # Everything of the package's own that git knows, and nothing that it does not.
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "bot"]
    known = set(
        filter(None, subprocess.run(listed, capture_output=True, check=True).stdout.decode().split("\0"))
    )
    own = {name for name in names if name.startswith("bot/")}
    carried = {name for name in own if name.startswith(("bot/state-repo-template/", "bot/setup/files/"))}
    assert own - carried == {name for name in known if (ROOT / name).exists()}
    assert {name.split("/")[0] for name in names} == {"bot", f"fleet_orchestrator-{__version__}.dist-info"}
    assert not [
        name for name in names if name.endswith((".pyc", ".sqlite3", ".env")) or "__pycache__" in name
    ]


def test_the_source_has_what_it_takes_to_build_and_test_it(built: dict[str, bytes], tmp_path: Path) -> None:
    (name,) = [name for name in built if name.endswith(".tar.gz")]
    packed = tmp_path / "source.tar.gz"
    packed.write_bytes(built[name])
    with tarfile.open(packed) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    assert names >= {"pyproject.toml", "Makefile", "requirements/dev.txt", "tests/conftest.py", "LICENSE"}
    assert not [one for one in names if one.startswith((".venv", ".git/", "dist/", "build/", "hub-data"))]


def test_the_wheel_works_where_nothing_else_of_the_project_is(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin/python"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-index", "--no-deps"]
    subprocess.run([*uv, "--python", str(python), str(wheel)], check=True, cwd=tmp_path)
    (site,) = (venv / "lib").glob("python*/site-packages")
    # What it depends on is the tests' own. Path files over there are not read, so this checkout is not.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert run(str(venv / "bin/orchestrator"), "--version") == f"orchestrator, version {__version__}"
    assert run(str(python), "-c", "import bot; print(bot.__file__)") == str(site / "bot/__init__.py")
    template = "from bot.bootstrap.reading import read_template; print(len(read_template()))"
    files = [path for path in (ROOT / "state-repo-template").rglob("*") if path.is_file()]
    assert run(str(python), "-c", template) == str(len(files))


@pytest.mark.parametrize("lock", ["command", "dashboard", "outside", "worker"])
def test_a_bill_names_everything_in_its_lock_with_its_hashes(built: dict[str, bytes], lock: str) -> None:
    bill = json.loads(built[f"sbom/orchestrator-{__version__}-{lock}.cdx.json"])
    assert bill["bomFormat"] == "CycloneDX"
    own = bill["metadata"]["component"]
    assert (own["name"], own["version"]) == ("fleet-orchestrator", __version__)
    text = (ROOT / f"requirements/{lock}.txt").read_text("utf-8")
    locked = {line.split(" ")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")}
    assert {f"{one['name']}=={one['version']}" for one in bill["components"]} == locked
    for one in bill["components"]:
        hashes = {each["content"] for link in one["externalReferences"] for each in link["hashes"]}
        assert hashes, one["name"]
        assert all(f"sha256:{each}" in text for each in hashes)


def test_a_tag_that_is_not_the_versions_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "tools/build.py", "--out", str(tmp_path / "dist"), "--tag", "v99.0.0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"the tag is v99.0.0, and bot/__init__.py says version {__version__}" in done.stderr
    assert not (tmp_path / "dist").exists()


CHANGELOG = """\
## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- A thing.

## [1.1.0] - 2026-11-01

- Another.

[1.1.0]: https://example.org
"""


def test_a_releases_notes_are_its_part_of_the_changelog() -> None:
    assert notes(CHANGELOG, "1.2.0") == "### Added\n\n- A thing.\n"
    assert notes(CHANGELOG, "1.1.0") == "- Another.\n"
    for version in ("1.0.0", "Unreleased"):
        with pytest.raises(LookupError, match=f"says nothing of version {version}"):
            notes(CHANGELOG, version)
