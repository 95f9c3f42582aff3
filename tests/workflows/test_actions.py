"""The scripts of the composite actions, run by bash as a runner would."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from requirements.install import requirements_of as read_lock
from tests.workflows.documents import ROOT, read

ACTION = ROOT / "action.yml"
SEND = ROOT / ".github/actions/send/action.yml"
RECEIVE = ROOT / ".github/actions/receive/action.yml"

RECORDER = """\
import json, os, sys
names = [name for name in os.environ if name.startswith("ORCHESTRATOR_") or name == "GITHUB_TOKEN"]
print(json.dumps({"argv": sys.argv[1:], "env": {name: os.environ[name] for name in sorted(names)}}))
"""


def script(action: Path, name: str) -> str:
    """The script of an action's step by the step's name."""
    return next(step["run"] for step in read(action)["runs"]["steps"] if step["name"] == name)


def bash(text: str, temp: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script with the options that a runner gives bash."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        env={"PATH": os.environ["PATH"], "RUNNER_TEMP": str(temp), **environment},
        cwd=temp,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """An environment as the action installs it, whose ``bot`` only says how it was called."""
    venv = tmp_path / "orchestrator-venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    package = tmp_path / "action/bot"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(RECORDER, "utf-8")
    site = next((venv / "lib").glob("python*/site-packages"))
    (site / "orchestrator.pth").write_text(f"{package.parent}\n", "utf-8")
    return tmp_path


def run_bot(temp: Path, **inputs: str) -> Mapping[str, object]:
    """What ``bot`` was given when the action's last step ran with these inputs."""
    step = next(step for step in read(ACTION)["runs"]["steps"] if step["name"] == "Run")
    environment = dict.fromkeys(step["env"], "") | inputs
    finished = bash(step["run"], temp, **environment)
    assert finished.returncode == 0, finished.stderr
    return dict(json.loads(finished.stdout))


def test_the_commands_words_reach_the_bot_and_no_shell(bot: Path) -> None:
    called = run_bot(bot, COMMAND="tick --loop 60 ; touch pwned $(touch pwned) *")
    assert called["argv"] == ["tick", "--loop", "60", ";", "touch", "pwned", "$(touch", "pwned)", "*"]
    assert not (bot / "pwned").exists()


def test_an_assignment_and_a_workspace_become_options_whatever_they_hold(bot: Path) -> None:
    called = run_bot(
        bot, COMMAND="work claim", ORCHESTRATOR_ASSIGNMENT="--x `id` $HOME", WORKSPACE="/a dir/w"
    )
    assert called["argv"] == ["work", "claim", "--assignment=--x `id` $HOME", "--workspace=/a dir/w"]


def test_what_is_not_given_is_not_set(bot: Path) -> None:
    assert run_bot(bot, COMMAND="handle")["env"] == {}
    given = run_bot(bot, COMMAND="handle", GITHUB_TOKEN="t", ORCHESTRATOR_STATE_BRANCH="s")
    assert given["env"] == {"GITHUB_TOKEN": "t", "ORCHESTRATOR_STATE_BRANCH": "s"}


def test_a_package_of_the_same_name_in_the_repository_is_not_taken_for_the_bot(bot: Path) -> None:
    (bot / "bot").mkdir()
    (bot / "bot/__main__.py").write_text("raise SystemExit('the wrong one')", "utf-8")
    assert run_bot(bot, COMMAND="handle")["argv"] == ["handle"]


@pytest.mark.parametrize(
    ("command", "given", "lock"),
    [
        ("handle", {}, "command"),
        ("tick", {}, "command"),
        ("tick", {"ORCHESTRATOR_APP_ID": "", "ORCHESTRATOR_NOTIFY_URLS": ""}, "command"),
        ("tick", {"ORCHESTRATOR_APP_ID": "4711"}, "outside"),
        ("handle", {"ORCHESTRATOR_NOTIFY_URLS": "json://localhost"}, "outside"),
        ("work claim", {}, "worker"),
        ("work report", {"ORCHESTRATOR_APP_ID": "4711"}, "worker"),
        ("work run", {}, "worker"),
        ("dashboard build --out site", {}, "dashboard"),
    ],
)
def test_each_command_installs_the_lock_that_it_needs(
    tmp_path: Path, command: str, given: dict[str, str], lock: str
) -> None:
    output = tmp_path / "output"
    picked = bash(
        script(ACTION, "Pick the lock"),
        tmp_path,
        COMMAND=command,
        GITHUB_ACTION_PATH=str(ROOT),
        GITHUB_OUTPUT=str(output),
        **given,
    )
    assert picked.returncode == 0, picked.stderr
    values = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
    assert values["file"] == str(ROOT / f"requirements/{lock}.txt")
    assert len(values["key"].removeprefix("orchestrator-wheels-")) == 64


