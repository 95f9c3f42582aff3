"""The action compiles what a run imports, in the job itself: what the lock vouches for, nothing else."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.workflows.documents import ROOT


class Machine:
    """A job's folders, with an action of one module and one wheel."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.action = folder, folder / "action"
        self.write("action/bot/__init__.py", "")
        self.write("action/bot/own.py", "SAYS = 'own'\n")
        self.write("action/requirements/compiled.txt", "bot/own.py\nbot/gone.py\nlent/used.py\nnowhere.py\n")
        (folder / "wheels").mkdir()
        with zipfile.ZipFile(folder / "wheels/lent-1.0-py3-none-any.whl", "w") as wheel:
            for name in ("__init__", "used", "idle"):
                wheel.writestr(f"lent/{name}.py", f"SAYS = {name!r}\n")
        digest = hashlib.sha256((folder / "wheels/lent-1.0-py3-none-any.whl").read_bytes()).hexdigest()
        self.write("lock.txt", f"lent==1.0 --hash=sha256:{digest}\n")

    def write(self, name: str, text: str) -> Path:
        """A file of it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def install(self) -> Path:
        """Run the action's installer; where it has put the wheel's files."""
        words = (self.folder / name for name in ("lock.txt", "wheels", "venv", "action"))
        command = [sys.executable, "-I", "-S", str(ROOT / "requirements/install.py"), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return next((self.folder / "venv/lib").glob("python*/site-packages"))

    def says(self, module: str) -> str:
        """What a module says where a step imports it as the action's last one does."""
        python = str(self.folder / "venv/bin/python")
        words = ["-P", "-B", "-c", f"import {module} as one; print(one.SAYS)"]
        return subprocess.run([python, *words], capture_output=True, text=True, check=True).stdout.strip()


def bytecode(source: Path) -> Path:
    """Where the interpreter looks for a module's bytecode."""
    return Path(importlib.util.cache_from_source(str(source)))


def test_what_is_listed_is_compiled_and_nothing_else(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    site = machine.install()
    found = {path.name.split(".")[0] for path in (*site.rglob("*.pyc"), *machine.action.rglob("*.pyc"))}
    assert found == {"own", "used"}
    # Ahead of time means that the import reads it, and not the source.
    (site / "lent/used.py").write_text("SAYS = 'other'\n", "utf-8")
    assert machine.says("lent.used") == "used"


def test_bytecode_that_lies_there_already_is_replaced(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    source = machine.action / "bot/own.py"
    planted = machine.write("planted.py", "SAYS = 'planted'\n")
    bytecode(source).parent.mkdir()
    subprocess.run(
        [sys.executable, "-c", "import py_compile, sys; py_compile.compile(*sys.argv[1:], "
         "invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)", planted, bytecode(source)],
        check=True,
    )  # fmt: skip
    machine.install()
    assert machine.says("bot.own") == "own"


def test_the_actions_own_code_counts_as_it_is_now(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.install()
    machine.write("action/bot/own.py", "SAYS = 'changed since'\n")
    assert machine.says("bot.own") == "changed since"


@pytest.mark.parametrize("text", ["def broken(:\n", "\0"])
def test_what_cannot_be_compiled_stops_nothing(tmp_path: Path, text: str) -> None:
    machine = Machine(tmp_path)
    machine.write("action/bot/own.py", text)
    machine.install()
    assert machine.says("lent.used") == "used"


def test_an_action_without_a_list_is_installed_as_well(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (machine.action / "requirements/compiled.txt").unlink()
    assert list(machine.install().rglob("*.pyc")) == []
    assert machine.says("lent.idle") == "idle"