@pytest.fixture
def downloaded(tmp_path: Path) -> Path:
    """A small package among the cached downloads."""
    wheel = tmp_path / "orchestrator-wheels/sample-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    info = "sample-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("sample.py", "")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def install(temp: Path, requirement: str) -> subprocess.CompletedProcess[str]:
    """Run the action's installation with a lock of this one line and no package index to ask."""
    lock = temp / "lock.txt"
    lock.write_text(f"{requirement}\n", "utf-8")
    action = temp / "action"
    (action / "requirements").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "requirements/install.py", action / "requirements")
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    return bash(script(ACTION, "Install"), temp, LOCK=str(lock), GITHUB_ACTION_PATH=str(action), **offline)


def installed(temp: Path) -> set[str]:
    """Names in the site-packages that the action made."""
    site = next((temp / "orchestrator-venv/lib").glob("python*/site-packages"))
    return {path.name for path in site.iterdir()}


def test_cached_downloads_are_installed_without_the_network(tmp_path: Path, downloaded: Path) -> None:
    digest = hashlib.sha256(downloaded.read_bytes()).hexdigest()
    finished = install(tmp_path, f"sample==1.0 --hash=sha256:{digest}")
    assert finished.returncode == 0, finished.stderr
    assert installed(tmp_path) >= {"sample.py", "orchestrator.pth"}


@pytest.mark.usefixtures("downloaded")
@pytest.mark.parametrize("digest", [f" --hash=sha256:{'0' * 64}", ""], ids=["another hash", "no hash"])
def test_a_download_that_the_lock_does_not_vouch_for_is_never_installed(tmp_path: Path, digest: str) -> None:
    assert install(tmp_path, f"sample==1.0{digest}").returncode != 0
    assert not (tmp_path / "orchestrator-venv").exists()


def wheel(folder: Path, name: str, **files: str) -> str:
    """A wheel of these files among the downloads; its hash."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, content in files.items():
            archive.writestr(place, content)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_only_what_the_lock_names_is_unpacked_and_only_where_it_applies(tmp_path: Path) -> None:
    downloads = tmp_path / "orchestrator-wheels"
    one, two = wheel(downloads, "one", **{"one.py": ""}), wheel(downloads, "two", **{"two.py": ""})
    wheel(downloads, "planted", **{"click.py": "", "one.py": "raise SystemExit"})
    elsewhere = f"three==1.0 ; sys_platform == 'plan9' \\\n    --hash=sha256:{'3' * 64}"
    lock = f"one==1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{one}\n    # via nobody\n"
    finished = install(
        tmp_path, f"{lock}{elsewhere}\ntwo==1.0 ; python_version >= '3.11' \\\n    --hash=sha256:{two}"
    )
    assert finished.returncode == 0, finished.stderr
    assert {"one.py", "two.py"} <= installed(tmp_path)
    assert not {"click.py", "planted.py"} & installed(tmp_path)


def test_a_missing_download_is_named_and_so_nothing_is_installed(tmp_path: Path) -> None:
    one = wheel(tmp_path / "orchestrator-wheels", "one", **{"one.py": ""})
    missing = f"two==1.0 ; python_version >= '3.11' \\\n    --hash=sha256:{'0' * 64}"
    assert install(tmp_path, f"one==1.0 --hash=sha256:{one}\n{missing}").returncode != 0
    assert not (tmp_path / "orchestrator-venv").exists()


@pytest.mark.parametrize("out", ["../../../../..", "{folder}"], ids=["upwards", "absolute"])
@pytest.mark.parametrize("within", ["", "one-1.0.data/purelib/"])
def test_a_wheel_cannot_write_outside_the_environment(tmp_path: Path, within: str, out: str) -> None:
    name = f"{within}{out.format(folder=tmp_path)}/escaped.py"
    digest = wheel(tmp_path / "orchestrator-wheels", "one", **{name: "out"})
    finished = install(tmp_path, f"one==1.0 --hash=sha256:{digest}")
    assert finished.returncode != 0
    assert list(tmp_path.rglob("escaped.py")) == []


def test_files_of_a_wheel_that_belong_elsewhere_are_put_where_they_are_imported_from(tmp_path: Path) -> None:
    data = {"one-1.0.data/purelib/one.py": "", "one-1.0.data/scripts/one": "", "two/__init__.py": ""}
    digest = wheel(tmp_path / "orchestrator-wheels", "one", **data)
    assert install(tmp_path, f"one==1.0 --hash=sha256:{digest}").returncode == 0
    assert installed(tmp_path) >= {"one.py", "two", "orchestrator.pth"}
    assert not {"one", "one-1.0.data"} & installed(tmp_path)


@pytest.mark.parametrize("name", ["command", "dashboard", "outside", "worker"])
def test_the_installation_reads_every_requirement_of_a_lock(name: str, tmp_path: Path) -> None:
    lock = (ROOT / f"requirements/{name}.txt").read_text("utf-8")
    lines = [line for line in lock.splitlines() if line[:1].isalnum()]
    found = [requirement for requirement, *_ in read_lock(lock)]
    assert found == [line.split(" ")[0] for line in lines]
    assert all(hashes for *_, hashes in read_lock(lock))


def sent(temp: Path, phase: str, **files: str) -> None:
    """Pack a workspace with these files and lay it where the downloads of a later job would be."""
    workspace = temp / "workspace"
    workspace.mkdir()
    for name, text in files.items():
        (workspace / name).write_text(text, "utf-8")
    packed = bash(script(SEND, "Pack"), temp)
    assert packed.returncode == 0, packed.stderr
    (temp / "phases" / phase).mkdir(parents=True)
    (temp / "workspace.tar.gz").rename(temp / "phases" / phase / "workspace.tar.gz")
    for name in files:
        (workspace / name).unlink()
    workspace.rmdir()


def received(temp: Path) -> dict[str, str]:
    """What a later job finds in its workspace."""
    unpacked = bash(script(RECEIVE, "Unpack"), temp)
    assert unpacked.returncode == 0, unpacked.stderr
    return {path.name: path.read_text("utf-8") for path in (temp / "workspace").iterdir()}


def test_the_workspace_arrives_and_nobody_rewrites_the_claim(tmp_path: Path) -> None:
    sent(tmp_path, "claim", order="build it", result="")
    assert received(tmp_path) == {"order": "build it", "result": ""}
    (tmp_path / "workspace").rename(tmp_path / "seen")
    sent(tmp_path, "run", order="give me everything", result="built", **{".hidden": "kept"})
    (tmp_path / "phases/claim/workspace.tar.gz").unlink()
    (tmp_path / "phases/claim").rmdir()
    sent(tmp_path, "claim", order="build it")
    assert received(tmp_path) == {"order": "build it", "result": "built", ".hidden": "kept"}


@pytest.mark.parametrize(("phase", "verdicts"), [("run", []), ("check", ["check.json", "checked.json"])])
def test_only_the_check_itself_says_that_the_work_passed(
    tmp_path: Path, phase: str, verdicts: list[str]
) -> None:
    sent(tmp_path, "claim", order="build it")
    (tmp_path / "workspace/result").mkdir(parents=True)
    for name in ("check.json", "checked.json"):
        (tmp_path / "workspace/result" / name).write_text('{"ok": true}', "utf-8")
    assert bash(script(SEND, "Pack"), tmp_path).returncode == 0
    (tmp_path / "workspace").rename(tmp_path / "sent")
    (tmp_path / "phases" / phase).mkdir()
    (tmp_path / "workspace.tar.gz").rename(tmp_path / "phases" / phase / "workspace.tar.gz")
    assert bash(script(RECEIVE, "Unpack"), tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "workspace/result").iterdir()) == verdicts


def test_modes_survive_the_journey(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace/tool").write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / "workspace/tool").chmod(0o755)
    assert bash(script(SEND, "Pack"), tmp_path).returncode == 0
    (tmp_path / "phases/claim").mkdir(parents=True)
    (tmp_path / "workspace.tar.gz").rename(tmp_path / "phases/claim/workspace.tar.gz")
    (tmp_path / "workspace").rename(tmp_path / "seen")
    received(tmp_path)
    assert os.access(tmp_path / "workspace/tool", os.X_OK)


@pytest.mark.parametrize(
    ("name", "link"), [("../escaped", ""), ("secret", "/proc/self/environ"), ("secret", "../../outside")]
)
def test_an_archive_that_leads_out_of_the_workspace_is_left_out(tmp_path: Path, name: str, link: str) -> None:
    sent(tmp_path, "claim", order="build it")
    (tmp_path / "phases/run").mkdir()
    with tarfile.open(tmp_path / "phases/run/workspace.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("result"), io.BytesIO())
        member = tarfile.TarInfo(name)
        member.type, member.linkname = (tarfile.SYMTYPE, link) if link else (tarfile.REGTYPE, "")
        archive.addfile(member, io.BytesIO())
    assert received(tmp_path) == {"order": "build it"}
    assert not (tmp_path / "escaped").exists()


def test_a_damaged_archive_is_left_out(tmp_path: Path) -> None:
    sent(tmp_path, "claim", order="build it")
    (tmp_path / "phases/check").mkdir()
    (tmp_path / "phases/check/workspace.tar.gz").write_bytes(b"no archive")
    assert received(tmp_path) == {"order": "build it"}
